"""Reading what may be shown of one owner's buyers."""

from datetime import date

from tuike.buyers import rules
from tuike.buyers.types import Cohort, Counted, Profile, Section
from tuike.db import rows

_EVERY_PERIOD = (Section.TOTAL, Section.ARRIVAL, Section.COHORT, Section.WORTH)
Sections = dict[Section, dict[str, Counted]]


def profile(*, owner_id: int, period: date | None = None) -> Profile | None:
    """Return what may be shown of an owner's buyers (a shop's; `EVERYBODY`: all) in a quarter (docs/rules.md §14).

    Without `period`: the latest quarter of which something may be shown, else the running one. None where nothing has
    been counted yet, or where `period` is none of those that are counted.
    """
    edition = rows.planned("SELECT through, counted_at FROM buyers_edition WHERE id = %s", [1])
    if not edition:
        return None
    through, counted_at = edition[0]
    periods = rules.quarters(through)
    if period is not None and period not in periods:
        return None
    counted = _counted(owner_id, period)
    if period is None:
        period = next((one for one in periods if rules.total_of(_total(counted, one)) is not None), periods[0])
    sections = counted.get(period, {})
    total = rules.total_of(_total(counted, period))
    return Profile(
        through=through,
        counted_at=counted_at,
        periods=periods,
        period=period,
        total=total,
        sections=rules.shown(sections) if total else {},
        cohorts=_cohorts(counted, through) if total else (),
    )


def _total(counted: dict[date, Sections], period: date) -> list[Counted]:
    return list(counted.get(period, {}).get(Section.TOTAL, {}).values())


def _counted(owner_id: int, period: date | None) -> dict[date, Sections]:
    """Return period → section → key → what was counted: all of a period (None: of all), of the others what cohorts
    need."""
    found = rows.planned(
        "SELECT period, section, key, buyers, orders, paid_fen, refunded_fen FROM buyers_group"
        " WHERE owner_id = %s AND (%s::date IS NULL OR period = %s::date OR section = ANY(%s))",
        [owner_id, period, period, [one.value for one in _EVERY_PERIOD]],
    )
    made: dict[date, Sections] = {}
    for at, section, key, *figures in found:
        made.setdefault(at, {}).setdefault(Section(section), {})[key] = Counted(*figures)
    return made


def _cohorts(counted: dict[date, Sections], through: date) -> list[Cohort]:
    """Return the cohorts by month, the latest first; months that are parts of a hidden group of new buyers aren't
    there."""
    made = []
    for sections in counted.values():
        months = rules.shown({name: sections.get(name, {}) for name in (Section.ARRIVAL, Section.COHORT)})
        for one in months[Section.COHORT]:
            month = date.fromisoformat(f"{one.key}-01")
            if one.counted is None:
                made.append(Cohort(month, None))
                continue
            worth = sections.get(Section.WORTH, {})
            rings = {key.partition("/")[2]: ring for key, ring in worth.items() if key.startswith(one.key)}
            made.append(rules.cohort(month=month, buyers=one.counted.buyers, rings=rings, through=through))
    return sorted(made, key=lambda one: one.month, reverse=True)
