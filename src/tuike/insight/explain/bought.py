"""What was bought and what was really paid; who brought the buyer, or why nobody earns."""

from datetime import datetime

from tuike.attribution.types import Reason
from tuike.insight.explain import words
from tuike.insight.explain.facts import Book, Claim, Sale
from tuike.insight.explain.types import Line, Section, Tone, Words, same
from tuike.insight.explain.words import instant, joined, named

WHAT = Words("买了什么，实付多少", "What was bought, and what was really paid")
FREIGHT = Words("运费", "Freight")
WHO = Words("谁带来的", "Who brought the buyer")

_EVIDENCE = {
    "administrator": Words("买家是推客的管理员", "the buyer is an administrator of the promoter"),
    "phone": Words("买家的手机号与推客认证手机号相同", "the buyer has the phone that the promoter certified with"),
    "person": Words("买家就是推客本人或其管理员", "the buyer is the promoter or one of its administrators"),
    "mark": Words("买家与推客的手机号或支付账号相同", "buyer and promoter share a phone number or a payer"),
    "payer": Words("付款人就是推客本人或其管理员", "the payer is the promoter or one of its administrators"),
}
_OTHERS = {
    "freight": Words("运费不计佣金", "freight carries no commission"),
    "imported": Words("历史导入订单，没有推广归属", "imported history without a promoter"),
}
_VERDICTS = {"won": Words("获得归属", "it won"), "later_touch_won": Words("之后的触达胜出", "a later touch won")}


def what(book: Book, sale: Sale, *, alone: bool = True) -> Section:
    """Return what was bought: price, discounts with who bears them, what was paid, and what of it came back.

    `alone`: nothing around it says of which shop and order it is.
    """
    lines = [
        Line(Words("商家", "Shop"), text=words.party("merchant", sale.merchant_id, book.names)),
        Line(Words("订单", "Order"), text=joined(sale.order_no, _of(sale), gap=" · ")),
        Line(Words("下单", "Placed"), text=instant(sale.placed_at)),
        Line(Words("支付", "Paid at"), text=instant(sale.paid_at)),
    ]
    lines = lines if alone else []
    if sale.price_fen is not None:
        label = same(f"{sale.title}{f' {sale.spec}' if sale.spec else ''} × {sale.quantity}")
        lines.append(Line(label, amount_fen=sale.price_fen * sale.quantity))
    elif sale.kind == "freight":
        lines.append(Line(FREIGHT, amount_fen=sale.paid_fen))
    for one in sale.discounts:
        label = joined(joined(named(words.DISCOUNTS, one.kind), one.source), _bears(one.funded_by), gap="")
        lines.append(Line(label, amount_fen=-one.amount_fen))
    lines.append(Line(Words("实付（不含运费）", "Paid, without freight"), amount_fen=sale.paid_fen, tone=Tone.SUM))
    for no, amount_fen, pieces in sale.refunds:
        returned = Words(f"退款 {no}（{pieces} 件）", f"Refund {no} ({pieces} returned)")
        lines.append(Line(returned, amount_fen=-amount_fen))
    if sale.refunds:
        left = Words("现在的计佣基数", "What commission is computed from now")
        lines.append(Line(left, amount_fen=sale.base_fen, tone=Tone.SUM))
    return Section(WHAT, tuple(lines))


def who(book: Book, sale: Sale) -> Section:
    """Return who claims the sale and by what, or the reason why nobody earns; and every touch that didn't win."""
    claim, lines = sale.claim, []
    nobody = sale.terms.get("nobody", "")
    if nobody:
        why = joined(why_nobody(nobody), f"({nobody})")
        lines.append(Line(Words("无人获佣", "Nobody earns"), text=why, tone=Tone.BAD))
        lines += _not_promotable(claim)
    else:
        earner = words.party("promoter", sale.terms["promoter_id"], book.names)
        lines.append(Line(Words("推客", "Promoter"), text=earner))
        lines += _by(claim)
    lines += _own(sale)
    if claim and claim.leader_id and not nobody:
        led = joined(words.party("leader", claim.leader_id, book.names), claim.activity_no, gap=" · ")
        lines.append(Line(Words("团长活动", "Leader's activity"), text=led))
    lines += [
        Line(Words("未采用的触达", "A touch that lost"), text=joined(at, verdict, gap=" · "), tone=Tone.ASIDE)
        for at, verdict in _lost(claim)
    ]
    return Section(WHO, tuple(lines))


def why_nobody(reason: str) -> Words:
    """Return a named reason as a sentence."""
    if reason in {str(one) for one in Reason}:
        return Words(Reason(reason).sentence("zh"), Reason(reason).sentence("en"))
    return named(_OTHERS, reason)


def verdict(said: str) -> Words:
    """Return what was decided of a touch as a sentence."""
    return _VERDICTS.get(said) or why_nobody(said)


def _of(sale: Sale) -> Words:
    line = Words(f"第 {sale.line_no} 行", f"line {sale.line_no}") if sale.line_no else Words("", "")
    return joined(named(words.SOURCES, sale.source), line) if sale.line_no else named(words.SOURCES, sale.source)


def _bears(funder: str) -> Words:
    said = named(words.FUNDERS, funder)
    return Words(f"（{said.zh}）", f" ({said.en})")


def _by(claim: Claim | None) -> list[Line]:
    if claim is None:
        return []
    if claim.kind == "imported":
        text = Words("历史导入，不受素材规则约束", "imported history, outside the rules of material")
        return [Line(Words("归属方式", "By"), text=text)]
    lines = []
    if claim.place:
        scope = Words("全店链接", "the whole shop's link") if claim.for_shop else Words("商品链接", "a product's link")
        place = joined(f"{claim.place}（{claim.pid}）", joined(scope, claim.code), gap=" · ")
        lines.append(Line(Words("推广位与链接", "Place and link"), text=place))
    if claim.touched_at:
        days = claim.facts.get("window_days")
        within = Words(f"下单前 {days} 天内最后一次有效触达", f"the last good touch within {days} days")
        if claim.kind == "binding":
            within = Words("买家已与推客绑定", "the buyer was bound to the promoter by it")
        lines.append(Line(Words("触达", "Touch"), text=joined(instant(claim.touched_at), within, gap=" · ")))
    if claim.expires_at and claim.kind == "material":
        lines.append(Line(Words("素材有效至", "Material good until"), text=instant(claim.expires_at), tone=Tone.ASIDE))
    return lines


def _own(sale: Sale) -> list[Line]:
    by = sale.terms.get("why", {}).get("own") or (sale.claim.facts.get("self_purchase_by") if sale.claim else None)
    if not by and sale.terms.get("nobody") == "self_purchase_off":
        by = "payer"
    if not by or not (sale.terms.get("self_purchase") or sale.terms.get("nobody") == "self_purchase_off"):
        return []
    return [Line(Words("自购", "Own purchase"), text=named(_EVIDENCE, by))]


def _not_promotable(claim: Claim | None) -> list[Line]:
    why = claim.facts.get("not_promotable") if claim and claim.reason == "not_promotable" else None
    return [Line(Words("不可推广的原因", "Why it could not be promoted"), text=same(why))] if why else []


def _lost(claim: Claim | None) -> list[tuple[Words, Words]]:
    touches = claim.facts.get("touches", ()) if claim else ()
    return [
        (instant(datetime.fromisoformat(touch["at"])), verdict(touch["verdict"]))
        for touch in touches
        if touch["verdict"] != "won"
    ]
