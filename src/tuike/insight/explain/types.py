"""A receipt: sections of lines, each with a label and an amount or a text, and how the amount came about."""

from dataclasses import dataclass
from enum import StrEnum

from tuike.kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class Words:
    """The same said in Chinese and in English."""

    zh: str
    en: str

    def said(self, language: str = "zh-hans") -> str:
        """Return it for the reader's language (`zh…`, anything else is English)."""
        return self.zh if language.lower().startswith("zh") else self.en


class Tone(StrEnum):
    """How a line is to be read."""

    PLAIN = "plain"
    SUM = "sum"
    """What the lines above come to."""
    ASIDE = "aside"
    """What didn't count, or explains the line above."""
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Line:
    """A label with an amount in fen or a text, and under it how it came about."""

    label: Words
    amount_fen: int | None = None
    text: Words | None = None
    formula: Words | None = None
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that answer one question."""

    title: Words
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a number stands for. `holds` is whether everything that was recomputed is what is stored."""

    no: str
    title: Words
    sections: tuple[Section, ...]
    holds: bool = True


def same(text: object) -> Words:
    """Return a text that is the same in both languages: a number, a name."""
    return Words(str(text), str(text))


class UnknownNumber(Refusal):
    """Nothing in the alliance has this number."""

    code = "unknown_number"
    status = 404
    zh = "没有找到编号 {no}：可以是订单号、外部订单号、佣金 A<编号>、提现、退款、售后、调整、结算批次、月账单或记账编号"
    en = (
        "Nothing has the number {no}: orders, external orders, accruals (A<id>), withdrawals, refunds, after-sales,"
        " adjustments, settlement batches, statements and transfer keys are known."
    )
