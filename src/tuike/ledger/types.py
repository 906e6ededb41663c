"""What crosses the ledger's border: account references, moves, drafts, what was posted, and its refusals."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tuike.kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by path, with what must always hold of its balance. Built in `ledger/chart.py` only."""

    path: str
    owner: str
    unit: str = "CNY"
    floor_fen: int | None = 0
    ceiling_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """`amount_fen` > 0 from one account to another of the same unit."""

    giver: AccountRef
    taker: AccountRef
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A transfer to post: `key` is chosen by whoever starts the event and makes the second call the first one."""

    key: str
    kind: str
    source: str
    happened_at: datetime
    moves: tuple[Move, ...]

    def digest(self) -> bytes:
        """Return SHA-256 over everything the transfer says; `tuike verify` recomputes it from the stored rows."""
        return transfer_digest(
            key=self.key,
            kind=self.kind,
            source=self.source,
            happened_at=self.happened_at,
            lines=[line for move in self.moves for line in _lines(move)],
        )


@dataclass(frozen=True, slots=True)
class Posted:
    """A transfer in the books; `fresh` is false when an earlier call with the same key had posted it."""

    transfer_id: int
    key: str
    fresh: bool


def transfer_digest(
    *, key: str, kind: str, source: str, happened_at: datetime, lines: Sequence[tuple[str, int]]
) -> bytes:
    """Return the digest of a transfer: its facts and its entries (account path, signed fen) in order."""
    instant = happened_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    entries = ",".join(f"{path}={amount}" for path, amount in lines)
    return hashlib.sha256(f"{key}|{kind}|{source}|{instant}|{entries}".encode()).digest()


def _lines(move: Move) -> tuple[tuple[str, int], tuple[str, int]]:
    return (move.giver.path, -move.amount_fen), (move.taker.path, move.amount_fen)


class NotEnough(Refusal):
    """A move would take an account below its floor."""

    code = "not_enough"
    status = 409
    zh = "余额不足，无法完成"
    en = "The balance is not enough for this."


class OverCeiling(Refusal):
    """A move would take an account above its ceiling (a debt repaid twice)."""

    code = "over_ceiling"
    status = 409
    zh = "超出账户上限，未记账"
    en = "This would exceed what the account may hold."


class KeyReused(Refusal):
    """The key of a transfer was used before for other content."""

    code = "transfer_key_reused"
    status = 409
    zh = "记账编号已用于其他内容"
    en = "This booking key was used for other content."


class BadMove(Refusal):
    """A draft that can't be a booking: no moves, an amount that isn't positive, an account to itself, mixed units."""

    code = "bad_move"
    status = 422
    zh = "记账内容不合法"
    en = "This is not a valid booking."
