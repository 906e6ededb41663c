"""Boards: everything counted anew, the catching up of a minute, and what each question of a board takes.

`python -m bench.boards [--accruals 10000000] [--again]`, on `bench/big_alliance.py`: a year. Limits: `tuike rebuild
boards` within 120 s for ten millions, each question within 20 ms. Beside the rebuild stands what the bare statement over
the same accruals takes, grouped by nothing but the day.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench import big_alliance, ground

NOW = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
DAYS, ROUNDS = 365, 15
_RAW = """
    SELECT (s.paid_at AT TIME ZONE 'Asia/Shanghai')::date, sum(a.amount_fen), count(*)
    FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id GROUP BY 1
"""
_CHANGED = """
    INSERT INTO outbox_event (topic, key, facts, at)
    SELECT 'order.paid', order_no, '{}', now() FROM commission_sale WHERE id % 50 = 0 AND kind = 'goods'
    ORDER BY paid_at DESC LIMIT 1000
"""


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accruals", type=int, default=10_000_000)
    parser.add_argument("--again", action="store_true", help="on the database of the last run")
    given = parser.parse_args()
    with ground.database(again=given.again):
        if given.again:
            big = big_alliance.find(now=NOW, days=DAYS)
        else:
            big = big_alliance.make(accruals=given.accruals, days=DAYS, now=NOW)
        _rebuild(big)
        _questions(big)


def _rebuild(big: big_alliance.Big) -> None:
    import psycopg

    from tuike.flows.refresh_figures import rebuild_figures, refresh_figures

    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        link.execute("SET statement_timeout = 0")
        raw = ground.seconds(lambda: link.execute(_RAW).fetchall())
        ground.told(f"bare SQL: {big.accruals:,} accruals by day", [raw], "s")
        took = ground.seconds(lambda: rebuild_figures(now=NOW))
        ground.told(f"rebuild boards, {big.accruals:,} accruals", [took], "s", limit="(limit ≤ 120 for 10 M)")
        print(f"  {took / raw:.1f} times the bare SQL", flush=True)
        for table in ("day", "sum", "span", "month"):
            rows, size = link.execute(
                f"SELECT count(*), pg_total_relation_size('figures_{table}') FROM figures_{table}"
            ).fetchone()
            print(f"  figures_{table}: {rows:,} rows, {size >> 20:,} MB", flush=True)
        link.execute("VACUUM ANALYZE figures_day, figures_sum, figures_span, figures_month, figures_kept")
        refresh_figures(now=NOW + timedelta(minutes=1))
        link.execute(_CHANGED)
        later = NOW + timedelta(minutes=2)
        ground.told("catching up with 1,000 orders", [ground.seconds(lambda: refresh_figures(now=later))], "s")


def _questions(big: big_alliance.Big) -> None:
    from tuike.figures import queries
    from tuike.figures.types import By, Owner, Span
    from tuike.kit.days import day_of

    today = day_of(NOW)
    owners = {
        "operator": (Owner.ALL, 0),
        **{
            name: (owner, big.parties[name].id)
            for name, owner in (
                ("shop", Owner.MERCHANT),
                ("small_shop", Owner.MERCHANT),
                ("promoter", Owner.PROMOTER),
                ("leader", Owner.LEADER),
            )
        },
    }
    for name, (owner, owner_id) in owners.items():
        who = {"owner": owner, "owner_id": owner_id}
        first, last = Span.QUARTER.of(today)
        edges = {"first": first, "last": last}
        asked: dict[str, Callable[[], object]] = {
            "total, 90 days": lambda who=who, edges=edges: queries.total(**who, **edges),
            "total, 365 days": lambda who=who: queries.total(**who, first=today - timedelta(days=364), last=today),
            "commission by role and status, 90 days": lambda who=who, edges=edges: queries.commission(**who, **edges),
            "cohorts, 12 months": lambda who=who: queries.cohorts(**who, months=12),
        }
        for by in By:
            if by.value != owner.value:
                asked[f"the best by {by.value}, 90 days"] = lambda who=who, by=by: queries.top(
                    **who, by=by, span=Span.QUARTER, today=today
                )
        for what, work in asked.items():
            ground.told(f"{name}: {what}", _timed(work), "ms", limit="(limit ≤ 20)")


def _timed(work: Callable[[], object]) -> list[float]:
    work()
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return [statistics.median(found), min(found), max(found)]


if __name__ == "__main__":
    main()
