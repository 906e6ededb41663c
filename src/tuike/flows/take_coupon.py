"""A buyer who came by a ticket sees coupons, takes one, and asks what it would take off (docs/rules.md §10)."""

from collections.abc import Sequence
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
from tuike.marketing.types import CouponShown, Item, Offer, VoucherShown
from tuike.outbox import service as outbox


@retry
def take_coupon(*, buyer_id: int, visitor: str, coupon_no: str, key: str, now: datetime) -> VoucherShown:
    """Let a buyer who came by a ticket take a voucher; the same key again gives the same one.

    Raises:
        NotFound: no such coupon, or none that the buyer may see: no ticket covers anything of it.
        CouponTakenUp, CouponNotOpen, CouponLimit: see marketing.take.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        coupon = coupons_of.coupon_by_no(coupon_no)
        if not _may_see(coupon, buyer_id, visitor, now):
            raise NotFound
        no = marketing.take(coupon=coupon, buyer_id=buyer_id, now=now).no
        stands = coupons_of.coupon_by_no(coupon_no)
        if stands.taken == stands.stock:  # the last one: products don't show it any more
            facts = {"merchant_id": coupon.terms.merchant_id}
            outbox.put(topic="coupon.changed", events=[(coupon_no, facts)], now=now)
        return {"no": no}

    with transaction.atomic(durable=True):
        scope, content = f"buyer:{buyer_id}:take_coupon", {"coupon": coupon_no}
        taken = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return coupons_of.voucher_of(buyer_id=buyer_id, no=taken["no"])


def coupons_seen(
    *, product: ProductFacts, buyer_id: int | None, visitor: str, now: datetime
) -> tuple[CouponShown, ...]:
    """Return the coupons that a product shows to who came to it by a ticket; to others none."""
    touched = attribution.ticketed(buyer_id=buyer_id, visitor=visitor, merchant_ids=[product.merchant_id], now=now)
    if not {(product.merchant_id, None), (product.merchant_id, product.product_id)} & touched:
        return ()
    return coupons_of.coupons_of_products([product], now).get(product.product_id, ())


def quote(*, buyer_id: int, visitor: str, items: Sequence[tuple[int, int]], now: datetime) -> list[Offer]:
    """Return what a buyer's vouchers would take off (SKU id, quantity) items now, and why some wouldn't."""
    facts = catalog.sku_facts(sku_id for sku_id, _ in items)
    wanted = [_item(facts[sku_id], quantity) for sku_id, quantity in items if sku_id in facts]
    touched = attribution.ticketed(
        buyer_id=buyer_id, visitor=visitor, merchant_ids={item.merchant_id for item in wanted}, now=now
    )
    came = [bool({(one.merchant_id, None), (one.merchant_id, one.product_id)} & touched) for one in wanted]
    return coupons_of.quote(buyer_id=buyer_id, items=wanted, ticketed=came, now=now)


def _may_see(coupon: CouponShown, buyer_id: int | None, visitor: str, now: datetime) -> bool:
    """Return whether a ticket covers the shop, or a product that the coupon lowers."""
    merchant_id = coupon.terms.merchant_id
    touched = attribution.ticketed(buyer_id=buyer_id, visitor=visitor, merchant_ids=[merchant_id], now=now)
    if (merchant_id, None) in touched:
        return True
    products = catalog.product_facts({product_id for _, product_id in touched if product_id is not None})
    return coupons_of.lowers(coupon, products.values())


def _item(sku: SkuFacts, quantity: int) -> Item:
    return Item(sku.merchant_id, sku.product_id, sku.category_path, sku.price_fen * quantity)
