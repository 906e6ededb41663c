"""Maturity of a million due accruals of 20,000 payees: one transfer per payee, merchant and batch.

`python -m bench.mature [--accruals 1000000] [--payees 20000] [--runs 3]`; the ratio is to the same rows changed by raw
SQL in one go.
"""

import argparse
from datetime import UTC, datetime, timedelta

from bench import ground

MERCHANTS = 20
PAID = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
DUE = PAID + timedelta(days=30)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accruals", type=int, default=1_000_000)
    parser.add_argument("--payees", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    took, raw, digests = [], [], set()
    for _ in range(given.runs):
        with ground.database():
            _make(given.accruals, given.payees)
            raw.append(_raw())
            digest, one = _mature()
            digests.add(digest)
            took.append(one)
    ground.told(f"mature {given.accruals:,} accruals of {given.payees:,} payees", took, "s", limit="limit ≤ 15")
    ground.told("the same rows changed by raw SQL in one transaction", raw, "s")
    ground.told("ratio raw ÷ ours", [a / b for a, b in zip(raw, took, strict=True)], "")
    print(f"digests over runs: {len(digests)}; peak memory {ground.peak_mb()} MB (limit ≤ 300)")


def _make(accruals: int, payees: int) -> None:
    """Sales with five pending accruals each, due at once, and the accounts that hold them.

    Each payee works for one of the twenty merchants, direct and bonus going to the same promoter.
    """
    from django.db import transaction

    from tuike.db import rows

    params = {"n": accruals // 5, "m": MERCHANTS, "p": payees, "paid": PAID, "due": PAID + timedelta(days=28)}
    with transaction.atomic():
        rows.run("SET LOCAL statement_timeout = 0")
        for statement in _ROWS:
            rows.run(statement, params)
    import psycopg

    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


_ROWS = (
    "INSERT INTO commission_sale (id, kind, order_no, merchant_id, source, quantity, paid_fen, subsidy_fen,"
    " refunded_fen, refunded_quantity, terms, placed_at, paid_at, received_at, due_at, open_after_sales, waiting, booking)"
    " SELECT g, 'goods', 'O' || g, 1 + g %% %(m)s, 'mini_store', 1, 10000, 0, 0, 0, '{}', %(paid)s, %(paid)s, %(paid)s,"
    " %(due)s, 0, false, 'B' || g / 1000 FROM generate_series(1, %(n)s) g",
    "INSERT INTO commission_accrual (id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps,"
    " first_fen, amount_fen, state, review, accrued_at)"
    " SELECT (s.id - 1) * 5 + r.no, s.id, s.merchant_id, 'promoter',"
    " 100 + %(m)s * ((s.id / %(m)s * greatest(1, r.no - 1) * 7919) %% (%(p)s / %(m)s)) + s.id %% %(m)s, r.role, 'merchant', 10000,"
    " 100, 100 + r.no, 100 + r.no, 'pending', 'clear', s.paid_at"
    " FROM commission_sale s, (VALUES (1, 'direct'), (2, 'bonus'), (3, 'tier2'), (4, 'tier3'), (5, 'leader')) r (no, role)",
    "INSERT INTO ledger_account (id, path, owner, unit, floor_fen, balance_fen, version)"
    " SELECT -row_number() OVER (), 'promoter:' || payee_id || ':pending', 'promoter:' || payee_id, 'CNY', 0,"
    " sum(amount_fen), 0 FROM commission_accrual GROUP BY payee_id",
    "INSERT INTO ledger_account (id, path, owner, unit, floor_fen, balance_fen, version)"
    " SELECT -1000000 - g, 'merchant:' || g || ':held', 'merchant:' || g, 'CNY', 0, 10000000000, 0"
    " FROM generate_series(1, %(m)s) g",
)


def _mature() -> tuple[str, float]:
    from tuike.flows.mature_lines import mature_lines
    from tuike.settlement.queries import matured_digest

    took = ground.seconds(lambda: mature_lines(until=DUE, now=DUE))
    again = mature_lines(until=DUE, now=DUE)
    if again.batches:
        raise SystemExit("a second run matured something")
    return matured_digest(DUE), took


def _raw() -> float:
    """Change the same sales and accruals, and add as many transfers and entries, in one transaction; rolled back."""
    import psycopg

    with psycopg.connect(ground.owner_url()) as connection:
        took = ground.seconds(lambda: [connection.execute(statement, {"due": DUE}) for statement in _RAW])
        connection.rollback()
    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return took


_RAW = (
    "UPDATE commission_sale SET matured_batch_id = 1 WHERE due_at <= %(due)s AND matured_batch_id IS NULL",
    "UPDATE commission_accrual SET state = 'settled', settled_at = %(due)s, batch_id = 1 WHERE state = 'pending'",
    "CREATE TEMP TABLE parts AS SELECT row_number() OVER () AS id, payee_id, merchant_id, sum(amount_fen) AS fen"
    " FROM commission_accrual GROUP BY payee_id, merchant_id",
    "INSERT INTO ledger_transfer (id, key, kind, source, happened_at, posted_at, digest) SELECT id, 'raw:' || id,"
    " 'mature', 'raw', %(due)s, %(due)s, sha256('x') FROM parts",
    "INSERT INTO ledger_entry (id, transfer_id, account_id, owner, no, amount_fen, balance_fen, version)"
    " SELECT p.id, p.id, a.id, a.owner, 1, -p.fen, 0, row_number() OVER (PARTITION BY a.id)"
    " FROM parts p JOIN ledger_account a ON a.path = 'promoter:' || p.payee_id || ':pending'"
    " UNION ALL SELECT p.id + 10000000, p.id, a.id, a.owner, 2, p.fen, 0, 1000000 + row_number() OVER (PARTITION BY a.id)"
    " FROM parts p JOIN ledger_account a ON a.path = 'promoter:' || p.payee_id || ':pending'",
    "UPDATE ledger_account a SET balance_fen = a.balance_fen - s.fen, version = version + s.n FROM"
    " (SELECT payee_id, sum(fen) AS fen, count(*) AS n FROM parts GROUP BY 1) s"
    " WHERE a.path = 'promoter:' || s.payee_id || ':pending'",
)

if __name__ == "__main__":
    main()
