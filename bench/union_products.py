"""`product/list` of the union door on a million products: token, counter and log included.

`python -m bench.union_products [--products 1000000] [--runs 200] [--again]`: `--again` takes the data that the last run
wrote. A tenth of the shops has a mini-program of its own. A call is measured in the process that answers it, middleware
included, as the median of its runs after three that are not counted; `cold` is the first one, whose total is counted.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import psycopg

from bench import console_data, ground

LIMIT_MS = 10


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")  # a line for each request would be most of what is printed
    with ground.database(again=given.again):
        from django.conf import settings
        from django.test import Client

        from tuike.doors.web.calls import calls
        from tuike.kit import clock

        settings.ALLOWED_HOSTS = ["testserver"]
        calls.begin()  # as the web process does
        alliance = console_data.find(clock.real_now()) if given.again else _written(given.products)
        token = _token(alliance)
        for name, path, queries in _calls():
            _measure(Client(), name, f"/union/promoter/{path}?access_token={token}&", queries, given.runs)
        print(f"peak memory {ground.peak_mb()} MB")


def _written(products: int) -> console_data.Alliance:
    from tuike.kit import clock

    print(console_data.__doc__, flush=True)
    began = time.perf_counter()
    made = console_data.make(products=products, orders=1_000, now=clock.real_now())
    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        for statement in _ALSO:
            link.execute(statement)
    ground.told(f"{products:,} products written", [time.perf_counter() - began], "s")
    return made


_ALSO = (
    "INSERT INTO parties_credential (party_id, appid) SELECT m.party_id, 'tkbench' || m.party_id FROM parties_merchant m"
    " ON CONFLICT DO NOTHING",
    "UPDATE parties_merchant SET source = 'mini_program', appid = 'wxbench' || party_id"
    " WHERE party_id % 10 = 0 AND party_id > 100000",
    "UPDATE library_item i SET source = 'mini_program' FROM parties_merchant m"
    " WHERE m.party_id = i.merchant_id AND m.source = 'mini_program'",
    "VACUUM ANALYZE",
)


def _token(alliance: console_data.Alliance) -> str:
    """Return an access token of the promoter's software, whose calls aren't limited to a minute's."""
    from tests.make import apps as make_apps
    from tests.make import parties as make_parties
    from tuike.apps import service as apps
    from tuike.kit import clock

    now = clock.now()
    app = make_apps.secret(alliance.promoter, now=now)
    apps.set_quota(
        party_id=alliance.promoter.id,
        per_minute=1_000_000,
        actor=make_parties.super_admin_of(alliance.promoter),
        now=now,
    )
    return make_apps.token(app, now=now)


def _calls() -> Iterator[tuple[str, str, list[dict]]]:
    """Yield what is asked: the name, the call, and some queries of the kind."""
    chance = random.Random(7)
    words = [chance.choice(console_data.GOODS) for _ in range(20)]
    cats = [str(chance.randrange(1, 31)) for _ in range(20)]
    bounds = [chance.randrange(500, 20_000) for _ in range(20)]
    yield "product/list, 10 a page", "product/list", [{"limit": 10}]
    yield "product/list, 50 a page", "product/list", [{"limit": 50}]
    for sort in range(1, 8):
        yield f"product/list, sortType {sort}", "product/list", [{"limit": 10, "sortType": sort}]
    yield "product/list, from up to 1,000", "product/list", [{"from": n, "limit": 10} for n in range(0, 1_001, 50)]
    yield "product/list, from 5,000", "product/list", [{"from": 5_000, "limit": 10}]
    yield "product/list, a category", "product/list", [{"categoryId": one} for one in cats]
    yield "product/list, a keyword", "product/list", [{"query": one} for one in words]
    yield (
        "product/list, price and commission",
        "product/list",
        [{"minPrice": n, "maxPrice": 2 * n, "minCommissionRatio": 800, "sortType": 6} for n in bounds],
    )
    yield (
        "product/list, a category by commission",
        "product/list",
        [{"categoryId": one, "sortType": 6} for one in cats],
    )
    yield "product/list, ten products", "product/list", [{"productId": ",".join(str(n * 1000 + 7) for n in range(10))}]
    yield "product/list, a shop by AppID", "product/list", [{"shopAppIds": f"tkbench{100_001 + n}"} for n in range(5)]
    yield "open_product/list, 10 a page", "open_product/list", [{"limit": 10}]
    yield "open_product/list, by commission", "open_product/list", [{"limit": 10, "sortType": 6}]
    yield "open_product/list, from 5,000", "open_product/list", [{"from": 5_000, "limit": 10}]


def _measure(client: object, name: str, url: str, queries: list[dict], runs: int) -> None:
    busy = []

    def ask(number: int) -> float:
        query = urlencode(queries[number % len(queries)])
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(url + query)
        took = (time.perf_counter() - began) * 1000
        busy.append((time.process_time() - worked) * 1000)
        found = json.loads(answer.content)
        if found["errcode"]:
            raise SystemExit(f"{name}: {found}")
        return took

    cold = ask(0)
    for number in range(max(3, len(queries))):
        ask(number)
    times = sorted(ask(number) for number in range(runs))
    middle, late = statistics.median(times), times[int(runs * 0.95)]
    mark = "" if middle <= LIMIT_MS else "  over the limit"
    python = statistics.median(busy[-runs:])
    shown = f"p50 {middle:>6.1f} ms (of it Python {python:.1f}, lowest {times[0]:.1f})   p95 {late:>7.1f} ms   cold {cold:>8.1f} ms"
    print(f"  {name:<42}{shown}   (limit p50 ≤ {LIMIT_MS} ms){mark}", flush=True)


if __name__ == "__main__":
    main()
