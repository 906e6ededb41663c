"""A buyer places what is in hand: stock, orders, claims and budgets in one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.catalog import service as stock
from tuike.catalog.types import NotOnSale, SkuFacts
from tuike.db.retry import retry
from tuike.flows import claiming, couponing
from tuike.idempotency import service as idempotency
from tuike.kit.errors import NotFound
from tuike.marketing.types import Lowered
from tuike.orders import service as orders
from tuike.orders.types import Address, LineDraft, OrderDraft, Placed
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, Source
from tuike.settings import service as settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer wants: (SKU id, quantity) items, where to, a note to the shops, the vouchers to use."""

    items: tuple[tuple[int, int], ...]
    address: Address | None = None
    note: str = ""
    vouchers: tuple[str, ...] = ()


@retry
def place_order(*, buyer_id: int, visitor: str, wanted: Wanted, key: str, now: datetime) -> dict[str, Any]:
    """Place one checkout with one order per merchant, and return it as plain JSON.

    The claim of every line is decided here, at placement, and budgets of campaigns are held (docs/rules.md §3–5). The
    same key and content again gives the same answer.

    Raises:
        SoldOut, NotOnSale, NoSuchSku: a SKU can't be had.
        TooManyLines, BadQuantity, TextTooLong: what no order has.
        VoucherNotGood, OneVoucherAShop, CouponNeedsTicket, CouponLowersNothing, CouponBelowThreshold, NotFound: the
            vouchers; see couponing.
        KeyUsedForOther, KeyMalformed: see idempotency.
    """
    with transaction.atomic(durable=True):
        return idempotency.once(
            scope=f"buyer:{buyer_id}:place_order",
            key=key,
            content=asdict(wanted),
            now=now,
            work=lambda: _answer(place(buyer_id=buyer_id, visitor=visitor, wanted=wanted, now=now)),
        )


def place(*, buyer_id: int, visitor: str, wanted: Wanted, now: datetime) -> Placed:
    """Do what `place_order` does, inside the caller's transaction."""
    skus, products = catalog.sale_facts([sku_id for sku_id, _ in wanted.items])
    merchants = parties.merchant_facts({one.merchant_id for one in skus.values()})
    paths = {one.product_id: one.category_path for one in skus.values()}
    said = settings.read(["price_floor_fen", "touch_window_days", "unpaid_minutes"])
    # Asked before stock is taken: the last unit may still be promoted.
    reasons = claiming.why_products_not(products.values(), merchants, said["price_floor_fen"], now)
    stock.take_stock(items=wanted.items)
    _check_shops(skus, merchants)
    drafts = _drafts(wanted.items, skus, merchants)
    used: list[Lowered] = []
    if wanted.vouchers:
        drafts, used = couponing.lower(drafts, vouchers=wanted.vouchers, buyer_id=buyer_id, paths=paths, now=now)
    placed = orders.place(
        drafts=drafts,
        buyer_id=buyer_id,
        address=wanted.address,
        note=wanted.note,
        pay_by=now + timedelta(minutes=said["unpaid_minutes"]),
        now=now,
    )
    claims = claiming.claim_lines(
        orders=placed.orders,
        buyer_id=buyer_id,
        visitor=visitor,
        not_promotable=reasons,
        merchants=merchants,
        now=now,
        paths=paths,
        window_days=said["touch_window_days"],
    )
    couponing.check_tickets(orders=placed.orders, claims=claims, used=used)
    claiming.reserve_budgets(orders=placed.orders, claims=claims, now=now, merchants=merchants, paths=paths)
    orders.remove_placed(buyer_id=buyer_id, items=wanted.items)
    told = [(order.no, {"merchant_id": order.merchant_id, "payable_fen": order.payable_fen}) for order in placed.orders]
    outbox.put(topic="order.placed", events=told, now=now)
    return placed


def _check_shops(skus: dict[int, SkuFacts], merchants: dict[int, MerchantFacts]) -> None:
    """Refuse goods of a shop that sells elsewhere (its orders are reported, not placed here) or is suspended."""
    for one in skus.values():
        shop = merchants[one.merchant_id]
        if shop.source is not Source.MINI_STORE or shop.suspended:
            raise NotOnSale(sku_id=one.sku_id, title=one.title)


def _drafts(
    items: Sequence[tuple[int, int]], skus: dict[int, SkuFacts], merchants: dict[int, MerchantFacts]
) -> list[OrderDraft]:
    lines: dict[int, list[LineDraft]] = {}
    for sku_id, quantity in items:
        one = skus.get(sku_id)
        if one is None:
            raise NotFound
        lines.setdefault(one.merchant_id, []).append(
            LineDraft(
                product_id=one.product_id,
                sku_id=sku_id,
                category_id=one.category_id,
                title=one.title,
                spec=one.spec,
                price_fen=one.price_fen,
                quantity=quantity,
            )
        )
    return [
        OrderDraft(merchant_id=merchant_id, source=merchants[merchant_id].source, lines=drafts)
        for merchant_id, drafts in lines.items()
    ]


def _answer(placed: Placed) -> dict[str, Any]:
    return {
        "checkout_no": placed.checkout_no,
        "payable_fen": placed.payable_fen,
        "pay_by": placed.pay_by.isoformat(),
        "orders": [
            {
                "no": order.no,
                "merchant_id": order.merchant_id,
                "payable_fen": order.payable_fen,
                "lines": [
                    {
                        "no": line.no,
                        "product_id": line.product_id,
                        "sku_id": line.sku_id,
                        "title": line.title,
                        "spec": line.spec,
                        "quantity": line.quantity,
                        "price_fen": line.price_fen,
                        "paid_fen": line.paid_fen,
                    }
                    for line in order.lines
                ],
            }
            for order in placed.orders
        ],
    }
