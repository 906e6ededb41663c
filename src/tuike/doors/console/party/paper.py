"""A month's statement on paper: A4 pages drawn with the console's own font, so that it looks the same everywhere."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from tuike.kit.fonts import Fonts

SIZE = (1240, 1754)
"""A4 at 150 dots an inch."""
LEFT, RIGHT, TOP, BOTTOM = 96, 1144, 110, 1640
LINE = 40
INK, DIM, RULE, SHADE = "#1f2329", "#626974", "#d5dae1", "#f2f4f7"
_NOTO = Path(__file__).parents[1] / "static" / "console" / "vendor" / "noto"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `right` says for each column whether it stands on the right, `widths` are in pixels."""

    title: str
    heads: Sequence[str]
    widths: Sequence[int]
    right: Sequence[bool]
    rows: Sequence[Sequence[str]]
    sums: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the pages: a head, facts in pairs, tables, and small print at the end of each page."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    foot: str
    page_of: str
    """Like `Page {n} of {all}`."""


def pdf(paper: Paper) -> bytes:
    """Return the pages as a PDF."""
    pages = list(_Press(paper).pages())
    shown = [_footed(page, paper, number, len(pages)) for number, page in enumerate(pages, 1)]
    out = io.BytesIO()
    shown[0].save(
        out, "PDF", save_all=True, append_images=shown[1:], resolution=150, title=paper.title, producer="Tuike"
    )
    return out.getvalue()


class _Press:
    """Lays lines one under the other and begins a new page where one is full."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._begin()

    def _begin(self) -> None:
        self._page = Image.new("L", SIZE, "white")
        self._canvas = ImageDraw.Draw(self._page)
        self._y = TOP

    def pages(self) -> Iterator[Image.Image]:
        """Yield the pages, in order."""
        self._text(LEFT, self._paper.title, 38, 600)
        self._y += 44
        self._text(LEFT, self._paper.subtitle, 22, ink=DIM)
        self._y += 46
        for name, value in self._paper.facts:
            self._text(LEFT, name, 22, ink=DIM)
            self._text(LEFT + 260, value, 22)
            self._y += 38
        for table in self._paper.tables:
            yield from self._table(table)
        yield self._page

    def _table(self, table: Table) -> Iterator[Image.Image]:
        self._y += 64
        if self._y + 4 * LINE > BOTTOM:
            yield self._page
            self._begin()
        self._text(LEFT, table.title, 26, 600)
        self._y += 22
        self._heads(table)
        for row in table.rows:
            if self._y + LINE > BOTTOM:
                yield self._page
                self._begin()
                self._heads(table)
            self._row(table, row)
        if table.sums:
            self._row(table, table.sums, weight=600)

    def _heads(self, table: Table) -> None:
        self._canvas.rectangle((LEFT, self._y, RIGHT, self._y + LINE), fill=SHADE)
        self._row(table, table.heads, ink=DIM)

    def _row(self, table: Table, row: Sequence[str], *, weight: int = 400, ink: str = INK) -> None:
        x = LEFT + 12
        for text, width, right in zip(row, table.widths, table.right, strict=True):
            shown = _fonts().wrapped(text, 20, weight, width=width - 24, lines=1)[0] if text else ""
            at = x + width - 24 - _fonts().width(shown, 20, weight) if right else x
            _fonts().draw(self._canvas, (at, self._y + 28), shown, 20, weight, ink=ink)
            x += width
        self._y += LINE
        self._canvas.line((LEFT, self._y, RIGHT, self._y), fill=RULE)

    def _text(self, x: int, text: str, size: int, weight: int = 400, *, ink: str = INK) -> None:
        _fonts().draw(self._canvas, (x, self._y), text, size, weight, ink=ink)


def _footed(page: Image.Image, paper: Paper, number: int, count: int) -> Image.Image:
    canvas, said = ImageDraw.Draw(page), paper.page_of.format(n=number, all=count)
    canvas.line((LEFT, 1668, RIGHT, 1668), fill=RULE)
    _fonts().draw(canvas, (LEFT, 1698), paper.foot, 16, ink=DIM)
    _fonts().draw(canvas, (RIGHT - _fonts().width(said, 16), 1698), said, 16, ink=DIM)
    return page


@cache
def _fonts() -> Fonts:
    return Fonts(_NOTO)
