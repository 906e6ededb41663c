"""What a promoter earns, order line by order line and role by role."""

from collections.abc import Mapping
from typing import Any

from tuike.attribution import queries as attribution
from tuike.insight.lists.types import Choices, Column, Filter, Listing

STATES = {
    "waiting": ("待商家充值", "Shop must top up", "amber"),
    "unreceived": ("待收货", "To be received", "blue"),
    "pending": ("待结算", "Pending", "blue"),
    "after_sale": ("售后中", "After-sale open", "amber"),
    "held": ("审核中", "In review", "amber"),
    "settled": ("已结算", "Settled", "green"),
    "refunded": ("已取消：全额退款", "Cancelled: refunded", "grey"),
    "rejected": ("已取消：审核不通过", "Cancelled: rejected", "red"),
    "cancelled": ("已取消", "Cancelled", "grey"),
}
ROLES = {
    "direct": ("直推佣金", "Direct", "green"),
    "self": ("自购返佣", "Own purchase", "grey"),
    "bonus": ("活动奖金", "Bonus", "amber"),
    "tier2": ("二级佣金", "Tier 2", "blue"),
    "tier3": ("三级佣金", "Tier 3", "blue"),
}
SOURCES = {"mini_store": ("商城", "Mall"), "mini_program": ("外部小程序", "External shop")}

_STATE = """
    CASE WHEN a.state = 'settled' THEN 'settled' WHEN a.review = 'rejected' THEN 'rejected'
        WHEN a.state = 'cancelled' THEN CASE WHEN s.refunded_fen > 0 THEN 'refunded' ELSE 'cancelled' END
        WHEN a.review = 'held' THEN 'held' WHEN a.state = 'waiting' THEN 'waiting'
        WHEN s.open_after_sales > 0 THEN 'after_sale' WHEN s.due_at IS NULL THEN 'unreceived' ELSE 'pending' END
"""
_DUE = """
    to_char(coalesce(a.settled_at, CASE WHEN a.state IN ('pending', 'waiting') THEN s.due_at END)
        AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')
"""
_OWN_PLACE = "CASE WHEN c.promoter_id = a.payee_id THEN p.name END"


def _places(scope: Mapping[str, Any]) -> Choices:
    return [(one.pid, (one.name, one.name)) for one in attribution.places_of(promoter_id=scope["party"])]


ORDERS = Listing(
    name="promoter_orders",
    sql_from="""commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        LEFT JOIN orders_line l ON l.id = a.sale_id
        LEFT JOIN catalog_product g ON g.id = s.product_id
        LEFT JOIN parties_party m ON m.id = a.merchant_id
        LEFT JOIN attribution_claim c ON c.id = a.sale_id
        LEFT JOIN attribution_place p ON p.id = c.place_id""",
    scope_sql="a.payee_kind = 'promoter' AND a.payee_id = %(party)s",
    id_sql="a.id",
    default_sort="-booked_at",
    columns=(
        Column("order_no", ("订单号", "Order"), "s.order_no", also={"copy": "s.order_no"}),
        Column("booked_at", ("记账时间", "Booked"), "a.accrued_at", kind="time", sort=True, filled=True, shown=False),
        Column("paid_at", ("支付时间", "Paid at"), "s.paid_at", kind="time", sort=True, filled=True),
        Column(
            "product",
            ("商品", "Product"),
            "coalesce(l.title, g.title)",
            kind="product",
            also={"picture": "g.pictures[1]", "under": "m.name"},
        ),
        Column("shop", ("商家", "Shop"), "m.name", shown=False),
        Column("place", ("推广位", "Place"), _OWN_PLACE, also={"under": "nullif(c.customize_info, '')"}),
        Column("role", ("类型", "Kind"), "a.role", kind="tag", words=ROLES),
        Column("source", ("来源", "Source"), "s.source", kind="tag", words=SOURCES, shown=False),
        Column("paid", ("实付金额", "Paid"), "s.paid_fen", kind="money", sort=True, filled=True),
        Column("rate", ("佣金率", "Rate"), "CASE WHEN a.role <> 'bonus' THEN a.rate_bps END", kind="rate"),
        Column("estimated", ("预估佣金", "Estimated"), "a.first_fen", kind="money", total=True),
        Column(
            "final", ("当前佣金", "Commission now"), "a.amount_fen", kind="money", sort=True, filled=True, total=True
        ),
        Column("state", ("状态", "State"), _STATE, kind="tag", words=STATES, also={"under": _DUE}),
        Column("due_at", ("结算日", "Due"), "coalesce(a.settled_at, s.due_at)", kind="day", shown=False),
    ),
    tabs=Filter(
        "state",
        ("状态", "State"),
        "a.state = %(value)s",
        kind="choice",
        choices=(
            ("open", ("待结算", "Pending")),
            ("settled", ("已结算", "Settled")),
            ("cancelled", ("已取消", "Cancelled")),
        ),
        conditions={"open": "a.state IN ('pending', 'waiting')"},
    ),
    filters=(
        Filter("order_no", ("订单号", "Order number"), "s.order_no = upper(%(value)s)"),
        Filter("paid_at", ("支付时间", "Paid"), "s.paid_at >= %(low)s AND s.paid_at < %(high)s", kind="days"),
        Filter("product", ("商品名称", "Product"), "coalesce(l.title, g.title) ILIKE %(like)s"),
        Filter("shop", ("商家", "Shop"), "m.name ILIKE %(like)s"),
        Filter(
            "place",
            ("推广位", "Place"),
            "p.pid = %(value)s AND c.promoter_id = a.payee_id",
            kind="choice",
            choices=_places,
        ),
        Filter(
            "role",
            ("类型", "Kind"),
            "a.role = %(value)s",
            kind="choice",
            choices=[(k, w[:2]) for k, w in ROLES.items()],
        ),
        Filter("source", ("来源", "Source"), "s.source = %(value)s", kind="choice", choices=list(SOURCES.items())),
        Filter(
            "detail",
            ("详细状态", "Exact state"),
            f"({_STATE}) = %(value)s",
            kind="choice",
            choices=[(k, w[:2]) for k, w in STATES.items()],
        ),
        Filter("due", ("结算日", "Due"), "s.due_at >= %(low)s AND s.due_at < %(high)s", kind="days"),
        Filter("paid", ("实付金额", "Paid"), "s.paid_fen >= %(low)s AND s.paid_fen <= %(high)s", kind="fen"),
        Filter("final", ("当前佣金", "Commission"), "a.amount_fen >= %(low)s AND a.amount_fen <= %(high)s", kind="fen"),
        Filter("rate", ("佣金率", "Rate"), "a.rate_bps >= %(low)s AND a.rate_bps <= %(high)s", kind="bps"),
    ),
)
"""Scope: `party` (the promoter's id)."""
