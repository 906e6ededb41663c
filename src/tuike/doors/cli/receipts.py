"""A receipt laid out as text: labels to the left, amounts to the right, how they came about below."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tuike.insight.explain.types import Line, Receipt, Tone
from tuike.kit.money import yuan

WIDTH = 84
_STYLES = {Tone.SUM: "bold", Tone.ASIDE: "dim", Tone.GOOD: "green", Tone.BAD: "red"}
_CLOSING = "，。；、！？）」：,.;:)"


def text(receipt: Receipt, language: str) -> str:
    """Return a receipt as plain text of `WIDTH` columns."""
    return "\n".join(line.rstrip() for line, _ in _laid_out(receipt, language)) + "\n"


def show(receipt: Receipt, language: str) -> None:
    """Print a receipt, with colours where the terminal has them."""
    console = Console(highlight=False, soft_wrap=True)
    for line, style in _laid_out(receipt, language):
        console.print(Text(line.rstrip(), style=style))


def as_json(receipts: list[Receipt]) -> str:
    """Return receipts as JSON, in both languages."""
    return json.dumps([asdict(one) for one in receipts], ensure_ascii=False, indent=2)


def _laid_out(receipt: Receipt, language: str) -> Iterator[tuple[str, str]]:
    yield receipt.title.said(language), "bold"
    yield "═" * WIDTH, "dim"
    for i, section in enumerate(receipt.sections):
        if i:
            yield "", ""
        yield f"■ {_begun(section.title.said(language))}", "bold cyan"
        for line in section.lines:
            yield from _line(line, language)


def _line(line: Line, language: str) -> Iterator[tuple[str, str]]:
    style = _STYLES.get(line.tone, "")
    label = _begun(line.label.said(language))
    value = yuan(line.amount_fen) if line.amount_fen is not None else line.text.said(language) if line.text else ""
    if not value:
        for part in _wrapped(label, WIDTH - 2):
            yield f"  {part}", style
    elif line.amount_fen is None and cell_len(label) + cell_len(value) + 4 > WIDTH:
        # Too long for one line: it goes on below, where a number can still be copied whole.
        yield f"  {label}", style
        for part in _wrapped(value, WIDTH - 6):
            yield f"      {part}", style
    else:
        dots = WIDTH - 2 - cell_len(label) - cell_len(value) - 2
        yield f"  {label} {'·' * max(dots, 1)} {value}", style
    for part in _wrapped(line.formula.said(language), WIDTH - 6) if line.formula else ():
        yield f"      {part}", _STYLES[Tone.ASIDE]


def _begun(said: str) -> str:
    return said[:1].upper() + said[1:]


def _wrapped(said: str, width: int) -> Iterator[str]:
    """Cut a text into lines of at most `width` columns, between words and between Chinese characters."""
    current = ""
    for piece in _pieces(said):
        closing = piece[0] in _CLOSING
        if current and not closing and cell_len(current + piece.rstrip()) > width:
            yield current.rstrip()
            current = piece.lstrip()
        else:
            current += piece
    if current:
        yield current.rstrip()


def _pieces(said: str) -> Iterator[str]:
    """Yield what can't be cut: a Chinese character, or a run of others up to and with its space."""
    run = ""
    for character in said:
        if cell_len(character) > 1:
            if run:
                yield run
            yield character
            run = ""
        else:
            run += character
            if character == " ":
                yield run
                run = ""
    if run:
        yield run
