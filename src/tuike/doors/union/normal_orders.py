"""Orders of shops with a mini-program of their own: as their promoter sees them, and as the shop does."""

from collections.abc import Mapping
from typing import Any

from tuike.apps.types import Scope
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, OneOf
from tuike.doors.union.goods import seconds
from tuike.doors.union.kinds import Ask, Choice, Many, Text
from tuike.doors.union.orders import PLACE
from tuike.doors.union.spans import offset, second, span, whole_address
from tuike.insight import earned_lines, earned_orders
from tuike.insight.earned_lines import EarnedLine, EarnedOrder
from tuike.insight.earned_orders import By, Stand, Wanted
from tuike.orders.types import OrderState
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Source

MOST = 100
PAY_SUCCESS, WAIT_DEDUCTION = "COMMISSION_PAY_SUCCESS", "COMMISSION_SHOP_WAIT_DEDUCTION"
CANCEL, FINISHED = "COMMISSION_PAY_CANCEL", "COMMISSION_SHOP_FINISH_DEDUCTION"
NO_MONEY = "COMMISSION_SHOP_DEDUCTION_NOT_ENOUGH_MONEY"
PAID_OUT, FAILED = "COMMISSION_PROMOTER_PAY_SUCC", "COMMISSION_PROMOTER_PAY_FAILED"
OF_PROMOTER = {
    Stand.UNRECEIVED: PAY_SUCCESS,
    Stand.PENDING: WAIT_DEDUCTION,
    Stand.CANCELLED: CANCEL,
    Stand.WAITING: NO_MONEY,
    Stand.SETTLED: PAID_OUT,
}
OF_SHOP = OF_PROMOTER | {Stand.PENDING: PAY_SUCCESS, Stand.SETTLED: FINISHED}
"""Where a line stands, as each side is told."""
CODES_OF_PROMOTER = {
    PAY_SUCCESS: (2,), WAIT_DEDUCTION: (5, 6, 8, 10), CANCEL: (4,), NO_MONEY: (7,), PAID_OUT: (11,), FAILED: (12,),
}  # fmt: skip
CODES_OF_SHOP = {PAY_SUCCESS: (2, 5, 8), CANCEL: (4,), FINISHED: (6,), NO_MONEY: (7,)}
"""The numbers by which the same is asked for."""
STATES = {
    OrderState.UNPAID: 10,
    OrderState.PAID: 20,
    OrderState.SHIPPED: 30,
    OrderState.COMPLETED: 100,
    OrderState.CLOSED: 200,
}
SORTS = {"1": By.PAID, "SORT_BY_PAY_TIME": By.PAID, "2": By.TURN, "SORT_BY_STATUS_UPDATE_TIME": By.TURN}
FALLING = {"1": True, "SORT_ORDER_DESC": True, "2": False, "SORT_ORDER_ASC": False}


def of_promoter(asked: Asked) -> Mapping[str, Any]:
    """List the orders on which a promoter earns."""
    wanted = _wanted(asked, OF_PROMOTER, CODES_OF_PROMOTER, promoter_id=asked.party_id)
    found = _found(asked, wanted)
    read = earned_lines.of_promoter(promoter_id=asked.party_id, order_nos=found.order_nos)
    return {"total": found.total, "orderList": [_order(one, OF_PROMOTER) for one in read]}


def of_shop(asked: Asked) -> Mapping[str, Any]:
    """List the orders whose promoters a shop pays."""
    wanted = _wanted(asked, OF_SHOP, CODES_OF_SHOP, merchant_id=asked.party_id)
    found = _found(asked, wanted)
    read = earned_lines.of_merchant(merchant_id=asked.party_id, order_nos=found.order_nos)
    who = {line.brought_by for one in read for line in one.lines if line.brought_by is not None}
    promoters = promoter_infos(who)
    return {"total": found.total, "orderList": [_order(one, OF_SHOP, promoters) for one in read]}


def promoter_infos(ids: set[int]) -> dict[int, dict[str, str]]:
    """Return promoters as shops are shown them, by id."""
    names, appids = parties.refs(ids), parties.appids_of(ids)
    return {id_: {"appId": appids.get(id_, ""), "nickName": names[id_].name} for id_ in ids if id_ in names}


def _found(asked: Asked, wanted: Wanted | None) -> earned_orders.Found:
    if wanted is None:
        return earned_orders.Found((), 0)
    return earned_orders.page(wanted, start=asked["offset"], limit=asked["limit"], now=asked.now)


def _wanted(
    asked: Asked, words: Mapping[Stand, str], codes: Mapping[str, tuple[int, ...]], **whose: int
) -> Wanted | None:
    """Return what is looked for; None where nothing can be found: payments to others have no number here."""
    given = asked.given
    if given["tradeNo"] or given["transactionIdList"]:
        return None
    named = {*given["commissionStatus"]}
    told = {name for name, numbers in codes.items() if name in named or named & {str(one) for one in numbers}}
    stands = tuple(stand for stand, word in words.items() if word in told)
    if named and not stands:
        return None
    brought_by = None
    if given.get("allianceAppid"):
        brought_by = parties.by_appid([given["allianceAppid"]]).get(given["allianceAppid"])
        if brought_by is None:
            return None
    numbers = {*given["outOrderIdList"], *([given["outOrderId"]] if given["outOrderId"] else [])}
    return Wanted(
        source=Source.MINI_PROGRAM,
        paid=span(asked, "startPayTime", "endPayTime"),
        turned=span(asked, "startStatusUpdateTime", "endStatusUpdateTime"),
        stands=stands,
        order_nos=(given["orderId"],) if given["orderId"] else (),
        external_nos=tuple(sorted(numbers)),
        text=given["query"],
        brought_by=brought_by,
        by=SORTS[given["sortBy"]],
        descending=FALLING[given["sortOrder"]],
        **whose,
    )


def _order(
    one: EarnedOrder, words: Mapping[Stand, str], promoters: Mapping[int, dict[str, str]] | None = None
) -> dict[str, Any]:
    shop = {"shopInfo": {"nickname": one.shop, "username": "", "appid": one.shop_appid}} if promoters is None else {}
    return {
        "orderInfo": {
            "orderId": one.order_no,
            "outOrderId": one.external_no,
            "transactionId": "",
            "payTime": seconds(one.paid_at),
            "createTime": seconds(one.placed_at),
            "orderPrice": one.payable_fen,
            "freight": one.freight_fen,
            "discountedPrice": one.discount_fen,
            "additionalPrice": 0,
            "additionalRemarks": "",
            "status": STATES[one.state],
            "statusUpdateTime": seconds(one.stepped_at),
            "path": "",
            **shop,
        },
        "productList": [_line(line, words, promoters) for line in one.lines],
    }


def _line(
    line: EarnedLine, words: Mapping[Stand, str], promoters: Mapping[int, dict[str, str]] | None
) -> dict[str, Any]:
    if promoters is None:
        who = {"promotionInfo": {"promotionSourcePid": line.pid, "promotionSourceName": line.place}}
    else:
        who = {"promoterInfo": promoters.get(line.brought_by or 0, {"appId": "", "nickName": ""})}
    return {
        "productId": str(line.product_id),
        "outProductId": line.external_no,
        "skuId": str(line.sku_id),
        "outSkuId": "",
        "title": line.title,
        "headImg": whole_address(line.picture),
        "salePrice": line.price_fen,
        "realPrice": line.paid_fen,
        "productCnt": line.quantity,
        "ratio": line.rate_bps,
        "commissionValue": line.commission_fen,
        "commissionStatus": words[line.stand],
        "commissionStatusUpdateTime": seconds(line.turned_at),
        **who,
        "skuAttrs": [{"attrKey": "规格", "attrValue": line.spec}] if line.spec else [],
    }


def _asks(codes: Mapping[str, tuple[int, ...]]) -> tuple[Ask, ...]:
    words = (*codes, *(str(one) for numbers in codes.values() for one in numbers))
    return (
        *offset(MOST),
        Ask("query", Text(100), ""),
        Ask("orderId", Text(64), ""),
        Ask("outOrderId", Text(64), ""),
        Ask("outOrderIdList", Many(Text(64, 1), 100), ()),
        Ask("tradeNo", Text(64), ""),
        Ask("transactionIdList", Many(Text(64, 1), 100), ()),
        second("startPayTime"),
        second("endPayTime"),
        Ask("commissionStatus", Many(Choice(words), 20), ()),
        second("startStatusUpdateTime"),
        second("endStatusUpdateTime"),
        Ask("sortBy", Choice(tuple(SORTS)), "1"),
        Ask("sortOrder", Choice(tuple(FALLING)), "1"),
    )


def _gives(words: Mapping[Stand, str], who: Mapping[str, Any], **shop: Any) -> dict[str, Any]:
    order = {
        "orderId": TEXT,
        "outOrderId": TEXT,
        "transactionId": TEXT,
        "payTime": WHOLE,
        "createTime": WHOLE,
        "orderPrice": WHOLE,
        "freight": WHOLE,
        "discountedPrice": WHOLE,
        "additionalPrice": WHOLE,
        "additionalRemarks": TEXT,
        "status": OneOf(tuple(STATES.values())),
        "statusUpdateTime": WHOLE,
        "path": TEXT,
    }
    line = {
        "productId": TEXT,
        "outProductId": TEXT,
        "skuId": TEXT,
        "outSkuId": TEXT,
        "title": TEXT,
        "headImg": TEXT,
        "salePrice": WHOLE,
        "realPrice": WHOLE,
        "productCnt": WHOLE,
        "ratio": WHOLE,
        "commissionValue": WHOLE,
        "commissionStatus": OneOf(tuple(dict.fromkeys(words.values()))),
        "commissionStatusUpdateTime": WHOLE,
        **who,
        "skuAttrs": [{"attrKey": TEXT, "attrValue": TEXT}],
    }
    return {"total": WHOLE, "orderList": [{"orderInfo": {**order, **shop}, "productList": [line]}]}


PROMOTER = {"appId": TEXT, "nickName": TEXT}
CALLS = (
    Call(
        "GET", "/union/promoter/order/search_normal_order", PartyKind.PROMOTER, Scope.ORDERS_READ,
        "查询自定义交易组件订单", "orders of shops with a mini-program", _asks(CODES_OF_PROMOTER),
        _gives(OF_PROMOTER, {"promotionInfo": PLACE}, shopInfo={"nickname": TEXT, "username": TEXT, "appid": TEXT}),
        of_promoter,
    ),
)  # fmt: skip
SHOP_CALLS = (
    Call(
        "GET", "/union/shop/order/search_normal_order", PartyKind.MERCHANT, Scope.ORDERS_READ,
        "查询推广订单", "a shop's promoted orders",
        (*_asks(CODES_OF_SHOP), Ask("allianceAppid", Text(64), "", "the promoter's AppID")),
        _gives(OF_SHOP, {"promoterInfo": PROMOTER}), of_shop,
    ),
)  # fmt: skip
