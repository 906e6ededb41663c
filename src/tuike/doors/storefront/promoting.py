"""A promoter's seat: places, material, earnings, balance, withdrawals."""

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from tuike.attribution import queries as attribution
from tuike.attribution import service as attribution_service
from tuike.attribution.types import PlaceFacts, ShareKind, Surface
from tuike.commission.types import AccrualState, Payee
from tuike.doors.storefront import answers
from tuike.doors.storefront.answers import REFUSED
from tuike.doors.storefront.callers import acting, promoting, seat, signed_in
from tuike.doors.storefront.kinds import Before, Body, Fen, IdempotencyKey, Limit, Number, PartyNo
from tuike.doors.storefront.paging import decoded, encoded
from tuike.doors.web.said import said
from tuike.doors.web.soon import soon
from tuike.flows import confirm_withdrawal, decide_withdrawal, make_material, promote_products, request_withdrawal
from tuike.insight import earnings, payout_words, shelf
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.library import queries as library
from tuike.library.types import RULES_EDITION
from tuike.parties.types import PartyKind, Source
from tuike.settlement import queries as settlement
from tuike.settlement.types import UnknownWithdrawal, WithdrawalShown

router = Router(auth=signed_in, tags=["promoter"])
MOST_AT_ONCE = 20
EarningState = Annotated[
    Literal["waiting", "pending", "settled", "cancelled"] | None, Query(description="Only those that stand so.")
]
_Numbers = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]],
    Field(max_length=MOST_AT_ONCE),
]
_PURPOSES = ("pending", "available", "leaving", "owed")


class PlaceName(Body):
    """The name of a place: 1 to 20 visible characters."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Wish(Body):
    """What material is wanted: products and whole shops by number, at most 20 together."""

    pid: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z]+$")]
    products: _Numbers = Field(default_factory=list)
    shops: _Numbers = Field(default_factory=list)
    customize_info: Annotated[str, StringConstraints(max_length=80)] = ""


class Shared(Body):
    """What of material was shared."""

    kind: Literal["link", "wording", "poster", "picture", "code", "zip", "share_card"]


class Amount(Body):
    """How much, in fen, of what was earned from which source."""

    amount_fen: Fen
    source: Literal["mini_store", "mini_program"] = "mini_store"


class SourceRules(Schema):
    """How a source settles and pays now. `settle_days` after receipt commission becomes available; a withdrawal takes
    at least `withdraw_min_fen` and costs `withdraw_fee_fen`; individuals are taxed at `tax_bps`. A new `edition` has to
    be accepted anew."""

    source: str
    settle_days: int
    withdraw_min_fen: int
    withdraw_fee_fen: int
    tax_bps: int
    platform_fee_bps: int
    material_days: int
    touch_window_days: int
    edition: int
    accepted: bool


class Rules(Schema):
    """The rules of every source."""

    items: list[SourceRules]


@router.get("/places", response=answers.answers(answers.Places))
def places(request: HttpRequest, party: PartyNo = "") -> object:
    """List the places, newest first."""
    sits = seat(request, PartyKind.PROMOTER, party)
    return {"items": attribution.places_of(promoter_id=sits.party.id)}


@router.post("/places", response=answers.answers(answers.Place, 201))
def add_place(request: HttpRequest, body: PlaceName, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Add a place; the name is unique among the promoter's."""
    sits = promoting(request, party)
    made = attribution_service.add_place(promoter_id=sits.party.id, name=_shown(body.name), key=key, now=clock.now())
    return Status(201, made)


@router.put("/places/{pid}", response=answers.answers(answers.Place))
def rename_place(
    request: HttpRequest, pid: Number, body: PlaceName, key: IdempotencyKey, party: PartyNo = ""
) -> object:
    """Give a place another name."""
    sits = promoting(request, party)
    return attribution_service.rename_place(
        promoter_id=sits.party.id, pid=pid, name=_shown(body.name), key=key, now=clock.now()
    )


@router.delete("/places/{pid}", response=answers.answers(answers.Place))
def delete_place(request: HttpRequest, pid: Number, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Delete a place; its old material still earns."""
    sits = promoting(request, party)
    gone: PlaceFacts = attribution_service.delete_place(promoter_id=sits.party.id, pid=pid, key=key, now=clock.now())
    return gone


@router.get("/rules", response=answers.answers(Rules))
def rules(request: HttpRequest, party: PartyNo = "") -> object:
    """Show how each source settles and pays, and whether the promoter has accepted it."""
    sits = seat(request, PartyKind.PROMOTER, party)
    accepted = library.accepted(promoter_id=sits.party.id)
    return {"items": [_rules(source, accepted) for source in Source]}


@router.post("/rules/{source}/acceptance", response=answers.answers(SourceRules))
def accept_rules(request: HttpRequest, source: Source, party: PartyNo = "") -> object:
    """Accept how a source settles and pays: once, before anything of it is promoted. Twice is once."""
    sits = promoting(request, party)
    promote_products.accept_rules(
        promoter_id=sits.party.id, source=source, actor=acting(request, sits), now=clock.now()
    )
    return _rules(source, {source})


@router.post("/materials", response=answers.answers(answers.Materials, 201))
def materials(request: HttpRequest, body: Wish, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Make material at a place: tickets, short links, wording, and WeChat's addresses where it answers in time.

    The rules of each source must have been accepted (`/promoter/rules`)."""
    sits = promoting(request, party)
    made = promote_products.promote_targets(
        promoter_id=sits.party.id,
        pid=body.pid,
        targets=promote_products.targets_of(product_nos=body.products, shop_nos=body.shops),
        customize_info=_shown(body.customize_info),
        key=key,
        now=clock.now(),
    )
    return Status(201, _materials(made))


@router.get("/materials/{code}", response=answers.answers(answers.Materials))
def material(request: HttpRequest, code: Number, party: PartyNo = "") -> object:
    """Show material again, with what WeChat couldn't give before."""
    sits = promoting(request, party)
    return _materials(make_material.material_of(promoter_id=sits.party.id, code=code, now=clock.now()))


@router.post("/materials/{code}/shares", response=answers.answers(None, 204))
def share(request: HttpRequest, code: Number, body: Shared, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Note that material was copied, saved or posted; the same key again is the same share."""
    sits = promoting(request, party)
    attribution_service.record_share(
        promoter_id=sits.party.id, code=code, kind=ShareKind(body.kind), surface=Surface.PHONE, key=key, now=clock.now()
    )
    return Status(204, None)


@router.get(
    "/materials/{code}/image",
    response=REFUSED,
    openapi_extra={"responses": {200: {"description": "The mini-program code", "content": {"image/png": {}}}}},
)
def image(request: HttpRequest, code: Number, party: PartyNo = "") -> HttpResponse:
    """Return the mini-program code of material."""
    sits = promoting(request, party)
    picture = make_material.code_image(promoter_id=sits.party.id, code=code)
    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    answer = HttpResponse(picture, content_type=kind)
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@router.get("/earnings", response=answers.answers(answers.Earnings))
def my_earnings(
    request: HttpRequest, state: EarningState = None, before: Before = "", limit: Limit = 20, party: PartyNo = ""
) -> object:
    """List what orders earned, newest first: amount, state, and when it becomes available."""
    sits = seat(request, PartyKind.PROMOTER, party)
    payee = Payee("promoter", sits.party.id)
    wanted = AccrualState(state) if state else None
    found = earnings.earnings_of(payee, state=wanted, before_id=decoded(before) if before else None, limit=limit)
    return {"items": found, "next": encoded(found[-1].id if len(found) == limit else None)}


@router.get("/balance", response=answers.answers(answers.Balance))
def balance(request: HttpRequest, party: PartyNo = "") -> object:
    """Show what the promoter has."""
    sits = seat(request, PartyKind.PROMOTER, party)
    accounts = {name: chart.promoter(sits.party.id, name) for name in _PURPOSES}
    stands = ledger.balances(refs=accounts.values())
    shown = {f"{name}_fen": stands[account.path] for name, account in accounts.items()}
    return shown | {"owed_fen": -shown["owed_fen"]}


@router.get("/withdrawals", response=answers.answers(answers.Withdrawals))
def withdrawals(request: HttpRequest, before: Before = "", limit: Limit = 20, party: PartyNo = "") -> object:
    """List the withdrawals, newest first."""
    sits = seat(request, PartyKind.PROMOTER, party)
    if before:
        _own(before, sits.party.id)
    found = settlement.withdrawals_of(sits.party.id, before_no=before, limit=limit)
    return {"items": [_said(one) for one in found], "next": found[-1].no if len(found) == limit else ""}


def _said(one: WithdrawalShown) -> WithdrawalShown:
    """Return a withdrawal with the provider's code in words of the caller's language."""
    why = payout_words.in_full(state=one.state, reason=one.reason)
    return replace(one, reason=said(why.zh, why.en) if why else "")


@router.post("/withdrawals", response=answers.answers(answers.WithdrawalNo, 201))
def withdraw(request: HttpRequest, body: Amount, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Take money out of what is available; the operator's finance approves it."""
    sits = seat(request, PartyKind.PROMOTER, party)
    no = request_withdrawal.request_withdrawal(
        party_id=sits.party.id,
        amount_fen=body.amount_fen,
        source=Source(body.source),
        key=key,
        actor=acting(request, sits),
        now=clock.now(),
    )
    soon("run_payouts")  # it may have passed by itself
    return Status(201, {"no": no})


@router.post("/withdrawals/{no}/cancel", response=answers.answers(answers.WithdrawalStands))
def cancel(request: HttpRequest, no: Number, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Take a request back before it is approved."""
    sits = seat(request, PartyKind.PROMOTER, party)
    _own(no, sits.party.id)
    state = decide_withdrawal.cancel_withdrawal(no=no, actor=acting(request, sits), key=key, now=clock.now())
    return {"no": no, "state": state}


@router.get("/withdrawals/{no}/confirmation", response=answers.answers(answers.Confirmation))
def confirmation(request: HttpRequest, no: Number, party: PartyNo = "") -> object:
    """Show what opens WeChat's confirmation of a transfer that waits for it."""
    sits = seat(request, PartyKind.PROMOTER, party)
    return {"parameters": confirm_withdrawal.confirmation_of(no=no, party_id=sits.party.id)}


def _own(no: str, party_id: int) -> WithdrawalShown:
    found = settlement.withdrawal(no)
    if found is None or found.party_id != party_id:
        raise UnknownWithdrawal
    return found


def _shown(text: str) -> str:
    """Return a text of visible characters; the verb says what else it must be."""
    if not text.strip().isprintable():
        raise Invalid(field="name", reason_zh="含有不可见字符", reason_en="has invisible characters")
    return text


def _rules(source: Source, accepted: Collection[Source]) -> dict[str, Any]:
    return asdict(shelf.source_terms(source)) | {"edition": RULES_EDITION, "accepted": source in accepted}


def _materials(made: make_material.Made) -> dict[str, Any]:
    items = [
        asdict(one) | {"code": one.link.code, "ticket": one.link.ticket, "expires_at": one.link.expires_at}
        for one in made.items
    ]
    return {"items": items, "missing": list(made.missing)}
