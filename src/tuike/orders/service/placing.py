"""Orders placed in our mall, and orders that external shops report."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.conf import settings

from tuike.db import ids, rows
from tuike.kit import crypto
from tuike.kit.errors import Refusal
from tuike.kit.ids import number
from tuike.orders import queries, rules
from tuike.orders.rules import PricedLine, PricedOrder
from tuike.orders.types import (
    Address,
    BadAmount,
    ExternalReport,
    LineRef,
    OrderDraft,
    OrderRef,
    OrderState,
    Placed,
    ReceivedBy,
    ReportChanged,
    ReportPlaced,
)
from tuike.parties.types import Source
from tuike.settings import service as product_settings

_CHECKOUT = {
    "id": "bigint",
    "no": "text",
    "buyer_id": "bigint",
    "payable_fen": "bigint",
    "balance_fen": "bigint",
    "placed_at": "timestamptz",
}
_ORDER = {
    "id": "bigint",
    "no": "text",
    "checkout_id": "bigint",
    "merchant_id": "bigint",
    "buyer_id": "bigint",
    "source": "text",
    "external_no": "text",
    "external_digest": "bytea",
    "state": "text",
    "goods_fen": "bigint",
    "discount_fen": "bigint",
    "freight_fen": "bigint",
    "freight_id": "bigint",
    "freight_refunded_fen": "bigint",
    "payable_fen": "bigint",
    "placed_at": "timestamptz",
    "pay_by": "timestamptz",
    "paid_at": "timestamptz",
    "shipped_at": "timestamptz",
    "receive_by": "timestamptz",
    "receive_extended": "boolean",
    "received_at": "timestamptz",
    "received_by": "text",
    "close_reason": "text",
    "sealed_address": "bytea",
    "city_code": "text",
    "note": "text",
}
_LINE = {
    "id": "bigint",
    "order_id": "bigint",
    "merchant_id": "bigint",
    "no": "smallint",
    "product_id": "bigint",
    "sku_id": "bigint",
    "category_id": "bigint",
    "title": "text",
    "spec": "text",
    "quantity": "integer",
    "price_fen": "bigint",
    "discount_fen": "bigint",
    "paid_fen": "bigint",
    "refunded_fen": "bigint",
    "refunded_quantity": "integer",
}
_DISCOUNT = {
    "line_id": "bigint",
    "kind": "text",
    "source": "text",
    "funded_by": "text",
    "amount_fen": "bigint",
    "points": "bigint",
}
Part = tuple[str, Mapping[str, str], Sequence[tuple]]
"""A table, its columns' types, and rows."""


def place(
    *,
    drafts: Sequence[OrderDraft],
    buyer_id: int,
    address: Address | None,
    note: str = "",
    pay_by: datetime,
    now: datetime,
    balance_fen: int = 0,
    number_of: tuple[int, str] | None = None,
) -> Placed:
    """Place one checkout: one payment, one order per merchant, everything unpaid (docs/rules.md §5).

    `number_of` is what `take_number` gave, where the caller has asked; a draft's own note stands instead of `note`.

    Prices, titles and discounts are facts that the caller found; the sums are made here. The address is sealed.
    Stock, coupons and claims are the caller's, in the same transaction.

    Raises:
        TooManyLines: none, or more than 100 lines in the checkout.
        BadQuantity, BadAmount, DiscountTooLarge: values that no order has.
        TextTooLong: the note has more than 200 characters.
    """
    rules.check_lines([line for draft in drafts for line in draft.lines])
    note = rules.check_text("note", note, 200)
    priced = [rules.price(lines=d.lines, order_discounts=d.order_discounts, freight_fen=d.freight_fen) for d in drafts]
    if any(not draft.lines for draft in drafts) or sum(order.payable_fen for order in priced) > rules.MAX_ORDER_FEN:
        raise BadAmount
    checkout_id, checkout_no = number_of or take_number(now)
    payable = sum(order.payable_fen for order in priced)
    freight_ids = _freight_ids(priced)
    orders = [
        _unpaid(
            id_,
            draft=draft,
            priced=order,
            freight_id=freight_id,
            checkout_no=checkout_no,
            buyer_id=buyer_id,
            note=rules.check_text("note", draft.note, 200) or note,
            pay_by=pay_by,
            now=now,
        )
        for id_, freight_id, draft, order in zip(
            ids.take("orders_order", len(drafts)), freight_ids, drafts, priced, strict=True
        )
    ]
    parts = [
        ("orders_checkout", _CHECKOUT, [(checkout_id, checkout_no, buyer_id, payable, balance_fen, now)]),
        ("orders_order", _ORDER, [_order_row(order, checkout_id, address) for order in orders]),
    ]
    lines = _insert_lines(orders, priced, parts)
    return Placed(
        checkout_no=checkout_no,
        payable_fen=payable,
        balance_fen=balance_fen,
        pay_by=pay_by,
        orders=_joined(orders, lines),
    )


def take_number(now: datetime) -> tuple[int, str]:
    """Return the id and number of a checkout that is about to be placed: what pays for it is named by it."""
    checkout_id = ids.take_one("orders_checkout")
    return checkout_id, number("C", checkout_id, now)


def place_external(*, merchant_id: int, reports: Sequence[ExternalReport]) -> list[ReportPlaced]:
    """Take orders that a merchant's own mini-program reports, in the order of `reports` (docs/rules.md §5).

    A new one is kept as far as the report says it has got (unpaid, paid, shipped or completed); receipt of a shipped
    one confirms itself, as in the mall. A number that was
    reported before with the same sale gives its order back (`fresh` false) as it stands; how far a later report says
    it has got is the caller's to carry out (`mark_paid`, `receive`). All or none.

    Raises:
        ReportChanged: a number that was reported before with another sale; carries `external_no`.
        TooManyLines, BadQuantity, BadAmount, DiscountTooLarge, TextTooLong, ReportOutOfOrder: see `rules.check_report`;
            carries `external_no`.
    """
    priced = {report.external_no: (report, _checked(report)) for report in reports}
    digests = {no: rules.report_digest(report) for no, (report, _) in priced.items()}
    for report in reports if len(priced) < len(reports) else ():
        if rules.report_digest(report) != digests[report.external_no]:
            raise ReportChanged(external_no=report.external_no)
    days = product_settings.get("auto_receive_days")
    wanted = [(report, order) for _, (report, order) in sorted(priced.items())]
    made = [
        _reported(id_, merchant_id=merchant_id, report=report, priced=order, freight_id=freight_id, days=days)
        for id_, freight_id, (report, order) in zip(
            ids.take("orders_order", len(wanted)), _freight_ids([order for _, order in wanted]), wanted, strict=True
        )
    ]
    added = rows.insert(
        "orders_order",
        _ORDER,
        [_order_row(order, None, digest=digests[order.external_no]) for order in made],
        suffix="ON CONFLICT (merchant_id, external_no) WHERE external_no <> '' DO NOTHING RETURNING id",
    )
    fresh_ids = {id_ for (id_,) in added}
    fresh = [order for order in made if order.id in fresh_ids]
    lines = _insert_lines(fresh, [priced[order.external_no][1] for order in fresh])
    found = {order.external_no: order for order in _joined(fresh, lines)}
    earlier = [no for no in priced if no not in found]
    _check_digests(merchant_id, {no: digests[no] for no in earlier})
    found |= queries.external_orders(merchant_id=merchant_id, external_nos=earlier)
    return [
        ReportPlaced(order=found[report.external_no], fresh=found[report.external_no].id in fresh_ids)
        for report in reports
    ]


def _checked(report: ExternalReport) -> PricedOrder:
    """Return what a report comes to; a refusal names the order that it is about."""
    try:
        return rules.check_report(report)
    except Refusal as refusal:
        refusal.details.setdefault("external_no", report.external_no)
        raise


def _check_digests(merchant_id: int, digests: dict[str, bytes]) -> None:
    """Refuse a number that stands for another sale."""
    stored = rows.query(
        "SELECT external_no, external_digest FROM orders_order"
        " WHERE merchant_id = %s AND external_no <> '' AND external_no = ANY(%s)",
        [merchant_id, list(digests)],
    )
    for no, digest in stored:
        if bytes(digest) != digests[no]:
            raise ReportChanged(external_no=no)


def take_sale_ids(count: int) -> list[int]:
    """Return ids that no line and no freight has: for what is booked like a sale and is none."""
    return ids.take("orders_line", count)


def _freight_ids(priced: Iterable[PricedOrder]) -> list[int | None]:
    """Return an id out of the lines' sequence for each order that has freight."""
    having = [order.freight_fen > 0 for order in priced]
    taken = iter(ids.take("orders_line", sum(having)))
    return [next(taken) if has else None for has in having]


def _unpaid(
    id_: int,
    *,
    draft: OrderDraft,
    priced: PricedOrder,
    freight_id: int | None,
    checkout_no: str,
    buyer_id: int,
    note: str,
    pay_by: datetime,
    now: datetime,
) -> OrderRef:
    return OrderRef(
        id=id_,
        no=number("O", id_, now),
        checkout_no=checkout_no,
        merchant_id=draft.merchant_id,
        buyer_id=buyer_id,
        source=draft.source,
        state=OrderState.UNPAID,
        goods_fen=priced.goods_fen,
        discount_fen=priced.discount_fen,
        freight_fen=priced.freight_fen,
        freight_id=freight_id,
        payable_fen=priced.payable_fen,
        placed_at=now,
        pay_by=pay_by,
        note=note,
    )


def _reported(
    id_: int,
    *,
    merchant_id: int,
    report: ExternalReport,
    priced: PricedOrder,
    freight_id: int | None,
    days: int,
) -> OrderRef:
    on_its_way = report.shipped_at if report.received_at is None else None
    receive_by = rules.receive_by(shipped_at=on_its_way, days=days) if on_its_way else None
    return OrderRef(
        id=id_,
        no=number("O", id_, report.placed_at),
        merchant_id=merchant_id,
        buyer_id=report.buyer_id,
        source=Source.MINI_PROGRAM,
        external_no=report.external_no,
        state=rules.reported_state(report),
        goods_fen=priced.goods_fen,
        discount_fen=priced.discount_fen,
        freight_fen=priced.freight_fen,
        freight_id=freight_id,
        payable_fen=priced.payable_fen,
        placed_at=report.placed_at,
        paid_at=report.paid_at,
        shipped_at=report.shipped_at,
        receive_by=receive_by,
        received_at=report.received_at,
        received_by=ReceivedBy.REPORT if report.received_at else "",
    )


def _sealed(address: Address | None, order_no: str) -> bytes | None:
    if address is None:
        return None
    plain = json.dumps(asdict(address), ensure_ascii=False)
    return crypto.seal(plain, place=queries.address_place(order_no), keys=settings.FIELD_KEYS)


def _order_row(
    order: OrderRef, checkout_id: int | None, address: Address | None = None, digest: bytes | None = None
) -> tuple:
    return (
        order.id,
        order.no,
        checkout_id,
        order.merchant_id,
        order.buyer_id,
        order.source,
        order.external_no,
        digest,
        order.state,
        order.goods_fen,
        order.discount_fen,
        order.freight_fen,
        order.freight_id,
        0,
        order.payable_fen,
        order.placed_at,
        order.pay_by,
        order.paid_at,
        order.shipped_at,
        order.receive_by,
        False,
        order.received_at,
        order.received_by,
        "",
        _sealed(address, order.no),
        address.city_code if address else "",
        order.note,
    )


def _insert_lines(
    orders: Sequence[OrderRef], priced: Sequence[PricedOrder], before: Iterable[Part] = ()
) -> dict[int, list[LineRef]]:
    """Add the lines and their discounts, and `before` them what they belong to; return the lines by order id."""
    together = [
        (order, no, line)
        for order, sums in zip(orders, priced, strict=True)
        for no, line in enumerate(sums.lines, start=1)
    ]
    made = [
        (_line(id_, order, no, line), line)
        for id_, (order, no, line) in zip(ids.take("orders_line", len(together)), together, strict=True)
    ]
    discounts = [
        (ref.id, one.kind, one.source, one.funded_by, one.amount_fen, one.points)
        for ref, line in made
        for one in line.discounts
    ]
    values = [tuple(getattr(ref, name) for name in _LINE) for ref, _ in made]
    rows.insert_all([*before, ("orders_line", _LINE, values), ("orders_discount", _DISCOUNT, discounts)])
    lines: dict[int, list[LineRef]] = {}
    for ref, _ in made:
        lines.setdefault(ref.order_id, []).append(ref)
    return lines


def _line(id_: int, order: OrderRef, no: int, priced: PricedLine) -> LineRef:
    draft = priced.draft
    return LineRef(
        id=id_,
        order_id=order.id,
        no=no,
        merchant_id=order.merchant_id,
        product_id=draft.product_id,
        sku_id=draft.sku_id,
        category_id=draft.category_id,
        title=draft.title[:120],
        spec=draft.spec[:80],
        quantity=draft.quantity,
        price_fen=draft.price_fen,
        discount_fen=priced.discount_fen,
        paid_fen=priced.paid_fen,
        refunded_fen=0,
        refunded_quantity=0,
    )


def _joined(orders: Sequence[OrderRef], lines: dict[int, list[LineRef]]) -> list[OrderRef]:
    return [replace(order, lines=lines[order.id]) for order in orders]
