"""A whole product in a home of its own for tests that break it: its parts by name, buyers at work, and what they saw.

What was acknowledged is written down as it is heard, so that it can be looked for when everything is up again.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.database import CHECKOUT
from tests.runtime.running import Product
from tuike.runtime import postgres, procs

STOCK = 100_000
BUYERS = 6
_SEED = f"""
import json, django
django.setup()
from tests.make import alliance as make, catalog, people as make_people
from tuike.catalog import queries
from tuike.catalog import service as stock
from tuike.flows.record_touch import record_touch
from tuike.kit import clock
from tuike.people import service as people
from tuike.people.types import SessionKind
from tuike.db import rows
now = clock.now()
one = make.alliance()
link = make.link(one, now=now)
sku = catalog.sku_of(one.product_id)
left = {STOCK} - catalog.stock(sku)[0]
stock.add_stock(merchant_id=one.shop.id, items=[(sku, left)], actor=make.OPERATOR_SHELL, now=now)
tokens = []
for _ in range({BUYERS}):
    buyer = make_people.person()
    record_touch(ticket_or_code=link.code, buyer_id=buyer.id, now=now)
    tokens.append(people.open_session(person_id=buyer.id, kind=SessionKind.STOREFRONT, device="test", now=now))
print(json.dumps({{"sku": sku, "code": link.code, "tokens": tokens}}))
"""


@dataclass
class Answer:
    """What came back: `status` 0 when nothing did."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


class Living(Product):
    """`tuike up` with a shop, a promoter's link and buyers in it."""

    def seeded(self) -> "Living":
        """Start, and make the shop."""
        self.start().ready()
        path = os.pathsep.join([str(CHECKOUT / "src"), str(CHECKOUT)])
        told = {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "tuike.config.settings"}
        done = subprocess.run(
            [sys.executable, "-c", _SEED],
            env=self.environment | told,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.seed = json.loads(done.stdout.splitlines()[-1])
        people = self.control("people")["people"]
        self.openid = people[0]["openid"]
        return self

    def call(
        self, method: str, path: str, body: object = None, *, token: str = "", key: str = "", timeout: float = 15
    ) -> Answer:
        """One call of the web; whatever happens to it, it is an answer."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        began = time.monotonic()
        try:
            asked.request(method, path, None if body is None else json.dumps(body), headers)
            got = asked.getresponse()
            raw = got.read()
            shown = json.loads(raw) if "json" in got.headers.get("Content-Type", "") else raw
            return Answer(
                got.status,
                time.monotonic() - began,
                {name.lower(): value for name, value in got.headers.items()},
                shown,
            )
        except (OSError, http.client.HTTPException):
            return Answer(0, time.monotonic() - began)
        finally:
            asked.close()

    def control(self, verb: str, **wish: object) -> Any:
        """Tell the sandbox something."""
        asked = http.client.HTTPConnection("127.0.0.1", self.sandbox_port, timeout=20)
        try:
            asked.request("POST", f"/sandbox/control/{verb}", json.dumps(wish), {"Content-Type": "application/json"})
            got = asked.getresponse()
            said = got.read()
            assert got.status == 200, (verb, got.status, said)
            return json.loads(said)
        finally:
            asked.close()

    def place(self, buyer: int, key: str) -> Answer:
        """Place an order of one piece."""
        items = [{"sku_id": self.seed["sku"], "quantity": 1}]
        return self.call("POST", "/api/storefront/orders", {"items": items}, token=self.seed["tokens"][buyer], key=key)

    def prepare(self, buyer: int, checkout_no: str, key: str) -> Answer:
        """Ask for a code to pay."""
        path = f"/api/storefront/checkouts/{checkout_no}/payment"
        return self.call("POST", path, {"mode": "native"}, token=self.seed["tokens"][buyer], key=key)

    def state(self, buyer: int, checkout_no: str) -> str:
        """Return what the buyer is shown of a checkout; empty when nothing."""
        path = f"/api/storefront/checkouts/{checkout_no}"
        answer = self.call("GET", path, token=self.seed["tokens"][buyer])
        return answer.body["state"] if answer.status == 200 else ""

    def bought(self, buyer: int = 0, *, notify: bool = True) -> tuple[str, str]:
        """Place and pay; return the numbers of checkout and payment."""
        placed = self.place(buyer, uuid.uuid4().hex)
        assert placed.status == 201, placed
        number = placed.body["checkout_no"]
        prepared = self.prepare(buyer, number, uuid.uuid4().hex)
        assert prepared.status == 200, prepared
        self.control("pay", out_trade_no=prepared.body["payment_no"], openid=self.openid, notify=notify)
        return number, prepared.body["payment_no"]

    def sql(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        """Ask the database as its owner."""
        with psycopg.connect(postgres.url(self.home, role="owner"), connect_timeout=30) as connection:
            return connection.execute(statement, params or None).fetchall()

    def all_of(self, name: str) -> list[int]:
        """Return the processes of a part."""
        leader = self.pid(name)
        if leader is None:
            return []
        if name == "postgres":
            return [leader, *_children(leader)]
        return procs.members(leader)

    def kill(self, name: str) -> None:
        """Kill a part outright; of the database the first process, as a crash would."""
        doomed = self.all_of(name)
        assert doomed, f"{name} doesn't run"
        for pid in doomed[:1] if name == "postgres" else doomed:
            procs.send(pid, signal.SIGKILL)

    @contextlib.contextmanager
    def stopped(self, *names: str) -> Iterator[None]:
        """Stop parts where they stand; they go on after the block."""
        held = [pid for name in names for pid in self.all_of(name)]
        assert held
        for pid in held:
            procs.send(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in held:
                procs.send(pid, signal.SIGCONT)

    @contextlib.contextmanager
    def without_database(self) -> Iterator[None]:
        """Take the database away for as long as the block lasts: nobody may start it again meanwhile."""
        assert self.process
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            for pid in self.all_of("postgres"):
                procs.send(pid, signal.SIGKILL)
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]
    return []


@dataclass
class Seen:
    """What buyers and visitors were told."""

    placed: dict[str, tuple[int, str]] = field(default_factory=dict)  # key → buyer, checkout
    paid: dict[str, str] = field(default_factory=dict)  # checkout → payment
    clicks: int = 0
    troubles: int = 0


class Load:
    """Buyers who place and pay, and visitors who click, until told to stop; each tries again with the same key."""

    def __init__(self, product: Living) -> None:
        self.product, self.seen = product, Seen()
        self._lock, self._stop = threading.Lock(), threading.Event()
        work: list[Callable[[], None]] = [self._click, self._click]
        work += [lambda buyer=buyer: self._buy(buyer) for buyer in range(BUYERS)]
        self._broken: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(one,)) for one in work]
        for thread in self._threads:
            thread.start()

    def until(self, more: int) -> None:
        """Wait for `more` further payments."""
        goal, deadline = len(self.seen.paid) + more, time.monotonic() + 90
        while len(self.seen.paid) < goal and not self._broken:
            assert time.monotonic() < deadline, "nothing goes on"
            time.sleep(0.01)

    def stop(self) -> Seen:
        """Let everybody finish what they began, and return what they saw."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive()
        assert not self._broken, self._broken
        return self.seen

    def _run(self, work: Callable[[], None]) -> None:
        try:
            while not self._stop.is_set():
                work()
        except BaseException as problem:
            self._broken.append(problem)

    def _buy(self, buyer: int) -> None:
        key = uuid.uuid4().hex
        placed = self._insist(lambda: self.product.place(buyer, key), 201)
        number = placed.body["checkout_no"]
        with self._lock:
            self.seen.placed[key] = (buyer, number)
        prepared = self._insist(lambda: self.product.prepare(buyer, number, key), 200)
        self.product.control("pay", out_trade_no=prepared.body["payment_no"], openid=self.product.openid)
        with self._lock:
            self.seen.paid[number] = prepared.body["payment_no"]

    def _click(self) -> None:
        answer = self.product.call("GET", f"/s/{self.product.seed['code']}", timeout=5)
        assert answer.status in {0, 302, 503}, answer
        with self._lock:
            self.seen.clicks += answer.status == 302
            self.seen.troubles += answer.status != 302
        time.sleep(0.02)

    def _insist(self, attempt: Callable[[], Answer], wanted: int) -> Answer:
        deadline = time.monotonic() + 60
        while (answer := attempt()).status != wanted:
            assert answer.status in {0, 503}, answer
            assert time.monotonic() < deadline, answer
            with self._lock:
                self.seen.troubles += 1
            time.sleep(0.05)
        return answer
