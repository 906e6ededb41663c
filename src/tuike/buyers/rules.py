"""What may be shown of counted groups, and when periods begin. Pure; the rule is docs/rules.md §14.

A group of fewer than ten people isn't shown. Where one is hidden in a whole whose sum is known, the smallest group that
could be shown is hidden with it (all of that size, so that no order of theirs tells them apart): what is left of the
whole then is about ten people or more, and about at least two groups.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from tuike.buyers.types import LEAST, QUARTERS, WITHIN, Cohort, Counted, Section, Shown
from tuike.kit.days import next_month

UNDER: Mapping[Section, str] = {
    Section.WAY: "new",
    Section.WAY_DAYS: "new",
    Section.WAY_TOUCHES: "new",
    Section.COHORT: "new",
}
"""Sections that are parts of one group of `Section.ARRIVAL`: they are shown where it is."""
LOOSE = frozenset({Section.TOGETHER})
"""Sections whose groups are no parts of a whole."""


def quarter_of(day: date) -> date:
    """Return the first day of the quarter that a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarters(through: date) -> list[date]:
    """Return the quarters that are counted up to a day, the latest first."""
    found = [quarter_of(through)]
    while len(found) < QUARTERS:
        found.append(quarter_of(found[-1] - timedelta(days=1)))
    return found


def guarded(groups: Mapping[str, Counted], *, whole: bool = True) -> dict[str, Counted | None]:
    """Return each group with what may be shown of it, None for nothing.

    `whole`: the groups are the parts of something whose sum is shown, too.
    """
    hidden = {key for key, one in groups.items() if one.buyers < LEAST}
    if hidden and whole:
        smallest = min((one.buyers for key, one in groups.items() if key not in hidden), default=None)
        hidden |= {key for key, one in groups.items() if one.buyers == smallest}
    return {key: None if key in hidden else one for key, one in groups.items()}


def shown(
    sections: Mapping[Section, Mapping[str, Counted]], *, guard: Callable[..., dict[str, Counted | None]] = guarded
) -> dict[Section, list[Shown]]:
    """Return the sections of a period with what may be shown, groups in the order of their keys.

    Parts of something that isn't shown aren't there at all. Cities are parts of their province. What cohorts bought
    is never shown by itself: see `cohort`.
    """
    safe: dict[Section, dict[str, Counted | None]] = {
        section: guard(groups, whole=section not in LOOSE)
        for section, groups in sections.items()
        if section not in (Section.CITY, Section.WORTH)
    }
    arrivals = safe.get(Section.ARRIVAL, {})
    for section, parent in UNDER.items():
        if section in safe and arrivals.get(parent) is None:
            safe[section] = {}
    provinces = safe.get(Section.PROVINCE, {})
    cities: dict[str, Counted | None] = {}
    for province, inside in _by_province(sections.get(Section.CITY, {})).items():
        if provinces.get(province) is not None:
            cities |= guard(inside)
    safe[Section.CITY] = cities
    return {section: [Shown(key, safe[section][key]) for key in sorted(safe[section])] for section in safe}


def _by_province(cities: Mapping[str, Counted]) -> dict[str, dict[str, Counted]]:
    found: dict[str, dict[str, Counted]] = {}
    for code, one in cities.items():
        found.setdefault(province_of(code), {})[code] = one
    return found


def province_of(city_code: str) -> str:
    """Return the code of the province that a city lies in; "" for none."""
    return f"{city_code[:2]}0000" if city_code else ""


def cohort(*, month: date, buyers: int, rings: Mapping[str, Counted], through: date) -> Cohort:
    """Return a cohort that may be shown with its worth by the days since the first order.

    `rings` are what was bought in the first 30 days, from then on until the 90th, and so on. A worth that grew by what
    fewer than ten people bought isn't shown, nor is any after it until ten people bought in one ring: the worth before
    subtracted from it would be theirs. The fraction of a yuan is dropped.
    """
    ends = next_month(month)
    worth: list[int | None] = []
    net, known = 0, True
    for within in WITHIN:
        ring = rings.get(str(within))
        net += ring.net_fen if ring else 0
        if ring is not None:
            known = ring.buyers >= LEAST
        over = through >= ends + timedelta(days=within)
        worth.append(net // buyers // 100 if known and over else None)
    return Cohort(month, buyers, tuple(worth))


def total_of(groups: Iterable[Counted]) -> Counted | None:
    """Return the one group of `Section.TOTAL`, None where it has fewer than ten people."""
    found: Sequence[Counted] = list(groups)
    return found[0] if found and found[0].buyers >= LEAST else None
