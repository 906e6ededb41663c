"""Reads the first sheet of an .xlsx file as rows of text, within bounds."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element  # nosec B405

from defusedxml import DefusedXmlException, ElementTree

LARGEST_PART = 32 * 1024 * 1024
"""Bytes of one part of the file once it is unpacked."""
MOST_COLUMNS = 200
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_PLACE = re.compile(r"([A-Z]{1,3})\d*")
_BROKEN = (
    zipfile.BadZipFile,
    ElementTree.ParseError,
    DefusedXmlException,
    KeyError,
    IndexError,
    ValueError,
    NotImplementedError,
)
_WHOLE = re.compile(r"-?\d+\.0+")


class NotASheet(ValueError):
    """The file is no .xlsx file, is broken, or is larger than this reads."""


def read(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield (line from 1, the row's cells as text) of the first sheet; numbers as they stand in the file.

    Raises:
        NotASheet: see there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            names = book.namelist()
            sheets = sorted((int(found[1]), name) for name in names if (found := _SHEET.fullmatch(name)))
            if not sheets:
                raise NotASheet
            shared = _shared(book) if "xl/sharedStrings.xml" in names else []
            sheet = _parsed(book, sheets[0][1])
        for place, row in enumerate(sheet.iter(f"{_NS}row"), start=1):
            yield int(row.get("r") or place), _cells(row, shared)
    except NotASheet:
        raise
    except _BROKEN as error:
        raise NotASheet from error


def _parsed(book: zipfile.ZipFile, name: str) -> Element:
    with book.open(name) as file:
        data = file.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise NotASheet
    # No spreadsheet declares a document type; what does is after the parser's memory.
    return ElementTree.fromstring(data, forbid_dtd=True)


def _shared(book: zipfile.ZipFile) -> list[str]:
    return [_text(one) for one in _parsed(book, "xl/sharedStrings.xml").iter(f"{_NS}si")]


def _text(element: Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{_NS}t"))


def _cells(row: Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_NS}c"):
        found = _PLACE.fullmatch(cell.get("r") or "")
        place = _column(found[1]) if found else len(cells)
        if place >= MOST_COLUMNS:
            break
        cells.extend([""] * (place - len(cells)))
        cells.append(_value(cell, shared))
    return cells


def _value(cell: Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = cell.findtext(f"{_NS}v") or ""
    if cell.get("t") == "s":
        return shared[int(value)]
    return value.partition(".")[0] if _WHOLE.fullmatch(value) else value


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
