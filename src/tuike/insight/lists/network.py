"""The promoters' network as lists: who recruited whom, links, applications, deposits, buyers who are bound."""

from collections.abc import Mapping
from typing import Any

from tuike.insight.lists.types import Choices, Column, Filter, Listing

STANDINGS = {
    "joining": ("待加入", "Not let in yet", "amber"),
    "active": ("正常", "Active", "green"),
    "frozen": ("已冻结", "Frozen", "red"),
    "retired": ("已退出", "Left", "grey"),
    "banned": ("已清退", "Banned", "red"),
}
APPLICATIONS = {
    "filed": ("审核中", "To review", "amber"),
    "passed": ("已通过", "Passed", "green"),
    "rejected": ("未通过", "Rejected", "red"),
    "withdrawn": ("已撤回", "Withdrawn", "grey"),
}
DEPOSITS = {
    "unpaid": ("待支付", "To be paid", "amber"),
    "paid": ("已缴纳", "Held", "green"),
    "holding": ("待退还", "To go back", "blue"),
    "refunding": ("退还中", "On its way back", "blue"),
    "ended": ("已结束", "Ended", "grey"),
    "cancelled": ("已取消", "Cancelled", "grey"),
}
DECISIONS = {
    "asked": ("待复核", "To approve", "amber"),
    "approved": ("已复核", "Approved", "green"),
    "rejected": ("已驳回", "Turned down", "grey"),
    "lapsed": ("逾期未复核", "Lapsed", "grey"),
}
LINKS = {"open": ("启用中", "Open", "green"), "closed": ("已停用", "Closed", "grey")}
BOUND = {
    "holds": ("绑定中", "Bound", "green"),
    "released": ("已解除", "Released", "grey"),
    "over": ("已到期", "Run out", "grey"),
}
LEVELS = {"1": ("一级", "Level 1", "green"), "2": ("二级", "Level 2", "blue"), "3": ("三级", "Level 3", "grey")}
HOW = {"own": ("本店招募", "Recruited by the shop", "green"), "below": ("下级招募", "By its promoters", "blue")}
LEFT = "d.amount_fen - d.forfeited_fen - d.returned_fen"

_STATE = "CASE WHEN r.standing = 'active' AND p.suspended_at IS NOT NULL THEN 'frozen' ELSE r.standing END"
_PEOPLE = (
    "parties_promoter r JOIN parties_party p ON p.id = r.party_id LEFT JOIN parties_party u ON u.id = r.recruiter_id"
)
_GRADE = (
    "(SELECT g.name FROM plans_rate a JOIN plans_grade g ON g.id = a.grade_id"
    " WHERE a.lookup = 'grade:' || r.party_id AND a.valid @> %(now)s::timestamptz LIMIT 1)"
)
_SPAN = "BETWEEN %(first)s::date AND %(last)s::date"
_OWN = "(SELECT {} FROM figures_sum f WHERE f.kind = 'promoter' AND f.owner_id = r.party_id AND f.day {})"
_SHOP = "(SELECT {} FROM figures_day f WHERE f.merchant_id = %(merchant)s AND f.promoter_id = r.party_id AND f.day {})"
_AGENTS = "ARRAY(SELECT g.promoter_id FROM network_agent g WHERE g.merchant_id = %(merchant)s)"


def _tab(words: Mapping[str, tuple[str, ...]], sql: str) -> Filter:
    choices = [(value, (said[0], said[1])) for value, said in words.items()]
    return Filter("state", ("状态", "State"), f"({sql}) = %(value)s", kind="choice", choices=choices)


def _grades(scope: Mapping[str, Any]) -> Choices:
    """Return the steps of the ladder that the page has read."""
    return [(str(id_), (name, name)) for id_, name in scope.get("grades", ())]


def _people(name: str, scope_sql: str, *, figures: str, place: Column, recruiter: str = "u.name") -> Listing:
    """Return promoters of somebody's tree; `figures` are of the promoter, or of what it sold for one shop."""

    def summed(what: str) -> str:
        return figures.format(f"coalesce(sum(f.{what}), 0)::bigint", _SPAN)

    number = f"CASE WHEN {recruiter} IS NOT NULL THEN u.no END"
    return Listing(
        name=name,
        sql_from=_PEOPLE,
        scope_sql=scope_sql,
        id_sql="r.party_id",
        default_sort="-new",
        columns=(
            Column("name", ("推客", "Promoter"), "p.name", kind="person", also={"under": "p.no", "no": "p.no"}),
            Column("state", ("状态", "Standing"), _STATE, kind="tag", words=STANDINGS),
            place,
            Column("recruiter", ("推荐人", "Recruiter"), recruiter, kind="person", also={"under": number}),
            Column("since", ("加入时间", "Since"), "coalesce(r.recruited_at, p.created_at)", kind="time", sort=True,
                   filled=True),
            Column("grade", ("等级", "Grade"), _GRADE, kind="person"),
            Column("recruits", ("直接招募", "Recruited"), "(SELECT count(*) FROM parties_promoter c"
                   " WHERE c.recruiter_id = r.party_id)", kind="count"),
            Column("orders", ("30 天订单", "Orders, 30 days"), summed("orders"), kind="count"),
            Column("paid", ("30 天成交", "Sold, 30 days"), summed("paid_fen"), kind="money"),
            Column("commission", ("30 天预估佣金", "Commission, 30 days"), summed("estimated_fen"), kind="money"),
            Column("active", ("最近活跃", "Last active"), figures.format(
                "max(f.day) FILTER (WHERE f.clicks > 0 OR f.orders > 0)", "<= %(last)s::date"), kind="day"),
            Column("new", ("编号", "Id"), "r.party_id", kind="count", sort=True, filled=True, shown=False,
                   export=False),
        ),
        filters=(
            Filter("q", ("推客编号或名称", "Number or name"), "(p.no = %(value)s OR p.name LIKE %(prefix)s)",
                   hint=("名称按开头匹配", "a name by how it begins")),
            Filter("under", ("推荐人编号", "Recruiter's number"),
                   "r.recruiter_id = (SELECT o.id FROM parties_party o WHERE o.no = %(value)s)"),
            Filter("since", ("加入时间", "Since"),
                   "coalesce(r.recruited_at, p.created_at) >= %(low)s"
                   " AND coalesce(r.recruited_at, p.created_at) < %(high)s", kind="days"),
            Filter("grade", ("等级", "Grade"), "EXISTS (SELECT FROM plans_rate a"
                   " WHERE a.lookup = 'grade:' || r.party_id AND a.valid @> %(now)s::timestamptz"
                   " AND a.grade_id = %(value)s::bigint)", kind="choice", choices=_grades),
        ),
        tabs=_tab(STANDINGS, _STATE),
    )  # fmt: skip


EVERYBODY = _people(
    "network",
    "true",
    figures=_OWN,
    place=Column("depth", ("层级", "Level"), "cardinality(r.line) + 1", kind="count"),
)
"""Scope: `now`, `first`, `last` (days of the figures), `grades`."""

AGENTS = _people(
    "agents",
    f"(r.party_id = ANY({_AGENTS}) OR r.line && {_AGENTS})",
    figures=_SHOP,
    place=Column(
        "how",
        ("来源", "Came by"),
        f"CASE WHEN r.party_id = ANY({_AGENTS}) THEN 'own' ELSE 'below' END",
        kind="tag",
        words=HOW,
    ),
    recruiter=f"CASE WHEN r.party_id = ANY({_AGENTS}) THEN NULL ELSE u.name END",
)
"""A merchant's recruits with all below, and what they sold for it. Scope: as above, and `merchant`."""

TEAM = _people(
    "team",
    "r.line @> ARRAY[%(promoter)s::bigint] AND array_position(r.line, %(promoter)s::bigint) <= 3",
    figures=_OWN,
    place=Column(
        "level",
        ("层级", "Level"),
        "array_position(r.line, %(promoter)s::bigint)::text",
        kind="tag",
        words=LEVELS,
    ),
)
"""A promoter's people, three levels down. Scope: as above, and `promoter`."""

RECRUITING = Listing(
    name="recruiting_links",
    sql_from="network_recruit_link l",
    scope_sql="l.owner_id = %(owner)s",
    id_sql="l.id",
    default_sort="-new",
    columns=(
        Column("code", ("招募链接", "Recruiting link"), "l.code", also={"code": "l.code"}),
        Column("note", ("用途备注", "What for"), "l.note", kind="person"),
        Column(
            "state",
            ("状态", "State"),
            "CASE WHEN l.closed_at IS NULL THEN 'open' ELSE 'closed' END",
            kind="tag",
            words=LINKS,
        ),
        Column(
            "joined",
            ("已开通推客", "Promoters opened"),
            "(SELECT count(*) FROM network_arrival a WHERE a.link_id = l.id)",
            kind="count",
        ),
        Column(
            "inside",
            ("已加入", "Let in"),
            "(SELECT count(*) FROM network_arrival a JOIN parties_promoter r ON r.party_id = a.promoter_id"
            " WHERE a.link_id = l.id AND r.standing = 'active')",
            kind="count",
        ),
        Column("made_at", ("创建时间", "Made"), "l.made_at", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "l.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("链接码或备注", "Code or note"), "(l.code = %(value)s OR l.note ILIKE %(like)s)"),),
    tabs=_tab(LINKS, "CASE WHEN l.closed_at IS NULL THEN 'open' ELSE 'closed' END"),
)
"""Scope: `owner`."""

APPLIED = Listing(
    name="network_applications",
    sql_from="network_application a JOIN parties_party p ON p.id = a.promoter_id"
    " JOIN network_form f ON f.id = a.form_id LEFT JOIN network_arrival v ON v.promoter_id = a.promoter_id"
    " LEFT JOIN network_recruit_link l ON l.id = v.link_id LEFT JOIN parties_party w ON w.id = l.owner_id",
    scope_sql="true",
    id_sql="a.id",
    default_sort="-new",
    columns=(
        Column("no", ("申请编号", "Application"), "a.no", also={"no": "a.no"}),
        Column("promoter", ("推客", "Promoter"), "p.name", kind="person", also={"under": "p.no"}),
        Column("state", ("状态", "State"), "a.state", kind="tag", words=APPLICATIONS),
        Column(
            "by",
            ("审核方式", "Decided by"),
            "CASE WHEN a.by_hand OR a.decided_by IS NOT NULL THEN 'hand' ELSE 'rules' END",
            kind="tag",
            words={"hand": ("人工", "By hand", "blue"), "rules": ("自动规则", "Rules", "grey")},
        ),
        Column("invited", ("邀请方", "Invited by"), "w.name", kind="person", also={"under": "w.no"}),
        Column("edition", ("申请表版本", "Edition"), "f.edition", kind="count"),
        Column("filed_at", ("提交时间", "Filed"), "a.filed_at", kind="time", sort=True, filled=True),
        Column("decided_at", ("处理时间", "Decided"), "a.decided_at", kind="time"),
        Column("reason", ("原因", "Reason"), "a.reason", kind="person"),
        Column("new", ("编号", "Id"), "a.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter("q", ("申请或推客编号", "Number"), "(a.no = %(value)s OR p.no = %(value)s)"),
        Filter("filed", ("提交时间", "Filed"), "a.filed_at >= %(low)s AND a.filed_at < %(high)s", kind="days"),
    ),
    tabs=_tab(APPLICATIONS, "a.state"),
)

GUARANTEES = Listing(
    name="network_deposits",
    sql_from="network_deposit d JOIN parties_party p ON p.id = d.promoter_id",
    scope_sql="true",
    id_sql="d.id",
    default_sort="-new",
    columns=(
        Column("no", ("保证金编号", "Deposit"), "d.no", also={"no": "d.no"}),
        Column("promoter", ("推客", "Promoter"), "p.name", kind="person", also={"under": "p.no"}),
        Column("state", ("状态", "State"), "d.state", kind="tag", words=DEPOSITS),
        Column("amount", ("金额", "Amount"), "d.amount_fen", kind="money", total=True),
        Column("forfeited", ("已扣除", "Forfeited"), "d.forfeited_fen", kind="money", total=True),
        Column("returned", ("已退还", "Given back"), "d.returned_fen", kind="money", total=True),
        Column(
            "asked",
            ("待复核", "To approve"),
            "CASE WHEN EXISTS (SELECT FROM network_decision k WHERE k.deposit_id = d.id AND k.state = 'asked'"
            " AND k.asked_at >= %(since)s::timestamptz) THEN 'asked' END",
            kind="tag",
            words=DECISIONS,
        ),
        Column("paid_at", ("支付时间", "Paid"), "d.paid_at", kind="time"),
        Column("due_at", ("退还时间", "Goes back at"), "d.due_at", kind="time"),
        Column("new", ("编号", "Id"), "d.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter("q", ("保证金或推客编号", "Number"), "(d.no = %(value)s OR p.no = %(value)s)"),
        Filter(
            "asked",
            ("复核", "Second person"),
            "EXISTS (SELECT FROM network_decision k WHERE k.deposit_id = d.id AND k.state = 'asked'"
            " AND k.asked_at >= %(since)s::timestamptz)",
            kind="choice",
            choices=[("asked", ("待复核", "To approve"))],
        ),
    ),
    tabs=_tab(DEPOSITS, "d.state"),
)
"""Scope: `since`, from when on something that was asked for can still be approved."""

_HOLDS = """
    CASE WHEN b.released_at IS NOT NULL THEN 'released'
        WHEN b.until >= %(now)s::timestamptz THEN 'holds' ELSE 'over' END
"""
_BY = {"merchant": ("商家", "The shop", "grey"), "buyer": ("买家", "The buyer", "grey")}
_BUYER = "CASE WHEN btrim(y.nickname) = '' THEN '***' ELSE left(btrim(y.nickname), 1) || '**' END"


def _bindings(name: str, whose: str, other: tuple[str, str], join: str) -> Listing:
    return Listing(
        name=name,
        sql_from="attribution_binding b JOIN people_person y ON y.id = b.buyer_id"
        f" JOIN parties_party p ON p.id = {join}",
        scope_sql=whose,
        id_sql="b.id",
        default_sort="-new",
        columns=(
            Column("buyer", ("买家", "Buyer"), _BUYER, kind="person"),
            Column("other", other, "p.name", kind="person", also={"under": "p.no"}),
            Column("state", ("状态", "State"), _HOLDS, kind="tag", words=BOUND, also={"state": _HOLDS}),
            Column("bound_at", ("绑定时间", "Bound"), "b.bound_at", kind="time", sort=True, filled=True),
            Column("until", ("保护期至", "Until"), "b.until", kind="time", sort=True, filled=True),
            Column("released_at", ("解除时间", "Released"), "b.released_at", kind="time"),
            Column("by", ("解除方", "Released by"), "nullif(b.released_by, '')", kind="tag", words=_BY),
            Column("new", ("编号", "Id"), "b.id", kind="count", sort=True, filled=True, shown=False, export=False),
        ),
        filters=(
            Filter("q", other, "(p.no = %(value)s OR p.name ILIKE %(like)s)", hint=("编号或名称", "number or name")),
            Filter("bound", ("绑定时间", "Bound"), "b.bound_at >= %(low)s AND b.bound_at < %(high)s", kind="days"),
        ),
        tabs=_tab(BOUND, _HOLDS),
    )


BOUND_HERE = _bindings("shop_bindings", "b.merchant_id = %(merchant)s", ("推客", "Promoter"), "b.promoter_id")
"""Scope: `merchant`, `now`."""
BOUND_TO_ME = _bindings("promoter_bindings", "b.promoter_id = %(promoter)s", ("店铺", "Shop"), "b.merchant_id")
"""Scope: `promoter`, `now`."""
