"""Access tokens for AppID and AppSecret, as WeChat gives them (docs/rules.md §13)."""

from collections.abc import Mapping
from typing import Any

from tuike.apps import service as apps
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call
from tuike.doors.union.kinds import Ask, Flag, Text
from tuike.doors.union.refusing import GrantTypeInvalid

GRANT = "client_credential"
_PROOF = (Ask("grant_type", Text(40)), Ask("appid", Text(64)), Ask("secret", Text(128)))
_TOKEN = {"access_token": TEXT, "expires_in": WHOLE}


def token(asked: Asked) -> Mapping[str, Any]:
    """Give a new token; the one before lives for five minutes more."""
    return _given(asked)


def stable_token(asked: Asked) -> Mapping[str, Any]:
    """Give the living token again, or with force_refresh a new one that ends all others at once."""
    return _given(asked, stable=True, fresh=asked["force_refresh"])


def _given(asked: Asked, *, stable: bool = False, fresh: bool = False) -> Mapping[str, Any]:
    if asked["grant_type"] != GRANT:
        raise GrantTypeInvalid
    issued = apps.exchange(
        appid=asked["appid"], secret=asked["secret"], stable=stable, fresh=fresh, now=asked.now
    )  # fmt: skip
    return {"access_token": issued.token, "expires_in": int((issued.expires_at - asked.now).total_seconds())}


CALLS = (
    Call(
        "GET", "/cgi-bin/token", None, None, "换取 access_token", "an access token for AppID and AppSecret",
        _PROOF, _TOKEN, token,
    ),
    Call(
        "POST", "/cgi-bin/stable_token", None, None, "换取稳定版 access_token", "the same one until it ends soon",
        (*_PROOF, Ask("force_refresh", Flag(), False)), _TOKEN, stable_token,
    ),
)  # fmt: skip
