"""One order from the click to the payout and the clawback, over real HTTP: web, worker, sandbox, PostgreSQL.

Every step asserts exact fen and runs the ledger's check.
"""

import itertools
import signal
import urllib.parse
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests import books
from tests.doors.product import Answer, Product, call, product
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.sandbox_process import Sandbox, sandbox_process
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL
from tuike.doors.web.soon import soon
from tuike.kit import clock
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties import service as parties
from tuike.parties.types import Rail, Role
from tuike.payments import queries as payments
from tuike.people.types import PRIVACY_EDITION

pytestmark = pytest.mark.slow
DAY = 86_400
_keys = itertools.count(1)


@dataclass
class Caller:
    """Somebody with a phone: an openid at WeChat, and a session."""

    product: Product
    openid: str
    name: str
    token: str = ""
    no: str = ""
    person_id: int = 0

    def call(self, method: str, path: str, body: object = None, **more: str) -> Answer:
        """Call the storefront; writes get a key of their own."""
        headers = {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in more.items()}
        if method != "GET":
            headers.setdefault("Idempotency-Key", f"k{next(_keys)}")
        return call(method, f"{self.product.base}/api/storefront{path}", body, headers=headers)

    def done(self, method: str, path: str, body: object = None, **more: str) -> Any:
        """Call, and return the JSON of a success."""
        answer = self.call(method, path, body, **more)
        assert answer.status in (200, 201), (path, answer.status, answer.body.decode())
        return answer.json()


@pytest.fixture
def sandbox(tmp_path):
    with sandbox_process(tmp_path / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def running(committed_db, db_env, sandbox, tmp_path):
    with product(db_env, sandbox, tmp_path) as made:
        yield made


def _login(running: Product, sandbox: Sandbox, index: int) -> Caller:
    person = sandbox.control("people")["people"][index]
    caller = Caller(running, person["openid"], person["name"])
    said = caller.done("POST", "/sessions", {"code": sandbox.login_code(caller.openid), "consent": PRIVACY_EDITION})
    caller.token, caller.no = said["token"], said["person"]["no"]
    from tuike.db import rows

    caller.person_id = rows.query("SELECT id FROM people_person WHERE no = %s", [caller.no])[0][0]
    return caller


def _balances(**wanted: Any) -> dict[str, int]:
    books.check()
    refs = dict(wanted.items())
    found = ledger.balances(refs=refs.values())
    return {name: found[ref.path] for name, ref in refs.items()}


class Stage:
    """A shop with one product at ¥33.30, a promoter and the recruiter above, a buyer, the operator's finance."""

    def __init__(self, running: Product, sandbox: Sandbox) -> None:
        self.product, self.sandbox = running, sandbox
        self.buyer, self.seller, self.promoter, self.finance = (_login(running, sandbox, i) for i in range(4))
        make_plans.benchmark(500)
        self.shop = make_parties.merchant(name="青瓷小铺", super_admin=self.seller.person_id)
        self.above = make_parties.promoter(name="推客老王", phone="13900000001")
        self.party = make_parties.promoter(
            name="推客小李", super_admin=self.promoter.person_id, recruiter_id=self.above.id, phone="13900000002"
        )
        make_parties.seated(make_parties.operator(), Role.FINANCE, person_id=self.finance.person_id)
        self.product_id = make_catalog.product(merchant_id=self.shop.id, price_fen=3_330, free=10, title="手绘青瓷盖碗")
        self.sku_id = make_catalog.sku_of(self.product_id)
        make_plans.main_product(self.shop.id, self.product_id, 1200)
        make_plans.distribution(self.shop.id, {2: 500})
        account = parties.bind_bank_account(
            party_id=self.party.id,
            rail=Rail.WECHAT,
            holder=self.promoter.name,
            number=self.promoter.openid,
            actor=OPERATOR_SHELL,
            now=clock.real_now() - timedelta(days=3),
        )
        parties.verify_bank_account(bank_account_id=account.id, actor=OPERATOR_SHELL, now=clock.real_now())

    def balances(self) -> dict[str, int]:
        """The accounts of the story."""
        return _balances(
            held=chart.merchant(self.shop.id, "held"),
            shop=chart.merchant(self.shop.id, "available"),
            pending=chart.promoter(self.party.id, "pending"),
            available=chart.promoter(self.party.id, "available"),
            leaving=chart.promoter(self.party.id, "leaving"),
            owed=chart.promoter(self.party.id, "owed"),
            above_pending=chart.promoter(self.above.id, "pending"),
            above=chart.promoter(self.above.id, "available"),
            outside=chart.outside("wechatpay"),
        )

    def is_(self, **wanted: int) -> None:
        """Every account of the story holds exactly this, those not named nothing, and the books hold."""
        assert self.balances() == dict.fromkeys(self.balances(), 0) | wanted

    def pay(self, checkout_no: str, amount_fen: int) -> None:
        """Pay at the sandbox's cashier, as a person at the phone."""
        payment = self.buyer.done("POST", f"/checkouts/{checkout_no}/payment", {"mode": "jsapi"})
        assert payment["amount_fen"] == amount_fen
        prepay_id = payment["client"]["package"].removeprefix("prepay_id=")
        form = urllib.parse.urlencode({"do": "pay", "openid": self.buyer.openid}).encode()
        paid = call(
            "POST",
            f"{self.sandbox.base}/sandbox/cashier/{prepay_id}",
            raw=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert paid.status in (200, 302, 303), paid.body.decode()
        until(lambda: self.checkout(checkout_no)["state"] == "paid", what="the payment")

    def checkout(self, no: str) -> Any:
        """How a checkout stands."""
        return self.buyer.done("GET", f"/checkouts/{no}")

    def refunded(self, order_no: str, pieces: int) -> int:
        """Ask pieces back, let the shop say yes, and wait for the money to leave; return the fen."""
        wish = {"lines": [{"line_no": 1, "quantity": pieces}], "reason": "有裂纹"}
        asked = self.buyer.done("POST", f"/orders/{order_no}/refunds", wish)
        self.seller.done("POST", f"/merchant/refunds/{asked['no']}/approval")

        def gone() -> bool:
            refunds = self.buyer.done("GET", f"/orders/{order_no}")["refunds"]
            return next(one for one in refunds if one["no"] == asked["no"])["state"] == "refunded"

        until(gone, what="the refund")
        return asked["amount_fen"]


def test_from_the_click_to_the_payout_and_the_clawback(running, sandbox):
    stage = Stage(running, sandbox)
    buyer, seller, promoter = stage.buyer, stage.seller, stage.promoter

    place = promoter.done("POST", "/promoter/places", {"name": "朋友圈"})
    product_no = buyer.done("GET", "/products")["items"][0]["no"]
    assert promoter.done("POST", "/promoter/rules/mini_store/acceptance")["accepted"]
    made = promoter.done("POST", "/promoter/materials", {"pid": place["pid"], "products": [product_no]})
    item = made["items"][0]
    assert made["missing"] == [] and item["url_link"] and item["tag"] and "手绘青瓷盖碗" in item["wording"]

    click = call("GET", item["short_link"])
    assert click.status == 302 and item["ticket"] in urllib.parse.unquote(click.headers["Location"])
    touched = buyer.done("POST", "/touches", {"ticket": item["ticket"]})
    assert touched["good"] and touched["product_no"] == product_no
    stage.is_()

    placed = buyer.done("POST", "/orders", {"items": [{"sku_id": stage.sku_id, "quantity": 3}]})
    order_no = placed["orders"][0]["no"]
    assert placed["payable_fen"] == 9_990 and make_catalog.stock(stage.sku_id) == (7, 3)
    stage.is_()

    stage.pay(placed["checkout_no"], 9_990)
    # 12 % of 9990 is 1198.8, 5 % is 499.5: the shop keeps the fractions.
    stage.is_(held=8_293, pending=1_198, above_pending=499, outside=-9_990)

    seller.done("POST", f"/merchant/orders/{order_no}/shipments", {"carrier": "顺丰", "tracking_no": "SF1"})
    assert buyer.done("POST", f"/orders/{order_no}/receipt")["state"] == "completed"
    stage.is_(held=8_293, pending=1_198, above_pending=499, outside=-9_990)
    due = promoter.done("GET", "/promoter/earnings")["items"][0]
    assert due["amount_fen"] == 1_198 and due["due_at"] and due["state"] == "pending"

    assert stage.refunded(order_no, 1) == 3_330
    # Left 6660: 12 % 799.2, 5 % 333.
    stage.is_(held=5_528, pending=799, above_pending=333, outside=-6_660)

    sandbox.move_clock(27 * DAY + 60)
    soon("mature")
    until(lambda: promoter.done("GET", "/promoter/balance")["available_fen"], what="maturity")
    stage.is_(shop=5_528, available=799, above=333, outside=-6_660)

    withdrawal = promoter.done("POST", "/promoter/withdrawals", {"amount_fen": 700})["no"]
    stage.is_(shop=5_528, available=99, leaving=700, above=333, outside=-6_660)
    queue = stage.finance.done("GET", "/finance/withdrawals")["items"]
    assert [one["no"] for one in queue] == [withdrawal]
    stage.finance.done("POST", f"/finance/withdrawals/{withdrawal}/approval")
    until(
        lambda: promoter.call("GET", f"/promoter/withdrawals/{withdrawal}/confirmation").status == 200,
        what="the confirmation",
    )
    package = promoter.done("GET", f"/promoter/withdrawals/{withdrawal}/confirmation")["parameters"]
    assert package["package"] and package["mchId"] == sandbox.env["WECHATPAY_MCHID"]
    sandbox.control("transfer", out_bill_no=withdrawal, action="confirm")

    def paid() -> bool:
        soon("run_payouts")  # its notice, or the answer when asked: whichever is first
        return promoter.done("GET", "/promoter/withdrawals")["items"][0]["state"] == "paid"

    until(paid, what="the payout")
    stage.is_(shop=5_528, available=99, above=333, outside=-7_360 + 1_400)

    assert stage.refunded(order_no, 1) == 3_330
    # Left 3330: 399 and 166. Of the promoter's 400, 99 are there; 301 are owed, and advanced to the shop.
    books.check()
    stage.is_(shop=5_528 - 3_330 + 400 + 167, owed=-301, above=166, outside=-2_630)
    refused = promoter.call("POST", "/promoter/withdrawals", {"amount_fen": 100})
    assert (refused.status, refused.json()["code"]) == (409, "withdrawal_in_debt")


def test_a_worker_that_was_killed_goes_on_where_it_was(running, sandbox):
    stage = Stage(running, sandbox)
    running.stop("worker", signal_number=signal.SIGKILL)
    placed = stage.buyer.done("POST", "/orders", {"items": [{"sku_id": stage.sku_id, "quantity": 1}]})
    payment = stage.buyer.done("POST", f"/checkouts/{placed['checkout_no']}/payment", {"mode": "native"})
    sandbox.control("pay", out_trade_no=payment["payment_no"], openid=stage.buyer.openid)
    until(payments.waiting_count, what="the notice to be kept")
    assert stage.checkout(placed["checkout_no"])["state"] == "unpaid"
    stage.is_()
    running.start("worker")
    until(lambda: stage.checkout(placed["checkout_no"])["state"] == "paid", what="the payment")
    stage.is_(held=3_330, outside=-3_330)  # nobody was touched: nobody earns
