"""Reading traces and scores. What others see are scores and numbers of orders, never marks."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from tuike.db import rows
from tuike.kit import crypto
from tuike.scoring import rules
from tuike.scoring.rules.groups import marks_of
from tuike.scoring.rules.robust import LEAST_CLICKS, LEAST_ORDERS
from tuike.scoring.types import Book, Found, Led, Limits, Mark, Own, ScoreShown, Signal, Trace

WINDOW = timedelta(days=45)
"""So far back an order is held against its promoter's others."""
TRAFFIC = timedelta(days=7)
MOST_TRACES = 2_000
"""Of a promoter so many orders are looked at, the latest ones."""
MOST_RING, ROUNDS = 500, 4
SPANS = 14
"""So many days before a lowered rate say what a shop usually sells."""

_MARKS = ("address", "phone", "device", "payer")
COLUMNS = (
    "order_no",
    "promoter_id",
    "merchant_id",
    "buyer_id",
    "buyer_promoter_id",
    "place_id",
    "enrolment_id",
    "placed_at",
    "paid_at",
    "paid_fen",
    "click_ms",
    "cart_ms",
    "coupon",
    *_MARKS,
    "refunded_fen",
    "refunded_at",
    "due_at",
    "settled",
)
"""Of a trace, as its table has them."""
_GONE = "paid_fen > 0 AND refunded_fen >= paid_fen"


def scores_of(order_nos: Iterable[str]) -> dict[str, ScoreShown]:
    """Return the scores of orders by number; an order that earns no promoter anything has none."""
    found = rows.query(
        "SELECT order_no, promoter_id, thousandths, highest, findings::text, scored_at FROM scoring_score"
        " WHERE order_no = ANY(%s)",
        [sorted(set(order_nos))],
    )
    return {
        no: ScoreShown(no, promoter_id, now, highest, findings_of(json.loads(findings)), scored_at)
        for no, promoter_id, now, highest, findings, scored_at in found
    }


def findings_of(kept: Iterable[Mapping[str, Any]]) -> tuple[Found, ...]:
    """Return findings as they were kept, in JSON."""
    return tuple(
        Found(Signal(one["signal"]), int(one["value"]), int(one["threshold"]), int(one["points"])) for one in kept
    )


def digest(mark: Mark, text: str) -> bytes:
    """Return what a mark is kept as: a keyed digest, by which it is found again and which says nothing of it."""
    return crypto.blind_index(text, purpose=f"mark_{mark.value}", keys=settings.FIELD_KEYS)


def carts_of(order_nos: Iterable[str]) -> dict[str, datetime]:
    """Return when the goods of orders had come into the cart; orders without one are missing."""
    found = rows.query(
        "SELECT order_no, carted_at FROM scoring_cart WHERE order_no = ANY(%s)", [sorted(set(order_nos))]
    )
    return dict(found)


def highest_of(*, promoter_id: int, enrolment_ids: Iterable[int], now: datetime) -> int | None:
    """Return the highest score, as it stands, of orders paid in the window that a promoter brought or that stand in a
    leader's enrolments; None where none was scored."""
    found = rows.query(
        "SELECT max(s.thousandths) FROM scoring_trace t JOIN scoring_score s ON s.order_no = t.order_no"
        " WHERE t.paid_at >= %s AND (t.promoter_id = %s OR t.enrolment_id <> 0 AND t.enrolment_id = ANY(%s))",
        [now - WINDOW, promoter_id, sorted(set(enrolment_ids))],
    )
    return None if found[0][0] is None else int(found[0][0])


def known(order_nos: Iterable[str]) -> dict[str, int]:
    """Return the promoters of orders that have a trace, by number."""
    found = rows.query(
        "SELECT order_no, promoter_id FROM scoring_trace WHERE order_no = ANY(%s)", [sorted(set(order_nos))]
    )
    return dict(found)


def open_orders(*, since: datetime, after: str = "", limit: int = 1_000) -> list[tuple[str, int]]:
    """Return orders paid since an instant that haven't settled, with their promoters, by number after `after`."""
    return rows.query(
        "SELECT order_no, promoter_id FROM scoring_trace WHERE NOT settled AND paid_at >= %s AND order_no > %s"
        " ORDER BY order_no LIMIT %s",
        [since, after, limit],
    )


def books_of(owns: Mapping[int, Own], *, now: datetime, day: date) -> list[Book]:
    """Return the books of promoters as they stand at `now`; `day` is its natural day."""
    promoters, since = sorted(owns), now - WINDOW
    traces: dict[int, list[Trace]] = defaultdict(list)
    for one in _traces(
        "FROM unnest(%s::bigint[]) AS p(id) CROSS JOIN LATERAL (SELECT * FROM scoring_trace WHERE promoter_id = p.id"
        " AND paid_at >= %s ORDER BY paid_at DESC LIMIT %s) AS t ORDER BY t.paid_at, t.order_no",
        [promoters, since, MOST_TRACES],
    ):
        traces[one.promoter_id].append(one)
    persons = sorted({person for own in owns.values() for person in own.persons})
    bought: dict[int, set[tuple[Mark, bytes]]] = defaultdict(set)
    for one in _traces("FROM scoring_trace t WHERE t.buyer_id = ANY(%s) AND t.paid_at >= %s", [persons, since]):
        bought[one.buyer_id] |= set(marks_of(one))
    traffic = _traffic(promoters, day)
    ties = _ties(promoters, since)
    led = _led({one.enrolment_id for some in traces.values() for one in some} - {0}, since)
    return [
        Book(
            promoter_id=id_,
            traces=tuple(traces[id_]),
            clicks=sum(clicks for clicks, _ in traffic[id_].values()),
            landings=sum(landings for _, landings in traffic[id_].values()),
            places=traffic[id_],
            own_persons=owns[id_].persons,
            own_marks=frozenset(mark for person in owns[id_].persons for mark in bought[person])
            | {(Mark.PHONE, phone) for phone in owns[id_].phones},
            ring=rules.circle_of(ties, id_) if ties else frozenset(),
            led=led,
        )
        for id_ in promoters
    ]


def limits_at(day: date) -> Limits:
    """Return the limits in force on a natural day: those counted last, or the floors."""
    found = rows.query(
        "SELECT landing_bps, late_bps, gone_bps, cart_bps FROM scoring_limits WHERE day <= %s"
        " ORDER BY day DESC LIMIT 1",
        [day],
    )
    return Limits(*found[0]) if found else Limits()


def shares(*, since: datetime, day: date) -> dict[str, list[int]]:
    """Return what is usual among promoters with enough orders or clicks: shares in ten-thousandths, by name."""
    found = rows.query(
        f"""
        SELECT 10000 * count(*) FILTER (WHERE {_GONE} AND due_at IS NOT NULL
                   AND refunded_at >= due_at - interval '5 days') / count(*),
               10000 * count(*) FILTER (WHERE {_GONE}) / count(*),
               10000 * count(*) FILTER (WHERE cart_ms >= 10000 AND click_ms <= 60000) / count(*)
        FROM scoring_trace WHERE paid_at >= %s GROUP BY promoter_id HAVING count(*) >= %s
        """,
        [since, LEAST_ORDERS],
    )
    landed = rows.query(
        "SELECT 10000 * sum(landings)::bigint / sum(clicks)::bigint FROM scoring_traffic"
        " WHERE day > %s AND day <= %s GROUP BY promoter_id HAVING sum(clicks) >= %s",
        [day - TRAFFIC, day, LEAST_CLICKS],
    )
    return {
        "late": [row[0] for row in found],
        "gone": [row[1] for row in found],
        "cart": [row[2] for row in found],
        "landing": [row[0] for row in landed],
    }


def orders_in_spans(*, merchant_id: int, at: datetime, days: int) -> tuple[list[int], int]:
    """Return a shop's orders in each of the 24-hour spans before `at`, the earliest first, and in the one after it."""
    span = timedelta(days=1)
    found = dict(
        rows.query(
            "SELECT floor(extract(epoch FROM paid_at - %(at)s) / 86400)::int, count(*) FROM scoring_trace"
            " WHERE merchant_id = %(merchant)s AND paid_at >= %(since)s AND paid_at < %(until)s GROUP BY 1",
            {"at": at, "merchant": merchant_id, "since": at - days * span, "until": at + span},
        )
    )
    return [found.get(number, 0) for number in range(-days, 0)], found.get(0, 0)


def odd_cut(*, merchant_id: int, at: datetime, from_bps: int, to_bps: int) -> Found | None:
    """Return what is odd about a shop's rate that was lowered a day ago or longer (docs/rules.md §11)."""
    before, after = orders_in_spans(merchant_id=merchant_id, at=at, days=SPANS)
    return rules.odd_cut(from_bps=from_bps, to_bps=to_bps, before=before, after=after)


def _traces(rest: str, params: list) -> list[Trace]:
    names = ", ".join(f"t.{name}" for name in COLUMNS)
    made = []
    for row in rows.query(f"SELECT {names} {rest}", params):
        told = dict(zip(COLUMNS, row, strict=True))
        made.append(Trace(**told | {name: bytes(told[name]) for name in _MARKS}))
    return made


def _traffic(promoters: list[int], day: date) -> dict[int, dict[int, tuple[int, int]]]:
    """Return by promoter and place the clicks of the last days, and how many landed."""
    found: dict[int, dict[int, tuple[int, int]]] = {id_: {} for id_ in promoters}
    for promoter_id, place_id, clicks, landings in rows.query(
        "SELECT promoter_id, place_id, sum(clicks)::bigint, sum(landings)::bigint FROM scoring_traffic"
        " WHERE promoter_id = ANY(%s) AND day > %s AND day <= %s GROUP BY 1, 2",
        [promoters, day - TRAFFIC, day],
    ):
        found[promoter_id][place_id] = clicks, landings
    return found


def _ties(promoters: list[int], since: datetime) -> Counter[tuple[int, int]]:
    """Return who bought how often through whom, around these promoters: a few steps far, not everybody."""
    ties: Counter[tuple[int, int]] = Counter()
    seen, frontier = set(promoters), set(promoters)
    for _ in range(ROUNDS):
        if not frontier or len(seen) > len(promoters) + MOST_RING:
            break
        found = rows.query(
            "SELECT buyer_promoter_id, promoter_id, count(*) FROM scoring_trace"
            " WHERE (promoter_id = ANY(%(some)s) OR buyer_promoter_id = ANY(%(some)s))"
            " AND buyer_promoter_id <> 0 AND paid_at >= %(since)s GROUP BY 1, 2",
            {"some": sorted(frontier), "since": since},
        )
        for one, other, many in found:
            ties[one, other] = many
        frontier = {node for one, other, _ in found for node in (one, other)} - seen
        seen |= frontier
    return ties


def _led(enrolments: set[int], since: datetime) -> dict[int, Led]:
    if not enrolments:
        return {}
    found = rows.query(
        f"SELECT enrolment_id, count(*), count(*) FILTER (WHERE {_GONE}) FROM scoring_trace"
        " WHERE enrolment_id = ANY(%s) AND paid_at >= %s GROUP BY 1",
        [sorted(enrolments), since],
    )
    return {enrolment_id: Led(paid, gone) for enrolment_id, paid, gone in found}
