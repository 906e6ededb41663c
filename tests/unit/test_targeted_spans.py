"""What a targeted plan gives from when until when: spans of its terms."""

from datetime import UTC, datetime, timedelta

from tuike.plans.rules import spans
from tuike.plans.types import TargetedTerm

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
END = START + 10 * DAY


def term(product: int, bps: int, day: int) -> TargetedTerm:
    return TargetedTerm(product, bps, START + day * DAY)


def test_one_span_where_nothing_changed():
    assert spans([term(1, 2000, 0), term(2, 1500, 0)], begin=START, until=END) == [(START, END, {1: 2000, 2: 1500})]


def test_a_change_ends_one_span_and_begins_the_next_for_its_product_alone():
    terms = [term(1, 2000, 0), term(2, 1500, 0), term(1, 1800, 3)]
    assert spans(terms, begin=START, until=END) == [
        (START, START + 3 * DAY, {1: 2000}),
        (START, END, {2: 1500}),
        (START + 3 * DAY, END, {1: 1800}),
    ]


def test_who_begins_later_gets_what_holds_then():
    terms = [term(1, 2000, 0), term(1, 1800, 3), term(1, 1900, 5)]
    assert spans(terms, begin=START + 4 * DAY, until=END) == [
        (START + 4 * DAY, START + 5 * DAY, {1: 1800}),
        (START + 5 * DAY, END, {1: 1900}),
    ]


def test_of_several_rows_from_one_instant_the_last_counts_and_back_is_no_change():
    terms = [term(1, 2000, 0), term(1, 1800, 3), term(1, 2000, 3)]
    assert spans(terms, begin=START, until=END) == [(START, END, {1: 2000})]


def test_nothing_is_given_for_what_left_and_for_what_comes_only_from_then():
    terms = [term(1, 2000, 0), term(1, 0, 3), term(2, 1500, 3)]
    assert spans(terms, begin=START, until=END) == [
        (START, START + 3 * DAY, {1: 2000}),
        (START + 3 * DAY, END, {2: 1500}),
    ]


def test_nothing_from_the_end_on():
    assert spans([term(1, 2000, 10)], begin=START, until=END) == []
    assert spans([term(1, 2000, 0)], begin=END, until=END) == []
