"""Material at WeChat's paths, with links as WeChat's server (the sandbox) makes them; and what a tag stands for."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.doors.union.conftest import refused
from tests.doors.union.test_products import BASE, goods  # noqa: F401 a fixture
from tests.make import marketing as make_marketing
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import service as catalog
from tuike.catalog.types import ProductChange
from tuike.db import rows
from tuike.kit import clock
from tuike.library import service as library
from tuike.parties import queries as parties_of
from tuike.parties import service as parties
from tuike.parties.types import Source

GENERATE, OPEN_GENERATE, PARSE = (
    f"/promoter/{path}" for path in ("product/generate", "open_product/generate", "product/parse_tag")
)
NOT_FOUND, RULES, NOT_PROMOTABLE, NO_PLACE = 9_404_158, 9_710_222, 9_840_641, 9_587_459


@pytest.fixture
def mine(software, goods, wechat):  # noqa: F811
    made = software(make_parties.promoter())
    for source in Source:
        library.accept_rules(promoter_id=made.party.id, source=source, actor=OPERATOR_SHELL, now=clock.now())
    return made


@pytest.fixture
def pid(mine) -> str:
    return mine.post("/promoter/promotion/add", {"promotionSourceName": "朋友圈"})["pid"]


def links(mine) -> list:
    return attribution.links_of(promoter_id=mine.party.id)


def test_material_field_by_field(mine, goods, pid, wechat):  # noqa: F811
    shop = parties_of.appid_of(goods.cup_shop.id)
    wish = {"productId": str(goods.cup), "appId": shop, "customizeInfo": "场次 7"}
    found = mine.post(GENERATE, {"pid": pid, "productList": [wish]})
    [link] = links(mine)
    assert (link.product_id, link.customize_info) == (goods.cup, "场次 7")
    short = f"{BASE}/s/{link.code}"
    [share] = [one["shareInfo"] for one in found["list"]]
    tag = share["promotionTag"]
    assert tag.startswith("#小程序://")
    assert found == {
        "errcode": 0,
        "errmsg": "ok",
        "list": [
            {
                "productId": str(goods.cup),
                "pid": pid,
                "productInfo": {
                    "productId": str(goods.cup),
                    "title": "手绘青瓷盖碗",
                    "subTitle": "一人一只",
                    "headImg": [f"{BASE}/media/a.jpg", f"{BASE}/media/b.jpg"],
                    "minPrice": 5_999,
                    "discount": 0,
                    "discountPrice": 5_999,
                    "shopName": "青瓷小铺",
                    "shopAppid": shop,
                    "pluginResult": 1,
                    "totalStockNum": 7,
                },
                "shareInfo": {
                    "username": "",
                    "appId": share["appId"],
                    "path": f"pages/product/product?t={link.ticket}",
                    "couponPath": "",
                    "wxaCode": "",
                    "couponWxaCode": "",
                    "promotionUrl": short,
                    "couponPromotionUrl": "",
                    "promotionWording": f"【青瓷小铺】手绘青瓷盖碗，¥59.99起，点击购买：{short}",
                    "couponPromotionWording": "",
                    "promotionTag": tag,
                    "couponPromotionTag": "",
                },
            }
        ],
    }
    assert attribution.dress_of(link_id=link.link_id).tag == tag


def test_a_coupon_comes_along_with_the_same_material(mine, goods, pid):  # noqa: F811
    now = clock.now()
    coupon = make_marketing.fixed(500, starts_at=now, ends_at=now + timedelta(days=1))
    make_marketing.coupon(goods.cup_shop.id, coupon, now=now)
    [one] = mine.post(GENERATE, {"pid": pid, "productList": [{"productId": goods.cup}]})["list"]
    assert (one["productInfo"]["discount"], one["productInfo"]["discountPrice"]) == (500, 5_499)
    share = one["shareInfo"]
    for coupon_name, name in (("couponPath", "path"), ("couponPromotionUrl", "promotionUrl")):
        assert share[coupon_name] == share[name] != ""


def test_several_products_each_with_its_own_note(mine, goods, pid):  # noqa: F811
    wishes = [
        {"productId": goods.leaves, "customizeInfo": "甲"},
        {"productId": str(goods.cup)},
        {"productId": goods.leaves, "customizeInfo": "乙"},
    ]
    found = mine.post(GENERATE, {"pid": pid, "productList": wishes})["list"]
    assert [one["productId"] for one in found] == [str(goods.leaves), str(goods.cup), str(goods.leaves)]
    made = {link.code: (link.product_id, link.customize_info) for link in links(mine)}
    urls = [one["shareInfo"]["promotionUrl"].rpartition("/")[2] for one in found]
    assert [made[code] for code in urls] == [(goods.leaves, "甲"), (goods.cup, ""), (goods.leaves, "乙")]


def test_material_of_a_mini_program_field_by_field(mine, goods, pid):  # noqa: F811
    wish = {"productId": str(goods.book), "appId": "wx1234567890abcdef", "customizeInfo": "群 3"}
    found = mine.post(OPEN_GENERATE, {"pid": pid, "getShortUrl": True, "getInfo": True, "productList": [wish]})
    [link] = links(mine)
    short = f"{BASE}/s/{link.code}"
    assert found["list"] == [
        {
            "pid": pid,
            "productInfo": {
                "productId": str(goods.book),
                "title": "茶经",
                "subTitle": "",
                "headImg": ["a.jpg"],
                "minPrice": 4_500,
                "discount": 0,
                "discountPrice": 4_500,
                "shopName": "自营书店",
                "shopAppid": "wx1234567890abcdef",
                "totalStockNum": 40,
                "shopStatus": 0,
            },
            "shareInfo": {
                "appId": "wx1234567890abcdef",
                "username": "",
                "path": f"pages/book?id=7&t={link.ticket}",
                "promotionWording": f"【自营书店】茶经，¥45.00起，点击购买：{short}",
                "promotionUrl": short,
                "promotionTag": "",
                "code": "",
            },
        }
    ]
    assert parse_qs(urlsplit("//x/" + found["list"][0]["shareInfo"]["path"]).query)["t"] == [link.ticket]


def test_a_shop_without_money_has_no_material(mine, goods, pid):  # noqa: F811
    parties.note_prepaid(short=[goods.outside.id], enough=[], now=clock.now())
    [one] = mine.post(OPEN_GENERATE, {"pid": pid, "productList": [{"productId": goods.book}]})["list"]
    assert one.keys() == {"pid", "productInfo"}
    assert one["productInfo"]["shopStatus"] == 1
    assert links(mine) == []
    refused(mine.post(OPEN_GENERATE, {"pid": "nobodys", "productList": [{"productId": goods.book}]}), NO_PLACE,
            "place_not_found")  # fmt: skip


def test_less_is_given_where_less_is_asked_for(mine, goods, pid):  # noqa: F811
    body = {"pid": pid, "productList": [{"productId": goods.book}], "getShortUrl": False, "getInfo": False}
    [one] = mine.post(OPEN_GENERATE, body)["list"]
    assert one.keys() == {"pid", "shareInfo"}
    assert (one["shareInfo"]["promotionUrl"], one["shareInfo"]["promotionTag"]) == ("", "")
    assert one["shareInfo"]["path"].startswith("pages/book?id=7&t=")


def test_no_material_before_the_rules_are_accepted(mine, goods, software, pid):  # noqa: F811
    fresh = software(make_parties.promoter(phone="13900000009"))
    place = fresh.post("/promoter/promotion/add", {"promotionSourceName": "群"})["pid"]
    refused(fresh.post(GENERATE, {"pid": place, "productList": [{"productId": goods.cup}]}), RULES,
            "rules_not_accepted")  # fmt: skip
    library.accept_rules(
        promoter_id=fresh.party.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=clock.now()
    )  # fmt: skip
    assert fresh.post(GENERATE, {"pid": place, "productList": [{"productId": goods.cup}]})["errcode"] == 0
    refused(fresh.post(OPEN_GENERATE, {"pid": place, "productList": [{"productId": goods.book}]}), RULES,
            "rules_not_accepted")  # fmt: skip
    assert len(links(fresh)) == 1


def test_what_cannot_be_promoted_refuses_all(mine, goods, pid):  # noqa: F811
    catalog.change_product(
        merchant_id=goods.tea_shop.id,
        product_id=goods.jar,
        change=ProductChange(excluded=True),
        actor=OPERATOR_SHELL,
        now=clock.now(),
    )
    body = {"pid": pid, "productList": [{"productId": goods.cup}, {"productId": goods.jar}]}
    found = mine.post(GENERATE, body)
    refused(found, NOT_PROMOTABLE, "not_promotable")
    assert "茶叶罐" in found["errmsg"]
    assert links(mine) == []


def test_products_are_those_of_the_calls_own_family_and_shop(mine, goods, pid):  # noqa: F811
    def asked(path, **wish):
        return mine.post(path, {"pid": pid, "productList": [wish]})

    refused(asked(GENERATE, productId=goods.book), NOT_FOUND, "not_found")
    refused(asked(OPEN_GENERATE, productId=goods.cup), NOT_FOUND, "not_found")
    refused(asked(GENERATE, productId=999_999_999), NOT_FOUND, "not_found")
    other = parties_of.appid_of(goods.tea_shop.id)
    refused(asked(GENERATE, productId=goods.cup, appId=other), NOT_FOUND, "not_found")
    refused(asked(GENERATE, productId=goods.cup, appId="wxnobodys"), NOT_FOUND, "not_found")
    assert links(mine) == []


def test_somebody_elses_place_makes_nothing(mine, goods, pid, software):  # noqa: F811
    other = software(make_parties.promoter(phone="13900000008"))
    library.accept_rules(
        promoter_id=other.party.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=clock.now()
    )  # fmt: skip
    refused(other.post(GENERATE, {"pid": pid, "productList": [{"productId": goods.cup}]}), NO_PLACE, "place_not_found")
    assert links(other) == links(mine) == []


@pytest.mark.parametrize(
    "change",
    [
        {"pid": None},
        {"pid": ""},
        {"pid": 5},
        {"pid": "x" * 41},
        {"pid": "a\x00"},
        {"productList": None},
        {"productList": []},
        {"productList": {}},
        {"productList": "x"},
        {"productList": [5]},
        {"productList": [{}]},
        {"productList": [{"productId": "x"}]},
        {"productList": [{"productId": 0}]},
        {"productList": [{"productId": -5}]},
        {"productList": [{"productId": 2**63}]},
        {"productList": [{"productId": 1.5}]},
        {"productList": [{"productId": True}]},
        {"productList": [{"productId": "1", "appId": 7}]},
        {"productList": [{"productId": "1", "customizeInfo": "a\x00"}]},
        {"productList": [{"productId": "1", "customizeInfo": "\ud800"}]},
        {"productList": [{"productId": "1"}] * 51},
    ],
)
def test_wishes_that_are_none(mine, pid, change):
    body = {"pid": pid, "productList": [{"productId": "1"}]} | change
    refused(mine.post(GENERATE, body), 40097, "invalid")
    refused(mine.post(OPEN_GENERATE, body), 40097, "invalid")


def test_a_note_has_eighty_characters_at_most(mine, goods, pid):  # noqa: F811
    def noted(text):
        return mine.post(
            GENERATE, {"pid": pid, "productList": [{"productId": goods.cup}, {"productId": goods.jar,
                                                                               "customizeInfo": text}]}
        )  # fmt: skip

    refused(noted("字" * 81), 40097, "customize_info_invalid")
    assert links(mine) == []
    assert noted("字" * 80)["errcode"] == 0
    assert {link.customize_info for link in links(mine)} == {"", "字" * 80}


def test_wechat_that_does_not_answer_leaves_out_its_tag_only(mine, goods, pid, wechat):  # noqa: F811
    wechat.stop()
    try:
        [one] = mine.post(GENERATE, {"pid": pid, "productList": [{"productId": goods.cup}]})["list"]
    finally:
        wechat.start()
    assert one["shareInfo"]["promotionTag"] == ""
    assert one["shareInfo"]["promotionUrl"].startswith(f"{BASE}/s/")


def test_a_tag_and_a_link_stand_for_their_product(mine, goods, pid):  # noqa: F811
    body = {"pid": pid, "productList": [{"productId": goods.cup}, {"productId": goods.leaves}]}
    share = [one["shareInfo"] for one in mine.post(GENERATE, body)["list"]]
    [book] = mine.post(OPEN_GENERATE, {"pid": pid, "productList": [{"productId": goods.book}]})["list"]
    tags = [
        share[0]["promotionTag"],
        share[1]["promotionUrl"],
        book["shareInfo"]["promotionUrl"],
        "#小程序://别家/东西/abc",
        "https://elsewhere.example/s/abc",
    ]
    found = mine.post(PARSE, {"tagList": tags})["tagList"]
    assert found[:3] == [
        {"productId": str(goods.cup), "source": 1, "productAppid": parties_of.appid_of(goods.cup_shop.id)},
        {"productId": str(goods.leaves), "source": 1, "productAppid": parties_of.appid_of(goods.tea_shop.id)},
        {"productId": str(goods.book), "source": 1, "productAppid": "wx1234567890abcdef"},
    ]
    for one in found[3:]:
        assert one.keys() == {"errcode", "errmsg"}
        assert one["errmsg"].startswith("link_not_found: ")


@pytest.mark.parametrize("tags", [None, [], "", [5], [""], ["x" * 301], ["x"] * 51, ["a\x00"], [["x"]], {"a": "b"}])
def test_tags_that_are_none(mine, tags):
    refused(mine.post(PARSE, {"tagList": tags}), 40097, "invalid")


def test_tags_that_look_like_addresses_and_are_none(mine):
    tags = ["http://[", f"{BASE}/s/", f"{BASE}/s/../x", f"{BASE}/s/ab%00", "//"]
    for one in mine.post(PARSE, {"tagList": tags})["tagList"]:
        assert one["errmsg"].startswith("link_not_found: ")
    assert rows.query("SELECT count(*) FROM attribution_link") == [(0,)]
