"""The mall's first page in a phone's browser: what goes over the wire, when it is there, when a tap is answered.

`python -m bench.mall_first_page [--runs 7] [--again] [--waterfall]`: the demo alliance, the built pages (built if the
sources changed), one worker of the web, Chromium at 390×844 with a processor four times slower and nothing kept. Each
round opens three pages: a bare one that fetches as many bytes and does nothing with them, the home left alone, and the
home tapped as soon as its first product is there. `--waterfall` prints what is fetched when.
"""

import argparse
import base64
import gzip
import os
import random
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench import demo, ground, web

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SLOWER = 4
LIMIT_MS, LIMIT_KB = 1_500, 200
_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
_QUIET_MS = 1_500
_CODE = {"Document", "Script", "Stylesheet"}

_SEEN = """(() => {
  const seen = (window.__seen = { busy: 0 })
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) seen.busy = one.startTime + one.duration
  }).observe({ type: 'longtask', buffered: true })
  const painted = (name) => {
    seen[name] = -1
    requestAnimationFrame(() => setTimeout(() => (seen[name] = performance.now())))
  }
  const look = () => {
    if (!seen.card && document.querySelector('.product .title')?.textContent) painted('card')
    if (!seen.answer && document.querySelector('[data-page="pages/product/product"]')) painted('answer')
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
  addEventListener('touchstart', (event) => (seen.touch = event.timeStamp), true)
})()"""
"""Kept in the page: when the first product's card was painted, when the last long task ended, when a tap was answered."""


@dataclass
class Opened:
    """What one opening came to: `ms` by name, `bytes` over the wire by kind, `fetched` in turn."""

    ms: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    fetched: list[dict] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--runs", type=int, default=7)
    words.add_argument("--again", action="store_true")
    words.add_argument("--waterfall", action="store_true")
    told = words.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    with ground.database(again=told.again):
        if not told.again:
            demo.tell()
        build = _built()
        with web.answering(workers="1", threads="8") as (port, _), _chromium() as browser:
            base = f"http://127.0.0.1:{port}/m/"
            first = _open(browser, base, packing="gzip")  # nothing of the server is cold any more
            _bare(build, sum(size for kind, size in first.bytes.items() if kind in _CODE))
            if told.waterfall:
                _waterfall(_open(browser, base))
            _wire("gzip", first)
            _wire("br", _open(browser, base))
            _rounds(browser, base, told.runs)


def _rounds(browser: "Browser", base: str, runs: int) -> None:
    bare, home, tapped = [], [], []
    for _ in range(runs):
        bare.append(_open(browser, base + "static/bare.html").ms)
        home.append(_open(browser, base).ms)
        tapped.append(_open(browser, base, tap=True).ms)
    limit = f"limit ≤ {LIMIT_MS}"
    _figure("a bare page of the same bytes, its element there", bare, "card")
    _figure("first contentful paint", home, "paint")
    _figure("first product there", home, "card", bare)
    _figure("nothing keeps the page busy any more", home, "still", bare, limit=limit)
    _figure("tapped at once: the product's page is there", tapped, "answer", bare)
    _figure("of it from the finger to the product's page", tapped, "took")


def _figure(
    name: str, found: list[dict[str, float]], key: str, bare: list[dict[str, float]] | None = None, *, limit: str = ""
) -> None:
    values = [one[key] for one in found]
    if bare:
        limit += f"  ratio {statistics.median(values) / statistics.median(one['card'] for one in bare):.1f}"
    ground.told(name, values, "ms", limit=limit)


def _built() -> Path:
    """Return the folder of the built pages, which the server finds in the benchmark's home."""
    from tuike.runtime import mall, mall_build

    os.environ["TUIKE_MALL_HOME"] = str(ground.HOME)
    mall_build.build_h5(ground.HOME)
    found = mall.built(ground.HOME)
    if found is None:
        raise SystemExit("nothing was built")
    return found


def _bare(build: Path, size: int) -> None:
    """Put a page beside the build that fetches `size` bytes, packed as they go over the wire, and only shows a word."""
    folder = build.parent / "bare" / "static"
    folder.mkdir(parents=True, exist_ok=True)
    noise = base64.b64encode(random.Random(7).randbytes(size)).decode()
    script = f"/*{noise}*/document.body.innerHTML='<div class=product><p class=title>.</p></div>'"
    (folder / "bare.html").write_text("<!DOCTYPE html><body><script src=bare.js></script>")
    (folder / "bare.js").write_text(script)
    (folder / "bare.js.gz").write_bytes(gzip.compress(script.encode()))


@contextmanager
def _chromium() -> Iterator["Browser"]:
    from tests import chromium

    if chromium.CHROMIUM is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    with chromium.running() as browser:
        yield browser


def _open(browser: "Browser", url: str, *, packing: str = "", tap: bool = False) -> Opened:
    """Open a page in a browser that knows nothing yet; with `tap` its first product is tapped once it is there."""
    context = browser.new_context(**_PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    try:
        page = context.new_page()
        page.add_init_script(_SEEN)
        link = context.new_cdp_session(page)
        link.send("Network.enable")
        if packing:
            link.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": packing}})
        opened = Opened()
        _listen(link, opened)
        link.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => window.__seen?.card > 0", polling=20)
        if tap:
            _tap(page)
        else:
            page.wait_for_timeout(_QUIET_MS)
        _times(page, opened)
        return opened
    finally:
        context.close()


def _tap(page: "Page") -> None:
    where = page.evaluate(
        "(() => { const at = [...document.querySelectorAll('.product')].map((one) => one.getBoundingClientRect())"
        ".find((one) => one.top > 0 && one.top < innerHeight - 80); return [at.left + at.width / 2, at.top + 20] })()"
    )
    page.touchscreen.tap(*where)
    page.wait_for_function("() => window.__seen.answer > 0", polling=20)


def _times(page: "Page", opened: Opened) -> None:
    seen = page.evaluate(
        "({ ...window.__seen, paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0 })"
    )
    opened.ms = {"paint": seen["paint"], "card": seen["card"], "still": max(seen["card"], seen["busy"])}
    if "answer" in seen:
        opened.ms |= {"answer": seen["answer"], "took": seen["answer"] - seen["touch"]}


def _listen(link: Any, opened: Opened) -> None:
    """Note what is fetched, when, and how many bytes came."""
    known: dict[str, dict] = {}

    def sent(event: dict) -> None:
        if urlsplit(event["request"]["url"]).scheme == "http":
            known[event["requestId"]] = {
                "url": event["request"]["url"],
                "kind": event.get("type", ""),
                "from": event["timestamp"],
            }

    def answered(event: dict) -> None:
        if event["requestId"] in known:
            headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
            known[event["requestId"]]["packed"] = headers.get("content-encoding", "")

    def done(event: dict) -> None:
        if (one := known.get(event["requestId"])) is None:
            return
        one |= {"to": event["timestamp"], "bytes": int(event["encodedDataLength"])}
        opened.fetched.append(one)
        opened.bytes[one["kind"]] = opened.bytes.get(one["kind"], 0) + one["bytes"]

    link.on("Network.requestWillBeSent", sent)
    link.on("Network.responseReceived", answered)
    link.on("Network.loadingFinished", done)


def _wire(packing: str, opened: Opened) -> None:
    """Print what came over the wire; ends the benchmark when the code wasn't packed as asked."""
    wrong = [one["url"] for one in opened.fetched if one["kind"] in _CODE and one["packed"] != packing]
    if [one for one in wrong if "/assets/" in one]:
        small = ", ".join(f"{urlsplit(one).path}" for one in wrong)
        print(f"  not packed as {packing}: {small}")
    code = sum(size for kind, size in opened.bytes.items() if kind in _CODE) / 1024
    data = sum(size for kind, size in opened.bytes.items() if kind in ("Fetch", "XHR")) / 1024
    pictures = opened.bytes.get("Image", 0) / 1024
    limit = f"limit ≤ {LIMIT_KB}" if packing == "gzip" else ""
    ground.told(f"page, scripts and styles, {packing}", [code], "KB", limit=limit)
    print(f"  with what the API answers {code + data:.1f} KB, with pictures {code + data + pictures:.1f} KB,"
          f" {len(opened.fetched)} answers")  # fmt: skip


def _waterfall(opened: Opened) -> None:
    began = min(one["from"] for one in opened.fetched)
    for one in sorted(opened.fetched, key=lambda one: one["from"]):
        span = f"{(one['from'] - began) * 1000:>6.0f} –{(one['to'] - began) * 1000:>6.0f} ms"
        print(f"  {span}  {one['bytes']:>7} B  {one['kind']:<10} {urlsplit(one['url']).path}", flush=True)
    print(f"  {opened.ms}")


if __name__ == "__main__":
    main()
