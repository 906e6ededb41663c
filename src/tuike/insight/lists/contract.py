"""Leaders' activities and what is enrolled in them, as leaders, shops, promoters and the operator see them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tuike.insight.lists import promoted_lines
from tuike.insight.lists.types import Choices, Column, Filter, Listing

KINDS = {"ordinary": ("普通", "Ordinary", "blue"), "exclusive": ("专属", "Exclusive", "amber")}
PHASE = """
    CASE WHEN a.state <> 'published' THEN a.state WHEN %(now)s::timestamptz >= a.ends_at THEN 'over'
        WHEN %(now)s::timestamptz < a.starts_at THEN 'coming' ELSE 'running' END
"""
PHASES = {
    "draft": ("草稿", "Draft", "grey"),
    "coming": ("招商中，未开始", "Open, not begun", "blue"),
    "running": ("招商中", "Open", "green"),
    "over": ("已到期", "Over", "grey"),
    "closed": ("已关闭", "Closed", "red"),
}
STATE = """
    CASE WHEN e.state = 'active' AND %(now)s::timestamptz >= e.ends_at THEN 'ended'
        WHEN e.state = 'applied' AND %(now)s::timestamptz >= e.ends_at THEN 'rejected'
        WHEN e.state = 'active' AND %(now)s::timestamptz < e.starts_at THEN 'coming' ELSE e.state END
"""
STATES = {
    "applied": ("待团长审核", "Leader decides", "amber"),
    "coming": ("已通过，未开始", "Passed, not begun", "blue"),
    "active": ("合作中", "Running", "green"),
    "ended": ("商品合作已失效", "Ended", "grey"),
    "rejected": ("未通过", "Turned away", "red"),
    "withdrawn": ("已撤回", "Withdrawn", "grey"),
}
LABELS = {"reached": ("团长已达成", "Base reached", "green"), "short": ("团长未达成", "Base not reached", "red")}
_LABEL = """
    CASE WHEN e.state NOT IN ('active', 'ended') THEN NULL WHEN e.gross_orders >= e.base_orders THEN 'reached'
        ELSE 'short' END
"""
CANCELS = {
    "open": ("已发起取消合作，团长审核中", "Cancel under review", "amber"),
    "agreed": ("团长同意取消合作", "The leader agreed to end it", "grey"),
    "refused": ("团长拒绝取消合作", "The leader refused to end it", "red"),
    "at_once": ("取消推广成功", "Cancelled", "grey"),
}
EXTENSIONS = {
    "open": ("团长申请延长推广时间", "Longer: asked", "amber"),
    "agreed": ("已同意团长延长推广时间", "Longer: agreed", "green"),
    "refused": ("已拒绝团长延长推广时间", "Longer: refused", "red"),
}
_OVER = "%(now)s::timestamptz >= e.ends_at"
_CANCEL = f"""
    (SELECT CASE WHEN c.state = 'open' AND {_OVER} THEN NULL ELSE nullif(c.state, 'closed') END
     FROM cooperation_cancel c WHERE c.enrolment_id = e.id ORDER BY c.id DESC LIMIT 1)
"""
_EXTENSION = f"""
    (SELECT CASE WHEN x.state = 'lapsed' OR x.state = 'open' AND %(now)s::timestamptz > x.asked_at + interval '259200 s'
        THEN 'refused' WHEN x.state = 'open' AND {_OVER} THEN NULL ELSE nullif(x.state, 'closed') END
     FROM cooperation_extension x WHERE x.enrolment_id = e.id ORDER BY x.id DESC LIMIT 1)
"""
_ENROLLED = "(SELECT count(*) FROM cooperation_enrolment e WHERE e.activity_id = a.id AND e.state = '{}')"
_NEW = ("编号", "Id")


def _choices(words: Mapping[str, tuple[str, ...]]) -> Choices:
    return [(value, (said[0], said[1])) for value, said in words.items()]


def _tab(words: Mapping[str, tuple[str, ...]], sql: str, key: str) -> Filter:
    return Filter(key, ("状态", "State"), f"({sql}) = %(value)s", kind="choice", choices=_choices(words))


def _newest(sql: str) -> Column:
    return Column("new", _NEW, sql, kind="count", sort=True, filled=True, shown=False, export=False)


_TITLE = Column("title", ("招商活动", "Activity"), "a.title", also={"under": "a.no", "no": "a.no", "state": "a.state"})
_KIND = Column("kind", ("类型", "Kind"), "a.kind", kind="tag", words=KINDS)
_FLOORS = (
    Column("min_rate", ("最低佣金率", "Least commission"), "a.min_rate_bps", kind="rate"),
    Column("min_service", ("最低服务费率", "Least service fee"), "a.min_service_bps", kind="rate"),
)
_PERIOD = (
    Column("starts_at", ("开始", "From"), "a.starts_at", kind="time", sort=True, filled=True),
    Column("ends_at", ("结束", "Until"), "a.ends_at", kind="time", sort=True, filled=True),
)
_ASKED = Filter("kind", ("类型", "Kind"), "a.kind = %(value)s", kind="choice", choices=_choices(KINDS))

ACTIVITIES = Listing(
    name="leader_activities",
    sql_from="cooperation_activity a",
    scope_sql="a.leader_id = %(leader)s AND a.state <> 'deleted'",
    id_sql="a.id",
    default_sort="-new",
    columns=(
        _TITLE,
        Column("phase", ("状态", "State"), PHASE, kind="tag", words=PHASES),
        _KIND,
        *_FLOORS,
        Column("active", ("合作商品", "Products"), _ENROLLED.format("active"), kind="count"),
        Column("applied", ("待审核", "To decide"), _ENROLLED.format("applied"), kind="count"),
        *_PERIOD,
        _newest("a.id"),
    ),
    filters=(Filter("q", ("标题或编号", "Title or number"), "(a.title ILIKE %(like)s OR a.no = %(value)s)"), _ASKED),
    tabs=_tab(PHASES, PHASE, "phase"),
)
"""Scope: `leader`, `now`."""

OPEN_ACTIVITIES = Listing(
    name="open_activities",
    sql_from="cooperation_activity a JOIN parties_party y ON y.id = a.leader_id",
    scope_sql="a.state = 'published' AND a.ends_at > %(now)s::timestamptz AND y.suspended_at IS NULL",
    id_sql="a.id",
    default_sort="-new",
    columns=(
        Column("title", ("招商活动", "Activity"), "a.title", also={"under": "y.name", "no": "a.no"}),
        _KIND,
        Column("min_rate", ("最低佣金率", "Least commission"), "a.min_rate_bps", kind="rate", sort=True, filled=True),
        Column(
            "min_service",
            ("最低服务费率", "Least service fee"),
            "a.min_service_bps",
            kind="rate",
            sort=True,
            filled=True,
        ),
        Column(
            "mine",
            ("我报名的商品", "Products of mine"),
            "(SELECT count(*) FROM cooperation_enrolment e WHERE e.activity_id = a.id AND e.merchant_id = %(merchant)s"
            " AND e.state IN ('applied', 'active'))",
            kind="count",
            export=False,
        ),
        *_PERIOD,
        _newest("a.id"),
    ),
    filters=(
        Filter(
            "q",
            ("标题、编号或团长", "Title, number or leader"),
            "(a.title ILIKE %(like)s OR a.no = %(value)s OR y.name ILIKE %(like)s)",
        ),
        _ASKED,
        Filter("rate", ("最低佣金率", "Commission"), "a.min_rate_bps BETWEEN %(low)s AND %(high)s", kind="bps"),
        Filter(
            "service", ("最低服务费率", "Service fee"), "a.min_service_bps BETWEEN %(low)s AND %(high)s", kind="bps"
        ),
        Filter("ends", ("结束日期", "Ends on"), "a.ends_at >= %(low)s AND a.ends_at < %(high)s", kind="days"),
    ),
)
"""Scope: `merchant`, `now`."""

_ENROLMENT_FROM = (
    "cooperation_enrolment e JOIN cooperation_activity a ON a.id = e.activity_id"
    " JOIN catalog_product p ON p.id = e.product_id JOIN parties_party y ON y.id = {}"
)
_PRODUCT = Column(
    "product",
    ("商品", "Product"),
    "p.title",
    kind="product",
    also={"picture": "regexp_replace(p.pictures[1], '^/media/', '')", "under": "y.name", "no": "e.no"},
)
_TERMS = (
    Column("activity", ("招商活动", "Activity"), "a.title", also={"under": "a.no"}),
    Column("state", ("状态", "State"), STATE, kind="tag", words=STATES, also={"raw": STATE}),
    Column("label", ("达成情况", "Base"), _LABEL, kind="tag", words=LABELS),
    Column("orders", ("支付 / 基础单量", "Paid / base"), "e.gross_orders || ' / ' || e.base_orders"),
    Column("cancel", ("取消合作", "Cancelling"), _CANCEL, kind="tag", words=CANCELS),
    Column("extension", ("延长推广", "Longer"), _EXTENSION, kind="tag", words=EXTENSIONS),
    Column("rate", ("佣金率", "Commission"), "e.rate_bps", kind="rate"),
    Column("service", ("服务费率", "Service fee"), "e.service_bps", kind="rate"),
    Column("net", ("未全退单量", "Not refunded whole"), "e.net_orders", kind="count", shown=False),
    Column("starts_at", ("开始", "From"), "e.starts_at", kind="time", sort=True, filled=True, shown=False),
    Column("ends_at", ("结束", "Until"), "e.ends_at", kind="time", sort=True, filled=True),
    Column("applied_at", ("报名时间", "Enrolled at"), "e.applied_at", kind="time", shown=False),
    Column("reason", ("审核说明", "Reason"), "e.reason", shown=False),
    _newest("e.id"),
)
_ASKED_OF = (
    Filter(
        "q",
        ("商品、活动或对方名称", "Product, activity or name"),
        "(p.title ILIKE %(like)s OR a.title ILIKE %(like)s OR y.name ILIKE %(like)s OR e.no = %(value)s)",
    ),
    Filter("activity", ("活动编号", "Activity's number"), "a.no = %(value)s"),
    Filter("label", ("达成情况", "Base"), f"({_LABEL}) = %(value)s", kind="choice", choices=_choices(LABELS)),
    Filter(
        "wish",
        ("待处理", "Waits for an answer"),
        f"CASE %(value)s::text WHEN 'cancel' THEN ({_CANCEL}) = 'open' ELSE ({_EXTENSION}) = 'open' END",
        kind="choice",
        choices=(
            ("cancel", ("取消合作待审核", "Cancel to decide")),
            ("extension", ("延长推广待处理", "Longer to answer")),
        ),
    ),
    Filter("ends", ("结束日期", "Ends on"), "e.ends_at >= %(low)s AND e.ends_at < %(high)s", kind="days"),
)

ENROLLED = Listing(
    name="leader_enrolments",
    sql_from=_ENROLMENT_FROM.format("e.merchant_id"),
    scope_sql="a.leader_id = %(leader)s",
    id_sql="e.id",
    default_sort="-new",
    columns=(_PRODUCT, *_TERMS),
    filters=_ASKED_OF,
    tabs=_tab(STATES, STATE, "state"),
)
"""Scope: `leader`, `now`. Beside each product stands its shop."""

ENROLLED_IN = replace(
    ENROLLED,
    name="activity_enrolments",
    scope_sql=f"{ENROLLED.scope_sql} AND a.no = %(activity)s",
    columns=tuple(one for one in ENROLLED.columns if one.key != "activity"),
    filters=tuple(one for one in ENROLLED.filters if one.key != "activity"),
)
"""Scope: `leader`, `now`, `activity` (its number)."""

MY_ENROLMENTS = replace(
    ENROLLED,
    name="merchant_enrolments",
    sql_from=_ENROLMENT_FROM.format("a.leader_id"),
    scope_sql="e.merchant_id = %(merchant)s",
)
"""Scope: `merchant`, `now`. Beside each product stands the leader."""

_LED = """
    (SELECT sum({})::bigint FROM cooperation_counted_order o JOIN commission_sale s ON s.order_no = o.order_no
     JOIN commission_accrual f ON f.sale_id = s.id AND f.payee_kind = 'leader' AND f.payee_id = a.leader_id
     WHERE o.enrolment_id = e.id AND s.product_id = e.product_id)
"""
FIGURES = Listing(
    name="leader_figures",
    sql_from=_ENROLMENT_FROM.format("e.merchant_id"),
    scope_sql="a.leader_id = %(leader)s AND e.state IN ('active', 'ended')",
    id_sql="e.id",
    default_sort="-gross",
    columns=(
        _PRODUCT,
        _TERMS[0],
        _TERMS[1],
        Column(
            "gross", ("支付订单", "Paid orders"), "e.gross_orders", kind="count", sort=True, filled=True, total=True
        ),
        Column("net", ("未全退订单", "Not refunded whole"), "e.net_orders", kind="count", total=True),
        Column("base", ("基础单量", "Base"), "e.base_orders", kind="count"),
        Column("paid", ("实付金额", "Paid"), _LED.format("s.paid_fen"), kind="money"),
        Column("refunded", ("退款金额", "Refunded"), _LED.format("s.refunded_fen"), kind="money"),
        Column("fee", ("当前服务费", "Service fee now"), _LED.format("f.amount_fen"), kind="money"),
    ),
    filters=(_ASKED_OF[0], _ASKED_OF[1], _ASKED_OF[2]),
)
"""What each enrolled product brought. Scope: `leader`, `now`."""

_FEES = {
    "rate": ("服务费率", "Service fee's rate"),
    "estimated": ("预估服务费", "Estimated fee"),
    "final": ("当前服务费", "Fee now"),
}
_BY_WHOM = (
    Column("activity", ("招商活动", "Activity"), "v.title", also={"under": "v.no"}),
    Column("promoter", ("推客", "Promoter"), "z.name"),
)
_ACCRUALS = promoted_lines.LEADER_ACCRUALS
LED_LINES = replace(
    _ACCRUALS,
    name="led_lines",
    sql_from=_ACCRUALS.sql_from
    + " LEFT JOIN cooperation_activity v ON v.no = c.activity_no LEFT JOIN parties_party z ON z.id = c.promoter_id",
    columns=tuple(
        column
        for one in _ACCRUALS.columns
        for column in (
            replace(one, heading=_FEES.get(one.key, one.heading)),
            *(_BY_WHOM if one.key == "product" else ()),
        )
    ),
)
"""What a leader earns, line by line, with the activity. Scope: `party` (the leader's id)."""


def _categories(scope: Mapping[str, Any]) -> Choices:
    """Return the categories that the page has read."""
    return [(str(id_), (zh, en)) for id_, zh, en in scope.get("categories", ())]


LED_PRODUCTS = Listing(
    name="led_products",
    sql_from=_ENROLMENT_FROM.format("e.merchant_id") + " JOIN parties_party d ON d.id = a.leader_id",
    scope_sql="""e.state = 'active' AND e.starts_at <= %(now)s::timestamptz AND e.ends_at > %(now)s::timestamptz
        AND a.state = 'published' AND p.state = 'on_sale' AND y.suspended_at IS NULL
        AND (a.kind = 'ordinary' OR EXISTS (SELECT 1 FROM cooperation_activity_promoter n
            WHERE n.activity_id = a.id AND n.promoter_id = %(party)s))""",
    id_sql="e.id",
    default_sort="-new",
    columns=(
        Column(
            "product",
            ("商品", "Product"),
            "p.title",
            kind="product",
            also={
                "picture": "regexp_replace(p.pictures[1], '^/media/', '')",
                "under": "y.name",
                "no": "e.no",
                "of": "p.no",
            },
        ),
        Column("activity", ("招商活动", "Activity"), "a.title", also={"under": "d.name", "no": "a.no"}),
        _KIND,
        Column("price", ("最低价", "From"), "p.min_price_fen", kind="money", sort=True, filled=True),
        Column("rate", ("活动佣金率", "Activity's rate"), "e.rate_bps", kind="rate", sort=True, filled=True),
        Column("earn", ("每件约赚", "Each earns about"), "p.min_price_fen * e.rate_bps / 10000", kind="money"),
        Column("ends_at", ("推广截止", "Until"), "e.ends_at", kind="time", sort=True, filled=True),
        _newest("e.id"),
    ),
    filters=(
        Filter(
            "q",
            ("商品、店铺、活动或团长", "Product, shop, activity or leader"),
            "(p.title ILIKE %(like)s OR y.name ILIKE %(like)s OR a.title ILIKE %(like)s OR a.no = %(value)s"
            " OR d.name ILIKE %(like)s)",
        ),
        _ASKED,
        Filter(
            "category",
            ("类目", "Category"),
            "p.category_id IN (SELECT g.id FROM catalog_category g WHERE %(value)s::bigint = ANY(g.path))",
            kind="choice",
            choices=_categories,
        ),
        Filter("rate", ("活动佣金率", "Rate"), "e.rate_bps BETWEEN %(low)s AND %(high)s", kind="bps"),
    ),
)
"""What a promoter may promote by way of leaders' activities. Scope: `party` (the promoter), `now`, `categories`."""
