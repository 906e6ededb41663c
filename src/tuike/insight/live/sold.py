"""Reading what was sold today, minute by minute, of any number of parties of one kind at once.

Counted as the figures count a day (docs/rules.md §1): goods by the day on which they were paid, an order once for each
owner, refunds on the day of the sale, commission that isn't cancelled.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tuike.attribution.types import Kind
from tuike.commission.types import AccrualState
from tuike.db import rows
from tuike.insight.live.types import NEWEST, Sold, Sum

MINUTE = timedelta(minutes=1)

_OWN: dict[str, tuple[str, str, str]] = {
    # kind: the owner of a sale, what is joined for that, whose accruals of it are counted
    "operator": ("0::bigint", "", "true"),
    "merchant": ("s.merchant_id", "", "true"),
    "promoter": (
        "c.promoter_id",
        f"JOIN attribution_claim c ON c.id = s.id AND c.kind <> '{Kind.NONE}' AND c.promoter_id = ANY(%(ids)s)",
        "a.payee_kind = 'promoter' AND a.payee_id = ANY(%(ids)s)",
    ),
    "leader": (
        "l.payee_id",
        "JOIN commission_accrual l ON l.sale_id = s.id AND l.role = 'leader' AND l.payee_kind = 'leader'"
        " AND l.payee_id = ANY(%(ids)s)",
        "a.payee_kind = 'leader' AND a.payee_id = ANY(%(ids)s)",
    ),
}
_EARNER = {"operator": "0::bigint", "merchant": "s.merchant_id"}


@dataclass(slots=True)
class Part:
    """One minute of one owner."""

    places: dict[str, Sum] = field(default_factory=dict)
    products: dict[int, Sum] = field(default_factory=dict)
    commission: dict[str, int] = field(default_factory=dict)
    buyers: tuple[int, ...] = ()
    newest: list[Sold] = field(default_factory=list)


def read(*, kind: str, ids: Sequence[int], minutes: Collection[datetime]) -> dict[int, dict[datetime, Part]]:
    """Return owner → minute → what was sold in it, of these minutes (their first instants); the operator's owner is 0.

    A minute in which nothing was sold is missing.
    """
    if not ids or not minutes:
        return {}
    return _read(kind, ids, min(minutes), max(minutes) + MINUTE, sorted(minutes))


def read_all(*, kind: str, ids: Sequence[int], first: datetime, until: datetime) -> dict[int, dict[datetime, Part]]:
    """Return what `read` does, of every minute from `first` until (not including) `until`."""
    return _read(kind, ids, first, until, None) if ids else {}


def minutes_of(order_nos: Collection[str], *, first: datetime, until: datetime) -> set[datetime]:
    """Return the minutes from `first` until `until` in which goods of these orders were paid."""
    found = rows.query(
        "SELECT DISTINCT date_trunc('minute', paid_at) FROM commission_sale WHERE order_no = ANY(%s)"
        " AND kind = 'goods' AND paid_at >= %s AND paid_at < %s",
        [list(order_nos), first, until],
    )
    return {minute for (minute,) in found}


def _read(
    kind: str, ids: Sequence[int], low: datetime, high: datetime, minutes: list[datetime] | None
) -> dict[int, dict[datetime, Part]]:
    owner, join, earns = _OWN[kind]
    mine = "AND s.merchant_id = ANY(%(ids)s)" if kind == "merchant" else ""
    some = "" if minutes is None else "AND date_trunc('minute', s.paid_at) = ANY(%(minutes)s)"
    found = rows.query(
        f"""
        WITH paid AS MATERIALIZED (
            SELECT s.id, s.merchant_id, s.order_no, s.product_id, s.quantity, s.paid_fen, s.refunded_fen, s.paid_at,
                date_trunc('minute', s.paid_at) AS minute
            FROM commission_sale s
            WHERE s.kind = 'goods' AND s.paid_at >= %(low)s AND s.paid_at < %(high)s {mine} {some}
        ), sold AS MATERIALIZED (SELECT s.*, {owner} AS owner FROM paid s {join}),
        orders AS MATERIALIZED (
            SELECT s.owner, s.minute, s.order_no, min(s.paid_at) AS paid_at, min(s.id) AS line, count(*) AS lines,
                sum(s.paid_fen) AS paid_fen, sum(s.refunded_fen) AS refunded_fen, min(o.buyer_id) AS buyer_id,
                left(coalesce(min(o.city_code), ''), 2) AS place
            FROM sold s LEFT JOIN orders_order o ON o.no = s.order_no GROUP BY 1, 2, 3
        ), numbered AS (
            SELECT *, row_number() OVER (PARTITION BY owner, minute ORDER BY paid_at DESC, order_no DESC) AS nth
            FROM orders
        )
        SELECT 'place' AS what, owner, minute, place AS key, '' AS title, count(*) AS count,
            sum(paid_fen)::bigint AS paid_fen, sum(refunded_fen)::bigint AS refunded_fen, NULL::bigint[] AS many,
            NULL::timestamptz AS at
        FROM orders GROUP BY 2, 3, 4
        UNION ALL SELECT 'product', owner, minute, coalesce(product_id, 0)::text, '', sum(quantity),
            sum(paid_fen)::bigint, sum(refunded_fen)::bigint, NULL, NULL FROM sold GROUP BY 2, 3, 4
        UNION ALL SELECT 'buyers', owner, minute, '', '', 0, 0, 0, array_agg(DISTINCT buyer_id), NULL
            FROM orders WHERE buyer_id IS NOT NULL GROUP BY 2, 3
        UNION ALL SELECT 'role', {_EARNER.get(kind, "a.payee_id")}, s.minute, a.role, '', count(*),
            sum(a.amount_fen)::bigint, 0, NULL, NULL
            FROM paid s JOIN commission_accrual a ON a.sale_id = s.id
            WHERE a.state <> '{AccrualState.CANCELLED}' AND {earns} GROUP BY 2, 3, 4
        UNION ALL SELECT 'order', n.owner, n.minute, n.order_no, coalesce(l.title, ''), n.lines, n.paid_fen::bigint,
            n.refunded_fen::bigint, ARRAY[nullif(n.place, '')::bigint], n.paid_at
            FROM numbered n LEFT JOIN orders_line l ON l.id = n.line WHERE n.nth <= %(newest)s
        """,
        {"ids": list(ids), "low": low, "high": high, "minutes": minutes, "newest": NEWEST},
    )
    read_: dict[int, dict[datetime, Part]] = {}
    for what, owner_id, minute, *values in found:
        part = read_.setdefault(owner_id, {}).setdefault(minute.astimezone(UTC), Part())
        _put(part, what, *values)
    return read_


def _put(part: Part, what: str, *values: Any) -> None:
    key, title, count, paid, refunded, many, at = values
    if what == "place":
        part.places[key] = Sum(int(count), paid, refunded)
    elif what == "product":
        part.products[int(key)] = Sum(int(count), paid, refunded)
    elif what == "role":
        part.commission[key] = paid
    elif what == "buyers":
        part.buyers = tuple(many)
    else:
        place = "" if many[0] is None else f"{many[0]:02d}"
        part.newest.append(Sold(key, at, title, int(count), Sum(1, paid, refunded), place))
