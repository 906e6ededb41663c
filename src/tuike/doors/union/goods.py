"""A product as WeChat's alliance shows one. What Tuike doesn't know is the empty value of its type
(docs/user/union-api.md, What is always empty)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tuike.catalog.types import CategoryNode, ProductFacts, ProductState, ShopSku
from tuike.doors.union.calls import TEXT, WHOLE, Maybe, OneOf
from tuike.insight.listed import Listed
from tuike.marketing.types import CouponKind, CouponScope, CouponShown

ON_SALE, OFF_SALE = 5, 11
YES_NO = OneOf((0, 1))
_COUPON_TYPES = {CouponKind.THRESHOLD: 2, CouponKind.PERCENT: 3, CouponKind.FIXED: 4}
_WITH_THRESHOLD = 1
"""A share off from an amount on."""
_OF_A_SHOP = 100
"""What a coupon for a whole shop has more than one for products."""

CATEGORY = {"catId": TEXT, "name": TEXT}
SKU = {
    "skuId": TEXT,
    "status": OneOf((ON_SALE, OFF_SALE)),
    "productSkuInfo": {
        "thumbImg": TEXT,
        "salePrice": WHOLE,
        "marketPrice": WHOLE,
        "skuCode": TEXT,
        "stockInfo": {"stockNum": WHOLE},
    },
}
INFO = {
    "title": TEXT,
    "subTitle": TEXT,
    "headImg": [TEXT],
    "category": [CATEGORY],
    "brand": TEXT,
    "brandId": TEXT,
    "model": TEXT,
    "detail": {"detailImg": [TEXT]},
    "param": [{"key": TEXT, "value": TEXT}],
    "minPrice": WHOLE,
    "discountPrice": WHOLE,
    "totalStockNum": WHOLE,
    "totalSoldNum": WHOLE,
    "totalOrderNum": WHOLE,
    "expressInfo": {"templateId": TEXT},
}
LEAGUE = {"hasCommission": YES_NO, "commissionRatio": WHOLE, "commissionValue": WHOLE}
SHOP = {
    "name": TEXT,
    "appId": TEXT,
    "username": TEXT,
    "headImgUrl": TEXT,
    "shippingMethods": {"express": YES_NO, "sameCity": YES_NO, "pickup": YES_NO},
    "addressList": [{"addressInfo": {"provinceName": TEXT, "cityName": TEXT, "countyName": TEXT}}],
    "sameCityTemplate": {"deliverScopeType": WHOLE, "scope": WHOLE, "region": TEXT},
    "freightTemplate": {"notSendArea": [TEXT]},
}
COUPON = {
    "hasCoupon": YES_NO,
    "couponId": Maybe(TEXT),
    "couponDetail": Maybe(
        {
            "restNum": WHOLE,
            "type": OneOf((1, 2, 3, 4, 101, 102, 103, 104)),
            "discountInfo": {
                "discountCondition": {"productIds": [TEXT], "productCnt": WHOLE, "productPrice": WHOLE},
                "discountNum": WHOLE,
                "discountFee": WHOLE,
            },
            "validInfo": {
                "validType": OneOf((1, 2)),
                "validDayNum": WHOLE,
                "startTime": WHOLE,
                "endTime": WHOLE,
            },
            "receiveInfo": {"startTime": WHOLE, "endTime": WHOLE, "limitNumOnePerson": WHOLE},
        }
    ),
}
PRODUCT = {
    "productId": TEXT,
    "product": {"productId": TEXT, "status": OneOf((ON_SALE, OFF_SALE)), "info": INFO, "skus": [SKU]},
    "leagueExInfo": LEAGUE,
    "shopInfo": SHOP,
    "couponInfo": COUPON,
}
OPEN_PRODUCT = {
    "product": {
        "productId": TEXT,
        "info": {
            "title": TEXT,
            "headImg": [TEXT],
            "detail": {"detailImg": [TEXT]},
            "brandId": TEXT,
            "minPrice": WHOLE,
            "totalStockNum": WHOLE,
            "path": TEXT,
        },
        "skus": [
            {
                "skuId": TEXT,
                "productSkuInfo": {
                    "thumbImg": TEXT,
                    "salePrice": WHOLE,
                    "marketPrice": WHOLE,
                    "stockInfo": {"stockNum": WHOLE},
                },
            }
        ],
    },
    "leagueExInfo": LEAGUE,
    "shopInfo": {"appId": TEXT, "name": TEXT, "username": TEXT, "headImgUrl": TEXT},
}


def product(one: Listed) -> dict[str, Any]:
    """Return a product of the mall."""
    facts = one.product
    return {
        "productId": str(facts.product_id),
        "product": {
            "productId": str(facts.product_id),
            "status": ON_SALE if facts.state is ProductState.ON_SALE else OFF_SALE,
            "info": _info(one),
            "skus": [sku(facts, choice) for choice in one.skus],
        },
        "leagueExInfo": league(one),
        "shopInfo": _shop(one),
        "couponInfo": coupon_info(one.coupon),
    }


def open_product(one: Listed) -> dict[str, Any]:
    """Return a product of a shop with a mini-program of its own."""
    facts, shop = one.product, _shop(one)
    return {
        "product": {
            "productId": str(facts.product_id),
            "info": {
                "title": facts.title,
                "headImg": pictures(facts),
                "detail": {"detailImg": []},
                "brandId": "",
                "minPrice": facts.min_price_fen,
                "totalStockNum": facts.free,
                "path": facts.path,
            },
            "skus": [_open_sku(facts, choice) for choice in one.skus],
        },
        "leagueExInfo": league(one),
        "shopInfo": {name: shop[name] for name in ("appId", "name", "username", "headImgUrl")},
    }


def category(node: CategoryNode) -> dict[str, str]:
    """Return a category."""
    return {"catId": str(node.category_id), "name": node.name}


def pictures(facts: ProductFacts) -> list[str]:
    """Return a product's pictures with whole addresses."""
    return [settings.PUBLIC_BASE + one if one.startswith("/") else one for one in facts.pictures]


def sku(facts: ProductFacts, choice: ShopSku) -> dict[str, Any]:
    """Return a choice of a product."""
    return {
        "skuId": str(choice.sku_id),
        "status": ON_SALE if choice.on_sale else OFF_SALE,
        "productSkuInfo": {
            "thumbImg": next(iter(pictures(facts)), ""),
            "salePrice": choice.price_fen,
            "marketPrice": choice.price_fen,
            "skuCode": "",
            "stockInfo": {"stockNum": choice.free},
        },
    }


def league(one: Listed) -> dict[str, int]:
    """Return the public commission; nothing where the product doesn't stand in the library."""
    card = one.card
    rate, commission = (card.rate_bps, card.commission_fen) if card else (0, 0)
    return {"hasCommission": int(rate > 0), "commissionRatio": rate, "commissionValue": commission}


def coupon_info(coupon: CouponShown | None) -> dict[str, Any]:
    """Return the coupon that promoters show with a product."""
    if coupon is None:
        return {"hasCoupon": 0}
    terms = coupon.terms
    kind = _COUPON_TYPES[terms.kind]
    if terms.kind is CouponKind.PERCENT and terms.threshold_fen:
        kind = _WITH_THRESHOLD
    targets: Sequence[int] = terms.target_ids if terms.scope is CouponScope.PRODUCT else ()
    return {
        "hasCoupon": 1,
        "couponId": str(coupon.coupon_id),
        "couponDetail": {
            "restNum": coupon.stock - coupon.taken,
            "type": kind + (_OF_A_SHOP if terms.scope is CouponScope.SHOP else 0),
            "discountInfo": {
                "discountCondition": {
                    "productIds": [str(id_) for id_ in targets],
                    "productCnt": 0,
                    "productPrice": terms.threshold_fen,
                },
                "discountNum": 10_000 - terms.off_bps if terms.kind is CouponKind.PERCENT else 0,
                "discountFee": terms.minus_fen,
            },
            "validInfo": {
                "validType": 1 if coupon.use_days is None else 2,
                "validDayNum": coupon.use_days or 0,
                "startTime": seconds(coupon.starts_at),
                "endTime": seconds(coupon.ends_at),
            },
            "receiveInfo": {
                "startTime": seconds(coupon.starts_at),
                "endTime": seconds(coupon.ends_at),
                "limitNumOnePerson": coupon.limit_each,
            },
        },
    }


def seconds(at: datetime | None) -> int:
    """Return an instant as Unix seconds, 0 for none."""
    return int(at.timestamp()) if at else 0


def _info(one: Listed) -> dict[str, Any]:
    facts = one.product
    return {
        "title": facts.title,
        "subTitle": facts.subtitle,
        "headImg": pictures(facts),
        "category": [category(node) for node in one.categories],
        "brand": "",
        "brandId": "",
        "model": "",
        "detail": {"detailImg": []},
        "param": [],
        "minPrice": facts.min_price_fen,
        "discountPrice": facts.min_price_fen - one.minus_fen,
        "totalStockNum": facts.free,
        "totalSoldNum": one.card.sold if one.card else 0,
        "totalOrderNum": 0,
        "expressInfo": {"templateId": ""},
    }


def _open_sku(facts: ProductFacts, choice: ShopSku) -> dict[str, Any]:
    whole = sku(facts, choice)
    info = {name: part for name, part in whole["productSkuInfo"].items() if name != "skuCode"}
    return {"skuId": whole["skuId"], "productSkuInfo": info}


def _shop(one: Listed) -> dict[str, Any]:
    return {
        "name": one.shop.name,
        "appId": one.appid,
        "username": "",
        "headImgUrl": "",
        "shippingMethods": {"express": 1, "sameCity": 0, "pickup": 0},
        "addressList": [],
        "sameCityTemplate": {"deliverScopeType": 0, "scope": 0, "region": ""},
        "freightTemplate": {"notSendArea": []},
    }
