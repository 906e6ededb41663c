"""The ladder as tables: up at once, down one step a run after the grace, the edges to the second."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.plans import rules

NOW = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("measured", "step"),
    [(0, rules.OFF), (99, rules.OFF), (100, 0), (499, 0), (500, 1), (501, 1), (10_000, 2)],
)
def test_the_highest_step_that_is_reached_counts(measured, step):
    assert rules.reached([100, 500, 1_000], measured) == step


@pytest.mark.parametrize(
    ("stands", "reaches", "since", "step", "under"),
    [
        (rules.OFF, rules.OFF, None, rules.OFF, None),
        (rules.OFF, 2, None, 2, None),  # up over all steps at once
        (1, 1, NOW - 40 * DAY, 1, None),  # it reached its step again: the grace is forgotten
        (2, 1, None, 2, NOW),  # the first run that finds it under begins the grace
        (2, 1, NOW - 30 * DAY + SECOND, 2, NOW - 30 * DAY + SECOND),
        (2, 1, NOW - 30 * DAY, 1, None),  # the edge counts
        (2, rules.OFF, NOW - 30 * DAY - SECOND, 1, NOW),  # one step a run, and a new grace for the next
        (0, rules.OFF, NOW - 31 * DAY, rules.OFF, None),
    ],
)
def test_a_step_up_is_at_once_and_a_step_down_after_the_grace(stands, reaches, since, step, under):
    found = rules.moved(stands=stands, reaches=reaches, under_since=since, now=NOW, grace_days=30)
    assert found == (step, under)


def test_without_grace_a_step_goes_with_the_run_that_finds_it_lost():
    assert rules.moved(stands=2, reaches=0, under_since=None, now=NOW, grace_days=0) == (1, NOW)


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=120), st.integers(0, 10), st.integers(-1, 3))
def test_day_by_day_it_is_what_counting_days_says(reaches, grace, begin):
    """The oracle counts the runs since the last one at which the step was reached or changed."""
    step, since = begin, None
    stands, waited = begin, None
    for day, reached in enumerate(reaches):
        step, since = rules.moved(
            stands=step, reaches=reached, under_since=since, now=NOW + day * DAY, grace_days=grace
        )
        if reached >= stands:
            stands, waited = reached, None
        else:
            waited = 0 if waited is None else waited + 1
            if waited >= grace:
                stands -= 1
                waited = 0 if reached < stands else None
        assert step == stands
