"""Keeping what orders left behind, and scoring them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.kit.days import day_of
from tuike.scoring import queries, rules
from tuike.scoring.queries import COLUMNS, WINDOW
from tuike.scoring.types import HIGH, Limits, Own, Score, Scored, ScoreShown, Standing, Trace, Traffic

_TYPES = {
    "order_no": "text",
    "coupon": "text",
    "placed_at": "timestamptz",
    "paid_at": "timestamptz",
    "refunded_at": "timestamptz",
    "due_at": "timestamptz",
    "settled": "bool",
    "address": "bytea",
    "phone": "bytea",
    "device": "bytea",
    "payer": "bytea",
}
_TRACE = {name: _TYPES.get(name, "bigint") for name in COLUMNS}
_SCORE = {
    "order_no": "text",
    "promoter_id": "bigint",
    "thousandths": "smallint",
    "highest": "smallint",
    "findings": "jsonb",
    "scored_at": "timestamptz",
}
KEPT = timedelta(days=180)
CARTS_KEPT = timedelta(days=30)


def keep_carts(*, carts: Iterable[tuple[str, datetime, datetime]]) -> None:
    """Keep when the goods of placed orders had come into the cart: (order's number, then, placed at)."""
    types = {"order_no": "text", "carted_at": "timestamptz", "placed_at": "timestamptz"}
    rows.insert("scoring_cart", types, carts, suffix="ON CONFLICT DO NOTHING")


def keep(*, traces: Sequence[Trace]) -> None:
    """Keep what paid orders left behind; one that is known stays as it was first seen, but for how it stands."""
    values = ([getattr(one, name) for name in COLUMNS] for one in sorted(traces, key=lambda one: one.order_no))
    rows.insert("scoring_trace", _TRACE, values, suffix="ON CONFLICT DO NOTHING")


def stand(*, standings: Sequence[Standing]) -> None:
    """Keep how orders stand by now; unknown ones are left out. `refunded_at` is the last
    refund's: it is taken where more went back than was known."""
    if not standings:
        return
    rows.run(
        """
        UPDATE scoring_trace t SET refunded_fen = s.refunded_fen, due_at = s.due_at, settled = s.settled,
            refunded_at = CASE WHEN s.refunded_fen > 0 THEN
                CASE WHEN s.refunded_fen > t.refunded_fen THEN s.refunded_at ELSE t.refunded_at END
            END
        FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::bool[])
            AS s (order_no, refunded_fen, refunded_at, due_at, settled)
        WHERE t.order_no = s.order_no
          AND (t.refunded_fen, t.due_at, t.settled) IS DISTINCT FROM (s.refunded_fen, s.due_at, s.settled)
        """,
        [
            [one.order_no for one in standings],
            [one.refunded_fen for one in standings],
            [one.refunded_at for one in standings],
            [one.due_at for one in standings],
            [one.settled for one in standings],
        ],
    )


def count_traffic(*, traffic: Sequence[Traffic]) -> None:
    """Keep places' clicks and landings of natural days; a day counted again is written over."""
    types = {"promoter_id": "bigint", "place_id": "bigint", "day": "date", "clicks": "int", "landings": "int"}
    rows.insert(
        "scoring_traffic",
        types,
        [(one.promoter_id, one.place_id, one.day, one.clicks, one.landings) for one in traffic],
        suffix="ON CONFLICT (promoter_id, place_id, day) DO UPDATE"
        " SET clicks = excluded.clicks, landings = excluded.landings",
    )


def renew_limits(*, now: datetime) -> Limits:
    """Count anew what is usual among promoters, and return the limits that hold from now on (docs/rules.md §11)."""
    day = day_of(now)
    limits = rules.limits_of(queries.shares(since=now - WINDOW, day=day))
    rows.insert(
        "scoring_limits",
        {"day": "date", "landing_bps": "int", "late_bps": "int", "gone_bps": "int", "cart_bps": "int"},
        [(day, limits.landing_bps, limits.late_bps, limits.gone_bps, limits.cart_bps)],
        suffix="ON CONFLICT (day) DO UPDATE SET landing_bps = excluded.landing_bps, late_bps = excluded.late_bps,"
        " gone_bps = excluded.gone_bps, cart_bps = excluded.cart_bps",
    )
    return limits


def score(*, owns: Mapping[int, Own], now: datetime) -> list[Scored]:
    """Score the open orders of promoters, and return those whose findings changed or that stand above 0.

    `owns` says of each promoter who it is. What has settled is looked at beside them and keeps its score.
    """
    day = day_of(now)
    limits = queries.limits_at(day)
    judged: dict[str, tuple[int, Score]] = {}
    for book in queries.books_of(owns, now=now, day=day):
        scores = rules.judge(book, limits)
        judged |= {one.order_no: (book.promoter_id, scores[one.order_no]) for one in book.traces if not one.settled}
    before = queries.scores_of(judged)
    changed = [
        (no, promoter_id, one)
        for no, (promoter_id, one) in sorted(judged.items())
        if no not in before or before[no].findings != one.findings
    ]
    rows.insert(
        "scoring_score",
        _SCORE,
        [(no, id_, one.thousandths, one.thousandths, _kept(one), now) for no, id_, one in changed],
        suffix="ON CONFLICT (order_no) DO UPDATE SET thousandths = excluded.thousandths, findings = excluded.findings,"
        " highest = greatest(scoring_score.highest, excluded.highest), scored_at = excluded.scored_at",
    )
    anew = {no: _scored(ScoreShown(no, id_, one.thousandths, 0, one.findings, now), before) for no, id_, one in changed}
    as_before = [Scored(one, changed=False, risen=False) for no, one in before.items() if no not in anew]
    return [*anew.values(), *(one for one in as_before if one.shown.thousandths)]


def forget(*, now: datetime) -> int:
    """Remove what orders left behind half a year ago, and carts nobody paid for a month; scores stay. Return how many
    rows went."""
    return (
        rows.run("DELETE FROM scoring_cart WHERE placed_at < %s", [now - CARTS_KEPT])
        + rows.run("DELETE FROM scoring_trace WHERE paid_at < %s", [now - KEPT])
        + rows.run("DELETE FROM scoring_traffic WHERE day < %s", [day_of(now - KEPT)])
    )


def _scored(one: ScoreShown, before: Mapping[str, ScoreShown]) -> Scored:
    was = before[one.order_no].highest if one.order_no in before else 0
    shown = replace(one, highest=max(was, one.thousandths))
    return Scored(shown, changed=True, risen=one.thousandths >= HIGH > was)


def _kept(one: Score) -> str:
    return json.dumps([asdict(found) for found in one.findings])
