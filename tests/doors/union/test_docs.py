"""The document says what the door does."""

import re

from tools.union_table import DOCUMENT, written
from tuike.doors.union.refusing import BUSY, ERRCODES, OWN_FIRST, OWN_SPAN, errcode


def test_the_table_of_calls_is_that_of_the_registry():
    text = DOCUMENT.read_text()
    assert text == written(text), "run tools/union_table.py"


def test_every_number_of_wechats_is_in_the_table_of_errors():
    text = DOCUMENT.read_text().partition("## Errors")[2].partition("## Choices")[0]
    named = {int(number) for number in re.findall(r"(?<!\d)-?\d+(?!\d)", text.replace("–", " "))}
    assert {BUSY, *ERRCODES.values()} <= named
    assert {OWN_FIRST, OWN_FIRST + OWN_SPAN - 1} <= named


def test_numbers_of_our_own_are_as_they_are_told():
    text = DOCUMENT.read_text()
    told = {code: int(number) for code, number in re.findall(r"`([a-z_]+)` (9\d{6})", text)}
    assert len(told) >= 7
    assert told == {code: errcode(code) for code in told}
