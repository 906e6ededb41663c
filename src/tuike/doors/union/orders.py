"""Orders of the mall on which a promoter earns (docs/user/union-api.md, Orders)."""

from collections.abc import Mapping
from typing import Any

from tuike.apps.types import Scope
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, Maybe, OneOf
from tuike.doors.union.goods import seconds
from tuike.doors.union.kinds import Ask, Choice, Flag, Many, Text, Whole
from tuike.doors.union.spans import second, span, whole_address
from tuike.insight import earned_lines, earned_orders
from tuike.insight.earned_lines import EarnedLine, EarnedOrder
from tuike.insight.earned_orders import By, Stand, Wanted
from tuike.kit.money import plain_yuan
from tuike.parties.types import PartyKind, Source

PENDING, SUCCESS, CANCELED = "SETTLEMENT_PENDING", "SETTLEMENT_SUCCESS", "SETTLEMENT_CANCELED"
STATUS = {
    Stand.WAITING: PENDING,
    Stand.UNRECEIVED: PENDING,
    Stand.PENDING: PENDING,
    Stand.SETTLED: SUCCESS,
    Stand.CANCELLED: CANCELED,
}
MOST = 200
MOST_PAGE = 1_000_000


def info(asked: Asked) -> Mapping[str, Any]:
    """Show orders by their numbers; those on which the caller doesn't earn are left out."""
    numbers = tuple(dict.fromkeys(asked["orderIdList"]))
    return {"orderList": [_order(one) for one in _read(asked, numbers)]}


def search(asked: Asked) -> Mapping[str, Any]:
    """List orders: the latest booked first, or the one whose commission changed last."""
    by = By.TURN if asked["sortByCommissionUpdateTime"] else By.BOOKING
    wanted = Wanted(
        source=Source.MINI_STORE,
        promoter_id=asked.party_id,
        paid=span(asked, "startTimestamp", "endTimestamp"),
        turned=span(asked, "startCommissionUpdateTime", "endCommissionUpdateTime"),
        stands=tuple(stand for stand in Stand if STATUS[stand] in asked["commissionStatus"]),
        by=by,
    )
    size = asked["pageSize"]
    found = earned_orders.page(wanted, start=(asked["page"] - 1) * size, limit=size, now=asked.now)
    return {
        "orderList": [_order(one) for one in _read(asked, found.order_nos)],
        "pageSize": size,
        "totalNum": found.total,
    }


def display(fen: int) -> str:
    """Return an amount as WeChat displays it: `¥0.20`, `¥0`."""
    return f"¥{plain_yuan(fen)}" if fen else "¥0"


def _read(asked: Asked, numbers: tuple[str, ...]) -> list[EarnedOrder]:
    found = earned_lines.of_promoter(promoter_id=asked.party_id, order_nos=numbers)
    return [one for one in found if one.source is Source.MINI_STORE]


def _order(one: EarnedOrder) -> dict[str, Any]:
    return {
        "orderId": one.order_no,
        "payTime": seconds(one.paid_at),
        "confirmReceiptTime": seconds(one.received_at),
        "shopName": one.shop,
        "shopAppid": one.shop_appid,
        "customUserId": one.user_info,
        "userNickName": "",
        "orderPrice": display(one.payable_fen),
        "productList": [_line(line) for line in one.lines],
    }


def _line(line: EarnedLine) -> dict[str, Any]:
    status = STATUS[line.stand]
    settled = {"profitShardingSucTime": seconds(line.settled_at)} if status == SUCCESS else {}
    return {
        "productId": str(line.product_id),
        "skuId": str(line.sku_id),
        "title": line.title,
        "thumbImg": whole_address(line.picture),
        "price": display(line.paid_fen),
        "productCnt": line.quantity,
        "ratio": line.rate_bps,
        "commissionStatus": status,
        "commissionStatusUpdateTime": seconds(line.turned_at),
        **settled,
        "commission": {PENDING: "-", CANCELED: "¥0"}.get(status) or display(line.commission_fen),
        "estimatedCommission": line.commission_fen,
        "categoryStr": ",".join(line.categories),
        "promotionInfo": {"promotionSourcePid": line.pid, "promotionSourceName": line.place},
        "customizeInfo": line.customize_info,
    }


_BY = (PartyKind.PROMOTER, Scope.ORDERS_READ)
PLACE = {"promotionSourcePid": TEXT, "promotionSourceName": TEXT}
_ORDER = {
    "orderId": TEXT,
    "payTime": WHOLE,
    "confirmReceiptTime": WHOLE,
    "shopName": TEXT,
    "shopAppid": TEXT,
    "customUserId": TEXT,
    "userNickName": TEXT,
    "orderPrice": TEXT,
    "productList": [
        {
            "productId": TEXT,
            "skuId": TEXT,
            "title": TEXT,
            "thumbImg": TEXT,
            "price": TEXT,
            "productCnt": WHOLE,
            "ratio": WHOLE,
            "commissionStatus": OneOf((PENDING, SUCCESS, CANCELED)),
            "commissionStatusUpdateTime": WHOLE,
            "profitShardingSucTime": Maybe(WHOLE),
            "commission": TEXT,
            "estimatedCommission": WHOLE,
            "categoryStr": TEXT,
            "promotionInfo": PLACE,
            "customizeInfo": TEXT,
        }
    ],
}

CALLS = (
    Call(
        "POST", "/union/promoter/order/info", *_BY, "根据订单 ID 查询订单", "orders by their numbers",
        (Ask("orderIdList", Many(Text(64, 1), MOST, 1)),), {"orderList": [_ORDER]}, info,
    ),
    Call(
        "GET", "/union/promoter/order/search", *_BY, "查询订单", "orders of the mall",
        (
            Ask("page", Whole(1, MOST_PAGE), 1, "from 1"),
            Ask("pageSize", Whole(1, MOST), 20, f"≤ {MOST}"),
            second("startTimestamp"),
            second("endTimestamp"),
            Ask("commissionStatus", Many(Choice((PENDING, SUCCESS, CANCELED)), 3), ()),
            Ask("sortByCommissionUpdateTime", Flag(), False),
            second("startCommissionUpdateTime"),
            second("endCommissionUpdateTime"),
        ),
        {"orderList": [_ORDER], "pageSize": WHOLE, "totalNum": WHOLE}, search,
    ),
)  # fmt: skip
