"""The run over the ladder: a million promoters, what settled of each in 90 days, and who moves.

`python -m bench.grades [--promoters 1000000] [--runs 3]`. Each promoter has one settled accrual, a third stands on a
step; each run finds a tenth of them a step further. Data are written by one statement a table.
"""

import argparse
from datetime import UTC, datetime, timedelta

from bench import ground

NOW = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
EARLY = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
"""A midnight in Shanghai, since which a third of the promoters stand on the first step."""
STEPS = ((1, 10_000), (2, 100_000), (3, 1_000_000))


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promoters", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with ground.database():
        print(f"written in {ground.seconds(lambda: _write(given.promoters)):.0f} s")
        took = []
        for run in range(given.runs):
            _sell(given.promoters, run)
            took.append(ground.seconds(lambda run=run: _run(given.promoters, run)))
        ground.told(f"upgrade run over {given.promoters:,} promoters, a tenth moves", took, "s", limit="limit ≤ 60")
        print(f"peak memory {ground.peak_mb()} MB")


def _run(promoters: int, run: int) -> None:
    from tuike.flows.move_grades import move_grades

    done = move_grades(now=NOW + timedelta(days=run))
    assert done.seen == promoters, done
    assert done.up == promoters // 10 and done.down == 0, done


def _write(promoters: int) -> None:
    """Write the ladder, the promoters, a settled accrual each of 1 yuan, and the step of every third."""
    from tuike.db import rows

    said = {"n": promoters, "early": EARLY, "now": NOW, "settled": NOW - timedelta(days=10)}
    rows.run("SET statement_timeout = 0")
    for rank, least in STEPS:
        rows.run(
            "INSERT INTO plans_grade (id, name, rank, threshold_fen, threshold_orders, extra_bps)"
            " VALUES (%s, 'step ' || %s, %s, %s, 0, %s)",
            [rank, rank, rank, least, 10 * rank],
        )
    for statement in _DATA:
        rows.run(statement, said)
    rows.run("ANALYZE")


def _sell(promoters: int, run: int) -> None:
    """Let the next tenth of the promoters have sold enough for the step above the one they have."""
    from tuike.db import rows

    rows.run(
        "UPDATE commission_accrual SET base_fen = CASE WHEN payee_id %% 3 = 0 THEN 100000 ELSE 10000 END"
        " WHERE payee_id > %s AND payee_id <= %s",
        [run * (promoters // 10), (run + 1) * (promoters // 10)],
    )


_DATA = (
    "INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)"
    " SELECT g, 'T' || g, 'promoter', 'party ' || g, 'individual', %(early)s, '', 0, %(early)s"
    " FROM generate_series(1, %(n)s) g",
    "INSERT INTO parties_promoter (party_id, subject_kind, line, standing) SELECT g, 'individual', '{}', 'active'"
    " FROM generate_series(1, %(n)s) g",
    "INSERT INTO commission_sale (id, kind, order_no, merchant_id, source, quantity, paid_fen, subsidy_fen, refunded_fen,"
    " refunded_quantity, terms, placed_at, paid_at, open_after_sales, waiting, booking) SELECT g, 'goods', 'O' || g, 1,"
    " 'mini_store', 1, 100000, 0, 0, 0, '{}', %(early)s, %(early)s, 0, false, 'B' FROM generate_series(1, %(n)s) g",
    "INSERT INTO commission_accrual (id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps,"
    " first_fen, amount_fen, state, review, accrued_at, settled_at) SELECT g, g, 1, 'promoter', g, 'direct', 'merchant',"
    " CASE WHEN g %% 3 = 0 THEN 10000 ELSE 100 END, 1000, 10, 10, 'settled', 'clear', %(early)s, %(settled)s"
    " FROM generate_series(1, %(n)s) g",
    "INSERT INTO plans_rate (layer, scope, lookup, grade_id, rate_bps, bonus_fen, service_bps, valid, written_at)"
    " SELECT 'grade', 'grade:' || g, 'grade:' || g, 1, 10, 0, 0, tstzrange(%(early)s, NULL),"
    " %(early)s::timestamptz - interval '1 hour' FROM generate_series(3, %(n)s, 3) g",
)


if __name__ == "__main__":
    main()
