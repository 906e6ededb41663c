"""order/search at a million orders, asked by a promoter who has 2 % of the claims, and by one who has half of all.

`python -m bench.union_orders [--products 100000] [--orders 1000000] [--runs 50]`: server time of whole calls, token
check, reading and rendering included.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import psycopg

from bench import console_data, ground
from bench.union_products import _token

_TURNS = (
    "TRUNCATE commission_turn",
    "INSERT INTO commission_turn (promoter_id, merchant_id, at, many, sale_ids) SELECT payee_id, merchant_id, settled_at,"
    " count(*), array_agg(sale_id) FROM commission_accrual WHERE settled_at IS NOT NULL AND payee_kind = 'promoter'"
    " GROUP BY 1, 2, 3",
    "VACUUM ANALYZE",
)
_HALF = (
    "UPDATE commission_accrual SET payee_id = {promoter} WHERE role = 'direct' AND sale_id % 4 < 3",
    "UPDATE attribution_claim SET promoter_id = {promoter} WHERE promoter_id IS NOT NULL AND id % 4 < 3",
)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--again", action="store_true", help="measure on the database of the run before")
    given = parser.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")  # a line for each request would be most of what is printed
    with ground.database(again=given.again):
        from django.conf import settings
        from django.test import Client

        from tuike.doors.web.calls import calls
        from tuike.kit import clock

        settings.ALLOWED_HOSTS = ["testserver"]
        calls.begin()  # as the web process does
        now = clock.real_now()
        if given.again:
            alliance = console_data.find(now)
        else:
            alliance = console_data.make(products=given.products, orders=given.orders, now=now)
            _owner(_TURNS)
        token = _token(alliance)
        for whose, also in (("2 % of the claims", ()), ("three quarters of the claims", _HALF)):
            _owner([one.format(promoter=alliance.promoter.id) for one in also] + (list(_TURNS) if also else []))
            for name, query in _questions(now):
                _measure(Client(), f"{name}; {whose}", token, query, given.runs)
        print(f"peak memory {ground.peak_mb()} MB")


def _owner(statements: object) -> None:
    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        for statement in statements:
            link.execute(statement)


def _questions(now: object) -> Iterator[tuple[str, dict]]:
    def ago(**span: int) -> int:
        return int((now - timedelta(**span)).timestamp())

    turned = {"sortByCommissionUpdateTime": 1, "pageSize": 50}
    yield "latest, 20 a page", {}
    yield "latest, 200 a page", {"pageSize": 200}
    yield "latest, page 100 of 50", {"pageSize": 50, "page": 100}
    yield "paid in a day, a month ago", {"startTimestamp": ago(days=31), "endTimestamp": ago(days=30), "pageSize": 50}
    yield "settled", {"commissionStatus": "SETTLEMENT_SUCCESS", "pageSize": 50}
    yield "by last change", turned
    yield "by last change, page 100", turned | {"page": 100}
    yield "changed in the last hour", turned | {"startCommissionUpdateTime": ago(hours=1)}
    yield "changed in the last two days", turned | {"startCommissionUpdateTime": ago(days=2)}
    yield (
        "changed in a day, a month ago",
        turned | {"startCommissionUpdateTime": ago(days=31), "endCommissionUpdateTime": ago(days=30)},
    )


def _measure(client: object, name: str, token: str, query: dict, runs: int) -> None:
    url = f"/union/promoter/order/search?access_token={token}&{urlencode(query)}"

    def ask() -> tuple[float, dict]:
        began = time.perf_counter()
        answer = client.get(url)
        took = (time.perf_counter() - began) * 1000
        found = json.loads(answer.content)
        if found["errcode"]:
            raise SystemExit(f"{name}: {found}")
        return took, found

    cold, found = ask()
    times = [ask()[0] for _ in range(runs)]
    late = sorted(times)[int(runs * 0.95)]
    print(
        f"{name}: p50 {statistics.median(times):.1f} ms, p95 {late:.1f} ms, first {cold:.0f} ms;"
        f" {len(found['orderList'])} of {found['totalNum']:,}",
        flush=True,
    )


if __name__ == "__main__":
    main()
