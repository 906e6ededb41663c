"""What every part of the sandbox is given: who it is, what it keeps, what time it is."""

import asyncio
import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tuike_sandbox.clock import Clock
from tuike_sandbox.errors import PayError
from tuike_sandbox.home import Identity
from tuike_sandbox.store import Store


@dataclass
class World:
    """One running sandbox. `base` is its own address; `shop_base` is where the shop's pages are (for the phone)."""

    identity: Identity
    store: Store
    clock: Clock
    base: str
    shop_base: str
    notify_factor: float = 1.0
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def speed(self, name: str, default: float) -> float:
        """Seconds that a step behind the scenes takes (setting `name`)."""
        return float(str(self.store.setting(name, default)))


@dataclass(frozen=True)
class Call:
    """One request as it came. `path` includes the query, exactly as sent."""

    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes

    def pay_json(self) -> dict[str, object]:
        """The body as a JSON object.

        Raises:
            PayError: 400 PARAM_ERROR when it isn't one.
        """
        try:
            body = json.loads(self.raw)
        except ValueError as wrong:
            raise PayError(400, "PARAM_ERROR", "请求体不是有效的JSON") from wrong
        if not isinstance(body, dict):
            raise PayError(400, "PARAM_ERROR", "请求体应为JSON对象")
        return body


@dataclass(frozen=True)
class Answer:
    """What to send back: a JSON object, bytes with their type, or nothing (None)."""

    content: dict[str, object] | bytes | None
    status: int = 200
    content_type: str = "application/json"

    def body(self) -> bytes:
        """The bytes on the wire."""
        if self.content is None:
            return b""
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Endpoint:
    """One address of WeChat's: how it is called, under which name faults find it, which side it belongs to."""

    method: str
    path: str
    name: str
    run: Callable[[World, Call], Answer]
    side: str  # "pay" | "wx"
    needs_token: bool = True


def is_loopback(url: str) -> bool:
    """Whether `url` is plain HTTP(S) to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises ValueError on a port that isn't one
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def canonical(content: object) -> str:
    """JSON with sorted keys: equal content gives equal text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
