"""Each refusal has one number, which stays what it is."""

from collections import defaultdict

from tests.architecture.test_house import refusals
from tuike.doors.union.refusing import ERRCODES, OWN_FIRST, OWN_SPAN, errcode


def test_numbers_of_our_own_are_of_one_code_each():
    codes = {one.code for one in refusals()} - ERRCODES.keys()
    by_number = defaultdict(set)
    for code in codes:
        by_number[errcode(code)].add(code)
    assert [both for both in by_number.values() if len(both) > 1] == []
    assert all(OWN_FIRST <= number < OWN_FIRST + OWN_SPAN for number in by_number)


def test_wechats_numbers_are_of_codes_that_exist():
    assert ERRCODES.keys() <= {one.code for one in refusals()}
