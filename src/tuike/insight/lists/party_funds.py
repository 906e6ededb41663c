"""The bookings on a party's accounts, and its withdrawals."""

from collections.abc import Mapping
from typing import Any

from tuike.insight.explain import words
from tuike.insight.lists.types import Choices, Column, Filter, Listing

PURPOSES = {
    "available": ("可提现", "Available", "green"),
    "pending": ("待结算", "Pending", "blue"),
    "held": ("待结算货款", "Held", "blue"),
    "leaving": ("提现中", "On its way out", "amber"),
    "prepaid": ("预存款", "Prepaid", "blue"),
    "owed": ("欠款", "Debt", "red"),
    "deposit": ("保证金", "Deposit", "grey"),
}
_OF = {
    "promoter": ("available", "pending", "leaving", "owed", "deposit"),
    "leader": ("available", "pending", "leaving", "owed"),
    "merchant": ("available", "held", "leaving", "prepaid", "owed"),
}
KINDS = {kind: (said.zh, said.en) for kind, said in words.KINDS.items()}
STATES = {
    "requested": ("待审批", "To be approved", "amber"),
    "approved": ("待付款", "To be paid", "blue"),
    "sending": ("付款中", "Being paid", "blue"),
    "waiting_user": ("待您确认收款", "Confirm in WeChat", "amber"),
    "paid": ("已到账", "Paid", "green"),
    "returned": ("未到账，已退回", "Came back", "red"),
    "rejected": ("已驳回", "Rejected", "red"),
    "cancelled": ("已撤销", "Taken back", "grey"),
}
SOURCES = {"mini_store": ("商城", "Mall"), "mini_program": ("外部小程序", "External shops")}
RAILS = {rail: (said.zh, said.en) for rail, said in words.RAILS.items()}


def _tabs(scope: Mapping[str, Any]) -> Choices:
    return [(purpose, PURPOSES[purpose][:2]) for purpose in _OF[scope["owner"].partition(":")[0]]]


LEDGER = Listing(
    name="party_ledger",
    sql_from="""ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        JOIN ledger_transfer t ON t.id = e.transfer_id""",
    scope_sql="e.account_id IN (SELECT id FROM ledger_account WHERE owner = %(owner)s AND unit = 'CNY')",
    id_sql="e.id",
    default_sort="-posted_at",
    columns=(
        Column("posted_at", ("记账时间", "Booked"), "t.posted_at", kind="time", sort=True, filled=True),
        Column("account", ("账户", "Account"), "split_part(a.path, ':', 3)", kind="tag", words=PURPOSES),
        Column("kind", ("事项", "What for"), "t.kind", kind="tag", words=KINDS),
        Column(
            "source",
            ("凭据", "Reference"),
            "split_part(t.source, ':', 2)",
            also={"copy": "split_part(t.source, ':', 2)"},
        ),
        Column("amount", ("变动", "Change"), "e.amount_fen", kind="money", sort=True, filled=True, total=True),
        Column("balance", ("变动后余额", "Balance after"), "e.balance_fen", kind="money"),
        Column("key", ("记账编号", "Booking key"), "t.key", shown=False),
    ),
    tabs=Filter("account", ("账户", "Account"), "a.path = %(owner)s || ':' || %(value)s", kind="choice", choices=_tabs),
    filters=(
        Filter("posted_at", ("记账时间", "Booked"), "t.posted_at >= %(low)s AND t.posted_at < %(high)s", kind="days"),
        Filter("kind", ("事项", "What for"), "t.kind = %(value)s", kind="choice", choices=list(KINDS.items())),
        Filter("source", ("凭据编号", "Reference"), "split_part(t.source, ':', 2) = %(value)s"),
        Filter("amount", ("变动金额", "Change"), "e.amount_fen >= %(low)s AND e.amount_fen <= %(high)s", kind="fen"),
    ),
)
"""Scope: `owner` (`promoter:9`)."""

WITHDRAWALS = Listing(
    name="party_withdrawals",
    sql_from="settlement_withdrawal w JOIN parties_bank_account b ON b.id = w.bank_account_id",
    scope_sql="w.party_id = %(party)s",
    id_sql="w.id",
    default_sort="-asked_at",
    columns=(
        Column("no", ("提现单号", "Withdrawal"), "w.no", also={"copy": "w.no"}),
        Column("asked_at", ("申请时间", "Asked"), "w.asked_at", kind="time", sort=True, filled=True),
        Column("source", ("资金来源", "Earned from"), "w.source", kind="tag", words=SOURCES),
        Column("amount", ("提现金额", "Amount"), "w.amount_fen", kind="money", sort=True, filled=True, total=True),
        Column("fee", ("手续费", "Fee"), "w.fee_fen", kind="money", total=True),
        Column("tax", ("代扣税", "Tax"), "w.tax_fen", kind="money", total=True),
        Column("net", ("到账金额", "Arrives"), "w.amount_fen - w.fee_fen - w.tax_fen", kind="money", total=True),
        Column("rail", ("方式", "Way"), "w.rail", kind="tag", words=RAILS),
        Column("account", ("收款账户", "Account"), "concat_ws(' ', nullif(b.bank, ''), '*' || b.tail)"),
        Column("state", ("状态", "State"), "w.state", kind="tag", words=STATES),
        Column("ended_at", ("完成时间", "Ended"), "w.ended_at", kind="time"),
    ),
    tabs=Filter(
        "state",
        ("状态", "State"),
        "w.state = %(value)s",
        kind="choice",
        choices=(("open", ("处理中", "Under way")), ("paid", ("已到账", "Paid")), ("ended", ("未到账", "Not paid"))),
        conditions={
            "open": "w.state IN ('requested', 'approved', 'sending', 'waiting_user')",
            "ended": "w.state IN ('returned', 'rejected', 'cancelled')",
        },
    ),
    filters=(
        Filter("no", ("提现单号", "Number"), "w.no = upper(%(value)s)"),
        Filter("asked_at", ("申请时间", "Asked"), "w.asked_at >= %(low)s AND w.asked_at < %(high)s", kind="days"),
        Filter(
            "source", ("资金来源", "Earned from"), "w.source = %(value)s", kind="choice", choices=list(SOURCES.items())
        ),
        Filter("amount", ("提现金额", "Amount"), "w.amount_fen >= %(low)s AND w.amount_fen <= %(high)s", kind="fen"),
    ),
)
"""Scope: `party` (its id)."""
