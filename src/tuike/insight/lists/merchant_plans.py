"""A merchant's main products and campaigns."""

from tuike.insight.lists.types import Column, Filter, Listing

_RATE = (
    "(SELECT r.{what} FROM plans_rate r WHERE r.lookup = 'product:' || p.id AND r.layer = 'main'"
    " AND r.valid @> %({at})s::timestamptz)"
)
_NOW = _RATE.format(what="rate_bps", at="now")
_THEN = _RATE.format(what="rate_bps", at="midnight")

MAINS = Listing(
    name="merchant_mains",
    sql_from="catalog_product p JOIN (SELECT DISTINCT r.product_id FROM plans_rate r WHERE r.merchant_id = %(merchant)s"
    " AND r.layer = 'main' AND r.valid && tstzrange(%(now)s, NULL)) m ON m.product_id = p.id",
    scope_sql="p.merchant_id = %(merchant)s",
    id_sql="p.id",
    default_sort="-new",
    columns=(
        Column(
            "title",
            ("商品", "Product"),
            "p.title",
            kind="product",
            also={"picture": "regexp_replace(p.pictures[1], '^/media/', '')", "under": "p.no", "no": "p.no"},
        ),
        Column("price", ("最低价", "From"), "p.min_price_fen", kind="money"),
        Column("rate", ("当前佣金率", "Rate in force"), _NOW, kind="rate", sort=True),
        Column("coming", ("次日 0 点起", "From midnight"), _THEN, kind="rate"),
        Column(
            "lifted",
            ("原设置", "As written"),
            _RATE.format(what="lifted_from_bps", at="midnight"),
            kind="rate",
        ),
        Column(
            "state",
            ("状态", "State"),
            f"CASE WHEN {_NOW} IS NULL THEN 'coming' WHEN {_THEN} IS NULL THEN 'ending'"
            f" WHEN {_THEN} <> {_NOW} THEN 'changing' ELSE 'held' END",
            kind="tag",
            words={
                "held": ("生效中", "In force", "green"),
                "coming": ("待生效", "Coming", "blue"),
                "changing": ("将变更", "Changing", "blue"),
                "ending": ("将取消", "Ending", "amber"),
            },
        ),
        Column("new", ("编号", "Number"), "p.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("商品名称或编号", "Title or number"), "(p.title ILIKE %(like)s OR p.no = %(value)s)"),),
)

_STATE = """
    CASE WHEN c.stopped_at <= %(now)s THEN 'stopped' WHEN c.ends_at <= %(now)s THEN 'ended'
        WHEN c.starts_at > %(now)s THEN 'coming' WHEN c.stopped_at IS NOT NULL THEN 'stopping'
        WHEN c.reserved_fen >= c.budget_fen THEN 'spent' ELSE 'running' END
"""
CAMPAIGN_STATES = {
    "coming": ("未开始", "Coming", "blue"),
    "running": ("进行中", "Running", "green"),
    "stopping": ("今日止", "Stops tonight", "amber"),
    "spent": ("预算用尽", "Budget spent", "amber"),
    "ended": ("已结束", "Ended", "grey"),
    "stopped": ("已停止", "Stopped", "grey"),
}

CAMPAIGNS = Listing(
    name="merchant_campaigns",
    sql_from="plans_campaign c",
    scope_sql="c.merchant_id = %(merchant)s",
    id_sql="c.id",
    default_sort="-new",
    columns=(
        Column("name", ("活动", "Campaign"), "c.name", also={"under": "c.no", "no": "c.no"}),
        Column("rate", ("佣金率", "Rate"), "c.rate_bps", kind="rate"),
        Column("bonus", ("每件奖金", "Bonus a piece"), "nullif(c.bonus_fen, 0)", kind="money"),
        Column("once", ("每单奖金", "Bonus an order"), "nullif(c.order_bonus_fen, 0)", kind="money"),
        Column("first", ("首单奖金", "First order"), "nullif(c.first_order_bonus_fen, 0)", kind="money"),
        Column("starts_at", ("开始", "Starts"), "c.starts_at", kind="time"),
        Column("ends_at", ("结束", "Ends"), "least(c.ends_at, c.stopped_at)", kind="time"),
        Column("budget", ("预算", "Budget"), "c.budget_fen", kind="money"),
        Column("reserved", ("已占用", "Held by orders"), "c.reserved_fen", kind="money", total=True),
        Column("state", ("状态", "State"), _STATE, kind="tag", words=CAMPAIGN_STATES),
        Column("new", ("编号", "Number"), "c.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("活动名称或编号", "Name or number"), "(c.name ILIKE %(like)s OR c.no = %(value)s)"),),
    tabs=Filter(
        "state",
        ("状态", "State"),
        f"({_STATE}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in CAMPAIGN_STATES.items()],
    ),
)
