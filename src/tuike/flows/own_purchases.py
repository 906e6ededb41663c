"""What a promoter who buys would earn back: looked at before anything is placed, by the rules that decide it then.

Shared by the journeys that show a checkout; not a journey itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.attribution import queries as touches
from tuike.attribution import service as attribution
from tuike.attribution.types import Buyer, ClaimAsk, ClaimWish
from tuike.flows import claiming, pricing
from tuike.flows.pricing import Goods
from tuike.kit.money import share
from tuike.orders.types import OrderDraft
from tuike.plans import queries as rates
from tuike.plans.types import LineAsk


@dataclass(frozen=True, slots=True)
class OwnPurchase:
    """A line that would be the buyer's own as a promoter: at which rate it would earn, how much, and what the line then
    costs in effect. The whole price is charged; what is earned settles like any commission."""

    rate_bps: int
    earns_fen: int
    effective_fen: int


def own_purchases(
    drafts: Sequence[OrderDraft], goods: Goods, *, buyer_id: int, visitor: str, now: datetime
) -> dict[int, OwnPurchase]:
    """Return by the line's place in the checkout what a promoter's own purchase would earn (docs/rules.md §3, §4).

    Nothing where somebody else's material won, where the shop pays nothing on own purchases, or where the buyer is no
    promoter.
    """
    lines = [(draft, line) for draft in drafts for line in draft.lines]
    asks = {
        place: ClaimAsk(
            line_id=place, order_no="", merchant_id=draft.merchant_id, product_id=line.product_id, not_promotable=""
        )
        for place, (draft, line) in enumerate(lines)
    }
    evidence = touches.evidence(buyer_id=buyer_id, visitor=visitor, asks=asks.values(), placed_at=now)
    promoters = claiming.promoters_of(evidence.promoter_ids)
    if not any(buyer_id in one.related_persons for one in promoters.values()):
        return {}
    own = {place: rate for place, rate in _own_rates(lines, goods, now).items() if rate}
    reasons = claiming.why_products_not(goods.products.values(), goods.merchants, goods.said["price_floor_fen"], now)
    wish = ClaimWish(
        [
            ClaimAsk(
                line_id=place,
                order_no="",
                merchant_id=ask.merchant_id,
                product_id=ask.product_id,
                not_promotable=reasons.get(ask.product_id, ""),
                self_purchase_on=place in own,
            )
            for place, ask in asks.items()
        ],
        evidence,
        Buyer(buyer_id=buyer_id),
        now,
        claiming.led(evidence, now),
    )
    claims = attribution.foresee(
        wishes=[wish],
        promoters=promoters,
        binding={one.id: one.binding_mode for one in goods.merchants.values()},
        window_days=goods.said["touch_window_days"],
    )
    return {
        claim.line_id: _priced(pricing.left_of(lines[claim.line_id][1]), own[claim.line_id])
        for claim in claims
        if claim.self_purchase
    }


def _priced(paid_fen: int, rate_bps: int) -> OwnPurchase:
    """Return what a line earns back: rounded down like the commission itself."""
    earns = share(paid_fen, bps=rate_bps)
    return OwnPurchase(rate_bps, earns, paid_fen - earns)


def _own_rates(lines: Sequence[tuple], goods: Goods, now: datetime) -> Mapping[int, int | None]:
    terms = rates.terms_for(
        [
            LineAsk(
                line_id=place,
                product_id=line.product_id,
                merchant_id=draft.merchant_id,
                category_path=goods.products[line.product_id].category_path,
                subject_kind=claiming.rate_subject(goods.merchants[draft.merchant_id]),
                promoter_id=None,
                self_purchase=True,
                at=now,
                quantity=line.quantity,
            )
            for place, (draft, line) in enumerate(lines)
        ]
    )
    return {place: one.self_rate_bps for place, one in terms.items()}
