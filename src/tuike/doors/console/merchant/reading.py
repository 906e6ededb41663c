"""What people type into a merchant's forms: amounts in yuan, rates in per cent, whole numbers, times; their files."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from tuike.doors.console.guard import Asker
from tuike.doors.console.text import T, chinese
from tuike.kit import xlsx_in
from tuike.kit.days import SHANGHAI
from tuike.kit.errors import Invalid, Refusal

LARGEST_FILE = 4 * 1024 * 1024
_HUNDREDTHS = re.compile(r"(\d{1,11})(?:\.(\d{1,2}))?")
_WHOLE = re.compile(r"-?\d{1,10}")


class BadFile(Refusal):
    """The file can't be read as a table."""

    code = "file_unreadable"
    status = 422
    zh = "文件无法读取：{why_zh}"
    en = "The file can't be read: {why_en}"


def who(request: Any) -> Asker:
    """Return who asks."""
    return request.asker


def fen(text: str, *, field: str) -> int:
    """Return yuan as typed (`59.9`, `¥1,299.00`) in fen.

    Raises:
        Invalid: it isn't an amount.
    """
    return _hundredths(text, field, T("请填写金额，如 59.90", "an amount like 59.90"))


def bps(text: str, *, field: str) -> int:
    """Return per cent as typed (`12`, `12.5%`) in ten-thousandths.

    Raises:
        Invalid: it isn't a rate.
    """
    return _hundredths(text, field, T("请填写百分比，如 12.5", "a rate in per cent like 12.5"))


def whole(text: str, *, field: str) -> int:
    """Return a whole number as typed.

    Raises:
        Invalid: it isn't one.
    """
    bare = text.strip().replace(",", "")
    if not _WHOLE.fullmatch(bare):
        raise _invalid(field, T("请填写整数", "a whole number"))
    return int(bare)


def instant(text: str, *, field: str) -> datetime:
    """Return the instant that was typed as a time in Shanghai (`2026-11-22 17:05`, or a day: its first instant).

    Raises:
        Invalid: it isn't one.
    """
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(field, T("请选择时间", "choose a time")) from error


def problems(refusal: Refusal) -> dict[str, str]:
    """Return a verb's no by field, in the page's language: beside what it is about, or (`form`) above everything."""
    if isinstance(refusal, Invalid):
        details = refusal.details
        return {str(details["field"]): str(details["reason_zh" if chinese() else "reason_en"])}
    return {"form": refusal.sentence("zh" if chinese() else "en")}


def table(request: HttpRequest, columns: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, values by column) of the CSV or .xlsx file that came as `file`; `columns` are the names of each.

    UTF-8 or GB 18030, as spreadsheets in China write it. Unknown columns are passed over, empty lines too.

    Raises:
        BadFile: no file, too large, not a table, or none of the columns.
    """
    file = request.FILES.get("file")
    if file is None:
        raise BadFile(why_zh="请选择文件", why_en="choose a file")
    if (file.size or 0) > LARGEST_FILE:
        raise BadFile(why_zh="最大 4 MB", why_en="4 MB at most")
    raw = file.read()
    rows = xlsx_in.read(raw) if raw.startswith(b"PK\x03\x04") else _csv_rows(_text(raw))
    try:
        _, head = next(rows, (1, []))
        places = _places(head, columns)
        if not places:
            raise BadFile(
                why_zh="首行须为列名，请下载模板", why_en="the first line must name columns; see the template"
            )
        yield from _named(rows, places)
    except csv.Error as error:
        raise BadFile(why_zh="不是 CSV 文件", why_en="not a CSV file") from error
    except xlsx_in.NotASheet as error:
        raise BadFile(why_zh="不是有效的 Excel 文件", why_en="not a spreadsheet") from error


def pasted(text: str, columns: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, values by column) of lines that were pasted: cells between tabs, commas or blanks, in the order of
    `columns`, or in that of a first line that names them.

    Raises:
        BadFile: more than a file may have.
    """
    if len(text) > LARGEST_FILE // 4:
        raise BadFile(why_zh="内容过多，请改用文件", why_en="too much to paste; use a file")
    lines = [
        (
            number,
            [cell.strip() for cell in re.split(r"[\t,，]" if re.search(r"[\t,，]", line) else r"\s+", line.strip())],
        )
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    named = _places(lines[0][1], columns) if lines else {}
    if named:
        return _named(iter(lines[1:]), named)
    return _named(iter(lines), {key: place for place, key in enumerate(columns)})


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(io.StringIO(text))
    for row in rows:
        yield rows.line_num, row


def _places(head: list[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return which column stands at which place of the line that names them; none where it names none."""
    named = {name.lower(): key for key, names in columns.items() for name in names}
    found = [name.strip().lower() for name in head]
    return {named[name]: place for place, name in enumerate(found) if name in named}


def _named(rows: Iterator[tuple[int, list[str]]], places: Mapping[str, int]) -> Iterator[tuple[int, dict[str, str]]]:
    for line, row in rows:
        values = {key: row[place].strip() for key, place in places.items() if place < len(row)}
        if any(values.values()):
            yield line, {key: _plain(value) for key, value in values.items()}


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadFile(why_zh="请另存为 CSV（UTF-8）", why_en="save it as CSV (UTF-8)")


def _plain(value: str) -> str:
    """Return a cell without the apostrophe by which our own files keep it from being taken for a formula."""
    return value[1:] if len(value) > 1 and value[0] == "'" and not value[1].isalnum() else value


def _hundredths(text: str, field: str, why: T) -> int:
    found = _HUNDREDTHS.fullmatch(text.strip().replace(",", "").lstrip("¥￥").rstrip("%％").strip())
    if not found:
        raise _invalid(field, why)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _invalid(field: str, why: T) -> Invalid:
    return Invalid(field=field, reason_zh=why.zh, reason_en=why.en)
