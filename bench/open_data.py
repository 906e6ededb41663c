"""The open data's export: everything anew, and a night on which little changed.

`python -m bench.open_data [--accruals 1000000] [--days 365] [--again]`, on `bench/big_alliance.py`. Seconds, peak memory
of the writing process, what the files take; beside it the time in which the database alone gives the same rows as text.
"""

import argparse
import shutil
from datetime import UTC, datetime
from pathlib import Path

from bench import big_alliance, ground

NOW = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accruals", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--again", action="store_true", help="on the database of the last run")
    given = parser.parse_args()
    root = ground.HOME / "open_data_bench"
    shutil.rmtree(root, ignore_errors=True)
    with ground.database(again=given.again):
        if not given.again:
            big_alliance.make(accruals=given.accruals, days=given.days, now=NOW)
        ground.told("COPY … TO of the same rows, read and thrown away", [ground.seconds(_copied)], "s")
        for what, change in (
            ("everything", None),
            ("a night: one sale of each of 30 days was refunded", _REFUNDED),
            ("a night on which nothing changed", None),
        ):
            if change:
                _run(change)
            _measure(f"{given.accruals:,} accruals, {what}", root)
        checked = ground.seconds(lambda: _check(root))
        ground.told("check: every file read again, compared with the books", [checked], "s")
    shutil.rmtree(root)
    print(f"peak memory {ground.peak_mb()} MB (limit ≤ 300)")


def _measure(what: str, root: Path) -> None:
    from tuike.insight.open_data import write

    found = []

    def work() -> None:
        found.append(
            write.write(root=root, keep_days=0, everything=False, told=lambda *_: None, stopping=lambda: False, now=NOW)
        )

    took = ground.seconds(work)
    one = found[0]
    ground.told(what, [took], "s")
    print(
        f"  {one.files:,} files with {one.rows:,} rows written anew; {one.all_files:,} files,"
        f" {one.all_bytes >> 20:,} MB in all; peak memory so far {ground.peak_mb()} MB",
        flush=True,
    )


def _copied() -> None:
    import psycopg

    from tuike.insight.open_data.tables import TABLES

    with psycopg.connect(ground.owner_url()) as connection, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in TABLES.values():
            columns = ", ".join(f"({one.sql})" for one in table.columns)
            statement = f"COPY (SELECT {columns} FROM {table.base} {table.more}) TO STDOUT".replace("%%", "%")
            with cursor.copy(statement) as rows:
                for _ in rows:
                    pass


def _check(root: Path) -> None:
    from tuike.insight.open_data.check import check

    found = check(root)
    assert found is not None and not found.findings, found
    print(f"  {found.files:,} files, {found.rows:,} rows, {found.compared:,} compared", flush=True)


def _run(statement: str) -> None:
    import psycopg

    with psycopg.connect(ground.owner_url()) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute(statement)


_REFUNDED = """
    UPDATE commission_accrual SET amount_fen = 0, state = 'cancelled', turned_at = now() WHERE sale_id IN (
        SELECT min(id) FROM commission_sale GROUP BY (paid_at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY 1 LIMIT 30)
"""


if __name__ == "__main__":
    main()
