"""Reading files of orders: amounts to the fen, rows by name, cancellations, and mappings whose faults have lines."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make.imports import HEADER, MAPPING
from tuike.imports import rules
from tuike.imports.rules import Cancel, Reader, Sold
from tuike.imports.types import FileUnreadable, MappingInvalid, Reason, RowKind

TEXT = MAPPING.replace("{promoters}", '"R1"').replace("{top_up}", "1000.00")


def read(text: str = TEXT):
    return rules.read_mapping(text.encode())


def reader(text: str = TEXT) -> Reader:
    return Reader(read(text), HEADER, customer_key=int)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2.10", 2_100_000),
        ("0.001", 1_000),
        ("-53594.36", -53_594_360_000),
        (".5", 500_000),
        ("7", 7_000_000),
        ("7.", 7_000_000),
        ("+1.000001", 1_000_001),
        ("", None),
        ("1e5", None),
        ("1,5", None),
        ("1.0000001", None),
        ("NaN", None),
        ("٣", None),
    ],
)
def test_a_decimal_text_is_read_exactly_or_not_at_all(text, micros):
    assert rules.micros(text) == micros


@pytest.mark.parametrize(
    ("price", "pieces", "rate", "fen"),
    [
        ("2.10", 1, (912_5, 10), 1_916),  # 1916.25
        ("0.10", 1, (912_5, 10), 91),  # 91.25
        ("0.02", 1, (925, 1), 19),  # 18.5: half up
        ("0.01", 1, (50, 1), 1),  # 0.5
        ("0.01", 1, (49, 1), 0),  # 0.49
        ("0.01", 3, (50, 1), 2),  # 1.5, once for the line and not thrice
        ("12.75", 48, (1046, 1), 640_152),
    ],
)
def test_fen_are_rounded_half_up_once_a_line(price, pieces, rate, fen):
    assert rules.fen(rules.micros(price), pieces, rate) == fen


@given(
    price=st.integers(0, 10**12),
    pieces=st.integers(1, 10**6),
    numerator=st.integers(1, 10**6),
    denominator=st.integers(1, 10**6),
)
def test_fen_are_the_nearest_whole_number(price, pieces, numerator, denominator):
    exact = Fraction(price * pieces * numerator, 10**6 * denominator)
    off = rules.fen(price, pieces, (numerator, denominator)) - exact
    assert -Fraction(1, 2) < off <= Fraction(1, 2)


def row(**said: str) -> list[str]:
    values = {"bill": "1", "item": "a1", "name": "Mug", "pieces": "2", "when": "2020-07-01 10:00:00", "each": "1.50"}
    return list({**values, "who": "7", "land": "UK", **said}.values())


def test_a_row_of_goods():
    one = reader().read(2, row())
    assert (one.kind, one.document_no, one.no, one.code, one.title) == (RowKind.GOODS, "1", 1, "A1", "Mug")
    assert (one.quantity, one.price_micros, one.amount_fen, one.customer) == (2, 1_500_000, 2_738, 7)  # 2737.5
    assert one.at == datetime(2020, 7, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (["1", "a1"], Reason.COLUMNS),
        ([*row(), "more"], Reason.COLUMNS),
        (row(bill=""), Reason.UNREADABLE),
        (row(item=" "), Reason.UNREADABLE),
        (row(item="x" * 65), Reason.UNREADABLE),
        (row(name="a\0b"), Reason.UNREADABLE),
        (row(pieces="1.5"), Reason.UNREADABLE),
        (row(each="free"), Reason.UNREADABLE),
        (row(when="yesterday"), Reason.UNREADABLE),
        (row(item="m"), Reason.ADJUSTMENT),
        (row(item="TEST001"), Reason.ADJUSTMENT),
        (row(bill="A9", each="-9", who=""), Reason.ADJUSTMENT),
        (row(who=" "), Reason.NO_CUSTOMER),
        (row(each="0.00"), Reason.PRICE_NOT_POSITIVE),
        (row(each="-1"), Reason.PRICE_NOT_POSITIVE),
        (row(pieces="0"), Reason.NO_QUANTITY),
        (row(pieces="-1"), Reason.NEGATIVE_WITHOUT_CANCELLATION),
        (row(bill="C1", pieces="1"), Reason.CANCELLATION_NOT_NEGATIVE),
        (row(pieces="1000001"), Reason.TOO_LARGE),
        (row(pieces="1000000", each="99999"), Reason.TOO_LARGE),
    ],
)
def test_a_row_is_rejected_by_name(record, reason):
    one = reader().read(9, record)
    assert (one.line, one.kind, one.reason) == (9, RowKind.NOTHING, reason)
    assert reason.sentence("zh-hans") != reason.sentence("en")


def test_lines_of_an_order_are_counted_wherever_they_stand():
    one = reader()
    read_ = [one.read(i, record) for i, record in enumerate([row(), row(bill="2"), row(), row(item="POST"), row()], 2)]
    assert [r.no for r in read_] == [1, 1, 2, None, 3]
    assert read_[3].kind is RowKind.FREIGHT
    assert one.read(8, row(who="8")).reason is Reason.OTHER_CUSTOMER


def test_an_order_has_at_most_two_thousand_lines():
    one = reader()
    for line in range(rules.MAX_LINES):
        assert one.read(line, row()).reason is None
    assert one.read(0, row()).reason is Reason.TOO_MANY_LINES
    assert one.read(0, row(item="POST")).kind is RowKind.FREIGHT


def test_a_cancellation_by_prefix_or_by_its_quantity():
    assert reader().read(2, row(bill="C1", pieces="-3")).kind is RowKind.CANCEL
    assert reader().read(2, row(bill="C1", pieces="-3")).quantity == 3
    bare = reader(TEXT.replace('order_prefixes = ["C"]', "negative_quantity = true"))
    assert bare.read(2, row(pieces="-3")).kind is RowKind.CANCEL
    assert bare.read(2, row(bill="C1")).kind is RowKind.GOODS


def test_a_column_that_is_missing_or_there_twice_is_refused():
    for header in (HEADER[1:], (*HEADER, "bill")):
        with pytest.raises(FileUnreadable):
            Reader(read(), header, customer_key=int)


def test_the_latest_earlier_row_gives_first_and_one_cancellation_may_take_from_several():
    events = [
        ("k", Sold(1, 5, 101)),
        ("k", Sold(2, 3, 100)),
        ("k", Cancel(3, 1)),
        ("k", Cancel(4, 4)),
        ("k", Sold(5, 1, 7)),
        ("k", Cancel(6, 9)),
        ("l", Cancel(7, 1)),
    ]
    found = {one.row_id: (one.parts, one.missing) for one in rules.match(events)}
    assert found == {
        3: (((2, 1, 33),), 0),
        4: (((2, 2, 67), (1, 2, 40)), 0),
        6: (((5, 1, 7), (1, 3, 61)), 5),
        7: ((), 1),
    }


def test_what_an_earlier_file_took_back_is_gone():
    (one,) = rules.match([("k", Sold(1, 3, 100, taken=2)), ("k", Cancel(2, 2))])
    assert (one.parts, one.missing) == (((1, 1, 34),), 1)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6), st.integers(0, 500)), max_size=30))
def test_cancellations_take_back_no_more_than_was_sold_before_them(said):
    events = [
        ("k", Cancel(i, pieces) if cancels else Sold(i, pieces, fen)) for i, (cancels, pieces, fen) in enumerate(said)
    ]
    sold = {i: (pieces, fen) for i, (cancels, pieces, fen) in enumerate(said) if not cancels}
    taken: dict[int, list[int]] = {i: [0, 0] for i in sold}
    standing = 0
    found = {one.row_id: one for one in rules.match(events)}
    for i, (cancels, pieces, _) in enumerate(said):
        if not cancels:
            standing += pieces
            continue
        one = found[i]
        assert one.missing == max(0, pieces - standing)
        assert sum(part[1] for part in one.parts) == pieces - one.missing
        standing -= pieces - one.missing
        for row_id, count, fen in one.parts:
            assert row_id < i
            taken[row_id][0] += count
            taken[row_id][1] += fen
    for i, (pieces, fen) in sold.items():
        assert taken[i][0] <= pieces
        assert taken[i][1] == fen * taken[i][0] // pieces


def test_a_customer_stands_at_the_same_place_on_any_machine():
    assert rules.spread_of("13085", "2009") == rules.spread_of("13085", "2009")
    assert rules.spread_of("13085", "2009") != rules.spread_of("13085", "2010")


def test_a_mapping_says_everything():
    said = read()
    assert (said.rate, said.received_after_days, said.category) == ((912_500_000, 10**6), 7, ("家居", "礼品"))
    assert said.encoding == "utf-8-sig"
    assert said.top_up.amount_fen == 100_000
    assert said.rates.tier_bps == {2: 200}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('rate = "9.125"', "rate = 9.125", "money.rate"),
        ('rate = "9.125"', 'rate = "nine"', "money.rate"),
        ('rate = "9.125"', 'rate = "0"', "money.rate"),
        ('currency = "GBP"', 'currency = "pounds"', "money.currency"),
        ('zone = "Europe/London"', 'zone = "Europe/Nowhere"', "time.zone"),
        ('encoding = "utf-8"', 'encoding = "utf-9"', "file.encoding"),
        ('delimiter = ","', 'delimiter = ";;"', "file.delimiter"),
        ('order = "bill"', 'order = ""', "columns.order"),
        ('order = "bill"', 'bill = "bill"', "columns.bill"),
        ("days_after_paid = 7", "days_after_paid = -1", "received.days_after_paid"),
        ("days_after_paid = 7", "days_after_paid = true", "received.days_after_paid"),
        ("nobody_bps = 0", "nobody_bps = 10001", "claims.nobody_bps"),
        ('promoters = ["R1"]', "promoters = [1]", "claims.promoters"),
        ("default_bps = 1000", "default_bps = 9001", "rates.default_bps"),
        ("default_bps = 1000", "default_bps = 0", "rates.default_bps"),
        ("+08:00\ndefault_bps", "\ndefault_bps", "rates.written_at"),
        ('patterns = ["TEST\\\\d+"]', 'patterns = ["("]', "adjustment.patterns"),
        ('category = "家居/礼品"', 'category = "a/b/c/d"', "catalog.category"),
        ('top_up = "1000.00"', 'top_up = "1000.001"', "prepaid.top_up"),
        ("[freight]", "[shipping]", "shipping"),
        ("[received]\ndays_after_paid = 7", "", "received"),
        ("[money]", "[money", "TOML"),
    ],
)
def test_a_fault_in_a_mapping_is_refused_with_its_line(old, new, key):
    assert TEXT.count(old) == 1
    with pytest.raises(MappingInvalid) as refusal:
        read(TEXT.replace(old, new))
    assert refusal.value.details["key"] == key
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    if new and key not in {"received"}:
        assert refusal.value.details["line"] in {line, line + 1}


def test_a_missing_key_is_refused_at_its_section():
    with pytest.raises(MappingInvalid) as refusal:
        read(TEXT.replace('seed = "t"\n', ""))
    assert refusal.value.details["key"] == "claims.seed"
    assert TEXT.splitlines()[refusal.value.details["line"] - 1] == "[claims]"
