"""Which rates were in force when the order was placed, by which layer and row, and which lost and why."""

from collections.abc import Iterable

from tuike.insight.explain import arithmetic, words
from tuike.insight.explain.facts import Book, Sale
from tuike.insight.explain.types import Line, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named
from tuike.kit.money import percent
from tuike.plans.types import RateShown, WhyLost

_OWN = Words("本人购买按自购佣金率计", "an own purchase earns the self-purchase rate")
_OWN_TIERS = Words("本人购买不付分佣层级", "an own purchase pays no tiers")
_NO_TIER = Words("下单时没有设置这一级的分佣比例", "no rate was set for this tier when the order was placed")
_DEEPER = Words("超出平台最多支付的分佣层级", "it is deeper than the tiers that the platform pays")
_STOPPED = {
    "frozen": Words("下单时该推荐人已被冻结，不计佣金", "the recruiter was frozen when the order was placed"),
    "retired": Words("下单时该推荐人已退出，不计佣金", "the recruiter had left when the order was placed"),
    "banned": Words("下单时该推荐人已被清退，不计佣金", "the recruiter was banned when the order was placed"),
    "joining": Words("下单时该推荐人尚未加入，不计佣金", "the recruiter wasn't let in yet when the order was placed"),
}
RATES = Words("下单时的佣金率", "The rates when the order was placed")


def rates_of(sale: Sale) -> arithmetic.Rates:
    """Return what decides the sale's shares."""
    terms = sale.terms
    direct = tuple(bps for bps in (terms.get("rate_bps", 0), terms.get("grade_bps", 0)) if bps) or (0,)
    by_role = {"direct": direct, "self": (terms.get("rate_bps", 0),), "leader": (terms.get("service_bps", 0),)}
    by_role |= {tier: (terms[tier][1],) for tier in ("tier2", "tier3") if tier in terms}
    payer = Words("平台", "the platform") if terms.get("platform_funded") else Words("商家", "the shop")
    return arithmetic.Rates(
        by_role=by_role,
        payer=payer,
        bonus_fen=terms.get("bonus_fen", 0),
        order_fen=terms.get("order_bonus_fen", 0),
        first_order_fen=terms.get("first_order_bonus_fen", 0),
        fee_bps=terms.get("platform_fee_bps", 0),
    )


def rates(book: Book, sale: Sale) -> Section:
    """Return the rates that hold for the sale, each with its row, and the rates that were in force and lost."""
    terms, why = sale.terms, sale.terms.get("why", {})
    lines = list(_winner(book, sale))
    if terms.get("grade_bps"):
        name = book.grades.get(terms["grade_id"], "")
        label = joined(words.LAYERS["grade"], name)
        lines.append(_rate(book, label, terms["grade_bps"], terms["grade_id"]))
    for tier, label in (("tier2", Words("二级", "Tier 2")), ("tier3", Words("三级", "Tier 3"))):
        if tier in terms:
            above = words.party("promoter", terms[tier][0], book.names)
            recruiter = Words(f"{label.zh}：推荐人{above.zh}", f"{label.en}: recruiter {above.en}")
            lines.append(_rate(book, recruiter, terms[tier][1], terms[tier][2]))
    lines += _unpaid_tiers(book, sale)
    if terms.get("service_bps"):
        lines.append(Line(Words("团长服务费率", "Leader's service rate"), text=same(percent(terms["service_bps"]))))
    if terms.get("platform_fee_bps"):
        fee = Words("平台分成比例（从直推佣金中扣）", "Platform's share, out of direct")
        lines.append(Line(fee, text=same(percent(terms["platform_fee_bps"]))))
    lines += _losers(book, why.get("lost", ()))
    return Section(RATES, tuple(lines))


def _unpaid_tiers(book: Book, sale: Sale) -> Iterable[Line]:
    """Return why who stood above the promoter gets no tier (docs/rules.md §1, §3)."""
    offered = sale.terms.get("why", {}).get("tiers", {})
    stopped = dict(sale.claim.facts.get("stopped_above", ())) if sale.claim else {}
    for i, (tier, label) in enumerate((("tier2", Words("二级", "Tier 2")), ("tier3", Words("三级", "Tier 3")))):
        if len(sale.above) <= i or tier in sale.terms or "promoter_id" not in sale.terms:
            continue
        above = sale.above[i]
        bps = offered.get(tier.removeprefix("tier"), (0, None))[0]
        if sale.terms.get("self_purchase"):
            why = _OWN_TIERS
        elif above in stopped:
            why = named(_STOPPED, stopped[above])
        else:
            why = _DEEPER if bps else _NO_TIER
        who = words.party("promoter", above, book.names)
        recruiter = Words(f"{label.zh}无佣金：推荐人{who.zh}", f"{label.en} gets nothing: recruiter {who.en}")
        yield Line(recruiter, text=why, tone=Tone.ASIDE)


def _winner(book: Book, sale: Sale) -> Iterable[Line]:
    terms, why = sale.terms, sale.terms.get("why", {})
    if terms.get("self_purchase"):
        yield _rate(book, words.LAYERS["self"], terms.get("rate_bps", 0), terms.get("rate_id"))
        if why.get("id"):
            said = joined(f"#{why['id']} {percent(why['bps'])}", _OWN, gap=" · ")
            yield Line(_lost(why["layer"]), text=said, tone=Tone.ASIDE)
        return
    layer = named(words.LAYERS, why.get("layer", "none"))
    yield _rate(book, layer, terms.get("rate_bps", 0), terms.get("rate_id"))
    campaign = book.campaigns.get(terms.get("campaign_id") or 0)
    if campaign:
        no, name, by_operator = campaign
        funded = Words("平台出资", "paid by the platform") if terms.get("platform_funded") else Words("", "")
        made_by = (
            Words("平台活动", "the operator's campaign") if by_operator else Words("商家活动", "the shop's campaign")
        )
        yield Line(made_by, text=joined(f"{name}（{no}）", funded) if funded.zh else same(f"{name}（{no}）"))
    if terms.get("bonus_fen"):
        yield Line(Words("活动奖金（每件）", "Campaign bonus, each piece"), amount_fen=terms["bonus_fen"])
    once = Words("整单有任意金额未退时保留", "kept while anything of the order is left")
    if terms.get("order_bonus_fen"):
        label = Words("整单奖金（每单一次）", "Bonus for the order, once")
        yield Line(label, amount_fen=terms["order_bonus_fen"], formula=once)
    if terms.get("first_order_bonus_fen"):
        label = Words("首单奖金（买家在本店首笔已付订单）", "Bonus for the buyer's first paid order in the shop")
        yield Line(label, amount_fen=terms["first_order_bonus_fen"], formula=once)
    elif why.get("not_first"):
        text = Words("买家在本店已有更早支付的订单", "the buyer had paid for an earlier order in the shop")
        yield Line(Words("无首单奖金", "No first-order bonus"), text=text, tone=Tone.ASIDE)


def _rate(book: Book, label: Words, bps: int, rate_id: int | None) -> Line:
    row = book.rates.get(rate_id or 0)
    return Line(label, text=same(percent(bps)), formula=_row(book, row) if row else None)


def _row(book: Book, row: RateShown) -> Words:
    """Return a row as evidence: number, for what, from when until when, when it was written."""
    scope = book.categories.get(row.category_id or 0, "") or book.plans.get(row.rate_id, "")
    about = joined(f"#{row.rate_id}", scope) if scope else same(f"#{row.rate_id}")
    if row.begins is None:
        span = Words("一直有效", "has always held")
    else:
        span = Words(f"自 {instant(row.begins).zh} 起", f"in force from {instant(row.begins).en}")
    if row.ends is not None:
        span = Words(f"{span.zh}，至 {instant(row.ends).zh} 前", f"{span.en} until before {instant(row.ends).en}")
    written = Words(f"{instant(row.written_at).zh} 设定", f"written {instant(row.written_at).en}")
    parts = [about, span, written]
    if row.lifted_from_bps is not None:
        own = percent(row.lifted_from_bps)
        parts.append(Words(f"原设 {own}，随平台基准上调", f"lifted from {own} by a risen floor"))
    return Words("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _lost(layer: str) -> Words:
    return joined(Words("未采用：", "Lost: "), named(words.LAYERS, layer), gap="")


def _losers(book: Book, lost: Iterable[list]) -> list[Line]:
    lines = []
    for layer, rate_id, bps, why in lost:
        label = _lost(layer)
        reason = Words(WhyLost(why).sentence("zh"), WhyLost(why).sentence("en"))
        row = book.rates.get(rate_id)
        campaign = book.campaigns.get(row.campaign_id or 0) if row else None
        said: list[Words | str] = [f"#{rate_id} {percent(bps)}", *([campaign[1]] if campaign else []), reason]
        lines.append(Line(label, text=joined(*said, gap=" · "), tone=Tone.ASIDE))
    return lines
