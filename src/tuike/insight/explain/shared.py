"""How each share came about, what refunds took back of it, and where it stands now."""

from collections.abc import Sequence

from tuike.insight.explain import arithmetic, words
from tuike.insight.explain.facts import Accrual, Book, Change, Sale
from tuike.insight.explain.rated import rates_of
from tuike.insight.explain.types import Line, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named
from tuike.kit.money import yuan

HOW = Words("怎么算的", "How it was computed")
BACK = Words("退款与扣回", "What refunds took back")
NOW = Words("现在", "Where it stands")


def computed(book: Book, sale: Sale, accruals: Sequence[Accrual]) -> Section:
    """Return how each accrual came to the amount that it began as, and from what it is paid."""
    lines = []
    for one in accruals:
        label = joined(words.ROLES[one.role], words.party(one.payee_kind, one.payee_id, book.names), gap=" · ")
        lines.append(Line(label, amount_fen=one.first_fen, formula=_first(sale, one)))
    lines += [
        Line(Words("由谁支付", "Paid from"), text=text) for text in dict.fromkeys(_fund(sale, a) for a in accruals)
    ]
    if len(accruals) == 1 and accruals[0].first_fen and not sale.waiting:
        lines.append(Line(Words("记账", "Booked in"), text=same(_booked_in(sale, accruals[0]))))
    return Section(HOW, tuple(lines))


def taken_back(book: Book, sale: Sale, accruals: Sequence[Accrual]) -> Section | None:
    """Return each change of the accruals with its computation: from pending, clawed back, or become a debt."""
    lines: list[Line] = []
    for one in accruals:
        stands = one.first_fen
        for change in book.changes.get(one.id, ()):
            stands += change.delta_fen
            lines.append(_change(sale, one, change, stands))
            lines += clawed(change)
    return Section(BACK, tuple(lines)) if lines else None


def stands(book: Book, sale: Sale, accruals: Sequence[Accrual]) -> Section:
    """Return state, review, due day and settling of accruals, and whether recomputing them gives what is stored."""
    lines = list(_due(sale))
    for one in accruals:
        label = joined(words.ROLES[one.role], f"A{one.id}") if len(accruals) > 1 else Words("佣金金额", "Its amount")
        lines.append(Line(label, amount_fen=one.amount_fen, formula=named(words.STATES, one.state), tone=Tone.SUM))
        if one.review != "clear":
            lines.append(Line(Words("审核", "Review"), text=named(words.REVIEWS, one.review)))
        lines += _judged(book, one)
        lines += _settled(book, one)
        lines.append(_verified(sale, one, book))
    return Section(NOW, tuple(lines))


def _judged(book: Book, one: Accrual) -> list[Line]:
    """Return by which rule an accrual was judged when it was booked, and what that asked."""
    if one.id not in book.judged:
        return []
    rule, asked = book.judged[one.id]
    name, zh, en = rule.rule.name, "；".join(part.zh for part in asked), "; ".join(part.en for part in asked)
    by = Words(f"「{name}」第 {rule.version} 版", f"“{name}”, version {rule.version}")
    return [Line(Words("审核规则", "Review rule"), text=by, formula=Words(zh, en), tone=Tone.ASIDE)]


def holds(book: Book, sale: Sale, one: Accrual) -> bool:
    """Return whether an accrual recomputed from stored facts is the stored one, and its changes add up to it."""
    due = 0 if one.review == "rejected" else sale.expected.get(one.role, (0, 0, -1))[2]
    changed = sum(change.delta_fen for change in book.changes.get(one.id, ()))
    return due == one.amount_fen == one.first_fen + changed


def _first(sale: Sale, one: Accrual) -> Words:
    rates = rates_of(sale)
    if one.role == "platform":
        return arithmetic.platform(_direct_before_fee(sale, one.first_fen), rates.fee_bps)
    kept = sale.expected[one.role][1] if one.role in sale.expected and not sale.refunds else None
    return arithmetic.share(
        one.role, rates, base_fen=sale.paid_fen, pieces=sale.quantity, got_fen=one.first_fen, kept_fen=kept
    )


def _direct_before_fee(sale: Sale, fee_fen: int) -> int:
    """Return direct as it was before the platform's share was taken: both began from the same sale."""
    return fee_fen + sum(other.first_fen for other in sale.accruals if other.role == "direct")


def _booked_in(sale: Sale, one: Accrual) -> str:
    """Return the key of the transfer that booked an accrual, with others of the same payee and batch (§7)."""
    payee = f"{one.payee_kind}:{one.payee_id}"
    return f"accrual:{sale.booking}:{payee}:{sale.merchant_id}:{sale.source}:{one.funder}"


def _fund(sale: Sale, one: Accrual) -> Words:
    if one.funder == "reward":
        return Words("目标奖励的预算账户", "the offer's own account")
    if one.funder == "platform":
        return Words("平台推广费（平台出资的活动）", "the platform's promotion money (its own campaign)")
    if sale.source == "mini_program":
        return Words("商家的预存款", "the shop's prepaid balance")
    return Words("商家的待结算货款", "the shop's held money, out of what the buyer paid")


def _change(sale: Sale, one: Accrual, change: Change, now_fen: int) -> Line:
    if change.cause.startswith("reject:"):
        text = Words("审核不通过，全部退回出资方", "rejected: all of it went back to who paid it")
        return Line(Words("审核不通过", "Rejected"), amount_fen=change.delta_fen, formula=text)
    after = one.settled_at is not None and change.at >= one.settled_at
    when = Words("结算后", "after settling") if after else Words("结算前", "before settling")
    label = Words(f"退款 {change.cause}（{when.zh}）", f"Refund {change.cause} ({when.en})")
    return Line(label, amount_fen=change.delta_fen, formula=_anew(sale, one, change, now_fen))


def _anew(sale: Sale, one: Accrual, change: Change, now_fen: int) -> Words:
    """Return the recomputation from the base that the refund left."""
    base = Words(f"基数变为 {change.base_fen}", f"the base is {change.base_fen} now")
    if change.base_fen == 0 and now_fen == 0:
        gone = Words("全部退完，佣金归零", "all was returned, nothing is left")
        return Words(f"{base.zh}，{gone.zh}", f"{base.en}; {gone.en}")
    became = Words(f"现为 {now_fen} 分", f"{now_fen} fen now")
    if one.role == "platform":
        return Words(f"{base.zh}，{became.zh}", f"{base.en}; {became.en}")
    said = arithmetic.share(
        one.role, rates_of(sale), base_fen=change.base_fen, pieces=_pieces(sale, change.cause), got_fen=now_fen
    )
    was = now_fen - change.delta_fen
    return Words(
        f"{base.zh}：{said.zh}；{now_fen} − {was} = {change.delta_fen}",
        f"{base.en}: {said.en}; {now_fen} − {was} = {change.delta_fen}",
    )


def _pieces(sale: Sale, cause: str) -> int:
    """Return the pieces that were left after a refund."""
    left = sale.quantity
    for no, _, pieces in sale.refunds:
        left -= pieces
        if no == cause:
            break
    return left


def clawed(change: Change) -> list[Line]:
    """Return where what was taken back after settling came from."""
    lines = []
    if change.clawed_fen:
        label = Words("其中从可提现扣回", "of it taken from available")
        lines.append(Line(label, amount_fen=-change.clawed_fen, tone=Tone.ASIDE))
    if change.debt_fen:
        label = Words("余额不足，转为欠款（平台先垫付）", "not there: became a debt, advanced by the platform")
        lines.append(Line(label, amount_fen=-change.debt_fen, tone=Tone.BAD))
        label = Words("欠款已还", "of the debt repaid")
        lines.append(Line(label, amount_fen=change.repaid_fen, tone=Tone.ASIDE))
    return lines


def _due(sale: Sale) -> list[Line]:
    label = Words("结算日", "Due")
    if sale.refunds and not sale.base_fen and not any(one.amount_fen for one in sale.accruals):
        return [Line(label, text=Words("已全部退款，没有可结算的", "all was refunded, nothing is left to settle"))]
    if sale.kind == "target" and sale.due_at is not None and sale.received_at is not None:
        days = (sale.due_at - sale.received_at).days
        said = Words(f"达标 + {days} 天（整 {days} × 24 小时）", f"reached + {days} days of exactly 24 hours")
        return [Line(label, text=instant(sale.due_at), formula=said)]
    if sale.received_at is None or sale.due_at is None:
        return [Line(label, text=Words("买家收货后开始计时", "the clock starts when the buyer receives the goods"))]
    days = (sale.due_at - sale.received_at).days
    said = Words(
        f"收货 {instant(sale.received_at).zh} + {days} 天（整 {days} × 24 小时）",
        f"received {instant(sale.received_at).en} + {days} days of exactly 24 hours",
    )
    lines = [Line(label, text=instant(sale.due_at), formula=said)]
    if sale.open_after_sales:
        text = Words(
            f"有 {sale.open_after_sales} 个售后未结束，结束前不结算",
            f"{sale.open_after_sales} open: nothing settles before",
        )
        lines.append(Line(Words("售后", "After-sales"), text=text, tone=Tone.BAD))
    return lines


def _settled(book: Book, one: Accrual) -> list[Line]:
    if one.settled_at is None:
        return []
    lines = [Line(Words("结算", "Settled"), text=instant(one.settled_at))]
    found = book.settled.get(one.id)
    if found:
        lines.append(Line(Words("批次", "Batch"), text=same(found.batch_no)))
        together = Words(
            f"与同批同店共 {found.items} 笔合为一笔转账", f"one transfer for {found.items} of this shop in the batch"
        )
        lines.append(Line(Words("转账", "Transfer"), amount_fen=found.amount_fen, formula=joined(together, found.key)))
        if found.netted_fen:
            label = Words("其中先还欠款", "of it repaid debts first")
            lines.append(Line(label, amount_fen=-found.netted_fen, tone=Tone.ASIDE))
    return lines


def _verified(sale: Sale, one: Accrual, book: Book) -> Line:
    due = 0 if one.review == "rejected" else sale.expected.get(one.role, (0, 0, 0))[2]
    label = Words("核对", "Check")
    if holds(book, sale, one):
        text = Words(f"按留存事实重算 {yuan(due)} ＝ 记录 ✓", f"recomputed from stored facts {yuan(due)} = stored ✓")
        return Line(label, text=text, tone=Tone.GOOD)
    text = Words(
        f"按留存事实重算 {yuan(due)}，记录为 {yuan(one.amount_fen)} ✗",
        f"recomputed from stored facts {yuan(due)}, stored {yuan(one.amount_fen)} ✗",
    )
    return Line(label, text=text, tone=Tone.BAD)
