"""Figures as they stand, counted in the test's own transaction."""

from datetime import datetime

from tuike.db import rows
from tuike.figures import service as figures


def counted(*, now: datetime) -> None:
    """Count all sales, clicks and shares that there are."""
    figures.count(sale_ids=[id_ for (id_,) in rows.query("SELECT id FROM commission_sale")], now=now)
    figures.count_clicks(now=now)
