"""How rules judge: the first that holds decides (docs/rules.md §6)."""

from collections.abc import Iterable
from datetime import date

from tuike.review.types import (
    BOUNDS,
    FEATURES,
    MEASURES,
    OF_ACCRUAL,
    Condition,
    Conditions,
    Effect,
    Facts,
    Feature,
    Judgement,
    RuleShown,
    Subject,
)

NOTHING = Judgement()


def judge(facts: Facts, rules: Iterable[RuleShown]) -> Judgement:
    """Return what rules that are in force say of an accrual; `rules` are in their owners' order.

    The operator's first rule that holds decides; where it holds nothing back, the shop's own first rule may.
    """
    clear = NOTHING
    for rule in rules:
        if rule.merchant_id not in (None, facts.merchant_id) or not holds(rule.rule.conditions, facts):
            continue
        said = Judgement(rule.rule.effect, rule.version_id, rule.rule.reject_days)
        if rule.merchant_id is None and clear.version_id is None:
            if said.effect is not Effect.CLEAR:
                return said
            clear = said
        elif rule.merchant_id is not None:
            return said
    return clear


def possible(facts: Facts, rules: Iterable[RuleShown]) -> list[RuleShown]:
    """Return the rules that may hold of some accrual of a sale, in their order: `facts` are the sale's. So a sale's
    accruals, of which there are many, are asked only what differs among them."""
    return [
        rule
        for rule in rules
        if rule.merchant_id in (None, facts.merchant_id)
        and all(
            feature in OF_ACCRUAL or fulfilled(one, facts.features.get(feature))
            for feature, one in rule.rule.conditions.items()
        )
    ]


def asked_again(rules: Iterable[RuleShown]) -> list[RuleShown]:
    """Return the rules that judge once a score is known: those that ask for it, and those that clear, since they shield
    what stands below them; none where none asks."""
    found = [rule for rule in rules if asks_score(rule) or rule.rule.effect is Effect.CLEAR]
    return found if any(map(asks_score, found)) else []


def asks_score(rule: RuleShown) -> bool:
    """Return whether a rule of commission asks for the order's risk score."""
    return Feature.SCORE in rule.rule.conditions


def holds(conditions: Conditions, facts: Facts) -> bool:
    """Return whether every condition holds."""
    return all(fulfilled(one, facts.features.get(feature)) for feature, one in conditions.items())


def in_force(rule: RuleShown, day: date) -> bool:
    """Return whether a rule judges on a natural day."""
    said = rule.rule
    begun = said.first is None or said.first <= day
    return said.enabled and not rule.deleted and begun and (said.last is None or day <= said.last)


def problem(conditions: Conditions, subject: Subject = Subject.COMMISSION) -> Feature | None:
    """Return the first feature whose condition says nothing, can't be met, or isn't known of a subject; None: none."""
    known = FEATURES[subject]
    return next((name for name, one in conditions.items() if name not in known or not _good(name, one)), None)


def fulfilled(one: Condition, value: int | str | frozenset[str] | None) -> bool:
    """Return whether a condition holds of a value; of what is unknown (None) none does."""
    if value is None:
        return False
    if isinstance(value, int):
        return (one.least is None or one.least <= value) and (one.most is None or value <= one.most)
    return not one.among.isdisjoint(value if isinstance(value, frozenset) else (value,))


def _good(feature: Feature, one: Condition) -> bool:
    if feature not in MEASURES:
        return bool(one.among) and one.least is None and one.most is None
    least, most = BOUNDS[feature]
    named = [value for value in (one.least, one.most) if value is not None]
    return bool(named) and not one.among and all(least <= value <= most for value in named) and named == sorted(named)
