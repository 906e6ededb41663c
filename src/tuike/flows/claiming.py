"""Who earns the lines of an order that is being placed: facts gathered from four modules, decided in attribution.

Shared by the journeys that place orders; not a journey itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tuike.attribution import queries as touches
from tuike.attribution import service as attribution
from tuike.attribution.types import Buyer, Claim, ClaimAsk, Evidence, Led, PromoterStanding
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.cooperation import queries as cooperation
from tuike.orders import queries as orders_of
from tuike.orders.types import OrderRef
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts
from tuike.plans import queries as rates
from tuike.plans import service as plans
from tuike.plans.types import LineAsk, ReserveAsk, Terms
from tuike.settings import service as settings

Paths = Mapping[int, tuple[int, ...]]
"""By product its category with all above it."""


def claim_lines(
    *,
    orders: Sequence[OrderRef],
    buyer_id: int,
    visitor: str,
    not_promotable: Mapping[int, str],
    merchants: Mapping[int, MerchantFacts],
    now: datetime,
    paths: Paths | None = None,
    window_days: int | None = None,
) -> list[Claim]:
    """Decide and keep the claim of every line (docs/rules.md §4). `not_promotable` names by product why not.

    `paths`: the products' categories, `window_days`: the setting of a touch's window, where the caller knows them.
    """
    lines = [(order, line) for order in orders for line in order.lines]
    asks = [
        ClaimAsk(
            line_id=line.id,
            order_no=order.no,
            merchant_id=line.merchant_id,
            product_id=line.product_id,
            not_promotable=not_promotable.get(line.product_id, ""),
        )
        for order, line in lines
    ]
    evidence = touches.evidence(buyer_id=buyer_id, visitor=visitor, asks=asks, placed_at=now)
    promoters = promoters_of(evidence.promoter_ids)
    own = [id_ for id_, one in promoters.items() if buyer_id in one.related_persons]
    if own:  # else nobody's own purchase is decided
        how = parties.how_related(own, buyer_id)
        promoters |= {id_: replace(promoters[id_], related_by=how.get(id_, "")) for id_ in own}
        asks = with_self_purchase(asks, orders, merchants, now, paths)
    return attribution.claim(
        asks=asks,
        evidence=evidence,
        buyer=Buyer(buyer_id=buyer_id),
        promoters=promoters,
        binding={m.id: m.binding_mode for m in merchants.values()},
        placed_at=now,
        led=led(evidence, now),
        window_days=window_days,
    )


def led(evidence: Evidence, at: datetime) -> dict[tuple[str, int], Led]:
    """Return the enrolments in force at `at` of what was seen of leaders' material (docs/rules.md §9)."""
    found = cooperation.led(evidence.led_by, at=at)
    return {pair: Led(one.enrolment_id, one.leader_id, one.service_bps) for pair, one in found.items()}


def with_self_purchase(
    asks: Sequence[ClaimAsk],
    orders: Sequence[OrderRef],
    merchants: Mapping[int, MerchantFacts],
    now: datetime,
    paths: Paths | None = None,
) -> list[ClaimAsk]:
    """Return the asks with what each line's merchant says at `now` about a promoter's own purchase."""
    allowed = _self_purchase_allowed(orders, merchants, now, paths)
    return [_with_self_purchase(ask, ask.line_id in allowed) for ask in asks]


def promoters_of(promoter_ids: set[int]) -> dict[int, PromoterStanding]:
    """Return what a claim must know of promoters: suspended or not certified ones earn nothing."""
    if not promoter_ids:
        return {}
    return {
        id_: PromoterStanding(
            promoter_id=id_,
            suspended=one.suspended or not one.certified,
            related_persons=frozenset(related),
            line=one.line,
            stopped_above=one.stopped_above,
        )
        for id_, (one, related) in parties.promoters_and_related(promoter_ids).items()
    }


def why_not_promotable(
    product_ids: Sequence[int], merchants: Mapping[int, MerchantFacts], now: datetime
) -> dict[int, str]:
    """Return by product the name of the reason why it can't be promoted now; promotable ones are left out."""
    products = catalog.product_facts(product_ids)
    return why_products_not(products.values(), merchants, settings.get("price_floor_fen"), now)


def why_products_not(
    products: Iterable[ProductFacts], merchants: Mapping[int, MerchantFacts], price_floor_fen: int, now: datetime
) -> dict[int, str]:
    """Return what `why_not_promotable` does, for a caller who knows products and the setting."""
    reasons = catalog.promotability(products, merchants, price_floor_fen, now)
    return {product_id: str(reason) for product_id, reason in reasons.items() if reason is not None}


def reserve_budgets(
    *, orders: Sequence[OrderRef], claims: Sequence[Claim], merchants: Mapping[int, MerchantFacts] | None = None
) -> None:
    """Hold campaign budgets for the claimed lines, as of each order's placement; a line that doesn't fit whole gets
    the next layer (§3)."""
    wanted = budgets_for(orders=orders, claims=claims, merchants=merchants)
    for order in orders if wanted else ():
        mine = {line.id for line in order.lines}
        if held := [ask for ask in wanted if ask.line_id in mine]:
            plans.reserve(asks=held, now=order.placed_at)


def budgets_for(
    *,
    orders: Sequence[OrderRef],
    claims: Sequence[Claim],
    at: datetime | None = None,
    merchants: Mapping[int, MerchantFacts] | None = None,
    paths: Paths | None = None,
) -> list[ReserveAsk]:
    """Return what is to be held of campaigns' budgets for the claimed lines, as of `at` or of each order's placement.

    For a caller who holds it later, where others wait for the campaign.
    """
    earning = {c.line_id: c for c in claims if c.promoter_id is not None and not c.self_purchase}
    lines = {line.id: line for order in orders for line in order.lines if line.id in earning}
    if not lines:
        return []
    asks = [ask for ask in line_asks(orders, earning, at, merchants, paths) if ask.line_id in lines]
    wanted = rates.campaigns_for(asks, {line_id: line.paid_fen for line_id, line in lines.items()})
    if any(one.first_fen for one in wanted):
        by_line = {line.id: order for order in orders for line in order.lines}
        first = {order.no for order in orders_of.never_paid_before(by_line.values())}
        wanted = [_with_first(one) if by_line[one.line_id].no in first else one for one in wanted]
    return wanted


def _with_first(ask: ReserveAsk) -> ReserveAsk:
    """Return the question with what a buyer's first order in a shop brings."""
    return replace(ask, amount_fen=ask.amount_fen + ask.first_fen, once_fen=ask.once_fen + ask.first_fen)


def line_asks(
    orders: Sequence[OrderRef],
    claims: Mapping[int, Claim],
    at: datetime | None = None,
    merchants: Mapping[int, MerchantFacts] | None = None,
    paths: Paths | None = None,
) -> list[LineAsk]:
    """Return the rate questions of claimed lines, as of `at` or of each order's placement.

    Merchants and the products' categories are looked up where the caller doesn't know them.
    """
    lines = [(order, line) for order in orders for line in order.lines if line.id in claims]
    if paths is None:
        paths = catalog.category_paths({line.product_id for _, line in lines})
    if merchants is None:
        merchants = parties.merchant_facts({line.merchant_id for _, line in lines})
    return [
        LineAsk(
            line_id=line.id,
            product_id=line.product_id,
            merchant_id=line.merchant_id,
            category_path=paths[line.product_id],
            subject_kind=rate_subject(merchants[line.merchant_id]),
            promoter_id=claims[line.id].promoter_id,
            self_purchase=claims[line.id].self_purchase,
            at=at or order.placed_at,
            quantity=line.quantity,
            enrolment_id=claims[line.id].enrolment_id,
            order_no=order.no,
        )
        for order, line in lines
    ]


def rate_subject(merchant: MerchantFacts) -> str:
    """Return the subject kind that benchmarks are set for: `individual` or `other`."""
    return "individual" if str(merchant.subject_kind) == "individual" else "other"


def _self_purchase_allowed(
    orders: Sequence[OrderRef], merchants: Mapping[int, MerchantFacts], now: datetime, paths: Paths | None
) -> set[int]:
    """Return the lines whose merchant pays something on a promoter's own purchase."""
    lines = [(order, line) for order in orders for line in order.lines]
    if paths is None:
        paths = catalog.category_paths({line.product_id for _, line in lines})
    terms: Mapping[int, Terms] = rates.terms_for(
        [
            LineAsk(
                line_id=line.id,
                product_id=line.product_id,
                merchant_id=line.merchant_id,
                category_path=paths[line.product_id],
                subject_kind=rate_subject(merchants[line.merchant_id]),
                promoter_id=None,
                self_purchase=True,
                at=now,
                quantity=line.quantity,
            )
            for _, line in lines
        ]
    )
    return {line_id for line_id, one in terms.items() if one.self_rate_bps}


def _with_self_purchase(ask: ClaimAsk, allowed: bool) -> ClaimAsk:
    return ClaimAsk(
        line_id=ask.line_id,
        order_no=ask.order_no,
        merchant_id=ask.merchant_id,
        product_id=ask.product_id,
        not_promotable=ask.not_promotable,
        self_purchase_on=allowed,
    )
