"""Noting when commission changed, for whoever asks what did since an instant."""

from collections.abc import Collection
from datetime import datetime

from tuike.db import rows

_TURN = """
    WITH changed AS (
        UPDATE commission_accrual SET turned_at = %(now)s WHERE id = ANY(%(accruals)s)
        RETURNING payee_id, payee_kind, merchant_id, sale_id
    )
    INSERT INTO commission_turn (promoter_id, merchant_id, at, many, sale_ids)
    SELECT payee_id, merchant_id, %(now)s, count(*), array_agg(sale_id) FROM changed
    WHERE payee_kind = 'promoter' GROUP BY payee_id, merchant_id
"""


def turn(*, accruals: Collection[int], now: datetime) -> None:
    """Note in the transaction that changes accruals that it did. Settling, where each costs, notes it by itself."""
    if accruals:
        rows.run(_TURN, {"accruals": sorted(set(accruals)), "now": now})
