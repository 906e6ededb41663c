"""What a coupon has done: taken, used, the orders that it lowered and what was paid for their lines."""

from dataclasses import dataclass

from tuike.db import rows


@dataclass(frozen=True, slots=True)
class CouponFigures:
    """Vouchers that lower an order now, the paid orders among them, what was taken off their lines and what was paid
    for these after it, in fen."""

    used: int
    orders: int
    discount_fen: int
    paid_fen: int


_FIGURES = """
    SELECT count(DISTINCT v.id), count(DISTINCT o.id) FILTER (WHERE o.paid_at IS NOT NULL),
           coalesce(sum(d.amount_fen) FILTER (WHERE o.paid_at IS NOT NULL), 0)::bigint,
           coalesce(sum(l.paid_fen) FILTER (WHERE o.paid_at IS NOT NULL), 0)::bigint
    FROM marketing_voucher v JOIN orders_discount d ON d.source = v.no AND d.kind = 'coupon'
    JOIN orders_line l ON l.id = d.line_id JOIN orders_order o ON o.id = l.order_id AND o.state <> 'closed'
    WHERE v.coupon_id = %s AND v.used_at IS NOT NULL
"""


def coupon_figures(coupon_id: int) -> CouponFigures:
    """Return the figures of a coupon; orders that closed count for nothing."""
    return CouponFigures(*rows.query(_FIGURES, [coupon_id])[0])
