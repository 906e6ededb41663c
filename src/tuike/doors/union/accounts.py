"""Which open-platform account a promoter's software belongs to, and by what it knows its users."""

from collections.abc import Mapping
from typing import Any

from tuike.apps.types import Scope
from tuike.attribution import queries as attribution
from tuike.attribution import service as users
from tuike.doors.union.calls import TEXT, Asked, Call
from tuike.doors.union.kinds import Ask, Text
from tuike.parties.types import PartyKind

UNIONID = Text(64, 1)


def bind(asked: Asked) -> Mapping[str, Any]:
    """Bind the software to an account."""
    users.bind_open_account(promoter_id=asked.party_id, account=asked["openAccount"], now=asked.now)
    return {}


def get(asked: Asked) -> Mapping[str, Any]:
    """Show the account, empty while there is none."""
    return {"openAccount": attribution.open_account_of(promoter_id=asked.party_id)}


def add_customize_info(asked: Asked) -> Mapping[str, Any]:
    """Keep what a user is known by; the last word counts."""
    users.keep_user_info(
        promoter_id=asked.party_id, unionid=asked["unionid"], text=asked["customizeInfo"], now=asked.now
    )
    return {}


def del_customize_info(asked: Asked) -> Mapping[str, Any]:
    """Forget what a user is known by."""
    users.forget_user_info(promoter_id=asked.party_id, unionid=asked["unionid"])
    return {}


def get_customize_info(asked: Asked) -> Mapping[str, Any]:
    """Show what a user is known by, empty while nothing is kept."""
    found = attribution.user_infos(promoter_id=asked.party_id, unionids=[asked["unionid"]])
    return {"customizeInfo": found.get(asked["unionid"], "")}


_READ = (PartyKind.PROMOTER, Scope.ORDERS_READ)
_WRITE = (PartyKind.PROMOTER, Scope.PLACES_WRITE)
_AT = "/union/promoter/open_account"
_WHO = (Ask("unionid", UNIONID),)

CALLS = (
    Call(
        "POST", f"{_AT}/bind", *_WRITE, "绑定开放平台账号", "bind an open-platform account",
        (Ask("openAccount", Text(64, 1)),), {}, bind,
    ),
    Call("GET", f"{_AT}/get", *_READ, "查询开放平台账号", "the bound account", (), {"openAccount": TEXT}, get),
    Call(
        "POST", f"{_AT}/add_customize_info", *_WRITE, "添加自定义用户信息", "say by what a user is known",
        (*_WHO, Ask("customizeInfo", Text(80, 1))), {}, add_customize_info,
    ),
    Call(
        "POST", f"{_AT}/del_customize_info", *_WRITE, "删除自定义用户信息", "forget by what a user is known",
        _WHO, {}, del_customize_info,
    ),
    Call(
        "GET", f"{_AT}/get_customize_info", *_READ, "查询自定义用户信息", "by what a user is known",
        _WHO, {"customizeInfo": TEXT}, get_customize_info,
    ),
)  # fmt: skip
