"""The consoles on a million products and a million orders: each page, the library's queries, files of a million rows.

`python -m bench.consoles [--products 1000000] [--orders 1000000] [--runs 9] [--again] [--only REGEX]`: `--again` takes the
data that the last run wrote; `--only` opens the pages whose name fits, and measures nothing else. A page is measured in the process that
answers it, middleware and template included, as the median of its runs after one that is not counted.
"""

import argparse
import contextlib
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bench import console_data, console_pages, ground

PAGE_MS, PIECE_MS, PAGE_QUERIES = 60, 300, 15
"""Pieces are what a page asks for when it is there: sums and counts of a list, what is coming."""


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--table", default="", metavar="FILE", help="where the pages' figures are written as a table")
    parser.add_argument("--files", action="store_true", help="write the files alone, and say what memory that took")
    given = parser.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")  # a line for each request would be most of what is printed
    with ground.database(again=given.again or given.files):
        from tuike.kit import clock

        now = clock.real_now()
        alliance = console_data.find(now) if given.again or given.files else _written(given.products, given.orders, now)
        if given.files:
            _files(alliance)
            print(f"peak memory {ground.peak_mb()} MB (limit ≤ 300)")
            return
        rows = _pages(alliance, given.runs, re.compile(given.only))
        if given.table:
            head = "| page | median ms | processor ms | queries |\n| --- | --- | --- | --- |\n"
            Path(given.table).write_text(head + "".join(rows), encoding="utf-8")
        if given.only:
            return
        _wire(alliance)
        _library(alliance)
        # In a process of its own, as the product's worker is one: what pages took before doesn't count as its memory.
        subprocess.run([sys.executable, "-m", "bench.consoles", "--files"], check=True)


def _written(products: int, orders: int, now: datetime) -> console_data.Alliance:
    print(console_data.__doc__, flush=True)
    began = time.perf_counter()
    alliance = console_data.make(products=products, orders=orders, now=now)
    ground.told(f"{products:,} products and {orders:,} orders written", [time.perf_counter() - began], "s")
    _figures(now)
    return alliance


def _figures(now: datetime) -> None:
    from tuike.flows.refresh_figures import rebuild_figures, refresh_figures

    rebuild_figures(now=now)
    done: dict[str, int] = {}
    took = ground.seconds(lambda: done.update(refresh_figures(now=now)))
    ground.told(f"figures counted from nothing, {done['days']:,} merchants' days", [took], "s")


def _pages(alliance: console_data.Alliance, runs: int, only: re.Pattern[str]) -> list[str]:
    """Open every page of the three consoles, with an object of the data where it needs one, and its lists' sums.

    Returns the rows of a table of them.
    """
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["testserver"]
    slow, table = [], []
    for kind, party in (("promoter", alliance.promoter), ("merchant", alliance.shop), ("operator", alliance.operator)):
        browser = signed_in(party, alliance.now)
        for name, url in (one for one in console_pages.addresses(kind, party.id, party.no) if only.search(one[0])):
            first = browser.get(url)
            if first.status_code != 200 or first.streaming:
                print(f"  {name:<44} {first.status_code}", flush=True)
                continue
            times, busy, asked_ms = [], [], []
            for _ in range(runs):
                began, worked, served = time.perf_counter(), time.process_time(), database_ms()
                browser.get(url)
                times.append((time.perf_counter() - began) * 1000)
                busy.append((time.process_time() - worked) * 1000)
                asked_ms.append(database_ms() - served)
            with CaptureQueriesContext(connection) as asked, _kept_plans() as planned:
                browser.get(url)
            middle = statistics.median(times)
            queries = len(asked) + len(planned)
            limit = PIECE_MS if "part=" in url else PAGE_MS
            mark = "" if middle <= limit and queries <= PAGE_QUERIES else "  over the limit"
            slow += [name] if mark else []
            size = len(first.content) // 1024
            parts = f"Python {statistics.median(busy):.1f}, database {statistics.median(asked_ms):.1f}"
            shown = f"{middle:>7.1f} ms (lowest {min(times):.1f}; CPU: {parts})"
            worked_ms = statistics.median(busy) + statistics.median(asked_ms)
            table.append(f"| {name} | {middle:.1f} | {worked_ms:.1f} | {queries} |\n")
            print(f"  {name:<44}{shown} {queries:>4} queries {size:>5} KB{mark}", flush=True)
    limits = f"≤ {PAGE_MS} ms, pieces ≤ {PIECE_MS} ms, ≤ {PAGE_QUERIES} queries"
    print(f"pages over the limit ({limits}): {', '.join(slow) or 'none'}")
    return table


def database_ms() -> float:
    """Return the processor time of the connection's own process in the database (its parallel helpers not counted)."""
    from django.db import connection

    connection.ensure_connection()
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e6


def signed_in(party, now: datetime):
    """Return a browser in which the party's super administrator is signed in."""
    from django.test import Client

    from tuike.doors.console import sessions
    from tuike.parties import queries as parties
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    seats = parties.administrators_of([party.id])[party.id]
    person = next(one.person_id for one in seats if one.role == "super_admin")
    browser = Client(raise_request_exception=False)
    token = people.open_session(person_id=person, kind=SessionKind.CONSOLE, now=now)
    browser.cookies[sessions.COOKIE] = token
    return browser


@contextlib.contextmanager
def _kept_plans() -> Iterator[list[str]]:
    """Give the statements with kept plans that are run within the block: Django doesn't see them."""
    from tuike.db import rows

    run, kept = rows.planned, []

    def planned(statement, params):
        kept.append(statement)
        return run(statement, params)

    rows.planned = planned
    try:
        yield kept
    finally:
        rows.planned = run


def _wire(alliance: console_data.Alliance) -> None:
    """Weigh the library's page as it is served: the page, and what it loads but pictures and fonts, packed as kept."""
    import gzip

    from django.conf import settings
    from django.contrib.staticfiles import finders

    page = signed_in(alliance.promoter, alliance.now).get(
        f"/promoter/{alliance.promoter.no}/library/", headers={"accept-encoding": "gzip"}
    )
    text = page.content
    if page.headers.get("Content-Encoding") == "gzip":
        text = gzip.decompress(text)
    loaded = set(re.findall(rf'(?:src|href)="{settings.STATIC_URL}([^"]+\.(?:css|js))"', text.decode()))
    files = {name: len(gzip.compress(Path(finders.find(name)).read_bytes(), 9)) for name in loaded}
    for name, size in sorted(files.items(), key=lambda one: -one[1]):
        print(f"  {name:<50} {size / 1024:>6.1f} KB")
    whole = (len(page.content) + sum(files.values())) / 1024
    print(
        f"library page {len(page.content) / 1024:.1f} KB, with what it loads {whole:.1f} KB over the wire (limit ≤ 120)"
    )


def _library(alliance: console_data.Alliance) -> None:
    """Ask the library over a stated mix, seeded: rows of one page, the count apart."""
    from tuike.library import queries
    from tuike.library.types import Range, Sort, Wanted

    chance = random.Random(7)
    from tuike.db import rows

    categories = [one for (one,) in rows.query("SELECT id FROM catalog_category WHERE name LIKE '类目%%'", [])]
    sorts = [Sort.NEWEST, Sort.PRICE, Sort.COMMISSION, Sort.RATE, Sort.SALES]
    times = []
    print(
        "library mix: 35 % keyword of two characters, 15 % two keywords, 20 % category, 15 % price range, 15 % nothing; any sort, either way"
    )
    for _ in range(600):
        dice, more = chance.random(), {"sort": chance.choice(sorts), "descending": chance.random() < 0.6}
        word = chance.choice([*console_data.KINDS, *(one for one in console_data.GOODS if len(one) == 2)])
        if dice < 0.35:
            more["keyword"] = word
        elif dice < 0.5:
            more["keyword"] = f"{word} {chance.choice(console_data.GOODS)}"
        elif dice < 0.7:
            more["category_ids"] = (chance.choice(categories),)
        elif dice < 0.85:
            low = chance.randint(500, 50_000)
            more["price_fen"] = Range(low, low + chance.randint(500, 20_000))
        wanted = Wanted(**more)
        began = time.perf_counter()
        queries.find(wanted, now=alliance.now)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    print(
        f"library query, {len(times)} of the mix: p50 {times[len(times) // 2]:.1f} ms (limit ≤ 15),"
        f" p95 {times[len(times) * 95 // 100]:.1f} ms (limit ≤ 60), slowest {times[-1]:.0f} ms"
    )


def _files(alliance: console_data.Alliance) -> None:
    """Write all paid lines, 12 columns, as CSV and as XLSX; and the largest lists of the product itself."""
    from tuike.insight.lists import files
    from tuike.insight.lists.merchant_orders import PROMOTED
    from tuike.insight.lists.promoter_orders import ORDERS as EARNED

    wide = _twelve_columns()
    shop, promoter = {"merchant": alliance.shop.id}, {"party": alliance.promoter.id}
    with tempfile.TemporaryDirectory() as folder:
        for name, listing, scope in (
            ("all lines × 12 columns", wide, {}),
            ("a shop's promoted lines", PROMOTED, shop),
            ("a promoter's commission", EARNED, promoter),
        ):
            for kind, write, limit in (("csv", files.write_csv, 5), ("xlsx", files.write_xlsx, 75)):
                began = time.perf_counter()
                told = write(Path(folder) / f"a.{kind}", listing, scope, {})
                took = time.perf_counter() - began
                asked = f" (limit ≤ {limit} at 1,000,000)" if listing is wide else ""
                print(
                    f"{name}: {told.rows:,} rows as {kind.upper()} in {took:.1f} s, {told.size >> 20} MB{asked}",
                    flush=True,
                )


def _twelve_columns():
    from tuike.insight.lists.types import Column, Listing

    states = {
        "paid": ("待发货", "To ship"),
        "shipped": ("已发货", "Shipped"),
        "completed": ("已收货", "Received"),
        "closed": ("已关闭", "Closed"),
    }
    return Listing(
        name="bench_lines",
        sql_from="orders_line l JOIN orders_order o ON o.id = l.order_id JOIN attribution_claim c ON c.id = l.id",
        scope_sql="true",
        id_sql="l.id",
        default_sort="id",
        columns=(
            Column("id", ("序号", "Id"), "l.id", kind="count"),
            Column("no", ("订单号", "Order"), "o.no"),
            Column("state", ("状态", "State"), "o.state", kind="tag", words=states),
            Column("placed", ("下单时间", "Placed"), "o.placed_at", kind="time"),
            Column("paid_at", ("支付时间", "Paid at"), "o.paid_at", kind="time"),
            Column("title", ("商品", "Product"), "l.title"),
            Column("pieces", ("件数", "Pieces"), "l.quantity", kind="count"),
            Column("price", ("单价", "Price"), "l.price_fen", kind="money"),
            Column("paid", ("实付", "Paid"), "l.paid_fen", kind="money", total=True),
            Column("refunded", ("已退", "Refunded"), "l.refunded_fen", kind="money", total=True),
            Column("promoter", ("推客", "Promoter"), "c.promoter_id", kind="count"),
            Column("reason", ("无人获佣原因", "Why nobody"), "c.reason"),
        ),
    )


if __name__ == "__main__":
    main()
