"""The operator's finance seat: withdrawals decided."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import acting, seat, signed_in
from tuike.doors.storefront.kinds import Body, IdempotencyKey, Limit, Number
from tuike.doors.web.soon import soon
from tuike.flows import decide_withdrawal
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role
from tuike.settlement import queries as settlement

router = Router(auth=signed_in, tags=["finance"])
FINANCE = frozenset({Role.FINANCE})


class Reason(Body):
    """Why not; the party reads it."""

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    ]


@router.get("/withdrawals", response=answers.answers(answers.Queue))
def queue(request: HttpRequest, limit: Limit = 50) -> object:
    """List what waits for a decision, oldest first."""
    seat(request, PartyKind.OPERATOR, "", FINANCE)
    found = settlement.withdrawals_to_decide(limit=limit)
    asking = parties.refs({one.party_id for one in found})
    names = list(answers.Withdrawal.model_fields)
    return {"items": [{n: getattr(one, n) for n in names} | {"party": asking[one.party_id]} for one in found]}


@router.post("/withdrawals/{no}/approval", response=answers.answers(answers.WithdrawalStands))
def approve(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Say yes. With enough of them it leaves by itself."""
    sits = seat(request, PartyKind.OPERATOR, "", FINANCE)
    state = decide_withdrawal.approve_withdrawal(no=no, actor=acting(request, sits), key=key, now=clock.now())
    soon("run_payouts")
    return {"no": no, "state": state}


@router.post("/withdrawals/{no}/rejection", response=answers.answers(answers.WithdrawalStands))
def reject(request: HttpRequest, no: Number, body: Reason, key: IdempotencyKey) -> object:
    """Say no, with a reason: the money is available again."""
    sits = seat(request, PartyKind.OPERATOR, "", FINANCE)
    state = decide_withdrawal.reject_withdrawal(
        no=no, reason=body.reason, actor=acting(request, sits), key=key, now=clock.now()
    )
    return {"no": no, "state": state}
