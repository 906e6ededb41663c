"""Order reports over HTTP into the inbox, in signed calls of 500 orders, and how fast the job works them off.

`TUIKE_BENCH_HOME=… python -m bench.report_orders [--orders 30000] [--list 500] [--clients 2] [--profile OUT]`; the
server is granian as in production. The ratio is to the same texts copied into a bare table of the same database.
"""

import argparse
import http.client
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench import ground, web

PATH = "/api/v1/merchant/reports"
PRODUCTS = 50


@dataclass(frozen=True)
class Call:
    """A signed call, ready to be sent."""

    body: bytes
    headers: dict[str, str]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=30_000)
    parser.add_argument("--list", type=int, default=500)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", default="", help="where the profile of the working off goes")
    given = parser.parse_args()
    rates, raw, worked = [], [], []
    with ground.database():
        from tests.make import apps as make_apps
        from tuike.kit import clock

        one, skus = _shop()
        app = make_apps.secret(one.shop, now=clock.now())
        with web.answering() as (port, _):
            for run in range(given.runs):
                starts = range(run * given.orders, (run + 1) * given.orders, given.list)
                calls = [_call(app, (one, skus), start, given.list, clock.now()) for start in starts]
                took = _sent(port, calls, given.clients)
                rates.append(given.orders / took)
                raw.append(_copied(calls))
        _all_there(given.orders * given.runs)
        worked.append(_worked(given.orders * given.runs, given.profile))
    ground.told("orders reported a second into the inbox", rates, "/s", limit="limit ≥ 3,000")
    ground.told("the same texts copied into a bare table", raw, "/s")
    ground.told("ratio ours ÷ bare", [a / b for a, b in zip(rates, raw, strict=True)], "")
    ground.told("orders worked off a second", worked, "/s")


def _shop() -> tuple[Any, list[int]]:
    """Return an alliance around an external shop, and the SKUs of its products."""
    from tests.make import alliance as make
    from tests.make import catalog as make_catalog
    from tuike.parties.types import Source

    one = make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)
    made = [
        make_catalog.product(
            merchant_id=one.shop.id, category_id=one.category_id, price_fen=5_000 + number, title=f"茶 {number}"
        )
        for number in range(PRODUCTS)
    ]
    return one, [make_catalog.sku_of(product_id) for product_id in made]


def _call(app: Any, shop: tuple[Any, list[int]], first: int, count: int, now: datetime) -> Call:
    """Return a signed report of `count` paid orders of two lines, each with the ticket of a promoter."""
    from tests.make import alliance as make
    from tests.make import apps as make_apps

    one, skus = shop
    ticket = make.link(one, now=now - timedelta(minutes=10)).ticket
    placed = now - timedelta(minutes=5)
    orders = [
        {
            "external_no": f"SHOP-{number:010d}",
            "placed_at": placed.isoformat(),
            "paid_at": (placed + timedelta(seconds=40)).isoformat(),
            "link": ticket,
            "openid": f"o{number:027d}",
            "freight_fen": 800,
            "lines": [
                {"sku_id": skus[number % PRODUCTS], "quantity": 1, "price_fen": 5_000},
                {"sku_id": skus[(number + 7) % PRODUCTS], "quantity": 2, "price_fen": 6_000},
            ],
        }
        for number in range(first, first + count)
    ]
    body = json.dumps({"orders": orders}).encode()
    headers = make_apps.signed(app, method="POST", path=PATH, body=body, now=now)
    return Call(body, headers | {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(8)})


def _sent(port: int, calls: list[Call], clients: int) -> float:
    """Send all calls over `clients` connections and return the seconds; each must be kept as news."""

    def send(mine: list[Call]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for call in mine:
            link.request("POST", PATH, call.body, call.headers)
            answer = link.getresponse()
            said = json.loads(answer.read())
            if answer.status != 202 or said["fresh"] != said["reports"]:
                raise SystemExit(f"{answer.status} {said}")
        link.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(send, [calls[number::clients] for number in range(clients)]))
    return time.perf_counter() - began


def _copied(calls: list[Call]) -> float:
    """Copy the same orders into a table without indexes, call by call; return how many a second."""
    import psycopg

    texts = [[json.dumps(order) for order in json.loads(call.body)["orders"]] for call in calls]
    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        link.execute("CREATE TABLE IF NOT EXISTS bare (said jsonb)")
        began = time.perf_counter()
        for some in texts:
            with link.cursor() as cursor, cursor.copy("COPY bare (said) FROM STDIN") as copy:
                for text in some:
                    copy.write_row([text])
        took = time.perf_counter() - began
        link.execute("DROP TABLE bare")
    return sum(map(len, texts)) / took


def _all_there(expected: int) -> None:
    from tuike.inbox import queries

    if queries.waiting_count() != expected:
        raise SystemExit(f"{queries.waiting_count()} reports wait, not {expected}")


def _worked(expected: int, profile: str) -> float:
    """Work all of it off, as the job does; return how many a second."""
    import cProfile

    from tuike.flows.take_reports import take_reports
    from tuike.kit import clock

    watch = cProfile.Profile()
    began = time.perf_counter()
    if profile:
        watch.enable()
    done = take_reports(now=clock.now())
    watch.disable()
    took = time.perf_counter() - began
    if profile:
        watch.dump_stats(profile)
    if done != {"done": expected, "refused": 0}:
        raise SystemExit(f"worked off: {done}")
    return expected / took


if __name__ == "__main__":
    main()
