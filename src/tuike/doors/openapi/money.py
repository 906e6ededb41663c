"""A party's money: what it has and owes, every booking, monthly statements, withdrawals. The same for each kind."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuike.apps.types import Scope
from tuike.doors.openapi.callers import Needs, app_of, party_id
from tuike.doors.openapi.kinds import Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.doors.web.said import said
from tuike.flows.purses import purses
from tuike.insight import funds
from tuike.insight.lists.party_funds import LEDGER, WITHDRAWALS
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.parties.types import PartyKind, PartyRef
from tuike.settlement import queries as settlement
from tuike.settlement.types import StatementShown, UnknownWithdrawal

BOOKINGS = Rows(name="Booking", says="A booking on one of the party's accounts.", listing=LEDGER)
PAID_OUT = Rows(name="Withdrawal", says="A withdrawal, and where it stands.", listing=WITHDRAWALS)
_PURPOSES = ("available", "pending", "held", "leaving", "prepaid", "owed", "deposit")


class PurseShown(Schema):
    """What was earned from a source and can be withdrawn now."""

    source: str
    available_fen: int
    minimum_fen: int
    fee_fen: int
    settle_days: int


class DebtShown(Schema):
    """What is owed since a refund or a correction (`cause`) came after the money had gone."""

    cause: str
    order_no: str
    title: str
    amount_fen: int
    repaid_fen: int
    left_fen: int
    at: datetime


class ComingShown(Schema):
    """Pending commission by when it settles: within 7 days, within 30, later; unreceived; held up by a review."""

    week_fen: int
    month_fen: int
    later_fen: int
    unreceived_fen: int
    halted_fen: int


class Funds(Schema):
    """What a party has and owes. `held_fen` and `prepaid_fen` are a shop's; `coming` is null for shops."""

    available_fen: int
    pending_fen: int
    held_fen: int
    leaving_fen: int
    prepaid_fen: int
    owed_fen: int
    deposit_fen: int
    purses: list[PurseShown]
    debts: list[DebtShown]
    coming: ComingShown | None


class Statement(Schema):
    """A party's closed month, from the entries of its available account; `by_kind` adds up each kind of booking."""

    month: str = Field(description="As `2026-03`.")
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    by_kind: dict[str, int]
    entries: int
    digest: str
    closed_at: datetime


class StatementBooking(Schema):
    """A booking that a statement was closed from."""

    at: datetime
    kind: str
    source: str
    amount_fen: int
    balance_fen: int


class StatementDetail(Statement):
    """A month with its bookings, in order."""

    bookings: list[StatementBooking]


class Statements(Schema):
    """Closed months."""

    items: list[Statement]


class StepShown(Schema):
    """Something that happened to a withdrawal."""

    at: datetime
    said: str
    note: str


class WithdrawalDetail(PAID_OUT.item):
    """A withdrawal with its steps, in order."""

    steps: list[StepShown]


def router_of(kind: PartyKind) -> Router:
    """Return the addresses of a kind of party's money."""
    router, needs = Router(tags=["funds"]), (Scope.FUNDS_READ, kind)
    for address, shape, view, words in (
        ("/funds", Funds, _funds, "Show what the party has, owes and can withdraw."),
        ("/ledger", BOOKINGS.page, _ledger, "List every booking on the party's accounts, the latest first."),
        ("/statements", Statements, _statements, "List the closed months, the latest first."),
        ("/statements/{month}", StatementDetail, _statement, "Show a closed month (`2026-03`) with its bookings."),
        ("/withdrawals", PAID_OUT.page, _withdrawals, "List the withdrawals, the latest first."),
        ("/withdrawals/{no}", WithdrawalDetail, _withdrawal, "Show one withdrawal with its steps."),
    ):
        name = f"{view.__name__.strip('_')}_of_{kind.value}"
        router.get(
            address, response=answers(shape), auth=Needs(*needs), operation_id=name, summary=words, description=words
        )(view)
    return router


def _funds(request: HttpRequest) -> object:
    party = app_of(request).party
    stands = funds.balances(party)
    shown: dict[str, Any] = {f"{name}_fen": stands.get(name, 0) for name in _PURPOSES}
    return shown | {
        "owed_fen": -stands.get("owed", 0),
        "purses": purses(party=party),
        "debts": funds.debts(party),
        "coming": None if party.kind is PartyKind.MERCHANT else funds.coming(party, now=clock.now()),
    }


def _ledger(request: HttpRequest, query: Query[BOOKINGS.query]) -> object:
    return BOOKINGS.read(query, {"owner": owner_of(app_of(request).party)})


def _statements(request: HttpRequest, since: date | None = None) -> object:
    found = settlement.statements_of(owner_of(app_of(request).party), since=since)
    return {"items": [month_shown(one) for one in found]}


def _statement(request: HttpRequest, month: str) -> object:
    party = app_of(request).party
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise NotFound from error
    found = [one for one in settlement.statements_of(owner_of(party), since=first) if one.month == first]
    if not found:
        raise NotFound
    return month_shown(found[0]) | {"bookings": funds.bookings_of(party, found[0])}


def _withdrawals(request: HttpRequest, query: Query[PAID_OUT.query]) -> object:
    return PAID_OUT.read(query, {"party": party_id(request)})


def _withdrawal(request: HttpRequest, no: Number) -> object:
    found = PAID_OUT.all({"party": party_id(request)}, no=no)
    if not found:
        raise UnknownWithdrawal
    steps = funds.steps_of(found[0]["no"], party_id=party_id(request))
    return found[0] | {
        "steps": [
            {
                "at": one.at,
                "said": said(one.said.zh, one.said.en),
                "note": said(one.note.zh, one.note.en) if one.note else "",
            }
            for one in steps
        ]
    }


def month_shown(one: StatementShown) -> dict[str, Any]:
    """Return a closed month as `Statement` has it."""
    same = ("opening_fen", "in_fen", "out_fen", "closing_fen", "by_kind", "entries", "closed_at")
    shown: dict[str, Any] = {name: getattr(one, name) for name in same}
    return shown | {"month": f"{one.month:%Y-%m}", "digest": one.digest.hex()}


def owner_of(party: PartyRef) -> str:
    """Return by what a party's accounts are known."""
    return f"{party.kind.value}:{party.id}"
