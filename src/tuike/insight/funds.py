"""What a party has and owes, where it came from, and what became of a withdrawal: for the party's own eyes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tuike.db import rows
from tuike.insight import payout_words
from tuike.insight.explain import words
from tuike.insight.explain.types import Words
from tuike.kit import days
from tuike.parties.types import PartyRef
from tuike.settlement.types import StatementShown

MONTHS = 12
"""Months of settled money that are shown by source."""


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed since a refund (or correction) came after the money had gone; `order_no` is empty for corrections.

    `cause` is the refund's or the correction's number.
    """

    cause: str
    order_no: str
    title: str
    amount_fen: int
    repaid_fen: int
    at: datetime

    @property
    def left_fen(self) -> int:
        """What is still owed of it."""
        return self.amount_fen - self.repaid_fen


@dataclass(frozen=True, slots=True)
class Coming:
    """What is pending, by when it settles: within 7 days, within 30, later; what waits for receipt or a review."""

    week_fen: int
    month_fen: int
    later_fen: int
    unreceived_fen: int
    halted_fen: int


@dataclass(frozen=True, slots=True)
class Month:
    """What settled in a month, by source."""

    first: date
    mini_store_fen: int
    mini_program_fen: int

    @property
    def sum_fen(self) -> int:
        """Of both sources."""
        return self.mini_store_fen + self.mini_program_fen


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a withdrawal; `note` is why it came to nothing."""

    at: datetime
    said: Words
    note: Words | None = None
    tone: str = "done"


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking on an account: what for, how much, what stood there after it."""

    at: datetime
    kind: str
    source: str
    amount_fen: int
    balance_fen: int


def balances(party: PartyRef) -> dict[str, int]:
    """Return the balances of a party's accounts in fen by purpose; what was never touched isn't in the answer."""
    found = rows.query(
        "SELECT split_part(path, ':', 3), balance_fen FROM ledger_account WHERE owner = %s AND unit = 'CNY'",
        [_owner(party)],
    )
    return dict(found)


def debts(party: PartyRef) -> list[Debt]:
    """Return what a party owes and since which refund, the oldest first: in this order it is repaid (§6)."""
    found = rows.query(
        """
        SELECT split_part(d.cause, ':', 1), coalesce(s.order_no, ''), coalesce(l.title, ''), d.amount_fen,
            d.repaid_fen, d.at
        FROM commission_debt d
        LEFT JOIN commission_accrual a ON d.payee_kind <> 'merchant' AND a.payee_kind = d.payee_kind
            AND a.payee_id = d.payee_id AND a.id = nullif(split_part(d.cause, ':', 2), '')::bigint
        LEFT JOIN commission_sale s ON s.id = coalesce(a.sale_id,
            CASE WHEN d.payee_kind = 'merchant' THEN nullif(split_part(d.cause, ':', 2), '')::bigint END)
        LEFT JOIN orders_line l ON l.id = s.id
        WHERE d.payee_kind = %s AND d.payee_id = %s AND d.repaid_fen < d.amount_fen ORDER BY d.id
        """,
        [party.kind.value, party.id],
    )
    return [Debt(*row) for row in found]


def coming(party: PartyRef, *, now: datetime) -> Coming:
    """Return a payee's pending commission by when it settles."""
    found = rows.query(
        """
        SELECT coalesce(sum(fen) FILTER (WHERE NOT halted AND due_at <= %(week)s), 0)::bigint,
            coalesce(sum(fen) FILTER (WHERE NOT halted AND due_at > %(week)s AND due_at <= %(month)s), 0)::bigint,
            coalesce(sum(fen) FILTER (WHERE NOT halted AND due_at > %(month)s), 0)::bigint,
            coalesce(sum(fen) FILTER (WHERE NOT halted AND due_at IS NULL), 0)::bigint,
            coalesce(sum(fen) FILTER (WHERE halted), 0)::bigint
        FROM (
            SELECT a.amount_fen AS fen, s.due_at,
                s.waiting OR s.open_after_sales > 0 OR a.review NOT IN ('clear', 'approved') AS halted
            FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
            WHERE a.payee_kind = %(kind)s AND a.payee_id = %(id)s AND a.state IN ('pending', 'waiting')
        ) AS pending
        """,
        {
            "kind": party.kind.value,
            "id": party.id,
            "week": now + timedelta(days=7),
            "month": now + timedelta(days=30),
        },
    )
    return Coming(*found[0])


def settled_by_source(party: PartyRef, *, now: datetime) -> list[Month]:
    """Return what settled for a payee in each of the last twelve months, the latest first; empty months left out.

    What the operator awards comes from no shop: it is the mall's (docs/rules.md §8).
    """
    since = days.month_of(now)
    for _ in range(MONTHS - 1):
        since = (since - timedelta(days=1)).replace(day=1)
    found = rows.query(
        """
        SELECT date_trunc('month', b.at AT TIME ZONE 'Asia/Shanghai')::date,
            coalesce(sum(p.amount_fen) FILTER (WHERE m.source IS DISTINCT FROM 'mini_program'), 0)::bigint,
            coalesce(sum(p.amount_fen) FILTER (WHERE m.source = 'mini_program'), 0)::bigint
        FROM settlement_part p JOIN settlement_batch b ON b.id = p.batch_id
            LEFT JOIN parties_merchant m ON m.party_id = p.merchant_id
        WHERE p.payee_kind = %s AND p.payee_id = %s AND b.at >= %s GROUP BY 1 ORDER BY 1 DESC
        """,
        [party.kind.value, party.id, days.start_of(since)],
    )
    return [Month(*row) for row in found]


def steps_of(no: str, *, party_id: int) -> list[Step]:
    """Return what happened to a party's own withdrawal, in order; nobody of the operator's is named."""
    found = rows.query(
        "SELECT id, asked_at, approvals_needed, decided_at, state, reason, ended_at FROM settlement_withdrawal"
        " WHERE no = %s AND party_id = %s",
        [no, party_id],
    )
    if not found:
        return []
    id_, asked_at, needed, decided_at, state, reason, ended_at = found[0]
    steps = [Step(asked_at, Words("提交申请，金额已冻结", "Asked for; the amount is set aside"))]
    approvals = rows.query("SELECT at FROM settlement_approval WHERE withdrawal_id = %s ORDER BY id", [id_])
    for number, (at,) in enumerate(approvals, 1):
        steps.append(
            Step(at, Words(f"平台财务审批通过（{number}/{needed}）", f"Approved by finance ({number} of {needed})"))
        )
    if not needed and decided_at:
        steps.append(Step(decided_at, Words("小额自动通过", "A small amount, approved by itself")))
    steps += _sent(id_)
    why = payout_words.why(state=state, reason=reason)
    if ended_at and state in ("paid", "returned", "rejected", "cancelled"):
        steps.append(Step(ended_at, words.WITHDRAWALS[state], why, "done" if state == "paid" else "bad"))
    return steps


def _sent(withdrawal_id: int) -> list[Step]:
    """Return when it was sent, and when the payee was asked to confirm; asking again and again is left out."""
    found = rows.query(
        "SELECT min(at) FILTER (WHERE kind = 'send'), min(at) FILTER (WHERE outcome = 'waiting_user')"
        " FROM settlement_attempt WHERE withdrawal_id = %s",
        [withdrawal_id],
    )
    sent, waiting = found[0]
    steps = [Step(sent, Words("已提交付款", "Handed to the bank or WeChat"))] if sent else []
    if waiting:
        steps.append(
            Step(waiting, Words("等待您在微信中确认收款", "Waits for your confirmation in WeChat"), tone="now")
        )
    return steps


def bookings_of(party: PartyRef, statement: StatementShown) -> list[Booked]:
    """Return the bookings that a statement was closed from, in order (docs/rules.md §8)."""
    found = rows.query(
        """
        WITH said AS (
            SELECT through_version, coalesce((SELECT through_version FROM settlement_statement b
                WHERE b.owner = s.owner AND b.month < s.month ORDER BY b.month DESC LIMIT 1), 0) AS after
            FROM settlement_statement s WHERE s.owner = %(owner)s AND s.month = %(month)s
        )
        SELECT t.posted_at, t.kind, t.source, e.amount_fen, e.balance_fen
        FROM said, ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE e.account_id = (SELECT id FROM ledger_account WHERE path = %(owner)s || ':available')
            AND e.version > said.after AND e.version <= said.through_version ORDER BY e.version
        """,
        {"owner": _owner(party), "month": statement.month},
    )
    return [Booked(*row) for row in found]


def _owner(party: PartyRef) -> str:
    return f"{party.kind.value}:{party.id}"
