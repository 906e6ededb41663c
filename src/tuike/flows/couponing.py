"""What vouchers take off an order that is placed, and that they come back when it closes (docs/rules.md §10).

Shared by the journeys that place and close orders; not a journey itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tuike.attribution.types import Claim
from tuike.marketing import service as marketing
from tuike.marketing.types import CouponChannel, CouponNeedsTicket, Item, Lowered
from tuike.orders import queries as orders_of
from tuike.orders.types import DiscountFact, OrderDraft, OrderRef

KIND = "coupon"
"""The kind of the discounts on orders whose source is a voucher's number."""


def lower(
    drafts: Sequence[OrderDraft],
    *,
    vouchers: Sequence[str],
    buyer_id: int,
    paths: Mapping[int, tuple[int, ...]],
    now: datetime,
) -> tuple[list[OrderDraft], list[Lowered]]:
    """Use vouchers inside the caller's transaction and return the drafts with what they take off each line.

    Raises:
        NotFound, VoucherNotGood, OneVoucherAShop, CouponLowersNothing, CouponBelowThreshold: see marketing.use.
    """
    lines = [(draft, line) for draft in drafts for line in draft.lines]
    items = [
        Item(draft.merchant_id, line.product_id, paths[line.product_id], line.price_fen * line.quantity)
        for draft, line in lines
    ]
    used = marketing.use(vouchers=vouchers, buyer_id=buyer_id, items=items, now=now)
    taken_off: dict[int, list[DiscountFact]] = {}
    for one in used:
        for i, part in one.parts.items():
            taken_off.setdefault(i, []).append(
                DiscountFact(kind=KIND, source=one.voucher_no, amount_fen=part, funded_by=one.terms.funded_by)
            )
    at = iter(range(len(lines)))
    lowered = [
        replace(
            draft,
            lines=[replace(line, discounts=(*line.discounts, *taken_off.get(next(at), ()))) for line in draft.lines],
        )
        for draft in drafts
    ]
    return lowered, used


def check_tickets(*, orders: Sequence[OrderRef], claims: Sequence[Claim], used: Sequence[Lowered]) -> None:
    """Refuse a placed order whose alliance voucher lowers nothing that came by a ticket; the caller's transaction ends.

    Raises:
        CouponNeedsTicket: so it is.
    """
    used = [one for one in used if one.terms.channel is CouponChannel.ALLIANCE]
    if not used:
        return
    came = {claim.line_id for claim in claims if claim.carries_ticket}
    lines = [line.id for order in orders for line in order.lines]
    if any(not came & {lines[i] for i in one.parts} for one in used):
        raise CouponNeedsTicket


def give_back(orders: Sequence[OrderRef]) -> None:
    """Give the vouchers of closed orders back, inside the caller's transaction."""
    lowered = [line.id for order in orders if order.discount_fen for line in order.lines if line.discount_fen]
    vouchers = orders_of.discount_sources(lowered, kind=KIND) if lowered else set()
    if vouchers:
        marketing.give_back(vouchers=vouchers)
