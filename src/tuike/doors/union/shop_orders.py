"""A shop's orders: those whose promoters it pays, and those that came with material and earned nobody."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tuike.apps.types import Scope
from tuike.attribution.types import Reason
from tuike.doors.union import normal_orders
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, OneOf
from tuike.doors.union.goods import seconds
from tuike.doors.union.kinds import Ask, Text, Whole
from tuike.doors.union.spans import offset, second, span
from tuike.doors.web.said import chinese
from tuike.insight.abnormal_orders import abnormal_orders
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

USUAL_SPAN = timedelta(days=90)
"""How far back is looked without a start."""
RISING, FALLING = 1, 2


def abnormal(asked: Asked) -> Mapping[str, Any]:
    """List paid orders that came with somebody's material and earned nobody."""
    low, high = span(asked, "startPayTime", "endPayTime")
    high = high or asked.now + timedelta(days=1)
    promoter_id = None
    if asked["allianceAppid"]:
        promoter_id = parties.by_appid([asked["allianceAppid"]]).get(asked["allianceAppid"])
        if promoter_id is None:
            return {"total": 0, "orderList": []}
    found, total = abnormal_orders(
        merchant_id=asked.party_id,
        paid=(low or high - USUAL_SPAN, high),
        promoter_id=promoter_id,
        number=asked["tradeNo"],
        descending=asked["sortType"] == FALLING,
        start=asked["offset"],
        limit=asked["limit"],
    )
    promoters = normal_orders.promoter_infos({one.promoter_id for one in found if one.promoter_id is not None})
    return {
        "total": total,
        "orderList": [
            {
                "tradeNo": one.external_no or one.order_no,
                "paidTime": seconds(one.paid_at),
                "userPaidAmount": one.payable_fen,
                "commissionRatio": 0,
                "commissionValue": 0,
                "promoterInfo": promoters.get(one.promoter_id or 0, {"appId": "", "nickName": ""}),
                "abnormalReason": one.reason.value,
                "abnormalReasonDesc": one.reason.sentence("zh-hans" if chinese() else "en"),
            }
            for one in found
        ],
    }


CALLS = (
    *normal_orders.SHOP_CALLS,
    Call(
        "POST", "/union/shop/order/search_abnormal_order", PartyKind.MERCHANT, Scope.ORDERS_READ,
        "查询异常订单", "orders that came with material and earned nobody",
        (
            Ask("allianceAppid", Text(64), "", "the promoter's AppID"),
            second("startPayTime"),
            second("endPayTime"),
            *offset(normal_orders.MOST),
            Ask("sortType", Whole(RISING, FALLING), FALLING, "1 the oldest first, 2 the latest"),
            Ask("tradeNo", Text(64), ""),
        ),
        {
            "total": WHOLE,
            "orderList": [
                {
                    "tradeNo": TEXT,
                    "paidTime": WHOLE,
                    "userPaidAmount": WHOLE,
                    "commissionRatio": OneOf((0,)),
                    "commissionValue": OneOf((0,)),
                    "promoterInfo": normal_orders.PROMOTER,
                    "abnormalReason": OneOf(tuple(one.value for one in Reason)),
                    "abnormalReasonDesc": TEXT,
                }
            ],
        },
        abnormal,
    ),
)  # fmt: skip
