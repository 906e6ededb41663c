"""The receipt of a target that was reached: the offer, the proof, the account it is paid from, what was taken back."""

from tuike.db import rows
from tuike.insight.explain import shared, words
from tuike.insight.explain.facts import Accrual, Book, Sale
from tuike.insight.explain.types import Line, Receipt, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named
from tuike.kit.money import yuan

_SHOWN = 20
"""Orders of the proof that are named."""
_AWARD = """
    SELECT w.no, o.no, o.name, o.measure, o.target, o.starts_at, o.ends_at, w.counted, w.sale_ids, w.reached_at,
        w.taken_back_at, w.counted_then, o.id
    FROM rewards_award w JOIN rewards_offer o ON o.id = w.offer_id WHERE w.sale_id = %s
"""
_ORDERS = "SELECT order_no FROM commission_sale WHERE id = ANY(%s) GROUP BY order_no ORDER BY min(id)"


def told(book: Book, sale: Sale, one: Accrual) -> Receipt:
    """Return the receipt of a reached target out of a book that holds it alone."""
    found = rows.query(_AWARD, [sale.id])
    title = Words(f"佣金 A{one.id}：目标奖励", f"Accrual A{one.id}: target bonus")
    payee = words.party(one.payee_kind, one.payee_id, book.names)
    head = Line(payee, amount_fen=one.amount_fen, formula=named(words.STATES, one.state), tone=Tone.SUM)
    sections = [Section(Words("收款方", "Payee"), (head,))]
    for row in found:
        sections += _proof(row)
    if back := _taken_back(book, one, found):
        sections.append(back)
    sections.append(shared.stands(book, sale, [one]))
    holds = bool(found) and shared.holds(book, sale, one)
    return Receipt(f"A{one.id}", title, tuple(sections), holds)


def _proof(row: tuple) -> list[Section]:
    award, no, name, measure, target, starts_at, ends_at, counted, sale_ids, reached_at, *_, offer_id = row
    fund = Words(f"该奖励的预算账户 reward:{offer_id}", f"the offer's own account reward:{offer_id}")
    period = joined(instant(starts_at), instant(ends_at), gap=" – ")
    offer = (
        Line(Words("目标奖励", "Offer"), text=same(f"{name}（{no}）")),
        Line(Words("目标", "Target"), text=_many(measure, target)),
        Line(Words("计入支付时间", "Counts what was paid"), text=period),
        Line(Words("由谁支付", "Paid from"), text=fund),
    )
    orders = [order for (order,) in rows.query(_ORDERS, [sale_ids])]
    shown = "、".join(orders[:_SHOWN]) + (f" … {len(orders)}" if len(orders) > _SHOWN else "")
    proof = (
        Line(Words("奖励编号", "Award"), text=same(award)),
        Line(Words("达标时", "When reached"), text=instant(reached_at)),
        Line(Words("净销量（已扣退款）", "Counted, net of refunds"), text=_many(measure, counted)),
        Line(Words("计入的订单", "Orders counted"), text=same(shown)),
    )
    return [Section(Words("目标", "The offer"), offer), Section(Words("达标证明", "Its proof"), proof)]


def _taken_back(book: Book, one: Accrual, found: list[tuple]) -> Section | None:
    lines: list[Line] = []
    for change in book.changes.get(one.id, ()):
        why: Words = Words("审核不通过，退回预算账户", "rejected: it went back to the offer's account")
        if not change.cause.startswith("reject:"):
            then = _many(found[0][3], found[0][11] or 0) if found else same("")
            why = Words(f"退款后净销量为 {then.zh}，低于目标", f"after refunds it counts {then.en}, under the target")
        lines.append(Line(Words("收回", "Taken back"), amount_fen=change.delta_fen, formula=why))
        lines += shared.clawed(change)
    return Section(shared.BACK, tuple(lines)) if lines else None


def _many(measure: str, count: int) -> Words:
    if measure == "paid":
        return same(yuan(count))
    return Words(f"{count} 件", f"{count} pieces") if measure == "pieces" else Words(f"{count} 单", f"{count} orders")
