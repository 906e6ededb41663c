"""Checks that what the explorer of accruals adds up is what stands in the ledger, payee by payee, in SQL alone."""

from tuike.insight.explorer.rows import FROM
from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "explorer",
        "佣金明细按收款方的待结算与已结算合计，等于账本分录，分文不差",
        "the explorer's totals by payee, pending and settled, are the ledger's entries to the fen",
        f"SELECT count(*), sum(a.amount_fen)::bigint FROM {FROM}",
        f"""
        WITH told AS (
            SELECT concat_ws(':', a.payee_kind, nullif(a.payee_id, 0)) AS owner,
                sum(a.amount_fen) FILTER (WHERE a.state = 'pending') AS pending,
                sum(a.amount_fen) FILTER (WHERE a.state = 'settled') AS settled
            FROM {FROM} GROUP BY 1
        ), booked AS (
            -- what commission moved on the accounts of whoever is paid: booked, settled, refunded, rejected
            SELECT regexp_replace(b.path, ':(pending|available|owed|fees)$', '') AS owner,
                sum(n.amount_fen) FILTER (WHERE b.path LIKE '%:pending') AS pending,
                sum(n.amount_fen) FILTER (WHERE b.path NOT LIKE '%:pending') AS settled
            FROM ledger_account b JOIN ledger_entry n ON n.account_id = b.id
            JOIN ledger_transfer t ON t.id = n.transfer_id AND t.kind IN ('accrual', 'mature', 'refund', 'reject')
            WHERE b.path IN ('platform:pending', 'platform:fees')
                OR b.path ~ '^(promoter|leader):[0-9]+:(pending|available|owed)$'
            GROUP BY 1
        )
        SELECT coalesce(x.owner, b.owner), 'the explorer shows ' || coalesce(x.pending, 0) || ' pending and '
            || coalesce(x.settled, 0) || ' settled, the ledger ' || coalesce(b.pending, 0) || ' and '
            || coalesce(b.settled, 0)
        FROM told x FULL JOIN booked b ON b.owner = x.owner
        WHERE coalesce(x.pending, 0) <> coalesce(b.pending, 0) OR coalesce(x.settled, 0) <> coalesce(b.settled, 0)
        """,
    ),
)
