"""What is typed into the form of a review rule, and a rule as the form shows it."""

import re
from datetime import date
from typing import Any

from tuike.doors.console.merchant import reading
from tuike.insight.explain.types import Words
from tuike.insight.review_words import FEATURES
from tuike.kit.errors import Invalid
from tuike.kit.money import plain_yuan
from tuike.review.types import FEATURES as FEATURES_OF
from tuike.review.types import MEASURES, Condition, Conditions, Effect, Feature, NewRule, Subject

_YUAN = frozenset({Feature.COMMISSION, Feature.PAID, Feature.AMOUNT, Feature.OWED, Feature.HELD})
_UNITS = {
    **dict.fromkeys(_YUAN, Words("元", "yuan")),
    Feature.AGE: Words("天", "days"),
    Feature.REFUND_RATE: Words("%", "%"),
    Feature.LINES_HOUR: Words("笔", "lines"),
    Feature.LINES_DAY: Words("笔", "lines"),
    Feature.SCORE: Words("分（0–1000）", "of 1,000"),
    Feature.PARTY_SCORE: Words("分（0–1000）", "of 1,000"),
    Feature.PARTY_DAYS: Words("天", "days"),
    Feature.ACCOUNT_DAYS: Words("天", "days"),
    Feature.PAID_BEFORE: Words("次", "times"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Typed = dict[str, Any]


def subject_of(request: Any) -> Subject:
    """Return what the rule that is made judges, by the address."""
    return Subject.WITHDRAWAL if request.GET.get("of") == Subject.WITHDRAWAL.value else Subject.COMMISSION


def read(request: Any, subject: Subject, *, effect: Effect | None = None) -> NewRule:
    """Return the rule that was typed; `effect` is what a shop's rule, or one of withdrawals, always does.

    Raises:
        Invalid: a field that can't be read.
    """
    post = request.POST
    try:
        effect = effect or Effect(post.get("effect", ""))
    except ValueError as error:
        raise Invalid(field="effect", reason_zh="请选择命中后如何处理", reason_en="choose what it does") from error
    days = reading.whole(post.get("reject_days", ""), field="reject_days") if effect is Effect.REJECT else None
    return NewRule(
        name=post.get("name", ""),
        effect=effect,
        conditions=conditions(request, subject),
        reject_days=days,
        first=_day(post.get("first", ""), "first"),
        last=_day(post.get("last", ""), "last"),
        enabled=post.get("enabled") == "1",
        subject=subject,
    )


def conditions(request: Any, subject: Subject) -> Conditions:
    """Return the conditions that were typed; what is left empty is none.

    Raises:
        Invalid: a value that can't be read (field: its feature).
    """
    found = {}
    for feature in FEATURES_OF[subject]:
        if feature in MEASURES:
            least, most = (_size(feature, request.POST.get(f"{feature.value}_{end}", "")) for end in ("least", "most"))
            if least is not None or most is not None:
                found[feature] = Condition(least, most)
        elif among := [one for one in request.POST.getlist(feature.value) if one]:
            found[feature] = Condition(among=frozenset(among))
    return found


def typed(request: Any) -> Typed:
    """Return what was typed, as the form shows it again."""
    post = request.POST
    said: Typed = {name: post.get(name, "") for name in ("name", "effect", "reject_days", "first", "last", "seen")}
    said["enabled"] = post.get("enabled") == "1"
    for feature in Feature:
        if feature in MEASURES:
            said |= {f"{feature.value}_{end}": post.get(f"{feature.value}_{end}", "") for end in ("least", "most")}
        else:
            said[feature.value] = post.getlist(feature.value)
    return said


def of_rule(rule: NewRule, version: int) -> Typed:
    """Return a rule as the form shows it."""
    said: Typed = {
        "name": rule.name,
        "effect": rule.effect.value,
        "reject_days": rule.reject_days or "",
        "first": rule.first.isoformat() if rule.first else "",
        "last": rule.last.isoformat() if rule.last else "",
        "enabled": rule.enabled,
        "seen": version,
    }
    for feature, one in rule.conditions.items():
        if feature in MEASURES:
            said |= {f"{feature.value}_least": _shown(feature, one.least)}
            said |= {f"{feature.value}_most": _shown(feature, one.most)}
        else:
            said[feature.value] = sorted(one.among)
    return said


def measures(said: Typed, subject: Subject, errors: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the form's conditions that are compared by size."""
    return [
        {
            "name": feature.value,
            "words": FEATURES[feature],
            "unit": _UNITS[feature],
            "least": said.get(f"{feature.value}_least", ""),
            "most": said.get(f"{feature.value}_most", ""),
            "error": errors.get(feature.value, ""),
        }
        for feature in FEATURES_OF[subject]
        if feature in MEASURES
    ]


def _size(feature: Feature, text: str) -> int | None:
    if not text.strip():
        return None
    if feature in _YUAN:
        return reading.fen(text, field=feature.value)
    if feature is Feature.REFUND_RATE:
        return reading.bps(text, field=feature.value)
    return reading.whole(text, field=feature.value)


def _shown(feature: Feature, value: int | None) -> str:
    if value is None:
        return ""
    return plain_yuan(value) if feature in _YUAN or feature is Feature.REFUND_RATE else str(value)


def _day(text: str, field: str) -> date | None:
    bare = text.strip()
    if not bare:
        return None
    try:
        if not _DAY.fullmatch(bare):
            raise ValueError(bare)
        return date.fromisoformat(bare)
    except ValueError as error:
        raise Invalid(field=field, reason_zh="请选择日期", reason_en="choose a day") from error
