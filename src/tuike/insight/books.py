"""The books from above: what stands on each kind of account, and whether it all adds up to nothing."""

from dataclasses import dataclass

from tuike.db import rows
from tuike.insight.lists.operator_books import GROUP, PURPOSE

_BALANCE = f"""
    SELECT {GROUP}, {PURPOSE}, a.unit, count(*), count(*) FILTER (WHERE a.balance_fen <> 0),
        coalesce(sum(a.balance_fen) FILTER (WHERE a.balance_fen > 0), 0)::bigint,
        coalesce(sum(a.balance_fen) FILTER (WHERE a.balance_fen < 0), 0)::bigint
    FROM ledger_account a GROUP BY 1, 2, 3 ORDER BY 3, 1, 2
"""


@dataclass(frozen=True, slots=True)
class Line:
    """Accounts of one kind and purpose: how many, how many of them aren't at zero, and what stands on either side."""

    group: str
    purpose: str
    unit: str
    accounts: int
    moved: int
    positive_fen: int
    negative_fen: int

    @property
    def balance_fen(self) -> int:
        """Return what stands on them together."""
        return self.positive_fen + self.negative_fen


@dataclass(frozen=True, slots=True)
class AccountShown:
    """One account of the books."""

    id: int
    path: str
    unit: str
    balance_fen: int
    version: int
    floor_fen: int | None
    ceiling_fen: int | None


def trial_balance() -> list[Line]:
    """Return the trial balance: by unit it adds up to zero, since every transfer does (docs/rules.md §7)."""
    # The expressions are written for lists, where a percent sign stands twice; so it does here, by the empty params.
    return [Line(*row) for row in rows.query(_BALANCE, {})]


def account(path: str) -> AccountShown | None:
    """Return an account by its path."""
    found = rows.query(
        "SELECT id, path, unit, balance_fen, version, floor_fen, ceiling_fen FROM ledger_account WHERE path = %s",
        [path],
    )
    return AccountShown(*found[0]) if found else None


def account_by_id(account_id: int) -> AccountShown | None:
    """Return an account by its id."""
    found = rows.query(
        "SELECT id, path, unit, balance_fen, version, floor_fen, ceiling_fen FROM ledger_account WHERE id = %s",
        [account_id],
    )
    return AccountShown(*found[0]) if found else None


def transfer_of_entry(entry_id: int) -> tuple[str, str] | None:
    """Return key and source of the transfer that an entry belongs to."""
    found = rows.query(
        "SELECT t.key, t.source FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id WHERE e.id = %s",
        [entry_id],
    )
    return found[0] if found else None
