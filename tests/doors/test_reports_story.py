"""An external shop's order over HTTP: reported, waiting for prepaid money, topped up at WeChat, received, given back.

Web, worker, sandbox, PostgreSQL. Every step asserts exact fen and runs the ledger's check.
"""

import itertools
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from tests import books
from tests.doors.product import call, product
from tests.make import alliance as make
from tests.make import apps as make_apps
from tests.make import catalog as make_catalog
from tests.sandbox_process import sandbox_process
from tests.waiting import until
from tuike.kit import clock
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties.types import Source

pytestmark = pytest.mark.slow
_keys = itertools.count(1)
TOP_UP = """
import json, sys
import django

django.setup()
from tuike.flows.start_payment import start_top_up
from tuike.gateways.types import Channel
from tuike.kit import clock

started = start_top_up(
    merchant_id=int(sys.argv[1]), amount_fen=int(sys.argv[2]), openid="", mode=Channel.NATIVE, key=sys.argv[3],
    now=clock.now(),
)
print(json.dumps({"no": started.intent_no}))
"""


@pytest.fixture
def sandbox(tmp_path):
    with sandbox_process(tmp_path / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def running(committed_db, db_env, sandbox, tmp_path):
    with product(db_env, sandbox, tmp_path) as made:
        yield made


class Shop:
    """A shop's software: signed calls; and what the accounts of its story hold."""

    def __init__(self, running: Any, sandbox: Any) -> None:
        self.running, self.sandbox = running, sandbox
        self.one = make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)
        self.app = make_apps.secret(self.one.shop, now=clock.real_now())
        self.ticket = make.link(self.one, now=clock.real_now() - timedelta(minutes=30)).ticket
        self.placed = clock.real_now() - timedelta(minutes=20)

    def call(self, method: str, path: str, body: object = None, query: str = "") -> Any:
        """Call the API, signed; return the JSON of a success."""
        data = b"" if body is None else json.dumps(body).encode()
        path = f"/api/v1/merchant{path}"
        headers = make_apps.signed(self.app, method=method, path=path, query=query, body=data, now=clock.real_now()) | {
            "Idempotency-Key": f"k{next(_keys)}",
            "Content-Type": "application/json",
        }
        url = f"{self.running.base}{path}{'?' if query else ''}{query}"
        answer = call(method, url, headers=headers, raw=data if body is not None else None)
        assert answer.status in (200, 202), (path, answer.status, answer.body.decode())
        return answer.json()

    def report(self, no: str, **more: Any) -> None:
        """Report an order of one piece with the promoter's ticket, and wait until it is worked off."""
        line = {"sku_id": make_catalog.sku_of(self.one.product_id), "quantity": 1, "price_fen": 10_000}
        placed = self.placed.isoformat()
        said = {"external_no": no, "placed_at": placed, "lines": [line], "link": self.ticket} | more
        kept = self.call("POST", "/reports", {"orders": [said]})
        until(lambda: self.call("GET", f"/reports/{kept['no']}")["done"] == kept["fresh"], what="the report")

    def top_up(self, fen: int) -> None:
        """Pay into the prepaid balance at the sandbox, as a person who scans the code."""
        said = [sys.executable, "-c", TOP_UP, str(self.one.shop.id), str(fen), f"t{next(_keys)}"]
        done = subprocess.run(said, check=True, env=self.running.env, capture_output=True, timeout=60)
        no = json.loads(done.stdout.decode().splitlines()[-1])["no"]
        before = self.balances()["outside"]
        self.sandbox.control("pay", out_trade_no=no, openid=self.sandbox.openid())
        until(lambda: self.balances()["outside"] == before - fen, what="the top-up")

    def balances(self) -> dict[str, int]:
        """The accounts of the story."""
        refs = {
            "prepaid": chart.merchant(self.one.shop.id, "prepaid"),
            "pending": chart.promoter(self.one.promoter.id, "pending"),
            "above": chart.promoter(self.one.recruiter.id, "pending"),
            "outside": chart.outside("wechatpay"),
        }
        found = ledger.balances(refs=refs.values())
        return {name: found[ref.path] for name, ref in refs.items()}

    def is_(self, **wanted: int) -> None:
        """Every account of the story holds exactly this, those not named nothing, and the books hold."""
        books.check()
        assert self.balances() == dict.fromkeys(self.balances(), 0) | wanted

    def order(self, no: str) -> Any:
        """How an order stands."""
        return self.call("GET", "/reported-order", query=f"external_no={no}")

    def changed(self, after: int) -> tuple[list[tuple[str, str]], int]:
        """Return what of the shop's orders changed behind a place, by state, and where to read on."""
        page = self.call("GET", "/changes", query=f"after={after}&kinds=order")
        return [(item["no"], item["object"]["state"]) for item in page["items"]], page["next"]


def test_reported_waiting_topped_up_received_and_given_back(running, sandbox):
    shop = Shop(running, sandbox)
    paid = {"paid_at": (shop.placed + timedelta(minutes=1)).isoformat()}
    shop.report("A")
    shop.is_()
    assert shop.order("A")["state"] == "unpaid"
    shop.report("A", **paid)
    shop.report("B", **paid)
    # 12 % and 5 % of ¥100.00 twice: nothing is prepaid, so both wait and no money has an owner.
    shop.is_()
    shop.top_up(2_000)
    # One order fits whole, the second doesn't: it waits on, and what is left stays the shop's.
    shop.is_(prepaid=300, pending=1_200, above=500, outside=-2_000)
    shop.top_up(1_400)
    shop.is_(pending=2_400, above=1_000, outside=-3_400)
    received = {"received_at": (shop.placed + timedelta(minutes=5)).isoformat()}
    shop.report("A", **paid, **received)
    assert shop.order("A")["state"] == "completed"
    shop.report("B", **paid, refunds=[{"line_no": 1, "quantity": 1}])
    shop.is_(prepaid=1_700, pending=1_200, above=500, outside=-3_400)
    assert shop.order("B")["refunded_fen"] == 10_000
    # An old report after newer ones, and the same again, take nothing twice.
    shop.report("B", **paid)
    shop.report("B", **paid, refunds=[{"line_no": 1, "quantity": 1}])
    shop.is_(prepaid=1_700, pending=1_200, above=500, outside=-3_400)
    seen: dict[str, str] = {}
    place = 0

    def followed() -> bool:
        nonlocal place
        found, place = shop.changed(place)
        seen.update(found)
        return seen.get(shop.order("A")["order_no"]) == "completed" and len(seen) == 2

    until(followed, what="the feed")
