"""Whether a buyer still has something to get, or to pay."""

from tuike.db import rows


def underway_of(*, buyer_id: int) -> int:
    """Return how many orders of a buyer are unpaid, paid or on their way, or have an after-sale that hasn't ended."""
    return int(
        rows.query(
            "SELECT count(*) FROM orders_order o WHERE o.buyer_id = %s AND (o.state IN ('unpaid', 'paid', 'shipped')"
            " OR EXISTS (SELECT FROM orders_after_sale a WHERE a.order_id = o.id AND a.ended_at IS NULL))",
            [buyer_id],
        )[0][0]
    )
