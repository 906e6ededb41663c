"""A chart with the table of its figures, an image and a file of them: one shape for every page that draws.

`console/parts/chart.html` draws it; console.js turns to the table and saves the image.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpResponse

from tuike.doors.console import answers, text
from tuike.doors.console.text import T
from tuike.kit import money

Kind = Literal["text", "money", "count", "rate"]
_SHOWN = {"money": text.money_shown, "count": text.count_shown, "rate": text.rate_shown}
_RUN = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet would run, were it the first sign of a text."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the table: what it is called, and what its values are (fen, whole numbers, ten-thousandths)."""

    words: T
    kind: Kind = "text"

    @property
    def number(self) -> bool:
        """Return whether its values stand on the right."""
        return self.kind != "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with the address that it opens, a second line below it, and whether it is data of somebody's."""

    value: Any
    url: str = ""
    under: str = ""
    data: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: an ECharts option, and the same figures as rows. `both`: the table stands below it from the start.

    `bars` that lie need as much height as they are many. Without rows `empty` says so. `file` is the address of the
    rows as CSV, `name` what image and file are called; `chips` lead to other charts that take its place.
    """

    key: str
    title: T
    label: T
    option: dict[str, Any]
    heads: Sequence[Head]
    rows: Sequence[Sequence[Any]]
    empty: T
    name: str
    file: str = ""
    both: bool = False
    hint: T | None = None
    chips: Sequence[tuple[str, T, bool]] = ()
    bars: int = 0

    @property
    def height(self) -> int:
        """Return how many pixels high it is drawn."""
        return max(140, 56 + 40 * self.bars) if self.bars else 300

    @property
    def option_id(self) -> str:
        """Return the id of the script that holds the option."""
        return f"option-{self.key}"

    @property
    def table(self) -> list[list[tuple[Head, Cell, str]]]:
        """Return the rows with each cell as a page shows it."""
        found = []
        for row in self.rows:
            cells = [one if isinstance(one, Cell) else Cell(one) for one in row]
            found.append([(head, cell, _shown(head, cell.value)) for head, cell in zip(self.heads, cells, strict=True)])
        return found


def as_csv(chart: Chart, *, zh: bool) -> HttpResponse:
    """Return the rows as CSV: amounts in yuan, rates in per cent."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    units = {"money": T("（元）", " (CNY)"), "rate": T("（%）", " (%)")}
    write([one.words.say(zh) + (units[one.kind].say(zh) if one.kind in units else "") for one in chart.heads])
    for row in chart.rows:
        values = (one.value if isinstance(one, Cell) else one for one in row)
        write([_plain(head, value, zh=zh) for head, value in zip(chart.heads, values, strict=True)])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = answers.attachment(f"{chart.name}.csv")
    return answer


def _shown(head: Head, value: Any) -> str:
    if head.kind == "text":
        return str(value) if value not in (None, "") else "—"
    return _SHOWN[head.kind](value)


def _plain(head: Head, value: Any, *, zh: bool) -> str:
    if value is None:
        return ""
    if head.kind == "money":
        return money.plain_yuan(value)
    if head.kind == "rate":
        return money.percent(value).removesuffix("%")
    said = value.say(zh) if isinstance(value, T) else str(value)
    return f"'{said}" if head.kind == "text" and said.lstrip(" ")[:1] in tuple(_RUN) else said
