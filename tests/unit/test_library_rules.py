"""What the library's index decides from values alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tuike.kit import grams
from tuike.library import rules
from tuike.library.types import FOREVER, ItemRow, Range, Standing, Wanted

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MIDNIGHT = NOW + timedelta(hours=12)


def standing(rate_bps=500):
    return Standing(1, "mini_store", (1,), "茶", 1000, rate_bps, rate_bps // 10, False, NOW)


def test_grams_are_characters_and_neighbours_within_a_word():
    assert grams.grams("保温杯 a1") == sorted(["保", "温", "杯", "保温", "温杯", "a", "1", "a1"])
    assert grams.grams("") == []


def test_words_have_one_width_and_one_case():
    assert grams.normal("  ＩＰＨＯＮＥ　１５ Pro\n壳 ") == "iphone 15 pro 壳"


@given(st.text(alphabet="茶杯ab ", max_size=12), st.text(alphabet="茶杯ab", min_size=1, max_size=4))
def test_needed_grams_are_had_by_all_words_that_hold_the_term(words, term):
    words = grams.normal(words + term + words)
    assert set(grams.needed([term])) <= set(grams.grams(words))


@given(
    st.integers(1, 10**7),
    st.integers(1, 9000),
    st.tuples(*[st.none() | st.integers(0, 10**6)] * 4),
    st.tuples(*[st.none() | st.integers(1, 9000)] * 2),
)
def test_what_is_implied_loses_nothing(price_fen, rate_bps, bounds, rate_bounds):
    """A product that is within what is wanted is within what is implied."""
    earned = rules.commission(price_fen, rate_bps)
    wanted = Wanted(price_fen=Range(*bounds[:2]), commission_fen=Range(*bounds[2:]), rate_bps=Range(*rate_bounds))

    def within(value, bound):
        return (bound.low is None or value >= bound.low) and (bound.high is None or value <= bound.high)

    def matches(one):
        return (
            within(price_fen, one.price_fen) and within(earned, one.commission_fen) and within(rate_bps, one.rate_bps)
        )

    implied = rules.implied(wanted, Range(max(1, rate_bps - 7), rate_bps + 7))
    assert matches(implied) is matches(wanted)


def test_what_is_implied_narrows():
    wanted = Wanted(price_fen=Range(10_000, 20_000))
    assert rules.implied(wanted, Range(500, 3_000)).commission_fen == Range(500, 6_000)
    assert rules.implied(Wanted(commission_fen=Range(600, None)), Range(500, 3_000)).price_fen == Range(2_000, None)


def test_periods_join_where_nothing_changes():
    same = rules.periods(1, NOW, MIDNIGHT, standing(), standing())
    assert same == [ItemRow(1, NOW, FOREVER, standing())]
    assert rules.periods(1, NOW, MIDNIGHT, None, None) == []
    assert [r.begins for r in rules.periods(1, NOW, MIDNIGHT, standing(), standing(600))] == [NOW, MIDNIGHT]
    assert [r.begins for r in rules.periods(1, NOW, MIDNIGHT, None, standing())] == [MIDNIGHT]
    assert [r.ends for r in rules.periods(1, NOW, MIDNIGHT, standing(), None)] == [MIDNIGHT]


def test_changes_keep_rows_that_say_the_same():
    stored = {7: ItemRow(1, NOW - timedelta(days=3), FOREVER, standing())}
    assert rules.changes(stored, rules.periods(1, NOW, MIDNIGHT, standing(), standing()), NOW) == ([], {}, [])
    gone, ends, added = rules.changes(stored, rules.periods(1, NOW, MIDNIGHT, standing(), standing(600)), NOW)
    assert (gone, ends, [row.begins for row in added]) == ([], {7: MIDNIGHT}, [MIDNIGHT])
    gone, ends, added = rules.changes(stored, [], NOW)
    assert (gone, ends, added) == ([7], {}, [])
    ahead = {8: ItemRow(1, MIDNIGHT, FOREVER, standing(600))}
    gone, _, added = rules.changes(ahead, rules.periods(1, NOW, MIDNIGHT, standing(), standing(600)), NOW)
    assert (gone, [row.begins for row in added]) == ([], [NOW])


def test_page_marks_are_read_back():
    assert rules.read_mark(rules.page_mark(-5, 9, back=True)) == (-5, 9, True)
    assert rules.read_mark(rules.page_mark(1_700_000_000_000_000, 9, back=False)) == (1_700_000_000_000_000, 9, False)
