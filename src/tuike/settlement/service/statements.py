"""Monthly statements, closed from ledger entries (docs/rules.md §8)."""

from datetime import date, datetime

from tuike.db import rows
from tuike.kit import days
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.settlement.types import MonthOpen

_CLOSE_LOCK = 7_002
"""Advisory lock: one month is closed at a time, so that each statement begins where the one before it ended."""

# A statement is cut by the account's version, not by time alone: versions have no gap, so an entry that commits late,
# or is booked with an instant of a closed month, is in the next statement instead of in none.
_CLOSE = """
    WITH last AS (
        SELECT DISTINCT ON (owner) owner, month, through_version, closing_fen
        FROM settlement_statement ORDER BY owner, month DESC
    ), scope AS (
        SELECT a.id AS account_id, owner, coalesce(last.through_version, 0) AS from_version,
            coalesce(last.closing_fen, 0) AS opening_fen
        FROM ledger_account a LEFT JOIN last USING (owner)
        WHERE a.path LIKE '%%:available' AND a.version > coalesce(last.through_version, 0)
            AND (last.month IS NULL OR last.month < %(month)s)
    ), cut AS (
        SELECT s.account_id, max(e.version) AS through_version FROM scope s
        JOIN ledger_entry e ON e.account_id = s.account_id AND e.version > s.from_version
        JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE t.posted_at < %(end)s GROUP BY s.account_id
    ), by_kind AS (
        SELECT s.owner, s.opening_fen, c.through_version, t.kind, sum(e.amount_fen) AS fen, count(*) AS entries,
            sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS in_fen,
            sum(-e.amount_fen) FILTER (WHERE e.amount_fen < 0) AS out_fen
        FROM scope s JOIN cut c USING (account_id)
        JOIN ledger_entry e ON e.account_id = s.account_id
            AND e.version > s.from_version AND e.version <= c.through_version
        JOIN ledger_transfer t ON t.id = e.transfer_id
        GROUP BY s.owner, s.opening_fen, c.through_version, t.kind
    ), said AS (
        SELECT owner, opening_fen, through_version, jsonb_object_agg(kind, fen) AS by_kind,
            sum(entries)::int AS entries, coalesce(sum(in_fen), 0)::bigint AS in_fen,
            coalesce(sum(out_fen), 0)::bigint AS out_fen
        FROM by_kind GROUP BY owner, opening_fen, through_version
    )
    INSERT INTO settlement_statement (owner, month, opening_fen, in_fen, out_fen, closing_fen, by_kind, entries,
        through_version, digest, closed_at)
    SELECT owner, %(month)s, opening_fen, in_fen, out_fen, opening_fen + in_fen - out_fen, by_kind, entries,
        through_version, sha256(convert_to(concat_ws('|', owner, to_char(%(month)s::date, 'YYYY-MM-DD'),
            opening_fen, in_fen, out_fen, by_kind, entries, through_version), 'UTF8')), %(now)s
    FROM said RETURNING owner
"""
_UNCLOSED = """
    SELECT min(t.posted_at) FROM ledger_account a
    LEFT JOIN (
        SELECT owner, max(through_version) AS version FROM settlement_statement GROUP BY owner
    ) last USING (owner)
    JOIN ledger_entry e ON e.account_id = a.id AND e.version > coalesce(last.version, 0)
    JOIN ledger_transfer t ON t.id = e.transfer_id
    WHERE a.path LIKE '%%:available' AND a.version > coalesce(last.version, 0)
"""


def close_month(*, month: date, now: datetime) -> int:
    """Write the statement of every party whose available balance moved; return how many were written.

    A statement goes from where the party's last one ended to its last booking before the month's end. Closing a month
    again, or one that lies before a closed one, changes nothing for a party that has its statement: what was booked
    late is in the next one. Months are closed in order (`open_months`).

    Raises:
        MonthOpen: the month hasn't ended in Asia/Shanghai.
    """
    first = month.replace(day=1)
    end = days.start_of(days.next_month(first))
    if now < end:
        raise MonthOpen
    rows.query("SELECT pg_advisory_xact_lock(%s)", [_CLOSE_LOCK])
    closed = rows.query(_CLOSE, {"end": end, "month": first, "now": now})
    told = [(int(owner.partition(":")[2]), {"month": f"{first:%Y-%m}"}, "") for (owner,) in closed if ":" in owner]
    messages.tell_many(kind="statement_ready", told=told, now=now)
    events = [(f"{party_id}:{month['month']}", month | {"party_id": party_id}) for party_id, month, _ in told]
    outbox.put(topic="statement.closed", events=events, now=now)
    return len(closed)


def open_months(*, now: datetime) -> list[date]:
    """Return the ended months, in order, from the first one with a booking that no statement holds."""
    oldest = rows.query(_UNCLOSED, {})[0][0]
    if oldest is None:
        return []
    month, running = days.month_of(oldest), days.month_of(now)
    months = []
    while month < running:
        months.append(month)
        month = days.next_month(month)
    return months
