"""Targeted plans and requests, as a shop and as a promoter see them, and the directory of promoters."""

from collections.abc import Mapping
from typing import Any

from tuike.insight.lists.types import Choices, Column, Filter, Listing

_UNTIL = "least(p.ends_at, p.stopped_at)"
PHASE = f"""
    CASE WHEN %(now)s::timestamptz >= {_UNTIL} THEN CASE WHEN p.stopped_at IS NULL THEN 'over' ELSE 'stopped' END
        WHEN p.stopped_at IS NOT NULL THEN 'stopping' WHEN %(now)s::timestamptz < p.starts_at THEN 'coming'
        ELSE 'running' END
"""
PHASES = {
    "coming": ("未开始", "Coming", "blue"),
    "running": ("进行中", "Running", "green"),
    "stopping": ("今日后停止", "Stops at midnight", "amber"),
    "stopped": ("已停止", "Stopped", "red"),
    "over": ("已结束", "Over", "grey"),
}
STATES = {
    "applied": ("待商家审核", "Applied", "amber"),
    "invited": ("待推客答复", "Invited", "blue"),
    "accepted": ("已加入", "In the plan", "green"),
    "rejected": ("未通过", "Rejected", "red"),
    "declined": ("已谢绝", "Declined", "grey"),
    "removed": ("已移出", "Removed", "grey"),
}
OPEN = "(q.closed_at IS NULL AND q.open_until > %(now)s::timestamptz)"
REQUEST_STATES = {"open": ("报名中", "Open", "green"), "closed": ("已结束", "Closed", "grey")}
LEVEL_WORDS = {
    "0": ("Lv.0 · ¥1,000 以下", "Lv.0 · below ¥1,000", "grey"),
    "1": ("Lv.1 · ¥1,000 起", "Lv.1 · from ¥1,000", "blue"),
    "2": ("Lv.2 · ¥1 万起", "Lv.2 · from ¥10,000", "blue"),
    "3": ("Lv.3 · ¥5 万起", "Lv.3 · from ¥50,000", "green"),
    "4": ("Lv.4 · ¥20 万起", "Lv.4 · from ¥200,000", "green"),
    "5": ("Lv.5 · ¥100 万起", "Lv.5 · from ¥1,000,000", "amber"),
}
"""What was paid by way of a promoter in 90 days, as a level says it."""
LEVELS = [(str(n), (f"Lv.{n} 及以上", f"Level {n} and above")) for n in range(1, 6)]

# Of each product the row that counts now, or at the start of a plan that hasn't begun.
_GIVEN = """
    (SELECT {} FROM (SELECT DISTINCT ON (t.product_id) t.rate_bps FROM plans_targeted_product t
        WHERE t.plan_id = p.id AND t.from_at <= greatest(%(now)s::timestamptz, p.starts_at)
        ORDER BY t.product_id, t.from_at DESC, t.id DESC) AS given WHERE given.rate_bps > 0)
"""
_PRODUCTS = _GIVEN.format("count(*)")
_BEST = _GIVEN.format("max(given.rate_bps)")
_MEMBERS = "(SELECT count(*) FROM plans_targeted_member m WHERE m.plan_id = p.id AND m.state = '{}')"
_NAMES = "(SELECT string_agg(g.name, '、' ORDER BY g.id) FROM catalog_category g WHERE g.id = ANY({}))"


def _tab(words: Mapping[str, tuple[str, ...]], sql: str, key: str) -> Filter:
    choices = [(value, (said[0], said[1])) for value, said in words.items()]
    return Filter(key, ("状态", "State"), f"({sql}) = %(value)s", kind="choice", choices=choices)


def _categories(scope: Mapping[str, Any]) -> Choices:
    """Return the categories that the page has read."""
    return [(str(id_), (zh, en)) for id_, zh, en in scope.get("categories", ())]


PLANS = Listing(
    name="targeted_plans",
    sql_from="plans_targeted p",
    scope_sql="p.merchant_id = %(merchant)s",
    id_sql="p.id",
    default_sort="-new",
    columns=(
        Column("name", ("定向计划", "Targeted plan"), "p.name", also={"under": "p.no", "no": "p.no"}),
        Column("phase", ("状态", "State"), PHASE, kind="tag", words=PHASES),
        Column("products", ("商品", "Products"), _PRODUCTS, kind="count"),
        Column("best", ("最高佣金率", "Highest rate"), _BEST, kind="rate"),
        Column("accepted", ("已加入", "In the plan"), _MEMBERS.format("accepted"), kind="count"),
        Column("applied", ("待审核", "To decide"), _MEMBERS.format("applied"), kind="count"),
        Column("starts_at", ("开始", "From"), "p.starts_at", kind="time", sort=True, filled=True),
        Column("ends_at", ("结束", "Until"), "p.ends_at", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "p.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("名称或编号", "Name or number"), "(p.name ILIKE %(like)s OR p.no = %(value)s)"),),
    tabs=_tab(PHASES, PHASE, "phase"),
)
"""Scope: `merchant`, `now`."""

MEMBERS = Listing(
    name="targeted_members",
    sql_from="plans_targeted_member m JOIN parties_party y ON y.id = m.promoter_id"
    " LEFT JOIN matching_card k ON k.promoter_id = m.promoter_id AND k.listed",
    scope_sql="m.plan_id = %(plan)s",
    id_sql="m.promoter_id",
    default_sort="-since",
    columns=(
        Column("name", ("推客", "Promoter"), "y.name", also={"under": "y.no", "state": "m.state"}),
        Column("state", ("状态", "State"), "m.state", kind="tag", words=STATES),
        Column("level", ("推广等级", "Level"), "k.level", kind="tag", words=LEVEL_WORDS),
        Column("conversion", ("转化率", "Conversion"), "k.conversion_bps", kind="rate"),
        Column("message", ("留言", "Message"), "m.message"),
        Column("reason", ("处理说明", "Reason"), "m.reason"),
        Column("since", ("更新时间", "Since"), "m.since", kind="time", sort=True, filled=True),
    ),
    filters=(Filter("q", ("推客名称或编号", "Name or number"), "(y.name ILIKE %(like)s OR y.no = %(value)s)"),),
    tabs=_tab(STATES, "m.state", "state"),
)
"""Scope: `plan` (id)."""

REQUESTS = Listing(
    name="promotion_requests",
    sql_from="matching_request q JOIN plans_targeted p ON p.id = q.plan_id",
    scope_sql="q.merchant_id = %(merchant)s",
    id_sql="q.id",
    default_sort="-new",
    columns=(
        Column("title", ("推广需求", "Request"), "q.title", also={"under": "q.no", "no": "q.no", "plan": "p.no"}),
        Column(
            "state",
            ("状态", "State"),
            f"CASE WHEN {OPEN} THEN 'open' ELSE 'closed' END",
            kind="tag",
            words=REQUEST_STATES,
        ),
        Column("plan", ("定向计划", "Targeted plan"), "p.name"),
        Column("min_level", ("等级要求", "Level asked for"), "'Lv.' || nullif(q.min_level, 0)"),
        Column("applied", ("待审核", "To decide"), _MEMBERS.format("applied"), kind="count"),
        Column("accepted", ("已加入", "In the plan"), _MEMBERS.format("accepted"), kind="count"),
        Column("open_until", ("报名截止", "Open until"), "q.open_until", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "q.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    tabs=_tab(REQUEST_STATES, f"CASE WHEN {OPEN} THEN 'open' ELSE 'closed' END", "state"),
)
"""Scope: `merchant`, `now`."""

OPEN_REQUESTS = Listing(
    name="open_requests",
    sql_from="matching_request q JOIN plans_targeted p ON p.id = q.plan_id"
    " JOIN parties_party y ON y.id = q.merchant_id",
    scope_sql=f"{OPEN} AND y.suspended_at IS NULL AND %(now)s::timestamptz < {_UNTIL}",
    id_sql="q.id",
    default_sort="-new",
    columns=(
        Column("title", ("推广需求", "Request"), "q.title", also={"under": "y.name", "no": "q.no"}),
        Column("best", ("最高佣金率", "Highest rate"), _BEST, kind="rate", sort=True),
        Column("products", ("商品", "Products"), _PRODUCTS, kind="count"),
        Column("wanted", ("期望类目", "Categories"), _NAMES.format("q.category_ids")),
        Column("min_level", ("等级要求", "Level asked for"), "'Lv.' || nullif(q.min_level, 0)"),
        Column("open_until", ("报名截止", "Open until"), "q.open_until", kind="time", sort=True, filled=True),
        Column(
            "mine",
            ("我的状态", "Mine"),
            "(SELECT m.state FROM plans_targeted_member m WHERE m.plan_id = p.id AND m.promoter_id = %(party)s)",
            kind="tag",
            words=STATES,
            export=False,
        ),
        Column("new", ("编号", "Id"), "q.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter("q", ("标题或店铺", "Title or shop"), "(q.title ILIKE %(like)s OR y.name ILIKE %(like)s)"),
        Filter(
            "category",
            ("类目", "Category"),
            "%(value)s::bigint = ANY(q.category_ids)",
            kind="choice",
            choices=_categories,
        ),
        Filter("rate", ("佣金率", "Rate"), f"{_BEST} BETWEEN %(low)s AND %(high)s", kind="bps"),
    ),
)
"""Scope: `party` (the promoter), `now`, `categories`."""

MINE = Listing(
    name="my_targeted_plans",
    sql_from="plans_targeted_member m JOIN plans_targeted p ON p.id = m.plan_id"
    " JOIN parties_party y ON y.id = p.merchant_id",
    scope_sql="m.promoter_id = %(party)s",
    id_sql="m.id",
    default_sort="-since",
    columns=(
        Column("name", ("定向计划", "Targeted plan"), "p.name", also={"under": "y.name", "no": "p.no"}),
        Column("state", ("我的状态", "Mine"), "m.state", kind="tag", words=STATES),
        Column("best", ("最高佣金率", "Highest rate"), _BEST, kind="rate"),
        Column("products", ("商品", "Products"), _PRODUCTS, kind="count"),
        Column("phase", ("计划", "Plan"), PHASE, kind="tag", words=PHASES),
        Column("ends_at", ("结束", "Until"), _UNTIL, kind="time"),
        Column("reason", ("商家说明", "The shop's reason"), "m.reason"),
        Column("since", ("更新时间", "Since"), "m.since", kind="time", sort=True, filled=True),
    ),
    filters=(Filter("q", ("计划或店铺", "Plan or shop"), "(p.name ILIKE %(like)s OR y.name ILIKE %(like)s)"),),
    tabs=_tab(STATES, "m.state", "state"),
)
"""Scope: `party` (the promoter), `now`."""

DIRECTORY = Listing(
    name="promoter_directory",
    sql_from="matching_card k JOIN parties_party y ON y.id = k.promoter_id",
    scope_sql="k.listed AND y.suspended_at IS NULL AND y.certified_at IS NOT NULL",
    id_sql="k.promoter_id",
    default_sort="-level",
    columns=(
        Column("name", ("推客", "Promoter"), "k.name"),
        Column("categories", ("擅长类目", "Categories"), _NAMES.format("k.category_ids")),
        Column("level", ("推广等级", "Level"), "k.level", kind="tag", words=LEVEL_WORDS, sort=True, filled=True),
        Column("conversion", ("转化率", "Conversion"), "k.conversion_bps", kind="rate", sort=True),
        Column("intro", ("介绍", "Introduction"), "k.intro"),
    ),
    filters=(
        Filter("q", ("名称或介绍", "Name or words"), "(k.name ILIKE %(like)s OR k.intro ILIKE %(like)s)"),
        Filter(
            "category",
            ("类目", "Category"),
            "%(value)s::bigint = ANY(k.category_ids)",
            kind="choice",
            choices=_categories,
        ),
        Filter("level", ("推广等级", "Level"), "k.level >= %(value)s::int", kind="choice", choices=LEVELS),
        Filter("conversion", ("转化率", "Conversion"), "k.conversion_bps BETWEEN %(low)s AND %(high)s", kind="bps"),
    ),
)
"""Scope: `categories`."""
