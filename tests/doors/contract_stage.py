"""The stage of a contract's whole story: everybody before a door of their own, the sandbox as WeChat, days that pass.

The product's development clock and the sandbox's are one file; nothing reads or writes behind the doors but the check
of the books.
"""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from procrastinate.contrib.django import app as jobs

from tests import books
from tests.doors.conftest import Caller
from tests.doors.contract import ByApi, ByConsole
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import cooperation as coop
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.sandbox_process import NoticeListener, Sandbox
from tuike.catalog import queries as catalog
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties.types import PartyRef
from tuike.people import service as people
from tuike.people.types import SessionKind

DAY = timedelta(days=1)
PRICE_FEN = 9_990
NAMES = ("手绘青瓷盖碗", "紫砂西施壶", "竹茶荷", "玻璃公道杯")


class Stage:
    """A shop with four products at ¥99.90, a leader, a promoter, the one who recruited it, and buyers."""

    def __init__(self, sandbox: Sandbox, listener: NoticeListener) -> None:
        self.sandbox, self.listener, self._heard = sandbox, listener, 0
        self.began = clock.real_now()
        coop.open_to_all(now=clock.now())
        self.one = make.alliance(price_fen=PRICE_FEN)
        others = {"merchant_id": self.one.shop.id, "category_id": self.one.category_id, "price_fen": PRICE_FEN}
        ids = [self.one.product_id, *(make_catalog.product(**others, title=title) for title in NAMES[1:])]
        facts = catalog.product_facts(ids)
        self.skus = {name: make_catalog.sku_of(id_) for name, id_ in zip(NAMES, ids, strict=True)}
        self.nos = {name: facts[id_].product_no for name, id_ in zip(NAMES, ids, strict=True)}
        self.console, self.api = ByConsole(self.one), ByApi(self.one)
        self.buyers = itertools.cycle([make_people.person().id for _ in range(3)])
        self._orders: dict[str, int] = {}

    # ---------------------------------------------------------------- time, jobs, WeChat

    def day(self, days: float) -> None:
        """Let it be so many days after the enrolment."""
        self.sandbox.move_clock(int(days * 86_400))

    def at(self, days: float) -> datetime:
        """Return the instant so many days after the enrolment."""
        return self.began + days * DAY

    @staticmethod
    def job(name: str) -> None:
        """Let the worker's job run."""
        jobs.tasks[name].func(timestamp=0)

    def wechat_says(self) -> None:
        """Bring WeChat's next notice to the product's hook."""
        notice = self.listener.wait(self._heard + 1)[self._heard]
        self._heard += 1
        headers = {name: value for name, value in notice.headers.items() if name.startswith("Wechatpay")}
        answer = Client().post(notice.path, notice.body, content_type="application/json", headers=headers)
        assert answer.status_code == 204, answer.content

    # ---------------------------------------------------------------- buyers, and the shop's phone

    def phone(self, person_id: int) -> Caller:
        """Return a person at the storefront, signed in now."""
        token = people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, now=clock.now())
        return Caller(Client(), person_id, token)

    def staff(self) -> Caller:
        """Return the shop's super administrator at the storefront."""
        return self.phone(make_parties.super_admin_of(self.one.shop).person_id)

    def places(self, name: str, ticket: str, *, seen: bool = True) -> dict[str, Any]:
        """Let the next buyer see the material, and place an order of one piece."""
        buyer = next(self.buyers)
        if seen:
            assert done(self.phone(buyer).post("/touches", {"ticket": ticket}))["good"]
        made = done(self.phone(buyer).post("/orders", {"items": [{"sku_id": self.skus[name], "quantity": 1}]}))
        assert made["payable_fen"] == PRICE_FEN
        self._orders[made["orders"][0]["no"]] = buyer
        return made

    def pays(self, placed: dict[str, Any]) -> str:
        """Let the buyer pay at WeChat; return the order's number."""
        no = placed["orders"][0]["no"]
        path = f"/checkouts/{placed['checkout_no']}/payment"
        payment = done(self.phone(self._orders[no]).post(path, {"mode": "native"}))
        self.sandbox.control("pay", out_trade_no=payment["payment_no"], openid=self.sandbox.openid())
        self.wechat_says()
        self.job("confirm_payments")
        return no

    def buys(self, name: str, ticket: str) -> str:
        """Let the next buyer see the material, place and pay; return the order's number."""
        return self.pays(self.places(name, ticket))

    def receives(self, *order_nos: str) -> None:
        """Let the shop send orders and their buyers receive them."""
        for no in order_nos:
            done(self.staff().post(f"/merchant/orders/{no}/shipments", {"carrier": "顺丰", "tracking_no": no}))
            assert done(self.phone(self._orders[no]).post(f"/orders/{no}/receipt"))["state"] == "completed"

    def goes_back(self, no: str) -> None:
        """Let the buyer ask everything back, the shop agree at its console, and WeChat pay it."""
        wish = {"lines": [{"line_no": 1, "quantity": 1}], "reason": "不想要了"}
        asked = done(self.phone(self._orders[no]).post(f"/orders/{no}/refunds", wish))
        assert asked["amount_fen"] == PRICE_FEN
        answer = self.console.sits(self.one.shop).post("refund-approve", no=asked["no"])
        assert answer.status_code == 200, answer.content.decode()[:400]
        self.job("send_refunds")
        self.wechat_says()
        self.job("confirm_refunds")

    # ---------------------------------------------------------------- figures

    def funds(self, party: PartyRef) -> dict[str, int]:
        """Return what a party's own software is told it has."""
        return done(self.api.software(party).get(f"/{party.kind.value}/funds"))

    def is_(self, *, out: int, shop: int = 0, held: int = 0, **people_: tuple[int, int]) -> None:
        """Everybody has exactly this by their own account, (pending, available) for people; the books hold."""
        books.check()
        one = self.one
        mine = self.funds(one.shop)
        assert (mine["held_fen"], mine["available_fen"], mine["owed_fen"]) == (held, shop, 0)
        for name, party in (("promoter", one.promoter), ("above", one.recruiter), ("leader", one.leader)):
            theirs = self.funds(party)
            assert (theirs["pending_fen"], theirs["available_fen"]) == people_[name], name
        assert ledger.balances(refs=[chart.outside("wechatpay")])["outside:wechatpay"] == -out
        assert out == shop + held + sum(map(sum, people_.values())), "every fen is somebody's"

    def fee(self, order_no: str) -> int | None:
        """Return the leader's fee of an order by the leader's own list, None where it isn't the leader's."""
        answer = self.api.software(self.one.leader).get(f"/leader/orders/{order_no}")
        return answer.json()["items"][0]["commission_fen"] if answer.status_code == 200 else None

    # ---------------------------------------------------------------- what both read

    def page(self, party: PartyRef, name: str, **where: Any) -> str:
        """Return a page of a party's console."""
        answer = self.console.sits(party).get(name, **where)
        assert answer.status_code == 200, answer.content.decode()[:400]
        return answer.content.decode()

    def enrolment(self, no: str) -> dict[str, Any]:
        """Return an enrolment as the shop's software sees it."""
        return done(self.api.software(self.one.shop).get(f"/merchant/enrolments/{no}"))

    def typed(self, name: str, activity: str, *, days: float, rate: str = "15", service: str = "3", base: int) -> str:
        """Let the shop enrol a product at its console, after a look at the worst case; return the number."""
        no, seller = self.nos[name], self.console.sits(self.one.shop)
        form = {"product": [no], f"rate_{no}": rate, f"service_{no}": service, f"base_{no}": str(base)}
        form |= {"ends_at": shown(clock.now() + days * DAY)[:16], "shown_to": "leader", "contact": "电话 0571"}
        assert seller.post("activity-enrol-preview", form, no=activity).status_code == 200
        assert seller.post("activity-enrol", form, no=activity).status_code == 200
        return done(self.api.software(self.one.shop).get("/merchant/enrolments"))["items"][0]["no"]

    def sent(self, name: str, activity: str, *, until: datetime, base: int) -> str:
        """Let the shop's software enrol a product at 15 % and 3 %; return the number."""
        terms = {"product_no": self.nos[name], "rate_bps": 1500, "service_bps": 300, "base_orders": base}
        wish = {"products": [terms | {"ends_at": until.isoformat()}], "shown_to": "leader", "contact": ""}
        path = f"/merchant/activities/{activity}/enrolments"
        return done(self.api.software(self.one.shop).post(path, wish))["items"][0]["no"]

    def material(self, activity: str, pid: str, *names: str) -> dict[str, str]:
        """Let the promoter's software make material of products in the activity; return the tickets by name."""
        wish = {"pid": pid, "products": [self.nos[name] for name in names], "activity": activity}
        made = done(self.api.software(self.one.promoter).post("/promoter/materials", wish))
        return {name: item["ticket"] for name, item in zip(names, made["items"], strict=True)}


def done(answer: Any) -> Any:
    """Return the JSON of a success."""
    assert answer.status_code in (200, 201), answer.content.decode()
    return answer.json()
