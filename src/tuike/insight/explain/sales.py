"""Receipts of an accrual and of an order with all its lines."""

from collections.abc import Iterator

from tuike.db import rows
from tuike.insight.explain import bought, facts, rated, shared, targets, words
from tuike.insight.explain.facts import Accrual, Book, Sale
from tuike.insight.explain.types import Line, Receipt, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named

_ORDER = """
    SELECT id, no, external_no, merchant_id, source, state, goods_fen, discount_fen, freight_fen, payable_fen,
        placed_at, paid_at, shipped_at, received_at, closed_at, close_reason
    FROM orders_order WHERE
"""
_CLOSED = {
    "unpaid_in_time": Words("超时未支付", "it wasn't paid in time"),
    "cancelled_by_buyer": Words("买家取消", "the buyer cancelled it"),
    "cancelled_by_report": Words("商家上报取消", "the shop reported it cancelled"),
    "refunded": Words("发货前全额退款", "all of it was refunded before shipping"),
}


def accrual(accrual_id: int) -> Receipt | None:
    """Return the receipt of an accrual, None where there is none."""
    found = rows.query("SELECT sale_id FROM commission_accrual WHERE id = %s", [accrual_id])
    return told(facts.book([found[0][0]], rules=True), accrual_id) if found else None


def told(book: Book, accrual_id: int) -> Receipt:
    """Return the receipt of an accrual out of a book that holds its sale alone."""
    sale = book.sales[0]
    one = next(a for a in sale.accruals if a.id == accrual_id)
    if sale.kind == "target":
        return targets.told(book, sale, one)
    payee = words.party(one.payee_kind, one.payee_id, book.names)
    title = Words(f"佣金 A{one.id}：{words.ROLES[one.role].zh}", f"Accrual A{one.id}: {words.ROLES[one.role].en}")
    sections = [
        Section(
            Words("收款方", "Payee"),
            (Line(payee, amount_fen=one.amount_fen, formula=named(words.STATES, one.state), tone=Tone.SUM),),
        ),
        bought.what(book, sale),
        bought.who(book, sale),
        rated.rates(book, sale),
        *_shares(book, sale, [one]),
    ]
    return Receipt(f"A{one.id}", title, tuple(sections), shared.holds(book, sale, one))


def orders(condition: str, params: list[object]) -> list[Receipt]:
    """Return the receipts of the orders that a condition (of this package's own) finds."""
    return [_order(row) for row in rows.query(f"{_ORDER} {condition} ORDER BY id", params)]


def _order(row: tuple) -> Receipt:
    id_, no, external_no, merchant_id, source, state, goods, discount, freight, payable, placed_at, *rest = row
    paid_at, shipped_at, received_at, closed_at, close_reason = rest
    lines = rows.query("SELECT id, no, title, spec, quantity FROM orders_line WHERE order_id = %s ORDER BY no", [id_])
    book = facts.book([line[0] for line in lines], rules=True)
    shop = words.party("merchant", merchant_id, book.names if merchant_id in book.names else facts.names([merchant_id]))
    head = [
        Line(Words("商家", "Shop"), text=joined(shop, named(words.SOURCES, source), gap=" · ")),
        *([Line(Words("外部订单号", "External number"), text=same(external_no))] if external_no else []),
        Line(Words("状态", "State"), text=named(words.ORDER_STATES, state)),
        Line(Words("下单", "Placed"), text=instant(placed_at)),
    ]
    instants = (
        (Words("支付", "Paid"), paid_at),
        (Words("发货", "Shipped"), shipped_at),
        (Words("收货", "Received"), received_at),
        (Words("关闭", "Closed"), closed_at),
    )
    head += [Line(label, text=instant(at)) for label, at in instants if at is not None]
    if close_reason:
        head.append(Line(Words("关闭原因", "Why it was closed"), text=named(_CLOSED, close_reason)))
    head += [
        Line(Words("商品金额", "Goods"), amount_fen=goods),
        *([Line(Words("优惠", "Discounts"), amount_fen=-discount)] if discount else []),
        *([Line(Words("运费（不计佣金）", "Freight (no commission)"), amount_fen=freight)] if freight else []),
        Line(Words("应付", "Payable"), amount_fen=payable, tone=Tone.SUM),
    ]
    sections = [Section(Words("订单", "The order"), tuple(head))]
    for sale in book.sales:
        sections += _line(book, sale)
    if not book.sales:
        sections.append(_unpaid(lines))
    title = Words(f"订单 {no}", f"Order {no}")
    holds = all(shared.holds(book, sale, one) for sale in book.sales for one in sale.accruals)
    return Receipt(no, title, tuple(sections), holds)


def _line(book: Book, sale: Sale) -> Iterator[Section]:
    parts = [bought.what(book, sale, alone=False), bought.who(book, sale)]
    if sale.accruals or "promoter_id" in sale.terms:
        parts.append(rated.rates(book, sale))
    for part in [*parts, *_shares(book, sale, sale.accruals)]:
        name = Words(f"第 {sale.line_no} 行 · {part.title.zh}", f"Line {sale.line_no} · {part.title.en}")
        yield Section(name, part.lines)


def _shares(book: Book, sale: Sale, accruals: list[Accrual]) -> Iterator[Section]:
    if accruals:
        yield shared.computed(book, sale, accruals)
    back = shared.taken_back(book, sale, accruals)
    if back:
        yield back
    yield shared.stands(book, sale, accruals)


def _unpaid(lines: list[tuple]) -> Section:
    said = [
        Line(same(f"{title}{f' {spec}' if spec else ''} × {quantity}"), text=Words("未支付", "not paid"))
        for _, _, title, spec, quantity in lines
    ]
    none = Words("佣金在支付后产生", "commission comes with the payment")
    return Section(Words("商品", "Goods"), (*said, Line(Words("佣金", "Commission"), text=none)))
