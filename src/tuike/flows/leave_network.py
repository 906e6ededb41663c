"""A promoter leaves the network, and deposits of those who left go back: marked, then sent as every refund is."""

from datetime import datetime, timedelta

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import deposit_money
from tuike.flows.apply_to_network import own
from tuike.flows.keyed import keyed
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import ApplicationState, DueDeposit
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import PromoterState
from tuike.payments import service as payments
from tuike.payments.types import RefundAsk
from tuike.people import service as people
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind

REFUNDABLE = timedelta(days=365)
"""How long after a payment its channel gives it back (docs/rules.md §5)."""
_LATER = timedelta(days=1)


@retry
def leave_network(
    *, person_id: int, promoter_id: int, reason: str, actor: Actor, now: datetime, key: str | None = None
) -> PromoterState:
    """Let a promoter leave, by its super administrator: it earns nothing on new orders, an application under review is
    withdrawn, the deposit goes back after the hold period (at once where it was never let in). Returns its standing.

    Raises:
        NotFound: not a promoter of the person's. Forbidden: another seat than the super administrator's.
        NotThisState: it has left, or is banned.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> PromoterState:
        people.hold_person(person_id=person_id)
        own(person_id, promoter_id)
        joining = parties.promoter_facts([promoter_id])[promoter_id].state is PromoterState.JOINING
        parties_of.retire_promoter(promoter_id=promoter_id, reason=reason, actor=actor, now=now)
        filed = queries.last_application(promoter_id)
        if filed is not None and filed.state is ApplicationState.FILED:
            network.withdraw_application(no=filed.no, person_id=filed.person_id, actor=actor, now=now)
        network.hold_deposit(promoter_id=promoter_id, at_once=joining, now=now)
        return PromoterState.RETIRED

    scope = f"person:{person_id}:leave_network"
    content = [promoter_id, reason]

    def again() -> PromoterState:
        return parties.promoter_facts([promoter_id])[promoter_id].state

    return keyed(scope=scope, key=key, content=content, now=now, work=work, again=again)


@retry
def return_deposits(*, now: datetime, limit: int = 100) -> int:
    """Open the refunds of deposits whose time to go back has come, and return how many were looked at.

    Who owes something is looked at again a day later; what the channel gives back no more becomes a case for two
    people. Two workers get different ones.
    """
    with transaction.atomic(durable=True):
        due = network.deposits_due(now=now, limit=limit)
        if not due:
            return 0
        owing = _owing(due)
        network.put_off(nos=[one.no for one in due if one.promoter_id in owing], until=now + _LATER)
        rest = [one for one in due if one.promoter_id not in owing]
        too_old = [one for one in rest if now - one.paid_at > REFUNDABLE]
        network.leave_to_hand(nos=[one.no for one in too_old])
        risk.open_cases(cases=[CaseFacts(CaseKind.DEPOSIT_TO_RETURN, one.no, one.left_fen) for one in too_old], now=now)
        _open([one for one in rest if now - one.paid_at <= REFUNDABLE], now)
        return len(due)


def _owing(due: list[DueDeposit]) -> set[int]:
    accounts = {chart.promoter(one.promoter_id, "owed").path: one.promoter_id for one in due}
    found = ledger.balances(refs=[chart.promoter(id_, "owed") for id_ in accounts.values()])
    return {promoter_id for path, promoter_id in accounts.items() if found[path] < 0}


def _open(due: list[DueDeposit], now: datetime) -> None:
    asks = [
        RefundAsk(
            intent_no=one.intent_no,
            purpose=deposit_money.purpose(one.no),
            amount_fen=one.left_fen,
            reason="保证金退还",
        )
        for one in due
    ]
    refunds = payments.open_refunds(asks=asks, now=now) if asks else []
    for one, refund in zip(due, refunds, strict=True):
        network.refund_deposit(no=one.no, refund_no=refund.no, amount_fen=one.left_fen, now=now)
