"""`make phone-shots`: a picture of every page of the mall as a phone's browser shows it, and contact sheets.

Starts the product with the demo alliance in a home of its own under var/shots (kept for the next time), signs people of
the demo in, opens every page at 390×844, in Chinese and in English, and writes PNGs and sheets beneath var/shots/phone.
What a page did wrong on the way (an error of a script, a refused answer, a page wider than the phone, bones that stay)
stands in var/shots/phone/report.txt. Needs Node: the pages are built first.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import shots  # noqa: E402

OUT = ROOT / "var" / "shots" / "phone"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
BUILD_SECONDS = 900
BONES = ".bones, .t-bones"
GONE = "-gone"
"""A page with this name says that what was looked for is no more: the server's 404 is no fault there."""
# name, who looks (nobody: a visitor), page, and what finds the number that its address wants.
PAGES = (
    ("home", "b1", "pages/home/home", ""),
    ("category", "b1", "pages/category/category", ""),
    ("search", "b1", "pages/search/search", ""),
    ("search-found", "b1", "pages/search/search?words=茶", ""),
    ("product", "b1", "pages/product/product?no=", "product:CM01"),
    ("product-bargain", "b5", "pages/product/product?no=", "product:CM11"),
    ("reviews", "b1", "pages/reviews/reviews?no=", "product:NZ03"),
    ("shop", "b1", "pages/shop/shop?no=", "shop:南枝手作"),
    ("cart", "b1", "pages/cart/cart", ""),
    ("me", "b1", "pages/me/me", ""),
    ("me-visitor", "", "pages/me/me", ""),
    ("signin", "", "pages/signin/signin", ""),
    ("scan", "b1", "pages/scan/index?ticket=", "scan"),
    ("orders", "b1", "order/list/list", ""),
    ("orders-unpaid", "b5", "order/list/list?tab=unpaid", ""),
    ("order", "b1", "order/detail/detail?no=", "order:two_shops:craft"),
    ("order-shipped", "b4", "order/detail/detail?no=", "order:under_way"),
    ("parcels", "b4", "order/parcels/parcels?no=", "order:under_way"),
    ("checkout", "b1", "order/checkout/checkout?sku=", "sku:CM01"),
    ("pay", "b5", "order/pay/pay?no=", "checkout:unpaid"),
    ("result", "b1", "order/result/result?no=", "checkout:two_shops"),
    ("refund", "b4", "order/refund/refund?no=", "order:under_way"),
    ("after-sales", "b4", "order/refunds/refunds", ""),
    ("after-sale-sent", "b4", "order/aftersale/aftersale?no=", "after_sale:sent"),
    ("after-sale-returning", "b2", "order/aftersale/aftersale?no=", "after_sale:returning"),
    ("after-sale-disputed", "b3", "order/aftersale/aftersale?no=", "after_sale:disputed"),
    ("review", "b1", "order/review/review?no=", "order:two_shops:shop"),
    ("settings", "b1", "member/settings/settings", ""),
    ("addresses", "b1", "member/addresses/addresses", ""),
    ("address", "b1", "member/address/address?no=", "address:b1"),
    ("level", "b1", "member/level/level", ""),
    ("kept", "b1", "member/kept/kept", ""),
    ("messages", "b1", "member/messages/messages", ""),
    ("thread", "b1", "member/thread/thread?thread=orders", ""),
    ("devices", "b1", "member/devices/devices", ""),
    ("close", "b1", "member/close/close", ""),
    ("privacy", "", "member/privacy/privacy", ""),
    ("onboarding", "b8", "member/onboarding/onboarding", ""),
    ("joining", "p5", "member/joining/joining?no=", "promoter:p5"),
    ("joining-rejected", "p6", "member/joining/joining?no=", "promoter:p6"),
    ("coupons", "b3", "marketing/coupons/coupons", ""),
    ("vouchers", "b1", "marketing/vouchers/vouchers", ""),
    ("points", "b1", "marketing/points/points", ""),
    ("points-mall", "b1", "marketing/goods/goods", ""),
    ("points-good", "b1", "marketing/good/good?no=", "points_good:NZ09"),
    ("balance", "b3", "marketing/balance/balance", ""),
    ("bargains", "b3", "marketing/bargains/bargains", ""),
    ("offer", "b5", "marketing/offer/offer?no=", "offer:CM11"),
    ("offer-gone", "b5", "marketing/offer/offer?no=none", ""),
    ("bargains-mine", "b3", "marketing/bargains/bargains?tab=mine", ""),
    ("bargain", "b3", "marketing/bargain/bargain?code=", "bargain:b3:CM11"),
    ("bargain-friend", "b9", "marketing/bargain/bargain?code=", "bargain:b3:CM11"),
    ("proof", "b4", "marketing/proof/proof?code=", "bargain:b4:NZ06"),
    ("packets", "b5", "marketing/packets/packets", ""),
    ("packet", "b1", "marketing/packet/packet?code=", "packet:lucky"),
    ("packet-closed", "b8", "marketing/packet/packet?code=", "packet:shop"),
    ("sent", "b5", "marketing/sent/sent?no=", "sent:lucky"),
    ("send", "b5", "marketing/send/send", ""),
    ("promoter", "p1", "promoter/centre/centre", ""),
    ("promoter-library", "p1", "promoter/library/library", ""),
    ("promoter-promote", "p1", "promoter/promote/promote?no=", "product:CM01"),
    ("promoter-places", "p1", "promoter/places/places", ""),
    ("promoter-earnings", "p1", "promoter/earnings/earnings", ""),
    ("promoter-earning", "p1", "promoter/earning/earning?id=", "earning:p1"),
    ("promoter-standing", "p1", "promoter/standing/standing?no=", "promoter:p1"),
    ("promoter-withdraw", "p2", "promoter/withdraw/withdraw", ""),
    ("promoter-team", "p1", "promoter/team/team", ""),
    ("promoter-reaching", "p1", "promoter/reaching/reaching", ""),
    ("promoter-bindings", "p1", "promoter/bindings/bindings", ""),
    ("promoter-selection", "p1", "promoter/selection/selection", ""),
    ("promoter-join", "b9", "promoter/join/join", ""),
    ("board", "b1", "board/list/list", ""),
    ("post", "b1", "board/post/post?no=", "post:white"),
    ("write", "b1", "board/write/write", ""),
    ("my-posts", "b5", "board/mine/mine", ""),
    ("talks", "b1", "board/talks/talks", ""),
    ("talk", "b1", "board/talk/talk?no=", "talk:white"),
)


@dataclass(frozen=True)
class Shot:
    """A page to take: its name, who looks, its address but for the number in it, and what finds that."""

    name: str
    person: str
    page: str
    what: str

    @property
    def path(self) -> str:
        """Return the address; what lives for minutes only is made with it."""
        return self.page + _number(self.what)


def main() -> int:
    """Take all pictures; return 1 where something was wrong."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, default=OUT.parent / "home", help="the data home of the product")
    arguments.add_argument("--port", type=int, default=8790)
    arguments.add_argument("--only", default="", help="a regular expression of names of pages")
    arguments.add_argument("--running", action="store_true", help="the product runs already in this home")
    arguments.add_argument("--out", type=Path, default=OUT)
    given = arguments.parse_args()
    for folder in (given.home, given.out):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(TUIKE_HOME=str(given.home), PORT=str(given.port), TUIKE_SANDBOX_PORT=str(given.port + 1))
    os.environ.update(DJANGO_SETTINGS_MODULE="tuike.config.settings", DJANGO_ALLOW_ASYNC_UNSAFE="true")
    with contextlib.nullcontext() if given.running else shots.product(given.out):
        shots.use_django()
        base = f"http://127.0.0.1:{given.port}"
        _built(base)
        album = _take(re.compile(given.only), base, given.out)
    shots.sheets(album, given.out)
    (given.out / "report.txt").write_text("\n".join(album.wrong) + "\n" if album.wrong else "")
    print(
        f"{sum(map(len, album.taken.values()))} pictures in {given.out}, {len(album.wrong)} things wrong (report.txt)"
    )
    return 1 if album.wrong else 0


def _built(base: str) -> None:
    """Wait until the pages are served."""
    until = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/m/", timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        time.sleep(2)
    raise SystemExit("the mall's pages aren't served: is Node here?")


def _take(only: re.Pattern[str], base: str, out: Path) -> shots.Album:
    from playwright.sync_api import sync_playwright

    album = shots.Album()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    wanted = [Shot(*one) for one in PAGES if only.search(one[0])]
    _fill_cart()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, headless=True)
        for language in shots.LANGUAGES:
            _series(album, browser, base, wanted, out=out, language=language)
        browser.close()
    return album


def _series(album: shots.Album, browser: Any, base: str, wanted: list[Shot], *, out: Path, language: str) -> None:
    """Take the pages in one language."""
    from tests.browser.watched import Watched

    series = f"{language}-phone"
    folder = out / series
    folder.mkdir(parents=True, exist_ok=True)
    taken = album.taken.setdefault(series, [])
    for person in sorted({shot.person for shot in wanted}):
        context = browser.new_context(
            **PHONE,
            locale="en-GB" if language == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            device_scale_factor=2,
        )
        context.set_default_timeout(20_000)
        context.add_init_script(_signed_in(person, language))
        watched = Watched(context.new_page(), context, base, None, language == "en")
        for shot in (one for one in wanted if one.person == person):
            watched.problems.clear()
            wrong = _shown(watched.page, f"{base}/m/{shot.path}")
            seen = [one for one in watched.problems if not (shot.name.endswith(GONE) and "404" in one)]
            album.wrong += [f"{series} {shot.name}: {problem}" for problem in [*seen, *wrong]]
            path = folder / f"{shot.name}.png"
            watched.page.screenshot(path=path)
            taken.append((shot.name, path))
        watched.problems.clear()
        context.close()


def _shown(page: Any, address: str) -> list[str]:
    """Open a page, wait until it shows what it has, and return what is wrong with how it looks."""
    from playwright.sync_api import Error

    page.goto("about:blank")
    page.goto(address)
    wrong = []
    try:
        page.wait_for_selector("uni-page-body")
        page.wait_for_load_state("networkidle", timeout=10_000)
        page.wait_for_function(f"() => !document.querySelector('{BONES}')", timeout=8_000)
    except Error as problem:
        wrong.append(str(problem).splitlines()[0])
    page.wait_for_timeout(300)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*wrong, f"{wide} px too wide"] if wide > 1 else wrong


def _signed_in(person: str, language: str) -> str:
    """Return the script that puts a session of a person of the story where the app looks for it."""
    held: dict[str, Any] = {"consent": 1}
    if person:
        from tuike.doors.cli.story.people import BY_KEY
        from tuike.kit import clock
        from tuike.people import queries
        from tuike.people import service as people
        from tuike.people.types import SessionKind

        who = queries.find_by_phone(BY_KEY[person].phone)
        words = "en" if language == "en" else "zh-hans"
        people.rename(person_id=who.id, language=words)
        kind = SessionKind.STOREFRONT
        token = people.open_session(person_id=who.id, kind=kind, device="Chromium", now=clock.now())
        held["session"] = {"token": token, "person": {"no": who.no, "nickname": who.nickname, "language": words}}
    puts = [
        f"localStorage.setItem({json.dumps(name)}, {json.dumps(json.dumps({'type': type_of(value), 'data': value}))})"
        for name, value in held.items()
    ]
    return "try { " + "; ".join(puts) + " } catch {}"


def type_of(value: object) -> str:
    """Return the name under which the app's store keeps a value of this type."""
    return "number" if isinstance(value, int) else "object"


def _number(what: str) -> str:
    """Return the number (or code) of a thing of the story, "" for none."""
    from tuike.db import rows
    from tuike.doors.cli.story.progress import SCOPE

    kind, _, name = what.partition(":")
    if not kind:
        return ""
    if kind in _FOUND:
        return _FOUND[kind](name)
    if kind in _ASKED:
        return str(rows.query(_ASKED[kind], [name])[0][0])
    step, part = _STEPS[kind](name)
    [(kept,)] = rows.query("SELECT answer FROM idempotency_key WHERE scope = %s AND key = %s", [SCOPE, step])
    answer = json.loads(kept) if isinstance(kept, str) else kept
    if kind == "order" and ":" in name:
        shops = {"shop": 0, "craft": 1}
        return str(answer["orders"][shops[name.rpartition(":")[2]]][0])
    return str(answer[part])


def _ticket(_: str) -> str:
    """Return the ticket of a browser that asks the phone who sits before it."""
    from tuike.flows import enter_console
    from tuike.kit import clock
    from tuike.people import service as people

    return people.ask_scan(purpose=enter_console.SIGN_IN, place="Chromium", asker="shots", now=clock.now())


def _earning(person: str) -> str:
    """Return the latest of what a promoter earned."""
    from tuike.commission.types import Payee
    from tuike.insight import earnings

    party = shots.seat(person, "promoter").party
    return str(earnings.earnings_of(Payee("promoter", party.id), limit=1)[0].id)


_FOUND = {
    "scan": _ticket,
    "earning": _earning,
    "promoter": lambda person: str(shots.seat(person, "promoter").party.no),
}
"""What finds a thing by the person whose it is."""
_ASKED = {
    "product": "SELECT no FROM catalog_product WHERE external_no = %s",
    "sku": "SELECT min(s.id) FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id WHERE external_no = %s",
    "shop": "SELECT no FROM parties_party WHERE name = %s",
}
"""Which question finds a thing by its name."""
_STEPS = {
    "order": lambda name: (f"place:{name.partition(':')[0]}", "order_no"),
    "checkout": lambda name: (f"place:{name}", "checkout_no"),
    "after_sale": lambda name: (f"ask_back:back_{name}", "no"),
    "address": lambda name: (f"address:{name}", "no"),
    "points_good": lambda name: (f"points_good:{name}", "no"),
    "bargain": lambda name: (f"bargain:{name}", "code"),
    "offer": lambda name: (f"bargain_offer:{name}", "no"),
    "packet": lambda name: (f"packet:{name}", "code"),
    "sent": lambda name: (f"packet:{name}", "no"),
    "post": lambda name: (f"post:{name}", "no"),
    "talk": lambda name: (f"talk:{name}", "no"),
}
"""Which step of the story made a thing, and under which name its answer holds the number."""


def _fill_cart() -> None:
    """Put something of two shops into a buyer's cart, whatever it held of it."""
    from tuike.db import rows
    from tuike.doors.cli.story.people import BY_KEY
    from tuike.flows import change_cart
    from tuike.kit import clock
    from tuike.people import queries

    wanted = rows.query(
        "SELECT min(s.id) FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id"
        " WHERE p.external_no = ANY(%s) GROUP BY p.id",
        [["CM24", "CM35", "NZ01"]],
    )
    items = [(sku_id, place) for place, (sku_id,) in enumerate(wanted, start=1)]
    buyer = queries.find_by_phone(BY_KEY["b1"].phone)
    assert buyer is not None
    change_cart.set_quantities(buyer_id=buyer.id, items=items, now=clock.now())


if __name__ == "__main__":
    raise SystemExit(main())
