"""What waits for the operator's people, and what they have decided: applications, money, accruals, cases."""

from tuike.insight.lists.appeals import TIMERS, shown_time, timed, timer
from tuike.insight.lists.types import Column, Filter, Listing
from tuike.scoring.types import WORDS

PARTY_KINDS = {
    "merchant": ("商家", "Shop", "blue"),
    "promoter": ("推客", "Promoter", "green"),
    "leader": ("团长", "Leader", "amber"),
    "operator": ("平台", "Operator", "grey"),
    "platform": ("平台", "Platform", "grey"),
}
SUBJECTS = {"individual": ("个人", "Individual"), "enterprise": ("企业", "Enterprise")}
CERTIFICATIONS = {
    "filed": ("待审核", "To review", "amber"),
    "approved": ("已通过", "Passed", "green"),
    "rejected": ("已驳回", "Rejected", "red"),
}
WITHDRAWALS = {
    "requested": ("待审批", "To approve", "amber"),
    "approved": ("待付款", "To pay", "blue"),
    "sending": ("付款中", "Being paid", "blue"),
    "waiting_user": ("待收款人确认", "Payee confirms", "amber"),
    "paid": ("已付款", "Paid", "green"),
    "returned": ("已退回", "Returned", "red"),
    "rejected": ("已驳回", "Rejected", "grey"),
    "cancelled": ("已撤销", "Taken back", "grey"),
}
RAILS = {"bank": ("银行", "Bank"), "wechat": ("微信零钱", "WeChat"), "sandbox": ("沙箱银行", "Sandbox")}
SOURCES = {"mini_store": ("商城", "Mall"), "mini_program": ("外部小程序", "Mini-programs")}
BY_HAND = {
    "asked": ("待复核", "To approve", "amber"),
    "approved": ("已入账", "Booked", "green"),
    "rejected": ("已驳回", "Turned down", "grey"),
}
OUTCOMES = {"paid": ("已到账", "Arrived", "green"), "returned": ("已退回", "Came back", "red")}
REVIEWS = {
    "held": ("审核中", "Held", "amber"),
    "approved": ("已放行", "Released", "green"),
    "rejected": ("已驳回", "Rejected", "red"),
}
ACCRUALS = {
    "waiting": ("等待预存款", "Waiting", "grey"),
    "pending": ("待结算", "Pending", "blue"),
    "settled": ("已结算", "Settled", "green"),
    "cancelled": ("已取消", "Cancelled", "grey"),
}
ROLES = {
    "direct": ("直推", "Direct"),
    "self": ("自购", "Self-purchase"),
    "bonus": ("奖金", "Bonus"),
    "tier2": ("二级", "Tier 2"),
    "tier3": ("三级", "Tier 3"),
    "leader": ("团长服务费", "Leader's fee"),
    "platform": ("平台分成", "Platform"),
}
CASES = {
    "amount_mismatch": ("付款金额不符", "Another amount paid", "red"),
    "late_payment": ("关单后到账", "Paid after closing", "amber"),
    "unknown_payment": ("不明付款通知", "Unknown payment", "amber"),
    "unknown_payout": ("付款结果不明", "Payout unknown", "red"),
    "payout_conflict": ("付款结果矛盾", "Payout contradicts", "red"),
    "stuck_notice": ("通知无法处理", "Notice stuck", "amber"),
    "refund_failed": ("退款失败", "Refund failed", "red"),
    "clicks_without_orders": ("点击激增但无成交", "Clicks without orders", "amber"),
    "conversion_off": ("转化率异常偏高", "Conversion far off", "amber"),
    "refund_rate": ("退款率异常", "Refunds far off", "red"),
    "sudden_drop": ("点击骤降", "Clicks dropped", "grey"),
    "order_score": ("订单风险分高", "High risk score", "red"),
    "rate_cut": ("放量前下调佣金", "Rate cut before a surge", "amber"),
    "deposit_to_return": ("保证金待人工退还", "Deposit to return by hand", "amber"),
    "open_data": ("开放数据未写成", "Open data not written", "amber"),
    "leader_count": ("基础单量靠退款订单达成", "Base reached by refunded orders", "amber"),
}
ADJUSTMENTS = {
    "asked": ("待审批", "To approve", "amber"),
    "approved": ("已入账", "Booked", "green"),
    "rejected": ("未通过", "Turned down", "grey"),
}


def choices(words: dict) -> list:
    """Return a table of words as the choices of a filter."""
    return [(key, said[:2]) for key, said in words.items()]


def _party(prefix: str = "p") -> Filter:
    return Filter(
        "party",
        ("主体", "Party"),
        f"({prefix}.no = %(value)s OR {prefix}.name ILIKE %(like)s)",
        hint=("编号或名称", "number or name"),
    )


def _open_until(column: str, end: str, *, waits: tuple[str, str], done: tuple[str, str]) -> Filter:
    """Return the tabs of what is open until `column` holds an instant; `end` is what it is called from then on."""
    return Filter(
        "state",
        ("状态", "State"),
        "true",
        kind="choice",
        choices=[("open", waits), (end, done)],
        conditions={"open": f"{column} IS NULL", end: f"{column} IS NOT NULL"},
    )


CERTIFIED = Listing(
    name="operator_certifications",
    sql_from="parties_certification c JOIN parties_party p ON p.id = c.party_id"
    " LEFT JOIN people_person d ON d.id = c.decided_by",
    scope_sql="true",
    id_sql="c.id",
    default_sort="-filed_at",
    columns=(
        Column("no", ("申请编号", "Application"), "c.no"),
        Column("party", ("主体", "Party"), "p.name", also={"under": "p.no"}),
        Column("party_kind", ("主体类型", "Kind"), "p.kind", kind="tag", words=PARTY_KINDS),
        Column("kind", ("认证类型", "Proof"), "c.kind", kind="tag", words=SUBJECTS),
        Column("filed_at", ("提交时间", "Filed"), "c.filed_at", kind="time", sort=True, filled=True),
        Column("state", ("状态", "State"), "c.state", kind="tag", words=CERTIFICATIONS),
        Column("decided_at", ("处理时间", "Decided"), "c.decided_at", kind="time", also={"under": "d.nickname"}),
        Column("reason", ("原因", "Reason"), "c.reason"),
    ),
    filters=(
        _party(),
        Filter(
            "party_kind",
            ("主体类型", "Kind"),
            "p.kind = %(value)s",
            kind="choice",
            choices=choices({key: PARTY_KINDS[key] for key in ("promoter", "merchant", "leader")}),
        ),
        Filter("kind", ("认证类型", "Proof"), "c.kind = %(value)s", kind="choice", choices=choices(SUBJECTS)),
        Filter("filed", ("提交日期", "Filed on"), "c.filed_at >= %(low)s AND c.filed_at < %(high)s", kind="days"),
    ),
    tabs=Filter("state", ("状态", "State"), "c.state = %(value)s", kind="choice", choices=choices(CERTIFICATIONS)),
)

ACCOUNTS = Listing(
    name="operator_accounts",
    sql_from="parties_bank_account a JOIN parties_party p ON p.id = a.party_id",
    scope_sql="a.replaced_at IS NULL",
    id_sql="a.id",
    default_sort="-created_at",
    columns=(
        Column("party", ("主体", "Party"), "p.name", also={"under": "p.no"}),
        Column("party_kind", ("主体类型", "Kind"), "p.kind", kind="tag", words=PARTY_KINDS),
        Column("rail", ("收款方式", "Way"), "a.rail", kind="tag", words=RAILS),
        Column("bank", ("收款账户", "Account"), "concat_ws(' ', nullif(a.bank, ''), '…' || a.tail)"),
        Column("created_at", ("绑定时间", "Bound"), "a.created_at", kind="time", sort=True, filled=True),
        Column("usable_from", ("可用时间", "Usable from"), "a.usable_from", kind="time"),
        Column("verified_at", ("验证时间", "Verified"), "a.verified_at", kind="time"),
    ),
    filters=(
        _party(),
        Filter("rail", ("收款方式", "Way"), "a.rail = %(value)s", kind="choice", choices=choices(RAILS)),
    ),
    tabs=_open_until("a.verified_at", "verified", waits=("待验证", "To verify"), done=("已验证", "Verified")),
)

PAYOUTS = Listing(
    name="operator_withdrawals",
    sql_from="settlement_withdrawal w JOIN parties_party p ON p.id = w.party_id"
    " JOIN parties_bank_account b ON b.id = w.bank_account_id",
    scope_sql="true",
    id_sql="w.id",
    default_sort="-asked_at",
    columns=(
        Column("no", ("提现单号", "Withdrawal"), "w.no"),
        Column("party", ("主体", "Party"), "p.name", also={"under": "p.no"}),
        Column("party_kind", ("主体类型", "Kind"), "p.kind", kind="tag", words=PARTY_KINDS),
        Column("amount", ("申请金额", "Asked for"), "w.amount_fen", kind="money", sort=True, filled=True, total=True),
        Column("net", ("到账金额", "Arrives"), "w.amount_fen - w.fee_fen - w.tax_fen", kind="money", total=True),
        Column("source", ("来源", "Source"), "w.source", kind="tag", words=SOURCES),
        Column("rail", ("收款账户", "To"), "w.rail", kind="tag", words=RAILS, also={"under": "'…' || b.tail"}),
        Column("asked_at", ("申请时间", "Asked"), "w.asked_at", kind="time", sort=True, filled=True),
        Column(
            "approvals",
            ("审批", "Approvals"),
            "(SELECT count(*) FROM settlement_approval g WHERE g.withdrawal_id = w.id) || ' / ' || w.approvals_needed",
        ),
        Column("state", ("状态", "State"), "w.state", kind="tag", words=WITHDRAWALS),
        Column("ended_at", ("结束时间", "Ended"), "w.ended_at", kind="time", shown=False),
        Column("batch", ("银行批次", "Bank batch"), "w.batch_file_no", shown=False),
        Column("provider_no", ("通道单号", "Rail's number"), "w.provider_no", shown=False),
        Column("reason", ("说明", "Reason"), "w.reason", shown=False),
    ),
    filters=(
        Filter(
            "q", ("单号", "Number"), "(w.no = %(value)s OR w.provider_no = %(value)s OR w.batch_file_no = %(value)s)"
        ),
        _party(),
        Filter("rail", ("收款方式", "Way"), "w.rail = %(value)s", kind="choice", choices=choices(RAILS)),
        Filter("amount", ("申请金额", "Amount"), "w.amount_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
        Filter("asked", ("申请日期", "Asked on"), "w.asked_at >= %(low)s AND w.asked_at < %(high)s", kind="days"),
    ),
    tabs=Filter("state", ("状态", "State"), "w.state = %(value)s", kind="choice", choices=choices(WITHDRAWALS)),
)

HAND_BOOKINGS = Listing(
    name="operator_hand_bookings",
    sql_from="settlement_hand_booking h JOIN settlement_withdrawal w ON w.id = h.withdrawal_id"
    " JOIN parties_party p ON p.id = w.party_id LEFT JOIN people_person a ON a.id = h.asked_by"
    " LEFT JOIN people_person d ON d.id = h.decided_by",
    scope_sql="true",
    id_sql="h.id",
    default_sort="-asked_at",
    columns=(
        Column("no", ("提现单号", "Withdrawal"), "w.no"),
        Column("party", ("主体", "Party"), "p.name", also={"under": "p.no"}),
        Column("net", ("金额", "Amount"), "w.amount_fen - w.fee_fen - w.tax_fen", kind="money", total=True),
        Column("outcome", ("结果", "Outcome"), "h.outcome", kind="tag", words=OUTCOMES),
        Column("happened_at", ("发生时间", "Happened"), "h.happened_at", kind="time"),
        Column("reference", ("银行流水号", "Bank's number"), "h.reference", also={"under": "h.reason"}),
        Column(
            "asked_at",
            ("提交", "Filed"),
            "h.asked_at",
            kind="time",
            sort=True,
            filled=True,
            also={"under": "a.nickname"},
        ),
        Column("state", ("状态", "State"), "h.state", kind="tag", words=BY_HAND, also={"under": "d.nickname"}),
    ),
    filters=(Filter("q", ("单号", "Number"), "(w.no = %(value)s OR h.reference = %(value)s)"), _party()),
    tabs=Filter("state", ("状态", "State"), "h.state = %(value)s", kind="choice", choices=choices(BY_HAND)),
)

SIGNALS = {signal.value: words.name for signal, words in WORDS.items()}
_DECIDE_BY = "(a.held_at + make_interval(hours => %(hours)s))"

HELD = Listing(
    name="operator_held",
    sql_from="commission_accrual a JOIN commission_sale s ON s.id = a.sale_id"
    " LEFT JOIN parties_party p ON p.id = a.payee_id LEFT JOIN parties_party m ON m.id = a.merchant_id"
    " LEFT JOIN review_hit h ON h.object_id = a.id AND h.subject = 'commission'"
    " LEFT JOIN review_version v ON v.id = h.version_id LEFT JOIN scoring_score r ON r.order_no = s.order_no",
    scope_sql="a.review <> 'clear'",
    id_sql="a.id",
    default_sort="-id",
    columns=(
        Column("id", ("佣金编号", "Accrual"), "a.id", kind="count", sort=True, filled=True, shown=False),
        Column("no", ("佣金编号", "Accrual"), "'A' || a.id", also={"under": "s.order_no"}),
        Column("payee", ("收款人", "Payee"), "p.name", also={"under": "p.no"}),
        Column("role", ("角色", "Role"), "a.role", kind="tag", words=ROLES),
        Column("merchant", ("商家", "Shop"), "m.name", shown=False),
        Column("amount", ("佣金", "Commission"), "a.amount_fen", kind="money", total=True, sort=True, filled=True),
        Column("accrued_at", ("记账时间", "Booked"), "a.accrued_at", kind="time", sort=True, filled=True, shown=False),
        Column("held_at", ("冻结时间", "Held since"), "a.held_at", kind="time", sort=True, filled=True),
        Column(
            "timer",
            ("时限", "Time left"),
            timer(_DECIDE_BY, "a.review = 'held'"),
            kind="tag",
            words=TIMERS,
            also={"under": f"CASE WHEN a.review = 'held' THEN {shown_time(_DECIDE_BY)} END"},
        ),
        Column("due_at", ("应结算", "Due"), "s.due_at", kind="time"),
        Column(
            "reason",
            ("原因", "Reason"),
            "coalesce((SELECT t.facts->>'reason' FROM audit_act t WHERE t.object = 'accrual:' || a.id"
            " AND t.action LIKE 'accrual.%%' ORDER BY t.id DESC LIMIT 1), v.name)",
        ),
        Column("score", ("风险分", "Risk score"), "r.thousandths", kind="count"),
        Column("signal", ("主要依据", "Mostly for"), "r.findings->0->>'signal'", kind="tag", words=SIGNALS),
        Column(
            "reject_at", ("到期驳回", "Rejected at"), "CASE WHEN a.review = 'held' THEN h.reject_at END", kind="time"
        ),
        Column("state", ("佣金状态", "State"), "a.state", kind="tag", words=ACCRUALS),
        Column("review", ("审核", "Review"), "a.review", kind="tag", words=REVIEWS),
    ),
    filters=(
        Filter("order", ("订单号", "Order"), "s.order_no = %(value)s"),
        _party(),
        timed(_DECIDE_BY, "a.review = 'held'"),
        Filter("rule", ("审核规则", "Review rule"), "v.name ILIKE '%%' || %(value)s || '%%'"),
        Filter("amount", ("佣金", "Commission"), "a.amount_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
    tabs=Filter("review", ("审核", "Review"), "a.review = %(value)s", kind="choice", choices=choices(REVIEWS)),
)

OPEN_CASES = Listing(
    name="operator_cases",
    sql_from="risk_case c LEFT JOIN people_person d ON d.id = c.closed_by",
    scope_sql="true",
    id_sql="c.id",
    default_sort="-opened_at",
    columns=(
        Column("no", ("事项编号", "Case"), "c.no"),
        Column("kind", ("类型", "Kind"), "c.kind", kind="tag", words=CASES),
        Column("object", ("对象", "About"), "c.object"),
        Column("amount", ("金额", "Amount"), "c.amount_fen", kind="money", total=True),
        Column("opened_at", ("发生时间", "Opened"), "c.opened_at", kind="time", sort=True, filled=True),
        Column("closed_at", ("处理时间", "Closed"), "c.closed_at", kind="time", also={"under": "d.nickname"}),
        Column("note", ("处理说明", "Note"), "c.note"),
    ),
    filters=(
        Filter("q", ("编号", "Number"), "(c.no = %(value)s OR c.object = %(value)s)"),
        Filter("kind", ("类型", "Kind"), "c.kind = %(value)s", kind="choice", choices=choices(CASES)),
        Filter("opened", ("发生日期", "Opened on"), "c.opened_at >= %(low)s AND c.opened_at < %(high)s", kind="days"),
    ),
    tabs=_open_until("c.closed_at", "closed", waits=("待处理", "Open"), done=("已处理", "Closed")),
)

CORRECTIONS = Listing(
    name="operator_adjustments",
    sql_from="commission_adjustment a LEFT JOIN parties_party p ON p.id = a.payee_id"
    " LEFT JOIN commission_sale s ON s.id = a.sale_id LEFT JOIN people_person u ON u.id = a.author_id"
    " LEFT JOIN people_person d ON d.id = a.approver_id",
    scope_sql="true",
    id_sql="a.id",
    default_sort="-asked_at",
    columns=(
        Column("no", ("调整编号", "Adjustment"), "a.no"),
        Column("party", ("主体", "Party"), "p.name", also={"under": "p.no"}),
        Column("amount", ("金额", "Amount"), "a.amount_fen", kind="money", total=True),
        Column("order", ("订单", "Order"), "s.order_no"),
        Column("reason", ("原因", "Reason"), "a.reason"),
        Column(
            "asked_at",
            ("提出", "Filed"),
            "a.asked_at",
            kind="time",
            sort=True,
            filled=True,
            also={"under": "u.nickname"},
        ),
        Column("state", ("状态", "State"), "a.state", kind="tag", words=ADJUSTMENTS, also={"under": "d.nickname"}),
    ),
    filters=(
        Filter("q", ("编号", "Number"), "(a.no = %(value)s OR s.order_no = %(value)s)"),
        _party(),
        Filter("asked", ("提出日期", "Filed on"), "a.asked_at >= %(low)s AND a.asked_at < %(high)s", kind="days"),
    ),
    tabs=Filter("state", ("状态", "State"), "a.state = %(value)s", kind="choice", choices=choices(ADJUSTMENTS)),
)
