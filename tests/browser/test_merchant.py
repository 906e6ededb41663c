"""A merchant's console with a real browser: products, rates seen before they hold, orders, promoters, money."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tuike.attribution import queries as attribution
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductState
from tuike.flows import refund_order
from tuike.kit import clock
from tuike.kit.days import next_midnight
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, OrderState
from tuike.parties.queries import merchant_facts
from tuike.parties.types import Role, Source
from tuike.plans import queries as plans

BOTH = pytest.mark.parametrize(("english", "width"), [(False, 1440), pytest.param(True, 390, marks=pytest.mark.slow)])
PAGES = (
    "alliance",
    "prepaid",
    "products",
    "product-new",
    "rates",
    "rate-history",
    "mains",
    "campaigns",
    "campaign-new",
    "policy",
    "orders",
    "promoted",
    "refunds",
    "promoters",
    "dues",
)


@pytest.fixture
def one(living) -> make.Alliance:
    return make.alliance()


def _order(one: make.Alliance):
    now = clock.now() - timedelta(hours=2)
    make.touch(one, now=now)
    return make.bought(one, now=now + timedelta(minutes=5))


def _photo() -> dict:
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(out, "JPEG")
    return {"name": "mug.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@BOTH
def test_every_page_opens_and_holds_what_every_page_holds(one, as_person, english, width):
    _order(one)
    me = as_person(one.shop, english=english, width=width)
    for name in PAGES:
        me.go(name)


@pytest.mark.slow
def test_every_page_opens_in_the_dark(one, as_person):
    me = as_person(one.shop, dark=True)
    for name in PAGES:
        me.go(name)


@BOTH
def test_a_product_is_made_with_a_picture_and_put_on_sale(one, as_person, english, width):
    me = as_person(one.shop, Role.PRODUCT_MANAGER, english=english, width=width)
    page = me.go("product-new")
    page.fill("#title", "White mug")
    page.select_option("#category", str(one.category_id))
    page.locator("input[type=file]").set_input_files([_photo()])
    expect(page.locator("#pictures img")).to_have_count(1)
    page.locator("#skus input[name=spec]").fill("350 ml")
    page.locator("#skus input[name=price]").fill("abc")
    page.locator("#skus input[name=stock]").fill("12")
    with me.expecting(422):
        page.locator("button[value=sell]").click()
        expect(page.locator(".err").first).to_be_visible()
        me.check()
    expect(page.locator("#pictures img")).to_have_count(1)  # nothing that was typed is lost
    page.locator("#skus input[name=price]").first.fill("59.90")
    page.get_by_role("button", name=re.compile("添加规格|Add a choice")).click()
    expect(page.locator("#skus tr")).to_have_count(2)
    page.locator("#skus input[name=price]").nth(1).fill("79.90")
    page.locator("button[value=sell]").click()
    expect(page).to_have_url(re.compile("/products/$"))
    expect(page.locator("#list").get_by_text("White mug")).to_be_visible()
    made = catalog.merchant_products(merchant_id=one.shop.id).products[0]
    assert (made.title, made.state, made.min_price_fen, len(made.pictures)) == (
        "White mug",
        ProductState.ON_SALE,
        5990,
        1,
    )
    page.locator("#list tbody a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text("350 ml")
    me.check()


@BOTH
def test_products_come_from_a_file_and_many_are_excluded(one, as_person, english, width):
    me = as_person(one.shop, english=english, width=width)
    page = me.go("products")
    page.get_by_role("button", name=me.say("批量导入", "Import")).click()
    file = "标题,类目,价格,库存\n白瓷杯,茶具,59.90,3\n青瓷杯,没有,1,1\n"
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": file.encode()})
    with me.expecting(422):
        page.get_by_role("button", name=me.say("先检查", "Check")).click()
        expect(page.locator("#import-report")).to_contain_text(me.say("没有找到类目", "no category"))
        me.check()
    good = file.replace("没有", "茶具")
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": good.encode()})
    page.locator("#dialog").get_by_role("button", name=me.say("导入", "Import"), exact=True).click()
    expect(page.locator("#import-report")).to_contain_text(me.say("已新建 2 件", "2 products added"))
    page.locator("#dialog [data-close]").first.click()
    expect(page.locator("#list tbody tr")).to_have_count(3)
    for box in page.locator("#list tbody input[name=ids]").all():
        box.check()
    page.get_by_role("button", name=me.say("设为不推广", "Exclude")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("#toasts")).to_contain_text(me.say("3 件商品不再推广", "3 can't be promoted"))
    assert all(product.excluded for product in catalog.merchant_products(merchant_id=one.shop.id).products)


@BOTH
def test_rates_are_seen_before_they_are_published(one, as_person, english, width):
    me = as_person(one.shop, Role.PRODUCT_MANAGER, english=english, width=width)
    page = me.go("rates")
    page.locator(".acts-cell .btn").first.click()
    page.fill("#rate", "4")
    with me.expecting(422):
        page.locator("#rate-form .btn.pri").click()
        expect(page.locator("#preview .note.bad")).to_contain_text("5%")
    page.fill("#rate", "15")
    page.locator("#rate-form .btn.pri").click()
    expect(page.locator("#preview tfoot").first).to_contain_text("¥8.98")  # 15 % of 59.90 = 8.985, rounded down
    me.check()
    assert plans.merchant_rates(merchant_id=one.shop.id, at=next_midnight(clock.now()))[0].rate_bps != 1500
    page.locator("#preview button[value=publish]").click()
    expect(page.locator("#toasts")).to_contain_text(re.compile("已发布|Published"))
    held = plans.merchant_rates(merchant_id=one.shop.id, at=next_midnight(clock.now()))
    assert 1500 in [row.rate_bps for row in held]
    page = me.go("mains")
    page.locator(".head .btn.pri").click()
    page.locator("#found input").first.check()
    page.fill("#main-form #rate", "18.5")
    page.locator("#main-form .btn.pri").click()
    expect(page.locator("#preview")).to_contain_text("18.5%")
    me.check()
    page.locator("#preview button[value=publish]").click()
    expect(page.locator("#list")).to_contain_text("18.5%")
    me.go("rate-history")
    expect(page.locator(".steps")).to_contain_text("18.5%")


@BOTH
def test_a_campaign_and_the_policy(one, as_person, english, width):
    me = as_person(one.shop, Role.ADMIN, english=english, width=width)
    page = me.go("campaign-new")
    page.fill("#name", "春茶节")
    page.check("[name=at_once]")
    page.fill("#ends", "2099-01-01 00:00")
    page.fill("#rate", "20")
    page.fill("#bonus", "2")
    page.fill("#budget", "1000")
    page.locator("[value=products][name=scope]").check()
    page.locator("#found input").first.check()
    page.get_by_role("button", name=me.say("预览影响", "See what it does")).click()
    expect(page.locator("#preview tfoot").first).to_contain_text("¥13.98")  # 11.98 and the bonus
    me.check()
    page.locator("#preview button[value=publish]").click()
    expect(page.locator("#list")).to_contain_text(me.say("进行中", "Running"))
    page.locator("#list tbody a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=me.say("停止活动", "Stop")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("#toasts")).to_contain_text(me.say("停止", "It stops at"))
    assert plans.campaigns(merchant_id=one.shop.id)[0].stopped_at == next_midnight(clock.now())
    page = me.go("policy")
    page.fill("#tier2", "3")
    page.locator("#tier1").fill("8")
    page.get_by_role("button", name=me.say("预览影响", "See what it does")).first.click()
    expect(page.locator("#preview")).to_contain_text(me.say("二级（推客的推荐人）", "Tier 2"))
    me.check()


@BOTH
def test_an_order_is_shipped_received_and_refunded(one, as_person, english, width):
    first, second = _order(one), _order(one)
    refund_order.ask_refund(
        buyer_id=one.buyer_id,
        order_no=second.no,
        lines=[AfterSaleAsk(line_no=1, quantity=1, amount_fen=None)],
        reason="changed my mind",
        key="k",
        now=clock.now(),
    )
    me = as_person(one.shop, Role.ADMIN, english=english, width=width)
    page = me.go("orders", f"?q={first.no}")
    page.locator("#list tbody a.open").first.click()
    page.fill("#carrier", "SF")
    page.fill("#tracking_no", "SF123")
    page.get_by_role("button", name=re.compile("确认发货|Ship it")).click()
    expect(page.locator("#drawer")).to_contain_text("SF123")
    me.check()
    page.fill("#proof", "signed by the buyer")
    page.get_by_role("button", name=re.compile("标记已收货|Mark received")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("#drawer .tag").first).to_contain_text(re.compile("已收货|Received"))
    assert orders_of.order_of_merchant(merchant_id=one.shop.id, no=first.no).state is OrderState.COMPLETED
    page.get_by_role("button", name=re.compile("佣金说明|Commission explained")).click()
    expect(page.locator("#drawer")).to_contain_text("¥7.18")
    me.check()
    page = me.go("refunds")
    page.locator("#list tbody a.open").first.click()
    page.get_by_role("button", name=re.compile("同意退款|Approve")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("#toasts")).to_contain_text(re.compile("已同意退款|approved"))


@BOTH
def test_many_parcels_by_a_file(one, as_person, english, width):
    order = _order(one)
    me = as_person(one.shop, Role.ADMIN, english=english, width=width)
    page = me.go("orders")
    page.get_by_role("button", name=me.say("批量发货", "Ship many")).click()
    file = f"订单号,快递公司,快递单号\n{order.no},顺丰速运,SF1234567890123\nO0,顺丰速运,SF1234567890124\n"
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": file.encode()})
    page.locator("#dialog").get_by_role("button", name=me.say("发货", "Ship"), exact=True).click()
    expect(page.locator("#ship-report")).to_contain_text(me.say("已发货 1 单，1 单未成功", "1 shipped, 1 not"))
    me.check()


@BOTH
def test_a_promoter_is_blocked_and_worked_with_again(one, as_person, english, width):
    _order(one)
    me = as_person(one.shop, Role.ADMIN, english=english, width=width)
    page = me.go("promoter", no=one.promoter.no, check=False)
    page.goto(me.url("promoters"))
    page.evaluate("no => htmx.ajax('GET', no, '#drawer')", me.url("promoter", no=one.promoter.no))
    page.fill("#reason", "刷单")
    page.locator("#drawer .btn.danger").click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("#toasts")).to_contain_text(me.say("已停止合作", "Blocked"))
    at = clock.now() + timedelta(seconds=1)
    assert attribution.blocked(promoter_ids=[one.promoter.id], at=at) == {(one.shop.id, one.promoter.id)}
    page.goto(me.url("promoters"))
    page.evaluate("no => htmx.ajax('GET', no, '#drawer')", me.url("promoter", no=one.promoter.no))
    page.locator("#drawer").get_by_role("button", name=me.say("恢复合作", "Work together again")).click()
    expect(page.locator("#toasts")).to_be_visible()
    me.settle()
    assert attribution.blocked(promoter_ids=[one.promoter.id], at=clock.now() + timedelta(seconds=1)) == set()


@BOTH
def test_the_alliance_opens_from_the_next_midnight(living, as_person, english, width):
    shop = make_parties.merchant(alliance=False)
    me = as_person(shop, english=english, width=width)
    page = me.go("alliance")
    opening = page.get_by_role("button", name=me.say("开通联盟", "Open the alliance"))
    opening.click()
    expect(page.locator("#toasts")).to_contain_text(me.say("已开通", "Opened"))
    me.check()
    assert merchant_facts([shop.id])[shop.id].opened_from == next_midnight(clock.now())
    page.get_by_role("button", name=me.say("取消开通", "Cancel the opening")).click()
    page.locator("#confirm [value=yes]").click()
    expect(opening).to_be_visible()


@BOTH
def test_an_external_shop_tops_up_at_the_cashier(living, as_person, english, width):
    living.worker()
    one = make.alliance(source=Source.MINI_PROGRAM)
    me = as_person(one.shop, Role.FINANCE, english=english, width=width)
    page = me.go("prepaid")
    page.get_by_role("button", name=me.say("微信扫码支付", "Pay with WeChat")).click()
    expect(page.locator("#dialog .qr img")).to_be_visible()
    me.check()
    with me.context.expect_page() as opened:
        page.get_by_role("link", name=me.say("在沙箱收银台打开", "Open the sandbox's cashier")).click()
    opened.value.locator("button").first.click()
    expect(page.locator("#toasts")).to_contain_text(me.say("已到账 ¥100.00", "¥100.00 arrived"), timeout=60_000)
    expect(page.locator(".kpi").first).to_contain_text("¥100.00")


@BOTH
def test_whoever_may_not_sees_no_button_and_no_page(one, as_person, english, width):
    order = _order(one)
    make_plans.campaign(one.shop.id, now=clock.now())
    finance = as_person(one.shop, Role.FINANCE, english=english, width=width)
    page = finance.go("products")
    expect(page.get_by_role("button", name=finance.say("上架", "Put on sale"))).to_have_count(0)
    page = finance.go("rates")
    expect(page.locator(".acts-cell")).to_have_count(0)
    for name in ("product-new", "campaign-new"):
        with finance.expecting(403):
            page = finance.go(name, check=False)
            expect(page.locator("main, body").first).to_contain_text(finance.say("商品管理员", "product manager"))
    other = as_person(make_parties.merchant(), english=english, width=width)
    for name, where in (("orders", {}), ("order", {"no": order.no}), ("rates", {}), ("policy", {})):
        with other.expecting(404):
            other.go(name, of=one.shop, check=False, **where)
    foreign = make_catalog.product(category_id=one.category_id)
    with finance.expecting(404):
        finance.go("product", no=catalog.product_facts([foreign])[foreign].product_no, check=False)
