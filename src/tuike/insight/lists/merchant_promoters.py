"""Promoters who brought a merchant's buyers, with their figures over a span of days."""

from tuike.insight.lists.types import Column, Filter, Listing

_BLOCKED = (
    "EXISTS (SELECT 1 FROM attribution_block b WHERE b.merchant_id = %(merchant)s AND b.promoter_id = p.id"
    " AND b.lifted_at IS NULL)"
)

LISTING = Listing(
    name="merchant_promoters",
    sql_from="(SELECT d.promoter_id, sum(d.clicks) AS clicks, sum(d.orders) AS orders, sum(d.paid_fen) AS paid_fen,"
    " sum(d.refunded_fen) AS refunded_fen, sum(d.estimated_fen) AS estimated_fen, sum(d.settled_fen) AS settled_fen"
    " FROM figures_day d WHERE d.merchant_id = %(merchant)s AND d.promoter_id > 0"
    " AND d.day BETWEEN %(first)s AND %(last)s GROUP BY d.promoter_id HAVING sum(d.orders + d.clicks) > 0) f"
    " JOIN parties_party p ON p.id = f.promoter_id",
    scope_sql="true",
    id_sql="f.promoter_id",  # which the sums are grouped by: those of a page's rows alone are made again
    default_sort="-paid",
    columns=(
        Column("name", ("推客", "Promoter"), "p.name", kind="person", also={"under": "p.no", "no": "p.no"}),
        Column("clicks", ("点击", "Clicks"), "f.clicks::bigint", kind="count", sort=True, filled=True, total=True),
        Column("orders", ("订单", "Orders"), "f.orders::bigint", kind="count", sort=True, filled=True, total=True),
        Column("paid", ("成交金额", "Sold"), "f.paid_fen::bigint", kind="money", sort=True, filled=True, total=True),
        Column("refunded", ("退款", "Refunded"), "f.refunded_fen::bigint", kind="money", total=True),
        Column(
            "estimated",
            ("预估佣金", "Estimated"),
            "f.estimated_fen::bigint",
            kind="money",
            sort=True,
            filled=True,
            total=True,
        ),
        Column("settled", ("已结算", "Settled"), "f.settled_fen::bigint", kind="money", total=True),
        Column(
            "state",
            ("合作", "Standing"),
            f"CASE WHEN {_BLOCKED} THEN 'blocked' ELSE 'working' END",
            kind="tag",
            words={"working": ("合作中", "Working", "green"), "blocked": ("已停止合作", "Blocked", "red")},
        ),
    ),
    filters=(
        Filter("q", ("推客编号或昵称", "Promoter"), "(p.no = %(value)s OR p.name ILIKE %(like)s)"),
        Filter(
            "state",
            ("合作", "Standing"),
            "true",
            kind="choice",
            choices=[("working", ("合作中", "Working")), ("blocked", ("已停止合作", "Blocked"))],
            conditions={"working": f"NOT {_BLOCKED}", "blocked": _BLOCKED},
        ),
    ),
)
