"""A merchant publishes rates: seen first as they would stand, then written by the same verbs (docs/rules.md §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.commission import queries as commission
from tuike.commission.types import SaleTerms, Share, Tier
from tuike.db.retry import retry
from tuike.flows.claiming import rate_subject
from tuike.idempotency import service as idempotency
from tuike.parties import queries as parties
from tuike.plans import queries as rates_of
from tuike.plans import service as plans
from tuike.plans.types import Layer, Lift, LineAsk, NewCampaign, PublicRate, SelfScope, Terms
from tuike.settings import service as settings

MOST_SHOWN = 20
"""Products whose rates before and after a preview shows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a merchant wants to publish: one of these kinds at a time. None as a rate takes the row away."""

    categories: Mapping[int, int | None] = field(default_factory=dict)
    mains: Mapping[int, int | None] = field(default_factory=dict)
    tiers: Mapping[int, int | None] = field(default_factory=dict)
    self_purchase: Mapping[tuple[SelfScope, int], int | None] = field(default_factory=dict)
    campaign: NewCampaign | None = None

    def content(self) -> dict[str, Any]:
        """Return it as plain JSON: what a key stands for."""
        campaign = asdict(self.campaign) if self.campaign else None
        if campaign:
            campaign |= {name: campaign[name].isoformat() for name in ("starts_at", "ends_at")}
        return {
            "categories": sorted(self.categories.items()),
            "mains": sorted(self.mains.items()),
            "tiers": sorted(self.tiers.items()),
            "self": sorted([scope.value, id_, rate] for (scope, id_), rate in self.self_purchase.items()),
            "campaign": campaign,
        }


@dataclass(frozen=True, slots=True)
class Published:
    """What was written: from when it holds, what it lifted, and the campaign's id where one was made."""

    effective_at: datetime
    lifts: tuple[Lift, ...] = ()
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A product's direct rate at the instant from which a change would hold, without and with it."""

    product: ProductFacts
    before: PublicRate
    after: PublicRate


@dataclass(frozen=True, slots=True)
class Sample:
    """One piece of a product sold: who would be owed what, in fen. `usual`: a promoter without grade and recruiters;
    `worst`: the highest grade, and everybody above paid."""

    product: ProductFacts
    before: tuple[Share, ...]
    usual: tuple[Share, ...]
    worst: tuple[Share, ...]
    own_bps: int | None
    """What the promoter's own purchase would earn, None: nothing."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing would do. Nothing of it has happened."""

    effective_at: datetime
    lifts: tuple[Lift, ...]
    lifted: Mapping[int, ProductFacts]
    outlooks: tuple[Outlook, ...]
    samples: tuple[Sample, ...]
    ceiling_bps: int


@retry
def publish(*, merchant_id: int, wanted: Wanted, actor: Actor, now: datetime, key: str | None = None) -> Published:
    """Write what a merchant wants, once per key.

    Raises:
        Invalid, NotFound, NotAboveCategory, NotAboveDefault, NotAboveBenchmark, BelowBenchmark, NotAboveNextLayer,
        AboveCeiling, TierNotAllowed, StartsInPast, WrittenOutOfOrder: see the verbs of plans.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        done = _write(merchant_id, wanted, actor, now)
        told.append(done)
        return {"from": done.effective_at.isoformat(), "campaign": done.campaign_id}

    told: list[Published] = []
    with transaction.atomic(durable=True):
        if key is None:
            work()
            return told[0]
        scope = f"merchant:{merchant_id}:publish_rates"
        said = idempotency.once(scope=scope, key=key, content=wanted.content(), now=now, work=work)
    return told[0] if told else Published(datetime.fromisoformat(said["from"]), campaign_id=said["campaign"])


def preview(*, merchant_id: int, wanted: Wanted, actor: Actor, now: datetime) -> Preview:
    """Return what publishing would do: it is done by the verbs themselves, looked at, and undone again.

    Raises:
        what `publish` raises but for the key: a preview refuses what publishing would refuse.
    """
    with transaction.atomic(durable=True):
        done = _write(merchant_id, wanted, actor, now)
        shown, sampled = _products(merchant_id, wanted, done.lifts)
        after = _Look(merchant_id, done, {*shown, *sampled})
        terms_after, public_after = after.terms(), after.public()
        own = after.terms(self_purchase=True)
        transaction.set_rollback(True)
    before = _Look(merchant_id, done, {*shown, *sampled})
    terms_before, public_before = before.terms(), before.public()
    policy, products = _policy(), after.products
    return Preview(
        effective_at=done.effective_at,
        lifts=done.lifts,
        lifted={one.product_id: products[one.product_id] for one in done.lifts if one.product_id in products},
        outlooks=tuple(
            Outlook(products[i], _direct(terms_before[i], public_before[i]), _direct(terms_after[i], public_after[i]))
            for i in shown
        ),
        samples=tuple(
            Sample(
                products[i],
                _shares(products[i], terms_before[i], policy),
                _shares(products[i], terms_after[i], policy),
                _shares(products[i], terms_after[i], policy, worst=True),
                own[i].self_rate_bps,
            )
            for i in sampled
        ),
        ceiling_bps=9000,
    )


def _write(merchant_id: int, wanted: Wanted, actor: Actor, now: datetime) -> Published:
    who: dict[str, Any] = {"merchant_id": merchant_id, "actor": actor, "now": now}
    if wanted.campaign is not None:
        made = plans.create_campaign(campaign=wanted.campaign, **who)
        return Published(wanted.campaign.starts_at, campaign_id=made)
    if wanted.categories:
        written = plans.set_category_rates(rates=wanted.categories, **who)
    elif wanted.mains:
        written = plans.set_main_products(rates=wanted.mains, **who)
    elif wanted.tiers:
        written = plans.set_distribution(tier_bps=wanted.tiers, **who)
    else:
        written = plans.set_self_purchase(rates=wanted.self_purchase, **who)
    return Published(written.effective_at, written.lifts)


class _Look:
    """The rates of some products as they stand at the instant from which a change would hold."""

    def __init__(self, merchant_id: int, done: Published, product_ids: set[int]) -> None:
        self.products = catalog.product_facts(product_ids)
        merchant = parties.merchant_facts([merchant_id])[merchant_id]
        self._kind, self._done = rate_subject(merchant), done

    def terms(self, *, self_purchase: bool = False) -> dict[int, Terms]:
        return rates_of.terms_for(self._asks(self_purchase))

    def public(self) -> dict[int, PublicRate]:
        return rates_of.public_rates(self._asks(False))

    def _asks(self, self_purchase: bool) -> list[LineAsk]:
        return [
            LineAsk(
                line_id=one.product_id,
                product_id=one.product_id,
                merchant_id=one.merchant_id,
                category_path=one.category_path,
                subject_kind=self._kind,
                promoter_id=None,
                self_purchase=self_purchase,
                at=self._done.effective_at,
                campaign_id=self._done.campaign_id,
            )
            for one in self.products.values()
        ]


def _products(merchant_id: int, wanted: Wanted, lifts: Sequence[Lift]) -> tuple[list[int], list[int]]:
    """Return the products whose rates are shown, and up to two of them that a sample order is computed for."""
    products: Sequence[int] | None = None
    categories: Sequence[int] | None = None
    if wanted.campaign is not None:
        products, categories = wanted.campaign.product_ids or None, wanted.campaign.category_ids or None
    elif wanted.mains:
        products = list(wanted.mains)
    elif wanted.categories:
        categories = list(wanted.categories)
    sampled = catalog.price_samples(merchant_id=merchant_id, product_ids=products, category_ids=categories)
    raised = [one.product_id for one in lifts if one.product_id is not None]
    shown = dict.fromkeys([*(products or sampled), *raised])
    return list(shown)[:MOST_SHOWN], sampled


def _direct(terms: Terms, public: PublicRate) -> PublicRate:
    """Return the rate that a claim gets: the campaign's where one acts, else the public one."""
    if terms.layer is Layer.CAMPAIGN:
        return PublicRate(terms.layer, terms.rate_bps, terms.rate_id)
    return public


def _policy() -> dict[str, int]:
    highest = max((grade.extra_bps for grade in rates_of.ladder()), default=0)
    return settings.read(["max_paid_tiers", "platform_fee_bps"]) | {"grade": highest}


def _shares(
    product: ProductFacts, terms: Terms, policy: Mapping[str, int], *, worst: bool = False
) -> tuple[Share, ...]:
    """Return who is owed what for one piece at its lowest price, by the arithmetic that books it (docs/rules.md §6)."""
    tiers = {
        tier: Tier(tier, rate.rate_bps, rate.rate_id)
        for tier, rate in terms.tier_bps.items()
        if worst and tier <= policy["max_paid_tiers"]
    }
    said = SaleTerms(
        promoter_id=1,
        rate_bps=terms.rate_bps,
        rate_id=terms.rate_id,
        grade_bps=policy["grade"] if worst else 0,
        bonus_fen=terms.bonus_fen,
        order_bonus_fen=terms.order_bonus_fen,
        first_order_bonus_fen=terms.first_order_bonus_fen if worst else 0,
        campaign_id=terms.campaign_id,
        tier2=tiers.get(2),
        tier3=tiers.get(3),
        platform_fee_bps=policy["platform_fee_bps"],
        platform_funded=terms.funded_by == "platform",
    )
    return tuple(commission.shares_of(said, base_fen=product.min_price_fen, quantity=1))
