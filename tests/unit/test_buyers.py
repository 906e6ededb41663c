"""What may be shown of groups: nothing about fewer than ten people, and nothing from which that could be computed."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tuike.buyers import rules
from tuike.buyers.types import LEAST, Counted, Section

MONTH = date(2026, 1, 1)
LATE = date(2027, 11, 1)
sizes = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), min_size=1)


def of(buyers):
    """Return a group whose orders and money follow from its people, so that what says one says the other."""
    return Counted(buyers, buyers, buyers * 100, 0)


def groups(people):
    """Return groups of so many people each."""
    return {key: of(buyers) for key, buyers in people.items()}


@given(sizes)
def test_no_group_of_fewer_than_ten_is_shown_and_none_is_changed(people):
    safe = rules.guarded(groups(people))
    assert safe.keys() == people.keys()
    assert all(one is None or (one == of(people[key]) and one.buyers >= LEAST) for key, one in safe.items())
    if all(buyers >= LEAST for buyers in people.values()):
        assert None not in safe.values()  # nothing is hidden without need


@given(sizes)
def test_what_is_hidden_is_about_ten_people_or_more_and_never_one_group(people):
    hidden = [people[key] for key, one in rules.guarded(groups(people)).items() if one is None]
    if hidden and len(hidden) < len(people):
        assert len(hidden) > 1
        assert max(hidden) >= LEAST


@given(sizes)
def test_what_is_hidden_could_have_been_otherwise(people):
    """For each small group: another business has the same page and another figure there."""
    safe = rules.guarded(groups(people))
    for key, buyers in people.items():
        others = [one for one in people if safe[one] is None and people[one] != buyers]
        if buyers >= LEAST or all(one is None for one in safe.values()):
            continue
        swapped = people | {key: people[others[-1]], others[-1]: buyers}
        assert rules.guarded(groups(swapped)) == safe


def test_the_smallest_that_could_be_shown_is_hidden_with_a_small_one_and_all_of_its_size():
    safe = rules.guarded(groups({"a": 3, "b": 12, "c": 12, "d": 13}))
    assert safe == {"a": None, "b": None, "c": None, "d": of(13)}
    assert rules.guarded(groups({"a": 3, "b": 12}), whole=False) == {"a": None, "b": of(12)}


@st.composite
def businesses(draw):
    """A quarter with all sums that hold within it: new buyers by way and month, cities in provinces."""
    arrivals = draw(st.fixed_dictionaries({"new": st.integers(1, 40), "returning": st.integers(1, 40)}))

    def parts(whole, names):
        cuts = sorted(draw(st.lists(st.integers(0, whole), min_size=len(names) - 1, max_size=len(names) - 1)))
        made = [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]
        return {name: of(one) for name, one in zip(names, made, strict=True) if one}

    whole = sum(arrivals.values())
    provinces = parts(whole, ["110000", "440000", "310000"])
    cities = {}
    for code, one in provinces.items():
        cities |= parts(one.buyers, [f"{code[:2]}0100", f"{code[:2]}0200", f"{code[:2]}0300"])
    return {
        Section.TOTAL: {"": of(whole)},
        Section.ARRIVAL: groups(arrivals),
        Section.WAY: parts(arrivals["new"], ["card", "link", "none"]),
        Section.COHORT: parts(arrivals["new"], ["2026-01", "2026-02", "2026-03"]),
        Section.HOUR: parts(whole, ["08", "09", "10", "11"]),
        Section.PROVINCE: provinces,
        Section.CITY: cities,
    }


def sums(business):
    """Return the sums that hold: (whole, its parts), each a (section, key)."""
    total, new = (Section.TOTAL, ""), (Section.ARRIVAL, "new")
    found = [
        (new if section in rules.UNDER else total, [(section, key) for key in business[section]])
        for section in business
        if section not in (Section.TOTAL, Section.CITY)
    ]
    for province in business[Section.PROVINCE]:
        inside = [(Section.CITY, key) for key in business[Section.CITY] if rules.province_of(key) == province]
        found.append(((Section.PROVINCE, province), inside))
    return found


def computable(business, known):
    """Return the groups that aren't known and yet follow from the sums: by elimination, in fractions."""
    unknown = [(section, key) for section in business for key in business[section] if (section, key) not in known]
    place = {one: n for n, one in enumerate(unknown)}
    lines = []
    for whole, inside in sums(business):
        line = [Fraction(0)] * len(unknown)
        for one, sign in [(whole, -1), *((one, 1) for one in inside)]:
            if one in place:
                line[place[one]] += sign
        lines.append(line)
    done = []
    for column in range(len(unknown)):
        lead = next((line for line in lines if line[column]), None)
        if lead is None:
            continue
        lines.remove(lead)
        lead = [value / lead[column] for value in lead]

        def less(line, lead=lead, column=column):
            return [a - line[column] * b for a, b in zip(line, lead, strict=True)]

        lines = [less(line) for line in lines]
        done = [*(less(line) for line in done), lead]
    return {unknown[next(n for n, v in enumerate(line) if v)] for line in done if sum(map(bool, line)) == 1}


def leaks(business, guard):
    """Return the small groups that a page lets one compute, or shows."""
    if business[Section.TOTAL][""].buyers < LEAST:
        return set()
    page = rules.shown(business, guard=guard)
    known = {(section, one.key) for section, some in page.items() for one in some if one.counted}
    said = known | computable(business, known)
    return {(section, key) for section, key in said if business[section][key].buyers < LEAST}


@given(businesses())
def test_no_small_group_follows_from_all_that_a_page_shows(business):
    assert leaks(business, rules.guarded) == set()


def test_hiding_small_groups_alone_would_let_them_be_computed():
    """The control of the test above: without the second group hidden with it, the small one is what is left."""

    def bare(groups, whole=True):
        return {key: None if one.buyers < LEAST else one for key, one in groups.items()}

    business = {
        Section.TOTAL: {"": of(43)},
        Section.ARRIVAL: groups({"new": 40, "returning": 3}),
        Section.HOUR: groups({"08": 20, "09": 4, "10": 19}),
        Section.WAY: groups({"none": 40}),
        Section.COHORT: groups({"2026-01": 40}),
        Section.PROVINCE: groups({"440000": 43}),
        Section.CITY: groups({"440100": 2, "440300": 41}),
    }
    small = {(Section.ARRIVAL, "returning"), (Section.HOUR, "09"), (Section.CITY, "440100")}
    assert leaks(business, bare) == small
    assert leaks(business, rules.guarded) == set()


def test_parts_of_what_is_hidden_are_not_there():
    page = rules.shown(
        {
            Section.TOTAL: {"": of(53)},
            Section.ARRIVAL: groups({"new": 50, "returning": 3}),
            Section.WAY: groups({"none": 30, "link": 20}),
            Section.COHORT: groups({"2026-01": 50}),
            Section.PROVINCE: groups({"440000": 50, "110000": 3}),
            Section.CITY: groups({"440100": 50, "110100": 3}),
        }
    )
    assert (page[Section.WAY], page[Section.COHORT], page[Section.CITY]) == ([], [], [])


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.integers(10, 30))
def test_a_worth_never_grows_by_what_fewer_than_ten_bought(later, buyers):
    people = [buyers, *later]
    rings = {str(days): of(one) for days, one in zip((30, 90, 180, 365), people, strict=True) if one}
    worth = rules.cohort(month=MONTH, buyers=buyers, rings=rings, through=LATE).worth_yuan
    last = 0
    for n in range(1, 4):
        if worth[n] is not None:
            between = people[last + 1 : n + 1]
            assert sum(between) == 0 or max(between) >= LEAST
            last = n


def test_a_worth_is_said_when_the_last_of_a_months_buyers_had_the_days():
    rings = {"30": of(10)}
    assert rules.cohort(month=MONTH, buyers=10, rings=rings, through=date(2026, 3, 2)).worth_yuan[0] is None
    assert rules.cohort(month=MONTH, buyers=10, rings=rings, through=date(2026, 3, 3)).worth_yuan == (
        1,
        None,
        None,
        None,
    )


def test_quarters_begin_where_the_calendar_says():
    assert rules.quarters(date(2026, 2, 28)) == [
        date(2026, 1, 1), date(2025, 10, 1), date(2025, 7, 1), date(2025, 4, 1), date(2025, 1, 1),
    ]  # fmt: skip
