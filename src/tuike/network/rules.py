"""Decisions about who comes into the network, computable from values (docs/rules.md §1)."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from tuike.kit.days import day_of
from tuike.kit.errors import Invalid
from tuike.kit.money import MAX_FEN
from tuike.network.types import Field, FieldKind, NewForm, Rule, RuleTest, Then, Thresholds, TiersWithThreshold, Verdict

MOST_FIELDS = 20
MOST_RULES = 20
MOST_CHOICES = 20
LONGEST_TEXT = 500
MOST_PICTURES = 6
REFUNDABLE = timedelta(days=365)
"""How long a payment can go back through its channel; after that a deposit is given back by hand (docs/rules.md §5)."""
TO_PAY = timedelta(hours=2)
"""How long a deposit's payment may take."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
_TESTS = {
    FieldKind.TEXT: frozenset({RuleTest.IS, RuleTest.IS_NOT}),
    FieldKind.CHOICE: frozenset({RuleTest.IS, RuleTest.IS_NOT}),
    FieldKind.NUMBER: frozenset({RuleTest.IS, RuleTest.AT_LEAST, RuleTest.AT_MOST}),
    FieldKind.DATE: frozenset({RuleTest.AT_LEAST, RuleTest.AT_MOST, RuleTest.YEARS_AT_LEAST, RuleTest.YEARS_UNDER}),
    FieldKind.PICTURE: frozenset[RuleTest](),
}


def check_form(form: NewForm, *, paid_tiers: int) -> None:
    """Refuse a form that makes no sense, or a threshold of money beside several paid tiers without the law's note.

    Raises:
        Invalid: a field, a rule or a number.
        TiersWithThreshold: see docs/rules.md §11.
    """
    if not 1 <= len(form.title) <= 40 or not form.title.isprintable():
        raise _invalid("title", "标题须为 1–40 个字", "1 to 40 characters")
    if not 0 <= form.deposit_fen <= 10**7:
        raise _invalid("deposit_fen", "保证金须为 0–100000 元", "a deposit is ¥0 to ¥100,000")
    if not 0 <= form.purchases_fen <= MAX_FEN:
        raise _invalid("purchases_fen", "消费门槛不在允许范围内", "out of bounds")
    if not 0 <= form.reapply_days <= 365:
        raise _invalid("reapply_days", "再次申请间隔须为 0–365 天", "0 to 365 days")
    if len(form.fields) > MOST_FIELDS or len({one.key for one in form.fields}) < len(form.fields):
        raise _invalid("fields", f"最多 {MOST_FIELDS} 项，且标识不重复", f"at most {MOST_FIELDS}, no key twice")
    for one in form.fields:
        _check_field(one)
    if len(form.rules) > MOST_RULES:
        raise _invalid("rules", f"最多 {MOST_RULES} 条规则", f"at most {MOST_RULES} rules")
    for rule in form.rules:
        _check_rule(rule, {one.key: one for one in form.fields})
    check_tiers(form, paid_tiers=paid_tiers)


def check_tiers(form: NewForm, *, paid_tiers: int) -> None:
    """Refuse more than one paid tier beside a threshold of deposit or spending, unless the law's note was taken.

    Raises:
        TiersWithThreshold: see docs/rules.md §11.
    """
    money = form.needed and (form.deposit_fen > 0 or form.purchases_fen > 0)
    if money and paid_tiers > 1 and not form.law_noted:
        raise TiersWithThreshold


def read_answers(form: NewForm, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are kept: by the form's keys, each of its kind, without what was left empty.

    Raises:
        Invalid: an answer that is missing or isn't of its kind, or one to a question that nobody asked.
    """
    known = {one.key for one in form.fields}
    for key in given:
        if key not in known:
            raise _invalid("answers", "包含表单以外的内容", "an answer to no question of the form")
    read: dict[str, Any] = {}
    for one in form.fields:
        value = given.get(one.key)
        if value in (None, "", []):
            if one.required:
                raise _invalid(one.key, f"请填写“{one.zh}”", f'answer "{one.en or one.zh}"')
            continue
        read[one.key] = _read(one, value)
    return read


def pictures(form: NewForm, answers: Mapping[str, Any]) -> list[str]:
    """Return the numbers of the pictures that answers name."""
    keys = [one.key for one in form.fields if one.kind is FieldKind.PICTURE]
    return [no for key in keys for no in answers.get(key, [])]


def judge(form: NewForm, answers: Mapping[str, Any], known: Thresholds, filed: datetime) -> Verdict:
    """Return what the form's rules say: the first that holds decides, and nobody passes before every threshold is met.

    With none that holds an application passes by itself where the form says so, else it is for a person.
    """
    held = next((rule for rule in form.rules if _holds(rule, answers.get(rule.field), filed)), None)
    if held is not None and held.then is not Then.ADMIT:
        return Verdict(held.then, held.reason)
    missing = missing_of(form, known)
    if missing:
        return Verdict(None, missing=missing)
    return Verdict(Then.ADMIT if held is not None or form.auto_pass else Then.REVIEW)


def missing_of(form: NewForm, known: Thresholds) -> tuple[str, ...]:
    """Return the names of the thresholds that aren't met: `real_name`, `deposit`, `purchases`."""
    missing = []
    if form.real_name and not known.proven:
        missing.append("real_name")
    if known.deposit_fen < form.deposit_fen:
        missing.append("deposit")
    if known.purchases_fen < form.purchases_fen:
        missing.append("purchases")
    return tuple(missing)


def may_apply_from(rejected_at: datetime, form: NewForm) -> datetime:
    """Return from when on somebody who was rejected may apply again."""
    return rejected_at + timedelta(days=form.reapply_days)


def form_as_kept(form: NewForm) -> dict[str, Any]:
    """Return the form's columns."""
    kept = asdict(form)
    return kept | {"fields": [asdict(one) for one in form.fields], "rules": [asdict(one) for one in form.rules]}


def form_of(kept: Mapping[str, Any]) -> NewForm:
    """Return a form out of its columns."""
    asked = [
        Field(**one | {"kind": FieldKind(one["kind"]), "choices": tuple(one["choices"])}) for one in kept["fields"]
    ]
    said = [Rule(**one | {"test": RuleTest(one["test"]), "then": Then(one["then"])}) for one in kept["rules"]]
    return NewForm(**{**kept, "fields": tuple(asked), "rules": tuple(said)})


def _check_field(one: Field) -> None:
    if not _KEY.fullmatch(one.key):
        raise _invalid("fields", "字段标识须为小写字母、数字或下划线", "a key is small letters, digits, underscores")
    for text in (one.zh, one.en or one.zh):
        if not 1 <= len(text) <= 60 or not text.isprintable():
            raise _invalid("fields", "字段名称须为 1–60 个字", "a label has 1 to 60 characters")
    choices = len(one.choices)
    if (one.kind is FieldKind.CHOICE) != (choices > 0) or choices > MOST_CHOICES or len(set(one.choices)) < choices:
        raise _invalid("fields", "单选项须为 1–20 个不重复的选项", "a choice has 1 to 20 different values")
    if any(not 1 <= len(text) <= 40 or not text.isprintable() for text in one.choices):
        raise _invalid("fields", "选项须为 1–40 个字", "a choice has 1 to 40 characters")
    if one.low is not None and one.high is not None and one.low > one.high:
        raise _invalid("fields", "最小值不能大于最大值", "the least is above the most")


def _check_rule(rule: Rule, fields: Mapping[str, Field]) -> None:
    asked = fields.get(rule.field)
    if asked is None or rule.test not in _TESTS[asked.kind]:
        raise _invalid("rules", "规则与字段不符", "a rule that doesn't fit its question")
    try:
        _value(asked, rule)
    except ValueError:
        raise _invalid("rules", "规则的比较值不正确", "a rule's value makes no sense") from None
    if rule.then is Then.REJECT and not 1 <= len(rule.reason.strip()) <= 200:
        raise _invalid("rules", "拒绝规则须写明原因", "a rule that rejects says why")


def _value(asked: Field, rule: Rule) -> Any:
    """Return what a rule compares with.

    Raises:
        ValueError: it can't be compared with the question's answers.
    """
    if rule.test in (RuleTest.YEARS_AT_LEAST, RuleTest.YEARS_UNDER) or asked.kind is FieldKind.NUMBER:
        return int(rule.value)
    if asked.kind is FieldKind.DATE:
        return date.fromisoformat(rule.value)
    if asked.kind is FieldKind.CHOICE and rule.value not in asked.choices:
        raise ValueError
    return rule.value


def _holds(rule: Rule, answer: Any, filed: datetime) -> bool:
    """Return whether a rule holds for an answer; one that wasn't given meets nothing but `is_not`."""
    if answer is None:
        return rule.test is RuleTest.IS_NOT
    if rule.test in (RuleTest.IS, RuleTest.IS_NOT):
        return (str(answer) == rule.value) is (rule.test is RuleTest.IS)
    if rule.test in (RuleTest.YEARS_AT_LEAST, RuleTest.YEARS_UNDER):
        years = _years(date.fromisoformat(answer), day_of(filed))
        return (years >= int(rule.value)) is (rule.test is RuleTest.YEARS_AT_LEAST)
    if isinstance(answer, int):
        other: Any = int(rule.value)
        return answer >= other if rule.test is RuleTest.AT_LEAST else answer <= other
    day, other = date.fromisoformat(answer), date.fromisoformat(rule.value)
    return day >= other if rule.test is RuleTest.AT_LEAST else day <= other


def _years(since: date, until: date) -> int:
    """Return whole years; who was born on 29 February has their day on 1 March of the years that lack it."""
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def _read(one: Field, value: Any) -> Any:
    wrong = _invalid(one.key, f"“{one.zh}”填写不正确", f'"{one.en or one.zh}" makes no sense')
    if one.kind is FieldKind.NUMBER:
        if type(value) is not int or not (one.low if one.low is not None else -MAX_FEN) <= value <= (
            one.high if one.high is not None else MAX_FEN
        ):
            raise wrong
        return value
    if one.kind is FieldKind.PICTURE:
        fits = isinstance(value, list) and len(value) <= MOST_PICTURES
        if not fits or any(not isinstance(no, str) or not re.fullmatch(r"[0-9A-Za-z]{1,40}", no) for no in value):
            raise wrong
        return list(dict.fromkeys(value))
    if not isinstance(value, str):
        raise wrong
    text = value.strip()
    if one.kind is FieldKind.CHOICE:
        if text not in one.choices:
            raise wrong
    elif one.kind is FieldKind.DATE:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise wrong from None
    elif not 1 <= len(text) <= min(one.high or LONGEST_TEXT, LONGEST_TEXT) or not text.isprintable():
        raise wrong
    return text


def _invalid(field: str, zh: str, en: str) -> Invalid:
    return Invalid(field=field, reason_zh=zh, reason_en=en)
