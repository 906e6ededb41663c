"""A buyer looks at what a checkout comes to before it is placed: nothing is taken, everything is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tuike.attribution import queries as attribution
from tuike.catalog.types import NoSuchSku, NotOnSale, SoldOut
from tuike.flows import pricing
from tuike.flows.own_purchases import OwnPurchase, own_purchases
from tuike.flows.pricing import Goods, Special
from tuike.freight.types import FreightQuote, NotDeliverable
from tuike.kit.errors import Refusal
from tuike.marketing import queries as marketing
from tuike.marketing.types import CouponChannel, Lowered, Offer, VoucherShown
from tuike.members import queries as members
from tuike.members.types import AddressShown
from tuike.orders import queries as orders_of
from tuike.orders.types import LineDraft, OrderDraft
from tuike.parties.types import MerchantFacts, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a buyer looks at. `vouchers` None: the best are proposed; `points` None: as many as may be used. With a
    bargain `items` may be empty; with a good of the points mall they say how many."""

    items: tuple[tuple[int, int], ...] = ()
    address_no: str = ""
    region_code: str = ""
    vouchers: tuple[str, ...] | None = None
    points: int | None = 0
    use_balance: bool = False
    bargain: str = ""
    points_good: str = ""


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line with what lowers it; `cart_price_fen` is the price when it was put in the cart, None where it wasn't.
    `own` is what a promoter who buys would earn back of it."""

    draft: LineDraft
    product_no: str
    picture: str
    free: int
    cart_price_fen: int | None
    own: OwnPurchase | None = None

    @property
    def paid_fen(self) -> int:
        """Return what is left to pay of it."""
        return pricing.left_of(self.draft)

    @property
    def price_changed(self) -> bool:
        """Return whether it costs something else than when it was put in the cart."""
        return self.cart_price_fen not in (None, 0, self.draft.price_fen)


@dataclass(frozen=True, slots=True)
class ShopSeen:
    """A shop's part. `freight` says what sending costs and why."""

    shop: MerchantFacts
    lines: tuple[LineSeen, ...]
    freight: FreightQuote | None

    @property
    def goods_fen(self) -> int:
        """Return the goods at their prices."""
        return sum(line.draft.price_fen * line.draft.quantity for line in self.lines)

    @property
    def discount_fen(self) -> int:
        """Return all that lowers them."""
        return self.goods_fen - sum(line.paid_fen for line in self.lines)

    @property
    def freight_fen(self) -> int:
        """Return what sending them costs."""
        return self.freight.fen if self.freight else 0

    @property
    def payable_fen(self) -> int:
        """Return what is to be paid for this part."""
        return self.goods_fen - self.discount_fen + self.freight_fen


@dataclass(frozen=True, slots=True)
class Unbuyable:
    """What can't be bought, and why."""

    sku_id: int
    quantity: int
    title: str
    spec: str
    picture: str
    why: Refusal


@dataclass(frozen=True, slots=True)
class PointsSeen:
    """Points of the buyer: how many there are, how many may be used here, how many are and what they take off."""

    have: int
    most: int
    used: int
    worth_fen: int
    most_worth_fen: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a checkout comes to now. `payable_fen` is what placing expects, of which `balance_fen` the balance pays."""

    address: AddressShown | None
    shops: tuple[ShopSeen, ...]
    unbuyable: tuple[Unbuyable, ...]
    vouchers: tuple[str, ...]
    offers: tuple[Offer, ...]
    points: PointsSeen
    has_balance_fen: int
    balance_fen: int

    @property
    def payable_fen(self) -> int:
        """Return the sum, goods and freight."""
        return sum(one.payable_fen for one in self.shops)


def preview_checkout(*, buyer_id: int, visitor: str, looked: Looked, now: datetime) -> Preview:
    """Return what a checkout would come to if it were placed now (docs/rules.md §10).

    Raises:
        NotFound, FunctionOff, BargainOver, BargainAboveFloor: the bargain, or the good of the points mall.
        UnknownRegion: no district has the region's code.
    """
    special, items = _special(looked, buyer_id, now)
    goods = pricing.gather(items)
    unbuyable = [one for sku_id, quantity in items if (one := _unbuyable(sku_id, quantity, goods))]
    out = {one.sku_id for one in unbuyable}
    drafts = pricing.drafts_of([item for item in items if item[0] not in out], goods, special)
    address = _address(looked, buyer_id)
    region_code = address.region_code if address else looked.region_code
    drafts, quotes, undelivered = _deliverable(drafts, goods, region_code)
    used, offers = _vouchers(drafts, goods, buyer_id=buyer_id, visitor=visitor, looked=looked, now=now)
    drafts = pricing.lower_by_vouchers(drafts, used)
    drafts, points = _points(drafts, goods, buyer_id=buyer_id, wanted=looked.points, special=special, now=now)
    cart = {entry.sku_id: entry.price_fen for entry in orders_of.cart_of(buyer_id=buyer_id)} if not special else {}
    own = own_purchases(drafts, goods, buyer_id=buyer_id, visitor=visitor, now=now)
    places = iter(range(sum(len(draft.lines) for draft in drafts)))
    shops = tuple(_shop(draft, goods, quotes, cart, [own.get(next(places)) for _ in draft.lines]) for draft in drafts)
    has = marketing.balance_of(buyer_id)
    pays = min(has, sum(one.payable_fen for one in shops)) if looked.use_balance else 0
    chosen = tuple(one.voucher_no for one in used)
    return Preview(address, shops, (*unbuyable, *undelivered), chosen, tuple(offers), points, has, pays)


def _special(looked: Looked, buyer_id: int, now: datetime) -> tuple[Special | None, tuple[tuple[int, int], ...]]:
    """Return the price of a bargain or of a good of the points mall, and what is bought."""
    if looked.bargain:
        sku_id, price_fen = marketing.bargain_for_checkout(buyer_id=buyer_id, no=looked.bargain, now=now)
        return Special(pricing.BARGAIN, looked.bargain, sku_id, price_fen), ((sku_id, 1),)
    if looked.points_good:
        good = marketing.points_good_by_no(looked.points_good)
        quantity = sum(count for _, count in looked.items) or 1
        special = Special(pricing.POINTS_GOOD, good.no, good.sku_id, good.money_fen * quantity, good.points * quantity)
        return special, ((good.sku_id, quantity),)
    return None, looked.items


def _address(looked: Looked, buyer_id: int) -> AddressShown | None:
    """Return where it goes: the saved address that is named; without one and without a region, the default one."""
    if looked.address_no:
        return members.address_of(buyer_id=buyer_id, no=looked.address_no)
    if looked.region_code:
        return None
    return next((one for one in members.addresses_of(buyer_id) if one.is_default), None)


def _unbuyable(sku_id: int, quantity: int, goods: Goods) -> Unbuyable | None:
    sku = goods.skus.get(sku_id)
    if sku is None:
        return Unbuyable(sku_id, quantity, "", "", "", NoSuchSku(sku_id=sku_id))
    shop = goods.merchants[sku.merchant_id]
    why: Refusal | None = None
    if not sku.on_sale or shop.suspended or shop.source is not Source.MINI_STORE:
        why = NotOnSale(sku_id=sku_id, title=sku.title)
    elif sku.free < quantity:
        why = SoldOut(sku_id=sku_id, title=sku.title, free=sku.free)
    return Unbuyable(sku_id, quantity, sku.title, sku.spec, sku.picture, why) if why else None


def _deliverable(
    drafts: list[OrderDraft], goods: Goods, region_code: str
) -> tuple[list[OrderDraft], Mapping[int, FreightQuote], list[Unbuyable]]:
    """Return the drafts with their freight; what a shop doesn't send to the region is taken out, by name."""
    left_out: list[Unbuyable] = []
    while True:
        try:
            with_freight, quotes = pricing.with_freight(drafts, region_code)
            return with_freight, quotes, left_out
        except NotDeliverable as refusal:
            why = refusal
        product_id = why.details["product_id"]
        kept: list[OrderDraft] = []
        for draft in drafts:
            lines = [line for line in draft.lines if line.product_id != product_id]
            left_out += [
                Unbuyable(line.sku_id, line.quantity, line.title, line.spec, goods.skus[line.sku_id].picture, why)
                for line in draft.lines
                if line.product_id == product_id
            ]
            if lines:
                kept.append(replace(draft, lines=lines))
        drafts = kept


def _vouchers(
    drafts: Sequence[OrderDraft], goods: Goods, *, buyer_id: int, visitor: str, looked: Looked, now: datetime
) -> tuple[list[Lowered], list[Offer]]:
    """Return what the chosen vouchers (or the best ones) take off, and what each that the buyer has would."""
    items = [goods.item(draft.merchant_id, line) for draft in drafts for line in draft.lines]
    shops = {item.merchant_id for item in items if item.coupons}
    if not shops:
        return [], []
    found = marketing.good_vouchers(buyer_id=buyer_id, merchant_ids=shops, now=now)
    ticketed = [False] * len(items)
    if any(one.terms.channel is CouponChannel.ALLIANCE for one in found):
        touched = attribution.ticketed(buyer_id=buyer_id, visitor=visitor, merchant_ids=shops, now=now)
        ticketed = [bool({(one.merchant_id, None), (one.merchant_id, one.product_id)} & touched) for one in items]
    tried = _chosen(found, looked.vouchers)
    used = marketing.best_vouchers([(one.no, one.terms) for one in tried], items, ticketed)
    before = marketing.taken_before([one for one in used if one.terms.merchant_id is not None])
    return used, marketing.offers([*tried, *found] if looked.vouchers else found, items, ticketed, before=before)


def _chosen(found: Sequence[VoucherShown], wanted: Sequence[str] | None) -> list[VoucherShown]:
    """Return the vouchers to try: all, or those that the buyer chose."""
    return [one for one in found if wanted is None or one.no in wanted]


def _points(
    drafts: list[OrderDraft],
    goods: Goods,
    *,
    buyer_id: int,
    wanted: int | None,
    special: Special | None,
    now: datetime,
) -> tuple[list[OrderDraft], PointsSeen]:
    """Return the drafts lowered by points: as many as are wanted, there and allowed."""
    ratio = goods.said["points_ratio"]
    allowed = pricing.most_points(drafts, goods)
    asked = special.points if special else 0
    have = marketing.points_of(buyer_id, now=now) if allowed or asked else 0
    most = pricing.worth_their_price(max(0, min(allowed, have - asked)), goods)
    used = most if wanted is None else pricing.worth_their_price(min(wanted, most), goods)
    lowered = pricing.lower_by_points(drafts, goods, points=used, source="")
    worth, most_worth = marketing.points_worth(used, ratio), marketing.points_worth(most, ratio)
    return lowered, PointsSeen(have, most, used, worth, most_worth)


def _shop(
    draft: OrderDraft,
    goods: Goods,
    quotes: Mapping[int, FreightQuote],
    cart: Mapping[int, int],
    own: Sequence[OwnPurchase | None],
) -> ShopSeen:
    lines = tuple(
        LineSeen(
            line,
            goods.skus[line.sku_id].product_no,
            goods.skus[line.sku_id].picture,
            goods.skus[line.sku_id].free,
            cart.get(line.sku_id),
            mine,
        )
        for line, mine in zip(draft.lines, own, strict=True)
    )
    return ShopSeen(goods.merchants[draft.merchant_id], lines, quotes.get(draft.merchant_id))
