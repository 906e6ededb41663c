"""Ways on: from what is no more, from a product to its bargain, to the phone number at sign-in, through the library."""

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.make import catalog as make_catalog
from tests.make import library as make_library
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.mall.phones import fits, keep
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.catalog.types import NewSku
from tuike.db import rows
from tuike.kit import clock
from tuike.library import service as library
from tuike.parties.types import Source
from tuike.people import service as people
from tuike.settings import service as settings

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PASSWORD = "correct horse battery"
DEAD = [
    ("pages/product/product?c=Nowhere12345", ("链接已失效", "This link leads nowhere any more")),
    ("pages/shop/shop?c=Nowhere12345", ("链接已失效", "This link leads nowhere any more")),
    ("pages/product/product?no=P00000000000000", ("商品不存在或已下架", "This product is not on sale any more")),
    ("pages/shop/shop?no=M00000000000000", ("店铺不存在或已关闭", "This shop is not here any more")),
    ("marketing/bargain/bargain?code=Nowhere12345", ("砍价不存在或已结束", "This bargain is not here any more")),
    ("marketing/offer/offer?no=B00000000000000", ("砍价不存在或已结束", "This bargain is not here any more")),
    ("marketing/packet/packet?code=Nowhere12345", ("红包不存在或已过期", "This red packet is not here any more")),
    ("board/post/post?no=G00000000000000", ("信息不存在或已删除", "This post is not here any more")),
]


def test_what_isnt_there_any_more_says_so_with_a_way_on(phone, mall_runs):
    page, say = phone.page, phone.say
    for path, said in DEAD:
        with phone.expecting(404, 422):
            page.goto(f"{mall_runs.base}/m/{path}")
            expect(page.get_by_text(say(*said))).to_be_visible()
            page.wait_for_load_state("networkidle")
        fits(page)
        expect(page.get_by_text(say("去商城逛逛", "To the mall"))).to_be_visible()
    page.get_by_text(say("去搜索", "Search"), exact=True).click()
    page.wait_for_url("**/search/search")
    page.go_back()
    page.get_by_text(say("去商城逛逛", "To the mall")).click()
    page.wait_for_url(f"{mall_runs.base}/m/")


def test_the_phone_number_is_asked_for_right_at_sign_in(phone, mall_runs):
    page, say = phone.page, phone.say
    settings.change(name="phone_wish", value=1, actor=SYSTEM, now=clock.now())
    number = make_people.phone()
    person = make_people.person(phone=number)
    people.set_password(person_id=person.id, password=PASSWORD, actor=SYSTEM, now=clock.now())
    numbered = rows.query("SELECT * FROM people_phone")

    def sign_in() -> None:
        page.goto(f"{mall_runs.base}/m/pages/me/me")
        page.evaluate("localStorage.clear()")
        page.goto(f"{mall_runs.base}/m/pages/signin/signin")
        page.get_by_text(say("登录 / 注册", "Sign in or join")).click()
        page.get_by_text(say("同意并继续", "Agree and go on")).click()
        page.get_by_text(say("手机号密码登录", "Phone and password")).click()
        page.locator("input").nth(0).fill(number)
        page.locator("input").nth(1).fill(PASSWORD)
        page.locator(".ways").get_by_text(say("登录", "Sign in"), exact=True).click()

    sign_in()  # who has given one isn't asked
    page.wait_for_url(f"{mall_runs.base}/m/")
    assert rows.query("SELECT count(*) FROM people_consent WHERE person_id = %s", [person.id]) == [(1,)]
    _without_number(page, number)
    sign_in()
    expect(page.get_by_text(say("绑定手机号", "Your phone number"), exact=True)).to_be_visible()
    fits(page)
    page.unroute_all()
    look = page.get_by_text(say("我已绑定，继续", "Done, go on"))
    look.click()
    page.wait_for_url(f"{mall_runs.base}/m/")
    assert rows.query("SELECT * FROM people_phone") == numbered


def _without_number(page, number: str) -> None:
    """Let the sign-in say what it says of somebody without a number; by a number alone nobody could sign in here."""

    def answer(route) -> None:
        got = route.fetch()
        route.fulfill(response=got, json=got.json() | {"has_phone": False})

    page.route("**/api/storefront/sessions/password", answer)


def test_the_library_is_narrowed_sorted_both_ways_and_says_so(phone, mall_runs):
    page, say, one, now = phone.page, phone.say, mall_runs.one, clock.now()
    fens = [100 * n for n in range(1, 41)]
    more = [
        make_catalog.product(
            merchant_id=one.shop.id,
            category_id=one.category_id,
            pictures=("/media/a.jpg",),
            skus=(NewSku(price_fen=fen, free=9),),
        )
        for fen in fens
    ]
    make_library.stand([one.product_id, *more], now=now)
    library.accept_rules(promoter_id=one.promoter.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=now)
    page.goto(f"{mall_runs.base}/m/pages/me/me")
    keep(phone, "session", mall_runs.session(make_parties.super_admin_of(one.promoter).person_id))
    page.goto(f"{mall_runs.base}/m/promoter/library/library")
    cards = page.locator(".card .price")
    expect(cards).to_have_count(20)
    fits(page)

    sort = page.locator(".sort").get_by_text(say("价格", "Price"))
    sort.click()
    expect(cards.first).to_have_text("¥1.00")
    expect(sort).to_have_text(say("价格 ↑", "Price ↑"))
    sort.click()
    expect(cards.first).to_have_text("¥59.90")
    page.get_by_text(say("筛选", "Filter"), exact=True).click()
    for name, low, high in (("price_fen", "35", "2"), ("rate_bps", "0.01", ""), ("commission_fen", "0.01", "")):
        page.locator(f".sheet .{name} input").nth(0).fill(low)
        page.locator(f".sheet .{name} input").nth(1).fill(high)
    fits(page)
    page.locator(".sheet").get_by_text(say("查看商品", "Show")).click()
    expect(cards.first).to_have_text("¥35.00")  # a pair that was typed the wrong way round is turned
    expect(page.locator(".narrowed .chip")).to_have_count(3)
    expect(page.locator(".narrowed .chip").first).to_have_text(say("价格 ¥2.00–¥35.00 ×", "Price ¥2.00–¥35.00 ×"))
    fits(page)
    with page.expect_response("**/promoter/library?*after=*") as paged:
        page.mouse.wheel(0, 20_000)
    assert "price_fen_max=3500" in paged.value.url and "sort=price" in paged.value.url
    expect(cards).to_have_count(34)  # of 2.00 to 35.00 yuan, over two pages
    expect(cards.last).to_have_text("¥2.00")
    page.locator(".narrowed .chip").first.click()
    expect(page.locator(".narrowed .chip")).to_have_count(2)
    expect(cards.first).to_have_text("¥59.90")
