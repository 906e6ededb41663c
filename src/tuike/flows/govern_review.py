"""Review rules of the operator and of shops: made, changed, switched, put in order, deleted (docs/rules.md §6)."""

from datetime import datetime
from typing import Any

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.commission.types import Role, Source
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.keyed import keyed, owner_scope
from tuike.kit.errors import Invalid
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans
from tuike.review import queries, service
from tuike.review.types import Conditions, Feature, NewRule


@retry
def create_rule(*, merchant_id: int | None, rule: NewRule, actor: Actor, now: datetime, key: str | None = None) -> str:
    """Put a rule behind the operator's others (`merchant_id` None) or a shop's, and return its number.

    Raises:
        Forbidden: for the operator's, no deciding seat. Invalid, OnlyHolds, TooManyRules: see review.create_rule;
            a role, source, grade or category that isn't there. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> str:
        _check(merchant_id, actor, rule)
        return service.create_rule(merchant_id=merchant_id, rule=rule, actor=actor, now=now)

    scope = f"{owner_scope(merchant_id)}:create_review_rule"
    return keyed(scope=scope, key=key, content=_content(rule), now=now, work=work, again=lambda: _newest(merchant_id))


@retry
def change_rule(
    *,
    merchant_id: int | None,
    no: str,
    rule: NewRule,
    seen: int,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Let a rule say something else from now on; what it judged before stays as it is.

    Raises:
        Forbidden: for the operator's, no deciding seat. NotFound: no such rule. RuleChanged: it isn't as it was `seen`.
        Invalid, OnlyHolds: see create_rule. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        _check(merchant_id, actor, rule)
        service.change_rule(merchant_id=merchant_id, no=no, rule=rule, seen=seen, actor=actor, now=now)

    scope = f"{owner_scope(merchant_id)}:change_review_rule:{no}"
    keyed(scope=scope, key=key, content=_content(rule), now=now, work=work, again=lambda: None)


@retry
def set_rule(
    *, merchant_id: int | None, no: str, verb: str, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """Switch a rule (`verb` on, off), change its place (up, down) or delete it (delete).

    Raises:
        Forbidden: for the operator's, no deciding seat. NotFound: no such rule. Invalid: no such verb.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        _check(merchant_id, actor, None)
        asked: dict[str, Any] = {"merchant_id": merchant_id, "no": no, "actor": actor, "now": now}
        if verb in ("on", "off"):
            service.turn_rule(on=verb == "on", **asked)
        elif verb in ("up", "down"):
            service.move_rule(up=verb == "up", **asked)
        elif verb == "delete":
            service.delete_rule(**asked)
        else:
            raise Invalid(field="verb", reason_zh="没有这种操作", reason_en="there is no such verb")

    scope = f"{owner_scope(merchant_id)}:set_review_rule:{no}"
    keyed(scope=scope, key=key, content=verb, now=now, work=work, again=lambda: None)


def _check(merchant_id: int | None, actor: Actor, rule: NewRule | None) -> None:
    """A shop's seats are checked at its door."""
    if merchant_id is None:
        operators.require(actor, operators.DECIDERS)
    conditions = rule.conditions if rule else {}
    for feature, known in _known(conditions).items():
        if not conditions[feature].among <= known:
            raise Invalid(field=feature.value, reason_zh="请从列表中选择", reason_en="choose from the list")


def _known(conditions: Conditions) -> dict[Feature, frozenset[str]]:
    """Return what conditions that list values may name."""
    known: dict[Feature, frozenset[str]] = {}
    if Feature.ROLE in conditions:
        known[Feature.ROLE] = frozenset(role.value for role in Role if role is not Role.PLATFORM)
    if Feature.SOURCE in conditions:
        known[Feature.SOURCE] = frozenset((Source.MINI_STORE.value, Source.MINI_PROGRAM.value))
    if Feature.KIND in conditions:
        known[Feature.KIND] = frozenset(
            kind.value for kind in (PartyKind.PROMOTER, PartyKind.LEADER, PartyKind.MERCHANT)
        )
    if Feature.GRADE in conditions:
        known[Feature.GRADE] = frozenset(("0", *(str(step.grade_id) for step in plans.ladder())))
    if Feature.CATEGORY in conditions:
        known[Feature.CATEGORY] = frozenset(str(one.category_id) for one in catalog.categories())
    return known


def _newest(merchant_id: int | None) -> str:
    return max((one.no for one in queries.rules_of(merchant_id)), default="")


def _content(rule: NewRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "effect": rule.effect.value,
        "reject_days": rule.reject_days,
        "conditions": {feature.value: one.to_json() for feature, one in sorted(rule.conditions.items())},
        "first": rule.first and rule.first.isoformat(),
        "last": rule.last and rule.last.isoformat(),
        "enabled": rule.enabled,
        "subject": rule.subject.value,
    }
