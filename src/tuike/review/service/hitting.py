"""What rules hit: kept with what was known, counted by day, and taken up when nobody decided in time."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tuike.db import rows
from tuike.kit.days import day_of
from tuike.review.types import Effect, Hit

_HIT = {
    "subject": "text",
    "object_id": "bigint",
    "version_id": "bigint",
    "merchant_id": "bigint",
    "amount_fen": "bigint",
    "facts": "jsonb",
    "at": "timestamptz",
    "reject_at": "timestamptz",
}
_OVERDUE = """
    WITH due AS (
        SELECT id FROM review_hit WHERE subject = 'commission' AND reject_at <= %s
        ORDER BY reject_at, id LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE review_hit h SET reject_at = NULL FROM due WHERE h.id = due.id RETURNING h.object_id
"""


def keep_hits(*, hits: Sequence[Hit], now: datetime) -> None:
    """Keep what rules held, in the caller's transaction, and count what they hit (docs/rules.md §6).

    What a rule of effect `reject` held is cancelled `reject_days` × 86,400 s later, unless somebody decides before.
    """
    rows.insert("review_hit", _HIT, [_kept(one, now) for one in hits if one.judgement.effect is not Effect.CLEAR])
    counted: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0])
    for one in hits:
        if one.judgement.version_id is not None:
            count = counted[one.judgement.version_id, day_of(now)]
            count[0], count[1] = count[0] + 1, count[1] + one.amount_fen
    rows.insert(
        "review_count",
        {"version_id": "bigint", "day": "date", "hits": "bigint", "amount_fen": "bigint"},
        [(*of, *count) for of, count in sorted(counted.items())],
        suffix="ON CONFLICT (version_id, day) DO UPDATE SET hits = review_count.hits + excluded.hits,"
        " amount_fen = review_count.amount_fen + excluded.amount_fen",
    )


def take_overdue(*, now: datetime, limit: int) -> list[int]:
    """Take up what was to be rejected by now, in the caller's transaction, and return its accruals, each once."""
    return sorted(row[0] for row in rows.query(_OVERDUE, [now, limit]))


def _kept(one: Hit, now: datetime) -> tuple[Any, ...]:
    days = one.judgement.reject_days
    known = {
        feature.value: sorted(value) if isinstance(value, frozenset) else value
        for feature, value in one.facts.features.items()
        if value is not None
    }
    return (
        one.subject.value,
        one.object_id,
        one.judgement.version_id,
        one.merchant_id,
        one.amount_fen,
        json.dumps(known, ensure_ascii=False),
        now,
        now + timedelta(days=days) if days else None,
    )
