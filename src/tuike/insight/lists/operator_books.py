"""Parties, acts of people, and the books: accounts, their entries, transfers."""

from tuike.insight.explain.words import KINDS
from tuike.insight.lists.operator_acts import ACTIONS
from tuike.insight.lists.operator_queues import PARTY_KINDS, choices
from tuike.insight.lists.types import Column, Filter, Listing

STANDINGS = {
    "suspended": ("已停用", "Suspended", "red"),
    "certified": ("已认证", "Certified", "green"),
    "new": ("未认证", "Not certified", "grey"),
}
_STANDING = (
    "CASE WHEN p.suspended_at IS NOT NULL THEN 'suspended' WHEN p.certified_at IS NOT NULL THEN 'certified'"
    " ELSE 'new' END"
)
PARTIES = Listing(
    name="operator_parties",
    sql_from="parties_party p LEFT JOIN parties_merchant m ON m.party_id = p.id",
    scope_sql="true",
    id_sql="p.id",
    default_sort="-created_at",
    columns=(
        Column("party", ("主体", "Party"), "p.name", also={"under": "p.no"}),
        Column("no", ("编号", "Number"), "p.no", shown=False),
        Column("kind", ("类型", "Kind"), "p.kind", kind="tag", words=PARTY_KINDS),
        Column(
            "source",
            ("来源", "Source"),
            "m.source",
            kind="tag",
            words={"mini_store": ("商城", "Mall"), "mini_program": ("外部小程序", "Mini-program")},
        ),
        Column("standing", ("状态", "State"), _STANDING, kind="tag", words=STANDINGS),
        Column("certified_at", ("认证时间", "Certified"), "p.certified_at", kind="time"),
        Column("admins", ("管理员", "Administrators"), "p.admins + 1", kind="count"),
        Column(
            "available",
            ("可提现", "Available"),
            "(SELECT l.balance_fen FROM ledger_account l WHERE l.path = p.kind || ':' || p.id || ':available')",
            kind="money",
        ),
        Column(
            "owed",
            ("欠款", "Debt"),
            "(SELECT nullif(-l.balance_fen, 0) FROM ledger_account l WHERE l.path = p.kind || ':' || p.id || ':owed')",
            kind="money",
        ),
        Column("created_at", ("开户时间", "Opened"), "p.created_at", kind="time", sort=True, filled=True),
    ),
    filters=(
        Filter(
            "q",
            ("名称或编号", "Name or number"),
            "(p.no = %(value)s OR p.name ILIKE %(like)s OR m.appid = %(value)s)",
            hint=("名称、编号或 AppID", "name, number or AppID"),
        ),
        Filter(
            "person",
            ("管理员", "Person"),
            "p.id IN (SELECT s.party_id FROM parties_seat s JOIN people_person h ON h.id = s.person_id"
            " WHERE s.removed_at IS NULL AND (h.no = %(value)s OR h.nickname ILIKE %(like)s))",
            hint=("昵称、用户编号或手机号", "nickname, number or phone"),
        ),
        Filter("standing", ("状态", "State"), f"{_STANDING} = %(value)s", kind="choice", choices=choices(STANDINGS)),
        Filter("opened", ("开户日期", "Opened on"), "p.created_at >= %(low)s AND p.created_at < %(high)s", kind="days"),
    ),
    tabs=Filter(
        "kind",
        ("类型", "Kind"),
        "p.kind = %(value)s",
        kind="choice",
        choices=choices({key: PARTY_KINDS[key] for key in ("promoter", "merchant", "leader", "operator")}),
    ),
)

ACTORS = {
    "person": ("人员", "Person", "blue"),
    "job": ("系统任务", "Job", "grey"),
    "cli": ("命令行", "Command line", "amber"),
    "app": ("接口调用", "API call", "green"),
}
NOUNS = {
    "certification": ("认证", "Certification"),
    "party": ("主体", "Party"),
    "seat": ("席位", "Seats"),
    "bank_account": ("收款账户", "Payout accounts"),
    "withdrawal": ("提现", "Withdrawals"),
    "payout": ("付款", "Payouts"),
    "accrual": ("佣金审核", "Reviews"),
    "adjustment": ("调整", "Adjustments"),
    "benchmark": ("基准佣金率", "Benchmarks"),
    "rate": ("佣金率", "Rates"),
    "grade": ("等级", "Grades"),
    "category": ("类目", "Categories"),
    "setting": ("设置", "Settings"),
    "case": ("待处理事项", "Cases"),
    "checkup": ("账目核对", "Checkups"),
}
SEATS = {
    "super_admin": ("超级管理员", "Super administrator"),
    "admin": ("管理员", "Administrator"),
    "product_manager": ("商品管理员", "Product manager"),
    "finance": ("财务", "Finance"),
    "operator": ("运营", "Operator"),
    "auditor": ("审计", "Auditor"),
}
"""Roles of seats in both languages."""
ACTS = Listing(
    name="operator_audit",
    sql_from="audit_act a LEFT JOIN people_person u ON u.id = a.person_id"
    " LEFT JOIN parties_party p ON p.id = a.party_id LEFT JOIN audit_link l ON l.act_id = a.id",
    scope_sql="true",
    id_sql="a.id",
    default_sort="-id",
    columns=(
        Column("id", ("序号", "No."), "a.id", kind="count", sort=True, filled=True),
        Column("at", ("时间", "Time"), "a.at", kind="time"),
        Column("action", ("动作", "Act"), "a.action", kind="tag", words=ACTIONS, also={"under": "a.action"}),
        Column("object", ("对象", "Object"), "a.object"),
        Column("who", ("人员", "Person"), "coalesce(u.nickname, '')", also={"under": "u.no"}),
        Column("party", ("所在主体", "In"), "p.name", also={"under": "p.no"}),
        Column("role", ("角色", "Role"), "nullif(nullif(a.role, ''), 'app')", kind="tag", words=SEATS),
        Column("actor", ("来自", "By"), "a.actor_kind", kind="tag", words=ACTORS),
        Column("sealed", ("链上序号", "Link"), "l.id", kind="count"),
        Column("request", ("请求", "Request"), "a.request_id", shown=False),
        Column("facts", ("内容", "Facts"), "a.facts::text", shown=False),
    ),
    filters=(
        Filter("object", ("对象", "Object"), "a.object = %(value)s", hint=("编号", "number")),
        Filter("noun", ("类别", "About"), "a.action LIKE %(value)s || '.%%'", kind="choice", choices=choices(NOUNS)),
        Filter("action", ("动作", "Act"), "a.action = %(value)s", hint=("如 withdrawal.approve", "withdrawal.approve")),
        Filter(
            "person",
            ("人员", "Person"),
            "(u.no = %(value)s OR u.nickname ILIKE %(like)s)",
            hint=("昵称或用户编号", "nickname or number"),
        ),
        Filter("party", ("主体编号", "Party"), "p.no = %(value)s"),
        Filter("actor", ("来自", "By"), "a.actor_kind = %(value)s", kind="choice", choices=choices(ACTORS)),
        Filter("at", ("日期", "On"), "a.at >= %(low)s AND a.at < %(high)s", kind="days"),
    ),
)

PURPOSES = {
    "held": ("待结算货款", "Held money"),
    "available": ("可提现", "Available"),
    "pending": ("待结算佣金", "Pending commission"),
    "leaving": ("提现中", "On its way out"),
    "prepaid": ("预存款", "Prepaid"),
    "owed": ("欠款", "Debts"),
    "deposit": ("保证金", "Deposits"),
    "fees": ("收入", "Income"),
    "tax": ("代扣税", "Tax withheld"),
    "promotion": ("推广费", "Promotion money"),
    "advance": ("垫付", "Advances"),
    "points": ("积分", "Points"),
    "balance": ("余额", "Balance"),
    "wechatpay": ("微信支付", "WeChat Pay"),
    "bank": ("银行", "The bank"),
    "sandbox": ("沙箱银行", "The sandbox's bank"),
    "": ("在途", "On its way"),
}
EVENTS = {kind: (words.zh, words.en) for kind, words in KINDS.items()}
GROUPS = {
    "merchant": ("商家", "Shops"),
    "promoter": ("推客", "Promoters"),
    "leader": ("团长", "Leaders"),
    "buyer": ("买家", "Buyers"),
    "redpacket": ("红包", "Red packets"),
    "reward": ("目标奖励", "Target bonuses"),
    "clearing": ("清算", "Clearing"),
    "platform": ("平台", "Platform"),
    "outside": ("外部", "Outside"),
}
GROUP = "split_part(a.path, ':', 1)"
PURPOSE = (
    "CASE WHEN a.path LIKE 'outside:%%' OR a.path LIKE 'platform:%%' THEN split_part(a.path, ':', 2)"
    " ELSE split_part(a.path, ':', 3) END"
)
ACCOUNTS = Listing(
    name="operator_ledger_accounts",
    sql_from="ledger_account a LEFT JOIN parties_party p"
    " ON p.id = CASE WHEN split_part(a.path, ':', 1) IN ('merchant', 'promoter', 'leader')"
    " THEN split_part(a.path, ':', 2)::bigint END",
    scope_sql=f"{GROUP} = %(group)s AND {PURPOSE} = %(purpose)s AND a.unit = %(unit)s",
    id_sql="a.id",
    default_sort="-opened",
    columns=(
        Column(
            "opened", ("开户顺序", "Opened"), "a.id", kind="count", sort=True, filled=True, shown=False, export=False
        ),
        Column("path", ("账户", "Account"), "a.path", also={"under": "p.name"}),
        Column("party", ("主体", "Party"), "p.no"),
        Column("balance", ("余额", "Balance"), "a.balance_fen", kind="money", sort=True, filled=True, total=True),
        Column("version", ("分录数", "Entries"), "a.version", kind="count", sort=True, filled=True),
        Column("floor", ("下限", "Floor"), "a.floor_fen", kind="money"),
        Column("ceiling", ("上限", "Ceiling"), "a.ceiling_fen", kind="money"),
    ),
    filters=(
        Filter("path", ("账户", "Account"), "a.path = %(value)s"),
        Filter("party", ("主体", "Party"), "(p.no = %(value)s OR p.name ILIKE %(like)s)"),
        Filter("balance", ("余额", "Balance"), "a.balance_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
        Filter(
            "empty",
            ("是否为零", "Zero or not"),
            "true",
            kind="choice",
            choices=[("no", ("不为零", "Not zero")), ("yes", ("为零", "Zero"))],
            conditions={"no": "a.balance_fen <> 0", "yes": "a.balance_fen = 0"},
        ),
    ),
)

ENTRIES = Listing(
    name="operator_ledger_entries",
    sql_from="ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id",
    scope_sql="e.account_id = %(account)s",
    whole_from="ledger_entry e",
    whole_joins={"t": "JOIN ledger_transfer t ON t.id = e.transfer_id"},
    whole_scope="e.account_id = %(account)s",
    id_sql="e.id",
    default_sort="-version",
    columns=(
        Column("version", ("序号", "No."), "e.version", kind="count", sort=True, filled=True),
        Column("posted_at", ("记账时间", "Posted"), "t.posted_at", kind="time"),
        Column("happened_at", ("发生时间", "Happened"), "t.happened_at", kind="time", shown=False),
        Column("kind", ("事件", "Event"), "t.kind", kind="tag", words=EVENTS),
        Column("key", ("记账编号", "Transfer"), "t.key"),
        Column("source", ("来源", "Source"), "t.source"),
        Column("amount", ("金额", "Amount"), "e.amount_fen", kind="money", total=True),
        Column("balance", ("之后余额", "Balance then"), "e.balance_fen", kind="money"),
    ),
    filters=(
        Filter("key", ("记账编号", "Transfer"), "t.key = %(value)s"),
        Filter("kind", ("事件", "Event"), "t.kind = %(value)s", kind="choice", choices=choices(EVENTS)),
        Filter("posted", ("记账日期", "Posted on"), "t.posted_at >= %(low)s AND t.posted_at < %(high)s", kind="days"),
        Filter("amount", ("金额", "Amount"), "e.amount_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
    tabs=Filter(
        "side",
        ("方向", "Side"),
        "true",
        kind="choice",
        choices=[("in", ("增加", "In")), ("out", ("减少", "Out"))],
        conditions={"in": "e.amount_fen > 0", "out": "e.amount_fen < 0"},
    ),
)
