"""Material for products, and what a tag or a link of ours stands for."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tuike.apps.types import Scope
from tuike.attribution import queries as attribution
from tuike.attribution.types import LinkFacts, LinkNotFound
from tuike.doors.union import goods, refusing
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, Maybe, OneOf
from tuike.doors.union.kinds import ID, Ask, Flag, Many, Object, Text
from tuike.flows.generate_material import Wish, generate_material
from tuike.flows.make_material import Material
from tuike.insight import listed as insight
from tuike.insight.listed import Listed
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Source

MOST_AT_ONCE = 50
NORMAL, PREPAID_SHORT = 0, 1
"""shopStatus: whether material is to be had for the shop."""
_SHORT_LINK = "/s/"

_INFO = {
    "productId": TEXT,
    "title": TEXT,
    "subTitle": TEXT,
    "headImg": [TEXT],
    "minPrice": WHOLE,
    "discount": WHOLE,
    "discountPrice": WHOLE,
    "shopName": TEXT,
    "shopAppid": TEXT,
    "totalStockNum": WHOLE,
}
_SHARED = ("username", "appId", "path", "promotionWording", "promotionUrl", "promotionTag")
_COUPONED = {
    "couponPath": "path",
    "couponWxaCode": "wxaCode",
    "couponPromotionUrl": "promotionUrl",
    "couponPromotionWording": "promotionWording",
    "couponPromotionTag": "promotionTag",
}
"""What stands for a product with a coupon → what it is without one: our ticket brings the coupon along."""
_SHARE = dict.fromkeys((*_SHARED, "wxaCode", *_COUPONED), TEXT)
_OPEN_SHARE = dict.fromkeys((*_SHARED, "code"), TEXT)


def generate(asked: Asked) -> Mapping[str, Any]:
    """Make material for products of the mall."""
    shown = []
    for one, material in _generated(asked, Source.MINI_STORE):
        assert material is not None  # shops of the mall have no prepaid balance
        info = _product_info(one) | {"pluginResult": 1}
        share = {"wxaCode": "", **_share(material)}
        share |= {name: share[plain] if one.coupon else "" for name, plain in _COUPONED.items()}
        shown.append({**_head(one, asked), "productInfo": info, "shareInfo": share})
    return {"list": shown}


def open_generate(asked: Asked) -> Mapping[str, Any]:
    """Make material for products of shops with a mini-program; none for a shop whose prepaid balance is exhausted."""
    shown = []
    for one, material in _generated(asked, Source.MINI_PROGRAM):
        part: dict[str, Any] = {"pid": asked["pid"]}
        if asked["getInfo"]:
            status = NORMAL if material else PREPAID_SHORT
            part["productInfo"] = _product_info(one) | {"shopStatus": status}
        if material:
            share = _share(material) | {"code": ""}
            if not asked["getShortUrl"]:
                share |= {"promotionUrl": "", "promotionTag": ""}
            part["shareInfo"] = share
        shown.append(part)
    return {"list": shown}


def parse_tags(asked: Asked) -> Mapping[str, Any]:
    """Say which products tags and links stand for, whoever made them."""
    tags = asked["tagList"]
    by_tag = attribution.links_by_tag(tags)
    codes = {tag: _code(tag) for tag in tags if tag not in by_tag}
    by_code = attribution.links_by_code([code for code in codes.values() if code])
    links = {tag: by_tag.get(tag) or by_code.get(codes.get(tag, "")) for tag in tags}
    shops = parties.merchant_facts({link.merchant_id for link in links.values() if link})
    appids = insight.appids_of(shops.values())
    return {"tagList": [_parsed(links[tag], appids, asked.request_id) for tag in tags]}


def _generated(asked: Asked, source: Source) -> list[tuple[Listed, Material | None]]:
    wishes = [Wish(one["productId"], one["appId"], one["customizeInfo"]) for one in asked["productList"]]
    made = generate_material(
        promoter_id=asked.party_id,
        pid=asked["pid"],
        wishes=wishes,
        source=source,
        key=uuid.uuid4().hex,
        now=asked.now,
    )
    ids = list(dict.fromkeys(one.product_id for one in made))
    facts = {one.product.product_id: one for one in insight.listed(ids, now=asked.now)}
    return [(facts[one.product_id], one.material) for one in made]


def _head(one: Listed, asked: Asked) -> dict[str, str]:
    return {"productId": str(one.product.product_id), "pid": asked["pid"]}


def _product_info(one: Listed) -> dict[str, Any]:
    facts = one.product
    return {
        "productId": str(facts.product_id),
        "title": facts.title,
        "subTitle": facts.subtitle,
        "headImg": goods.pictures(facts),
        "minPrice": facts.min_price_fen,
        "discount": one.minus_fen,
        "discountPrice": facts.min_price_fen - one.minus_fen,
        "shopName": one.shop.name,
        "shopAppid": one.appid,
        "totalStockNum": facts.free,
    }


def _share(material: Material) -> dict[str, str]:
    """Return what is handed out. `appId` is the mini-program that opens `path`."""
    return {
        "username": "",
        "appId": material.appid,
        "path": material.path,
        "promotionUrl": material.short_link,
        "promotionWording": material.wording,
        "promotionTag": material.tag,
    }


def _code(text: str) -> str:
    """Return the short code in a link of ours, empty where it is none."""
    try:
        parts = urlsplit(text)
        host = parts.netloc
    except ValueError:
        return ""
    if host != urlsplit(settings.PUBLIC_BASE).netloc or not parts.path.startswith(_SHORT_LINK):
        return ""
    code = parts.path[len(_SHORT_LINK) :]
    return code if code.isascii() and code.isalnum() else ""


def _parsed(link: LinkFacts | None, appids: Mapping[int, str], request_id: str) -> dict[str, Any]:
    if link is None or link.product_id is None:
        return refusing.refused(LinkNotFound(), request_id=request_id)
    return {"productId": str(link.product_id), "source": 1, "productAppid": appids[link.merchant_id]}


_BY = (PartyKind.PROMOTER, Scope.MATERIAL_WRITE)
_WISH = Object((Ask("productId", ID), Ask("appId", Text(64), ""), Ask("customizeInfo", Text(500), "")))
_WISHES = (Ask("pid", Text(40, 1)), Ask("productList", Many(_WISH, MOST_AT_ONCE, 1)))
_TAGS = (Ask("tagList", Many(Text(300, 1), MOST_AT_ONCE, 1)),)

CALLS = (
    Call(
        "POST", "/union/promoter/product/generate", *_BY, "生成推广素材", "make material",
        _WISHES,
        {
            "list": [
                {
                    "productId": TEXT,
                    "pid": TEXT,
                    "productInfo": {**_INFO, "pluginResult": OneOf((0, 1))},
                    "shareInfo": _SHARE,
                }
            ]
        },
        generate,
    ),
    Call(
        "POST", "/union/promoter/product/parse_tag", PartyKind.PROMOTER, Scope.LIBRARY_READ, "解析推广口令",
        "which product a tag or link is for", _TAGS,
        {
            "tagList": [
                {
                    "productId": Maybe(TEXT),
                    "source": Maybe(OneOf((1,))),
                    "productAppid": Maybe(TEXT),
                    "errcode": Maybe(WHOLE),
                    "errmsg": Maybe(TEXT),
                }
            ]
        },
        parse_tags,
    ),
)  # fmt: skip
OPEN_CALLS = (
    Call(
        "POST", "/union/promoter/open_product/generate", *_BY, "生成自定义交易组件商品素材",
        "make material for products of shops with a mini-program",
        (*_WISHES, Ask("getShortUrl", Flag(), True), Ask("getInfo", Flag(), True)),
        {
            "list": [
                {
                    "pid": TEXT,
                    "productInfo": Maybe({**_INFO, "shopStatus": OneOf((NORMAL, PREPAID_SHORT))}),
                    "shareInfo": Maybe(_OPEN_SHARE),
                }
            ]
        },
        open_generate,
    ),
)  # fmt: skip
