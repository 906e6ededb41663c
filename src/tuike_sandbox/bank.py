"""A small bank: takes a payout file, decides each line once and for all, gives an outcome file back.

In: ``payout_no,account_name,account_no,bank,amount_fen``. Out: ``payout_no,outcome,bank_ref,reason,settled_at``.
"""

import csv
import hashlib
import io
import secrets
from dataclasses import dataclass

from tuike_sandbox.clock import rfc3339
from tuike_sandbox.errors import ControlError
from tuike_sandbox.store import Row
from tuike_sandbox.world import World, canonical

IN_COLUMNS = ["payout_no", "account_name", "account_no", "bank", "amount_fen"]
OUT_COLUMNS = ["payout_no", "outcome", "bank_ref", "reason", "settled_at"]
REASONS = ("户名与账号不符", "账号不存在", "收款账户已销户", "收款账户状态异常")
MODES = ("paid", "returned", "random")


@dataclass(frozen=True)
class Plan:
    """How new lines end. `returned`: the named ones, all if none is named; `random`: `percent` of them, by `seed`."""

    mode: str = "paid"
    payout_nos: frozenset[str] = frozenset()
    reason: str = ""
    seed: int = 0
    percent: int = 20

    def outcome(self, number: str) -> tuple[str, str]:
        """Outcome and reason of one payout; the same seed and number always give the same."""
        digest = int.from_bytes(hashlib.sha256(f"{self.seed}:{number}".encode()).digest()[:8], "big")
        returned = {
            "paid": False,
            "returned": not self.payout_nos or number in self.payout_nos,
            "random": digest % 100 < self.percent,
        }[self.mode]
        if not returned:
            return "paid", ""
        return "returned", self.reason or REASONS[digest // 100 % len(REASONS)]


def read(content: bytes) -> list[dict[str, str]]:
    """The lines of a payout file.

    Raises:
        ControlError: not UTF-8 CSV with exactly these columns, or a line that isn't a payout.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise ControlError(f"not a UTF-8 CSV file: {wrong}") from wrong
    if not rows or rows[0] != IN_COLUMNS:
        raise ControlError(f"the first line must be {','.join(IN_COLUMNS)}")
    lines = [(number, row) for number, row in enumerate(rows[1:], start=2) if row]
    seen: set[str] = set()
    for number, row in lines:
        if len(row) != len(IN_COLUMNS) or not all(cell.strip() for cell in row):
            raise ControlError(f"line {number}: needs all of {','.join(IN_COLUMNS)}")
        if not (row[4].isascii() and row[4].isdigit()) or int(row[4]) == 0:
            raise ControlError(f"line {number}: amount_fen is a whole number of fen above 0")
        if row[0] in seen:
            raise ControlError(f"line {number}: payout_no {row[0]} is in the file twice")
        seen.add(row[0])
    if not lines:
        raise ControlError("the file holds no payout")
    return [dict(zip(IN_COLUMNS, row, strict=True)) for _, row in lines]


def _decide(world: World, line: dict[str, str], plan: Plan) -> Row:
    """The outcome of one line: the first decision stands; the number with other content comes back unpaid."""
    number, content = line["payout_no"], canonical(line)
    old = world.store.one("select * from bank_payouts where payout_no = ?", number)
    if old and old["content"] == content:
        return old
    now = rfc3339(world.clock.now())
    outcome, reason = ("returned", "付款单号重复且内容不一致") if old else plan.outcome(number)
    row: Row = {
        "payout_no": number,
        "outcome": outcome,
        "bank_ref": "SBX" + secrets.token_hex(8).upper() if outcome == "paid" else "",
        "reason": reason,
        "settled_at": now,
    }
    if not old:
        world.store.run(
            "insert into bank_payouts values (?, ?, ?, ?, ?, ?)",
            *(number, content, outcome, row["bank_ref"], reason, now),
        )
    return row


def work(world: World, name: str, content: bytes, plan: Plan) -> Row:
    """Work through a payout file, whole or not at all; returns the kept outcome file.

    Raises:
        ControlError: unknown mode, percent outside 0 to 100, or the file is wrong somewhere.
    """
    if plan.mode not in MODES or not 0 <= plan.percent <= 100:
        raise ControlError(f"mode is one of {', '.join(MODES)}; percent is 0 to 100")
    lines = read(content)
    out = io.StringIO()
    writer = csv.DictWriter(out, OUT_COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    with world.store.transaction():
        done = [_decide(world, line, plan) for line in lines]
        writer.writerows(done)
        paid = sum(row["outcome"] == "paid" for row in done)
        kept = world.store.one(
            "insert into bank_files (name, created, paid, returned, outcome) values (?, ?, ?, ?, ?) returning *",
            *(name[:100], world.clock.now(), paid, len(done) - paid, out.getvalue()),
        )
    assert kept is not None
    return kept
