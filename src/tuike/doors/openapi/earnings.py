"""What promoters and leaders earn: lines of orders, accruals, how each came about, and why an order earned nothing."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from tuike.apps.types import Scope
from tuike.commission.types import Payee
from tuike.doors.openapi.callers import Needs, app_of, party_id
from tuike.doors.openapi.kinds import Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.doors.web import receipts
from tuike.insight.explain import Receipt, UnknownNumber
from tuike.insight.explain.own import own_accrual
from tuike.insight.lists import promoted_lines, promoter_orders
from tuike.insight.why_link import why_link
from tuike.insight.why_not import why_not
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.parties.types import PartyKind

promoter = Router(tags=["orders and commission"])
leader = Router(tags=["orders and commission"])
Asked = Annotated[str, Query(min_length=1, max_length=400, description="An order's number, a short link or its code.")]


def _accrual(row: Any) -> str:
    return f"A{row['id']}"


LINES = Rows(
    name="PromotedLine",
    says="An order line that the promoter brought, paid or not; `commission_fen` is all that the promoter gets of it.",
    listing=promoted_lines.OF_PROMOTER,
)
ACCRUALS = Rows(
    name="Accrual",
    says="What one order line earns the promoter in one role.",
    listing=promoter_orders.ORDERS,
    extra={"no": _accrual},
)
LEADER_LINES = Rows(
    name="LeaderLine", says="An order line that the leader's activity carried.", listing=promoted_lines.OF_LEADER
)
LEADER_ACCRUALS = Rows(
    name="LeaderAccrual",
    says="What one order line earns the leader.",
    listing=promoted_lines.LEADER_ACCRUALS,
    extra={"no": _accrual},
)


@promoter.get("/orders", response=answers(LINES.page), auth=Needs(Scope.ORDERS_READ, PartyKind.PROMOTER))
def list_promoted_lines(request: HttpRequest, query: Query[LINES.query]) -> object:
    """List the lines of orders that the promoter brought, the latest first."""
    return LINES.read(query, {"party": party_id(request)})


@promoter.get("/orders/{no}", response=answers(LINES.page), auth=Needs(Scope.ORDERS_READ, PartyKind.PROMOTER))
def show_promoted_order(request: HttpRequest, no: Number) -> object:
    """Show one order: those of its lines that the promoter brought."""
    return _own(LINES, request, no)


@promoter.get(
    "/orders/{no}/explain", response=answers(receipts.Receipts), auth=Needs(Scope.ORDERS_READ, PartyKind.PROMOTER)
)
def explain_promoted_order(request: HttpRequest, no: Number) -> object:
    """Explain each share that the promoter has in an order, tiers included."""
    return _explained(ACCRUALS, request, no)


@promoter.get("/accruals", response=answers(ACCRUALS.page), auth=Needs(Scope.ORDERS_READ, PartyKind.PROMOTER))
def list_accruals(request: HttpRequest, query: Query[ACCRUALS.query]) -> object:
    """List what order lines earn, role by role, the latest first."""
    return ACCRUALS.read(query, {"party": party_id(request)})


@promoter.get(
    "/accruals/{no}/explain", response=answers(receipts.ReceiptShown), auth=Needs(Scope.ORDERS_READ, PartyKind.PROMOTER)
)
def explain_accrual(request: HttpRequest, no: Number) -> object:
    """Explain one accrual (`A…`)."""
    return receipts.shown(own_accrual(_accrual_id(no), _payee(request)))


@promoter.get("/why-not", response=answers(receipts.ReceiptShown), auth=Needs(Scope.ORDERS_READ, PartyKind.PROMOTER))
def why_not_me(request: HttpRequest, q: Asked) -> object:
    """Say why an order earned the promoter nothing, or what became of one of its links."""
    return receipts.shown(_why(request, q.strip()))


@leader.get("/orders", response=answers(LEADER_LINES.page), auth=Needs(Scope.ORDERS_READ, PartyKind.LEADER))
def list_leader_lines(request: HttpRequest, query: Query[LEADER_LINES.query]) -> object:
    """List the lines of orders that the leader's activities carried, the latest first."""
    return LEADER_LINES.read(query, {"party": party_id(request)})


@leader.get("/orders/{no}", response=answers(LEADER_LINES.page), auth=Needs(Scope.ORDERS_READ, PartyKind.LEADER))
def show_leader_order(request: HttpRequest, no: Number) -> object:
    """Show one order: those of its lines that earn the leader a service fee."""
    return _own(LEADER_LINES, request, no)


@leader.get(
    "/orders/{no}/explain", response=answers(receipts.Receipts), auth=Needs(Scope.ORDERS_READ, PartyKind.LEADER)
)
def explain_leader_order(request: HttpRequest, no: Number) -> object:
    """Explain each service fee that the leader has in an order."""
    return _explained(LEADER_ACCRUALS, request, no)


@leader.get("/accruals", response=answers(LEADER_ACCRUALS.page), auth=Needs(Scope.ORDERS_READ, PartyKind.LEADER))
def list_leader_accruals(request: HttpRequest, query: Query[LEADER_ACCRUALS.query]) -> object:
    """List the service fees, the latest first."""
    return LEADER_ACCRUALS.read(query, {"party": party_id(request)})


@leader.get(
    "/accruals/{no}/explain", response=answers(receipts.ReceiptShown), auth=Needs(Scope.ORDERS_READ, PartyKind.LEADER)
)
def explain_leader_accrual(request: HttpRequest, no: Number) -> object:
    """Explain one service fee (`A…`)."""
    return receipts.shown(own_accrual(_accrual_id(no), _payee(request)))


def _own(rows: Rows, request: HttpRequest, order_no: str) -> dict[str, Any]:
    """Return the caller's rows of an order.

    Raises:
        NotFound: no such order, or nothing of it is the caller's: both look the same.
    """
    found = rows.all({"party": party_id(request)}, order_no=order_no)
    if not found:
        raise NotFound
    return {"items": found, "next": ""}


def _explained(rows: Rows, request: HttpRequest, order_no: str) -> dict[str, Any]:
    found = _own(rows, request, order_no)["items"]
    payee = _payee(request)
    return {"items": [receipts.shown(own_accrual(_accrual_id(row["no"]), payee)) for row in found[:20]]}


def _payee(request: HttpRequest) -> Payee:
    party = app_of(request).party
    return Payee(party.kind.value, party.id)


def _accrual_id(no: str) -> int:
    digits = no[1:]
    if not (no[:1] in ("A", "a") and digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise UnknownNumber(no=no)
    return int(digits)


def _why(request: HttpRequest, asked: str) -> Receipt:
    """Return what is known of an order or of one of the promoter's own links.

    Raises:
        UnknownNumber: neither, or another's.
    """
    party = app_of(request).party
    if "\0" in asked:
        raise UnknownNumber(no="?")
    if "/" not in asked:
        try:
            return why_not(asked, promoter_no=party.no)
        except UnknownNumber:
            pass
    return why_link(asked, promoter_id=party.id, now=clock.now())
