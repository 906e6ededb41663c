"""Makers of a whole alliance's stories: a click to a payout, through flows wherever a flow does it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction

from tests.make import attribution as make_attribution
from tests.make import catalog as make_catalog
from tests.make import orders as make_orders
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.make import plans as make_plans
from tuike.attribution import queries as claims
from tuike.attribution.types import LeaderTerms, LinkFacts
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import service as stock
from tuike.commission import service as commission
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import ActivityKind, Floor, NewActivity, NewEnrolment
from tuike.flows import booking, claiming
from tuike.flows.confirm_payments import confirm_answers
from tuike.flows.mature_lines import Run, mature_lines
from tuike.flows.receive_orders import receive_order, start_clock
from tuike.flows.record_touch import record_touch
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.send_refunds import confirm_refunds
from tuike.flows.ship_order import ship_order
from tuike.gateways.types import RefundState
from tuike.kit.days import next_midnight
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import AfterSaleAsk, DiscountFact, OrderDraft, OrderRef
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Source
from tuike.payments import queries as payments_of
from tuike.payments import service as payments
from tuike.plans import service as plans
from tuike.plans.types import SelfScope

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""2 March 2026, noon in Shanghai: what the makers have written is in force."""
_numbers = itertools.count(1)


@dataclass
class Alliance:
    """A shop with rates and tiers, two promoters in a line (the second recruited by the first), a leader, a buyer."""

    shop: PartyRef
    recruiter: PartyRef
    promoter: PartyRef
    leader: PartyRef
    buyer_id: int
    category_id: int
    product_id: int
    links: dict[tuple[int, int | None, bool], LinkFacts] = field(default_factory=dict)
    places: int = 0
    activities: dict[int, str] = field(default_factory=dict)


def alliance(*, source: Source = Source.MINI_STORE, price_fen: int = 5_990, beside: Alliance | None = None) -> Alliance:
    """Return an alliance: benchmark 5 %, the category at 12 %, tier 2 at 5 %, self-purchases at 3 %.

    `beside` another one it has a shop of its own, and the same people.
    """
    if beside is None:
        make_plans.benchmark(500)
    shop = make_parties.merchant(name="青瓷小铺" if beside is None else "山间茶铺", source=source)
    if beside is None:
        recruiter = make_parties.promoter(name="推客老王", phone="13900000001")
        promoter = make_parties.promoter(name="推客小李", recruiter_id=recruiter.id, phone="13900000002")
        leader, buyer_id = make_parties.leader(name="团长阿芳"), make_people.person().id
    else:
        recruiter, promoter, leader, buyer_id = beside.recruiter, beside.promoter, beside.leader, beside.buyer_id
    category_id = make_catalog.category(name="茶具")
    product_id = make_catalog.product(
        merchant_id=shop.id, category_id=category_id, price_fen=price_fen, title="手绘青瓷盖碗"
    )
    if source is Source.MINI_STORE:
        make_plans.category_rate(shop.id, category_id, 1200)
    else:
        make_plans.main_product(shop.id, product_id, 1200)
    make_plans.distribution(shop.id, {2: 500})
    plans.set_self_purchase(
        merchant_id=shop.id, rates={(SelfScope.ALL, 0): 300}, actor=OPERATOR_SHELL, now=make_plans.EARLY
    )
    return Alliance(
        shop=shop,
        recruiter=recruiter,
        promoter=promoter,
        leader=leader,
        buyer_id=buyer_id,
        category_id=category_id,
        product_id=product_id,
    )


def link(one: Alliance, *, leader: bool = False, product_id: int | None = None, now: datetime = NOON) -> LinkFacts:
    """Return the promoter's material for the product, through the leader's activity where wanted."""
    key = (one.promoter.id, product_id or one.product_id, leader)
    known = one.links.get(key)
    if known is None or not known.good_at(now + timedelta(days=14)):
        one.places += 1
        terms = LeaderTerms(one.leader.id, _activity(one, product_id or one.product_id, now)) if leader else None
        one.links[key] = make_attribution.link(
            promoter_id=one.promoter.id,
            merchant_id=one.shop.id,
            product_id=product_id or one.product_id,
            place_=make_attribution.place(
                promoter_id=one.promoter.id, name=f"{one.shop.name[:2]}朋友圈{one.places}", now=now
            ),
            leader=terms,
            now=now,
        )
    return one.links[key]


def _activity(one: Alliance, product_id: int, now: datetime) -> str:
    """Return the leader's activity in which the product is enrolled: at the category's 12 %, the fee is 2 %."""
    if product_id not in one.activities:
        ends = now + timedelta(days=365)
        made = cooperation.create_activity(
            leader_id=one.leader.id,
            activity=NewActivity(
                title="春茶季招商",
                kind=ActivityKind.ORDINARY,
                starts_at=now,
                ends_at=ends,
                floor=Floor(100, 100),
                floors={},
            ),
            actor=OPERATOR_SHELL,
            now=now,
        )
        cooperation.publish_activity(leader_id=one.leader.id, no=made.no, actor=OPERATOR_SHELL, now=now)
        terms = NewEnrolment(product_id=product_id, rate_bps=1200, service_bps=200, ends_at=ends, base_orders=2)
        deed: dict = {"actor": OPERATOR_SHELL, "now": now}
        [enrolled] = cooperation.enrol(merchant_id=one.shop.id, activity_no=made.no, wanted=[terms], **deed)
        cooperation.pass_enrolments(leader_id=one.leader.id, nos=[enrolled.no], **deed)
        plans.open_enrolment(
            enrolment_id=enrolled.enrolment_id,
            merchant_id=one.shop.id,
            product_id=product_id,
            rate_bps=1200,
            service_bps=200,
            starts_at=now,
            ends_at=ends,
            **deed,
        )
        one.activities[product_id] = made.no
    return one.activities[product_id]


def of(one: Alliance, promoter: PartyRef) -> Alliance:
    """Return the same alliance with another promoter, who has places and material of its own."""
    return replace(one, promoter=promoter, links={}, places=0)


def touch(one: Alliance, *, leader: bool = False, buyer_id: int | None = None, now: datetime = NOON) -> None:
    """Let the buyer see the promoter's material."""
    seen = link(one, leader=leader, now=now).code
    record_touch(ticket_or_code=seen, buyer_id=buyer_id or one.buyer_id, now=now)


def placed(
    one: Alliance,
    *,
    pieces: Sequence[int] = (1,),
    coupon_fen: int = 0,
    freight_fen: int = 0,
    buyer_id: int | None = None,
    now: datetime = NOON,
) -> OrderRef:
    """Place an order of the product, a line for each number of pieces: as the flow does, with discounts as given."""
    sku = make_catalog.sku_of(one.product_id)
    price = make_orders.catalog.sku_facts([sku])[sku].price_fen
    discounts = [DiscountFact(kind="coupon", source="K1", amount_fen=coupon_fen)] if coupon_fen else []
    draft = OrderDraft(
        merchant_id=one.shop.id,
        source=Source.MINI_STORE,
        lines=[make_orders.line(sku, price_fen=price, quantity=quantity) for quantity in pieces],
        freight_fen=freight_fen,
        order_discounts=discounts,
    )
    with transaction.atomic():
        merchants = parties.merchant_facts([one.shop.id])
        reasons = claiming.why_not_promotable([one.product_id], merchants, now)
        number_of = orders.take_number(now)
        stock.take_stock(items=[(sku, quantity) for quantity in pieces], source=number_of[1], now=now)
        made = orders.place(
            drafts=[draft],
            buyer_id=buyer_id or one.buyer_id,
            address=make_orders.ADDRESS,
            note="",
            pay_by=now + timedelta(minutes=30),
            now=now,
            number_of=number_of,
        )
        decided = claiming.claim_lines(
            orders=made.orders,
            buyer_id=buyer_id or one.buyer_id,
            visitor="",
            not_promotable=reasons,
            merchants=merchants,
            now=now,
        )
        claiming.reserve_budgets(orders=made.orders, claims=decided)
    return made.orders[0]


def pay(order: OrderRef, *, now: datetime) -> OrderRef:
    """Let the provider say that the order's checkout was paid."""
    intent = make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=order.payable_fen, now=now)
    at = now + timedelta(minutes=1)
    fact = make_payments.fact(intent.no, amount_fen=order.payable_fen, success_at=at, payer_openid="nobody-known")
    confirm_answers(facts=[fact], now=at)
    return again(order)


def bought(one: Alliance, *, now: datetime = NOON, **rest: object) -> OrderRef:
    """Place and pay; takes what `placed` takes."""
    return pay(placed(one, now=now, **rest), now=now)  # type: ignore[arg-type]


def received(order: OrderRef, *, now: datetime) -> OrderRef:
    """Ship a paid order and let the buyer receive it a day later."""
    ship_order(merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no=order.no, now=now)
    receive_order(buyer_id=order.buyer_id or 0, order_no=order.no, now=now + timedelta(days=1))
    return again(order)


def matured(*, until: datetime) -> Run:
    """Settle everything that is due at `until`."""
    return mature_lines(until=until, now=until)


def refunded(order: OrderRef, *lines: tuple[int, int], now: datetime, sent: bool = True) -> str:
    """Ask back (line number, pieces), or everything; approve it, and let the provider pay it. Returns the number."""
    asks = [AfterSaleAsk(line_no=no, quantity=quantity, amount_fen=None) for no, quantity in lines] or None
    key = f"refund-{next(_numbers)}"
    asked = ask_refund(buyer_id=order.buyer_id or 0, order_no=order.no, lines=asks, reason="不想要了", key=key, now=now)
    approve_refund(no=asked["no"], merchant_id=order.merchant_id, actor=OPERATOR_SHELL, now=now)
    if sent:
        refund = payments_of.refunds_of([f"after_sale:{asked['no']}"])[f"after_sale:{asked['no']}"]
        fact = make_payments.refund_fact(
            refund, RefundState.SUCCESS, total_fen=order.payable_fen, success_at=now + timedelta(minutes=5)
        )
        payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=now)
        confirm_refunds(now=now + timedelta(minutes=5))
    return asked["no"]


def reported(one: Alliance, *, external_no: str = "EXT-1", touched: bool = True, now: datetime = NOON) -> OrderRef:
    """Take an external shop's report of one received piece: claimed by the touch, booked from the prepaid balance."""
    sku = make_catalog.sku_of(one.product_id)
    price = make_orders.catalog.sku_facts([sku])[sku].price_fen
    if touched:
        touch(one, now=now - timedelta(hours=1))
    report = make_orders.report(
        make_orders.line(sku, price_fen=price),
        external_no=external_no,
        placed_at=now,
        paid_at=now + timedelta(minutes=1),
        shipped_at=now + timedelta(hours=1),
        received_at=now + timedelta(days=1),
        buyer_id=one.buyer_id,
    )
    with transaction.atomic():
        order = orders.place_external(merchant_id=one.shop.id, reports=[report])[0].order
        claiming.claim_lines(
            orders=[order],
            buyer_id=one.buyer_id,
            visitor="",
            not_promotable={},
            merchants=parties.merchant_facts([one.shop.id]),
            now=now,
        )
        commission.accrue(sales=booking.sale_facts(orders=[order]), booking=order.no, clearing=order.no, now=now)
        start_clock([order], now)
    return order


def topped_up(one: Alliance, amount_fen: int, *, now: datetime) -> None:
    """Pay into the external shop's prepaid balance; what waits for it goes on."""
    purpose = f"top_up:{one.shop.id}:k{next(_numbers)}"
    intent = make_payments.intent(purpose=purpose, amount_fen=amount_fen, now=now)
    fact = make_payments.fact(intent.no, amount_fen=amount_fen, success_at=now, payer_openid="nobody-known")
    confirm_answers(facts=[fact], now=now)


def again(order: OrderRef) -> OrderRef:
    """The order as it stands now."""
    return orders_of.orders_by_id([order.id])[order.id]


def accruals(order: OrderRef) -> dict[str, int]:
    """Return the ids of the accruals of an order's first line by role."""
    from tuike.db import rows

    return dict(rows.query("SELECT role, id FROM commission_accrual WHERE sale_id = %s", [order.lines[0].id]))


def reason(order: OrderRef) -> str:
    """Return why nobody earns an order's first line, empty where somebody does."""
    return str(claims.claims_of([order.lines[0].id])[order.lines[0].id].reason or "")


def next_day(instant: datetime = NOON) -> datetime:
    """Return noon of the next day in Shanghai."""
    return next_midnight(instant) + timedelta(hours=12)
