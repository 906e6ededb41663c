"""Booking a batch of an import: orders with their claims and commission, and what cancellations give back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tuike.attribution import service as attribution
from tuike.attribution.types import Claim, Kind, Reason
from tuike.audit.types import Actor
from tuike.commission import queries as commission
from tuike.flows import reporting
from tuike.imports import queries as staged
from tuike.imports import service as imports
from tuike.imports.types import CancelPart, FileRef, OrderDocument, RowKind
from tuike.imports.types import Mapping as Said
from tuike.imports.types import Reason as Rejected
from tuike.kit.days import exact_days
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, AfterSaleDraft, DiscountFact, ExternalReport, LineDraft, OrderRef
from tuike.outbox import service as outbox

ORDERS = 1_000
LINES = 10_000
"""A batch's size: large enough that a statement is cheap by the row, small enough for memory and locks."""

MOST_FEN = 10**10
"""The largest order that is taken (docs/rules.md §5)."""

_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for the whole import: where products are found by code, who may earn, who acts, when."""

    file: FileRef
    said: Said
    goods: Mapping[str, tuple[int, int, int]]
    promoters: Sequence[int]
    actor: Actor
    now: datetime


def book_next(setting: Setting, *, after: int) -> int:
    """Book the next documents after `after` in the caller's transaction and return the number of the last one.

    The batches are the same however often an import is cut off, because they are cut by what is staged alone.
    """
    file = setting.file
    last, documents, cancelled = staged.next_documents(file=file, after=after, orders=ORDERS, lines=LINES)
    if last == after:
        return last
    booked: dict[str, int] = defaultdict(int)
    taken = _take(setting, documents, booked, number=f"{file.no}.{last}")
    refused = {one.no for one in documents} - taken.keys()
    cancelled = [replace(part, rejected=True) if part.order_no in refused else part for part in cancelled]
    _give_back(setting, cancelled, taken, booked)
    imports.advance(file=file, after=after, to=last, booked=booked)
    return last


def _take(
    setting: Setting, documents: Sequence[OrderDocument], booked: dict[str, int], *, number: str
) -> dict[str, OrderRef]:
    """Place, claim and book a batch's orders; return them by the shop's number."""
    file = setting.file
    known = orders_of.external_orders(merchant_id=file.merchant_id, external_nos=[one.no for one in documents])
    reports = {one.no: _report(setting, one) for one in documents if one.no not in known}
    large = [no for no, one in reports.items() if _worth(one) > MOST_FEN]
    ahead = [one.no for one in documents if one.no in reports and one.no not in large and one.at > setting.now]
    refused = ((list(known), Rejected.KNOWN_BEFORE), (large, Rejected.TOO_LARGE), (ahead, Rejected.AHEAD))
    for nos, reason in refused:
        if nos:
            booked["rejected"] += imports.reject(file=file, document_nos=nos, kind=RowKind.GOODS, reason=reason)
    for no in [*large, *ahead]:
        del reports[no]
    by_no = {one.no: one for one in documents}
    done = reporting.take(
        merchant_id=file.merchant_id,
        reports=list(reports.values()),
        make_claims=lambda fresh: _claims(setting, fresh, by_no),
        number=number,
        now=setting.now,
    )
    orders = {one.order.external_no: one.order for one in done.placed}
    facts = {"merchant_id": file.merchant_id, "import": file.no}
    outbox.put(topic="order.imported", events=[(order.no, facts) for order in orders.values()], now=setting.now)
    booked["orders"] += len(orders)
    booked["lines"] += sum(len(order.lines) for order in orders.values())
    booked["goods_fen"] += sum(order.payable_fen - order.freight_fen for order in orders.values())
    booked["freight_fen"] += sum(order.freight_fen for order in orders.values())
    booked["accruals"] += done.booked.accruals
    booked["commission_fen"] += done.booked.amount_fen
    booked["waiting"] += done.booked.waiting
    return orders


def _report(setting: Setting, document: OrderDocument) -> ExternalReport:
    """Return a document as the shop would report it: paid and shipped when it was placed, received days after.

    Receipt that still lies ahead is left to time, as in the mall.
    """
    at = document.at
    received = exact_days(at, setting.said.received_after_days)
    return ExternalReport(
        external_no=document.no,
        placed_at=at,
        paid_at=at,
        shipped_at=at,
        received_at=received if received <= setting.now else None,
        freight_fen=document.freight_fen,
        lines=[_line(setting, one.code, one.title, one.quantity, one.amount_fen) for one in document.lines],
    )


def _line(setting: Setting, code: str, title: str, quantity: int, amount_fen: int) -> LineDraft:
    """Return a line that comes to exactly `amount_fen`: the price is rounded up to whole fen, and what that is too
    much is a discount of the kind `rounding`, less than a fen a piece, funded by the merchant (docs/rules.md §5)."""
    product_id, sku_id, category_id = setting.goods[code]
    price_fen = -(-amount_fen // quantity)
    over = price_fen * quantity - amount_fen
    return LineDraft(
        product_id=product_id,
        sku_id=sku_id,
        category_id=category_id,
        title=title,
        spec="",
        price_fen=price_fen,
        quantity=quantity,
        discounts=(DiscountFact(kind="rounding", source=setting.file.no, amount_fen=over),) if over else (),
    )


def _worth(report: ExternalReport) -> int:
    return report.freight_fen + sum(line.price_fen * line.quantity for line in report.lines)


def _claims(setting: Setting, fresh: Sequence[OrderRef], documents: Mapping[str, OrderDocument]) -> list[Claim]:
    """Keep claims of the kind `imported`: a customer's orders all belong to one promoter of the list, or to nobody."""
    made = []
    for order in fresh:
        document = documents[order.external_no]
        promoter_id = _promoter(setting, document.spread)
        for line, row in zip(order.lines, document.lines, strict=True):
            made.append(
                Claim(
                    line_id=line.id,
                    order_no=order.no,
                    merchant_id=order.merchant_id,
                    kind=Kind.IMPORTED if promoter_id else Kind.NONE,
                    made_at=order.placed_at,
                    reason=None if promoter_id else Reason.NO_TOUCH,
                    promoter_id=promoter_id,
                    facts={"import": setting.file.no, "row": row.row_id & 0xFFFFFFFF},
                )
            )
    return attribution.add_claims(claims=made)


def _promoter(setting: Setting, spread: int) -> int | None:
    if not setting.promoters or spread % _BPS < setting.said.nobody_bps:
        return None
    return setting.promoters[spread // _BPS % len(setting.promoters)]


def _give_back(
    setting: Setting, parts: Sequence[CancelPart], taken: Mapping[str, OrderRef], booked: dict[str, int]
) -> None:
    """Give back what a batch's cancellations take: one after-sale for each cancellation and order."""
    if not parts:
        return
    file = setting.file
    twice = staged.booked_elsewhere(file=file, nos=sorted({part.no for part in parts}))
    if twice:
        imports.reject(file=file, document_nos=sorted(twice), kind=RowKind.CANCEL, reason=Rejected.KNOWN_BEFORE)
    parts = [part for part in parts if part.no not in twice]
    elsewhere = {part.order_no for part in parts} - taken.keys()
    orders = {**orders_of.external_orders(merchant_id=file.merchant_id, external_nos=elsewhere), **taken}
    possible, empty = _possible(parts, orders)
    if empty:
        imports.reject_rows(row_ids=empty, reason=Rejected.NOTHING_LEFT)
    groups: dict[tuple[int, str], list[CancelPart]] = defaultdict(list)
    for part in possible:
        groups[part.seq, part.order_no].append(part)
    ended = reporting.give_back(
        merchant_id=file.merchant_id,
        drafts=[_refund(orders[no], group, file.no) for (_, no), group in groups.items()],
        at=[group[0].at for group in groups.values()],
        actor=setting.actor,
        now=setting.now,
    )
    told = [
        (one.no, {"order": one.order_no, "merchant_id": one.merchant_id, "amount_fen": one.amount_fen}) for one in ended
    ]
    outbox.put(topic="after_sale.refunded", events=told, now=setting.now)
    booked["refunds"] += len(ended)
    booked["refund_fen"] += sum(one.amount_fen for one in ended)
    booked["returned_fen"] += commission.given_back_fen(
        sale_ids=[line.line_id for one in ended for line in one.lines], refunds=[one.no for one in ended]
    )


def _possible(parts: Sequence[CancelPart], orders: Mapping[str, OrderRef]) -> tuple[list[CancelPart], list[int]]:
    """Return the parts that are still there to be given back, and the rows of those that aren't.

    What was planned can be gone: the order wasn't taken, or was refunded otherwise since it was booked.
    """
    pieces = {
        (order.external_no, line.no): line.quantity - line.refunded_quantity
        for order in orders.values()
        for line in order.lines
    }
    freight = {no: order.freight_fen - order.freight_refunded_fen for no, order in orders.items()}
    possible, empty = [], []
    for part in parts:
        left: dict[Any, int] = freight if part.line_no is None else pieces
        key, wanted = (
            (part.order_no, part.amount_fen) if part.line_no is None else ((part.order_no, part.line_no), part.quantity)
        )
        if part.rejected or left.get(key, 0) < wanted:
            empty.append(part.row_id)
        elif wanted:
            left[key] -= wanted
            possible.append(part)
    return possible, empty


def _refund(order: OrderRef, parts: Sequence[CancelPart], file_no: str) -> AfterSaleDraft:
    pieces: dict[int, int] = defaultdict(int)
    for part in parts:
        if part.line_no is not None:
            pieces[part.line_no] += part.quantity
    return AfterSaleDraft(
        order_id=order.id,
        lines=[AfterSaleAsk(line_no=no, quantity=count) for no, count in pieces.items()],
        freight_fen=sum(part.amount_fen for part in parts if part.line_no is None),
        reason=f"{file_no} {parts[0].no}",
    )
