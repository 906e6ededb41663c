"""A shop's coupons in its console: made, shown with figures, given out more of, stopped; by whom and by nobody else."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import take_coupon
from tuike.flows.place_order import Wanted, place_order
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.marketing import queries
from tuike.marketing.types import CouponPhase
from tuike.orders import queries as orders_of
from tuike.parties.types import Role

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def seller(sit, one):
    return sit(one.shop)


@contextlib.contextmanager
def unchanged() -> Iterator[None]:
    """No coupon is made or changed."""
    before = rows.query("SELECT c::text FROM marketing_coupon c ORDER BY id")
    yield
    assert rows.query("SELECT c::text FROM marketing_coupon c ORDER BY id") == before


def typed(**changes: object) -> dict:
    now = clock.now()
    form = {
        "name": "推客专享",
        "kind": "threshold",
        "threshold": "50",
        "minus": "5.00",
        "starts_at": shown(now)[:16],
        "ends_at": shown(now + timedelta(days=7))[:16],
        "stock": "10",
        "limit": "1",
        "scope": "shop",
        "channel": "alliance",
    }
    return form | changes


def made(one, seller, **changes: object) -> str:
    answer = seller.post("coupon-new", typed(**changes), htmx=False)
    assert answer.status_code == 303, answer.content.decode()
    return queries.open_coupons([one.shop.id], clock.now())[0].no


def test_a_coupon_is_made_and_listed(one, seller):
    assert "还没有优惠券" in seller.get("coupons").content.decode()
    no = made(one, seller)
    page = seller.get("coupons").content.decode()
    for word in ("推客专享", no, "满减券", "¥50.00", "¥5.00", "领取中"):
        assert word in page
    drawer = seller.get("coupon", no=no, htmx=True).content.decode()
    assert "满 ¥50.00 减 ¥5.00" in drawer
    assert "停止发放" in drawer


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": "percent", "off": "12.5", "most": "20", "minus": "", "threshold": ""}, "12.5%"),
        ({"kind": "fixed", "threshold": "99"}, "立减 ¥5.00"),
        ({"days": "3"}, "领取后 3 天内"),
    ],
)
def test_each_kind_says_what_it_gives(one, seller, changes, told):
    no = made(one, seller, **changes)
    assert told in seller.get("coupon", no=no, htmx=True).content.decode()


def test_products_and_categories_are_chosen(one, seller):
    facts = catalog.product_facts([one.product_id])[one.product_id]
    found = seller.get("pick", {"q": facts.title[:2]}, htmx=True).content.decode()
    assert facts.product_no in found
    row = seller.get("pick", {"one": facts.product_no}, htmx=True).content.decode()
    assert f'name="product" value="{facts.product_no}" checked' in row
    no = made(one, seller, scope="product", product=[facts.product_no])
    coupon = queries.coupon_of(merchant_id=one.shop.id, no=no)
    assert coupon.terms.target_ids == (one.product_id,)
    assert facts.title in seller.get("coupon", no=no, htmx=True).content.decode()
    no = made(one, seller, scope="category", category=[str(one.category_id)])
    assert queries.coupon_of(merchant_id=one.shop.id, no=no).terms.target_ids == (one.category_id,)


def test_another_shops_product_is_none(one, seller):
    other = make.alliance(beside=one)
    theirs = catalog.product_facts([other.product_id])[other.product_id].product_no
    assert seller.get("pick", {"one": theirs}, htmx=True).status_code == 404
    assert theirs not in seller.get("pick", {"q": theirs}, htmx=True).content.decode()
    with unchanged():
        answer = seller.post("coupon-new", typed(scope="product", product=[theirs]), htmx=False)
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"minus": "五元"}, "请填写金额"),
        ({"minus": "50"}, "门槛须高于减免金额"),
        ({"ends_at": "昨天"}, "请选择时间"),
        ({"stock": ""}, "请填写整数"),
        ({"name": ""}, "名称须为 1 到 20 个字符"),
        ({"kind": "free"}, "请选择类型"),
        ({"scope": "product"}, "请选择 1 到 200 项"),
    ],
)
def test_a_form_that_cant_be_read_comes_back_with_what_was_typed(seller, changes, sentence):
    with unchanged():
        answer = seller.post("coupon-new", typed(**changes), htmx=False)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="2' in page or "昨天" in page


def test_more_are_given_out_and_it_is_stopped(one, seller):
    no = made(one, seller)
    assert "共发放多少张" in seller.get("coupon-stock", no=no, htmx=True).content.decode()
    with unchanged():
        answer = seller.post("coupon-stock", {"stock": "9"}, no=no)
        assert (answer.status_code, "库存只能增加" in answer.content.decode()) == (422, True)
        assert seller.post("coupon-stock", {"stock": "x"}, no=no).status_code == 422
    assert seller.post("coupon-stock", {"stock": "20"}, no=no).status_code == 200
    assert queries.coupon_of(merchant_id=one.shop.id, no=no).stock == 20
    assert "已停止发放" in toast_of(seller.post("coupon-stop", no=no))
    assert queries.coupon_of(merchant_id=one.shop.id, no=no).phase(clock.now()) is CouponPhase.STOPPED
    with unchanged():
        assert seller.post("coupon-stop", no=no).status_code == 409


def test_the_figures_are_of_paid_orders(one, seller):
    now = clock.now()
    coupon = coupons.coupon(one.shop.id, coupons.new(starts_at=now, ends_at=now + timedelta(days=1)), now=now)
    make.touch(one, now=now)
    wanted = {"buyer_id": one.buyer_id, "visitor": "", "now": now}
    voucher = take_coupon.take_coupon(coupon_no=coupon.no, key="t", **wanted).no
    items = ((make_catalog.sku_of(one.product_id), 2),)
    done = place_order(wanted=Wanted(items, make.make_orders.ADDRESS, "", (voucher,)), key="p", **wanted)
    drawer = seller.get("coupon", no=coupon.no, htmx=True).content.decode()
    assert "1 / 10" in drawer
    assert "¥114.80" not in drawer
    make.pay(orders_of.order_of_buyer(buyer_id=one.buyer_id, no=done["orders"][0]["no"]), now=now)
    drawer = seller.get("coupon", no=coupon.no, htmx=True).content.decode()
    assert "¥114.80" in drawer


def test_whose_business_it_is(one, sit, nobody):
    manager, money = sit(one.shop, Role.PRODUCT_MANAGER), sit(one.shop, Role.FINANCE)
    no = made(one, manager)
    assert money.get("coupons").status_code == 200
    other = sit(make.alliance(beside=one).shop)
    with unchanged():
        assert money.post("coupon-new", typed(), htmx=False).status_code == 403
        assert money.post("coupon-stop", no=no).status_code == 403
        assert other.get("coupon", no=no, htmx=True).status_code == 404
        assert other.post("coupon-stop", no=no).status_code == 404
        assert other.get("coupons", of=one.shop).status_code == 404
        assert nobody.get(manager.url("coupons")).status_code == 303


def test_in_english(one, sit):
    english = sit(one.shop, english=True)
    no = made(one, english, name="Gift")
    page = english.get("coupons").content.decode()
    assert "Coupons" in page
    assert "¥5.00 off from ¥50.00" in english.get("coupon", no=no, htmx=True).content.decode()
    assert "must be above" in english.post("coupon-new", typed(minus="60"), htmx=False).content.decode()


def test_few_questions(one, seller, django_assert_max_num_queries):
    for _ in range(3):
        made(one, seller)
    with django_assert_max_num_queries(15):
        seller.get("coupons")
    with django_assert_max_num_queries(15):
        seller.get("coupon-new")


def test_a_coupon_for_everyone_stands_in_the_centre_and_not_beside_promoters_products(one, seller, sit):
    alliances = made(one, seller, name="推客专享")
    answer = seller.post("coupon-new", typed(channel="everyone", name="人人可领"), htmx=False)
    assert answer.status_code == 303, answer.content.decode()
    (coupon,) = queries.coupons_for_everyone(now=clock.now())
    assert (coupon.terms.merchant_id, coupon.terms.name) == (one.shop.id, "人人可领")
    assert "所有人" in seller.get("coupon", no=coupon.no, htmx=True).content.decode()
    centre = Client().get("/api/storefront/coupons").json()["items"]
    assert [each["no"] for each in centre] == [coupon.no]
    product_no = catalog.product_facts([one.product_id])[one.product_id].product_no
    drawer = sit(one.promoter).get("library-product", product_no=product_no, htmx=True).content.decode()
    assert "推客专享" in drawer and "人人可领" not in drawer
    assert [each.no for each in queries.coupons_for([one.product_id], clock.now())[one.product_id]] == [alliances]


def test_the_operator_makes_the_platforms_own(one, seller, sit):
    desk = sit(make_parties.operator(), role=Role.OPERATOR)
    assert "还没有优惠券" in desk.get("coupons").content.decode()
    form = desk.get("coupon-new").content.decode()
    assert 'name="scope"' not in form and "平台推广账户" in form
    answer = desk.post("coupon-new", typed(channel="", scope=""), htmx=False)
    assert answer.status_code == 303, answer.content.decode()
    (coupon,) = queries.coupons_for_everyone(now=clock.now())
    assert coupon.terms.merchant_id is None and coupon.terms.funded_by == "platform"
    assert coupon.no in desk.get("coupons").content.decode()
    assert seller.get("coupon", no=coupon.no, htmx=True).status_code == 404
    assert desk.post("coupon-stop", no=coupon.no).status_code == 200
    assert queries.coupon_of(merchant_id=None, no=coupon.no).phase(clock.now()) is CouponPhase.STOPPED
    assert queries.coupons_for_everyone(now=clock.now()) == []


def test_the_operators_finance_reads_the_platforms_coupons_and_makes_none(sit):
    desk = sit(make_parties.operator(), role=Role.FINANCE)
    assert desk.get("coupons").status_code == 200
    with unchanged():
        assert desk.post("coupon-new", typed(), htmx=False).status_code == 403
