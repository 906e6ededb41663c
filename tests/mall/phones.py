"""What tests do with a phone's browser that shows the built pages: whose it is, where it goes, whether all fits."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.watched import Watched

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
FRONT = "uni-page:last-of-type"
"""The page that is in front; those it covers stay in the document."""


@contextmanager
def phone_of(browser: Browser, mall_runs: Any, *, english: bool, user_agent: str | None = None) -> Iterator[Watched]:
    """Give a phone's browser; what goes wrong in it and wasn't expected fails the test, and so does a foreign host."""
    context = browser.new_context(
        **PHONE,
        locale="en-GB" if english else "zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        user_agent=user_agent,
    )
    context.set_default_timeout(20_000)
    foreign: list[str] = []
    own = {urlsplit(base).netloc for base in (mall_runs.base, mall_runs.sandbox.base)}

    def asked(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and urlsplit(request.url).netloc not in own:
            foreign.append(request.url)

    context.on("request", asked)
    watched = Watched(context.new_page(), context, mall_runs.base, None, english)
    yield watched
    problems = watched.problems
    context.close()
    assert problems == []
    assert foreign == []


def keep(phone: Watched, name: str, value: object) -> None:
    """Put a value where the app keeps what it remembers."""
    phone.page.evaluate("([k, v]) => localStorage.setItem(k, v)", [name, json.dumps({"type": "object", "data": value})])


def held_by(phone: Watched, mall_runs: Any, person_id: int) -> None:
    """Let somebody hold the phone, signed in."""
    phone.page.goto(f"{mall_runs.base}/m/pages/me/me")
    keep(phone, "session", mall_runs.session(person_id))


def tap(page: Page, text: str, *, within: str = FRONT) -> None:
    """Tap the last that says this on the page that is in front."""
    page.locator(within).get_by_text(text, exact=False).last.click()


def button(page: Page, word: str) -> Locator:
    """Return the button that says exactly this on the page that is in front."""
    return page.locator(FRONT).locator("uni-button").filter(has_text=re.compile(f"^{re.escape(word)}$"))


def is_off(one: Locator) -> None:
    """Assert that a button can't be tapped; it is an element of uni-app's own, of which browsers know no `disabled`."""
    expect(one).to_have_attribute("disabled", "true")


def fits(page: Page) -> None:
    """Assert that nothing is wider than the phone."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1, f"{page.url} is {wide} px wider than the phone"


def opened(phone: Watched, path: str) -> Page:
    """Go to a page of the app, wait until it has what it asked for, and look whether it fits."""
    phone.page.goto(f"{phone.base}/m{path}")
    phone.page.wait_for_load_state("networkidle")
    fits(phone.page)
    return phone.page


def picture(nth: int = 1) -> dict[str, Any]:
    """Return a picture as a file chooser takes it."""
    out = io.BytesIO()
    Image.new("RGB", (600, 400), (60 * nth, 90, 120)).save(out, "JPEG")
    return {"name": f"card-{nth}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def hand_in(page: Page, word: str, *, name: str = "李小满") -> None:
    """Fill in who an individual is, add two pictures of the documents, and hand them in by the button `word`."""
    for done in (1, 2):
        with page.expect_file_chooser() as choosing:
            page.locator(".documents .add").click()
        choosing.value.set_files([picture(done)])
        page.locator(".documents .drop").nth(done - 1).wait_for()
    for nth, text in enumerate((name, "11010519491231002X", "13800138000")):
        page.locator(f"{FRONT} .form input").nth(nth).fill(text)
    fits(page)
    page.get_by_text(word).click()
    page.locator(".state.filed").wait_for()
