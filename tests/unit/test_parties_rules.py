"""Parties' rules: roles, the line of recruiters, the alliance's midnights, numbers with check characters."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import parties as make
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid
from tuike.parties import rules
from tuike.parties.types import (
    AllianceAlreadyOpen,
    AllianceNotOpen,
    CycleInLine,
    PartyKind,
    Rail,
    ReasonNeeded,
    Role,
    RoleNotOfKind,
)

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)

GIVEN = {
    PartyKind.MERCHANT: {Role.ADMIN, Role.PRODUCT_MANAGER, Role.FINANCE},
    PartyKind.PROMOTER: {Role.ADMIN},
    PartyKind.LEADER: {Role.ADMIN},
    PartyKind.OPERATOR: {Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR},
}


@pytest.mark.parametrize("kind", list(PartyKind))
@pytest.mark.parametrize("role", list(Role))
def test_roles_that_a_kind_of_party_gives(kind, role):
    if role in GIVEN[kind]:
        rules.check_role(kind, role)
    else:
        with pytest.raises(RoleNotOfKind):
            rules.check_role(kind, role)


def test_a_line_names_the_nearest_first():
    assert rules.line_under(9, 3, [2, 1]) == [3, 2, 1]


@pytest.mark.parametrize(("recruiter", "above"), [(9, []), (3, [9]), (3, [2, 9, 1])])
def test_nobody_stands_above_themselves(recruiter, above):
    with pytest.raises(CycleInLine):
        rules.line_under(9, recruiter, above)


def test_the_alliance_opens_at_the_next_midnight():
    assert rules.opened(opened_from=None, closed_from=None, now=NOW) == (MIDNIGHT, None)
    assert rules.opened(opened_from=None, closed_from=None, now=MIDNIGHT) == (MIDNIGHT + timedelta(days=1), None)


def test_opening_again():
    with pytest.raises(AllianceAlreadyOpen):
        rules.opened(opened_from=MIDNIGHT, closed_from=None, now=NOW)
    long_ago = NOW - timedelta(days=30)
    assert rules.opened(opened_from=long_ago, closed_from=MIDNIGHT, now=NOW) == (long_ago, None)
    assert rules.opened(opened_from=long_ago, closed_from=NOW, now=NOW) == (MIDNIGHT, None)


def test_closing():
    long_ago = NOW - timedelta(days=30)
    assert rules.closed(opened_from=long_ago, closed_from=None, now=NOW) == (long_ago, MIDNIGHT)
    assert rules.closed(opened_from=MIDNIGHT, closed_from=None, now=NOW) == (None, None)
    for opened_from, closed_from in ((None, None), (long_ago, MIDNIGHT), (long_ago, long_ago)):
        with pytest.raises(AllianceNotOpen):
            rules.closed(opened_from=opened_from, closed_from=closed_from, now=NOW)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3 * 86_400)), max_size=12))
def test_the_alliance_is_never_changed_within_a_day_that_has_begun(steps):
    """Whatever is opened and closed when: what holds at an instant that has passed is what held when it passed."""
    opened_from = closed_from = None
    now = NOW
    for opening, seconds in steps:
        now += timedelta(seconds=seconds)
        before = _open_at(opened_from, closed_from, now)
        try:
            verb = rules.opened if opening else rules.closed
            opened_from, closed_from = verb(opened_from=opened_from, closed_from=closed_from, now=now)
        except (AllianceAlreadyOpen, AllianceNotOpen):
            continue
        assert _open_at(opened_from, closed_from, now) == before
        assert _open_at(opened_from, closed_from, next_midnight(now)) is opening


def _open_at(opened_from, closed_from, now):
    return opened_from is not None and opened_from <= now and (closed_from is None or now < closed_from)


def test_identity_numbers():
    assert rules.id_number_ok("11010519491231002X")  # the example of GB 11643-1999
    for wrong in (
        "110105194912310021",
        "11010519491331002X",
        "01010519491231002X",
        "11010519491231002x",
        "",
        "１" * 18,
    ):
        assert not rules.id_number_ok(wrong)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_seen(place, shift):
    right = make.ID_NUMBER
    digit = str((int(right[place]) + shift) % 10)
    assert not rules.id_number_ok(right[:place] + digit + right[place + 1 :])


def test_credit_codes():
    assert rules.credit_code_ok("91350100M000100Y43")  # the example of GB 32100-2015
    for wrong in ("91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", "", "91350100m000100y43"):
        assert not rules.credit_code_ok(wrong)


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_credit_code_is_seen(place, character):
    right = make.LICENCE_NO
    changed = right[:place] + character + right[place + 1 :]
    assert rules.credit_code_ok(changed) is (changed == right)


@pytest.mark.parametrize(
    ("field", "value"),
    [("licence_name", " "), ("legal_person", ""), ("bank", "x" * 61), ("licence_no", "1"), ("bank_account", "12")],
)
def test_an_enterprise_proof_names_the_wrong_field(field, value):
    with pytest.raises(Invalid) as info:
        rules.check_enterprise(dataclasses.replace(make.enterprise(), **{field: value}))
    assert info.value.details["field"] == field


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("id_number", "110105194912310021")])
def test_an_individual_proof_names_the_wrong_field(field, value):
    with pytest.raises(Invalid) as info:
        rules.check_individual(dataclasses.replace(make.individual(), **{field: value}))
    assert info.value.details["field"] == field


@pytest.mark.parametrize(
    ("rail", "text", "number"),
    [(Rail.BANK, "6225 8801 2345 6789", "6225880123456789"), (Rail.WECHAT, "oAbc_def-123", "oAbc_def-123")],
)
def test_account_numbers_in_one_spelling(rail, text, number):
    assert rules.account_number(rail, text) == number


@pytest.mark.parametrize(
    ("rail", "text"),
    [(Rail.BANK, "12345"), (Rail.BANK, "62258801=1+1"), (Rail.BANK, "６２２５８８０１"), (Rail.WECHAT, "a b!")],
)
def test_what_is_no_account_number(rail, text):
    with pytest.raises(Invalid):
        rules.account_number(rail, text)


@pytest.mark.parametrize("text", ["", "   ", "x" * 201])
def test_a_reason_says_something_and_not_too_much(text):
    with pytest.raises(ReasonNeeded):
        rules.reason(text)


@pytest.mark.parametrize("text", ["", " ", "x" * 61, "a\nb"])
def test_names(text):
    with pytest.raises(Invalid):
        rules.name_of_party(text)
    assert rules.name_of_party("  好物小店 ") == "好物小店"


@pytest.mark.parametrize("text", ["", "gh_123", "wx", "WX0123456789ABCDEF", "wx0123456789abcdeｆ"])
def test_what_is_no_appid(text):
    with pytest.raises(Invalid):
        rules.check_appid(text)
