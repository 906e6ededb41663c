"""People's rules: numbers in one spelling, edges of sessions, steps of a code."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.people import rules
from tuike.people.types import BadPhone, ScanState, SessionKind

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("(138)00138000", "13800138000"),
        ("+85291234567", "+85291234567"),
        ("0014155552671", "+14155552671"),
    ],
)
def test_phone_has_one_spelling(text, number):
    assert rules.phone_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12800138000",
        "1380013800",
        "138001380000",
        "+8612800138000",
        "+86123",
        "+1",
        "abc",
        "１３８００１３８０００",
        "+0123456789",
        "13800138000\n;",
    ],
)
def test_what_is_no_phone(text):
    with pytest.raises(BadPhone):
        rules.phone_number(text)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+86", "0086", "+86 "]))
def test_a_number_is_found_however_it_is_spelled(number, prefix):
    spelled = rules.phone_number(f"{prefix}{number[:3]} {number[3:7]}-{number[7:]}")
    assert spelled == number
    assert rules.phone_number(spelled) == spelled


@pytest.mark.parametrize(
    ("kind", "rested", "age", "alive"),
    [
        (SessionKind.CONSOLE, timedelta(minutes=30), timedelta(hours=1), True),
        (SessionKind.CONSOLE, timedelta(minutes=30, microseconds=1), timedelta(hours=1), False),
        (SessionKind.CONSOLE, timedelta(0), timedelta(hours=12), True),
        (SessionKind.CONSOLE, timedelta(0), timedelta(hours=12, microseconds=1), False),
        (SessionKind.STOREFRONT, timedelta(days=29), timedelta(days=30), True),
        (SessionKind.STOREFRONT, timedelta(0), timedelta(days=30, microseconds=1), False),
    ],
)
def test_a_session_is_good_up_to_and_at_its_edge(kind, rested, age, alive):
    opened = NOW - age
    expires = opened + rules.LIFETIMES[kind].absolute
    assert rules.session_alive(kind=kind, seen_at=NOW - rested, expires_at=expires, now=NOW) is alive


def test_a_code_is_good_in_its_step_and_the_two_beside():
    at = datetime.fromtimestamp(30 * 1000 + 29, UTC)
    assert rules.totp_steps(at) == (1000, 999, 1001)


@given(st.integers(0, 15 * 60))
def test_minutes_left_are_rounded_up_and_never_none(seconds):
    left = rules.minutes_left(since=NOW, now=NOW + timedelta(seconds=seconds))
    assert left >= 1
    assert left * 60 >= 15 * 60 - seconds


def test_a_scan_goes_one_way():
    assert ScanState.CREATED.exits == {ScanState.SCANNED}
    assert ScanState.SCANNED.exits == {ScanState.CONFIRMED, ScanState.DECLINED}
    assert ScanState.CONFIRMED.exits == {ScanState.USED}
    assert not ScanState.USED.exits
    assert not ScanState.DECLINED.exits
