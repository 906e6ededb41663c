"""The rates of a shop's main products (docs/rules.md §3): what is written today holds from the next midnight on."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, OneOf
from tuike.doors.union.goods import seconds
from tuike.doors.union.kinds import ID, RATIO, Ask, Many, Object, Text, wrong
from tuike.flows import publish_rates
from tuike.flows.publish_rates import Wanted
from tuike.insight import main_rates
from tuike.kit.errors import NotFound
from tuike.parties.types import PartyKind

MOST = 100


def set_commission(asked: Asked) -> Mapping[str, Any]:
    """Give products a rate of their own."""
    given = asked["info"] or asked["key"]
    if not given:
        raise wrong("info", "必填", "is missing")
    _publish(asked, dict(zip(_products(asked, given), (one["commissionRatio"] for one in given), strict=True)))
    return {}


def delete_commission(asked: Asked) -> Mapping[str, Any]:
    """Take products' own rates away."""
    _publish(asked, dict.fromkeys(_products(asked, asked["key"])))
    return {}


def get_commission(asked: Asked) -> Mapping[str, Any]:
    """Show products' own rates, now and from the next midnight on."""
    ids = _products(asked, asked["key"])
    found = main_rates.main_rates(merchant_id=asked.party_id, product_ids=ids, now=asked.now)
    return {
        "result": [
            {
                "productId": str(one.product.product_id),
                "outProductId": one.product.external_no,
                "isCommissionProduct": int(one.bps is not None),
                "commissionRatio": one.bps or 0,
                "nextCommissionRatio": (one.bps or 0) if one.next_bps is None else one.next_bps,
                "effectiveTime": seconds(one.next_at),
            }
            for one in found
        ]
    }


def _publish(asked: Asked, rates: Mapping[int, int | None]) -> None:
    publish_rates.publish(merchant_id=asked.party_id, wanted=Wanted(mains=rates), actor=asked.actor, now=asked.now)


def _products(asked: Asked, given: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the products that are named by id or by the shop's own number.

    Raises:
        Invalid: one has neither, or one is named twice. NotFound: one that isn't the shop's.
    """
    outs = [one["outProductId"] for one in given if one["productId"] is None]
    if not all(outs):
        raise wrong("productId", "productId 与 outProductId 至少填一个", "or outProductId is needed")
    by_out = catalog.ids_by_external_no(merchant_id=asked.party_id, external_nos=outs) if outs else {}
    if any(out not in by_out for out in outs):
        raise NotFound
    found = [one["productId"] or by_out[one["outProductId"]][0] for one in given]
    if len(set(found)) < len(found):
        raise wrong("productId", "同一商品出现多次", "names something twice")
    return found


_NAMED = (Ask("productId", ID, None), Ask("outProductId", Text(64), ""))
_RATED = Object((*_NAMED, Ask("commissionRatio", RATIO)))
_KEY = (Ask("key", Many(Object(_NAMED), MOST, 1)),)
_BY = (PartyKind.MERCHANT, Scope.PLANS_WRITE)

CALLS = (
    Call(
        "POST", "/union/shop/open/set_commission", *_BY, "设置商品佣金", "give products a rate of their own",
        (Ask("info", Many(_RATED, MOST, 1), None), Ask("key", Many(_RATED, MOST, 1), None, "in place of `info`")),
        {}, set_commission,
    ),
    Call(
        "POST", "/union/shop/open/get_commission", PartyKind.MERCHANT, Scope.PLANS_READ, "查询商品佣金",
        "products' own rates", _KEY,
        {
            "result": [
                {
                    "productId": TEXT,
                    "outProductId": TEXT,
                    "isCommissionProduct": OneOf((0, 1)),
                    "commissionRatio": WHOLE,
                    "nextCommissionRatio": WHOLE,
                    "effectiveTime": WHOLE,
                }
            ]
        },
        get_commission,
    ),
    Call(
        "POST", "/union/shop/open/delete_commission", *_BY, "删除商品佣金", "take products' own rates away",
        _KEY, {}, delete_commission,
    ),
)  # fmt: skip
