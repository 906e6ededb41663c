"""Orders that shops with a mini-program of their own report: taken in lists, worked off later, and what became of each.

What a report says is checked for its form here, as a whole; whether it can be so is found when it is worked off.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

from tuike.apps.types import Scope
from tuike.doors.openapi.callers import Needs, party_id
from tuike.doors.openapi.kinds import PLAIN, Body, IdempotencyKey, Number, answers
from tuike.doors.openapi.large import NeedsLarge
from tuike.doors.openapi.rows import Rows
from tuike.doors.web.kinds import MAX_ID
from tuike.doors.web.said import said
from tuike.doors.web.soon import soon
from tuike.flows import keep_reports
from tuike.inbox import queries as inbox
from tuike.inbox.types import MOST, ReportShown
from tuike.insight.lists import merchant_reports
from tuike.kit import clock
from tuike.kit.errors import Invalid, NotFound
from tuike.orders import queries as orders
from tuike.parties.types import PartyKind

router = Router(tags=["order reports"])
MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 2_000
MOST_FEN = 10**10
AHEAD = timedelta(minutes=10)
"""How far a shop's clock may be ahead."""


class _InstantKind:
    """An instant as text with its offset, `2026-03-02T12:00:00+08:00`; between the years 2000 and 2100."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, max_length=40, pattern=r"^\d{4}-\d\d-\d\d[Tt]")
        low, high = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        instant = core_schema.datetime_schema(strict=False, tz_constraint="aware", ge=low, lt=high)
        return core_schema.chain_schema([text, instant])

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        told = "With its offset; from 2000 to 2099, and at most ten minutes ahead."
        return {"type": "string", "format": "date-time", "maxLength": 40, "description": told}


Instant = Annotated[datetime, _InstantKind]
Fen = Annotated[int, Field(ge=0, le=MOST_FEN)]
Pieces = Annotated[int, Field(ge=1, le=1_000_000)]
OwnNumber = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"),
]


class DiscountIn(Body):
    """What lowers a price: its kind in the shop's words, its number, its fen for all pieces together."""

    kind: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=PLAIN)]
    source: Annotated[str, StringConstraints(max_length=64, pattern=PLAIN)] = ""
    amount_fen: Annotated[int, Field(ge=1, le=MOST_FEN)]


class LineIn(Body):
    """A line: the shop's own product number (`item`) or our SKU id, pieces, the price of one before discounts."""

    item: Annotated[str, StringConstraints(max_length=64, pattern=PLAIN)] = ""
    sku_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    quantity: Pieces
    price_fen: Fen
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = Field(default_factory=list)


class RefundIn(Body):
    """What has gone back of a line until now, all refunds together; `line_no` counts from 1, 0 is freight.

    No amount: by quantity.
    """

    line_no: Annotated[int, Field(ge=0, le=MOST_LINES)]
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    amount_fen: Fen | None = None


class OrderIn(Body):
    """An order. The sale never changes; instants, refunds and `cancelled` come when they are known, each for ever."""

    external_no: OwnNumber = Field(description="The shop's own number of the order.")
    placed_at: Instant
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]
    freight_fen: Fen = 0
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = Field(
        default_factory=list, description="Of the order as a whole."
    )
    paid_at: Instant | None = None
    shipped_at: Instant | None = None
    received_at: Instant | None = None
    cancelled: bool = False
    refunds: Annotated[list[RefundIn], Field(max_length=MOST_LINES + 1)] = Field(default_factory=list)
    link: Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)] = Field(
        "", description="The ticket (`tk`) or short code that the buyer came with."
    )
    touched_at: Instant | None = Field(None, description="When the buyer came with it; else when the order was placed.")
    openid: Annotated[str, StringConstraints(max_length=64, pattern=PLAIN)] = Field(
        "", description="The buyer in the shop's own mini-program."
    )


class ReportsIn(Body):
    """Orders to report, in the order in which they are to be worked off; an order may come more than once."""

    orders: Annotated[list[OrderIn], Field(min_length=1, max_length=MOST)]


class ReportsKept(Schema):
    """A batch that was kept. `fresh` of its reports are news, the others said what had been said before."""

    no: str
    reports: int
    fresh: int


class RefusedReport(Schema):
    """A report that couldn't be taken: where it stood in its batch (from 0), which order, why."""

    batch_no: str
    place: int
    external_no: str
    code: str
    detail: str = Field(description="In the reader's language.")
    details: dict[str, Any]
    at: datetime


class BatchDetail(Schema):
    """A batch and how far it is: `fresh` = `waiting` + `done` + `refused`."""

    no: str
    at: datetime
    reports: int
    fresh: int
    waiting: int
    done: int
    refused: int
    items: list[RefusedReport] = Field(description="Those that were refused.")


class OrderReport(Schema):
    """One report of an order, and what became of it."""

    batch_no: str
    state: str = Field(description="`waiting`, `done` or `refused`.")
    code: str
    detail: str
    at: datetime
    ended_at: datetime | None


class ReportedOrderShown(Schema):
    """What was reported of an order, the latest first, and the order as it stands; null while nothing was taken."""

    external_no: str
    order_no: str | None
    state: str | None
    placed_at: datetime | None
    paid_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    closed_at: datetime | None
    paid_fen: int | None = Field(description="What the buyer paid, freight included; unpaid orders: 0.")
    refunded_fen: int | None
    reports: list[OrderReport]


REFUSED = Rows(name="Report", says="A report and what became of it.", listing=merchant_reports.LISTING)


@router.post(
    "/reports",
    response=answers(ReportsKept, 202),
    auth=NeedsLarge(Scope.ORDERS_REPORT, PartyKind.MERCHANT, most_bytes=MOST_BYTES),
)
def report_orders(request: HttpRequest, body: ReportsIn, key: IdempotencyKey) -> object:
    """Report 1 to 1,000 orders of an external shop: kept as one batch, worked off within a minute (docs/rules.md §13).

    A form that is wrong anywhere keeps nothing.
    """
    now = clock.now()
    _check(body, now)
    told = [(one.external_no, one.model_dump_json(exclude_defaults=True)) for one in body.orders]
    merchant_id = party_id(request)
    kept = keep_reports.keep_reports(merchant_id=merchant_id, orders=told, scope=f"api:{merchant_id}", key=key, now=now)
    if kept.fresh:
        soon("take_reports")
    return Status(202, {"no": kept.no, "reports": kept.reports, "fresh": kept.fresh})


@router.get("/reports", response=answers(REFUSED.page), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def list_reports(request: HttpRequest, query: Query[REFUSED.query]) -> object:
    """List reports, the latest first; `state=refused` those that couldn't be taken."""
    return REFUSED.read(query, {"party": party_id(request)})


@router.get("/reports/{no}", response=answers(BatchDetail), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def show_reports(request: HttpRequest, no: Number) -> object:
    """Show how far a batch is, and which of its reports were refused."""
    one = inbox.batch(merchant_id=party_id(request), no=no)
    return {
        "no": one.no,
        "at": one.at,
        "reports": one.reports,
        "fresh": one.fresh,
        "waiting": one.waiting,
        "done": one.done,
        "refused": len(one.refused),
        "items": [_refused(report) for report in one.refused],
    }


@router.get("/reported-order", response=answers(ReportedOrderShown), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def show_reported_order(
    request: HttpRequest, external_no: Annotated[OwnNumber, Query(description="The shop's own number.")]
) -> object:
    """Show what was reported of an order, and how it stands."""
    merchant_id = party_id(request)
    reports = inbox.reports_of_order(merchant_id=merchant_id, external_no=external_no)
    order = orders.external_orders(merchant_id=merchant_id, external_nos=[external_no]).get(external_no)
    if order is None and not reports:
        raise NotFound
    shown: dict[str, Any] = {"external_no": external_no, "reports": [_report(one) for one in reports]}
    if order is None:
        return shown | dict.fromkeys(ReportedOrderShown.model_fields.keys() - shown.keys())
    same = ("placed_at", "paid_at", "shipped_at", "received_at", "closed_at")
    refunded = sum(line.refunded_fen for line in order.lines) + order.freight_refunded_fen
    return (
        shown
        | {name: getattr(order, name) for name in same}
        | {
            "order_no": order.no,
            "state": order.state.value,
            "paid_fen": order.payable_fen if order.paid_at else 0,
            "refunded_fen": refunded,
        }
    )


def _check(body: ReportsIn, now: datetime) -> None:
    """Refuse what the form alone can't say: a line names one product, an instant isn't ahead of now."""
    latest = now + AHEAD
    for place, one in enumerate(body.orders):
        for name, instant in _instants(one):
            if instant > latest:
                raise Invalid(field=f"orders/{place}/{name}", reason_zh="晚于当前时间", reason_en="lies ahead of now")
        for number, line in enumerate(one.lines):
            if bool(line.item) is (line.sku_id is not None):
                raise Invalid(
                    field=f"orders/{place}/lines/{number}",
                    reason_zh="item 与 sku_id 须填写且只能填写一个",
                    reason_en="needs either item or sku_id",
                )


def _instants(one: OrderIn) -> Iterator[tuple[str, datetime]]:
    for name in ("placed_at", "paid_at", "shipped_at", "received_at", "touched_at"):
        instant = getattr(one, name)
        if instant is not None:
            yield name, instant


def _refused(one: ReportShown) -> dict[str, Any]:
    assert one.why is not None
    return {
        "batch_no": one.batch_no,
        "place": one.place,
        "external_no": one.external_no,
        "code": one.why.code,
        "detail": said(one.why.zh, one.why.en),
        "details": one.why.details,
        "at": one.ended_at,
    }


def _report(one: ReportShown) -> dict[str, Any]:
    return {
        "batch_no": one.batch_no,
        "state": one.state.value,
        "code": one.why.code if one.why else "",
        "detail": said(one.why.zh, one.why.en) if one.why else "",
        "at": one.at,
        "ended_at": one.ended_at,
    }
