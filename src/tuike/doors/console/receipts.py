"""A receipt of `insight.explain` as a drawer lays it out: sections of lines in the reader's language."""

from dataclasses import dataclass

from tuike.doors.console.text import money_shown
from tuike.insight.explain import Receipt, Tone


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line: what it is of, its amount or text, how that came about; `tone` is a class."""

    label: str
    value: str
    formula: str
    tone: str
    is_money: bool


@dataclass(frozen=True, slots=True)
class DrawnSection:
    """Lines under a heading."""

    title: str
    lines: tuple[DrawnLine, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A receipt in one language; `holds` says that recomputing gave what is stored."""

    no: str
    title: str
    sections: tuple[DrawnSection, ...]
    holds: bool


def drawn(receipt: Receipt, *, zh: bool) -> Drawn:
    """Return a receipt in the reader's language."""
    language = "zh-hans" if zh else "en"
    sections = []
    for section in receipt.sections:
        lines = []
        for one in section.lines:
            is_money = one.amount_fen is not None
            value = money_shown(one.amount_fen) if is_money else one.text.said(language) if one.text else ""
            formula = one.formula.said(language) if one.formula else ""
            tone = "" if one.tone is Tone.PLAIN else one.tone.value
            lines.append(DrawnLine(one.label.said(language), value, formula, tone, is_money))
        sections.append(DrawnSection(section.title.said(language), tuple(lines)))
    return Drawn(receipt.no, receipt.title.said(language), tuple(sections), receipt.holds)
