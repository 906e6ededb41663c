"""The mall's pages on a million products: home, a category, search, a product, the cart.

`python -m bench.storefront_pages [--products 1000000] [--runs 200] [--again]`: `--again` takes the data that the last run
wrote. A call is measured in the process that answers it, middleware included, as the median of its runs after one round
that is not counted.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import psycopg

from bench import console_data, ground

LIMIT_MS = 25
_ALSO = (
    "UPDATE catalog_product p SET words = i.words, grams = i.grams, sold = i.sold FROM library_item i"
    " WHERE i.product_id = p.id",
    "VACUUM ANALYZE",
)


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

        from tuike.kit import clock

        settings.ALLOWED_HOSTS = ["testserver"]
        if not given.again:
            _write(given.products)
        token, numbers = _buyer(clock.now())
        client = Client(headers={"authorization": f"Bearer {token}"})
        for name, path, queries in _calls(numbers):
            _measure(client, name, f"/api/storefront/{path}", queries, given.runs)
        print(f"peak memory {ground.peak_mb()} MB")


def _write(products: int) -> None:
    from tuike.kit import clock

    print(console_data.__doc__, flush=True)
    began = time.perf_counter()
    console_data.make(products=products, orders=1_000, now=clock.real_now())
    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        for statement in _ALSO:
            link.execute(statement)
    ground.told(f"{products:,} products written", [time.perf_counter() - began], "s")


def _buyer(now: object) -> tuple[str, list[str]]:
    """Return the token of a buyer whose cart holds 20 choices, and the numbers of some products."""
    from tests.make import people as make_people
    from tuike.db import rows
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    buyer = make_people.person().id
    rows.run(
        "INSERT INTO orders_cart_item (buyer_id, sku_id, quantity, price_fen, added_at)"
        " SELECT %s, id, 1, price_fen, now() FROM catalog_sku WHERE product_id %% 9973 = 7 LIMIT 20",
        [buyer],
    )
    found = rows.query("SELECT no FROM catalog_product WHERE state = 'on_sale' AND id %% 7919 = 11 LIMIT 100", [])
    return people.open_session(person_id=buyer, kind=SessionKind.STOREFRONT, now=now), [no for (no,) in found]


def _calls(numbers: list[str]) -> Iterator[tuple[str, str, list[dict]]]:
    """Yield what is asked: the name, the call, and some queries of the kind."""
    chance = random.Random(7)
    words = [chance.choice(console_data.GOODS) for _ in range(20)]
    cats = [chance.randrange(1, 31) for _ in range(20)]
    bounds = [chance.randrange(500, 20_000) for _ in range(20)]
    yield "home", "home", [{}]
    yield "categories", "categories", [{}]
    for sort in ("sales", "newest", "price_up", "price_down"):
        yield f"all products, {sort}", "products", [{"sort": sort}]
        yield f"a category, {sort}", "products", [{"sort": sort, "category": one} for one in cats]
    yield (
        "a category, a price range",
        "products",
        [
            {"category": one, "price_from_fen": low, "price_to_fen": 2 * low}
            for one, low in zip(cats, bounds, strict=True)
        ],
    )
    yield "a price range by sales", "products", [{"price_from_fen": low, "price_to_fen": low + 200} for low in bounds]
    yield "in stock, by price", "products", [{"sort": "price_up", "in_stock": "true"}]
    yield "search, a word", "search", [{"words": one} for one in words]
    yield "search, a word by price", "search", [{"words": one, "sort": "price_up"} for one in words]
    yield "search, two words", "search", [{"words": f"{a} {b}"} for a, b in zip(words, reversed(words), strict=True)]
    yield "search, what nothing holds", "search", [{"words": "鑫龘"}]
    yield "suggestions", "search/suggestions", [{"words": one[:1]} for one in words]
    for number in range(2):
        yield f"a product ({number + 1})", f"products/{numbers[number]}", [{}]
    yield "cart, 20 lines", "cart", [{}]


def _measure(client: object, name: str, url: str, queries: list[dict], runs: int) -> None:
    def ask(number: int) -> float:
        began = time.perf_counter()
        answer = client.get(f"{url}?{urlencode(queries[number % len(queries)])}")
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{name}: {answer.status_code} {answer.content[:200]!r}")
        return took

    cold = ask(0)
    for number in range(len(queries)):
        ask(number)
    times = sorted(ask(number) for number in range(runs))
    middle, late = statistics.median(times), times[int(runs * 0.95)]
    mark = "" if middle <= LIMIT_MS else "  over the limit"
    shown = f"p50 {middle:>6.1f} ms   p95 {late:>7.1f} ms   cold {cold:>8.1f} ms"
    print(f"  {name:<32}{shown}   (limit p50 ≤ {LIMIT_MS} ms){mark}", flush=True)


if __name__ == "__main__":
    main()
