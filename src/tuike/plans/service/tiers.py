"""Tiers that the operator sets for all merchants without their own, and what a lower ceiling of tiers closes (§3)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid
from tuike.plans.rules.choose import OVERALL, TIERS
from tuike.plans.service import books, writing
from tuike.plans.service.layers import check_campaigns, check_rate, record
from tuike.plans.service.writing import Change
from tuike.plans.types import Layer, TierNotAllowed, Written
from tuike.settings import service as settings

_WITH_OFFERS = """
    SELECT DISTINCT merchant_id FROM plans_rate
    WHERE layer IN ('campaign', 'leader', 'targeted') AND merchant_id IS NOT NULL AND upper(valid) > %s
"""
_OPERATORS = """
    SELECT DISTINCT r.rate_bps, r.bonus_fen + c.order_bonus_fen + c.first_order_bonus_fen, r.product_id, r.category_id
    FROM plans_rate r JOIN plans_campaign c ON c.id = r.campaign_id
    WHERE r.layer = 'campaign' AND r.merchant_id IS NULL AND upper(r.valid) > %s
"""


@transaction.atomic
def set_overall_tiers(*, tier_bps: Mapping[int, int | None], actor: Actor, now: datetime) -> Written:
    """Set the operator's tiers 2 and 3 from the next midnight on: shares for recruiters that every merchant pays who
    set none of its own; None takes one away. Tiers not named stay (docs/rules.md §3, §11).

    Raises:
        Invalid: a tier that isn't 2 or 3, or a rate that isn't in 1…9000.
        TierNotAllowed: a tier beyond the setting `max_paid_tiers`.
        AboveCeiling: with some merchant's highest rate, campaign or enrolment more than 90 % would be paid out.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    writing.lock_benchmarks()
    writing.lock_grades()
    from_, most = next_midnight(now), settings.get("max_paid_tiers")
    for tier, rate in tier_bps.items():
        if tier not in TIERS:
            raise Invalid(field="tier_bps", reason_zh="只有 2 级和 3 级", reason_en="there are tiers 2 and 3")
        if rate is not None:
            check_rate(rate)
            if tier > most:
                raise TierNotAllowed(most=most)
    changes = [Change(Layer.TIER, f"tier:{OVERALL}:{tier}", rate) for tier, rate in sorted(tier_bps.items())]
    ids = writing.change_rates(changes, from_=from_, actor=actor, now=now)
    record("distribution.set", changes, from_=from_, actor=actor, now=now)
    _check_everybody(from_)
    return Written(from_, ids)


@transaction.atomic
def close_tiers_above(*, most: int, actor: Actor, now: datetime) -> Written:
    """Close every merchant's tiers above `most` from the next midnight on: after `max_paid_tiers` was lowered."""
    writing.lock_benchmarks()
    from_ = next_midnight(now)
    found = rows.query(
        "SELECT scope, merchant_id FROM plans_rate WHERE layer = 'tier' AND upper_inf(valid) ORDER BY scope"
    )
    changes = [
        Change(Layer.TIER, scope, None, merchant_id)
        for scope, merchant_id in found
        if int(scope.rsplit(":", 1)[1]) > most
    ]
    writing.change_rates(changes, from_=from_, actor=actor, now=now)
    record("distribution.set", changes, from_=from_, actor=actor, now=now)
    return Written(from_, {})


def _check_everybody(from_: datetime) -> None:
    """Hold everything that is or will be published against the ceiling, with the tiers as they are written now."""
    grade_bps = books.highest_grade_bps()
    books.check_ceiling(rate_bps=books.highest_bps(from_), tiers_bps=0, grade_bps=grade_bps)
    merchants = [id_ for (id_,) in rows.query(_WITH_OFFERS, [from_])]
    for book in books.books(merchants, from_).values():
        check_campaigns(book, from_)
    highest, leader_bps = books.highest_tiers_bps(from_), books.highest_service_bps(from_)
    for rate_bps, bonus_fen, product_id, category_id in rows.query(_OPERATORS, [from_]):
        price_fen = catalog.cheapest(
            merchant_id=None,
            product_ids=None if product_id is None else [product_id],
            category_ids=None if category_id is None else [category_id],
        )
        books.check_ceiling(
            rate_bps=rate_bps,
            tiers_bps=highest,
            grade_bps=grade_bps,
            leader_bps=leader_bps,
            bonus_fen=bonus_fen,
            price_fen=price_fen,
        )
