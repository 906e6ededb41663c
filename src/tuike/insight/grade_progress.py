"""How far a promoter is on the ladder: what counts now, what the next step takes, and when a lost step goes."""

from dataclasses import dataclass
from datetime import datetime

from tuike.commission import queries as commission
from tuike.kit.days import exact_days
from tuike.plans import queries as plans
from tuike.plans.types import GradeShown
from tuike.settings import service as settings


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a promoter stands, in fen of settled sales or in orders (`by_orders`) of the last `window_days` days.

    `coming` is its step from the next midnight on. `missing` is what the `next` step still takes (0: it comes with the
    next run), None on the highest. `falls_at`: one step down from the first run after then, to `falls_to` (None: off
    the ladder), unless its own is reached.
    """

    grade: GradeShown | None
    coming: GradeShown | None
    next: GradeShown | None
    by_orders: bool
    window_days: int
    measured: int
    missing: int | None
    falls_at: datetime | None
    falls_to: GradeShown | None


def progress_of(promoter_id: int, *, now: datetime) -> Progress:
    """Return a promoter's progress, measured as the run measures it (docs/rules.md §3)."""
    said = settings.read(["grade_by_orders", "grade_window_days", "grade_grace_days"])
    by_orders = bool(said["grade_by_orders"])
    since = exact_days(now, -said["grade_window_days"])
    found = commission.settled_measures(
        after=promoter_id - 1, until=promoter_id, since=since, now=now, by_orders=by_orders
    )
    measured = found.get(promoter_id, 0)
    standing = plans.standing_of(promoter_id, at=now)
    ladder = plans.ladder()
    above = [one for one in ladder if standing.coming is None or one.rank > standing.coming.rank]
    below = [one for one in ladder if standing.coming is not None and one.rank < standing.coming.rank]
    following = above[0] if above else None
    return Progress(
        grade=standing.now,
        coming=standing.coming,
        next=following,
        by_orders=by_orders,
        window_days=said["grade_window_days"],
        measured=measured,
        missing=max(0, following.threshold(by_orders=by_orders) - measured) if following else None,
        falls_at=exact_days(standing.under_since, said["grade_grace_days"]) if standing.under_since else None,
        falls_to=below[-1] if below else None,
    )
