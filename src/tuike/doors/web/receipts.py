"""A receipt of `insight.explain` in the caller's language."""

from typing import Any

from ninja import Schema
from pydantic import Field

from tuike.doors.web.said import chinese
from tuike.insight.explain import Receipt


class ReceiptLine(Schema):
    """A label with an amount in fen or a text, and how it came about. `tone`: plain, sum, aside, good, bad."""

    label: str
    amount_fen: int | None
    text: str
    formula: str
    tone: str


class ReceiptSection(Schema):
    """Lines that answer one question."""

    title: str
    lines: list[ReceiptLine]


class ReceiptShown(Schema):
    """What a number stands for, from what was bought to where each fen stands now, in the reader's language."""

    no: str
    title: str
    holds: bool = Field(description="Whether everything that was computed anew is what is stored.")
    sections: list[ReceiptSection]


class Receipts(Schema):
    """Receipts: one for each share that the caller has in it."""

    items: list[ReceiptShown]


def shown(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as `ReceiptShown` has it."""
    language = "zh-hans" if chinese() else "en"
    sections = [
        {
            "title": section.title.said(language),
            "lines": [
                {
                    "label": one.label.said(language),
                    "amount_fen": one.amount_fen,
                    "text": one.text.said(language) if one.text else "",
                    "formula": one.formula.said(language) if one.formula else "",
                    "tone": one.tone.value,
                }
                for one in section.lines
            ],
        }
        for section in receipt.sections
    ]
    return {"no": receipt.no, "title": receipt.title.said(language), "holds": receipt.holds, "sections": sections}
