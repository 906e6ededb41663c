"""Order lines that a promoter brought, or that a leader's activity carried: paid or not, as they stand."""

from dataclasses import replace

from tuike.insight.lists import merchant_orders, promoter_orders
from tuike.insight.lists.types import Column, Filter, Listing

_FROM = """ JOIN orders_line l ON l.id = {id} JOIN orders_order o ON o.id = l.order_id
    LEFT JOIN parties_party m ON m.id = o.merchant_id LEFT JOIN catalog_product g ON g.id = l.product_id
    LEFT JOIN commission_sale s ON s.id = l.id"""
_EARNED = (
    "(SELECT sum(a.{column})::bigint FROM commission_accrual a WHERE a.sale_id = l.id AND a.payee_kind = 'promoter'"
    " AND a.payee_id = %(party)s)"
)
_COMMISSION = """
    CASE WHEN o.state = 'unpaid' THEN 'unpaid' WHEN s.id IS NULL THEN 'closed' WHEN s.terms ? 'nobody' THEN 'nobody'
        WHEN s.refunded_fen = s.paid_fen THEN 'cancelled' WHEN s.waiting THEN 'waiting'
        WHEN s.matured_batch_id IS NOT NULL THEN 'settled' ELSE 'pending' END
"""
_GOODS = (
    Column("order_no", ("订单号", "Order"), "o.no"),
    Column("line", ("行号", "Line"), "l.no", kind="count"),
    Column("state", ("订单状态", "Order's state"), "o.state", kind="tag", words=merchant_orders.STATES),
    Column("product_no", ("商品编号", "Product's number"), "g.no"),
    Column("title", ("商品", "Product"), "l.title"),
    Column("spec", ("规格", "Choice"), "l.spec"),
    Column("quantity", ("数量", "Pieces"), "l.quantity", kind="count"),
    Column("shop_no", ("商家编号", "Shop's number"), "m.no"),
    Column("shop", ("商家", "Shop"), "m.name"),
    Column("source", ("来源", "Source"), "o.source", kind="tag", words=promoter_orders.SOURCES),
    Column("paid_at", ("支付时间", "Paid at"), "o.paid_at", kind="time"),
    Column("received_at", ("收货时间", "Received at"), "o.received_at", kind="time"),
    Column("due_at", ("应结算时间", "Due"), "s.due_at", kind="time"),
    Column("paid", ("实付", "Paid"), "l.paid_fen", kind="money", total=True),
    Column("refunded", ("已退", "Refunded"), "l.refunded_fen", kind="money", total=True),
)
_FILTERS = (
    Filter("order_no", ("订单号", "Order number"), "o.no = upper(%(value)s)"),
    Filter("title", ("商品名称", "Product"), "l.title ILIKE %(like)s"),
    Filter("shop_no", ("商家编号", "Shop's number"), "m.no = %(value)s"),
    Filter(
        "state",
        ("订单状态", "Order's state"),
        "o.state = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in merchant_orders.STATES.items()],
    ),
    Filter("paid_at", ("支付日期", "Paid on"), "o.paid_at >= %(low)s AND o.paid_at < %(high)s", kind="days"),
)

OF_PROMOTER = Listing(
    name="promoter_lines",
    sql_from="attribution_claim k" + _FROM.format(id="k.id") + " LEFT JOIN attribution_place p ON p.id = k.place_id",
    scope_sql="k.promoter_id = %(party)s",
    id_sql="k.id",
    default_sort="-placed_at",
    columns=(
        *_GOODS,
        Column("placed_at", ("下单时间", "Placed"), "k.made_at", kind="time", sort=True, filled=True),
        Column("pid", ("推广位 ID", "Place id"), "p.pid"),
        Column("place", ("推广位", "Place"), "p.name"),
        Column("customize_info", ("自定义信息", "Own mark"), "nullif(k.customize_info, '')"),
        Column("claimed_by", ("归属方式", "Claimed by"), "k.kind"),
        Column("rate", ("佣金率", "Rate"), "(s.terms->>'rate_bps')::int", kind="rate"),
        Column("estimated", ("预估佣金", "Estimated"), _EARNED.format(column="first_fen"), kind="money"),
        Column("commission", ("当前佣金", "Commission now"), _EARNED.format(column="amount_fen"), kind="money"),
        Column(
            "commission_state", ("佣金状态", "Commission"), _COMMISSION, kind="tag", words=merchant_orders.COMMISSION
        ),
    ),
    filters=(
        *_FILTERS,
        Filter("placed_at", ("下单日期", "Placed on"), "k.made_at >= %(low)s AND k.made_at < %(high)s", kind="days"),
        Filter("pid", ("推广位 ID", "Place id"), "p.pid = %(value)s"),
    ),
)
"""Scope: `party` (the promoter's id)."""

OF_LEADER = Listing(
    name="leader_lines",
    sql_from="commission_accrual a"
    + _FROM.format(id="a.sale_id")
    + " LEFT JOIN attribution_claim k ON k.id = l.id LEFT JOIN parties_party y ON y.id = k.promoter_id",
    scope_sql="a.payee_kind = 'leader' AND a.payee_id = %(party)s",
    id_sql="a.id",
    default_sort="-booked_at",
    columns=(
        *_GOODS,
        Column("placed_at", ("下单时间", "Placed"), "o.placed_at", kind="time"),
        Column("booked_at", ("记账时间", "Booked"), "a.accrued_at", kind="time", sort=True, filled=True),
        Column("activity_no", ("活动编号", "Activity"), "nullif(k.activity_no, '')"),
        Column("promoter_no", ("推客编号", "Promoter's number"), "y.no"),
        Column("promoter", ("推客", "Promoter"), "y.name"),
        Column("rate", ("服务费率", "Service fee's rate"), "a.rate_bps", kind="rate"),
        Column("commission", ("当前服务费", "Service fee now"), "a.amount_fen", kind="money", total=True),
    ),
    filters=_FILTERS,
)
"""Scope: `party` (the leader's id)."""

_ABOUT_PLACES = ("place", "role")

LEADER_ACCRUALS = replace(
    promoter_orders.ORDERS,
    name="leader_accruals",
    scope_sql="a.payee_kind = 'leader' AND a.payee_id = %(party)s",
    columns=tuple(one for one in promoter_orders.ORDERS.columns if one.key not in _ABOUT_PLACES),
    filters=tuple(one for one in promoter_orders.ORDERS.filters if one.key not in _ABOUT_PLACES),
)
"""What a leader earns, line by line. Scope: `party` (the leader's id)."""
