"""A shop's paid orders that came with somebody's material and earned nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuike.attribution.types import Reason
from tuike.db import rows


@dataclass(frozen=True, slots=True)
class AbnormalOrder:
    """An order, the reason that came nearest to a claim, and the promoter whose material the buyer saw last."""

    order_no: str
    external_no: str
    paid_at: datetime
    payable_fen: int
    reason: Reason
    promoter_id: int | None


_SAW = "(k.facts->'touches'->0->>'promoter')::bigint"
"""Touches are kept with the latest first."""
_FOUND = """
    FROM commission_sale s JOIN attribution_claim k ON k.id = s.id JOIN orders_order o ON o.no = s.order_no
    WHERE s.merchant_id = %(merchant)s AND s.paid_at >= %(low)s AND s.paid_at < %(high)s AND k.promoter_id IS NULL
        AND jsonb_array_length(coalesce(k.facts->'touches', '[]')) > 0
"""


def abnormal_orders(
    *,
    merchant_id: int,
    paid: tuple[datetime, datetime],
    promoter_id: int | None = None,
    number: str = "",
    descending: bool = True,
    start: int,
    limit: int,
) -> tuple[Sequence[AbnormalOrder], int]:
    """Return a page of a shop's orders paid in a span (its end excluded) that earned nobody though the buyer had seen
    material, by payment, and how many there are. `number` is ours or the shop's own.
    """
    where, params = _FOUND, dict[str, Any](merchant=merchant_id, low=paid[0], high=paid[1])
    if promoter_id is not None:
        where, params = f"{where} AND {_SAW} = %(promoter)s", params | {"promoter": promoter_id}
    if number:
        where, params = f"{where} AND (o.no = %(number)s OR o.external_no = %(number)s)", params | {"number": number}
    way = "DESC" if descending else "ASC"
    found = rows.query(
        "SELECT o.no, o.external_no, o.paid_at, o.payable_fen, array_agg(k.reason ORDER BY k.id),"
        f" array_agg({_SAW} ORDER BY k.id), count(*) OVER () {where}"
        f" GROUP BY o.id ORDER BY o.paid_at {way}, o.id {way} OFFSET %(start)s LIMIT %(limit)s",
        params | {"start": start, "limit": limit},
    )
    total = found[0][6] if found else rows.query(f"SELECT count(DISTINCT o.id) {where}", params)[0][0] if start else 0
    return [AbnormalOrder(*row[:4], *_nearest(row[4], row[5])) for row in found], total


def _nearest(reasons: Sequence[str], promoters: Sequence[int | None]) -> tuple[Reason, int | None]:
    """Return the most telling reason of an order's lines, with its promoter."""
    ranked = [(Reason(reason), promoter) for reason, promoter in zip(reasons, promoters, strict=True)]
    return max(ranked, key=lambda one: one[0].telling)
