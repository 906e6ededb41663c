"""What people do beside the console: hold a phone, buy something, wait for the worker; small deeds in a browser."""

import io
import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Living
from tests.browser.watched import Watched
from tests.doors.product import call
from tests.waiting import until
from tuike.db import rows
from tuike.people.types import PRIVACY_EDITION

_keys = itertools.count(1)
YES = re.compile("^(确认|确认登录|Confirm|Confirm sign-in)$")


@dataclass
class Phone:
    """Somebody's phone at the sandbox: scans what stands on a screen, buys through the storefront."""

    living: Living
    index: int
    openid: str = ""
    name: str = ""
    token: str = ""
    orders: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        person = self.living.sandbox.control("people")["people"][self.index]
        self.openid, self.name = person["openid"], person["name"]

    def scan(self, screen: Watched, address: str) -> None:
        """Scan a code's address and confirm what the phone asks."""
        page = screen.context.new_page()
        page.goto(f"{self.living.sandbox.base}/sandbox/phone/{self.openid}/scan?text={address}")
        page.get_by_role("button", name=YES).click()
        expect(page.get_by_text(re.compile("已确认|Confirmed"))).to_be_visible()
        page.close()

    def sign_in(self) -> str:
        """Sign in to the mini-program; return the person's number."""
        code = self.living.sandbox.login_code(self.openid)
        said = self.done("POST", "/sessions", {"code": code, "consent": PRIVACY_EDITION})
        self.token = said["token"]
        return str(said["person"]["no"])

    def person_id(self) -> int:
        """Sign in to the mini-program and return the person's id."""
        return int(rows.query("SELECT id FROM people_person WHERE no = %s", [self.sign_in()])[0][0])

    def done(self, method: str, path: str, body: object = None) -> Any:
        """Call the storefront and return the JSON of a success."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if method != "GET":
            headers["Idempotency-Key"] = f"walk-{next(_keys)}"
        answer = call(method, f"{self.living.base}/api/storefront{path}", body, headers=headers)
        assert answer.status in (200, 201), (path, answer.status, answer.body.decode())
        return answer.json()

    def buy(self, ticket: str, sku_id: int, *, pieces: int = 1) -> str:
        """Come by a promoter's ticket, order, pay at the sandbox; return the order's number once it is paid."""
        assert self.done("POST", "/touches", {"ticket": ticket})["good"]
        placed = self.done("POST", "/orders", {"items": [{"sku_id": sku_id, "quantity": pieces}]})
        checkout = placed["checkout_no"]
        payment = self.done("POST", f"/checkouts/{checkout}/payment", {"mode": "native"})
        self.living.sandbox.control("pay", out_trade_no=payment["payment_no"], openid=self.openid)
        until(lambda: self.done("GET", f"/checkouts/{checkout}")["state"] == "paid", what="the payment")
        return str(placed["orders"][0]["no"])


def signed_in(nobody: Watched, phone: Phone) -> Page:
    """Sign in by scan in a browser that belongs to nobody yet."""
    page = nobody.go("/sign-in")
    phone.scan(nobody, page.locator("[data-ticket]").inner_text())
    page.wait_for_url(re.compile("/seats|/promoter/|/merchant/|/operator/|/account/"))
    seats = page.locator("a.seat[href*='/promoter/'], a.seat[href*='/merchant/'], a.seat[href*='/operator/']")
    if "/seats" in page.url and seats.count() == 1:
        seats.click()
    return page


def scanned(screen: Watched, phone: Phone) -> None:
    """Confirm what the dialog on the screen shows as a code."""
    phone.scan(screen, screen.page.locator("#dialog [data-ticket]").inner_text())


def picture(name: str = "card.png", colour: str = "#7aa") -> dict[str, Any]:
    """A picture as a file input takes it."""
    out = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def followed(page: Page, link: Any) -> None:
    """Follow a link to another page and wait until that page's scripts listen: an earlier click is the bare link's."""
    with page.expect_navigation(wait_until="load"):
        link.click()


def comes(page: Page, locator: Any, *, times: int = 40) -> None:
    """Look at the page again and again, as a person who waits for the worker does, until something is there."""
    for _ in range(times):
        if locator.count() and locator.first.is_visible():
            return
        page.wait_for_timeout(500)
        page.reload()
        page.wait_for_load_state("networkidle")
    expect(locator.first).to_be_visible()
