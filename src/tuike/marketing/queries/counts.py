"""What a buyer has, in numbers."""

from datetime import datetime

from tuike.db import rows


def good_voucher_count(buyer_id: int, *, now: datetime) -> int:
    """Return how many vouchers of a buyer can be used now."""
    return int(
        rows.query(
            "SELECT count(*) FROM marketing_voucher WHERE buyer_id = %s AND used_at IS NULL AND usable_until > %s",
            [buyer_id, now],
        )[0][0]
    )


def packets_underway(*, buyer_id: int) -> bool:
    """Whether a red packet that a buyer sent waits for its payment, or has shares left."""
    found = rows.query(
        "SELECT 1 FROM marketing_packet WHERE buyer_id = %s AND state IN ('unpaid', 'open') LIMIT 1", [buyer_id]
    )
    return bool(found)
