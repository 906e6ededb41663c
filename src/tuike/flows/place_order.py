"""A buyer places what is in hand: stock, orders, discounts, claims and budgets in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tuike.catalog import service as stock
from tuike.catalog.types import NotOnSale
from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.flows import booking, claiming, couponing, judging, led_orders, pricing
from tuike.flows.pricing import Goods, Special, Wanted
from tuike.idempotency import service as idempotency
from tuike.kit.errors import Invalid
from tuike.kit.money import yuan
from tuike.marketing import queries as marketing_of
from tuike.marketing import service as marketing
from tuike.marketing.types import Lowered, PointsTooMany
from tuike.members import queries as members
from tuike.orders import service as orders
from tuike.orders.types import Address, OrderDraft, OrderRef, Placed, PriceChanged
from tuike.outbox import service as outbox
from tuike.parties.types import Source
from tuike.people import service as people
from tuike.plans import service as plans
from tuike.plans.types import ReserveAsk

__all__ = ["Wanted", "place", "place_order"]


@retry
def place_order(*, buyer_id: int, visitor: str, wanted: Wanted, key: str, now: datetime) -> dict[str, Any]:
    """Place one checkout with one order per merchant, and return it as plain JSON.

    The claim of every line is decided here, at placement, and budgets of campaigns are held (docs/rules.md §3–5);
    vouchers, points and balance are taken by the statements that check them (§10). What the channel has nothing to pay
    for is paid at once. The same key and content again gives the same answer.

    Raises:
        SoldOut, NotOnSale, NoSuchSku: a SKU can't be had.
        TooManyLines, BadQuantity, TextTooLong: what no order has.
        PriceChanged: the sum isn't `expected_fen`.
        VoucherNotGood, OneVoucherAShop, CouponNeedsTicket, CouponLowersNothing, CouponBelowThreshold, NotFound: the
            vouchers; see couponing.
        FunctionOff, BargainOver, BargainAboveFloor, BargainSoldOut: the bargain.
        PointsGoodTakenUp, PointsGoodNotOpen, PointsGoodLimit, PointsTooMany, PointsShort, BalanceShort: the rest.
        NotDeliverable, UnknownRegion: where it goes.
        PhoneNeeded: the mall wants the buyer's phone number first.
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
    goods = pricing.gather(wanted.items)
    if goods.said["phone_wish"]:
        people.require_phone(person_id=buyer_id)
    paths = {one.product_id: one.category_path for one in goods.skus.values()}
    # Asked before stock is taken: the last unit may still be promoted.
    reasons = claiming.why_products_not(goods.products.values(), goods.merchants, goods.said["price_floor_fen"], now)
    number = orders.take_number(now)
    stock.take_stock(items=wanted.items, source=number[1], now=now)
    _check_shops(goods)
    address = _address(buyer_id, wanted)
    drafts, used = _priced(wanted, goods, address=address, buyer_id=buyer_id, checkout_no=number[1], now=now)
    payable = pricing.payable_of(drafts)
    if wanted.expected_fen is not None and wanted.expected_fen != payable:
        raise PriceChanged(expected=yuan(wanted.expected_fen), now=yuan(payable))
    balance = min(marketing_of.balance_of(buyer_id), payable) if wanted.use_balance else 0
    placed = orders.place(
        drafts=drafts,
        buyer_id=buyer_id,
        address=address,
        note=wanted.note,
        pay_by=now + timedelta(minutes=goods.said["unpaid_minutes"]),
        now=now,
        balance_fen=balance,
        number_of=number,
    )
    claims = claiming.claim_lines(
        orders=placed.orders,
        buyer_id=buyer_id,
        visitor=visitor,
        not_promotable=reasons,
        merchants=goods.merchants,
        now=now,
        paths=paths,
        window_days=goods.said["touch_window_days"],
    )
    couponing.check_tickets(orders=placed.orders, claims=claims, used=used)
    budgets = claiming.budgets_for(orders=placed.orders, claims=claims, at=now, merchants=goods.merchants, paths=paths)
    carted = orders.remove_placed(buyer_id=buyer_id, items=wanted.items)
    outbox.put(topic="order.placed", events=[_told(order, carted) for order in placed.orders], now=now)
    points = pricing.worth_their_price(wanted.points, goods)
    _take(
        points=points, balance_fen=balance, budgets=budgets, buyer_id=buyer_id, checkout_no=placed.checkout_no, now=now
    )
    if placed.payable_fen == balance:
        _paid_at_once(placed, buyer_id, now)
    return placed


def _priced(
    wanted: Wanted, goods: Goods, *, address: Address | None, buyer_id: int, checkout_no: str, now: datetime
) -> tuple[list[OrderDraft], list[Lowered]]:
    """Take what lowers the checkout, points apart, and return the drafts with all discounts and freight."""
    special = _special(wanted, buyer_id, now)
    drafts = pricing.drafts_of(wanted.items, goods, special, dict(wanted.notes))
    if special and not any(line.discounts for draft in drafts for line in draft.lines):  # it costs less without
        raise PriceChanged(expected=yuan(special.whole_fen), now=yuan(pricing.payable_of(drafts)))
    used: list[Lowered] = []
    if wanted.vouchers:
        items = [goods.item(draft.merchant_id, line) for draft in drafts for line in draft.lines]
        used = couponing.use(items, vouchers=wanted.vouchers, buyer_id=buyer_id, now=now)
        drafts = pricing.lower_by_vouchers(drafts, used)
    if wanted.points:
        most = pricing.most_points(drafts, goods)
        if wanted.points > most:
            raise PointsTooMany(points=most)
        if points := pricing.worth_their_price(wanted.points, goods):
            drafts = pricing.lower_by_points(drafts, goods, points=points, source=_points_source(checkout_no))
    return pricing.with_freight(drafts, address.region_code if address else "")[0], used


def _take(
    *, points: int, balance_fen: int, budgets: Sequence[ReserveAsk], buyer_id: int, checkout_no: str, now: datetime
) -> None:
    """Take what many wait for. Placing, closing, paying and refunding lock in one order, so that none waits for another
    in a ring: stock, points, balances, campaigns' budgets, and last the shops' accounts.

    All that spend points stand in line at the platform's pool until they commit, so it comes after all that is only
    this checkout's.
    """
    if points:
        source = _points_source(checkout_no)
        marketing.spend_points(buyer_id=buyer_id, points=points, kind=pricing.POINTS, source=source, now=now)
    if balance_fen:
        marketing.hold_balance(buyer_id=buyer_id, amount_fen=balance_fen, checkout_no=checkout_no, now=now)
    if budgets:
        plans.reserve(asks=budgets, now=now)


def _points_source(checkout_no: str) -> str:
    return f"P{checkout_no}"


def _special(wanted: Wanted, buyer_id: int, now: datetime) -> Special | None:
    """Use the bargain, or take the good of the points mall, that the checkout is for.

    Raises:
        Invalid: something else is in the checkout.
    """
    if wanted.bargain and wanted.points_good:
        raise _only()
    if wanted.bargain:
        sku_id, price_fen = marketing_of.bargain_for_checkout(buyer_id=buyer_id, no=wanted.bargain, now=now)
        if wanted.items != ((sku_id, 1),):
            raise _only()
        marketing.use_bargain(no=wanted.bargain, buyer_id=buyer_id, now=now)
        return Special(pricing.BARGAIN, wanted.bargain, sku_id, price_fen)
    if wanted.points_good:
        quantity = sum(count for _, count in wanted.items)
        taken = marketing.take_points_good(buyer_id=buyer_id, good_no=wanted.points_good, quantity=quantity, now=now)
        if wanted.items != ((taken.sku_id, quantity),):
            raise _only()
        return Special(pricing.POINTS_GOOD, taken.no, taken.sku_id, taken.money_fen, taken.points)
    return None


def _only() -> Invalid:
    return Invalid(
        field="items",
        reason_zh="砍价或积分兑换须单独结算",
        reason_en="a bargain or a good of the points mall is bought alone",
    )


def _address(buyer_id: int, wanted: Wanted) -> Address | None:
    """Return where it goes: the buyer's saved address, or the one that came along.

    Raises:
        NotFound: not an address of the buyer.
    """
    if not wanted.address_no:
        return wanted.address
    saved = members.address_of(buyer_id=buyer_id, no=wanted.address_no)
    return Address(
        name=saved.name,
        phone=saved.phone,
        region=saved.region,
        detail=saved.detail,
        region_code=saved.region_code,
    )


def _paid_at_once(placed: Placed, buyer_id: int, now: datetime) -> None:
    """Book a checkout that the channel has nothing to pay for, as a payment's confirmation books others."""
    no = placed.checkout_no
    marketing.spend_balance(clearing={no: no}, now=now)
    moved = orders.mark_paid(checkouts={no: now}).moved
    sales = booking.sale_facts(orders=moved, payers={order.no: buyer_id for order in moved})
    commission.accrue(sales=sales, booking=no, clearing=no, now=now, judge=judging.judge_at(sales, now))
    led_orders.count_paid(sales, now)
    told = [(order.no, {"merchant_id": order.merchant_id, "payable_fen": order.payable_fen}) for order in moved]
    outbox.put(topic="order.paid", events=told, now=now)


def _told(order: OrderRef, carted: Mapping[int, datetime]) -> tuple[str, dict[str, Any]]:
    """Return what is told of a placed order: `carted_at` where all of it came out of the cart, the last of it then."""
    facts: dict[str, Any] = {"merchant_id": order.merchant_id, "payable_fen": order.payable_fen}
    since = [carted.get(line.sku_id) for line in order.lines]
    known = [one for one in since if one is not None]
    if known and len(known) == len(since):
        facts["carted_at"] = max(known).isoformat()
    return order.no, facts


def _check_shops(goods: Goods) -> None:
    """Refuse goods of a shop that sells elsewhere (its orders are reported, not placed here) or is suspended."""
    for one in goods.skus.values():
        shop = goods.merchants[one.merchant_id]
        if shop.source is not Source.MINI_STORE or shop.suspended:
            raise NotOnSale(sku_id=one.sku_id, title=one.title)


def _answer(placed: Placed) -> dict[str, Any]:
    return {
        "checkout_no": placed.checkout_no,
        "payable_fen": placed.payable_fen,
        "balance_fen": placed.balance_fen,
        "to_pay_fen": placed.payable_fen - placed.balance_fen,
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
