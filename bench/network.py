"""The tree of a million promoters, seven levels deep: up-lines of 1,000 orders, and pages of the hierarchy.

`python -m bench.network [--promoters 1000000] [--runs 30]`. Five recruits a promoter from 60 tops on, and one who recruited 20,000;
every third one sold something on ten of the last thirty days. `--plans` prints how PostgreSQL goes about it.
"""

import argparse
import random
from datetime import UTC, datetime

from bench import ground

NOW = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
TOPS, CHILDREN, LEVELS, BUSY = 60, 5, 7, 20_000


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promoters", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--again", action="store_true", help="take the data as the last run left it")
    parser.add_argument("--plans", action="store_true")
    given = parser.parse_args()
    with ground.database(again=given.again):
        if not given.again:
            print(f"written in {ground.seconds(lambda: write(given.promoters)):.0f} s")
        _depth()
        _lines(given.promoters, given.runs)
        _pages(given.runs)
        if given.plans:
            _plans()


def write(promoters: int) -> None:
    """Write parties, the tree and its figures, level by level: each statement reads the level above."""
    from django.db import transaction

    from tuike.db import rows

    said = {"n": promoters, "tops": TOPS, "now": NOW, "day": NOW.date()}
    with transaction.atomic():
        rows.run("SET LOCAL statement_timeout = 0")
        rows.run("SET LOCAL work_mem = '256MB'")
        rows.run(_PARTIES, said)
        first, last = 1, TOPS
        rows.run(_TOPS, said)
        for level in range(1, LEVELS):
            size = promoters - last if level == LEVELS - 1 else min((last - first + 1) * CHILDREN, promoters - last)
            if size <= 0:
                break
            busy = min(BUSY, size // 5) if level == LEVELS - 1 else 0
            below = {"busy": busy, "first": first, "count": last - first + 1, "from": last + 1, "to": last + size}
            rows.run(_LEVEL, said | below)
            first, last = last + 1, last + size
        rows.run(_SOLD, said)
    import psycopg

    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE parties_party, parties_promoter, figures_sum")


_PARTIES = """
    INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)
    SELECT g, 'P2604' || lpad(g::text, 10, '0'), 'promoter', '推客' || g, 'individual', %(now)s, '', 0, %(now)s
    FROM generate_series(1, %(n)s) g
"""
_TOPS = """
    INSERT INTO parties_promoter (party_id, subject_kind, line, standing)
    SELECT g, 'individual', '{}', 'active' FROM generate_series(1, %(tops)s) g
"""
_LEVEL = """
    INSERT INTO parties_promoter (party_id, subject_kind, recruiter_id, recruited_at, line, standing)
    SELECT g, 'individual', a.party_id, %(now)s, ARRAY[a.party_id] || a.line, 'active'
    FROM generate_series(%(from)s, %(to)s) g
    JOIN parties_promoter a ON a.party_id = %(first)s + CASE
        WHEN g - %(from)s < %(busy)s THEN 0 ELSE (g - %(from)s) %% %(count)s END
"""
_SOLD = """
    INSERT INTO figures_sum (kind, owner_id, day, clicks, orders, all_orders, paid_fen, refunded_fen,
        all_paid_fen, estimated_fen, settled_fen)
    SELECT 'promoter', g, %(day)s::date - 3 * d, 9, 2, 2, 9980, 0, 9980, 998, 0
    FROM generate_series(1, %(n)s, 3) g, generate_series(0, 9) d
"""


def _depth() -> None:
    from tuike.db import rows

    found = rows.query(
        "SELECT cardinality(line) + 1, count(*), max(c) FROM (SELECT line, (SELECT count(*) FROM parties_promoter b"
        " WHERE b.recruiter_id = a.party_id) AS c FROM parties_promoter a TABLESAMPLE SYSTEM (1)) x GROUP BY 1 ORDER BY 1"
    )
    print("levels of a sample (level, promoters, most recruits):", found)


def _lines(promoters: int, runs: int) -> None:
    from tuike.parties import queries as parties

    def some() -> list[int]:
        return random.sample(range(1, promoters + 1), 1000)

    parties.lines_of(some())
    took = [1000 * ground.seconds(lambda ids=ids: parties.lines_of(ids)) for ids in (some() for _ in range(runs))]
    ground.told("up-lines of 1,000 orders", took, "ms", limit="limit ≤ 30")
    took = [1000 * ground.seconds(lambda ids=ids: parties.promoter_facts(ids)) for ids in (some() for _ in range(runs))]
    ground.told("all that a claim asks of 1,000 promoters", took, "ms")


def _pages(runs: int) -> None:
    from tuike.db import rows
    from tuike.insight import hierarchy
    from tuike.insight.hierarchy import Viewer

    busiest = rows.query(
        "SELECT recruiter_id, count(*) FROM parties_promoter WHERE recruiter_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )[0]
    print(f"the busiest recruited {busiest[1]:,}")
    inner = [
        id_ for (id_,) in rows.query("SELECT party_id FROM parties_promoter WHERE cardinality(line) = 3 LIMIT 500")
    ]
    numbers = dict(rows.query("SELECT id, no FROM parties_party WHERE id = ANY(%s)", [[*inner, busiest[0], 1]]))
    operator = Viewer()

    def page(no: str, after: int = 0) -> object:
        return hierarchy.tree_page(viewer=operator, under_no=no, after_id=after, limit=50, now=NOW)

    for name, work in (
        ("the tops of the tree", lambda i: page("")),
        ("children of an inner promoter", lambda i: page(numbers[inner[i % len(inner)]])),
        ("children of the busiest, first page", lambda i: page(numbers[busiest[0]])),
        ("children of the busiest, far on", lambda i: page(numbers[busiest[0]], 900_000)),
        ("a promoter's own, three levels' sums", lambda i: hierarchy.team_totals(promoter_id=inner[i], now=NOW)),
        (
            "search by the beginning of a name",
            lambda i: hierarchy.search(viewer=operator, text=f"推客{i + 10}", now=NOW),
        ),
        (
            "search in one promoter's team",
            lambda i: hierarchy.search(viewer=Viewer(promoter_id=1 + i % TOPS), text="推客12", now=NOW),
        ),
    ):
        work(0)
        took = [1000 * ground.seconds(lambda i=i, work=work: work(i)) for i in range(runs)]
        ground.told(f"hierarchy page: {name}", took, "ms", limit="limit ≤ 60")


def _plans() -> None:
    from django.db import connection

    from tuike.parties.queries import tree

    asked = [
        (f"{tree._NODE} WHERE r.recruiter_id = 61 AND r.party_id > 0 ORDER BY r.party_id LIMIT 50", {}),
        ("SELECT party_id, line FROM parties_promoter WHERE party_id = ANY(ARRAY(SELECT 7 * g FROM generate_series(1, 1000) g))", {}),
        (
            f"{tree._NODE} WHERE p.kind = 'promoter' AND p.name COLLATE \"C\" LIKE '推客12%%'"
            " AND (p.name COLLATE \"C\", p.id) > ('', 0) AND r.line @> ARRAY[1::bigint]"
            ' ORDER BY p.name COLLATE "C", p.id LIMIT 50',
            {},
        ),
    ]  # fmt: skip
    for statement, params in asked:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + statement, params or None)
            print("\n".join(row[0] for row in cursor.fetchall()), "\n")


if __name__ == "__main__":
    main()
