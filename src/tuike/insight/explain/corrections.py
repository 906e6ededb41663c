"""Receipts of adjustments and of monthly statements."""

import re
from datetime import date

from tuike.db import rows
from tuike.insight.explain import facts, words
from tuike.insight.explain.money import transfers
from tuike.insight.explain.types import Line, Receipt, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named

_STATES = {
    "asked": Words("待另一位同事审批", "waits for another person's approval"),
    "approved": Words("已审批入账", "approved and booked"),
    "rejected": Words("未通过", "turned down"),
}
_STATEMENT = re.compile(r"([A-Z][0-9A-Z]{3,23})-(\d{4})-?(\d{2})")


def adjustment(no: str) -> Receipt | None:
    """Return the receipt of a correction: how much, why, who asked and who decided, the debt that it left."""
    found = rows.query(
        """
        SELECT a.payee_kind, a.payee_id, a.amount_fen, a.reason, a.state, a.author_id, a.approver_id, a.asked_at,
            a.decided_at, s.order_no, d.amount_fen, d.repaid_fen
        FROM commission_adjustment a LEFT JOIN commission_sale s ON s.id = a.sale_id
        LEFT JOIN commission_debt d ON d.cause = a.no AND d.payee_kind = a.payee_kind AND d.payee_id = a.payee_id
        WHERE a.no = %s
        """,
        [no],
    )
    if not found:
        return None
    kind, payee_id, fen, reason, state, author, approver, asked_at, decided_at, order_no, owed, repaid = found[0]
    booked = rows.query(
        "SELECT coalesce(sum(e.amount_fen), 0)::bigint FROM ledger_transfer t JOIN ledger_entry e"
        " ON e.transfer_id = t.id JOIN ledger_account a ON a.id = e.account_id"
        " WHERE t.key = %s AND a.path = 'platform:promotion'",
        [f"adjustment:{no}"],
    )[0][0]
    holds = -booked == (fen if state == "approved" else 0)
    money = (
        Line(Words("对象", "Of"), text=words.party(kind, payee_id, facts.names([payee_id]))),
        Line(Words("调整金额", "Correction"), amount_fen=fen, tone=Tone.SUM),
        *([Line(Words("涉及订单", "About order"), text=same(order_no))] if order_no else []),
        Line(Words("原因", "Reason"), text=same(reason)),
        Line(Words("状态", "State"), text=named(_STATES, state), tone=_tone(state)),
        *([Line(Words("余额不足，记为欠款", "Not there: a debt"), amount_fen=owed)] if owed else []),
        *([Line(Words("其中已还", "Of it repaid"), amount_fen=repaid)] if repaid else []),
        _check(holds, Words("与账目一致 ✓", "as it is booked ✓"), Words("与账目不符 ✗", "not as it is booked ✗")),
    )
    happened = [Line(instant(asked_at), text=Words(f"人员 #{author} 提出", f"asked for by person #{author}"))]
    if decided_at:
        who = approver or author
        said = Words(f"人员 #{who}", f"by person #{who}")
        happened.append(Line(instant(decided_at), text=joined(named(_STATES, state), said, gap=" · ")))
    sections = (
        Section(Words("调整", "The correction"), money),
        Section(Words("经过", "What happened"), tuple(happened)),
        *transfers(f"adjustment:{no}"),
    )
    return Receipt(no, Words(f"调整 {no}", f"Adjustment {no}"), sections, holds)


def statement(no: str) -> Receipt | None:
    """Return the receipt of a party's month, numbered by party and month: `P26030200000001-2026-03`.

    It is recomputed from the entries between the statement before it and its own end.
    """
    match = _STATEMENT.fullmatch(no)
    if not match or not 1 <= int(match[3]) <= 12:
        return None
    first = date(int(match[2]), int(match[3]), 1)
    found = rows.query(
        """
        SELECT s.owner, p.kind, p.id, s.opening_fen, s.in_fen, s.out_fen, s.closing_fen, s.entries,
            s.through_version, s.closed_at, s.digest = sha256(convert_to(concat_ws('|', s.owner,
                to_char(s.month, 'YYYY-MM-DD'), s.opening_fen, s.in_fen, s.out_fen, s.by_kind, s.entries,
                s.through_version), 'UTF8')),
            coalesce((SELECT b.through_version FROM settlement_statement b WHERE b.owner = s.owner
                AND b.month < s.month ORDER BY b.month DESC LIMIT 1), 0)
        FROM parties_party p JOIN settlement_statement s ON s.owner = p.kind || ':' || p.id
        WHERE p.no = %s AND s.month = %s
        """,
        [match[1], first],
    )
    if not found:
        return None
    owner, kind, party_id, opening, in_fen, out_fen, closing, entries, through, closed_at, same_digest, since = found[0]
    booked = _by_kind(f"{owner}:available", since, through)
    fen, counted = sum(one[1] for one in booked), sum(one[2] for one in booked)
    holds = same_digest and opening + fen == closing and counted == entries and in_fen - out_fen == fen
    lines = [
        Line(Words("主体", "Of"), text=words.party(kind, party_id, facts.names([party_id]))),
        Line(Words("期初可提现", "Available at the beginning"), amount_fen=opening),
        *(
            Line(joined(named(words.KINDS, one), Words(f"{n} 笔", f"{n} entries"), gap=" · "), amount_fen=x)
            for one, x, n in booked
        ),
        Line(Words("期末可提现", "Available at the end"), amount_fen=closing, tone=Tone.SUM),
        Line(Words("收入合计", "In"), amount_fen=in_fen, tone=Tone.ASIDE),
        Line(Words("支出合计", "Out"), amount_fen=-out_fen, tone=Tone.ASIDE),
        Line(Words("出账时间", "Closed at"), text=instant(closed_at)),
        _check(
            holds,
            Words("与分录重算一致 ✓", "recomputed from its entries ✓"),
            Words("与分录不符 ✗", "not what its entries give ✗"),
        ),
    ]
    title = Words(f"{first:%Y-%m} 月账单", f"Statement of {first:%Y-%m}")
    return Receipt(no, title, (Section(Words("这个月", "The month"), tuple(lines)),), holds)


def _by_kind(path: str, since: int, through: int) -> list[tuple[str, int, int]]:
    """Return (kind of transfer, sum in fen, entries) of an account between two versions."""
    return rows.query(
        "SELECT t.kind, sum(e.amount_fen)::bigint, count(*) FROM ledger_account a"
        " JOIN ledger_entry e ON e.account_id = a.id AND e.version > %s AND e.version <= %s"
        " JOIN ledger_transfer t ON t.id = e.transfer_id WHERE a.path = %s GROUP BY 1 ORDER BY 1",
        [since, through, path],
    )


def _check(holds: bool, good: Words, bad: Words) -> Line:
    return Line(Words("核对", "Check"), text=good if holds else bad, tone=Tone.GOOD if holds else Tone.BAD)


def _tone(state: str) -> Tone:
    return {"approved": Tone.GOOD, "rejected": Tone.BAD}.get(state, Tone.PLAIN)
