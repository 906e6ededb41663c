"""What gross and net of an enrolment count: orders paid through it, once each, and those refunded whole (§9)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tuike.cooperation.types import ShortCount
from tuike.db import rows

_LOCK = "SELECT id FROM cooperation_enrolment WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_SHORT = "e.net_orders < e.base_orders AND e.gross_orders >= e.base_orders"
_SAID = "e.id, e.no, a.leader_id, e.merchant_id, e.base_orders, e.gross_orders, e.net_orders"

_PAID = f"""
    WITH told AS (
        INSERT INTO cooperation_counted_order (enrolment_id, order_no, paid_at)
        SELECT w.enrolment_id, w.order_no, w.paid_at
        FROM unnest(%(enrolments)s::bigint[], %(orders)s::text[], %(paid)s::timestamptz[])
            AS w (enrolment_id, order_no, paid_at)
        ON CONFLICT (enrolment_id, order_no) DO NOTHING RETURNING enrolment_id
    ), more AS (SELECT enrolment_id, count(*)::int AS n FROM told GROUP BY enrolment_id)
    UPDATE cooperation_enrolment e SET gross_orders = e.gross_orders + m.n, net_orders = e.net_orders + m.n
    FROM more m JOIN cooperation_enrolment was ON was.id = m.enrolment_id
    JOIN cooperation_activity a ON a.id = was.activity_id
    WHERE e.id = m.enrolment_id
    RETURNING {_SAID}, was.gross_orders < was.base_orders AND {_SHORT}
"""
_REFUNDED = f"""
    WITH told AS (
        UPDATE cooperation_counted_order c SET refunded_at = %(now)s
        FROM unnest(%(enrolments)s::bigint[], %(orders)s::text[]) AS w (enrolment_id, order_no)
        WHERE c.enrolment_id = w.enrolment_id AND c.order_no = w.order_no AND c.refunded_at IS NULL
        RETURNING c.enrolment_id
    ), fewer AS (SELECT enrolment_id, count(*)::int AS n FROM told GROUP BY enrolment_id)
    UPDATE cooperation_enrolment e SET net_orders = e.net_orders - f.n
    FROM fewer f JOIN cooperation_enrolment was ON was.id = f.enrolment_id
    JOIN cooperation_activity a ON a.id = was.activity_id
    WHERE e.id = f.enrolment_id
    RETURNING {_SAID}, was.net_orders >= was.base_orders AND {_SHORT}
"""


@transaction.atomic
def count_paid(*, orders: Iterable[tuple[int, str, datetime]], now: datetime) -> list[ShortCount]:
    """Count orders paid through enrolments: (enrolment, order number, when it was paid) each; again counts nothing.

    Returns the enrolments whose base is reached by that while their net count stays below it: a person looks at them.
    """
    wanted = sorted({(enrolment_id, order_no): at for enrolment_id, order_no, at in orders}.items())
    if not wanted:
        return []
    ids = sorted({enrolment_id for (enrolment_id, _), _ in wanted})
    rows.query(_LOCK, [ids])
    found = rows.query(
        _PAID,
        {
            "enrolments": [enrolment_id for (enrolment_id, _), _ in wanted],
            "orders": [order_no for (_, order_no), _ in wanted],
            "paid": [at for _, at in wanted],
        },
    )
    return _short(found)


@transaction.atomic
def count_refunded(*, orders: Iterable[tuple[int, str]], now: datetime) -> list[ShortCount]:
    """Take orders (enrolment, order number) of which nothing is left that came by the enrolment out of its net count;
    again takes nothing, unknown ones are no matter.

    Returns the enrolments whose net count falls below their base by that while the gross one has reached it.
    """
    wanted = sorted(set(orders))
    if not wanted:
        return []
    ids = [enrolment_id for enrolment_id, _ in wanted]
    rows.query(_LOCK, [sorted(set(ids))])
    said = {"enrolments": ids, "orders": [order_no for _, order_no in wanted], "now": now}
    return _short(rows.query(_REFUNDED, said))


def _short(found: list[tuple]) -> list[ShortCount]:
    return sorted((ShortCount(*row[:7]) for row in found if row[7]), key=lambda one: one.enrolment_id)
