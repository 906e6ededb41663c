"""Monthly statements, closed from ledger entries (docs/rules.md §8)."""

from datetime import date, datetime

from tuike.db import rows
from tuike.kit import days
from tuike.settlement.types import MonthOpen

_CLOSE = """
    WITH touched AS (
        SELECT a.owner, t.kind, e.amount_fen, e.id FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id
        JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE a.path LIKE '%%:available' AND t.posted_at >= %(start)s AND t.posted_at < %(end)s
    ), by_kind AS (
        SELECT owner, kind, sum(amount_fen) AS fen, count(*) AS entries,
            sum(amount_fen) FILTER (WHERE amount_fen > 0) AS in_fen,
            sum(-amount_fen) FILTER (WHERE amount_fen < 0) AS out_fen
        FROM touched GROUP BY owner, kind
    ), month AS (
        SELECT owner, jsonb_object_agg(kind, fen) AS by_kind, sum(entries) AS entries,
            coalesce(sum(in_fen), 0) AS in_fen, coalesce(sum(out_fen), 0) AS out_fen
        FROM by_kind GROUP BY owner
    ), opening AS (
        SELECT a.owner, sum(e.amount_fen) AS fen FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id
        JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE a.path LIKE '%%:available' AND t.posted_at < %(start)s GROUP BY a.owner
    ), said AS (
        SELECT month.owner, coalesce(opening.fen, 0)::bigint AS opening_fen, month.in_fen::bigint AS in_fen,
            month.out_fen::bigint AS out_fen, month.by_kind, month.entries::int AS entries
        FROM month LEFT JOIN opening USING (owner)
    )
    INSERT INTO settlement_statement
        (owner, month, opening_fen, in_fen, out_fen, closing_fen, by_kind, entries, digest, closed_at)
    SELECT owner, %(month)s, opening_fen, in_fen, out_fen, opening_fen + in_fen - out_fen, by_kind, entries,
        sha256(convert_to(
            concat_ws('|', owner, %(month)s::date, opening_fen, in_fen, out_fen, by_kind, entries), 'UTF8')),
        %(now)s
    FROM said ON CONFLICT (owner, month) DO NOTHING
"""


def close_month(*, month: date, now: datetime) -> int:
    """Write the statement of every party whose available balance moved in the month; return how many were written.

    A booking belongs to the month in which it was posted, so that a closed month never changes. Closing a month again
    adds nothing.

    Raises:
        MonthOpen: the month hasn't ended in Asia/Shanghai.
    """
    first = month.replace(day=1)
    start, end = days.start_of(first), days.start_of(days.next_month(first))
    if now < end:
        raise MonthOpen
    return rows.run(_CLOSE, {"start": start, "end": end, "month": first, "now": now})
