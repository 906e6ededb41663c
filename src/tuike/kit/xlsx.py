"""Writes a table as an .xlsx file, row by row in constant memory, through XlsxWriter."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tuike.kit.days import SHANGHAI

Kind = Literal["text", "hundredths", "percent", "count", "instant", "day"]
"""text; fen as yuan; bps as per cent; a whole number; an instant, shown in Shanghai's time; a date."""

ROWS_A_SHEET = 1_048_575
"""A sheet's rows besides its heading."""
LONGEST_TEXT = 32_767
_TOLD_EVERY = 2_000
_FORMATS: dict[Kind, str] = {
    "hundredths": "#,##0.00",
    "percent": "0.00%",
    "count": "#,##0",
    "instant": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
}
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EPOCH = date(1899, 12, 30).toordinal()
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 a file's own property: equal tables make equal files

_Cell = Callable[[int, int, Any], object]


def write(
    path: Path,
    *,
    name: str,
    headings: Sequence[str],
    kinds: Sequence[Kind],
    rows: Iterable[Sequence[Any]],
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write `rows` (as many values each as `headings`) to `path`; return how many there were.

    Values are what `kinds` says, or None. `name` is the sheet's; more rows than a sheet holds go on in further ones.
    `progress` is told the rows written so far. Text is written as text, whatever it begins with: no cell is a formula.
    """
    # What is in the middle of being written lies beside the file, not in a folder for everybody.
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    book.set_properties({"created": _NO_TIME})
    formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
    bold = book.add_format({"bold": True})
    coming, done, sheets = iter(rows), 0, 0
    while True:
        first = list(islice(coming, 1))
        if sheets and not first:
            break
        sheets += 1
        sheet = book.add_worksheet(_sheet_name(name) + (f" {sheets}" if sheets > 1 else ""))
        _head(sheet, headings, kinds, bold)
        some = islice(chain(first, coming), ROWS_A_SHEET)
        taken = _body(sheet, kinds, formats, some, _told(progress, done))
        sheet.autofilter(0, 0, taken, len(headings) - 1)
        done += taken
    book.close()
    return done


def _told(progress: Callable[[int], None], before: int) -> Callable[[int], None]:
    return lambda rows: progress(before + rows)


def _head(sheet: Worksheet, headings: Sequence[str], kinds: Sequence[Kind], bold: Format) -> None:
    sheet.freeze_panes(1, 0)
    for number, (kind, heading) in enumerate(zip(kinds, headings, strict=True)):
        sheet.set_column(number, number, _width(kind, heading))
        sheet.write_string(0, number, heading, bold)


def _body(
    sheet: Worksheet,
    kinds: Sequence[Kind],
    formats: dict[Kind, Format],
    rows: Iterator[Sequence[Any]],
    progress: Callable[[int], None],
) -> int:
    """Write the rows below the heading; return how many."""
    cells = [_writer(sheet, kind, formats.get(kind)) for kind in kinds]
    at = 0
    for at, row in enumerate(rows, 1):
        for number, value in enumerate(row):
            if value is not None:
                cells[number](at, number, value)
        if at % _TOLD_EVERY == 0:
            progress(at)
    progress(at)
    return at


def _writer(sheet: Worksheet, kind: Kind, shown: Format | None) -> _Cell:
    """Return what writes a value of the kind.

    A number of this format is a double, whoever writes it. Whole fen become one here, at the edge, by one division:
    the very double that a spreadsheet makes of the amount typed in.
    """
    text, number = sheet.write_string, sheet.write_number
    if kind == "text":
        return lambda at, column, value: text(at, column, _UNWRITABLE.sub("", str(value))[:LONGEST_TEXT])
    if kind == "hundredths":
        return lambda at, column, value: number(at, column, value / 100, shown)
    if kind == "percent":
        return lambda at, column, value: number(at, column, value / 10_000, shown)
    if kind == "count":
        return lambda at, column, value: number(at, column, value, shown)
    if kind == "day":
        return lambda at, column, value: number(at, column, value.toordinal() - _EPOCH, shown)
    return lambda at, column, value: number(at, column, _serial(value), shown)


def _serial(value: datetime) -> Any:
    """Return the days since the format's epoch, the time of day as their fraction."""
    local = value.astimezone(SHANGHAI)
    second = (local.hour * 60 + local.minute) * 60 + local.second
    return local.toordinal() - _EPOCH + second / 86_400


def _width(kind: Kind, heading: str) -> int:
    wide = sum(2 if ord(sign) > 0x2E7F else 1 for sign in heading) + 4
    return max(wide, {"text": 18, "instant": 20}.get(kind, 12))


def _sheet_name(name: str) -> str:
    """Return a name that a sheet may have: no signs of addresses, at most 28 characters (a number may follow)."""
    return re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:28] or "Sheet"
