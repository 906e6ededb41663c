"""The vouchers of an order that is placed, and that they come back when it closes (docs/rules.md §10).

Shared by the journeys that place and close orders; not a journey itself.
"""

from collections.abc import Sequence
from datetime import datetime

from tuike.attribution.types import Claim
from tuike.marketing import service as marketing
from tuike.marketing.types import CouponChannel, CouponNeedsTicket, Item, Lowered
from tuike.orders.types import COUPON, OrderRef
from tuike.parties.types import FunctionOff

KIND = COUPON
"""The kind of the discounts on orders whose source is a voucher's number."""


def use(items: Sequence[Item], *, vouchers: Sequence[str], buyer_id: int, now: datetime) -> list[Lowered]:
    """Use vouchers on the items of a checkout inside the caller's transaction; return what each takes off.

    Raises:
        FunctionOff: no shop of the checkout hands out coupons.
        NotFound, VoucherNotGood, OneVoucherAShop, CouponLowersNothing, CouponBelowThreshold: see marketing.use.
    """
    if not vouchers:
        return []
    if not any(item.coupons for item in items):
        raise FunctionOff
    return marketing.use(vouchers=vouchers, buyer_id=buyer_id, items=items, now=now)


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
