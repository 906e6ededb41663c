"""Paid orders as commission sees them: claims and the rates of their placement put together into sale facts.

Shared by the journeys that confirm payments and take reports; not a journey itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tuike.attribution import queries as attribution
from tuike.attribution.types import Claim
from tuike.commission.types import RefundFacts, SaleFacts, SaleTerms, Source, Tier
from tuike.flows import claiming
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleRef, LineRef, OrderRef
from tuike.parties import queries as parties
from tuike.parties.types import PromoterFacts
from tuike.plans import queries as rates
from tuike.plans import service as plans
from tuike.plans.types import LineAsk, Reserved, Terms
from tuike.settings import service as settings

_POLICY = ("max_paid_tiers", "platform_fee_bps")


def sale_facts(
    *,
    orders: Sequence[OrderRef],
    payers: Mapping[str, int] | None = None,
    claims: Mapping[int, Claim] | None = None,
) -> list[SaleFacts]:
    """Return a sale for every line of paid orders, and one for each order's freight.

    `payers` says by order number which person paid: one who is related to the promoter makes it a self-purchase, even
    where the buyer wasn't (docs/rules.md §4). `claims` by line saves reading those that the caller has just made. An
    order that was received already starts its sales' clocks.
    """
    if claims is None:
        claims = attribution.claims_of([line.id for order in orders for line in order.lines])
    earning = {line_id: claim for line_id, claim in claims.items() if claim.promoter_id is not None}
    own = _paid_by_themselves(orders, earning, payers or {})
    asks = claiming.line_asks(orders, earning)
    held = rates.reserved_campaigns([ask.line_id for ask in asks])
    terms = rates.terms_for([_asked(ask, held, own) for ask in asks])
    promoters = parties.promoter_facts({claim.promoter_id for claim in earning.values() if claim.promoter_id})
    lowered = [line.id for order in orders if order.discount_fen for line in order.lines if line.discount_fen]
    subsidies = orders_of.subsidies_of(lowered) if lowered else {}
    days = {f"settle_days.{order.source}" for order in orders if order.received_at}
    policy = settings.read([*_POLICY, *days])
    first = _first_orders(orders, terms, own)
    sales = []
    for order in orders:
        for line in order.lines:
            claim = claims.get(line.id)
            said = _terms(claim, terms.get(line.id), promoters, policy, line.id in own, first=order.no in first)
            sales.append(_sale(order, line, said, policy, subsidies.get(line.id, 0)))
        if order.freight_fen and order.freight_id is not None:
            sales.append(_freight(order, order.freight_id, policy))
    return sales


def sale_ids(order: OrderRef) -> list[int]:
    """Return the ids of everything that was booked for an order: its lines and its freight."""
    return [line.id for line in order.lines] + ([order.freight_id] if order.freight_id is not None else [])


def refund_parts(one: AfterSaleRef) -> tuple[RefundFacts, ...]:
    """Return what an after-sale takes from which sale: of its lines, and of the order's freight."""
    parts = [RefundFacts(line.line_id, line.amount_fen, line.quantity) for line in one.lines]
    if one.freight_fen and one.freight_id is not None:
        parts.append(RefundFacts(one.freight_id, one.freight_fen, 0))
    return tuple(parts)


def _paid_by_themselves(
    orders: Sequence[OrderRef], earning: Mapping[int, Claim], payers: Mapping[str, int]
) -> set[int]:
    paid_for = {line.id: payers[order.no] for order in orders if order.no in payers for line in order.lines}
    watched = {line_id: claim for line_id, claim in earning.items() if line_id in paid_for and not claim.self_purchase}
    if not watched:
        return set()
    related = parties.related_person_ids({claim.promoter_id for claim in watched.values() if claim.promoter_id})
    return {i for i, claim in watched.items() if claim.promoter_id and paid_for[i] in related[claim.promoter_id]}


def _first_orders(orders: Sequence[OrderRef], terms: Mapping[int, Terms], own: set[int]) -> set[str]:
    """Take what a campaign gives for a buyer's first paid order in a shop, where a line has it, and return the orders
    that got it. Whoever calls has marked them paid."""
    wanted = {line_id for line_id, one in terms.items() if one.first_order_bonus_fen} - own
    asking = [order for order in orders if any(line.id in wanted for line in order.lines)] if wanted else []
    first = [
        (order.merchant_id, order.buyer_id, order.no)
        for order in orders_of.never_paid_before(asking)
        if order.buyer_id is not None
    ]
    at = max((order.paid_at for order in asking if order.paid_at), default=None)
    return plans.take_first_orders(orders=first, now=at) if first and at else set()


def _asked(ask: LineAsk, held: Mapping[int, Reserved], own: set[int]) -> LineAsk:
    got = held.get(ask.line_id)
    return replace(
        ask,
        self_purchase=ask.self_purchase or ask.line_id in own,
        campaign_id=got.campaign_id if got else None,
        once_fen=got.once_fen if got else 0,
    )


def _terms(
    claim: Claim | None,
    terms: Terms | None,
    promoters: Mapping[int, PromoterFacts],
    policy: Mapping[str, int],
    paid_by_themselves: bool,
    *,
    first: bool,
) -> SaleTerms:
    """Put a line's claim and rates together into what commission computes from."""
    if claim is None or claim.promoter_id is None or terms is None:
        return SaleTerms(nobody=str(claim.reason) if claim and claim.reason else "no_touch")
    own = claim.self_purchase or paid_by_themselves
    if own and terms.self_rate_bps is None:
        return SaleTerms(nobody="self_purchase_off")
    tiers = _tiers(claim, terms, promoters, policy["max_paid_tiers"]) if not own else {}
    why = terms.to_json()
    why.pop("line", None)
    if paid_by_themselves:
        why["own"] = "payer"
    if claim.enrolment_id is not None:
        why["enrolment"] = claim.enrolment_id
    if terms.first_order_bonus_fen and not own and not first:
        why["not_first"] = True
    return SaleTerms(
        promoter_id=claim.promoter_id,
        rate_bps=(terms.self_rate_bps or 0) if own else terms.rate_bps,
        rate_id=terms.self_rate_id if own else terms.rate_id,
        grade_bps=0 if own else terms.grade_bps,
        grade_id=None if own else terms.grade_rate_id,
        self_purchase=own,
        bonus_fen=0 if own else terms.bonus_fen,
        campaign_id=None if own else terms.campaign_id,
        tier2=tiers.get(2),
        tier3=tiers.get(3),
        leader_id=claim.leader_id,
        service_bps=claim.service_bps,
        platform_fee_bps=0 if own else policy["platform_fee_bps"],
        platform_funded=not own and terms.funded_by == "platform",
        order_bonus_fen=0 if own else terms.order_bonus_fen,
        first_order_bonus_fen=terms.first_order_bonus_fen if first and not own else 0,
        why=why,
    )


def _tiers(claim: Claim, terms: Terms, promoters: Mapping[int, PromoterFacts], most: int) -> dict[int, Tier]:
    """Return who stands above the promoter and is paid: as it was when the order was placed, where that was kept."""
    line = claim.facts.get("line")
    if line is None:  # a claim that was decided elsewhere: imported history
        promoter = promoters.get(claim.promoter_id or 0)
        line = promoter.line if promoter else ()
    # Frozen, gone or shut out when the order was placed.
    stopped = {one for one, _ in claim.facts.get("stopped_above", ())}
    return {
        tier: Tier(line[tier - 2], rate.rate_bps, rate.rate_id)
        for tier, rate in terms.tier_bps.items()
        if tier <= most and len(line) > tier - 2 and rate.rate_bps and line[tier - 2] not in stopped
    }


def _sale(order: OrderRef, line: LineRef, terms: SaleTerms, policy: Mapping[str, int], subsidy_fen: int) -> SaleFacts:
    assert order.paid_at is not None
    return SaleFacts(
        sale_id=line.id,
        order_no=order.no,
        merchant_id=order.merchant_id,
        source=Source(order.source),
        quantity=line.quantity,
        paid_fen=line.paid_fen,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        terms=terms,
        product_id=line.product_id,
        received_at=order.received_at,
        settle_days=policy.get(f"settle_days.{order.source}", 0),
        subsidy_fen=subsidy_fen,
    )


def _freight(order: OrderRef, freight_id: int, policy: Mapping[str, int]) -> SaleFacts:
    assert order.paid_at is not None
    return SaleFacts(
        sale_id=freight_id,
        order_no=order.no,
        merchant_id=order.merchant_id,
        source=Source(order.source),
        quantity=1,
        paid_fen=order.freight_fen,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        terms=SaleTerms(nobody="freight"),
        kind="freight",
        received_at=order.received_at,
        settle_days=policy.get(f"settle_days.{order.source}", 0),
    )
