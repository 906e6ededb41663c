"""Everything that is configured from outside, read in one place.

The environment wins; in development the sandbox's own file fills in what WeChat would have issued, and keys that nobody
set are made once and kept under the home's `secrets/` (mode 0600). In production every secret must be set.
"""

import base64
import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import environ

from tuike.kit.crypto import Keys
from tuike.runtime import home as homes


class Missing(Exception):
    """A setting that production needs is not set; the message names it."""


@lru_cache
def home() -> homes.Home:
    """Return the data home that this process works in."""
    return homes.find()


@lru_cache
def read() -> environ.Env:
    """Return the environment, completed by the sandbox's file where that is switched on."""
    if sandbox_on():
        filled = home().sandbox / "sandbox.env"
        if filled.exists():
            environ.Env.read_env(filled, overwrite=False)
    return environ.Env()


def production() -> bool:
    """Return whether this is production: no development clock, no sandbox, no generated secrets."""
    return os.environ.get("TUIKE_ENV", "development") == "production"


def sandbox_on() -> bool:
    """Return whether the sandbox stands in for WeChat (the default in development, never in production)."""
    return not production() and os.environ.get("TUIKE_SANDBOX", "1") == "1"


def webhook_private() -> bool:
    """Return whether webhooks may go to http and to addresses of this network: for development, never in production."""
    return not production() and os.environ.get("TUIKE_WEBHOOK_PRIVATE", "0") == "1"


def port() -> int:
    """Return the port of the web process."""
    return int(os.environ.get("PORT", "8000"))


def live_on() -> bool:
    """Return whether the live boards' own process runs; without it their pages ask again and again."""
    return os.environ.get("TUIKE_LIVE", "1") != "0"


def live_port() -> int:
    """Return the port of the live boards' process."""
    return int(os.environ.get("TUIKE_LIVE_PORT") or port() + 2)


def live_base() -> str:
    """Return the address under which browsers reach the live boards' process, without a slash.

    Empty in development: there it is the host that a page was asked of, at `live_port`. In production it is the public
    address, whose proxy leads `/live/` to that port.
    """
    given = os.environ.get("TUIKE_LIVE_BASE") or (public_base() if production() else "")
    return given.rstrip("/")


def public_base() -> str:
    """Return the address under which buyers, promoters and WeChat reach this installation, without a slash."""
    return os.environ.get("TUIKE_PUBLIC_BASE", f"http://127.0.0.1:{port()}").rstrip("/")


def landing_base() -> str:
    """Return where short links lead to (`<base>/l/<code>`), without a slash: the product's own pages unless set."""
    return (os.environ.get("TUIKE_LANDING_BASE") or public_base()).rstrip("/")


def sandbox_base() -> str:
    """Return the sandbox's address."""
    return f"http://127.0.0.1:{os.environ.get('TUIKE_SANDBOX_PORT', port() + 1)}"


@dataclass(frozen=True, slots=True)
class Mail:
    """How mails leave. `backend` is Django's: `smtp`, `console` (printed; the default in development) or `dummy` (none
    leave: production without a server). `tls` is `starttls`, `tls` from the first byte, or `none`."""

    backend: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: str
    sender: str
    timeout: int


def mail() -> Mail:
    """Return how mails leave: `TUIKE_SMTP_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `_TLS`, `_TIMEOUT`, and
    `TUIKE_MAIL_FROM`.

    Raises:
        Missing: `TUIKE_SMTP_TLS` is none of the three, or a server is named and no sender.
    """
    host, tls = os.environ.get("TUIKE_SMTP_HOST", ""), os.environ.get("TUIKE_SMTP_TLS", "starttls")
    if tls not in {"starttls", "tls", "none"}:
        raise Missing("TUIKE_SMTP_TLS is starttls, tls or none")
    sender = os.environ.get("TUIKE_MAIL_FROM", "")
    if host and not sender:
        raise Missing("TUIKE_MAIL_FROM is not set (from whom mails come: 推客 <no-reply@example.com>)")
    usual = {"starttls": 587, "tls": 465, "none": 25}[tls]
    return Mail(
        backend="smtp" if host else "dummy" if production() else "console",
        host=host,
        port=int(os.environ.get("TUIKE_SMTP_PORT") or usual),
        user=os.environ.get("TUIKE_SMTP_USER", ""),
        password=os.environ.get("TUIKE_SMTP_PASSWORD", ""),
        tls=tls,
        sender=sender or "Tuike <no-reply@localhost>",
        timeout=int(os.environ.get("TUIKE_SMTP_TIMEOUT") or 20),
    )


def secret(name: str, *, length: int = 32) -> bytes:
    """Return the secret `name` (base64 in the environment), made once and kept in development.

    Raises:
        Missing: production, and the variable is not set.
    """
    given = os.environ.get(name)
    if given:
        return base64.b64decode(given)
    if production():
        raise Missing(f"{name} is not set (base64 of {length} random bytes)")
    return _kept(home().secrets / name.lower(), length)


def field_keys() -> Keys:
    """Return the keys of encrypted fields. `TUIKE_FIELD_KEYS` is `id:base64,id:base64`, the first one writes.

    Raises:
        Missing: production, and a variable is not set.
    """
    given = os.environ.get("TUIKE_FIELD_KEYS")
    if given:
        pairs = (part.split(":", 1) for part in given.split(","))
        by_id = {int(key_id): base64.b64decode(key) for key_id, key in pairs}
    else:
        by_id = {1: secret("TUIKE_FIELD_KEY_1")}
    return Keys(by_id=by_id, index_key=secret("TUIKE_INDEX_KEY"))


def _kept(path: Path, length: int) -> bytes:
    """Read the secret in `path`; make it, exclusively, when it isn't there (two processes may start at once)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, base64.b64encode(secrets.token_bytes(length)))
        os.close(descriptor)
        try:
            os.link(fresh, path)  # fails where another process was first: its secret is the one
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return base64.b64decode(path.read_bytes())
