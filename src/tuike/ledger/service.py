"""Posting transfers: the only way that money moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from tuike.db import ids, rows
from tuike.kit.money import MAX_FEN
from tuike.ledger.types import AccountRef, BadMove, Draft, KeyReused, NotEnough, OverCeiling, Posted

_ACCOUNT = {
    "id": "bigint",
    "path": "text",
    "owner": "text",
    "unit": "text",
    "floor_fen": "bigint",
    "ceiling_fen": "bigint",
    "balance_fen": "bigint",
    "version": "bigint",
}
_TRANSFER = {
    "id": "bigint",
    "key": "text",
    "kind": "text",
    "source": "text",
    "happened_at": "timestamptz",
    "posted_at": "timestamptz",
    "digest": "bytea",
}
_ENTRY = {
    "id": "bigint",
    "transfer_id": "bigint",
    "account_id": "bigint",
    "owner": "text",
    "no": "smallint",
    "amount_fen": "bigint",
    "balance_fen": "bigint",
    "version": "bigint",
}
# Statements that a single event runs again and again; their plans are kept where the rows are few.
_HOLD = "SELECT id, path, balance_fen, version FROM ledger_account WHERE path = ANY(%s) ORDER BY id FOR UPDATE"
_EARLIER = "SELECT id, key, digest FROM ledger_transfer WHERE key = ANY(%s)"
_STORE = """
    UPDATE ledger_account SET balance_fen = new.balance_fen, version = new.version
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS new (id, balance_fen, version)
    WHERE ledger_account.id = new.id AND ledger_account.version < new.version
"""


@dataclass(slots=True)
class _Standing:
    """An account as it stands while a batch of drafts is being posted."""

    id: int
    ref: AccountRef
    balance_fen: int
    version: int

    def add(self, amount_fen: int) -> None:
        self.balance_fen += amount_fen
        self.version += 1
        floor, ceiling = self.ref.floor_fen, self.ref.ceiling_fen
        if floor is not None and self.balance_fen < floor:
            raise NotEnough(account=self.ref.path, missing_fen=floor - self.balance_fen)
        if ceiling is not None and self.balance_fen > ceiling:
            raise OverCeiling(account=self.ref.path, excess_fen=self.balance_fen - ceiling)


def post(*, drafts: Sequence[Draft], now: datetime) -> list[Posted]:
    """Post transfers in the given order, all or none, inside the caller's transaction (docs/rules.md §7).

    Locks the accounts in id order, so that two batches over the same accounts queue instead of deadlocking. A draft
    whose key was posted before with the same content changes nothing and comes back with `fresh=False`.

    Raises:
        BadMove: a draft without moves, a non-positive amount, an account to itself, mixed units.
        KeyReused: a key that was used before for other content.
        NotEnough: an account would fall below its floor at some move.
        OverCeiling: an account would rise above its ceiling at some move.
    """
    if not drafts:
        return []
    for draft in drafts:
        _check(draft)
    standings = _lock(ref for draft in drafts for move in draft.moves for ref in (move.giver, move.taker))
    posted, transfers = _tell_apart(drafts, now)
    entries: list[tuple] = []
    for draft, done in zip(drafts, posted, strict=True):
        if done.fresh:
            entries.extend(_entries(draft, done.transfer_id, standings))
    fresh_ids = ids.take("ledger_entry", len(entries))
    numbered = [(new, *entry) for new, entry in zip(fresh_ids, entries, strict=True)]
    try:
        rows.insert_all([("ledger_transfer", _TRANSFER, transfers), ("ledger_entry", _ENTRY, numbered)])
    except IntegrityError as error:
        if rows.table_of(error) != "ledger_transfer":
            raise
        raise KeyReused(keys=len(drafts)) from error
    _store(standings.values())
    return posted


def lock(*, refs: Iterable[AccountRef]) -> dict[str, int]:
    """Lock accounts until the transaction ends and return their balances in fen by path; missing ones are opened.

    For events whose moves depend on what is there (a clawback takes what is available, the rest becomes debt).
    """
    return {path: standing.balance_fen for path, standing in _lock(refs).items()}


def balances(*, refs: Iterable[AccountRef]) -> dict[str, int]:
    """Return balances in fen by path, without locking; an account that was never touched stands at 0."""
    wanted = {ref.path: 0 for ref in refs}
    found = rows.query("SELECT path, balance_fen FROM ledger_account WHERE path = ANY(%s)", [list(wanted)])
    return wanted | dict(found)


def _check(draft: Draft) -> None:
    if not draft.moves:
        raise BadMove(key=draft.key)
    for move in draft.moves:
        same = move.giver.path == move.taker.path
        if same or not 0 < move.amount_fen <= MAX_FEN or move.giver.unit != move.taker.unit:
            raise BadMove(key=draft.key)


def _lock(refs: Iterable[AccountRef]) -> dict[str, _Standing]:
    """Open what is missing, then lock in id order. A row that doesn't exist can't be locked: it is inserted first."""
    by_path = {ref.path: ref for ref in refs}
    ask = rows.planned if len(by_path) <= rows.SINGLE else rows.query
    found = ask(_HOLD, [list(by_path)])
    if len(found) < len(by_path):
        there = {row[1] for row in found}
        missing = [by_path[path] for path in sorted(by_path) if path not in there]
        new = zip(ids.take("ledger_account", len(missing)), missing, strict=True)
        opened = [(i, r.path, r.owner, r.unit, r.floor_fen, r.ceiling_fen, 0, 0) for i, r in new]
        rows.insert("ledger_account", _ACCOUNT, opened, suffix="ON CONFLICT (path) DO NOTHING")
        found = ask(_HOLD, [list(by_path)])
    return {path: _Standing(id_, by_path[path], balance, version) for id_, path, balance, version in found}


def _tell_apart(drafts: Sequence[Draft], now: datetime) -> tuple[list[Posted], list[tuple]]:
    """Return what each draft comes to, and the rows of the transfers that are new; the others are told by their key
    and held against their digest.

    A twin with the same key has the same accounts, so it has waited at their lock and is seen here. One with other
    content may not have: the unique key refuses it.
    """
    digests = [draft.digest() for draft in drafts]
    keys = [draft.key for draft in drafts]
    ask = rows.planned if len(keys) <= rows.SINGLE else rows.query
    earlier = {key: (id_, bytes(digest)) for id_, key, digest in ask(_EARLIER, [keys])}
    fresh_ids = iter(ids.take("ledger_transfer", len(drafts)))
    added: list[tuple] = []
    posted: list[Posted] = []
    for draft, digest in zip(drafts, digests, strict=True):
        found = earlier.get(draft.key)
        if found is None:
            id_ = next(fresh_ids)
            earlier[draft.key] = id_, digest
            added.append((id_, draft.key, draft.kind, draft.source, draft.happened_at, now, digest))
        elif found[1] != digest:
            raise KeyReused(key=draft.key)
        posted.append(Posted(earlier[draft.key][0], draft.key, found is None))
    return posted, added


def _entries(draft: Draft, transfer_id: int, standings: dict[str, _Standing]) -> Iterable[tuple]:
    no = 0
    for move in draft.moves:
        for ref, amount in ((move.giver, -move.amount_fen), (move.taker, move.amount_fen)):
            standing = standings[ref.path]
            standing.add(amount)
            no += 1
            yield transfer_id, standing.id, ref.owner, no, amount, standing.balance_fen, standing.version


def _store(standings: Iterable[_Standing]) -> None:
    moved = [(s.id, s.balance_fen, s.version) for s in standings]
    store = rows.planned if len(moved) <= rows.SINGLE else rows.run
    store(_STORE, rows.columns(moved, 3))
