"""Making and changing rules: each change is a version of its own, which the next accrual is judged by."""

import json
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.review import queries, rules
from tuike.review.types import (
    MOST_RULES,
    MOST_VALUES,
    Effect,
    NewRule,
    OnlyHolds,
    RuleChanged,
    RuleShown,
    Subject,
    TooManyRules,
)

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('review_rules', coalesce(%s, 0)))"


@transaction.atomic
def create_rule(*, merchant_id: int | None, rule: NewRule, actor: Actor, now: datetime) -> str:
    """Put a rule behind the others of the operator (`merchant_id` None) or of a shop, and return its number.

    Raises:
        Invalid: name, effect, reject_days, period, or the condition that says nothing (field: its feature).
        OnlyHolds: a shop's rule that does anything else. TooManyRules: the owner has as many as it may.
    """
    _check(merchant_id, rule)
    rows.query(_LOCK, [merchant_id])
    others = queries.rules_of(merchant_id)
    if len(others) >= MOST_RULES:
        raise TooManyRules
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('review_rule', 'id'))")[0][0]
    no = number("RR", id_, now)
    position = max((one.position for one in others), default=0) + 1
    rows.run(
        "INSERT INTO review_rule (id, no, merchant_id, subject, position) VALUES (%s, %s, %s, %s, %s)",
        [id_, no, merchant_id, rule.subject.value, position],
    )
    _say((id_, no, 1), rule, action="review_rule.create", actor=actor, now=now)
    return no


@transaction.atomic
def change_rule(
    *, merchant_id: int | None, no: str, rule: NewRule, seen: int, actor: Actor, now: datetime
) -> RuleShown:
    """Let a rule say something else from now on. `seen` is the version that its changer had before the eyes.

    Raises:
        NotFound: no rule of this owner. RuleChanged: a newer version is there. Invalid, OnlyHolds: see create_rule.
    """
    _check(merchant_id, rule)
    was = _own(merchant_id, no)
    if was.version != seen:
        raise RuleChanged
    if was.rule.subject is not rule.subject:
        raise Invalid(field="subject", reason_zh="审核对象不能修改", reason_en="what it judges can't be changed")
    if was.rule != rule:
        _say((was.rule_id, no, was.version + 1), rule, action="review_rule.change", actor=actor, now=now)
    return _own(merchant_id, no)


@transaction.atomic
def turn_rule(*, merchant_id: int | None, no: str, on: bool, actor: Actor, now: datetime) -> None:
    """Switch a rule on or off; one that stands so already stays as it is.

    Raises:
        NotFound: no rule of this owner.
    """
    was = _own(merchant_id, no)
    if was.rule.enabled != on:
        said = replace(was.rule, enabled=on)
        _say((was.rule_id, no, was.version + 1), said, action="review_rule.turn", actor=actor, now=now)


@transaction.atomic
def move_rule(*, merchant_id: int | None, no: str, up: bool, actor: Actor, now: datetime) -> None:
    """Let a rule change places with the one before it (or after it); the first and the last stay where they are.

    Raises:
        NotFound: no rule of this owner.
    """
    rows.query(_LOCK, [merchant_id])
    was = _own(merchant_id, no)
    order = queries.rules_of(merchant_id)
    at = next(n for n, one in enumerate(order) if one.no == no)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(order):
        return
    for one, place in ((was, order[other].position), (order[other], was.position)):
        rows.run("UPDATE review_rule SET position = %s WHERE id = %s", [place, one.rule_id])
    facts = {"before" if up else "after": order[other].no}
    audit.record(actor=actor, action="review_rule.move", object_=no, facts=facts, now=now)


@transaction.atomic
def delete_rule(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> None:
    """Take a rule out for good; what it held stays held, and its versions and hits stay to be read.

    Raises:
        NotFound: no rule of this owner.
    """
    was = _own(merchant_id, no)
    rows.run("UPDATE review_rule SET deleted_at = %s WHERE id = %s", [now, was.rule_id])
    audit.record(actor=actor, action="review_rule.delete", object_=no, facts={"name": was.rule.name}, now=now)


def _own(merchant_id: int | None, no: str) -> RuleShown:
    """Lock a rule that isn't deleted and return it."""
    rows.query("SELECT 1 FROM review_rule WHERE no = %s FOR UPDATE", [no])
    found = queries.rule(merchant_id, no)
    if found is None or found.deleted:
        raise NotFound
    return found


def _say(of: tuple[int, str, int], rule: NewRule, *, action: str, actor: Actor, now: datetime) -> None:
    """Write what a rule says from now on; `of`: its id, its number, the version."""
    rule_id, no, version = of
    conditions = {feature.value: one.to_json() for feature, one in sorted(rule.conditions.items())}
    (said,) = rows.query(
        "INSERT INTO review_version (rule_id, version, name, effect, reject_days, conditions, first, last, enabled, at,"
        " person_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            rule_id,
            version,
            rule.name.strip(),
            rule.effect.value,
            rule.reject_days,
            json.dumps(conditions),
            rule.first,
            rule.last,
            rule.enabled,
            now,
            actor.person_id,
        ],
    )
    rows.run("UPDATE review_rule SET version_id = %s WHERE id = %s", [said[0], rule_id])
    facts = {"version": version, "effect": rule.effect.value, "enabled": rule.enabled, "conditions": conditions}
    audit.record(actor=actor, action=action, object_=no, facts=facts, now=now)


def _check(merchant_id: int | None, rule: NewRule) -> None:
    if merchant_id is not None and (rule.effect is not Effect.HOLD or rule.subject is not Subject.COMMISSION):
        raise OnlyHolds
    if rule.subject is Subject.WITHDRAWAL and rule.effect is not Effect.HOLD:
        raise Invalid(
            field="effect", reason_zh="提现规则只能转人工审批", reason_en="a withdrawal is only left to people"
        )
    if not 1 <= len(rule.name.strip()) <= 40 or "\0" in rule.name:
        raise Invalid(field="name", reason_zh="请填写名称（不超过 40 字）", reason_en="a name of 40 characters at most")
    if not rule.conditions:
        raise Invalid(field="conditions", reason_zh="请至少设置一个条件", reason_en="set one condition at least")
    wrong = rules.problem(rule.conditions, rule.subject)
    if wrong is not None:
        raise Invalid(field=wrong.value, reason_zh="请检查这个条件的取值", reason_en="look at this condition's values")
    for feature, one in rule.conditions.items():
        if len(one.among) > MOST_VALUES:
            most = f"最多选择 {MOST_VALUES} 项", f"choose {MOST_VALUES} at most"
            raise Invalid(field=feature.value, reason_zh=most[0], reason_en=most[1])
    days = rule.reject_days
    if (rule.effect is Effect.REJECT) != (days is not None) or (days is not None and not 1 <= days <= 365):
        raise Invalid(field="reject_days", reason_zh="请填写 1 到 365 天", reason_en="1 to 365 days")
    if rule.first and rule.last and rule.last < rule.first:
        raise Invalid(field="last", reason_zh="结束日期不能早于开始日期", reason_en="it can't end before it begins")
