"""Writes a table as an .xlsx file, row by row in constant memory: ECMA-376 part 1, the few elements that a table needs.

Numbers are written as exact decimal text made from whole numbers, so no amount passes through a float; text cells are
inline strings, which no spreadsheet takes for a formula. A library that does this through its general cell model takes
six times as long for a million rows.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal

from tuike.kit.days import SHANGHAI

Kind = Literal["text", "hundredths", "percent", "count", "instant", "day"]
"""text; fen as yuan; bps as per cent; a whole number; an instant, shown in Shanghai's time; a date."""

ROWS_A_SHEET = 1_048_575
"""A sheet's rows besides its heading."""
LONGEST_TEXT = 32_767
_BLOCK = 2_000
_STYLES: dict[Kind, int] = {"text": 0, "hundredths": 2, "percent": 3, "count": 4, "instant": 5, "day": 6}
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EPOCH = date(1899, 12, 30).toordinal()
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLE_SHEET = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="7">'
    + "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for number, font in ((0, 0), (0, 1), (4, 0), (10, 0), (3, 0), (164, 0), (165, 0))
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


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
    `progress` is told the rows written so far.
    """
    coming = iter(rows)
    done = sheets = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        while True:
            sheets += 1
            with book.open(_entry(f"xl/worksheets/sheet{sheets}.xml"), "w", force_zip64=True) as sheet:
                written = _sheet(sheet, headings, kinds, coming, lambda n, before=done: progress(before + n))
            done += written
            if written < ROWS_A_SHEET:
                break
        for part, text in _frame(_sheet_name(name), sheets).items():
            book.writestr(_entry(part), text)
    return done


def _sheet(
    file: IO[bytes], headings: Sequence[str], kinds: Sequence[Kind], rows: Iterable, progress: Callable[[int], None]
) -> int:
    """Write one sheet from what is left of `rows`; return how many rows it took."""
    letters = [_letters(number) for number in range(len(kinds))]
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{_width(kind, heading)}" customWidth="1"/>'
        for n, (kind, heading) in enumerate(zip(kinds, headings, strict=True), 1)
    )
    head = "".join(
        f'<c r="{letter}1" s="1" t="inlineStr"><is><t>{_text(heading)}</t></is></c>'
        for letter, heading in zip(letters, headings, strict=True)
    )
    file.write(
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1"'
        f' topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{widths}</cols>'
        f'<sheetData><row r="1">{head}</row>'.encode()
    )
    cells = [_CELLS[kind] for kind in kinds]
    columns = list(zip(letters, cells, strict=True))
    block: list[str] = []
    taken = 0
    for row in rows:
        taken += 1
        at = taken + 1
        block.append(f'<row r="{at}">')
        block += [
            cell(letter, at, value) for (letter, cell), value in zip(columns, row, strict=True) if value is not None
        ]
        block.append("</row>")
        if taken % _BLOCK == 0:
            file.write("".join(block).encode())
            block.clear()
            progress(taken)
        if taken == ROWS_A_SHEET:
            break
    file.write("".join(block).encode())
    progress(taken)
    span = f"A1:{letters[-1]}{taken + 1}"
    file.write(f'</sheetData><autoFilter ref="{span}"/></worksheet>'.encode())
    return taken


def _text(value: str) -> str:
    value = _UNWRITABLE.sub("", value[:LONGEST_TEXT])
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text_cell(letter: str, at: int, value: object) -> str:
    return f'<c r="{letter}{at}" t="inlineStr"><is><t xml:space="preserve">{_text(str(value))}</t></is></c>'


def _hundredths_cell(letter: str, at: int, value: int) -> str:
    sign, value = ("-", -value) if value < 0 else ("", value)
    return f'<c r="{letter}{at}" s="2"><v>{sign}{value // 100}.{value % 100:02d}</v></c>'


def _percent_cell(letter: str, at: int, value: int) -> str:
    sign, value = ("-", -value) if value < 0 else ("", value)
    return f'<c r="{letter}{at}" s="3"><v>{sign}{value // 10_000}.{value % 10_000:04d}</v></c>'


def _count_cell(letter: str, at: int, value: int) -> str:
    return f'<c r="{letter}{at}" s="4"><v>{value}</v></c>'


def _instant_cell(letter: str, at: int, value: datetime) -> str:
    """Days since the format's epoch; the time of day is a fraction, rounded to the nearest of its last digit."""
    local = value.astimezone(SHANGHAI)
    second = (local.hour * 60 + local.minute) * 60 + local.second
    fraction = (second * 10**10 + 43_200) // 86_400
    return f'<c r="{letter}{at}" s="5"><v>{local.toordinal() - _EPOCH}.{fraction:010d}</v></c>'


def _day_cell(letter: str, at: int, value: date) -> str:
    return f'<c r="{letter}{at}" s="6"><v>{value.toordinal() - _EPOCH}</v></c>'


_CELLS: dict[Kind, Callable[[str, int, Any], str]] = {
    "text": _text_cell,
    "hundredths": _hundredths_cell,
    "percent": _percent_cell,
    "count": _count_cell,
    "instant": _instant_cell,
    "day": _day_cell,
}


def _letters(number: int) -> str:
    """Return a column's letters: 0 → A, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _width(kind: Kind, heading: str) -> int:
    wide = sum(2 if ord(sign) > 0x2E7F else 1 for sign in heading) + 4
    return max(wide, {"text": 18, "instant": 20}.get(kind, 12))


def _sheet_name(name: str) -> str:
    """Return a name that a sheet may have: no signs of addresses, at most 28 characters (a number may follow)."""
    return _text(re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:28] or "Sheet")


def _entry(part: str) -> zipfile.ZipInfo:
    """Return an entry without a time of its own: equal tables make equal files."""
    entry = zipfile.ZipInfo(part, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _frame(name: str, sheets: int) -> dict[str, str]:
    """Return the parts around the sheets."""
    numbers = range(1, sheets + 1)
    names = [name if n == 1 else f"{name} {n}" for n in numbers]
    listed = "".join(f'<sheet name="{names[n - 1]}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PKG}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{typed}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PKG}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PKG}/relationships">{related}'
        f'<Relationship Id="rId{sheets + 1}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLE_SHEET,
    }
