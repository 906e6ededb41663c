"""The sandbox's own state in one SQLite file, so that a restart loses nothing."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, object]

SCHEMA = """
create table if not exists settings (name text primary key, value text not null);
create table if not exists people (
  openid text primary key, unionid text not null, name text not null, phone text not null, seq integer not null);
create table if not exists codes (
  code text primary key, kind text not null, openid text not null, expires real not null,
  used integer not null default 0);
create table if not exists tokens (
  token text primary key, stable integer not null, created real not null, expires real not null);
create table if not exists links (
  code text primary key, kind text not null, path text not null, query text not null, expires real);
create table if not exists messages (
  id integer primary key, openid text not null, template_id text not null, body text not null, created real not null);
create table if not exists orders (
  out_trade_no text primary key, trade_type text not null, prepay_id text not null unique, transaction_id text unique,
  request text not null, total_fen integer not null, payer text, state text not null, created real not null,
  expires real not null, success real);
create table if not exists refunds (
  out_refund_no text primary key, refund_id text not null unique, out_trade_no text not null, request text not null,
  amount_fen integer not null, state text not null, outcome text not null, created real not null, due real,
  finished real);
create table if not exists transfers (
  out_bill_no text primary key, transfer_bill_no text not null unique, request text not null,
  amount_fen integer not null, openid text not null, name_matches integer not null, state text not null,
  reason text not null default '',
  package text not null, outcome text not null default '', created real not null, updated real not null, due real);
create table if not exists notices (
  id text primary key, seq integer not null unique, event text not null, about text not null, url text not null,
  nonce text not null, plain text not null, created real not null, state text not null, attempts integer not null,
  copies integer not null default 0, chain integer not null, next_at real, last_status text not null default '');
create table if not exists faults (
  id integer primary key, target text not null, action text not null, remaining integer, detail text not null);
create table if not exists bank_files (
  id integer primary key, name text not null, created real not null, paid integer not null, returned integer not null,
  outcome text not null);
create table if not exists bank_payouts (
  payout_no text primary key, content text not null, outcome text not null, bank_ref text not null,
  reason text not null, settled_at text not null);
create table if not exists journal (
  id integer primary key, at real not null, direction text not null, endpoint text not null, method text not null,
  path text not null, status text not null, fault text not null, body text not null);
create index if not exists orders_to_expire on orders (expires) where state = 'NOTPAY';
create index if not exists refunds_due on refunds (due) where state = 'PROCESSING';
create index if not exists refunds_of_order on refunds (out_trade_no);
create index if not exists transfers_due on transfers (due);
create index if not exists notices_due on notices (next_at) where state = 'pending';
"""
EVERYTHING = (
    *("settings", "people", "codes", "tokens", "links", "messages", "orders", "refunds", "transfers"),
    *("notices", "faults", "journal", "bank_files", "bank_payouts"),
)


class Store:
    """Rows in, rows out. Used from one thread (the event loop's)."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; the store can't be used after that."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside happen, or none."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement; returns the number of rows it touched."""
        return self._db.execute(sql, values).rowcount

    def one(self, sql: str, *values: object) -> Row | None:
        """The first row, or None."""
        row = self._db.execute(sql, values).fetchone()
        return dict(row) if row else None

    def all(self, sql: str, *values: object) -> list[Row]:
        """All rows."""
        return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def setting(self, name: str, default: object = None) -> object:
        """A control's value (any JSON), or `default`."""
        row = self.one("select value from settings where name = ?", name)
        return json.loads(str(row["value"])) if row else default

    def set(self, name: str, value: object) -> None:
        """Keep a control's value."""
        self.run(
            "insert into settings values (?, ?) on conflict (name) do update set value = excluded.value",
            name,
            json.dumps(value),
        )

    def wipe(self) -> None:
        """Forget everything but keys and ids (those are files)."""
        with self.transaction():
            for table in EVERYTHING:
                self.run(f"delete from {table}")
