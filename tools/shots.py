"""`make shots`: a picture of every page of the consoles, and contact sheets to look them over.

Starts the product with the demo alliance in a home of its own under var/shots (kept for the next time), signs people of
the demo in, opens every page of their consoles at 1440×900 and 390×844, in Chinese and in English, the main ones dark,
too, and writes PNGs and sheets beneath var/shots. What a page did wrong on the way (an error of a script, a refused
answer, Chinese on an English page, a page wider than its window) stands in var/shots/report.txt.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "var" / "shots"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
LANGUAGES = ("zh", "en")
DARK = (
    *("sign-in", "seats", "promoter-home", "promoter-library", "promoter-orders", "promoter-funds"),
    *("merchant-home", "merchant-products", "operator-home", "operator-books"),
)
PEOPLE = {"promoter": ("p1",), "merchant": ("shop",), "leader": ("leader",), "operator": ("operator", "finance")}
"""Whose console of a kind is shown: the first who may see a page."""
OTHERS = {"merchant-alliance-appid": "tea", "merchant-reports": "tea"}
"""Who is asked for a page that only some parties of a kind have."""
LINKED = {"merchant-rate-set"}
"""Pages whose address needs a query: what other pages lead to."""
OPEN = ("sign-in", "seats", "account-profile", "account-security", "account-devices", "account-invitations")
_PLAN = "SELECT invite_code FROM plans_targeted WHERE stopped_at IS NULL ORDER BY id DESC LIMIT 1"
_ACTIVITY = "SELECT no FROM cooperation_activity WHERE state = 'published' ORDER BY id DESC LIMIT 1"
TOLD = {
    "join": ("b1", "code", _PLAN),
    "promoter-join": ("p3", "code", _PLAN),
    "activity-shared": ("b1", "no", _ACTIVITY),
    "scan-address": ("", "ticket", "SELECT repeat('0', 24)"),
}
"""Pages to which no page leads: people hand their addresses on. Who opens each, and what finds what stands in it."""
LONGEST_SECONDS = 300
_ADDRESSES = """
() => [...document.querySelectorAll("[href], [hx-get]")]
  .map((one) => one.getAttribute("hx-get") || one.getAttribute("href"))
"""


@dataclass
class Shot:
    """A page to take: its route's name, its address, and who looks."""

    name: str
    path: str
    person: str


@dataclass
class Album:
    """What was taken, and what was wrong."""

    taken: dict[str, list[tuple[str, Path]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    """Take all pictures; return how many pages had something wrong, 1 at most."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, default=OUT / "home", help="the data home of the product that is shown")
    arguments.add_argument("--port", type=int, default=8790)
    arguments.add_argument("--only", default="", help="a regular expression of names of pages")
    arguments.add_argument("--fresh", action="store_true", help="begin with an empty home")
    given = arguments.parse_args()
    if given.fresh:
        shutil.rmtree(given.home, ignore_errors=True)
    given.home.mkdir(parents=True, exist_ok=True)
    os.environ.update(TUIKE_HOME=str(given.home), PORT=str(given.port), TUIKE_SANDBOX_PORT=str(given.port + 1))
    os.environ.update(DJANGO_SETTINGS_MODULE="tuike.config.settings", DJANGO_ALLOW_ASYNC_UNSAFE="true")
    with product(OUT):
        use_django()
        album = _take(re.compile(given.only), f"http://127.0.0.1:{given.port}")
    sheets(album, OUT)
    (OUT / "report.txt").write_text("\n".join(album.wrong) + "\n" if album.wrong else "")
    print(f"{sum(map(len, album.taken.values()))} pictures in {OUT}, {len(album.wrong)} things wrong (report.txt)")
    return 1 if album.wrong else 0


@contextlib.contextmanager
def product(out: Path) -> Iterator[None]:
    """Run the product until the block ends."""
    log = (out / "product.log").open("w")
    argv = [sys.executable, "-P", "-m", "tuike.doors.cli.main", "up"]
    running = subprocess.Popen(argv, stdout=log, stderr=log, cwd=ROOT, start_new_session=True)  # noqa: S603 our own
    until = time.monotonic() + LONGEST_SECONDS
    try:
        while not _answers():
            if running.poll() is not None or time.monotonic() > until:
                raise SystemExit((out / "product.log").read_text()[-3000:])
            time.sleep(1)
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)
        log.close()


def _answers() -> bool:
    """Return whether the product says that it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/readyz", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def use_django() -> None:
    """Set Django up for the home that is shown."""
    import django

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    django.setup()


def _take(only: re.Pattern[str], base: str) -> Album:
    from playwright.sync_api import sync_playwright

    album = Album()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, headless=True)
        shots = _shots(browser, base, only)
        for language in LANGUAGES:
            for size in SIZES:
                _series(album, browser, base, shots, language=language, size=size, dark=False)
        dark = [shot for shot in shots if shot.name in DARK]
        for size in SIZES:
            _series(album, browser, base, dark, language="zh", size=size, dark=True)
        browser.close()
    return album


def _shots(browser: Any, base: str, only: re.Pattern[str]) -> list[Shot]:
    """Return every page with an address that shows something: those without things first, then what they lead to."""
    from tests.console.routes import routes
    from tuike.doors.console import access

    found = {name: Shot(name, "", "p1") for name in OPEN}
    for route in routes("open", "account"):
        if route.name in found or (route.name.startswith("account-open")):
            path = route.url() + ("?all=1" if route.name == "seats" else "")
            found[route.name] = Shot(route.name, path, "" if route.name == "sign-in" else "p1")
    found |= {name: _told(name) for name in TOLD}
    waiting: dict[str, str] = {}
    for kind, people in PEOPLE.items():
        for route in routes(kind):
            seats = {person: seat(person, kind) for person in people}
            if route.name in OTHERS:
                seats = {OTHERS[route.name]: seat(OTHERS[route.name], kind)}
            person = next((p for p in seats if seats[p].role in route.row.get("GET", ())), None)
            if person is None or route.name in TOLD or route.name.endswith("-menu"):
                continue
            if route.takes or route.name in LINKED or route.row.get("GET") == access.ANYBODY:
                waiting[route.name] = person
            else:
                found[route.name] = Shot(route.name, route.url(seats[person].party.no), person)
    if any(only.search(name) for name in waiting):
        found |= _led_to(browser, base, list(found.values()), waiting)
        print("nothing leads to: " + ", ".join(sorted(waiting.keys() - found.keys())))
    return [found[name] for name in sorted(found) if only.search(name)]


def _told(name: str) -> Shot:
    """Return a page whose address people hand on, about something of the demo."""
    from django.urls import reverse

    from tuike.db import rows

    person, takes, asks = TOLD[name]
    [(value,)] = rows.query(asks, [])
    kind = name.partition("-")[0]
    of = {"party_no": seat(person, kind).party.no} if kind in PEOPLE else {}
    return Shot(name, reverse(f"console:{name}", kwargs={takes: value, **of}), person)


def _led_to(browser: Any, base: str, shots: list[Shot], waiting: dict[str, str]) -> dict[str, Shot]:
    """Open the pages once and note, for each page about a thing, the first address of one."""
    from django.urls import Resolver404, resolve

    found: dict[str, Shot] = {}
    for person in sorted({shot.person for shot in shots}):
        context = _context(browser, base, person, language="zh", size="wide", dark=False)
        page = context.new_page()
        queue = [shot for shot in shots if shot.person == person]
        while queue:
            shot = queue.pop(0)
            if not _opens(page, base + shot.path):
                continue
            page.wait_for_timeout(250)
            for address in page.evaluate(_ADDRESSES):
                with contextlib.suppress(Resolver404):
                    name = resolve(address.partition("?")[0]).url_name if address.startswith("/") else None
                    if name in waiting and waiting[name] == person and name not in found:
                        found[name] = Shot(name, address, person)
                        queue.append(found[name])
        context.close()
    return found


def _series(album: Album, browser: Any, base: str, shots: list[Shot], *, language: str, size: str, dark: bool) -> None:
    """Take the pages in one language, size and theme."""
    from tests.browser.watched import SCRIPTS, Watched

    series = f"{language}-{size}" + ("-dark" if dark else "")
    folder = OUT / series
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    taken = album.taken.setdefault(series, [])
    for person in sorted({shot.person for shot in shots}):
        context = _context(browser, base, person, language=language, size=size, dark=dark)
        watched = Watched(context.new_page(), context, base, None, language == "en")
        for shot in (one for one in shots if one.person == person):
            watched.problems.clear()
            if not _opens(watched.page, base + shot.path):
                continue
            with contextlib.suppress(Exception):
                watched.settle()
            watched.page.wait_for_timeout(150)
            watched.page.evaluate(SCRIPTS)
            wrong = list(watched.problems)
            if language == "en":
                wrong += [f"Chinese: {text}" for text in watched.page.evaluate("watched.chinese()")]
            wide = watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong += [f"{wide} px too wide"] if wide > 1 else []
            wrong += watched.page.evaluate("watched.axe()") if size == "wide" or language == "zh" else []
            album.wrong += [f"{series} {shot.name}: {problem}" for problem in wrong]
            path = folder / f"{shot.name}.png"
            watched.page.screenshot(path=path)
            taken.append((shot.name, path))
        context.close()


def _opens(page: Any, address: str) -> bool:
    """Return whether an address opened as a whole page: neither a file to save nor a piece of a page."""
    from playwright.sync_api import Error

    try:
        page.goto(address)
    except Error as problem:
        if "Download is starting" in str(problem):
            return False
        raise
    return bool(page.evaluate("() => Boolean(document.querySelector('main'))"))


def _context(browser: Any, base: str, person: str, *, language: str, size: str, dark: bool) -> Any:
    from tuike.doors.cli.story.people import BY_KEY
    from tuike.doors.console import frame, sessions
    from tuike.kit import clock
    from tuike.people import queries
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="en" if language == "en" else "zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        device_scale_factor=1,
    )
    context.set_default_timeout(20_000)
    cookies = {
        frame.THEME_COOKIE: "dark" if dark else "light",
        sessions.LANGUAGE_COOKIE: {"zh": "zh-hans"}.get(language, "en"),
    }
    if person:
        who = queries.find_by_phone(BY_KEY[person].phone)
        people.rename(person_id=who.id, language=cookies[sessions.LANGUAGE_COOKIE])
        cookies[sessions.COOKIE] = people.open_session(
            person_id=who.id, kind=SessionKind.CONSOLE, device="Chrome · Linux", now=clock.now()
        )
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    return context


def seat(person: str, kind: str) -> Any:
    """Return somebody's seat in a console of a kind."""
    from tuike.doors.cli.story.people import BY_KEY
    from tuike.parties import queries as parties
    from tuike.people import queries as people

    who = people.find_by_phone(BY_KEY[person].phone)
    return next(seat for seat in parties.seats_of(who.id) if seat.party.kind.value == kind)


def sheets(album: Album, out: Path) -> None:
    """Lay the pictures of each series out on sheets of twelve (wide) or twenty-four (phones), with their names."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(15)
    for series, taken in album.taken.items():
        phone = "phone" in series
        across, down = (8, 3) if phone else (3, 4)
        cell = (234, 506) if phone else (600, 375)
        for number in range(0, len(taken), across * down):
            part = taken[number : number + across * down]
            rows_needed = -(-len(part) // across)
            sheet = Image.new("RGB", (across * (cell[0] + 16) + 16, rows_needed * (cell[1] + 40) + 16), "#3a3f47")
            draw = ImageDraw.Draw(sheet)
            for place, (name, path) in enumerate(part):
                x, y = 16 + place % across * (cell[0] + 16), 12 + place // across * (cell[1] + 40)
                draw.text((x, y), name, fill="#ffffff", font=font)
                with Image.open(path) as picture:
                    sheet.paste(picture.convert("RGB").resize(cell, Image.Resampling.LANCZOS), (x, y + 22))
            sheet.save(out / f"sheet-{series}-{number // (across * down) + 1}.png")


if __name__ == "__main__":
    raise SystemExit(main())
