"""A merchant's orders; the lines of them that a promoter brought; and the refunds that buyers ask for."""

from tuike.insight.lists.types import Column, Filter, Listing

STATES = {
    "unpaid": ("待支付", "Unpaid", "grey"),
    "paid": ("待发货", "To ship", "amber"),
    "shipped": ("已发货", "Shipped", "blue"),
    "completed": ("已收货", "Received", "green"),
    "closed": ("已关闭", "Closed", "grey"),
}
COMMISSION = {
    "unpaid": ("待支付", "Unpaid", "grey"),
    "closed": ("已关闭", "Closed", "grey"),
    "nobody": ("无人获佣", "Nobody earns", "grey"),
    "waiting": ("预存款不足", "Prepaid short", "red"),
    "pending": ("待结算", "Pending", "blue"),
    "settled": ("已结算", "Settled", "green"),
    "cancelled": ("已取消", "Cancelled", "grey"),
}
REFUNDS = {
    "requested": ("待处理", "To decide", "amber"),
    "returning": ("待买家退货", "Goods to come back", "blue"),
    "sent": ("待确认退货", "Goods on their way back", "amber"),
    "disputed": ("平台介入", "Before the platform", "red"),
    "approved": ("退款中", "Being refunded", "blue"),
    "refunded": ("已退款", "Refunded", "green"),
    "rejected": ("已拒绝", "Rejected", "red"),
    "cancelled": ("买家撤销", "Taken back", "grey"),
}
REFUND_KINDS = {
    "unshipped": ("未发货退款", "Before shipping"),
    "shipped": ("仅退款", "Refund, goods stay"),
    "return": ("退货退款", "Return and refund"),
}
WAITING = ("requested", "sent")
"""What waits for the shop's own answer."""
SOURCES = {"mini_store": ("商城", "Mall"), "mini_program": ("小程序", "Mini-program")}
_FIRST = "(SELECT {} FROM orders_line l WHERE l.order_id = o.id ORDER BY l.no LIMIT 1)"
_PICTURE = "(SELECT regexp_replace(p.pictures[1], '^/media/', '') FROM catalog_product p WHERE p.id = l.product_id)"
_ASKED = "EXISTS (SELECT 1 FROM orders_after_sale a WHERE a.order_id = o.id AND a.state = 'requested')"
_PROMOTED = (
    "EXISTS (SELECT 1 FROM orders_line l JOIN attribution_claim k ON k.id = l.id"
    " WHERE l.order_id = o.id AND k.promoter_id IS NOT NULL)"
)


def _words(states: dict) -> list:
    return [(key, words[:2]) for key, words in states.items()]


ORDERS = Listing(
    name="merchant_orders",
    sql_from="orders_order o",
    scope_sql="o.merchant_id = %(merchant)s",
    id_sql="o.id",
    default_sort="-placed_at",
    columns=(
        Column("no", ("订单号", "Order"), "o.no", also={"under": "nullif(o.external_no, '')"}),
        Column("placed_at", ("下单时间", "Placed"), "o.placed_at", kind="time", sort=True, filled=True),
        Column("paid_at", ("支付时间", "Paid at"), "o.paid_at", kind="time"),
        Column(
            "goods",
            ("商品", "Goods"),
            _FIRST.format("l.title"),
            kind="product",
            also={
                "picture": _FIRST.format(_PICTURE),
                "under": "(SELECT '× ' || sum(l.quantity) FROM orders_line l WHERE l.order_id = o.id)",
            },
        ),
        Column("payable", ("实付", "Paid"), "o.payable_fen", kind="money", total=True),
        Column(
            "commission",
            ("佣金", "Commission"),
            "(SELECT sum(a.amount_fen)::bigint FROM orders_line l JOIN commission_accrual a ON a.sale_id = l.id"
            " WHERE l.order_id = o.id AND a.funder = 'merchant')",
            kind="money",
        ),
        Column("state", ("状态", "State"), "o.state", kind="tag", words=STATES),
        Column(
            "refund",
            ("售后", "Refund"),
            f"CASE WHEN {_ASKED} THEN 'requested' WHEN EXISTS (SELECT 1 FROM orders_line l WHERE l.order_id = o.id"
            " AND l.refunded_fen > 0) THEN 'refunded' END",
            kind="tag",
            words={"requested": ("待处理", "To decide", "amber"), "refunded": ("有退款", "Refunded in part", "grey")},
        ),
        Column("received_at", ("收货时间", "Received at"), "o.received_at", kind="time", shown=False),
    ),
    filters=(
        Filter("q", ("订单号", "Order"), "(o.no = %(value)s OR o.external_no = %(value)s)"),
        Filter(
            "goods",
            ("商品", "Goods"),
            "EXISTS (SELECT 1 FROM orders_line l WHERE l.order_id = o.id AND l.title ILIKE %(like)s)",
        ),
        Filter("placed", ("下单日期", "Placed on"), "o.placed_at >= %(low)s AND o.placed_at < %(high)s", kind="days"),
        Filter(
            "promoted",
            ("推广", "Promoted"),
            "true",
            kind="choice",
            choices=[("yes", ("推广订单", "Promoted")), ("no", ("自然订单", "Not promoted"))],
            conditions={"yes": _PROMOTED, "no": f"NOT {_PROMOTED}"},
        ),
        Filter("refund", ("售后", "Refund"), _ASKED, kind="choice", choices=[("requested", ("待处理", "To decide"))]),
        Filter("payable", ("实付金额", "Amount paid"), "o.payable_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
    tabs=Filter("state", ("状态", "State"), "o.state = %(value)s", kind="choice", choices=_words(STATES)),
)

_SALE_STATE = """
    CASE WHEN s.terms ? 'nobody' THEN 'nobody' WHEN s.refunded_fen = s.paid_fen THEN 'cancelled'
        WHEN s.waiting THEN 'waiting' WHEN s.matured_batch_id IS NOT NULL THEN 'settled' ELSE 'pending' END
"""
_STATE = f"CASE WHEN o.state = 'unpaid' THEN 'unpaid' WHEN s.id IS NULL THEN 'closed' ELSE {_SALE_STATE} END"
_UNEARNED = f"""
    k.id = ANY(ARRAY(
        SELECT x.id FROM attribution_claim x WHERE x.merchant_id = %(merchant)s AND x.promoter_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM commission_accrual a WHERE a.merchant_id = %(merchant)s AND a.sale_id = x.id)
    )) AND ({_STATE}) = %(value)s
"""
_SOLD = f"s.id IS NOT NULL AND ({_SALE_STATE}) = %(value)s"
_CONDITIONS = {"unpaid": "o.state = 'unpaid'", "closed": _UNEARNED, "nobody": _UNEARNED} | {
    "waiting": f"s.waiting AND s.merchant_id = %(merchant)s AND {_SOLD}",
    **dict.fromkeys(("pending", "settled", "cancelled"), _SOLD),
}
"""The shortest way to each state: lines that nobody has a share of are few, and what isn't paid has no sale."""
_EARNED = "(SELECT sum(a.amount_fen)::bigint FROM commission_accrual a WHERE a.sale_id = l.id{})"


def _earned(key: str, words: tuple[str, str], *roles: str) -> Column:
    named = ", ".join(f"'{role}'" for role in roles)
    return Column(key, words, _EARNED.format(f" AND a.role IN ({named})"), kind="money")


PROMOTED = Listing(
    name="merchant_promoted",
    sql_from="orders_order o JOIN orders_line l ON l.order_id = o.id JOIN attribution_claim k ON k.id = l.id"
    " LEFT JOIN parties_party p ON p.id = k.promoter_id LEFT JOIN attribution_place e ON e.id = k.place_id"
    " LEFT JOIN commission_sale s ON s.id = l.id",
    scope_sql="o.merchant_id = %(merchant)s AND k.promoter_id IS NOT NULL",
    # Claims, lines and shares lie by shop and in the order of ids in an index each: a whole shop is a merge of those.
    whole_from="attribution_claim k",
    whole_joins={
        "l": "JOIN orders_line l ON l.id = k.id AND l.merchant_id = %(merchant)s",
        "o": "JOIN orders_order o ON o.id = l.order_id AND o.merchant_id = %(merchant)s",
        "p": "LEFT JOIN parties_party p ON p.id = k.promoter_id",
        "s": "LEFT JOIN commission_sale s ON s.id = k.id",
        "shares": "LEFT JOIN (SELECT sale_id, sum(amount_fen)::bigint AS fen FROM commission_accrual"
        " WHERE merchant_id = %(merchant)s GROUP BY sale_id) shares ON shares.sale_id = k.id",
    },
    whole_scope="k.merchant_id = %(merchant)s AND k.promoter_id IS NOT NULL",
    id_sql="l.id",
    default_sort="-placed_at",
    columns=(
        Column("no", ("订单号", "Order"), "o.no", also={"under": "nullif(o.external_no, '')"}),
        Column("placed_at", ("下单时间", "Placed"), "o.placed_at", kind="time", sort=True, filled=True),
        Column("paid_at", ("支付时间", "Paid at"), "o.paid_at", kind="time"),
        Column(
            "goods",
            ("商品", "Product"),
            "l.title",
            kind="product",
            also={"picture": _PICTURE, "under": "concat_ws(' · ', nullif(l.spec, ''), '× ' || l.quantity)"},
        ),
        Column("promoter", ("推客", "Promoter"), "p.name", kind="person", also={"under": "p.no"}),
        Column("promoter_no", ("推客编号", "Promoter no."), "p.no", shown=False),
        Column("place", ("推广位", "Place"), "e.name"),
        Column("paid", ("实付", "Paid"), "l.paid_fen", kind="money", total=True),
        Column("refunded", ("已退", "Refunded"), "nullif(l.refunded_fen, 0)", kind="money"),
        Column("rate", ("佣金率", "Rate"), "(s.terms->>'rate_bps')::int", kind="rate"),
        _earned("direct", ("直推佣金", "Direct"), "direct", "self"),
        _earned("bonus", ("活动奖金", "Bonus"), "bonus"),
        _earned("tiers", ("二三级佣金", "Tiers 2, 3"), "tier2", "tier3"),
        _earned("leader", ("团长服务费", "Leader"), "leader"),
        Column(
            "commission",
            ("佣金合计", "All shares"),
            _EARNED.format(""),
            kind="money",
            total=True,
            sum_sql="shares.fen",
        ),
        Column("state", ("佣金状态", "Commission"), _STATE, kind="tag", words=COMMISSION),
        Column("due_at", ("应结算时间", "Due"), "s.due_at", kind="time"),
    ),
    filters=(
        Filter("q", ("订单号", "Order"), "(o.no = %(value)s OR o.external_no = %(value)s)"),
        Filter("goods", ("商品", "Product"), "l.title ILIKE %(like)s"),
        Filter("promoter", ("推客编号或昵称", "Promoter"), "(p.no = %(value)s OR p.name ILIKE %(prefix)s)"),
        Filter("placed", ("下单日期", "Placed on"), "o.placed_at >= %(low)s AND o.placed_at < %(high)s", kind="days"),
        Filter("paid", ("实付金额", "Amount paid"), "l.paid_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
    tabs=Filter(
        "state",
        ("佣金状态", "Commission"),
        f"({_STATE}) = %(value)s",
        kind="choice",
        choices=_words(COMMISSION),
        conditions=_CONDITIONS,
    ),
)

REFUNDED = Listing(
    name="merchant_refunds",
    sql_from="orders_after_sale a JOIN orders_order o ON o.id = a.order_id",
    scope_sql="o.merchant_id = %(merchant)s",
    id_sql="a.id",
    default_sort="-new",
    columns=(
        Column("no", ("售后单号", "Request"), "a.no", also={"under": "o.no"}),
        Column("opened_at", ("申请时间", "Asked"), "a.opened_at", kind="time"),
        Column("new", ("申请时间", "Asked"), "a.id", kind="count", sort=True, filled=True, shown=False, export=False),
        Column(
            "kind",
            ("类型", "Kind"),
            "a.kind",
            kind="tag",
            words=REFUND_KINDS,
        ),
        Column(
            "amount",
            ("退款金额", "Amount"),
            "a.freight_fen + coalesce((SELECT sum(t.amount_fen) FROM orders_after_sale_line t"
            " WHERE t.after_sale_id = a.id), 0)::bigint",
            kind="money",
            total=True,
        ),
        Column("reason", ("买家原因", "Reason"), "a.reason"),
        Column("answer", ("回复", "Answer"), "a.answer"),
        Column("due_at", ("处理期限", "Due"), "a.due_at", kind="time", sort=True),
        Column("decided_at", ("处理时间", "Decided"), "a.decided_at", kind="time"),
        Column("state", ("状态", "State"), "a.state", kind="tag", words=REFUNDS),
    ),
    filters=(
        Filter(
            "q",
            ("售后单号或订单号", "Request or order"),
            "a.id = ANY(ARRAY(SELECT x.id FROM orders_after_sale x WHERE x.no = %(value)s UNION SELECT x.id"
            " FROM orders_order y JOIN orders_after_sale x ON x.order_id = y.id WHERE y.no = %(value)s))",
        ),
        Filter("kind", ("类型", "Kind"), "a.kind = %(value)s", kind="choice", choices=_words(REFUND_KINDS)),
        Filter("opened", ("申请日期", "Asked on"), "a.opened_at >= %(low)s AND a.opened_at < %(high)s", kind="days"),
    ),
    tabs=Filter("state", ("状态", "State"), "a.state = %(value)s", kind="choice", choices=_words(REFUNDS)),
)
