"""Noting when commission changed, for whoever asks what did since an instant."""

from collections.abc import Collection
from datetime import datetime

from tuike.db import rows

_TURN = """
    WITH changed AS (
        SELECT payee_id, payee_kind, merchant_id, sale_id FROM commission_accrual WHERE id = ANY(%(accruals)s)
    ), turned AS (
        INSERT INTO commission_turn (promoter_id, merchant_id, at, many, sale_ids)
        SELECT payee_id, merchant_id, %(now)s, count(*), array_agg(sale_id) FROM changed
        WHERE payee_kind = 'promoter' GROUP BY payee_id, merchant_id
    )
    UPDATE commission_sale AS s SET turned_at = %(now)s FROM (SELECT DISTINCT sale_id FROM changed) AS one
    WHERE s.id = one.sale_id
"""


def turn(*, accruals: Collection[int], now: datetime) -> None:
    """Note in the transaction that changes accruals that it did. Settling, where each costs, notes it by itself."""
    if accruals:
        rows.run(_TURN, {"accruals": sorted(set(accruals)), "now": now})
