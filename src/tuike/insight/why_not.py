"""`tuike why-not`: why an order's lines earn who they earn, as far as who asks may know (docs/rules.md §4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tuike.attribution import queries as attribution
from tuike.attribution.types import WON
from tuike.db import rows
from tuike.insight.explain import bought, facts, words
from tuike.insight.explain.types import Line, Receipt, Section, Tone, UnknownNumber, Words, same
from tuike.insight.explain.words import instant, joined

_OUTCOMES = {
    "material": Words("由最后一次有效触达的推客获得", "the promoter of the last good touch earns it"),
    "binding": Words("由买家绑定的推客获得", "the promoter that the buyer is bound to earns it"),
    "imported": Words("历史导入的归属", "imported history says who earns it"),
    "earned_by_another": Words(
        "由其他推客获得（规则：最后一次有效触达）", "another promoter's later good touch earns it"
    ),
    WON: Words("由您获得", "it is yours"),
}
_RULE = Words(
    "规则：下单前归因窗口内、素材有效、覆盖该商品的最后一次触达获得归属；没有则看绑定；都没有则无人获佣",
    "Rule: the last touch within the window, by material that was good and covers the product, earns the line;"
    " failing that a binding; failing that nobody",
)


def why_not(order_no: str, *, promoter_no: str = "") -> Receipt:
    """Return which touches reached each line of an order, each one's verdict, and the rule that decided.

    With a promoter's number it says only what that promoter may know: its own touches and whether another one earned,
    never who. Nothing of theirs looks like an order that isn't there.

    Raises:
        UnknownNumber: no such order, or no such promoter, or nothing of theirs in it.
    """
    found = rows.query(
        "SELECT no FROM orders_order WHERE no = %(no)s UNION ALL"
        " SELECT no FROM orders_order WHERE external_no = %(no)s AND external_no <> '' LIMIT 1",
        {"no": order_no},
    )
    promoter_id = _promoter(promoter_no) if promoter_no else None
    if not found or (promoter_no and promoter_id is None):
        raise UnknownNumber(no=order_no)
    seen = attribution.why_not(
        asker="promoter" if promoter_no else "operator", party_id=promoter_id, order_no=found[0][0]
    )
    if not seen:
        raise UnknownNumber(no=order_no)
    lines = _lines([one.line_id for one in seen])
    sections = []
    for one in seen:
        no, title, booked = lines[one.line_id]
        head = Words(f"第 {no} 行 · {title}", f"Line {no} · {title}")
        sections.append(Section(head, (_outcome(one.outcome, booked), *_touches(one.verdicts, tell=not promoter_no))))
    sections.append(Section(Words("依据", "By"), (Line(_RULE, tone=Tone.ASIDE),)))
    return Receipt(found[0][0], Words(f"为什么不是我：{found[0][0]}", f"Why not me: {found[0][0]}"), tuple(sections))


def _promoter(no: str) -> int | None:
    found = rows.query("SELECT id FROM parties_party WHERE no = %s AND kind = 'promoter'", [no])
    return found[0][0] if found else None


def _lines(line_ids: list[int]) -> dict[int, tuple[int, str, str | None]]:
    """Return number, title and (once it is paid) the reason why commission has nobody, by line id."""
    found = rows.query(
        "SELECT l.id, l.no, l.title, s.terms->>'nobody' FROM orders_line l"
        " LEFT JOIN commission_sale s ON s.id = l.id WHERE l.id = ANY(%s)",
        [line_ids],
    )
    return {id_: tuple(rest) for id_, *rest in found}


def _outcome(outcome: str, booked: str | None) -> Line:
    label = Words("结果", "Outcome")
    if outcome in {WON, "material", "binding"} and booked:
        # The payer, known only when the money came in, can turn a claim into a self-purchase.
        return Line(label, text=joined(bought.why_nobody(booked), f"({booked})"), tone=Tone.BAD)
    if outcome in _OUTCOMES:
        lost = outcome == "earned_by_another"
        return Line(label, text=_OUTCOMES[outcome], tone=Tone.BAD if lost else Tone.GOOD)
    return Line(label, text=joined(bought.why_nobody(outcome), f"({outcome})"), tone=Tone.BAD)


def _touches(touches: Any, *, tell: bool) -> list[Line]:
    if not touches:
        return [Line(Words("触达", "Touches"), text=Words("没有触达", "none"), tone=Tone.ASIDE)]
    names = facts.names({touch["promoter"] for touch in touches}) if tell else {}
    return [_touch(touch, names, tell=tell) for touch in touches]


def _touch(touch: Mapping[str, Any], names: Mapping[int, str], *, tell: bool) -> Line:
    at = instant(datetime.fromisoformat(touch["at"]))
    label = joined(Words("触达", "Touch"), at)
    said = bought.verdict(touch["verdict"])
    named = joined(words.party("promoter", touch["promoter"], names), said, gap=" · ") if tell else said
    tone = Tone.GOOD if touch["verdict"] == WON else Tone.PLAIN
    return Line(label, text=joined(named, same(f"({touch['verdict']})")), tone=tone)
