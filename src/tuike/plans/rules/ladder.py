"""Where a promoter stands on the ladder after a run (docs/rules.md §3). Steps are numbered from the lowest, 0; -1 is
below all of them."""

from collections.abc import Sequence
from datetime import datetime

from tuike.kit.days import exact_days

OFF = -1


def reached(thresholds: Sequence[int], measured: int) -> int:
    """Return the highest step whose threshold is reached; `thresholds` from the lowest step up."""
    return max((i for i, least in enumerate(thresholds) if measured >= least), default=OFF)


def moved(
    *, stands: int, reaches: int, under_since: datetime | None, now: datetime, grace_days: int
) -> tuple[int, datetime | None]:
    """Return the step after a run, and since when the promoter has been under what it takes (None: it isn't).

    Up at once, over as many steps as are reached; down one step a run at most, once the grace is over since the
    promoter fell under its step (the edge counts), and then the grace begins anew for the next step.
    """
    if reaches >= stands:
        return reaches, None
    if under_since is None:
        under_since = now
    if now < exact_days(under_since, grace_days):
        return stands, under_since
    return stands - 1, now if reaches < stands - 1 else None
