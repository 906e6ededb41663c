"""Offers for targets of a shop or of the operator, and how far promoters are in one."""

from dataclasses import replace

from tuike.insight.lists.types import Column, Filter, Listing

PHASE = """
    CASE WHEN o.state = 'closed' AND o.closed_at < o.ends_at THEN 'stopped'
        WHEN o.state <> 'published' THEN o.state WHEN %(now)s::timestamptz < o.starts_at THEN 'coming'
        WHEN %(now)s::timestamptz >= o.ends_at THEN 'ended'
        WHEN o.granted_fen + o.reward_fen > o.budget_fen THEN 'spent' ELSE 'running' END
"""
"""Where an offer stands at `now`."""
PHASES = {
    "draft": ("草稿", "Draft", "grey"),
    "coming": ("未开始", "Coming", "blue"),
    "running": ("进行中", "Running", "green"),
    "spent": ("预算用尽", "Budget spent", "amber"),
    "ended": ("已结束，待结清", "Ended, being closed", "amber"),
    "closed": ("已结清", "Closed", "grey"),
    "stopped": ("已提前结束", "Closed early", "grey"),
}
MEASURES = {
    "pieces": ("售出件数", "Pieces sold", "blue"),
    "orders": ("订单数", "Orders", "blue"),
    "paid": ("实付金额", "Paid for goods", "blue"),
}
STANDS = {
    "awarded": ("已获奖励", "Awarded", "green"),
    "reached": ("已达标，预算不足", "Reached, no budget left", "amber"),
    "lost": ("退款后低于目标", "Under it after refunds", "red"),
    "below": ("进行中", "On the way", "blue"),
}
_STANDS = """
    CASE WHEN a.id IS NOT NULL THEN 'awarded' WHEN g.reached_at IS NOT NULL THEN 'reached'
        WHEN EXISTS (SELECT 1 FROM rewards_award t WHERE t.offer_id = g.offer_id AND t.promoter_id = g.promoter_id)
        THEN 'lost' ELSE 'below' END
"""
_MONEY, _COUNT = (f"CASE WHEN o.measure {sign} 'paid' THEN {{what}} END" for sign in ("=", "<>"))

OFFERS = Listing(
    name="offers",
    sql_from="rewards_offer o",
    scope_sql="o.merchant_id = %(merchant)s AND o.state <> 'deleted'",
    id_sql="o.id",
    default_sort="-new",
    columns=(
        Column("name", ("目标奖励", "Target bonus"), "o.name", also={"under": "o.no", "no": "o.no"}),
        Column("measure", ("按", "Counts"), "o.measure", kind="tag", words=MEASURES),
        Column("target", ("目标数量", "Target"), _COUNT.format(what="o.target"), kind="count"),
        Column("target_fen", ("目标金额", "Target amount"), _MONEY.format(what="o.target"), kind="money"),
        Column("reward", ("每人奖励", "Bonus"), "o.reward_fen", kind="money"),
        Column("budget", ("预算", "Budget"), "o.budget_fen", kind="money"),
        Column("granted", ("已发放", "Awarded"), "o.granted_fen", kind="money", total=True),
        Column("starts_at", ("开始", "Starts"), "o.starts_at", kind="time"),
        Column("ends_at", ("结束", "Ends"), "o.ends_at", kind="time"),
        Column("state", ("状态", "State"), PHASE, kind="tag", words=PHASES),
        Column("new", ("编号", "Number"), "o.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("名称或编号", "Name or number"), "(o.name ILIKE %(like)s OR o.no = %(value)s)"),),
    tabs=Filter(
        "state",
        ("状态", "State"),
        f"({PHASE}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in PHASES.items()],
    ),
)
PLATFORM_OFFERS = replace(OFFERS, name="platform_offers", scope_sql="o.merchant_id IS NULL AND o.state <> 'deleted'")

PROGRESS = Listing(
    name="offer_progress",
    sql_from="rewards_progress g JOIN rewards_offer o ON o.id = g.offer_id JOIN parties_party p ON p.id = g.promoter_id"
    " LEFT JOIN rewards_award a ON a.offer_id = g.offer_id AND a.promoter_id = g.promoter_id"
    " AND a.taken_back_at IS NULL",
    scope_sql="g.offer_id = %(offer)s",
    id_sql="g.id",
    default_sort="-counted",
    columns=(
        Column("promoter", ("推客", "Promoter"), "p.name", also={"under": "p.no", "no": "p.no"}),
        Column("counted", ("净销量", "Net of refunds"), "g.counted", kind="count", sort=True, filled=True),
        Column("percent", ("完成", "Reached"), "least(10000, g.counted * 10000 / o.target)", kind="rate"),
        Column("reached_at", ("达标时间", "Reached at"), "g.reached_at", kind="time"),
        Column("amount", ("奖励", "Bonus"), "a.amount_fen", kind="money", total=True),
        Column(
            "lost",
            ("收回次数", "Taken back"),
            "(SELECT nullif(count(*), 0) FROM rewards_award t WHERE t.offer_id = g.offer_id"
            " AND t.promoter_id = g.promoter_id AND t.taken_back_at IS NOT NULL)",
            kind="count",
        ),
        Column("state", ("状态", "State"), _STANDS, kind="tag", words=STANDS),
    ),
    filters=(
        Filter("q", ("推客名称或编号", "Promoter's name or number"), "(p.name ILIKE %(like)s OR p.no = %(value)s)"),
    ),
    tabs=Filter(
        "state",
        ("状态", "State"),
        f"({_STANDS}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in STANDS.items()],
    ),
)
PROGRESS_PAID = replace(
    PROGRESS,
    name="offer_progress_paid",
    columns=tuple(
        replace(one, kind="money", heading=("净实付金额", "Paid, net of refunds")) if one.key == "counted" else one
        for one in PROGRESS.columns
    ),
)
"""The same where the target is an amount."""
