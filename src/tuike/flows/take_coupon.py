"""A buyer sees coupons, takes one, asks what it would take off; alliance coupons need a ticket (docs/rules.md §10)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.attribution import queries as attribution
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts, SkuFacts
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.kit.errors import NotFound
from tuike.marketing import queries as coupons_of
from tuike.marketing import service as marketing
from tuike.marketing.types import CouponChannel, CouponShown, Item, Offer, VoucherShown
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction


@retry
def take_coupon(*, buyer_id: int, visitor: str, coupon_no: str, key: str, now: datetime) -> VoucherShown:
    """Let a buyer take a voucher, of an alliance coupon one who came by a ticket; the same key again gives the same.

    Raises:
        NotFound: no such coupon, or none that the buyer may see: no ticket covers anything of it.
        FunctionOff: the shop (or the mall) hands out no coupons.
        CouponTakenUp, CouponNotOpen, CouponLimit: see marketing.take.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        coupon = coupons_of.coupon_by_no(coupon_no)
        if coupon.terms.channel is CouponChannel.ALLIANCE and not _may_see(coupon, buyer_id, visitor, now):
            raise NotFound
        coupons_of.need_function(MallFunction.COUPONS, coupon.terms.merchant_id)
        no = marketing.take(coupon=coupon, buyer_id=buyer_id, now=now).no
        stands = coupons_of.coupon_by_no(coupon_no)
        if (
            stands.taken == stands.stock and coupon.terms.channel is CouponChannel.ALLIANCE
        ):  # the last one: products don't show it any more
            facts = {"merchant_id": coupon.terms.merchant_id}
            outbox.put(topic="coupon.changed", events=[(coupon_no, facts)], now=now)
        return {"no": no}

    with transaction.atomic(durable=True):
        scope, content = f"buyer:{buyer_id}:take_coupon", {"coupon": coupon_no}
        taken = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return coupons_of.voucher_of(buyer_id=buyer_id, no=taken["no"])


def coupons_seen(
    *,
    product: ProductFacts,
    buyer_id: int | None,
    visitor: str,
    now: datetime,
    offered: bool | None = None,
    window_days: int | None = None,
) -> tuple[CouponShown, ...]:
    """Return the coupons that a product shows: those for everyone of its shop, the platform's, and alliance coupons to
    who came to it by a ticket. `offered` (its shop hands coupons out now) and `window_days` (the setting
    `touch_window_days`) are asked for where the caller hasn't read them."""
    shop_id = product.merchant_id
    if offered is None:
        offered = bool(coupons_of.shops_offering(MallFunction.COUPONS, [shop_id]))
    if not offered:
        return ()
    touched = attribution.ticketed(
        buyer_id=buyer_id, visitor=visitor, merchant_ids=[shop_id], now=now, window_days=window_days
    )
    ticketed = bool({(shop_id, None), (shop_id, product.product_id)} & touched)
    return coupons_of.coupons_for_product(product=product, ticketed=ticketed, now=now)


def coupon_centre(
    *, shop_no: str, category_id: int | None, before: str, limit: int, now: datetime
) -> list[CouponShown]:
    """Return a page of the coupons that everyone may take now or will within a week; of one shop, or for a category.

    Raises:
        NotFound: no such shop.
    """
    if not coupons_of.mall_offers(MallFunction.COUPONS):
        return []
    shop = parties.shop(shop_no) if shop_no else None
    return coupons_of.coupons_for_everyone(
        now=now, merchant_id=shop.id if shop else None, category_id=category_id, before=before, limit=limit
    )


def quote(*, buyer_id: int, visitor: str, items: Sequence[tuple[int, int]], now: datetime) -> list[Offer]:
    """Return what a buyer's vouchers would take off (SKU id, quantity) items now, and why some wouldn't."""
    facts = catalog.sku_facts(sku_id for sku_id, _ in items)
    on = coupons_of.shops_offering(MallFunction.COUPONS, {one.merchant_id for one in facts.values()})
    wanted = [_item(facts[sku_id], quantity, on) for sku_id, quantity in items if sku_id in facts]
    touched = attribution.ticketed(
        buyer_id=buyer_id, visitor=visitor, merchant_ids={item.merchant_id for item in wanted}, now=now
    )
    came = [bool({(one.merchant_id, None), (one.merchant_id, one.product_id)} & touched) for one in wanted]
    return coupons_of.quote(buyer_id=buyer_id, items=wanted, ticketed=came, now=now)


def _may_see(coupon: CouponShown, buyer_id: int | None, visitor: str, now: datetime) -> bool:
    """Return whether a ticket covers the shop, or a product that the coupon lowers."""
    merchant_id = coupon.terms.merchant_id
    if merchant_id is None:
        return True
    touched = attribution.ticketed(buyer_id=buyer_id, visitor=visitor, merchant_ids=[merchant_id], now=now)
    if (merchant_id, None) in touched:
        return True
    products = catalog.product_facts({product_id for _, product_id in touched if product_id is not None})
    return coupons_of.lowers(coupon, products.values())


def _item(sku: SkuFacts, quantity: int, on: Collection[int]) -> Item:
    amount = sku.price_fen * quantity
    return Item(sku.merchant_id, sku.product_id, sku.category_path, amount, sku.merchant_id in on)
