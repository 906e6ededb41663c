"""Checks of the ledger by itself: written in SQL alone, so that no code of the ledger checks itself."""

from tuike.insight.verify.check import Check

_INSTANT = "to_char(t.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

CHECKS = (
    Check(
        "transfers",
        "每笔转账借贷相抵，至少两条分录，单位一致",
        "each transfer sums to zero, has at least two entries, and is of one unit",
        "SELECT count(*), NULL::bigint FROM ledger_transfer",
        """
        SELECT 'transfer ' || t.key, 'sums to ' || coalesce(said.fen, 0) || ' over ' || coalesce(said.entries, 0)
            || ' entries, units ' || coalesce(said.lowest || ' to ' || said.highest, 'none')
        FROM ledger_transfer t
        LEFT JOIN (
            SELECT e.transfer_id, sum(e.amount_fen) AS fen, count(*) AS entries, min(a.unit) AS lowest,
                max(a.unit) AS highest
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id GROUP BY e.transfer_id
        ) said ON said.transfer_id = t.id
        WHERE said.transfer_id IS NULL OR said.fen <> 0 OR said.entries < 2 OR said.lowest <> said.highest
        """,
    ),
    Check(
        "digests",
        "每笔转账与其摘要一致",
        "each transfer is as it was posted",
        "SELECT count(*), sum(amount_fen) FILTER (WHERE amount_fen > 0)::bigint FROM ledger_entry",
        f"""
        SELECT 'transfer ' || t.key, 'was changed after posting'
        FROM ledger_transfer t
        JOIN (
            SELECT e.transfer_id, string_agg(a.path || '=' || e.amount_fen, ',' ORDER BY e.no) AS lines
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id GROUP BY e.transfer_id
        ) said ON said.transfer_id = t.id
        WHERE t.digest <> sha256(convert_to(
            t.key || '|' || t.kind || '|' || t.source || '|' || {_INSTANT} || '|' || said.lines, 'UTF8'))
        """,
    ),
    Check(
        "entries",
        "每个账户的分录连续，余额逐笔相接",
        "the entries of each account follow one another without a gap",
        "SELECT count(*), NULL::bigint FROM ledger_entry",
        """
        SELECT 'entry ' || id || ' of ' || path, 'version ' || version || ', balance ' || balance_fen
            || ', expected ' || expected_version || ' and ' || expected_fen
        FROM (
            SELECT e.id, a.path, e.version, e.balance_fen,
                row_number() OVER w AS expected_version, sum(e.amount_fen) OVER w AS expected_fen
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WINDOW w AS (PARTITION BY e.account_id ORDER BY e.version)
        ) follow
        WHERE version <> expected_version OR balance_fen <> expected_fen
        """,
    ),
    Check(
        "balances",
        "账户余额等于分录之和，版本等于分录数",
        "each account's balance is the sum of its entries",
        "SELECT count(*), NULL::bigint FROM ledger_account",
        """
        SELECT 'account ' || a.path, 'balance ' || a.balance_fen || ' (version ' || a.version || '), entries give '
            || coalesce(e.fen, 0) || ' (' || coalesce(e.entries, 0) || ')'
        FROM ledger_account a
        LEFT JOIN (SELECT account_id, sum(amount_fen) AS fen, count(*) AS entries FROM ledger_entry GROUP BY 1) e
            ON e.account_id = a.id
        WHERE a.balance_fen <> coalesce(e.fen, 0) OR a.version <> coalesce(e.entries, 0)
        """,
    ),
    Check(
        "floors",
        "每个账户的上下限正确，历史上每一刻都未越过",
        "each account has its bounds and never stood beyond them",
        "SELECT count(*), NULL::bigint FROM ledger_account",
        """
        SELECT 'entry ' || e.id || ' of ' || a.path, 'balance ' || e.balance_fen
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        WHERE e.balance_fen < a.floor_fen OR e.balance_fen > a.ceiling_fen
        UNION ALL
        SELECT 'account ' || a.path, 'has the bounds ' || coalesce(a.floor_fen::text, 'none') || ' and '
            || coalesce(a.ceiling_fen::text, 'none')
        FROM ledger_account a CROSS JOIN LATERAL (SELECT a.path ~ ':(points_)?owed$' AS owed) k
        WHERE a.ceiling_fen IS DISTINCT FROM CASE WHEN k.owed THEN 0 END
            OR a.floor_fen IS DISTINCT FROM CASE WHEN NOT (k.owed OR a.path LIKE 'outside:%'
                OR a.path IN ('platform:fees', 'platform:promotion', 'platform:points')) THEN 0 END
        """,
    ),
    Check(
        "units",
        "每种单位的全部余额合计为零",
        "all balances of a unit sum to zero",
        "SELECT count(DISTINCT unit), NULL::bigint FROM ledger_account",
        """
        SELECT 'unit ' || unit, 'balances sum to ' || sum(balance_fen)
        FROM ledger_account GROUP BY unit HAVING sum(balance_fen) <> 0
        """,
    ),
    Check(
        "owners",
        "分录的归属与账户一致",
        "each entry carries its account's owner",
        "SELECT count(*), NULL::bigint FROM ledger_entry",
        """
        SELECT 'entry ' || e.id, 'says ' || e.owner || ', account says ' || a.owner
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id WHERE e.owner <> a.owner
        """,
    ),
)
