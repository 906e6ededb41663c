"""Receipts of withdrawals, refunds, after-sales, transfers and settlement batches."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tuike.db import rows
from tuike.insight.explain import facts, words
from tuike.insight.explain.types import Line, Receipt, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named

SHOWN_PARTS = 50
_HAPPENED = Words("经过", "What happened")

_ATTEMPTS = {
    "send": Words("提交付款", "handed to the rail"),
    "ask": Words("查询结果（同一编号，不重复付款）", "asked for, under the same number"),
    "heard": Words("通道答复", "the rail said"),
}
_HEARD = {
    "paid": Words("已付款", "paid"),
    "returned": Words("未付成", "not paid"),
    "waiting_user": Words("等待收款人确认", "waits for the payee"),
    "unknown": Words("结果未知，继续查询", "unknown; it is asked for again"),
}


def withdrawal(no: str) -> Receipt | None:
    """Return the receipt of a withdrawal: the amount, its way in time, and the transfers that moved it."""
    found = rows.query(
        """
        SELECT w.id, w.party_id, w.payee_kind, w.rail, b.bank, b.tail, w.amount_fen, w.fee_fen, w.tax_fen, w.state,
            w.reason, w.asked_by, w.asked_at, w.approvals_needed, w.provider_no, w.ended_at, w.batch_file_no
        FROM settlement_withdrawal w JOIN parties_bank_account b ON b.id = w.bank_account_id WHERE w.no = %s
        """,
        [no],
    )
    if not found:
        return None
    id_, party_id, kind, rail, bank, tail, amount, fee, tax, state, reason, asked_by, asked_at, needed, *rest = found[0]
    provider_no, ended_at, file_no = rest
    names = facts.names([party_id])
    account = joined(named(words.RAILS, rail), f"{bank} …{tail}" if tail else bank, gap=" · ")
    money = (
        Line(Words("申请人", "Payee"), text=words.party(kind, party_id, names)),
        Line(Words("收款账户（申请时的快照）", "To (as it was when asked)"), text=account),
        Line(Words("申请金额", "Asked for"), amount_fen=amount),
        Line(Words("手续费", "Fee"), amount_fen=-fee),
        Line(Words("代扣税（不足一分归收款人）", "Tax withheld, rounded down"), amount_fen=-tax),
        Line(Words("实际到账", "What arrives"), amount_fen=amount - fee - tax, tone=Tone.SUM),
        Line(Words("状态", "State"), text=named(words.WITHDRAWALS, state), tone=_tone(state)),
        *([Line(Words("说明", "Reason"), text=same(reason))] if reason else []),
        *([Line(Words("通道单号", "The rail's number"), text=same(provider_no))] if provider_no else []),
        *([Line(Words("银行批次", "Bank batch"), text=same(file_no))] if file_no else []),
    )
    sections = [
        Section(Words("金额", "The money"), money),
        Section(
            _HAPPENED,
            (*_asked(id_, asked_at, asked_by, needed), *_sent(id_), *_by_hand(id_), *_ended(state, ended_at)),
        ),
        *transfers(f"withdrawal:{no}", f"payout:{no}", f"withdrawal_back:{no}", f"payout_return:{no}"),
    ]
    return Receipt(no, Words(f"提现 {no}", f"Withdrawal {no}"), tuple(sections))


def _asked(id_: int, asked_at: datetime, asked_by: int, needed: int) -> list[Line]:
    asked = Words(f"人员 #{asked_by} 申请，需 {needed} 人审批", f"asked by person #{asked_by}; {needed} must approve")
    lines = [Line(instant(asked_at), text=asked)]
    for person_id, at in rows.query(
        "SELECT person_id, at FROM settlement_approval WHERE withdrawal_id = %s ORDER BY id", [id_]
    ):
        lines.append(Line(instant(at), text=Words(f"人员 #{person_id} 审批通过", f"approved by person #{person_id}")))
    return lines


def _sent(id_: int) -> list[Line]:
    lines = []
    for kind, outcome, reason, at in rows.query(
        "SELECT kind, outcome, coalesce(facts->>'reason', ''), at FROM settlement_attempt"
        " WHERE withdrawal_id = %s ORDER BY id",
        [id_],
    ):
        said = named(_ATTEMPTS, kind)
        if outcome:
            said = joined(said, named(_HEARD, outcome), gap=": ")
        lines.append(Line(instant(at), text=joined(said, reason, gap=" · ") if reason else said))
    return lines


def _by_hand(id_: int) -> list[Line]:
    """Return what people filed by hand about it, and who decided."""
    lines = []
    for outcome, reference, reason, asked_by, asked_at, state, decided_by, decided_at in rows.query(
        "SELECT outcome, reference, reason, asked_by, asked_at, state, decided_by, decided_at"
        " FROM settlement_hand_booking WHERE withdrawal_id = %s ORDER BY id",
        [id_],
    ):
        filed = Words(f"人员 #{asked_by} 提交人工入账", f"filed by hand by person #{asked_by}")
        lines.append(Line(instant(asked_at), text=joined(filed, named(_HEARD, outcome), reference, reason, gap=" · ")))
        if decided_at:
            said = {
                "approved": Words(f"人员 #{decided_by} 复核通过", f"approved by person #{decided_by}"),
                "rejected": Words(f"人员 #{decided_by} 驳回", f"turned down by person #{decided_by}"),
            }
            lines.append(Line(instant(decided_at), text=named(said, state)))
    return lines


def _ended(state: str, at: datetime | None) -> list[Line]:
    return [Line(instant(at), text=named(words.WITHDRAWALS, state), tone=_tone(state))] if at else []


def _tone(state: str) -> Tone:
    if state == "paid":
        return Tone.GOOD
    return Tone.BAD if state in ("returned", "rejected", "cancelled") else Tone.PLAIN


def transfers(*keys: str) -> list[Section]:
    """Return a section for each transfer of these keys, in the order of posting."""
    found = rows.query(
        "SELECT id FROM ledger_transfer WHERE key = ANY(%s) ORDER BY posted_at, array_position(%s, key::text)",
        [list(keys), list(keys)],
    )
    return [_moves(id_)[0] for (id_,) in found]


def transfer(key: str) -> Receipt | None:
    """Return the receipt of a transfer: its moves, the balances after them, and whether it is as it was posted."""
    found = rows.query("SELECT id, kind, source, happened_at, posted_at FROM ledger_transfer WHERE key = %s", [key])
    if not found:
        return None
    id_, kind, source, happened_at, posted_at = found[0]
    moves, holds = _moves(id_)
    said = (
        Words("与记账时的摘要一致 ✓", "as it was posted ✓")
        if holds
        else Words("记账后被改动 ✗", "changed after posting ✗")
    )
    head = (
        Line(Words("事件", "Event"), text=named(words.KINDS, kind)),
        Line(Words("来源", "Source"), text=same(source)),
        Line(Words("发生", "Happened"), text=instant(happened_at)),
        Line(Words("记账", "Posted"), text=instant(posted_at)),
        Line(Words("核对", "Check"), text=said, tone=Tone.GOOD if holds else Tone.BAD),
    )
    title = Words(f"记账 {key}", f"Transfer {key}")
    return Receipt(key, title, (Section(Words("这笔记账", "The transfer"), head), moves), holds)


def _moves(transfer_id: int) -> tuple[Section, bool]:
    """Return a transfer's moves, and whether its digest recomputes and it sums to zero."""
    key, kind, source, happened_at, digest = rows.query(
        "SELECT key, kind, source, happened_at, digest FROM ledger_transfer WHERE id = %s", [transfer_id]
    )[0]
    entries = rows.query(
        "SELECT a.path, a.unit, e.amount_fen, e.balance_fen FROM ledger_entry e"
        " JOIN ledger_account a ON a.id = e.account_id WHERE e.transfer_id = %s ORDER BY e.no",
        [transfer_id],
    )
    names = facts.names(int(part) for path, *_ in entries for part in path.split(":")[1:2] if part.isdigit())
    lines = []
    for (giver, _, out_fen, _), (taker, _, fen, after) in zip(entries[::2], entries[1::2], strict=False):
        label = joined(words.account(giver, names), words.account(taker, names), gap=" → ")
        paths = Words(f"{giver} → {taker}，之后余额 {after} 分", f"{giver} → {taker}, balance then {after} fen")
        lines.append(Line(label, amount_fen=fen, formula=paths, tone=Tone.PLAIN if fen == -out_fen else Tone.BAD))
    at = happened_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told = ",".join(f"{path}={fen}" for path, _, fen, _ in entries)
    recomputed = hashlib.sha256(f"{key}|{kind}|{source}|{at}|{told}".encode()).digest()
    holds = recomputed == bytes(digest) and sum(fen for _, _, fen, _ in entries) == 0
    title = joined(named(words.KINDS, kind), key, gap=" · ")
    return Section(title, tuple(lines)), holds


def batch(no: str) -> Receipt | None:
    """Return the receipt of a settlement batch: what was due, who got what, and whether its digest recomputes."""
    found = rows.query(
        "SELECT id, due_until, sales, accruals, amount_fen, digest, at FROM settlement_batch WHERE no = %s", [no]
    )
    if not found:
        return None
    id_, due_until, sales, accruals, amount_fen, digest, at = found[0]
    parts = rows.query(
        "SELECT p.payee_kind, p.payee_id, p.merchant_id, p.items, p.amount_fen, t.key FROM settlement_part p"
        " LEFT JOIN ledger_transfer t ON t.id = p.transfer_id WHERE p.batch_id = %s",
        [id_],
    )
    told = sorted(part[:5] for part in parts)
    recomputed = hashlib.sha256("\n".join("|".join(map(str, one)) for one in told).encode()).digest()
    holds = recomputed == bytes(digest) and sum(part[4] for part in parts) == amount_fen
    said = (
        Words("与明细重算一致 ✓", "recomputed from its parts ✓")
        if holds
        else Words("与明细不符 ✗", "not what its parts give ✗")
    )
    head = (
        Line(Words("结算至（含）", "Due until"), text=instant(due_until)),
        Line(Words("执行", "Run at"), text=instant(at)),
        Line(Words("商品行", "Sales"), text=same(f"{sales:,}")),
        Line(Words("佣金", "Accruals"), text=same(f"{accruals:,}")),
        Line(Words("金额", "Amount"), amount_fen=amount_fen, tone=Tone.SUM),
        Line(Words("摘要", "Digest"), text=same(bytes(digest).hex()[:16])),
        Line(Words("核对", "Check"), text=said, tone=Tone.GOOD if holds else Tone.BAD),
    )
    sections = (Section(Words("批次", "The batch"), head), _parts(parts))
    return Receipt(no, Words(f"结算批次 {no}", f"Settlement batch {no}"), sections, holds)


def _parts(parts: Sequence[tuple]) -> Section:
    largest = sorted(parts, key=lambda part: (-part[4], part[:3]))[:SHOWN_PARTS]
    names: Mapping[int, str] = facts.names({one for part in largest for one in part[1:3]})
    lines = []
    for kind, payee_id, merchant_id, items, amount_fen, key in largest:
        shop = words.party("merchant", merchant_id, names)
        got = Words(f"来自{shop.zh}的 {items} 笔", f"{items} from {shop.en}")
        label = joined(words.party(kind, payee_id, names), got, gap=" · ")
        lines.append(Line(label, amount_fen=amount_fen, formula=same(key or "—")))
    if len(parts) > SHOWN_PARTS:
        more = len(parts) - SHOWN_PARTS
        lines.append(Line(Words(f"另有 {more} 项", f"and {more} more"), tone=Tone.ASIDE))
    return Section(Words("各得多少", "Who got what"), tuple(lines))
