"""The order of an accrual with its lines and payments, and the buyer's way to it: click, touch, cart, order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.insight.explain.types import Words

SEEN = timedelta(days=15)
"""So far before the order clicks and touches are looked for."""
MOST = 20


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line: what, how many, paid and refunded in fen; `under_review` for the one that the accrual is of."""

    line_id: int
    title: str
    spec: str
    quantity: int
    paid_fen: int
    refunded_fen: int
    refunded_quantity: int
    under_review: bool


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """A payment, or a refund (`back`), of the order's checkout at the provider."""

    no: str
    channel: str
    amount_fen: int
    state: str
    at: datetime | None
    back: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the buyer's way, with the milliseconds since the step before (None: the first)."""

    words: Words
    at: datetime
    detail: str
    after_ms: int | None


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as the desk looks at it; none of this is there for a target that was reached."""

    no: str
    state: str
    source: str
    shop: str
    payable_fen: int
    discount_fen: int
    freight_fen: int
    lines: tuple[LineSeen, ...]
    payments: tuple[PaymentSeen, ...]
    way: tuple[Step, ...]


_ORDER = """
    SELECT o.id, o.no, o.state, o.source, m.name, o.payable_fen, o.discount_fen, o.freight_fen, o.buyer_id, k.no,
        o.merchant_id, o.placed_at, o.paid_at, o.shipped_at, o.received_at, o.closed_at
    FROM orders_order o JOIN parties_party m ON m.id = o.merchant_id
    LEFT JOIN orders_checkout k ON k.id = o.checkout_id WHERE o.no = %s
"""
_PAYMENTS = """
    SELECT no, channel, amount_fen, state, coalesce(paid_at, closed_at, created_at), false FROM payments_intent
    WHERE purpose = %(purpose)s
    UNION ALL
    SELECT r.no, i.channel, r.amount_fen, r.state, coalesce(r.ended_at, r.created_at), true FROM payments_refund r
    JOIN payments_intent i ON i.id = r.intent_id WHERE i.purpose = %(purpose)s AND r.purpose = ANY(%(refunds)s)
    ORDER BY 5, 1
"""
_TOUCHES = """
    SELECT t.touched_at, t.visitor, y.name, c.pid, l.id, k.touch_id = t.id FROM attribution_touch t
    JOIN attribution_link l ON l.id = t.link_id JOIN parties_party y ON y.id = l.promoter_id
    LEFT JOIN attribution_place c ON c.id = l.place_id
    LEFT JOIN attribution_claim k ON k.id = %(line)s
    WHERE t.buyer_id = %(buyer)s AND l.merchant_id = %(merchant)s AND t.touched_at BETWEEN %(since)s AND %(placed)s
    ORDER BY t.touched_at DESC LIMIT %(most)s
"""
_CLICKS = """
    SELECT k.at, y.name, left(k.agent, 40) FROM attribution_click k JOIN parties_party y ON y.id = k.promoter_id
    WHERE k.link_id = ANY(%(links)s) AND k.visitor = ANY(%(visitors)s) AND k.at BETWEEN %(since)s AND %(placed)s
    ORDER BY k.at DESC LIMIT %(most)s
"""
_CLICK, _TOUCH = Words("点击推广链接", "Clicked the link"), Words("打开商品（落地）", "Landed on the goods")
_COUNTS = Words("打开商品（落地），归因于此", "Landed on the goods; the claim is by this")
_CART, _PLACED = Words("加入购物车", "Put into the cart"), Words("下单", "Placed")
_LATER = (
    Words("支付", "Paid"),
    Words("发货", "Shipped"),
    Words("确认收货", "Received"),
    Words("关闭", "Closed"),
)


def order_of(order_no: str, *, sale_id: int) -> OrderSeen | None:
    """Return an order with its lines, payments and the buyer's way to it; None for what is no order."""
    found = rows.query(_ORDER, [order_no])
    if not found:
        return None
    id_, no, state, source, shop, payable, discount, freight, buyer_id, checkout_no, merchant_id, *instants = found[0]
    lines = rows.query(
        "SELECT id, title, spec, quantity, paid_fen, refunded_fen, refunded_quantity, id = %s FROM orders_line"
        " WHERE order_id = %s ORDER BY no",
        [sale_id, id_],
    )
    refunds = [f"after_sale:{no}" for (no,) in rows.query(_AFTER_SALES, [id_])]
    payments = rows.query(_PAYMENTS, {"purpose": f"checkout:{checkout_no}", "refunds": refunds})
    placed = instants[0]
    way = _before(no, sale_id, buyer_id, merchant_id, placed)
    way += [(placed, _PLACED, "")]
    way += [(at, words, "") for words, at in zip(_LATER, instants[1:], strict=True) if at is not None]
    return OrderSeen(
        *(no, state, source, shop, payable, discount, freight),
        tuple(LineSeen(*row) for row in lines),
        tuple(PaymentSeen(*row) for row in payments),
        tuple(_steps(way)),
    )


_AFTER_SALES = "SELECT no FROM orders_after_sale WHERE order_id = %s"


def _before(
    order_no: str, sale_id: int, buyer_id: int | None, merchant_id: int, placed: datetime
) -> list[tuple[datetime, Words, str]]:
    """Return what came before the order: clicks of the buyer's visits, touches, the cart."""
    if buyer_id is None:
        return []
    at = {"since": placed - SEEN, "placed": placed, "most": MOST}
    touches = rows.query(_TOUCHES, {"buyer": buyer_id, "merchant": merchant_id, "line": sale_id, **at})
    way = [
        (when, _COUNTS if counts else _TOUCH, " · ".join(one for one in (promoter, pid) if one))
        for when, _, promoter, pid, _, counts in touches
    ]
    visitors = sorted({visitor for _, visitor, *_ in touches if visitor})
    if visitors:
        clicks = rows.query(_CLICKS, {"links": [link for *_, link, _ in touches], "visitors": visitors, **at})
        way += [(when, _CLICK, f"{promoter} · {agent}" if agent else promoter) for when, promoter, agent in clicks]
    trace = rows.query("SELECT click_ms, cart_ms FROM scoring_trace WHERE order_no = %s", [order_no])
    if trace and None not in trace[0]:
        way.append((placed - timedelta(milliseconds=sum(trace[0])), _CART, ""))
    return way


def _steps(way: list[tuple[datetime, Words, str]]) -> list[Step]:
    steps, before = [], None
    for at, words, detail in sorted(way, key=lambda one: one[0]):
        steps.append(Step(words, at, detail, None if before is None else (at - before) // timedelta(milliseconds=1)))
        before = at
    return steps
