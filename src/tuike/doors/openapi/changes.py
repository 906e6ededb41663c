"""Following what changes: the party's feed, each place with the object as it stands now (docs/user/api.md, Sync).

An object has the shape that the list of its kind gives it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuike.apps.types import Scope, ScopeMissing
from tuike.commission import queries as commission
from tuike.cooperation import queries as cooperation
from tuike.doors.openapi import contracts, earnings, money, opportunities, rates, sales, targeting
from tuike.doors.openapi.callers import Needs, app_of, party_id
from tuike.doors.openapi.kinds import answers
from tuike.doors.openapi.rows import Rows
from tuike.feed import queries as feed
from tuike.flows.concerned import SHOP, Kind
from tuike.kit import clock, days
from tuike.kit.errors import Invalid
from tuike.parties.types import PartyKind
from tuike.settlement import queries as settlement

MOST = 1_000
Objects = Mapping[str, Any]
Reader = Callable[[HttpRequest, Sequence[str]], Objects]
"""Returns objects of a kind by what they are known by; what isn't the caller's, or is gone, is missing."""


class Change(Schema):
    """A place in the feed: which object changed, and how it stands now.

    `object` is null where it is nobody's to see any more.
    """

    seq: int
    kind: str
    no: str = Field(description="By what the object is known: a number, an accrual's `A…`, a month.")
    at: datetime = Field(description="When it changed last.")
    object: dict[str, Any] | None


class Changes(Schema):
    """A page of the feed. `next` is where to read on, also at its end; `more`: read on at once."""

    items: list[Change]
    next: int
    more: bool


_Kinds = Annotated[
    str,
    Query(max_length=200, pattern=r"^[a-z_,]*$", description="Kinds, joined by commas; none: all that may be read."),
]
_After = Annotated[int, Query(ge=0, le=2**63 - 1, description="`next` of the page before; 0: from the beginning.")]
_Limit = Annotated[int, Query(ge=1, le=MOST, description="Places a page.")]


def router_of(kind: PartyKind) -> Router:
    """Return the address under which a kind of party follows its feed."""
    router, readers = Router(tags=["sync"]), _READERS[kind]

    def changes(request: HttpRequest, kinds: _Kinds = "", after: _After = 0, limit: _Limit = 200) -> object:
        return _page(request, readers, _wanted(request, kinds, readers), after, limit)

    words = "Follow what changes: each object once, at the place of its last change, as it stands now. Kinds: " + (
        ", ".join(f"`{one.value}` ({scope.value})" for one, (scope, _) in readers.items())
    )
    router.get(
        "/changes", response=answers(Changes), auth=Needs(Scope.PARTY_READ, kind),
        operation_id=f"changes_of_{kind.value}", summary="Follow what changes.", description=words,
    )(changes)  # fmt: skip
    return router


def _wanted(request: HttpRequest, kinds: str, readers: "Mapping[Kind, tuple[Scope, Reader]]") -> list[Kind]:
    """Return the kinds that were asked for, or all that the caller may read.

    Raises:
        Invalid: no such kind for this party. ScopeMissing: one that the caller may not read.
    """
    scopes = app_of(request).scopes
    if not kinds:
        return [kind for kind, (scope, _) in readers.items() if scope in scopes]
    known = {kind.value: kind for kind in readers}
    wanted = []
    for name in kinds.split(","):
        if name not in known:
            raise Invalid(field="kinds", reason_zh="没有这种对象", reason_en="names a kind that isn't there")
        needed = readers[known[name]][0]
        if needed not in scopes:
            raise ScopeMissing(scope=needed.value)
        wanted.append(known[name])
    return list(dict.fromkeys(wanted))


def _page(
    request: HttpRequest, readers: "Mapping[Kind, tuple[Scope, Reader]]", kinds: Sequence[Kind], after: int, limit: int
) -> dict[str, Any]:
    found = feed.after(party_id=party_id(request), kinds=[kind.value for kind in kinds], seq=after, limit=limit + 1)
    places = found[:limit]
    objects: dict[str, Objects] = {}
    for kind in kinds:
        names = [one.object for one in places if one.kind == kind]
        if names:
            objects[kind] = readers[kind][1](request, names)
    items = [
        {
            "seq": one.seq,
            "kind": one.kind,
            "no": f"A{one.object}" if one.kind == Kind.ACCRUAL else one.object,
            "at": one.at,
            "object": objects[one.kind].get(one.object),
        }
        for one in places
    ]
    return {"items": items, "next": places[-1].seq if places else after, "more": len(found) > limit}


def _single(rows: Rows, key: str, *, scope: str = "party") -> Reader:
    """Return a reader of rows of which one has each name."""

    def read(request: HttpRequest, names: Sequence[str]) -> Objects:
        now = clock.now()
        given = {
            scope: party_id(request), "now": now.isoformat(), "midnight": days.next_midnight(now).isoformat(),
        }  # fmt: skip
        values: Sequence[Any] = [int(name) for name in names] if key == "id" else names
        return {name: found[0] for name, found in rows.named(given, key, values).items()}

    return read


def _lines(rows: Rows) -> Reader:
    """Return a reader of orders as those who claim lines of them see them."""

    def read(request: HttpRequest, names: Sequence[str]) -> Objects:
        found = rows.named({"party": party_id(request)}, "order_no", names)
        return {name: {"order_no": name, "lines": found.get(name, [])} for name in names}

    return read


def _settlements(request: HttpRequest, names: Sequence[str]) -> Objects:
    party = app_of(request).party
    found = settlement.batches_of_payee(names, payee_kind=party.kind.value, party_id=party.id)
    return {
        one.no: {
            "no": one.no,
            "due_until": one.due_until,
            "settled_at": one.at,
            "items": one.items,
            "amount_fen": one.amount_fen,
        }
        for one in found
    }


def _statements(request: HttpRequest, names: Sequence[str]) -> Objects:
    party = app_of(request).party
    return {f"{one.month:%Y-%m}": money.month_shown(one) for one in settlement.statements_of(money.owner_of(party))}


def _adjustments(request: HttpRequest, names: Sequence[str]) -> Objects:
    return {
        one.no: {
            "no": one.no,
            "amount_fen": one.amount_fen,
            "reason": one.reason,
            "state": one.state,
            "asked_at": one.asked_at,
            "decided_at": one.decided_at,
        }
        for one in commission.adjustments(names)
        if one.payee.id == party_id(request)
    }


def _rates(request: HttpRequest, names: Sequence[str]) -> Objects:
    shown = dict(_single(rates.MAIN, "title__no", scope="merchant")(request, names))
    if SHOP in names:
        shown[SHOP] = rates.list_category_rates(request, sold=True)
    return shown


def _enrolments(request: HttpRequest, names: Sequence[str]) -> Objects:
    """Return enrolments of a shop or a leader to whom leaders' activities are open; to others they aren't there."""
    if not cooperation.functions_open(party_id(request)):
        return {}
    found = cooperation.enrolments_of_party(party_id=party_id(request), nos=names)
    return {one["no"]: one for one in contracts.shown(found)}


_MONEY: dict[Kind, tuple[Scope, Reader]] = {
    Kind.WITHDRAWAL: (Scope.FUNDS_READ, _single(money.PAID_OUT, "no")),
    Kind.SETTLEMENT: (Scope.FUNDS_READ, _settlements),
    Kind.STATEMENT: (Scope.FUNDS_READ, _statements),
    Kind.ADJUSTMENT: (Scope.FUNDS_READ, _adjustments),
}
_READERS: dict[PartyKind, dict[Kind, tuple[Scope, Reader]]] = {
    PartyKind.PROMOTER: {
        Kind.ORDER: (Scope.ORDERS_READ, _lines(earnings.LINES)),
        Kind.ACCRUAL: (Scope.ORDERS_READ, _single(earnings.ACCRUALS, "id")),
        **_MONEY,
        Kind.TARGETED_PLAN: (Scope.PLANS_READ, _single(opportunities.MINE, "name__no")),
    },
    PartyKind.MERCHANT: {
        Kind.ORDER: (Scope.ORDERS_READ, _single(sales.ORDERS, "no", scope="merchant")),
        **_MONEY,
        Kind.RATES: (Scope.PLANS_READ, _rates),
        Kind.CAMPAIGN: (Scope.PLANS_READ, _single(rates.CAMPAIGN, "name__no", scope="merchant")),
        Kind.TARGETED_PLAN: (Scope.PLANS_READ, _single(targeting.LIST, "name__no", scope="merchant")),
        Kind.ENROLMENT: (Scope.COOPERATION_READ, _enrolments),
    },
    PartyKind.LEADER: {
        Kind.ORDER: (Scope.ORDERS_READ, _lines(earnings.LEADER_LINES)),
        Kind.ACCRUAL: (Scope.ORDERS_READ, _single(earnings.LEADER_ACCRUALS, "id")),
        **_MONEY,
        Kind.ENROLMENT: (Scope.COOPERATION_READ, _enrolments),
    },
}
"""What each kind of party may follow: with which scope, and how the objects are read."""
