"""Stories of orders through the flows, to the fen: who earns, what is held, what goes back."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import plans as make_plans
from tests.make.people import APPID
from tests.make.refusals import refused
from tuike.catalog.types import NotOnSale, SoldOut
from tuike.db import rows
from tuike.flows.close_unpaid import close_unpaid
from tuike.flows.closing import close_checkouts
from tuike.flows.confirm_payments import confirm_answers
from tuike.flows.place_order import Wanted, place_order
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.gateways.types import RefundState
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.orders import queries as orders_of
from tuike.orders.types import CloseReason
from tuike.parties.types import Role, Source
from tuike.payments import queries as payments_of
from tuike.people import service as people
from tuike.risk import queries as risk

pytestmark = pytest.mark.usefixtures("db")
WEB = "wxtuikepages00001"
LATER = make.NOON + timedelta(hours=1)
DUE = make.NOON + timedelta(days=1 + 27, hours=2)


@pytest.fixture
def one():
    return make.alliance(price_fen=3_330)


def flow(one: make.Alliance, *, quantity: int = 1, buyer_id: int | None = None, key: str = "k", now=LATER):
    """Place through the flow; return the order."""
    wanted = Wanted(((make_catalog.sku_of(one.product_id), quantity),))
    placed = place_order(buyer_id=buyer_id or one.buyer_id, visitor="", wanted=wanted, key=key, now=now)
    return orders_of.orders_by_no([placed["orders"][0]["no"]])[placed["orders"][0]["no"]]


def paid(order, *, openid: str = "nobody-known", now=LATER, **changes: object):
    """Start and confirm the payment of an order's checkout."""
    intent = make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=order.payable_fen, now=now)
    said = {"amount_fen": order.payable_fen, "success_at": now + timedelta(minutes=1), "payer_openid": openid}
    confirm_answers(facts=[make_payments.fact(intent.no, **said | changes)], now=now + timedelta(minutes=1))
    return intent


def earned(order) -> dict[str, int]:
    """Return what the order's lines earn by role; the books hold."""
    books.check()
    lines = [line.id for line in order.lines]
    found = rows.query(
        "SELECT role, sum(amount_fen)::bigint FROM commission_accrual WHERE sale_id = ANY(%s) GROUP BY 1", [lines]
    )
    return dict(found)


def balance(account) -> int:
    return ledger.balances(refs=[account])[account.path]


def nobody(order) -> str:
    """Return the reason, kept with the sale, why nobody earns it."""
    return rows.query("SELECT terms->>'nobody' FROM commission_sale WHERE id = %s", [order.lines[0].id])[0][0]


# --- who earns


def test_the_promoter_and_the_recruiter_earn(one):
    make.touch(one)
    order = flow(one, quantity=3)
    paid(order)
    assert earned(order) == {"direct": 1_198, "tier2": 499}
    assert balance(chart.merchant(one.shop.id, "held")) == 9_990 - 1_198 - 499


def test_a_leaders_material_earns_the_service_fee_beside(one):
    make.touch(one, leader=True)
    order = flow(one, quantity=3)
    paid(order)
    assert earned(order) == {"direct": 1_198, "tier2": 499, "leader": 199}


def test_the_promoter_who_buys_earns_the_self_purchase_rate_alone(one):
    person_id = make_parties.super_admin_of(one.promoter).person_id
    make.touch(one, buyer_id=person_id)
    order = flow(one, quantity=3, buyer_id=person_id)
    paid(order)
    assert earned(order) == {"self": 299}


def test_an_administrator_of_the_promoter_is_the_promoter(one):
    person_id = make_parties.seated(one.promoter, Role.ADMIN).person_id
    make.touch(one, buyer_id=person_id)
    order = flow(one, quantity=3, buyer_id=person_id)
    paid(order)
    assert earned(order) == {"self": 299}


def test_where_self_purchases_are_off_nobody_earns(one):
    make.plans.set_self_purchase(
        merchant_id=one.shop.id,
        rates={(make.SelfScope.ALL, 0): None},
        actor=make.OPERATOR_SHELL,
        now=make_plans.EARLY + timedelta(days=1),
    )
    person_id = make_parties.super_admin_of(one.promoter).person_id
    make.touch(one, buyer_id=person_id)
    order = flow(one, buyer_id=person_id)
    paid(order)
    assert earned(order) == {} and nobody(order) == "self_purchase_off"
    assert balance(chart.merchant(one.shop.id, "held")) == 3_330


def _openid_of_the_promoter(one, settings) -> str:
    settings.WECHAT_APPID = APPID
    person_id = make_parties.super_admin_of(one.promoter).person_id
    return rows.query("SELECT openid FROM people_wechat_identity WHERE person_id = %s", [person_id])[0][0]


def test_a_friend_for_whom_the_promoter_pays_is_a_self_purchase(one, settings):
    openid = _openid_of_the_promoter(one, settings)
    campaign = make_plans.campaign(one.shop.id, 3_000, now=make.NOON, budget_fen=10_000)
    make.touch(one)
    order = flow(one, quantity=3)
    held = "SELECT reserved_fen FROM plans_campaign WHERE id = %s"
    assert rows.query(held, [campaign]) == [(2_997,)]
    paid(order, openid=openid)
    assert earned(order) == {"self": 299}
    assert rows.query(held, [campaign]) == [(0,)]


def test_a_promoter_who_pays_on_a_page_in_wechat_is_known_by_the_web_openid(one, settings):
    openid = _openid_of_the_promoter(one, settings)
    people.sign_in_by_wechat(appid=APPID, openid=openid, unionid="union-of-the-promoter", now=make.NOON)
    web = people.sign_in_by_wechat(appid=WEB, openid="oWEBpromoter", unionid="union-of-the-promoter", now=make.NOON)
    assert web.id == make_parties.super_admin_of(one.promoter).person_id
    make.touch(one)
    order = flow(one)
    paid(order, openid="oWEBpromoter", appid=WEB)
    assert set(earned(order)) == {"self"}
    make.touch(one)
    order = flow(one, key="k2")
    paid(order, openid="oWEBpromoter")  # of another app it is nobody we know
    assert "self" not in earned(order)


def test_where_self_purchases_are_off_a_paying_promoter_earns_nothing(one, settings):
    openid = _openid_of_the_promoter(one, settings)
    make.plans.set_self_purchase(
        merchant_id=one.shop.id,
        rates={(make.SelfScope.ALL, 0): None},
        actor=make.OPERATOR_SHELL,
        now=make_plans.EARLY + timedelta(days=1),
    )
    make.touch(one)
    order = flow(one)
    paid(order, openid=openid)
    assert earned(order) == {} and nobody(order) == "self_purchase_off"


# --- what is held


def test_the_last_unit_is_sold_once_and_may_still_be_promoted(one):
    make_catalog.service.add_stock(
        merchant_id=one.shop.id,
        items=[(make_catalog.sku_of(one.product_id), -99)],
        actor=make.OPERATOR_SHELL,
        now=make.NOON,
    )
    make.touch(one)
    order = flow(one)
    paid(order)
    assert earned(order) == {"direct": 399, "tier2": 166}
    with refused(SoldOut, "orders_", "catalog_", "attribution_", "idempotency_"):
        flow(one, key="second")
    assert make_catalog.stock(make_catalog.sku_of(one.product_id)) == (0, 1)


def test_a_line_that_a_budget_cant_hold_whole_gets_the_next_layer(one):
    # 30 % of 3330 is 999: the budget holds two lines and not a third.
    campaign = make_plans.campaign(one.shop.id, 3_000, now=make.NOON, budget_fen=2_500)
    make.touch(one)
    orders = [flow(one, key=f"k{n}") for n in range(3)]
    for order in orders:
        paid(order)
    assert [earned(order)["direct"] for order in orders] == [999, 999, 399]
    assert rows.query("SELECT reserved_fen FROM plans_campaign WHERE id = %s", [campaign]) == [(1_998,)]


def test_what_isnt_paid_in_time_gives_stock_and_budget_back(one):
    campaign = make_plans.campaign(one.shop.id, 3_000, now=make.NOON, budget_fen=2_500)
    make.touch(one)
    order = flow(one, quantity=2)
    assert close_unpaid(now=LATER + timedelta(minutes=29, seconds=59)) == 0
    assert close_unpaid(now=LATER + timedelta(minutes=30)) == 1
    assert close_unpaid(now=LATER + timedelta(minutes=30)) == 0
    assert str(make.again(order).state) == "closed"
    assert make_catalog.stock(order.lines[0].sku_id) == (100, 0)
    assert rows.query("SELECT reserved_fen FROM plans_campaign WHERE id = %s", [campaign]) == [(0,)]
    books.check()


def test_goods_of_a_shop_outside_the_mall_arent_sold_here(one):
    outside = make.alliance(source=Source.MINI_PROGRAM)
    with refused(NotOnSale, "orders_", "catalog_", "attribution_", "idempotency_"):
        flow(outside)


# --- money that isn't as it should be


def test_a_late_payment_goes_back_by_itself(one):
    order = flow(one)
    intent = make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=3_330, now=LATER)
    late = LATER + timedelta(hours=1)
    make.payments.record_closed(intent_nos=[intent.no], now=late)
    close_checkouts(checkout_nos=[order.checkout_no], reason=CloseReason.UNPAID_IN_TIME, now=late)
    fact = make_payments.fact(intent.no, amount_fen=3_330, success_at=late)
    for _ in range(2):
        confirm_answers(facts=[fact], now=late)
    assert str(make.again(order).state) == "closed" and make_catalog.stock(order.lines[0].sku_id) == (100, 0)
    refund = payments_of.refunds_of([f"late:{intent.no}"])[f"late:{intent.no}"]
    assert refund.amount_fen == 3_330 and balance(chart.clearing(refund.no)) == 3_330
    assert [case.kind for case in risk.cases_about(intent.no)] == ["late_payment"]
    done = make_payments.refund_fact(refund, RefundState.SUCCESS, total_fen=3_330, success_at=late)
    make.payments.keep_notice(channel="wechatpay", notice=make_payments.notice(done), now=late)
    make.confirm_refunds(now=late)
    assert balance(chart.outside("wechatpay")) == 0
    books.check()


def test_another_amount_serves_nothing_and_is_a_case(one):
    make.touch(one)
    order = flow(one)
    intent = paid(order, amount_fen=3_329)
    assert str(make.again(order).state) == "unpaid" and earned(order) == {}
    assert balance(chart.clearing(intent.no)) == 3_329
    assert [case.kind for case in risk.cases_about(intent.no)] == ["amount_mismatch"]


# --- what goes back


def test_a_refund_before_shipping_gives_everything_back(one):
    campaign = make_plans.campaign(one.shop.id, 3_000, now=make.NOON, budget_fen=10_000)
    make.touch(one)
    order = flow(one, quantity=2)
    paid(order)
    assert earned(order) == {"direct": 1_998, "tier2": 333}
    make.refunded(order, (1, 1), now=LATER + timedelta(hours=1))
    assert earned(order) == {"direct": 999, "tier2": 166}
    assert make_catalog.stock(order.lines[0].sku_id) == (99, 1)
    make.refunded(order, now=LATER + timedelta(hours=2))
    assert earned(order) == {"direct": 0, "tier2": 0}
    assert make_catalog.stock(order.lines[0].sku_id) == (100, 0)
    assert str(make.again(order).state) == "closed"
    assert rows.query("SELECT reserved_fen FROM plans_campaign WHERE id = %s", [campaign]) == [(0,)]
    for account in (
        chart.merchant(one.shop.id, "held"),
        chart.promoter(one.promoter.id, "pending"),
        chart.outside("wechatpay"),
    ):
        assert balance(account) == 0


def test_a_refund_after_settling_takes_back_and_what_is_gone_is_owed(one):
    campaign = make_plans.campaign(one.shop.id, 3_000, now=make.NOON, budget_fen=10_000)
    make.touch(one)
    order = flow(one)
    paid(order)
    make.received(make.again(order), now=LATER + timedelta(minutes=10))
    make.matured(until=DUE)
    available, owed = (chart.promoter(one.promoter.id, name) for name in ("available", "owed"))
    assert (balance(available), balance(chart.merchant(one.shop.id, "available"))) == (999, 3_330 - 999 - 166)
    make_parties.bank_account(one.promoter)
    asker = make_parties.super_admin_of(one.promoter)
    request_withdrawal(party_id=one.promoter.id, amount_fen=600, key="w", actor=asker, now=DUE)
    make.refunded(make.again(order), now=DUE + timedelta(hours=1))
    assert (balance(available), balance(owed)) == (0, -600)
    # The money was paid out of a campaign that settled: its budget is spent.
    assert rows.query("SELECT reserved_fen FROM plans_campaign WHERE id = %s", [campaign]) == [(999,)]
    assert earned(order) == {"direct": 0, "tier2": 0}
    assert balance(chart.merchant(one.shop.id, "available")) == 0
