"""The mall's pages over HTTP: home, shops, categories, lists, search, a product, share cards; and how many questions
each of them asks the database."""

import re
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import psycopg
import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import content as make_content
from tests.make import freight as make_freight
from tests.make import library as make_library
from tests.make import marketing as make_marketing
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.catalog import service as catalog_service
from tuike.catalog.types import NewSku, ProductChange
from tuike.content import service as content
from tuike.content.types import Banner, Banners, CategoryRow, LinkKind, Notice, Picks
from tuike.db import rows
from tuike.kit import clock
from tuike.marketing.types import CouponChannel
from tuike.parties import service as parties
from tuike.parties.types import MallFunction, Source
from tuike.settings import service as settings

pytestmark = pytest.mark.django_db


def no_of(product_id):
    return catalog.product_facts([product_id])[product_id].product_no


def sold(product_id, pieces):
    rows.run("UPDATE catalog_product SET sold = %s WHERE id = %s", [pieces, product_id])


@pytest.fixture
def mall():
    """Return a shop with four products: title, price, sold."""
    shop = make_parties.merchant(name="青瓷小铺")
    tea, cup = make_catalog.category(name="茶叶"), make_catalog.category(name="茶具")
    goods = {
        "龙井茶": make_catalog.product(merchant_id=shop.id, category_id=tea, title="西湖龙井茶", price_fen=20_000),
        "红茶": make_catalog.product(merchant_id=shop.id, category_id=tea, title="正山小种红茶", price_fen=5_000),
        "盖碗": make_catalog.product(merchant_id=shop.id, category_id=cup, title="青瓷盖碗", price_fen=9_900),
        "茶杯": make_catalog.product(merchant_id=shop.id, category_id=cup, title="玻璃茶杯", price_fen=900, free=0),
    }
    for pieces, id_ in zip((3, 9, 5, 0), goods.values(), strict=True):
        sold(id_, pieces)
    return shop, goods, (tea, cup)


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["items"]]


def test_lists_in_every_order_and_cut_by_price_category_shop_and_stock(stranger, mall):
    shop, _, (tea, cup) = mall
    assert titles(stranger.get("/products")) == ["正山小种红茶", "青瓷盖碗", "西湖龙井茶", "玻璃茶杯"]
    assert titles(stranger.get("/products?sort=newest"))[0] == "玻璃茶杯"
    assert titles(stranger.get("/products?sort=price_up"))[:2] == ["玻璃茶杯", "正山小种红茶"]
    assert titles(stranger.get("/products?sort=price_down"))[0] == "西湖龙井茶"
    assert titles(stranger.get("/products?in_stock=true&sort=price_up"))[0] == "正山小种红茶"
    assert titles(stranger.get("/products?price_from_fen=5000&price_to_fen=9900")) == ["正山小种红茶", "青瓷盖碗"]
    assert titles(stranger.get(f"/products?category={cup}")) == ["青瓷盖碗", "玻璃茶杯"]
    assert titles(stranger.get(f"/products?shop={shop.no}&category={tea}&sort=newest")) == [
        "正山小种红茶",
        "西湖龙井茶",
    ]


@pytest.mark.parametrize("sort", ["sales", "newest", "price_up", "price_down"])
@pytest.mark.parametrize("narrowed", ["", "&category=top", "&words=茶"])
def test_pages_hold_every_product_once(stranger, sort, narrowed):
    top = make_catalog.category()
    below = [make_catalog.category(parent_id=top) for _ in range(3)]
    shop = make_catalog.shop()
    made = [
        make_catalog.product(merchant_id=shop, category_id=below[n % 3], title=f"茶{n}", price_fen=1_000 + n % 4)
        for n in range(11)
    ]
    for n, id_ in enumerate(made):
        sold(id_, n % 3)
    where = "/search" if "words" in narrowed else "/products"
    seen, after = [], ""
    while True:
        path = f"{where}?sort={sort}&limit=4{narrowed.replace('top', str(top))}&after={after}"
        page = stranger.get(path).json()
        seen += [one["no"] for one in page["items"]]
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == sorted(no_of(id_) for id_ in made)
    whole = stranger.get(f"{where}?sort={sort}&limit=50{narrowed.replace('top', str(top))}").json()["items"]
    assert [one["no"] for one in whole] == seen


def test_what_nobody_can_order_here_is_not_listed(stranger, mall):
    shop, goods, _ = mall
    elsewhere = make_catalog.shop(source=Source.MINI_PROGRAM)
    make_catalog.product(merchant_id=elsewhere, title="别处的茶")
    make_catalog.product(merchant_id=shop.id, on_sale=False, title="草稿茶")
    assert len(titles(stranger.get("/products"))) == 4
    assert titles(stranger.get("/search?words=别处")) == []
    parties.suspend(party_id=shop.id, reason="查", actor=OPERATOR_SHELL, now=clock.now())
    assert titles(stranger.get("/products")) == []
    for path in (f"/products/{no_of(goods['红茶'])}", f"/shops/{shop.no}"):
        assert stranger.get(path).status_code == 404


def test_search_finds_words_wherever_they_stand_and_follows_a_change(stranger, mall):
    shop, goods, _ = mall
    assert titles(stranger.get("/search?words=龙井")) == ["西湖龙井茶"]
    assert titles(stranger.get("/search?words=茶 红")) == ["正山小种红茶"]
    assert titles(stranger.get("/search?words=井龙")) == []
    catalog_service.change_product(
        merchant_id=shop.id,
        product_id=goods["红茶"],
        change=ProductChange(title="祁门红茶", subtitle="特级"),
        actor=OPERATOR_SHELL,
        now=clock.now(),
    )
    assert titles(stranger.get("/search?words=正山小种")) == []
    assert titles(stranger.get("/search?words=特级 祁门")) == ["祁门红茶"]
    catalog_service.take_off_sale(
        merchant_id=shop.id, product_ids=[goods["红茶"]], actor=OPERATOR_SHELL, now=clock.now()
    )
    assert titles(stranger.get("/search?words=祁门")) == []
    assert stranger.get("/search?words=%00").status_code == 422
    assert stranger.get("/search?words=茶&after=1_x").status_code == 422


def test_suggestions(stranger, mall):
    content.change_hot_words(words=["龙井", "新茶"], actor=OPERATOR_SHELL, now=clock.now())
    assert stranger.get("/search/suggestions").json() == {"hot": ["龙井", "新茶"], "categories": [], "titles": []}
    found = stranger.get("/search/suggestions?words=茶").json()
    assert [one["name"] for one in found["categories"]] == ["茶叶", "茶具"]
    assert found["titles"] == ["正山小种红茶", "西湖龙井茶", "玻璃茶杯"]
    assert stranger.get("/search/suggestions?words=龙").json()["hot"] == ["龙井"]


def test_the_tree_is_sent_once(stranger):
    top = make_catalog.category(name="食品")
    make_catalog.category(parent_id=make_catalog.category(parent_id=top, name="茶"), name="绿茶")
    answer = stranger.get("/categories")
    [item] = answer.json()["items"]
    assert (item["name"], item["children"][0]["children"][0]["name"]) == ("食品", "绿茶")
    again = stranger.get("/categories", if_none_match=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    catalog_service.change_category(
        category_id=top, picture="/media/x.jpg", name_en="Food", actor=OPERATOR_SHELL, now=clock.now()
    )
    changed = stranger.get("/categories", if_none_match=answer["ETag"], accept_language="en")
    assert changed.status_code == 200
    assert (changed.json()["items"][0]["name"], changed.json()["items"][0]["picture"]) == ("Food", "/media/x.jpg")


def test_home_shows_what_was_published_and_only_what_there_is(stranger, mall):
    _, goods, (tea, _) = mall
    kinds = [one["kind"] for one in stranger.get("/home").json()["blocks"]]
    assert kinds == ["categories", "picks", "picks"], "the default: no coupon, no strip"
    now = clock.now()
    soon = Banner("/media/b.jpg", LinkKind.PRODUCT, no_of(goods["盖碗"]), now + timedelta(hours=1), None)
    blocks = (
        Notice("中秋不打烊", "Open all autumn"),
        Banners((Banner("/media/a.jpg", LinkKind.CATEGORY, str(tea)), soon)),
        CategoryRow((tea,)),
        Picks("掌柜推荐", "", (no_of(goods["盖碗"]), no_of(goods["龙井茶"]))),
        Picks("空的", "", (no_of(goods["茶杯"]),)),
    )
    content.edit_page(merchant_id=None, blocks=blocks, now=now)
    assert [one["kind"] for one in stranger.get("/home").json()["blocks"]] == kinds, "a draft is nobody's business"
    content.publish_page(merchant_id=None, actor=OPERATOR_SHELL, now=now)
    catalog_service.take_off_sale(
        merchant_id=mall[0].id, product_ids=[goods["茶杯"]], actor=OPERATOR_SHELL, now=clock.now()
    )
    shown = stranger.get("/home", accept_language="en").json()["blocks"]
    assert [one["kind"] for one in shown] == ["notice", "banners", "categories", "picks"]
    assert shown[0]["title"] == "Open all autumn"
    assert [one["picture"] for one in shown[1]["banners"]] == ["/media/a.jpg"]
    assert [one["title"] for one in shown[3]["products"]] == ["青瓷盖碗", "西湖龙井茶"]


def test_a_shops_page(stranger, caller, mall):
    shop, _, _ = mall
    actor = make_parties.super_admin_of(shop)
    content.describe_shop(merchant_id=shop.id, picture="/media/s.jpg", description="手作", actor=actor, now=clock.now())
    page = stranger.get(f"/shops/{shop.no}").json()
    assert (page["description"], page["picture"], page["followers"], page["favourite"]) == (
        "手作",
        "/media/s.jpg",
        0,
        False,
    )
    assert len(page["blocks"][0]["products"]) == 4
    assert "reviews" in page["functions"]
    parties.switch_function(merchant_id=shop.id, function=MallFunction.REVIEWS, on=False, actor=actor, now=clock.now())
    settings.change(name="mall_board", value=0, actor=OPERATOR_SHELL, now=clock.now())
    functions = caller().get(f"/shops/{shop.no}").json()["functions"]
    assert not {"reviews", "board"} & set(functions)
    assert stranger.get("/shops/NOSUCH").status_code == 404


def test_a_products_page_in_one_call(stranger, mall):
    shop, _, _ = mall
    skus = tuple(
        NewSku(price_fen=1_000 + n, free=n, spec=spec) for n, spec in enumerate(["红色,L", "红色,M", "白色,L"])
    )
    id_ = make_catalog.product(
        merchant_id=shop.id, title="衬衫", skus=skus, detail='<p onclick="x">棉</p><script>alert(1)</script>'
    )
    make_content.review(line_=make_content.line(product_id=id_), score=4, anonymous=True)
    page = stranger.get(f"/products/{no_of(id_)}").json()
    assert page["axes"] == [{"name": "", "values": ["红色", "白色"]}, {"name": "", "values": ["L", "M"]}]
    assert [one["values"] for one in page["skus"]] == [["红色", "L"], ["红色", "M"], ["白色", "L"]]
    assert page["detail"] == "<p>棉</p>"
    assert (page["reviews"]["count"], page["reviews"]["average_tenths"]) == (1, 40)
    assert page["reviews"]["first"][0]["buyer"] == ""
    assert (page["earning"], page["favourite"]) == (None, False)
    actor = make_parties.super_admin_of(shop)
    parties.switch_function(merchant_id=shop.id, function=MallFunction.REVIEWS, on=False, actor=actor, now=clock.now())
    off = stranger.get(f"/products/{no_of(id_)}").json()
    assert (off["reviews"]["count"], off["reviews"]["first"]) == (0, [])
    refused = stranger.get(f"/products/{no_of(id_)}/reviews")
    assert refused.json()["code"] == "function_off"


def test_a_products_page_says_what_sending_costs_and_what_buying_earns(stranger, mall):
    shop, goods, _ = mall
    path = f"/products/{no_of(goods['红茶'])}"
    page = stranger.get(path).json()
    assert (page["freight_fen"], page["points"]) == (0, 0)
    make_freight.template(shop.id, make_freight.terms(fen=800))
    assert stranger.get(path).json()["freight_fen"] == 800
    actor = make_parties.super_admin_of(shop)
    parties.switch_function(merchant_id=shop.id, function=MallFunction.POINTS, on=True, actor=actor, now=clock.now())
    assert stranger.get(path).json()["points"] == 50  # one for each yuan


def test_a_promoter_sees_on_the_page_what_it_would_earn_and_nobody_else_does(stranger, caller):
    one = make.alliance(price_fen=10_000)
    make_library.stand([one.product_id], now=clock.now())
    path = f"/products/{no_of(one.product_id)}"
    seen = caller(make_parties.super_admin_of(one.promoter).person_id)
    [card] = seen.get("/promoter/library").json()["items"]
    earning = seen.get(path).json()["earning"]
    assert earning["rate_bps"] == card["rate_bps"] > 0
    assert earning["commission_fen"] == 10_000 * earning["rate_bps"] // 10_000 == card["commission_fen"]
    assert caller().get(path).json()["earning"] is None
    assert stranger.get(path).json()["earning"] is None


@contextmanager
def asked():
    """Keep what is asked of the database, Django's statements and those that keep their plan."""
    heard, execute = [], psycopg.Cursor.execute

    def kept(self, query, *more, **named):
        if not re.match(r"\s*(BEGIN|COMMIT|SET|SAVEPOINT|RELEASE)", str(query)):
            heard.append(" ".join(str(query).split())[:90])
        return execute(self, query, *more, **named)

    with mock.patch.object(psycopg.Cursor, "execute", kept):
        yield heard


def test_a_products_page_with_everything_asks_fifteen_questions(caller):
    one = make.alliance(price_fen=10_000)
    make_library.stand([one.product_id], now=clock.now())
    no, actor = no_of(one.product_id), make_parties.super_admin_of(one.shop)
    for function in MallFunction:
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=actor, now=clock.now())
    make_freight.template(one.shop.id, make_freight.terms(fen=800))
    make_content.review(line_=make_content.line(product_id=one.product_id), score=4, anonymous=True)
    now = clock.now()
    wanted = make_marketing.fixed(
        channel=CouponChannel.EVERYONE, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=9)
    )
    coupon = make_marketing.coupon(one.shop.id, wanted, now=now)
    promoter = caller(make_parties.super_admin_of(one.promoter).person_id)
    promoter.get(f"/products/{no}")
    with asked() as heard:
        page = promoter.get(f"/products/{no}").json()
    assert page["earning"] and page["freight_fen"] == 800 and page["reviews"]["count"] == 1 and page["points"]
    assert [shown["no"] for shown in page["coupons"]] == [coupon.no]
    assert len(heard) <= 15, heard


def test_questions_to_the_database_are_counted(stranger, caller, mall):
    shop, goods, (tea, _) = mall
    person = caller()
    for who, path, most in (
        (stranger, "/home", 12),
        (stranger, f"/shops/{shop.no}", 16),
        (stranger, "/categories", 1),
        (stranger, "/products?sort=price_up", 5),
        (stranger, f"/products?category={tea}", 6),
        (stranger, "/search?words=茶", 5),
        (stranger, f"/products/{no_of(goods['红茶'])}", 14),
        (person, f"/products/{no_of(goods['红茶'])}", 15),
    ):
        who.get(path)
        with asked() as heard:
            assert who.get(path).status_code == 200
        assert len(heard) <= most, (path, len(heard), heard)
