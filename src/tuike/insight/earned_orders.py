"""Paid orders on which promoters earn, as programs page through them: a promoter's own, or a shop's.

A line's *turn* is when its commission changed last: made, gone on, settled, lowered. Orders are
found from the newest on (a promoter's along an index): enough candidates for the page, more where filters left too few.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tuike.db import rows
from tuike.kit.errors import Refusal
from tuike.parties.types import Source

MOST_FROM = 50_000
"""Orders that may be skipped by position."""
FIRST_LOOK = 200
COUNT_KEPT = timedelta(minutes=1)
COUNT_EACH_TIME = 1_000
COUNTED = 10_000
"""Accruals and turns that are looked at for a count; of more it is estimated."""
MOST_COUNTS = 500
_BOOKED_BEFORE = timedelta(days=1)
"""An accrual is booked after the payment; a provider's clock may be ahead of ours, but not by this much."""


class TooFarBack(Refusal):
    """A position beyond what is paged through."""

    code = "orders_too_far"
    status = 422
    zh = "最多可翻到第 {most} 个订单，请用时间范围缩小查询"
    en = "Pages reach order {most}; narrow the search by time."


class Stand(StrEnum):
    """Where the commission of a line stands for its promoter."""

    WAITING = "waiting"
    """The shop's prepaid balance can't pay it."""
    UNRECEIVED = "unreceived"
    PENDING = "pending"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class By(StrEnum):
    """What orders come by."""

    BOOKING = "booking"
    """When the commission was made; of several orders made at once the latest line."""
    PAID = "paid"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are looked for. Spans include their first instant and exclude their last; None is open.

    Of a promoter those on which it earns in any role; of a shop those on which the promoter who brought them earns.
    """

    source: Source
    promoter_id: int | None = None
    merchant_id: int | None = None
    paid: tuple[datetime | None, datetime | None] = (None, None)
    turned: tuple[datetime | None, datetime | None] = (None, None)
    stands: tuple[Stand, ...] = ()
    order_nos: tuple[str, ...] = ()
    external_nos: tuple[str, ...] = ()
    text: str = ""
    brought_by: int | None = None
    by: By = By.PAID
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A page of order numbers, in order, and how many orders there are in all."""

    order_nos: tuple[str, ...]
    total: int


EARNING = """
    min(a.accrued_at) AS made_at, max(greatest(a.accrued_at, a.settled_at, a.turned_at)) AS turned_at,
    bool_and(a.state = 'cancelled') AS cancelled, bool_or(a.state = 'waiting') AS waiting,
    bool_or(a.state = 'pending') AS pending
"""
STAND = """
    CASE WHEN f.cancelled THEN 'cancelled' WHEN f.waiting THEN 'waiting'
        WHEN f.pending THEN CASE WHEN s.due_at IS NULL THEN 'unreceived' ELSE 'pending' END ELSE 'settled' END
"""
"""Where a line stands, of the sale `s` and what is earned of it (`f`, out of EARNING)."""
TURN = "f.turned_at"
_STATES = {
    Stand.WAITING: "waiting",
    Stand.UNRECEIVED: "pending",
    Stand.PENDING: "pending",
    Stand.SETTLED: "settled",
    Stand.CANCELLED: "cancelled",
}
"""What an accrual of a line that stands so is: not every one, but one of them."""
_PAID = ("s.paid_at >= %(low)s", "s.paid_at < %(high)s")
OF_PROMOTER = "a.payee_kind = 'promoter' AND a.payee_id = %(promoter)s"
OF_SHOP = "a.merchant_id = %(merchant)s AND a.payee_kind = 'promoter' AND a.role IN ('direct', 'self', 'bonus')"
"""Which accruals count, of `a`."""

_CANDIDATES = """
    made AS MATERIALIZED (
        SELECT a.sale_id, a.accrued_at AS at FROM commission_accrual a WHERE {whose} {made}
        ORDER BY a.accrued_at DESC, a.id DESC LIMIT %(most)s
    ), turned AS MATERIALIZED (
        SELECT unnest(t.sale_ids) AS sale_id, t.at FROM (
            SELECT sale_ids, at, sum(many) OVER (ORDER BY at DESC, id DESC) - many AS before FROM (
                SELECT * FROM commission_turn WHERE {turned} ORDER BY at DESC, id DESC LIMIT %(most)s
            ) AS latest
        ) AS t WHERE %(most)s::bigint IS NULL OR t.before < %(most)s
    ), edge AS (
        -- Below it there may be more than was looked at.
        SELECT max(cut.at) AS at FROM (
            SELECT min(at) AS at FROM made HAVING count(*) >= %(most)s
            UNION ALL SELECT min(at) FROM turned HAVING count(*) >= %(most)s
        ) AS cut
    ), candidate AS (SELECT sale_id FROM made UNION SELECT sale_id FROM turned)
"""
_LINES = """
    line AS (
        SELECT s.order_no, {by} AS at FROM candidate c JOIN commission_sale s ON s.id = c.sale_id {joins}
        CROSS JOIN LATERAL (SELECT {earning} FROM commission_accrual a WHERE a.sale_id = s.id AND {whose}) AS f
        WHERE f.made_at IS NOT NULL AND s.source = %(source)s {filters}
    )
"""
_PAGE = """
    SELECT ARRAY(
        SELECT order_no FROM line GROUP BY order_no HAVING coalesce(max(at) > (SELECT at FROM edge) {ahead}, true)
        ORDER BY max(at) {way}, order_no {way} OFFSET %(start)s LIMIT %(limit)s
    ), (SELECT at FROM edge) IS NULL
"""
_COUNT = """
    SELECT count(DISTINCT order_no), (SELECT at FROM edge) IS NULL,
        (SELECT count(*) FROM made) + (SELECT count(*) FROM turned) FROM line
"""
_ALL = """
    SELECT (SELECT count(*) FROM commission_accrual a WHERE {whose} {made})
        + (SELECT coalesce(sum(many), 0)::bigint FROM commission_turn WHERE {turned})
"""
_counts: dict[Wanted, tuple[datetime, tuple[int, bool]]] = {}
_counts_lock = threading.Lock()


def page(wanted: Wanted, *, start: int, limit: int, now: datetime) -> Found:
    """Return a page of orders by position.

    Where more than `COUNTED` accruals and turns are to be looked at the count is an estimate out of the newest, and
    more than what was shown while a page is full. One of more than a thousand is kept for a minute in this process:
    who walks through them counts once.

    Raises:
        TooFarBack: a position beyond `MOST_FROM`.
    """
    if start + limit > MOST_FROM:
        raise TooFarBack(most=MOST_FROM)
    whole, found = _page(wanted, start, limit)
    if whole and len(found) < limit and (found or not start):
        return Found(found, start + len(found))
    seen = start + len(found) + (len(found) == limit) if found else 0
    total, exact = _count(wanted, now)
    return Found(found, total if exact else max(total, seen))


def _page(wanted: Wanted, start: int, limit: int) -> tuple[bool, tuple[str, ...]]:
    """Return whether all orders were looked at, and the page."""
    most: int | None = FIRST_LOOK + 2 * (start + limit)
    if not wanted.descending or (wanted.by is not By.TURN and wanted.turned != (None, None)):
        most = None
    while True:
        statement, params = _statement(wanted, most, _PAGE)
        [(found, whole)] = rows.query(statement, params | {"start": start, "limit": limit})
        if whole or len(found) == limit:
            return whole, tuple(found)
        assert most is not None  # without a bound there is no edge
        most = None if most > 8 * FIRST_LOOK + 4 * MOST_FROM else most * 8


def _count(wanted: Wanted, now: datetime) -> tuple[int, bool]:
    """Return how many orders there are, and whether all of them were counted."""
    if wanted.turned == (None, None):
        wanted = replace(wanted, by=By.BOOKING, descending=True)  # the same orders, found with less
    with _counts_lock:
        kept = _counts.get(wanted)
    if kept is not None and abs(now - kept[0]) < COUNT_KEPT:
        return kept[1]
    statement, params = _statement(wanted, COUNTED, _COUNT)
    [(found, whole, looked)] = rows.query(statement, params)
    if not whole:
        statement, params = _statement(wanted, None, "", whole=_ALL)
        found = max(found, found * int(rows.query(statement, params)[0][0]) // looked)
    if found > COUNT_EACH_TIME:
        with _counts_lock:
            if len(_counts) >= MOST_COUNTS:
                _counts.clear()
            _counts[wanted] = (now, (found, whole))
    return found, whole


def _statement(wanted: Wanted, most: int | None, ends: str, *, whole: str = "") -> tuple[str, dict[str, Any]]:
    """Return the statement over the lines that are wanted, out of up to `most` candidates (None: all); or `whole`,
    over all that might be candidates."""
    by = {By.BOOKING: "f.made_at", By.PAID: "s.paid_at", By.TURN: TURN}[wanted.by]
    mine = wanted.promoter_id is not None
    whose = OF_PROMOTER if mine else OF_SHOP
    by_turn = wanted.by is By.TURN or wanted.turned != (None, None)
    params: dict[str, Any] = {
        "promoter": wanted.promoter_id,
        "merchant": wanted.merchant_id,
        "source": wanted.source.value,
        "most": most,
    }
    since, until = wanted.turned
    params |= {"since": since, "until": until}
    made = [f"AND a.accrued_at {sign} %({key})s" for sign, key, at in ((">=", "since", since), ("<", "until", until))
            if at is not None]  # fmt: skip
    if wanted.order_nos:
        made.append("AND a.sale_id IN (SELECT id FROM commission_sale WHERE order_no = ANY(%(order_nos)s))")
    if wanted.paid[0] is not None:
        made.append("AND a.accrued_at >= %(booked)s")
        params["booked"] = wanted.paid[0] - _BOOKED_BEFORE
    if wanted.stands:
        made.append("AND a.state = ANY(%(states)s)")
        params["states"] = sorted({_STATES[one] for one in wanted.stands})
    paid = " AND ".join(_PAID[end] for end in (0, 1) if wanted.paid[end] is not None)
    if paid:
        made.append(f"AND a.sale_id IN (SELECT s.id FROM commission_sale s WHERE {paid})")
    turned = ["promoter_id = %(promoter)s" if mine else "merchant_id = %(merchant)s"]
    turned += [f"at {sign} %({key})s" for sign, key, at in ((">=", "since", since), ("<", "until", until)) if at]
    narrowed = {"whose": whose, "made": " ".join(made), "turned": " AND ".join(turned) if by_turn else "false"}
    if whole:
        values = {"order_nos": list(wanted.order_nos), "low": wanted.paid[0], "high": wanted.paid[1]}
        return whole.format(**narrowed), params | values
    candidates = _CANDIDATES.format(**narrowed)
    filters, joins, more = _filters(wanted)
    line = _LINES.format(by=by, joins=joins, earning=EARNING, whose=whose, filters=filters)
    way = "DESC" if wanted.descending else "ASC"
    ahead = "+ interval '1 day'" if wanted.by is By.PAID else ""
    return f"WITH {candidates}, {line} {ends.format(way=way, ahead=ahead)}", params | more


def _filters(wanted: Wanted) -> tuple[str, str, dict[str, Any]]:
    """Return conditions over a line, the joins that they need, and their values."""
    low, high = wanted.paid
    since, until = wanted.turned
    conditions = {
        f"AND {_PAID[0]}": low is not None,
        f"AND {_PAID[1]}": high is not None,
        f"AND {TURN} >= %(since)s": since is not None,
        f"AND {TURN} < %(until)s": until is not None,
        f"AND ({STAND}) = ANY(%(stands)s)": bool(wanted.stands),
        "AND s.order_no = ANY(%(order_nos)s)": bool(wanted.order_nos),
        "AND o.external_no = ANY(%(external_nos)s)": bool(wanted.external_nos),
        "AND k.promoter_id = %(brought_by)s": wanted.brought_by is not None,
        "AND (strpos(lower(l.title), lower(%(text)s)) > 0 OR o.no = upper(%(text)s) OR o.external_no = %(text)s)": bool(
            wanted.text
        ),
    }
    joins = ""
    if wanted.external_nos or wanted.text:
        joins += " JOIN orders_order o ON o.no = s.order_no JOIN orders_line l ON l.id = s.id"
    if wanted.brought_by is not None:
        joins += " JOIN attribution_claim k ON k.id = s.id"
    values = {
        "low": low,
        "high": high,
        "stands": [one.value for one in wanted.stands],
        "order_nos": list(wanted.order_nos),
        "external_nos": list(wanted.external_nos),
        "text": wanted.text,
        "brought_by": wanted.brought_by,
    }
    return " ".join(text for text, asked in conditions.items() if asked), joins, values
