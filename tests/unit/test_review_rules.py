"""Which rule decides: tables of single conditions and orders, and every other choice against brute force."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.review import rules
from tuike.review.types import (
    BOUNDS,
    FEATURES,
    Condition,
    Effect,
    Facts,
    Feature,
    Judgement,
    NewRule,
    RuleShown,
    Subject,
)

SHOP = 7
AT = datetime(2026, 5, 1, tzinfo=UTC)
DAY = date(2026, 5, 20)


def rule(id_: int, effect: Effect, conditions: dict, *, shop: int | None = None, **changes: object) -> RuleShown:
    days = 3 if effect is Effect.REJECT else None
    said = NewRule(f"规则{id_}", effect, conditions, days, **changes)  # type: ignore[arg-type]
    return RuleShown(id_, f"RR{id_}", shop, 100 + id_, 1, id_, said, AT, None, deleted=False)


def known(**features: object) -> Facts:
    return Facts(SHOP, {Feature[name]: value for name, value in features.items()})  # type: ignore[misc]


@pytest.mark.parametrize(
    ("condition", "value", "held"),
    [
        (Condition(least=500), 500, True),
        (Condition(least=500), 499, False),
        (Condition(most=500), 500, True),
        (Condition(most=500), 501, False),
        (Condition(least=400, most=500), 450, True),
        (Condition(least=400, most=500), 399, False),
        (Condition(least=0), None, False),
        (Condition(among=frozenset({"direct"})), "direct", True),
        (Condition(among=frozenset({"direct"})), "tier2", False),
        (Condition(among=frozenset({"3"})), frozenset({"1", "3"}), True),
        (Condition(among=frozenset({"3"})), frozenset({"1", "2"}), False),
        (Condition(among=frozenset({"3"})), frozenset(), False),
        (Condition(among=frozenset({"3"})), None, False),
    ],
)
def test_a_condition_holds_at_its_edges(condition, value, held):
    assert rules.holds({Feature.SCORE: condition}, Facts(SHOP, {Feature.SCORE: value})) is held


def test_all_conditions_of_a_rule_must_hold():
    both = {Feature.COMMISSION: Condition(least=500), Feature.AGE: Condition(most=7)}
    assert rules.holds(both, known(COMMISSION=500, AGE=7))
    assert not rules.holds(both, known(COMMISSION=500, AGE=8))
    assert not rules.holds(both, known(COMMISSION=499, AGE=7))


BIG = {Feature.COMMISSION: Condition(least=500)}
SMALL = {Feature.COMMISSION: Condition(most=499)}
CLEAR, HOLD, REJECT = Effect


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ([], Judgement()),
        ([rule(1, HOLD, SMALL)], Judgement()),
        ([rule(1, HOLD, BIG), rule(2, REJECT, BIG)], Judgement(HOLD, 101)),
        ([rule(1, HOLD, SMALL), rule(2, REJECT, BIG)], Judgement(REJECT, 102, 3)),
        ([rule(1, CLEAR, BIG), rule(2, REJECT, BIG)], Judgement(CLEAR, 101)),
        ([rule(1, CLEAR, BIG), rule(2, HOLD, BIG, shop=SHOP)], Judgement(HOLD, 102)),
        ([rule(1, HOLD, BIG), rule(2, HOLD, BIG, shop=SHOP)], Judgement(HOLD, 101)),
        ([rule(2, HOLD, BIG, shop=SHOP + 1)], Judgement()),
    ],
)
def test_the_operators_first_rule_decides_and_a_shop_may_only_be_stricter(of, said):
    assert rules.judge(known(COMMISSION=500), of) == said


@pytest.mark.parametrize(
    ("changes", "judges"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"first": DAY}, True),
        ({"first": DAY + timedelta(days=1)}, False),
        ({"last": DAY}, True),
        ({"last": DAY - timedelta(days=1)}, False),
    ],
)
def test_a_rule_judges_on_its_days(changes, judges):
    assert rules.in_force(rule(1, HOLD, BIG, **changes), DAY) is judges


def test_a_deleted_rule_judges_nothing():
    one = rule(1, HOLD, BIG)
    gone = RuleShown(1, "RR1", None, 101, 1, 1, one.rule, AT, None, deleted=True)
    assert not rules.in_force(gone, DAY)


@pytest.mark.parametrize(
    ("feature", "condition"),
    [
        (Feature.COMMISSION, Condition()),
        (Feature.COMMISSION, Condition(least=-1)),
        (Feature.COMMISSION, Condition(least=5, most=4)),
        (Feature.COMMISSION, Condition(among=frozenset({"1"}))),
        (Feature.REFUND_RATE, Condition(least=10_001)),
        (Feature.LINES_HOUR, Condition(least=0)),
        (Feature.SCORE, Condition(most=1001)),
        (Feature.ROLE, Condition()),
        (Feature.ROLE, Condition(least=1)),
        (Feature.GRADE, Condition(least=1, among=frozenset({"1"}))),
    ],
)
def test_a_condition_that_says_nothing_good_is_named(feature, condition):
    assert rules.problem({Feature.SOURCE: Condition(among=frozenset({"mini_store"})), feature: condition}) is feature


def test_bounds_themselves_are_good():
    for subject, features in FEATURES.items():
        for feature in set(features) & set(BOUNDS):
            least, most = BOUNDS[feature]
            assert rules.problem({feature: Condition(least=least, most=most)}, subject) is None
            (other,) = set(Subject) - {subject}
            assert rules.problem({feature: Condition(least=least)}, other) is feature


measures = st.dictionaries(
    st.sampled_from([Feature.COMMISSION, Feature.AGE, Feature.SCORE]),
    st.builds(Condition, least=st.none() | st.integers(0, 4), most=st.none() | st.integers(0, 4)),
    min_size=1,
)
orders = st.lists(st.tuples(st.sampled_from(Effect), measures, st.sampled_from([None, SHOP, SHOP + 1])), max_size=6)


@given(
    st.dictionaries(st.sampled_from([Feature.COMMISSION, Feature.AGE, Feature.SCORE]), st.none() | st.integers(0, 4)),
    orders,
)
def test_judging_equals_looking_at_all_rules_that_hold(features, said):
    made = [rule(n, HOLD if shop else effect, of, shop=shop) for n, (effect, of, shop) in enumerate(said)]
    made.sort(key=lambda one: one.merchant_id is not None)  # as queries give them: the operator's first
    facts = Facts(SHOP, features)

    def true(one: RuleShown) -> bool:
        return all(
            features.get(name) is not None
            and (of.least is None or features[name] >= of.least)
            and (of.most is None or features[name] <= of.most)
            for name, of in one.rule.conditions.items()
        )

    ours = [one for one in made if one.merchant_id is None and true(one)]
    theirs = [one for one in made if one.merchant_id == SHOP and true(one)]
    stops = bool(ours) and ours[0].rule.effect is not Effect.CLEAR
    wanted = ours[0] if stops else next(iter(theirs or ours), None)
    judged = rules.judge(facts, made)
    assert judged.version_id == (wanted.version_id if wanted else None)
    assert judged.effect is (wanted.rule.effect if wanted else Effect.CLEAR)


@given(
    st.fixed_dictionaries({one: st.integers(0, 4) for one in (Feature.COMMISSION, Feature.AGE, Feature.SCORE)}), orders
)
def test_judged_again_holds_what_all_rules_would_have_held_had_the_score_been_known(features, said):
    made = [rule(n, HOLD if shop else effect, of, shop=shop) for n, (effect, of, shop) in enumerate(said)]
    made.sort(key=lambda one: one.merchant_id is not None)
    booked = rules.judge(Facts(SHOP, features | {Feature.SCORE: None}), made)
    again, known_then = (
        rules.judge(Facts(SHOP, features), rules.asked_again(made)),
        rules.judge(Facts(SHOP, features), made),
    )
    if booked.effect is Effect.CLEAR:
        assert (again.effect is Effect.CLEAR) is (known_then.effect is Effect.CLEAR)
    if again.effect is not Effect.CLEAR:
        asking = {one.version_id for one in made if rules.asks_score(one)}
        assert again.version_id in asking, "who doesn't ask for a score has spoken before"


def test_judged_again_asks_nobody_where_nobody_asks_for_a_score():
    plain = [
        rule(1, Effect.CLEAR, {Feature.AGE: Condition(least=1)}),
        rule(2, HOLD, {Feature.PAID: Condition(least=1)}),
    ]
    assert rules.asked_again(plain) == []
    risky = rule(3, HOLD, {Feature.SCORE: Condition(least=600)})
    assert rules.asked_again([*plain, risky]) == [plain[0], risky]
