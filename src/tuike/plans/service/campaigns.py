"""Campaigns: made, stopped, their budgets taken and given back by the statements that check them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.kit.money import MAX_FEN, percent
from tuike.outbox import service as outbox
from tuike.plans import rules
from tuike.plans.models import Campaign
from tuike.plans.rules import Benchmarks
from tuike.plans.service import books, writing
from tuike.plans.service.writing import Change
from tuike.plans.types import BudgetHeld, CampaignOver, Layer, NewCampaign, NotAboveNextLayer, StartsInPast


@transaction.atomic
def create_campaign(*, merchant_id: int | None, campaign: NewCampaign, actor: Actor, now: datetime) -> int:
    """Make a campaign of a merchant, or of the operator (`merchant_id` None: then the platform pays), and return its
    id. It acts from its start until before its end, only while above the next layer (docs/rules.md §3).

    Raises:
        Invalid: name, period, rate_bps, bonus_fen, order_bonus_fen, first_order_bonus_fen, budget_fen.
        StartsInPast: it would start before it is written.
        NotFound: no such merchant or category, or a product that isn't the merchant's.
        NotAboveNextLayer: not above what holds at its start for each product named; for a category, the merchant's
            rate for it, else the default, else its highest benchmark; for everything, the default, else the highest
            benchmark of what is sold.
        AboveCeiling: in the worst case more than 90 % of the cheapest product in scope would be paid out.
    """
    _check(campaign, now)
    if merchant_id is None:
        writing.lock_benchmarks()
    else:
        writing.lock_merchant(merchant_id)
    _check_floor(merchant_id, campaign)
    _check_worst(merchant_id, campaign)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('plans_campaign', 'id'))")[0][0]
    made = Campaign.objects.create(
        id=id_,
        no=number("C", id_, now),
        merchant_id=merchant_id,
        name=campaign.name.strip(),
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        rate_bps=campaign.rate_bps,
        bonus_fen=campaign.bonus_fen,
        order_bonus_fen=campaign.order_bonus_fen,
        first_order_bonus_fen=campaign.first_order_bonus_fen,
        budget_fen=campaign.budget_fen,
        created_at=now,
    )
    changes = _changes(merchant_id, id_, campaign)
    writing.insert(changes, from_=campaign.starts_at, until=campaign.ends_at, actor=actor, now=now)
    facts = {
        "rate_bps": campaign.rate_bps,
        "bonus_fen": campaign.bonus_fen,
        "order_bonus_fen": campaign.order_bonus_fen,
        "first_order_bonus_fen": campaign.first_order_bonus_fen,
        "budget_fen": campaign.budget_fen,
        "starts_at": campaign.starts_at.isoformat(),
        "ends_at": campaign.ends_at.isoformat(),
        "products": list(campaign.product_ids),
        "categories": list(campaign.category_ids),
    }
    audit.record(actor=actor, action="campaign.create", object_=made.no, facts=facts, now=now)
    _tell(merchant_id, made.no, now)
    return id_


@transaction.atomic
def stop_campaign(*, merchant_id: int | None, campaign_id: int, actor: Actor, now: datetime) -> datetime:
    """Stop a campaign from the next midnight on and return that instant: what promoters counted on today holds today.

    Raises:
        NotFound: not a campaign of the merchant (None: of the operator).
        CampaignOver: it was stopped before, or ends by then by itself.
    """
    from_ = next_midnight(now)
    campaign = _own(merchant_id, campaign_id)
    if campaign.stopped_at is not None or campaign.ends_at <= from_:
        raise CampaignOver
    Campaign.objects.filter(id=campaign_id).update(stopped_at=from_)
    rows.run(
        "UPDATE plans_rate SET valid = CASE WHEN lower(valid) >= %(from)s THEN 'empty'::tstzrange"
        " ELSE tstzrange(lower(valid), %(from)s) END"
        " WHERE campaign_id = %(campaign)s AND layer = 'campaign' AND upper(valid) > %(from)s",
        {"from": from_, "campaign": campaign_id},
    )
    facts = {"from": from_.isoformat()}
    audit.record(actor=actor, action="campaign.stop", object_=campaign.no, facts=facts, now=now)
    _tell(merchant_id, campaign.no, now)
    return from_


@transaction.atomic
def change_budget(*, merchant_id: int | None, campaign_id: int, budget_fen: int, actor: Actor, now: datetime) -> None:
    """Change a campaign's budget, at once, for orders placed from now on.

    Raises:
        Invalid: budget_fen.
        NotFound: not a campaign of the merchant (None: of the operator).
        BudgetHeld: orders hold more than that, or the campaign was made without a budget.
    """
    _check_amount("budget_fen", budget_fen, lowest=1)
    campaign = _own(merchant_id, campaign_id)
    changed = rows.run(
        "UPDATE plans_campaign SET budget_fen = %(budget)s"
        " WHERE id = %(id)s AND budget_fen IS NOT NULL AND reserved_fen <= %(budget)s",
        {"id": campaign_id, "budget": budget_fen},
    )
    if not changed:
        raise BudgetHeld
    facts = {"from_fen": campaign.budget_fen, "to_fen": budget_fen}
    audit.record(actor=actor, action="campaign.budget", object_=campaign.no, facts=facts, now=now)
    _tell(merchant_id, campaign.no, now)


def _tell(merchant_id: int | None, no: str, now: datetime) -> None:
    outbox.put(topic="campaign.changed", events=[(no, {"merchant": merchant_id})], now=now)


def _own(merchant_id: int | None, campaign_id: int) -> Campaign:
    found = Campaign.objects.select_for_update().filter(id=campaign_id, merchant_id=merchant_id).first()
    if found is None:
        raise NotFound
    return found


def _check(campaign: NewCampaign, now: datetime) -> None:
    if not 1 <= len(campaign.name.strip()) <= 40:
        raise Invalid(field="name", reason_zh="名称须为 1 到 40 个字符", reason_en="a name has 1 to 40 characters")
    if campaign.ends_at <= campaign.starts_at:
        raise Invalid(field="ends_at", reason_zh="结束须晚于开始", reason_en="the end must be after the start")
    if campaign.starts_at < now:
        raise StartsInPast
    if not 0 < campaign.rate_bps <= rules.CEILING_BPS:
        raise Invalid(field="rate_bps", reason_zh="佣金率须大于 0 且不超过 90%", reason_en="a rate is up to 90%")
    if campaign.product_ids and campaign.category_ids:
        raise Invalid(
            field="products", reason_zh="商品与类目只能选一种", reason_en="name products or categories, not both"
        )
    for name in ("bonus_fen", "order_bonus_fen", "first_order_bonus_fen"):
        _check_amount(name, getattr(campaign, name), lowest=0)
    if campaign.budget_fen is not None:
        _check_amount("budget_fen", campaign.budget_fen, lowest=1)


def _check_amount(name: str, amount_fen: int, *, lowest: int) -> None:
    if not lowest <= amount_fen <= MAX_FEN:
        raise Invalid(field=name, reason_zh="金额不正确", reason_en="not an amount that can be booked")


def _check_floor(merchant_id: int | None, campaign: NewCampaign) -> None:
    owners = catalog.merchants_of(campaign.product_ids)
    if len(owners) < len(set(campaign.product_ids)):
        raise NotFound
    if merchant_id is not None and any(owner != merchant_id for owner in owners.values()):
        raise NotFound
    floors = books.benchmarks(campaign.starts_at)
    if any(category not in floors["other"].tree for category in campaign.category_ids):
        raise NotFound
    if merchant_id is None and not campaign.product_ids:
        floor = max(_benchmark_over(campaign, benchmarks) for benchmarks in floors.values())
    else:
        floor = _floor_of_merchants(merchant_id, campaign, owners, floors)
    if campaign.rate_bps <= floor:
        raise NotAboveNextLayer(floor=percent(floor))


def _benchmark_over(campaign: NewCampaign, benchmarks: Benchmarks) -> int:
    over = campaign.category_ids or tuple(benchmarks.tree)
    return max((benchmarks.highest_under(category) for category in over), default=0)


def _floor_of_merchants(
    merchant_id: int | None, campaign: NewCampaign, owners: Mapping[int, int], floors: Mapping[str, Benchmarks]
) -> int:
    """Return the highest rate that holds at the start for what the campaign names."""
    ids = set(owners.values()) if merchant_id is None else {merchant_id}
    by_merchant = books.books(ids, campaign.starts_at)
    paths = catalog.category_paths(campaign.product_ids)
    found: list[int] = []
    for product in campaign.product_ids:
        book = by_merchant[owners[product]]
        main = book.mains.get(product)
        found.append(main.rate_bps if main else rules.next_layer(book, paths[product], floors[book.subject_kind])[1])
    if not campaign.product_ids and merchant_id is not None:
        book = by_merchant[merchant_id]
        benchmarks = floors[book.subject_kind]
        for category in campaign.category_ids:
            layer, rate = rules.next_layer(book, benchmarks.tree[category], benchmarks)
            found.append(benchmarks.highest_under(category) if layer is Layer.BENCHMARK else rate)
        if not campaign.category_ids:
            highest = max((benchmarks.of(benchmarks.tree[category]) for category in book.sold), default=0)
            found.append(book.default.rate_bps if book.default else highest)
    return max(found, default=0)


def _check_worst(merchant_id: int | None, campaign: NewCampaign) -> None:
    if merchant_id is None:
        tiers_bps = books.highest_tiers_bps(campaign.starts_at)
        leader_bps = books.highest_service_bps(campaign.starts_at)
    else:
        book = books.books([merchant_id], campaign.starts_at)[merchant_id]
        tiers_bps = sum(book.tiers.values())
        leader_bps = rules.service_bps(book, campaign.product_ids or None)
    books.check_ceiling(
        rate_bps=campaign.rate_bps,
        tiers_bps=tiers_bps,
        grade_bps=books.highest_grade_bps(),
        leader_bps=leader_bps,
        # An order of one piece of the cheapest product brings all three.
        bonus_fen=campaign.bonus_fen + campaign.order_bonus_fen + campaign.first_order_bonus_fen,
        price_fen=catalog.cheapest(
            merchant_id=merchant_id,
            product_ids=campaign.product_ids or None,
            category_ids=campaign.category_ids or None,
        ),
    )


def _changes(merchant_id: int | None, id_: int, campaign: NewCampaign) -> Sequence[Change]:
    owner = merchant_id or 0
    scopes: list[tuple[str, str, int | None, int | None]] = [
        (f"campaign:{id_}:p:{product}", f"product:{product}", product, None)
        for product in dict.fromkeys(campaign.product_ids)
    ]
    scopes += [
        (f"campaign:{id_}:c:{category}", f"category:{owner}:{category}", None, category)
        for category in dict.fromkeys(campaign.category_ids)
    ]
    if not scopes:
        scopes.append((f"campaign:{id_}:a:{owner}", f"campaign:a:{owner}", None, None))
    return [
        Change(
            layer=Layer.CAMPAIGN,
            scope=scope,
            lookup=lookup,
            rate_bps=campaign.rate_bps,
            merchant_id=merchant_id,
            product_id=product,
            category_id=category,
            campaign_id=id_,
            bonus_fen=campaign.bonus_fen,
        )
        for scope, lookup, product, category in scopes
    ]
