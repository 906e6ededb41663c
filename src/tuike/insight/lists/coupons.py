"""Coupons: a shop's, and the platform's own."""

from dataclasses import replace

from tuike.insight.lists.types import Column, Filter, Listing

PHASE = """
    CASE WHEN c.stopped_at IS NOT NULL THEN 'stopped' WHEN %(now)s::timestamptz >= c.ends_at THEN 'over'
        WHEN %(now)s::timestamptz < c.starts_at THEN 'coming' WHEN c.taken >= c.stock THEN 'taken_up' ELSE 'open' END
"""
"""Where a coupon stands at `now`: as `CouponShown.phase` says it."""

PHASES = {
    "coming": ("未开始", "Coming", "blue"),
    "open": ("领取中", "Open", "green"),
    "taken_up": ("已领完", "Taken up", "amber"),
    "over": ("已结束", "Over", "grey"),
    "stopped": ("已停止", "Stopped", "red"),
}
KINDS = {
    "threshold": ("满减券", "From a threshold", "blue"),
    "percent": ("折扣券", "Percentage", "blue"),
    "fixed": ("立减券", "Fixed amount", "blue"),
}
CHANNELS = {
    "everyone": ("所有人", "Everyone", "green"),
    "alliance": ("联盟", "Alliance", "blue"),
}
SCOPES = {
    "shop": ("全店", "Whole shop", "grey"),
    "category": ("指定类目", "Categories", "grey"),
    "product": ("指定商品", "Products", "grey"),
}

COUPONS = Listing(
    name="coupons",
    sql_from="marketing_coupon c",
    scope_sql="c.merchant_id = %(merchant)s",
    id_sql="c.id",
    default_sort="-new",
    columns=(
        Column("name", ("优惠券", "Coupon"), "c.name", also={"under": "c.no", "no": "c.no"}),
        Column("channel", ("面向", "Whom"), "c.channel", kind="tag", words=CHANNELS),
        Column("kind", ("类型", "Kind"), "c.kind", kind="tag", words=KINDS),
        Column("threshold", ("满", "From"), "nullif(c.threshold_fen, 0)", kind="money"),
        Column("minus", ("减", "Off"), "nullif(c.minus_fen, 0)", kind="money"),
        Column("off", ("减比例", "Share off"), "nullif(c.off_bps, 0)", kind="rate"),
        Column("scope", ("适用", "For"), "c.scope", kind="tag", words=SCOPES),
        Column("stock", ("库存", "Stock"), "c.stock", kind="count", sort=True, filled=True),
        Column("taken", ("已领", "Taken"), "c.taken", kind="count", sort=True, filled=True, total=True),
        Column(
            "used",
            ("已用", "Used"),
            "(SELECT count(*) FROM marketing_voucher v WHERE v.coupon_id = c.id AND v.used_at IS NOT NULL)",
            kind="count",
        ),
        Column("phase", ("状态", "State"), PHASE, kind="tag", words=PHASES),
        Column("starts_at", ("开始领取", "From"), "c.starts_at", kind="time", shown=False),
        Column("ends_at", ("结束", "Until"), "c.ends_at", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "c.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter("q", ("名称或编号", "Name or number"), "(c.name ILIKE %(like)s OR c.no = %(value)s)"),
        Filter(
            "kind",
            ("类型", "Kind"),
            "c.kind = %(value)s",
            kind="choice",
            choices=[(key, words[:2]) for key, words in KINDS.items()],
        ),
        Filter(
            "channel",
            ("面向", "Whom"),
            "c.channel = %(value)s",
            kind="choice",
            choices=[(key, words[:2]) for key, words in CHANNELS.items()],
        ),
    ),
    tabs=Filter(
        "phase",
        ("状态", "State"),
        f"({PHASE}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in PHASES.items()],
    ),
)
"""Scope: `merchant` (id), `now` (an instant)."""

PLATFORM_COUPONS = replace(COUPONS, name="platform_coupons", scope_sql="c.merchant_id IS NULL")
"""Scope: `now` (an instant)."""
