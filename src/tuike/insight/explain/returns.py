"""Receipts of after-sales and of refunds at the provider: what came back, from whom, and what commission followed."""

from datetime import datetime

from tuike.db import rows
from tuike.insight.explain import bought, facts, money, words
from tuike.insight.explain.types import Line, Receipt, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named


def after_sale(no: str) -> Receipt | None:
    """Return the receipt of an after-sale, None where there is none."""
    found = rows.query(
        """
        SELECT a.id, o.no, o.merchant_id, a.kind, a.state, a.reason, a.answer, a.freight_fen, a.opened_at, a.decided_at,
            a.ended_at
        FROM orders_after_sale a JOIN orders_order o ON o.id = a.order_id WHERE a.no = %s
        """,
        [no],
    )
    if not found:
        return None
    id_, order_no, merchant_id, kind, state, reason, answer, freight, opened_at, *decided = found[0]
    refund_no = _refund_of(no)
    shop = words.party("merchant", merchant_id, facts.names([merchant_id]))
    left = Words("发货前", "before shipping") if kind == "unshipped" else Words("发货后", "after shipping")
    head = [
        Line(Words("订单", "Order"), text=joined(order_no, shop, gap=" · ")),
        Line(Words("状态", "State"), text=joined(named(words.AFTER_SALES, state), left, gap=" · ")),
        *([Line(Words("买家的理由", "The buyer's reason"), text=same(reason))] if reason else []),
        *([Line(Words("商家的答复", "The shop's answer"), text=same(answer))] if answer else []),
        *_instants(opened_at, *decided),
        *_lines(id_),
        *([Line(Words("运费", "Freight"), amount_fen=freight)] if freight else []),
    ]
    sections = [Section(Words("售后", "The after-sale"), tuple(head))]
    if refund_no:
        sections.append(_at_provider(refund_no))
    sections += _followed(refund_no or no)
    return Receipt(no, Words(f"售后 {no}", f"After-sale {no}"), tuple(sections))


def refund(no: str) -> Receipt | None:
    """Return the receipt of a refund at the provider, None where there is none."""
    if not rows.query("SELECT 1 FROM payments_refund WHERE no = %s", [no]):
        return None
    sections = [_at_provider(no), *_followed(no)]
    return Receipt(no, Words(f"退款 {no}", f"Refund {no}"), tuple(sections))


def _refund_of(after_sale_no: str) -> str:
    found = rows.query("SELECT no FROM payments_refund WHERE purpose = %s", [f"after_sale:{after_sale_no}"])
    return found[0][0] if found else ""


def _instants(opened_at: datetime, decided_at: datetime | None, ended_at: datetime | None) -> list[Line]:
    said = (
        (Words("申请", "Asked"), opened_at),
        (Words("处理", "Decided"), decided_at),
        (Words("完成", "Ended"), ended_at),
    )
    return [Line(label, text=instant(at)) for label, at in said if at is not None]


def _lines(after_sale_id: int) -> list[Line]:
    found = rows.query(
        "SELECT l.title, t.quantity, t.amount_fen FROM orders_after_sale_line t JOIN orders_line l ON l.id = t.line_id"
        " WHERE t.after_sale_id = %s ORDER BY l.no",
        [after_sale_id],
    )
    return [Line(same(f"{title} × {quantity}"), amount_fen=fen) for title, quantity, fen in found]


def _at_provider(no: str) -> Section:
    amount, state, problem, provider_no, attempts, created_at, ended_at, intent_no, paid_fen, purpose = rows.query(
        """
        SELECT r.amount_fen, r.state, r.problem, r.provider_no, r.attempts, r.created_at, r.ended_at, i.no, i.paid_fen,
            r.purpose
        FROM payments_refund r JOIN payments_intent i ON i.id = r.intent_id WHERE r.no = %s
        """,
        [no],
    )[0]
    lines = [
        Line(Words("退款单号（每次重试相同）", "Number, the same for every attempt"), text=same(no)),
        Line(Words("原付款", "Out of the payment"), amount_fen=paid_fen, formula=same(intent_no)),
        Line(Words("退给买家", "Back to the buyer"), amount_fen=amount, tone=Tone.SUM),
        Line(
            Words("状态", "State"), text=named(words.REFUNDS, state), tone=Tone.GOOD if state == "done" else Tone.PLAIN
        ),
        *([Line(Words("微信的答复", "What WeChat Pay said"), text=same(problem), tone=Tone.BAD)] if problem else []),
        *([Line(Words("微信单号", "WeChat Pay's number"), text=same(provider_no))] if provider_no else []),
        Line(Words("用途", "Purpose"), text=same(purpose)),
        Line(Words("发起", "Opened"), text=instant(created_at)),
        *([Line(Words("完成", "Ended"), text=instant(ended_at))] if ended_at else []),
    ]
    if attempts:
        lines.append(Line(Words("提交次数", "Attempts"), text=same(attempts)))
    return Section(Words("微信退款", "At WeChat Pay"), tuple(lines))


def _followed(no: str) -> list[Section]:
    """Return what a refund took from sales, what commission followed, and the transfers of it."""
    parts = rows.query(
        "SELECT s.id, s.order_no, coalesce(l.title, ''), r.quantity, r.amount_fen, s.paid_fen FROM commission_refund r"
        " JOIN commission_sale s ON s.id = r.sale_id LEFT JOIN orders_line l ON l.id = s.id"
        " WHERE r.no = %s ORDER BY s.id",
        [no],
    )
    taken = [
        Line(
            same(f"{title} × {quantity}") if title else bought.FREIGHT,
            amount_fen=-fen,
            formula=Words(f"订单 {order_no}，实付 {paid} 分", f"order {order_no}, paid {paid} fen"),
        )
        for _, order_no, title, quantity, fen, paid in parts
    ]
    sections = [Section(Words("从哪些商品退", "Taken from"), tuple(taken))] if taken else []
    changes = _changes(no)
    if changes:
        sections.append(Section(Words("佣金随之退回", "Commission that followed"), tuple(changes)))
    return [*sections, *money.transfers(f"refund:{no}", f"refund-funding:{no}", f"refund_out:{no}")]


def _changes(no: str) -> list[Line]:
    found = rows.query(
        "SELECT a.id, a.role, a.payee_kind, a.payee_id, c.delta_fen, c.clawed_fen, c.debt_fen, a.settled_at, c.at"
        " FROM commission_refund r JOIN commission_accrual a ON a.sale_id = r.sale_id"
        " JOIN commission_change c ON c.accrual_id = a.id AND c.cause = r.no WHERE r.no = %s ORDER BY a.id",
        [no],
    )
    names = facts.names({row[3] for row in found})
    lines = []
    for id_, role, kind, payee_id, delta, clawed, debt, settled_at, at in found:
        label = joined(f"A{id_}", words.ROLES[role], words.party(kind, payee_id, names), gap=" · ")
        if settled_at is None or at < settled_at:
            how = Words("结算前，从待结算扣减", "before settling, out of pending")
        else:
            how = Words(f"结算后，可提现扣回 {clawed}", f"after settling, {clawed} taken from available")
            if debt:
                how = Words(f"{how.zh}，转欠款 {debt} 分", f"{how.en}, {debt} fen became a debt")
        lines.append(Line(label, amount_fen=delta, formula=how))
    return lines
