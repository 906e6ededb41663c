"""Calls to addresses that parties gave: where they may lead, and one bounded call to one looked-up address.

Whoever names an address could name one of this machine or its network. So the name is looked up once, every answer must
be a public address, and the call goes to that very address: what the name leads to a moment later doesn't matter. The
certificate is checked against the name. No redirect is followed, no proxy of the environment is asked, nothing is
unpacked, and ten seconds cover everything from the look-up to the answer's last byte.

Written by hand, because the libraries that filter addresses judge one answer of several, and none bounds the whole.
"""

import contextlib
import functools
import http.client
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

WHOLE_SECONDS = 10
CONNECT_SECONDS = 3
ANSWER_LIMIT = 1024 * 1024
ANSWER_KEPT = 1024
PORTS = (443, 8443)
URL_MOST = 500
_CHUNK = 16 * 1024
_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_EMBEDDING = tuple(
    ipaddress.ip_network(one)
    for one in ("192.88.99.0/24", "192.0.0.0/24", "2001::/23", "2002::/16", "3fff::/20", "2001:db8::/32")
)
"""6to4 and its relays, Teredo and other special ranges, documentation: nothing that a party's software has."""

Resolve = Callable[[str, int], Sequence[str]]


class BadTarget(Exception):
    """The address may not be called; `why_zh` and `why_en` say it to whoever typed it."""

    def __init__(self, why_zh: str, why_en: str) -> None:
        self.why_zh, self.why_en = why_zh, why_en
        super().__init__(why_en)


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart: `path` is what is asked for, query included."""

    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: `error` is empty after a 2xx; `answer` is the first kilobyte of the body as text."""

    status: int | None
    error: str
    answer: str
    took_ms: int


ERRORS: dict[str, tuple[str, str]] = {
    "address": ("域名指向内网或保留地址，已拒绝", "The name leads to a private or reserved address"),
    "unresolved": ("域名无法解析", "The name can't be looked up"),
    "connect": ("无法建立连接", "No connection"),
    "tls": ("TLS 证书无效或握手失败", "The certificate is not good, or TLS failed"),
    "timeout": ("10 秒内没有完整应答", "No complete answer within 10 seconds"),
    "too_large": ("应答超过 1 MB", "The answer is larger than 1 MB"),
    "protocol": ("应答不是有效的 HTTP", "The answer is not HTTP"),
    "redirect": ("返回了重定向，不会跟随", "A redirect, which is not followed"),
    "status": ("状态码不是 2xx", "The status is not 2xx"),
    "target": ("地址不可用", "The address can't be used"),
    "internal": ("未能发送，将重试", "It could not be sent; it comes again"),
}
"""Each error's name in both languages."""


def target(url: str, *, private: bool = False) -> Target:
    """Take an address apart: https on port 443 or 8443 at a public name, without a user or a fragment.

    `private` is the operator's leave, for development: then http, any port and addresses of this network are good.

    Raises:
        BadTarget: it may not be called; says why.
    """
    if not 1 <= len(url) <= URL_MOST or not url.isprintable() or re.search(r"[\s\\]", url):
        raise BadTarget(f"须为 1 至 {URL_MOST} 个字符，不含空格", f"1 to {URL_MOST} characters without spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().lower().rstrip(".")
    except ValueError as error:
        raise BadTarget("不是有效的网址", "it is not a web address") from error
    if parts.scheme not in (("https", "http") if private else ("https",)):
        raise BadTarget("须以 https:// 开头", "it must begin with https://")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise BadTarget("不能包含用户名或密码", "no user or password may stand in it")
    if "#" in url:
        raise BadTarget("不能包含 # 片段", "no #fragment may stand in it")
    secure = parts.scheme == "https"
    port = port if port is not None else 443 if secure else 80
    if not private:
        if port not in PORTS:
            raise BadTarget("端口须为 443 或 8443", "the port must be 443 or 8443")
        if not _NAME.fullmatch(host) or host.endswith((".local", ".internal", ".localhost", ".localdomain", ".arpa")):
            raise BadTarget("须为公网域名，不能是 IP 地址", "it must be a public name, not an IP address")
    elif not host or port == 0:
        raise BadTarget("不是有效的网址", "it is not a web address")
    asked = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not asked.isascii():
        raise BadTarget("路径中的非 ASCII 字符须先编码", "the path must be percent-encoded")
    return Target(secure, host, port, asked)


def public(address: str) -> bool:
    """Return whether an IP address is a public one of an ordinary machine."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if any(ip.version == one.version and ip in one for one in _EMBEDDING):
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        # Everything that maps or translates an IPv4 address (::ffff:…, 64:ff9b:…) lies outside of it.
        return ip in _GLOBAL_6 and ip.is_global and ip.scope_id is None
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def look_up(host: str, port: int) -> Sequence[str]:
    """Return all addresses of a name, as the system's resolver knows them.

    Raises:
        OSError: it knows none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@functools.lru_cache
def trusted() -> ssl.SSLContext:
    """Return the rules of TLS: the authorities that browsers trust, TLS 1.2 or later."""
    made = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def post(
    *,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    private: bool = False,
    resolve: Resolve = look_up,
    tls: Callable[[], ssl.SSLContext] = trusted,
    whole_seconds: float = WHOLE_SECONDS,
) -> Heard:
    """POST `body` to a party's address and return what came back. Never raises for what the other side does.

    The answer is read up to 1 MB; a longer one, like one that isn't there after ten seconds, is a failure whatever its
    status.
    """
    began = time.monotonic()
    status: int | None = None
    answer = b""
    try:
        one = target(url, private=private)
        addresses = _addresses(one, private, resolve, whole_seconds)
        status, answer, error = _call(
            one, addresses, body=body, headers=headers, tls=tls, deadline=began + whole_seconds
        )
    except BadTarget:
        error = "target"
    except _Failed as failed:
        error = failed.error
    took_ms = round((time.monotonic() - began) * 1000)
    return Heard(status, error or _of_status(status), _text(answer), took_ms)


class _Failed(Exception):
    def __init__(self, error: str) -> None:
        self.error = error
        super().__init__(error)


def _of_status(status: int | None) -> str:
    if status is None:
        return "protocol"
    return "" if 200 <= status < 300 else "redirect" if 300 <= status < 400 else "status"


def _text(answer: bytes) -> str:
    return answer[:ANSWER_KEPT].decode("utf-8", "replace").replace("\0", "\ufffd")


def _addresses(one: Target, private: bool, resolve: Resolve, seconds: float) -> Sequence[str]:
    """Look the name up once, within the time; all that it leads to must be public."""
    said: queue.SimpleQueue[Sequence[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            said.put(resolve(one.host, one.port))
        except (OSError, UnicodeError):
            said.put(None)

    threading.Thread(target=ask, daemon=True, name="webhook-look-up").start()
    try:
        found = said.get(timeout=seconds)
    except queue.Empty:
        raise _Failed("timeout") from None
    if not found:
        raise _Failed("unresolved")
    if not private and not all(public(address) for address in found):
        raise _Failed("address")
    return found


def _connected(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    """Connect to the first of the addresses that takes it."""
    for address in addresses:
        left = min(deadline - time.monotonic(), CONNECT_SECONDS)
        if left <= 0:
            raise _Failed("timeout")
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError:
            continue
    raise _Failed("connect")


def _call(
    one: Target,
    addresses: Sequence[str],
    *,
    body: bytes,
    headers: Mapping[str, str],
    tls: Callable[[], ssl.SSLContext],
    deadline: float,
) -> tuple[int | None, bytes, str]:
    """Make the call on a connection that is cut at the deadline; return status, what was read, and the error."""
    raw = _connected(addresses, one.port, deadline)
    cut = threading.Event()
    # A second handle of the connection: cutting by it ends every wait, in the handshake and between two bytes alike.
    handle = raw.dup()

    def end() -> None:
        cut.set()
        with contextlib.suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    link = raw
    try:
        raw.settimeout(max(0.1, deadline - time.monotonic()) + 1)
        if one.secure:
            link = tls().wrap_socket(raw, server_hostname=one.host)
        return _spoken(link, one, body, headers, cut)
    except ssl.SSLError:
        raise _Failed("timeout" if cut.is_set() else "tls") from None
    except TimeoutError:
        raise _Failed("timeout") from None
    except (OSError, ValueError):
        raise _Failed("timeout" if cut.is_set() else "connect") from None
    finally:
        timer.cancel()
        handle.close()
        link.close()


def _spoken(
    link: socket.socket, one: Target, body: bytes, headers: Mapping[str, str], cut: threading.Event
) -> tuple[int | None, bytes, str]:
    """Say it and hear the answer: (status, the answer's beginning, error); no status where no head came."""
    connection = http.client.HTTPConnection(one.host, one.port)
    connection.sock = link
    status: int | None = None
    kept, size = b"", 0
    try:
        standard = (80, 443)[one.secure]
        named = f"[{one.host}]" if ":" in one.host else one.host
        said = {"Host": named if one.port == standard else f"{named}:{one.port}", "User-Agent": "Tuike-Webhooks/1"}
        more = {"Accept-Encoding": "identity", "Connection": "close"}
        connection.request("POST", one.path, body, {**said, **more, **headers})
        with connection.getresponse() as response:
            status = response.status
            while chunk := response.read1(_CHUNK):
                kept = (kept + chunk)[:ANSWER_KEPT] if len(kept) < ANSWER_KEPT else kept
                size += len(chunk)
                if size > ANSWER_LIMIT:
                    return status, kept, "too_large"
    except (http.client.HTTPException, OSError, ValueError) as error:
        if cut.is_set() or isinstance(error, TimeoutError):
            return status, kept, "timeout"
        return status, kept, "protocol" if isinstance(error, (http.client.HTTPException, ValueError)) else "connect"
    # A connection that was cut ends the answer like any other end.
    return status, kept, "timeout" if cut.is_set() else ""
