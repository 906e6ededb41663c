"""Makers of endpoints, and a receiver that listens on this machine and remembers what it was sent."""

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.make import parties as make_parties
from tests.make.people import EARLY
from tuike.parties.types import PartyRef
from tuike.webhooks import service
from tuike.webhooks.types import EventType, NewSecret, Told

_keys = itertools.count(1)


def endpoint(
    party: PartyRef,
    *types: EventType,
    url: str = "https://shop.example.com/hooks",
    name: str = "订单系统",
    now: datetime = EARLY,
) -> NewSecret:
    """Return an endpoint of a party as its super administrator adds it, by default for paid orders."""
    return service.add(
        party_id=party.id,
        name=name,
        url=url,
        types=[one.value for one in types or (EventType.ORDER_PAID,)],
        key=f"endpoint-{next(_keys)}",
        actor=make_parties.super_admin_of(party),
        now=now,
    )


def told(party: PartyRef, *, no: str = "O1", type_: EventType = EventType.ORDER_PAID, now: datetime) -> int:
    """Tell a party of an order; return how many deliveries that made."""
    return service.tell(told=[Told(party.id, type_, no, {"order": no}, now)], now=now)


@dataclass
class Heard:
    """A call that a receiver got."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Return the event's id."""
        return self.headers["Webhook-Id"]

    @property
    def said(self) -> dict[str, Any]:
        """Return the body, read."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """A party's software: `answer` decides each answer's status, `url` is where it listens."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], int] = lambda _: 204


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port of this machine."""
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard = Heard({name.title(): value for name, value in self.headers.items()}, body)
            one.heard.append(heard)
            self.send_response(one.answer(heard))
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
