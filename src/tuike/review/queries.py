"""Reading rules, their versions and what they hit."""

import json
from collections.abc import Collection
from datetime import date

from tuike.db import rows
from tuike.review.rules import in_force
from tuike.review.types import Condition, Effect, Feature, HitShown, HitsOfDay, NewRule, RuleShown, Subject

_RULE = """
    SELECT r.id, r.no, r.merchant_id, v.id, v.version, r.position, v.name, v.effect, v.conditions::text, v.reject_days,
        v.first, v.last, v.enabled, r.subject, v.at, v.person_id, r.deleted_at IS NOT NULL
    FROM review_rule r JOIN review_version v ON v.rule_id = r.id
"""


def rules_of(merchant_id: int | None) -> list[RuleShown]:
    """Return the rules of the operator (None) or of a shop in their order, those that are off included."""
    return _asked(
        "WHERE v.id = r.version_id AND r.deleted_at IS NULL AND r.merchant_id IS NOT DISTINCT FROM %s"
        " ORDER BY r.position, r.id",
        [merchant_id],
    )


def rules_in_force(
    merchant_ids: Collection[int], *, day: date, subject: Subject = Subject.COMMISSION
) -> list[RuleShown]:
    """Return what judges a subject on a natural day: the operator's rules, then these shops' own, in their order."""
    found = _asked(
        "WHERE v.id = r.version_id AND r.deleted_at IS NULL AND v.enabled AND r.subject = %s"
        " AND (r.merchant_id IS NULL OR r.merchant_id = ANY(%s))"
        " ORDER BY r.merchant_id NULLS FIRST, r.position, r.id",
        [subject.value, list(merchant_ids)],
    )
    return [rule for rule in found if in_force(rule, day)]


def conditions_of(feature: Feature) -> list[Condition]:
    """Return what rules that are on ask of a feature, each condition once, whoever's rules they are."""
    found = rows.query(
        "SELECT DISTINCT (v.conditions -> %(feature)s)::text FROM review_rule r"
        " JOIN review_version v ON v.id = r.version_id"
        " WHERE r.deleted_at IS NULL AND v.enabled AND v.conditions ? %(feature)s",
        {"feature": feature.value},
    )
    return [Condition.from_json(json.loads(said)) for (said,) in found]


def rule(merchant_id: int | None, no: str) -> RuleShown | None:
    """Return a rule of the operator or of a shop as its newest version says it, also one that was deleted."""
    found = _asked(
        "WHERE v.id = r.version_id AND r.no = %s AND r.merchant_id IS NOT DISTINCT FROM %s", [no, merchant_id]
    )
    return found[0] if found else None


def versions(rule_id: int) -> list[RuleShown]:
    """Return every version of a rule, the newest first."""
    return _asked("WHERE r.id = %s ORDER BY v.version DESC", [rule_id])


def by_versions(version_ids: Collection[int]) -> dict[int, RuleShown]:
    """Return version → the rule as that version says it."""
    return {one.version_id: one for one in _asked("WHERE v.id = ANY(%s)", [list(version_ids)])}


def hits(rule_id: int, *, limit: int = 50) -> list[HitShown]:
    """Return what a rule held, the latest first."""
    return _hits("WHERE v.rule_id = %s ORDER BY h.id DESC LIMIT %s", [rule_id, limit])


def hit_of(object_id: int, *, subject: Subject) -> HitShown | None:
    """Return by what an accrual or a withdrawal was held; None where no rule held it."""
    found = _hits("WHERE h.object_id = %s AND h.subject = %s", [object_id, subject.value])
    return found[0] if found else None


def hits_by_day(rule_id: int, *, first: date) -> list[HitsOfDay]:
    """Return how often a rule held on each day since `first` that it did, whatever its effect."""
    found = rows.query(
        "SELECT c.day, sum(c.hits)::bigint, sum(c.amount_fen)::bigint FROM review_count c"
        " JOIN review_version v ON v.id = c.version_id WHERE v.rule_id = %s AND c.day >= %s GROUP BY 1 ORDER BY 1",
        [rule_id, first],
    )
    return [HitsOfDay(*row) for row in found]


def hits_since(rule_ids: Collection[int], *, first: date) -> dict[int, tuple[int, int]]:
    """Return rule → how often it held since a day, and for how many fen; who never did is missing."""
    found = rows.query(
        "SELECT v.rule_id, sum(c.hits)::bigint, sum(c.amount_fen)::bigint FROM review_count c"
        " JOIN review_version v ON v.id = c.version_id WHERE v.rule_id = ANY(%s) AND c.day >= %s GROUP BY 1",
        [list(rule_ids), first],
    )
    return {rule_id: (count, fen) for rule_id, count, fen in found}


def _asked(where: str, params: list) -> list[RuleShown]:
    return [_shown(row) for row in rows.query(_RULE + where, params)]


def _shown(row: tuple) -> RuleShown:
    id_, no, merchant_id, version_id, version, position, name, effect, conditions, days, *of = row[:14]
    said = {Feature(name): Condition.from_json(one) for name, one in json.loads(conditions).items()}
    rule = NewRule(name, Effect(effect), said, days, *of[:3], Subject(of[3]))
    return RuleShown(id_, no, merchant_id, version_id, version, position, rule, *row[14:])


def _hits(where: str, params: list) -> list[HitShown]:
    found = rows.query(
        "SELECT h.object_id, v.id, v.version, v.effect, h.amount_fen, h.at, h.reject_at, v.name, h.facts::text"
        f" FROM review_hit h JOIN review_version v ON v.id = h.version_id {where}",
        params,
    )
    return [HitShown(*row[:3], Effect(row[3]), *row[4:8], json.loads(row[8])) for row in found]
