"""What a member did in one shop, newest first: orders, refunds, points, coupons."""

from dataclasses import dataclass
from datetime import datetime

from tuike.db import rows

MOST = 50
"""Events that are shown."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event: `kind` is order, refund, points_earned, points_taken_back, coupon or coupon_used; `amount` is fen, or
    points, or None."""

    kind: str
    no: str
    amount: int | None
    at: datetime


def member_timeline(*, merchant_id: int, person_id: int) -> list[Happened]:
    """Return a member's last 50 events in a shop."""
    found = rows.query(
        """
        SELECT 'order', o.no, o.payable_fen, o.paid_at FROM orders_order o
        WHERE o.merchant_id = %(merchant)s AND o.buyer_id = %(person)s AND o.paid_at IS NOT NULL
        UNION ALL
        SELECT 'refund', a.no, (SELECT coalesce(sum(l.amount_fen), 0) FROM orders_after_sale_line l
            WHERE l.after_sale_id = a.id)::bigint + a.freight_fen, a.opened_at
        FROM orders_after_sale a JOIN orders_order o ON o.id = a.order_id
        WHERE o.merchant_id = %(merchant)s AND o.buyer_id = %(person)s
        UNION ALL
        SELECT 'points_' || m.kind, m.source, m.points, m.at
        FROM marketing_points_move m JOIN marketing_points_earning e ON e.order_no = m.source
        WHERE m.buyer_id = %(person)s AND e.merchant_id = %(merchant)s AND m.kind IN ('earned', 'taken_back')
        UNION ALL
        SELECT CASE WHEN v.used_at IS NULL THEN 'coupon' ELSE 'coupon_used' END, v.no, NULL,
            coalesce(v.used_at, v.taken_at)
        FROM marketing_voucher v JOIN marketing_coupon c ON c.id = v.coupon_id
        WHERE v.buyer_id = %(person)s AND c.merchant_id = %(merchant)s
        ORDER BY 4 DESC LIMIT %(most)s
        """,
        {"merchant": merchant_id, "person": person_id, "most": MOST},
    )
    return [Happened(*row) for row in found]
