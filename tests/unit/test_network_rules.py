"""The form's rules against ten lines of plain reading, and their edges."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tuike.kit.errors import Invalid
from tuike.network import rules
from tuike.network.types import Field, FieldKind, NewForm, Rule, RuleTest, Then, Thresholds

FILED = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
"""Half past midnight on 2 March in Shanghai."""
FIELDS = (Field("n", FieldKind.NUMBER, "数"), Field("c", FieldKind.CHOICE, "选", choices=("a", "b"), required=False))
RULE = st.one_of(
    st.tuples(
        st.just("n"), st.sampled_from([RuleTest.AT_LEAST, RuleTest.AT_MOST, RuleTest.IS]), st.integers(0, 5).map(str)
    ),
    st.tuples(st.just("c"), st.sampled_from([RuleTest.IS, RuleTest.IS_NOT]), st.sampled_from("ab")),
)
RULES = st.lists(st.tuples(RULE, st.sampled_from(Then)), max_size=4)


def oracle(form: NewForm, answers: dict, known: Thresholds) -> Then | None:
    for rule in form.rules:
        given, value = answers.get(rule.field), rule.value
        meets = {
            RuleTest.AT_LEAST: lambda g, v: g is not None and g >= int(v),
            RuleTest.AT_MOST: lambda g, v: g is not None and g <= int(v),
            RuleTest.IS: lambda g, v: g is not None and str(g) == v,
            RuleTest.IS_NOT: lambda g, v: g is None or str(g) != v,
        }[rule.test](given, value)
        if meets and rule.then is not Then.ADMIT:
            return rule.then
        if meets:
            form = NewForm(**{name: getattr(form, name) for name in NewForm.__slots__} | {"auto_pass": True})
            break
    if (form.real_name and not known.proven) or known.deposit_fen < form.deposit_fen:
        return None
    if known.purchases_fen < form.purchases_fen:
        return None
    return Then.ADMIT if form.auto_pass else Then.REVIEW


@given(
    said=RULES,
    n=st.integers(0, 5),
    c=st.sampled_from(["a", "b", None]),
    proven=st.booleans(),
    has=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    needs=st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 2), st.booleans()),
)
def test_rules_decide_as_plain_reading_does(*, said, n, c, proven, has, needs):
    form = NewForm(
        needed=True,
        title="申请",
        fields=FIELDS,
        rules=tuple(Rule(*rule, then, "原因") for rule, then in said),
        real_name=needs[0],
        deposit_fen=needs[1],
        purchases_fen=needs[2],
        auto_pass=needs[3],
    )
    answers = {"n": n} | ({"c": c} if c else {})
    known = Thresholds(proven, *has)
    assert rules.form_of(rules.form_as_kept(form)) == form
    verdict = rules.judge(form, answers, known, FILED)
    assert verdict.then is oracle(form, answers, known)
    assert bool(verdict.missing) is (verdict.then is None)


@pytest.mark.parametrize(
    ("born", "years"),
    [("2008-03-02", 18), ("2008-03-03", 17), ("2008-03-01", 18), ("2008-02-29", 18), ("2009-03-02", 17)],
)
def test_years_are_whole_ones_on_the_day_in_shanghai(born, years):
    form = NewForm(needed=True, title="申请", fields=(Field("d", FieldKind.DATE, "生日"),), real_name=False)
    for bound in (years, years + 1):
        rule = Rule("d", RuleTest.YEARS_AT_LEAST, str(bound), Then.REVIEW)
        changed = NewForm(**{name: getattr(form, name) for name in NewForm.__slots__} | {"rules": (rule,)})
        open_ = NewForm(**{name: getattr(changed, name) for name in NewForm.__slots__} | {"auto_pass": True})
        held = rules.judge(open_, {"d": born}, Thresholds(True, 0, 0), FILED).then is Then.REVIEW
        assert held is (bound == years)


def test_the_29th_of_february_is_reached_on_the_first_of_march():
    assert rules._years(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert rules._years(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_answers_are_read_by_their_kind():
    form = NewForm(
        needed=True,
        title="申请",
        fields=(
            Field("t", FieldKind.TEXT, "字", high=3),
            Field("n", FieldKind.NUMBER, "数", low=1, high=9, required=False),
            Field("p", FieldKind.PICTURE, "图", required=False),
        ),
    )
    assert rules.read_answers(form, {"t": " 好 ", "n": 9, "p": ["x1", "x1"]}) == {"t": "好", "n": 9, "p": ["x1"]}
    assert rules.pictures(form, {"t": "好", "p": ["x1"]}) == ["x1"]
    for wrong in (
        {},
        {"t": "好好好好"},
        {"t": "a\nb"},
        {"t": 3},
        {"t": "好", "n": 0},
        {"t": "好", "n": 10},
        {"t": "好", "n": True},
        {"t": "好", "n": "9"},
        {"t": "好", "p": "x"},
        {"t": "好", "p": ["../x"]},
        {"t": "好", "p": ["x"] * 7},
    ):
        with pytest.raises(Invalid):
            rules.read_answers(form, wrong)


def test_the_edge_of_applying_again():
    form = NewForm(needed=True, title="申请", reapply_days=3)
    assert rules.may_apply_from(FILED, form) == FILED + timedelta(days=3)
