"""How far reported orders have got: what a later report adds to them, in lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tuike.db import rows
from tuike.orders import queries
from tuike.orders.types import OrderRef
from tuike.settings import service as settings

_SHIP = f"""
WITH said AS (SELECT * FROM unnest(%s::text[], %s::timestamptz[]) AS s (no, at)),
     held AS (
         SELECT o.id, s.at, NULL AS no FROM said s JOIN orders_order o ON o.no = s.no ORDER BY o.id FOR UPDATE OF o
     )
UPDATE orders_order o
SET state = 'shipped', shipped_at = c.at, receive_by = c.at + make_interval(secs => %s)
FROM held c WHERE o.id = c.id AND o.state = 'paid' AND o.source = 'mini_program' AND o.paid_at <= c.at
RETURNING {queries.ORDER_COLUMNS}
"""
_RECEIVE = f"""
WITH said AS (SELECT * FROM unnest(%s::text[], %s::timestamptz[]) AS s (no, at)),
     held AS (
         SELECT o.id, s.at, NULL AS no FROM said s JOIN orders_order o ON o.no = s.no ORDER BY o.id FOR UPDATE OF o
     )
UPDATE orders_order o
SET state = 'completed', received_at = c.at, received_by = 'report', receive_by = NULL
FROM held c WHERE o.id = c.id AND o.state IN ('paid', 'shipped') AND o.source = 'mini_program' AND o.paid_at <= c.at
RETURNING {queries.ORDER_COLUMNS}
"""


def ship_reported(*, shipped: Mapping[str, datetime]) -> list[OrderRef]:
    """Take reported orders from paid to shipped, each at its own instant, by number, and return those that moved.

    Receipt confirms itself as in the mall. An order that isn't paid, or was paid later, stays as it is.
    """
    seconds = settings.get("auto_receive_days") * 86_400
    return _moved(_SHIP, [list(shipped), list(shipped.values()), seconds])


def receive_reported(*, received: Mapping[str, datetime]) -> list[OrderRef]:
    """Complete reported orders, also straight from paid, each at its own instant, and return those that moved."""
    return _moved(_RECEIVE, [list(received), list(received.values())])


def _moved(statement: str, params: Sequence[object]) -> list[OrderRef]:
    found = [queries.order_ref(row) for row in rows.query(statement, params)]
    return queries.with_lines(sorted(found, key=lambda order: order.id))
