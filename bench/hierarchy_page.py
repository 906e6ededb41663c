"""The operator's tree of promoters in a real browser: its first rows, a branch of a thousand, a search.

`python -m bench.hierarchy_page [--promoters 100000] [--runs 9] [--again]`: promoters on seven levels as in
`bench.network` and one below whom 1,000 stand directly, one worker of the web, Chromium at 1440×900 that knows nothing
yet in each round. From opening the address until 50 rows are painted; from the click on an arrow until its first page
of 50 is painted, from "more" until the next one, and until all 1,000 stand there; from Enter until what is found is
painted. The console's help page, which shows no rows, stands beside it for a ratio.
"""

import argparse
import os
import statistics
import time
from typing import TYPE_CHECKING, Any

from bench import ground, network, web

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LIMIT_MS, BRANCH, PAGE = 1_000, 1_000, 50
_FIRST, _NEXT = f"first {PAGE} of {BRANCH:,} below one painted", f"the next {PAGE} painted"
_ALL = f"all {BRANCH:,} painted, the clicks summed up"
_SETTLED_MS = 150
_BARE = "the help page painted, for comparison"
_UNLIMITED = {_BARE, _ALL}
_PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
"""Resolves once what stands in the page now is painted; in ms since the page began to load."""


def main() -> None:
    """Run the benchmark and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--promoters", type=int, default=100_000)
    words.add_argument("--runs", type=int, default=9)
    words.add_argument("--again", action="store_true", help="take the data as the last run left it")
    told = words.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    with ground.database(again=told.again):
        if not told.again:
            print(f"written in {ground.seconds(lambda: _write(told.promoters)):.0f} s")
        addresses, cookie = _operator()
        with web.answering(workers="1", threads="8") as (port, _), _chromium() as browser:
            _rounds(browser, f"http://127.0.0.1:{port}", addresses, cookie, told)


def _write(promoters: int) -> None:
    """Write the tree, and the branch of a thousand below one of its tops."""
    network.write(promoters)
    import psycopg

    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        connection.execute(
            "UPDATE parties_promoter SET recruiter_id = %s, line = ARRAY[%s::bigint] WHERE party_id IN ("
            "SELECT r.party_id FROM parties_promoter r WHERE r.recruiter_id <> %s AND NOT EXISTS ("
            "SELECT 1 FROM parties_promoter b WHERE b.recruiter_id = r.party_id) ORDER BY r.party_id DESC LIMIT %s)",
            [network.TOPS, network.TOPS, network.TOPS, BRANCH],
        )
        connection.execute("SELECT setval(pg_get_serial_sequence('parties_party', 'id'), max(id)) FROM parties_party")
        connection.execute("VACUUM ANALYZE parties_promoter")


def _operator() -> tuple[dict[str, str], dict[str, str]]:
    """Return the addresses of the tree and of the bare page, and the cookie of an operator's session."""
    from django.urls import reverse

    from tests.make import parties as make_parties
    from tuike.doors.console import sessions
    from tuike.kit import clock
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    operator = make_parties.operator()
    person_id = make_parties.super_admin_of(operator).person_id
    token = people.open_session(person_id=person_id or 0, kind=SessionKind.CONSOLE, now=clock.real_now())
    pages = {name: reverse(f"console:operator-{name}", args=[operator.no]) for name in ("hierarchy-tree", "help")}
    return pages, {"name": sessions.COOKIE, "value": token}


def _chromium() -> Any:
    from tests import chromium

    if chromium.CHROMIUM is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    return chromium.running()


def _rounds(
    browser: "Browser", site: str, pages: dict[str, str], cookie: dict[str, str], told: argparse.Namespace
) -> None:
    found: dict[str, list[float]] = {}
    for number in range(told.runs + 1):
        took = {}
        for work in (_bare, _tree):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": site}])
            try:
                took |= work(context.new_page(), {name: site + page for name, page in pages.items()}, number)
            finally:
                context.close()
        if number:  # nothing of the server is cold any more
            for name, value in took.items():
                found.setdefault(name, []).append(value)
    bare = statistics.median(found[_BARE])
    for name, values in found.items():
        ratio = f"ratio {statistics.median(values) / bare:.1f}"
        ground.told(name, values, "ms", limit=ratio if name in _UNLIMITED else f"limit ≤ {LIMIT_MS}  {ratio}")


def _bare(page: "Page", pages: dict[str, str], _number: int) -> dict[str, float]:
    return {_BARE: _opened(page, pages["help"], "h1")}


def _tree(page: "Page", pages: dict[str, str], number: int) -> dict[str, float]:
    took = {"first rows painted": _opened(page, pages["hierarchy-tree"], ".tree-row")}
    assert page.locator(".tree > .tree-list > li .tree-row").count() == PAGE
    below = f"#b-P2604{network.TOPS:010d}"
    page.wait_for_load_state("load")
    click = f"button[aria-controls='{below[1:]}']"
    while not page.locator(click).count():
        page.locator(".tree > .tree-list > .tree-more button").click()
        page.wait_for_timeout(300)
    took[_FIRST] = _acted(page, click, below, PAGE)
    more = f"{below} > .tree-more button"
    took[_NEXT] = _acted(page, more, below, 2 * PAGE)
    rest = [_acted(page, more, below, min(count, BRANCH)) for count in range(3 * PAGE, BRANCH + PAGE, PAGE)]
    took[_ALL] = took[_FIRST] + took[_NEXT] + sum(rest)
    page.locator("#q").fill(f"推客{12_300 + number}")
    began = time.perf_counter()
    with page.expect_navigation(wait_until="commit"):
        page.locator("#q").press("Enter")
    page.locator(".tree-row").first.wait_for()
    page.evaluate(_PAINTED)
    took["what a search finds painted"] = (time.perf_counter() - began) * 1000
    return took


def _opened(page: "Page", url: str, seen: str) -> float:
    """Open a page; return after how many ms from the start of its loading an element of it was painted."""
    page.goto(url, wait_until="commit")
    page.locator(seen).first.wait_for()
    return float(page.evaluate(_PAINTED))


def _acted(page: "Page", click: str, below: str, rows: int) -> float:
    """Click, once what came before is settled; return after how many ms so many rows stood below and were painted, as
    the page itself measures it."""
    page.wait_for_timeout(_SETTLED_MS)
    return float(
        page.evaluate(
            """async ([click, below, rows]) => {
              const began = performance.now()
              document.querySelector(click).click()
              const there = () => document.querySelectorAll(`${below} > li > .tree-row`).length >= rows
              await new Promise((done) => {
                if (there()) return done()
                const watch = new MutationObserver(() => there() && (watch.disconnect(), done()))
                watch.observe(document.querySelector(below), { childList: true })
              })
              await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
              return performance.now() - began
            }""",
            [click, below, rows],
        )
    )


if __name__ == "__main__":
    main()
