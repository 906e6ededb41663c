"""The operator's tiers for shops without their own: what holds, what comes, and how many shops have set their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tuike.db import rows
from tuike.kit.days import next_midnight


@dataclass(frozen=True, slots=True)
class OverallTiers:
    """Rates by tier now and from the next midnight on (missing: nothing); shops with a row of their own by tier."""

    now: Mapping[int, int]
    then: Mapping[int, int]
    own: Mapping[int, int]
    last_from: datetime | None


def overall_tiers(*, at: datetime) -> OverallTiers:
    """Return the overall tiers as they hold at `at` and from the next midnight on (docs/rules.md §3)."""
    found = rows.query(
        "SELECT split_part(scope, ':', 3)::int, rate_bps, valid @> %(at)s::timestamptz,"
        " valid @> %(then)s::timestamptz, lower(valid) FROM plans_rate"
        " WHERE layer = 'tier' AND merchant_id IS NULL AND valid && tstzrange(%(at)s, NULL) ORDER BY lower(valid)",
        {"at": at, "then": next_midnight(at)},
    )
    own = rows.query(
        "SELECT split_part(scope, ':', 3)::int, count(*) FROM plans_rate"
        " WHERE layer = 'tier' AND merchant_id IS NOT NULL AND valid @> %s::timestamptz GROUP BY 1",
        [at],
    )
    return OverallTiers(
        now={tier: rate for tier, rate, holds, _, _ in found if holds},
        then={tier: rate for tier, rate, _, holds, _ in found if holds},
        own=dict(own),
        last_from=found[-1][4] if found else None,
    )
