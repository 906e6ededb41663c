"""Batch files to the bank and outcome files from it: CSV as spreadsheet programs in China read and write it."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from tuike.gateways.payouts import Outcome, OutcomeState, Payout
from tuike.kit.days import SHANGHAI
from tuike.kit.errors import Refusal

BATCH_COLUMNS = ("payout_no", "account_name", "account_no", "bank", "amount_fen")
OUTCOME_COLUMNS = ("payout_no", "outcome", "bank_ref", "reason", "settled_at")
OUTCOME_OPTIONAL = ("amount_fen",)
FILE_LIMIT = 16 * 1024 * 1024
_SHOWN = 20
_NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")
_AMOUNT = re.compile(r"[1-9][0-9]{0,13}")
_STATES = {"paid": OutcomeState.PAID, "returned": OutcomeState.RETURNED}


class OutcomesUnreadable(Refusal):
    """The bank's file can't be taken; none of it is. `problems` are pairs of line number and what is wrong there."""

    code: ClassVar[str] = "outcomes_unreadable"
    status: ClassVar[int] = 422
    zh: ClassVar[str] = "回单文件没有导入，请修改后重新上传：{lines_zh}"
    en: ClassVar[str] = "Nothing was imported; correct the file and upload it again: {lines_en}"

    def __init__(self, problems: list[tuple[int, str, str]]) -> None:
        self.problems = tuple(problems)
        shown, more = problems[:_SHOWN], len(problems) - _SHOWN
        lines_zh = [f"第 {line} 行 {zh}" for line, zh, _ in shown] + ([f"另有 {more} 处"] if more > 0 else [])
        lines_en = [f"line {line}: {en}" for line, _, en in shown] + ([f"{more} more"] if more > 0 else [])
        super().__init__(lines_zh="；".join(lines_zh), lines_en="; ".join(lines_en))


def write_batch(payouts: Iterable[Payout]) -> bytes:
    """Return the batch file: UTF-8 with BOM, CRLF, columns of `BATCH_COLUMNS`, amounts in fen.

    No cell starts a formula. Account numbers of digits are written as they are: a spreadsheet shows long ones rounded,
    so the file goes to the bank as it is, not through a spreadsheet.

    Raises:
        ValueError: a number twice, an amount ≤ 0, or a field that isn't there.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(BATCH_COLUMNS)
    seen: set[str] = set()
    for payout in payouts:
        if not _NUMBER.fullmatch(payout.payout_no) or payout.payout_no in seen:
            raise ValueError("payout_no is used twice or has another form than letters and digits")
        if type(payout.amount_fen) is not int or payout.amount_fen <= 0:
            raise ValueError("amount_fen is not a whole number above 0")
        if not (payout.name and payout.account_no and payout.bank):
            raise ValueError("a bank payout needs name, account number and bank")
        seen.add(payout.payout_no)
        texts = (payout.payout_no, payout.name, payout.account_no, payout.bank)
        writer.writerow([*map(_cell, texts), payout.amount_fen])
    return ("\ufeff" + out.getvalue()).encode()


def read_outcomes(file: bytes) -> list[Outcome]:
    """Read the bank's outcomes: columns of `OUTCOME_COLUMNS`, `amount_fen` where the bank gives it, UTF-8 or GB18030.

    `outcome` is `paid` or `returned`; `settled_at` is `2026-11-22 14:05:09` in Shanghai or ISO 8601 with an offset.
    The whole file is read before anything is said, and it is taken whole or not at all.

    Raises:
        OutcomesUnreadable: with every line that is wrong (1 = the heading).
    """
    rows, heading, first = _rows(file)
    problems: list[tuple[int, str, str]] = []
    outcomes: list[Outcome] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heading):
            problems.append((line, "列数与表头不同", "another number of columns than the heading"))
            continue
        row = {name: _plain(cell) for name, cell in zip(heading, cells, strict=True)}
        found = len(problems)
        number = row["payout_no"]
        if number in seen:
            where = seen[number]
            problems.append((line, f"付款单号与第 {where} 行重复", f"payout_no is the same as in line {where}"))
        seen.setdefault(number, line)
        outcome = _outcome(line, row, problems)
        if outcome is not None and len(problems) == found:
            outcomes.append(outcome)
    if not outcomes and not problems:
        problems.append((first, "文件中没有任何回单", "the file holds no outcome"))
    if problems:
        raise OutcomesUnreadable(problems)
    return outcomes


def _rows(file: bytes) -> tuple[list[tuple[int, list[str]]], list[str], int]:
    """Return the file's rows with their line numbers, its heading, and the heading's line."""
    if len(file) > FILE_LIMIT:
        raise OutcomesUnreadable([(1, "文件超过 16 MB", "the file is larger than 16 MB")])
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = file.decode("gb18030")
        except UnicodeDecodeError:
            raise OutcomesUnreadable([(1, "不是 UTF-8 或 GB18030 文本", "neither UTF-8 nor GB18030")]) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            rows.append((reader.line_num, cells))
    except csv.Error:
        raise OutcomesUnreadable([(reader.line_num, "不是有效的 CSV", "not valid CSV")]) from None
    heading = [_plain(cell) for cell in rows[0][1]] if rows else []
    if set(heading) - set(OUTCOME_OPTIONAL) != set(OUTCOME_COLUMNS) or len(set(heading)) != len(heading):
        wanted = ", ".join(OUTCOME_COLUMNS)
        raise OutcomesUnreadable([(1, f"表头应为 {wanted}", f"the heading must be {wanted}")])
    return rows[1:], heading, 1


def _outcome(line: int, row: dict[str, str], problems: list[tuple[int, str, str]]) -> Outcome | None:
    """Read one row, or note what is wrong with it."""
    state = _STATES.get(row["outcome"].lower())
    if not _NUMBER.fullmatch(row["payout_no"]):
        problems.append((line, "付款单号无效", "payout_no is not a number of ours"))
    if state is None:
        problems.append((line, "outcome 只能是 paid 或 returned", "outcome must be paid or returned"))
    amount = row.get("amount_fen", "")
    if amount and not _AMOUNT.fullmatch(amount):
        problems.append((line, "amount_fen 应为以分计的整数", "amount_fen must be a whole number of fen"))
        amount = ""
    if state is OutcomeState.PAID and not row["bank_ref"]:
        problems.append((line, "已付款但没有 bank_ref", "paid without a bank_ref"))
    if state is OutcomeState.RETURNED and not row["reason"]:
        problems.append((line, "已退回但没有 reason", "returned without a reason"))
    settled_at = _instant(row["settled_at"])
    if settled_at is None:
        problems.append((line, "settled_at 应为日期和时间", "settled_at must be a date and time"))
    if state is None:
        return None
    return Outcome(
        payout_no=row["payout_no"],
        state=state,
        reference=row["bank_ref"] or None,
        reason=row["reason"] or None,
        amount_fen=int(amount) if amount else None,
        settled_at=settled_at,
    )


def _instant(text: str) -> datetime | None:
    """Return the instant; without an offset it is Shanghai's time, and a bare date is none."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-11-22"):
        return None
    return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)


def _cell(text: str) -> str:
    """Return the text on one line and so that no spreadsheet takes it for a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line


def _plain(cell: str) -> str:
    """Return a cell without outer spaces and without the apostrophe that marks text in spreadsheets."""
    return cell.strip().removeprefix("'").strip()
