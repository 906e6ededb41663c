"""Makers of reports as a shop's software sends them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tuike.flows.keep_reports import keep_reports
from tuike.inbox.types import Kept

PLACED = make.NOON + timedelta(hours=2)


def order(one: make.Alliance, no: str, *, price_fen: int = 10_000, **more: Any) -> dict[str, Any]:
    """Return an order of one piece of the alliance's product, placed at `PLACED`; `more` overrides and adds."""
    line = {"sku_id": make_catalog.sku_of(one.product_id), "quantity": 1, "price_fen": price_fen}
    said = {"external_no": no, "placed_at": PLACED, "lines": [line]} | more
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def kept(one: make.Alliance, orders: Sequence[dict[str, Any]], *, key: str = "k1", now: datetime = PLACED) -> Kept:
    """Keep a batch of reports, as the API's door does."""
    told = [(said["external_no"], json.dumps(said)) for said in orders]
    return keep_reports(merchant_id=one.shop.id, orders=told, scope=f"api:{one.shop.id}", key=key, now=now)
