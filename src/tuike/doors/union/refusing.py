"""Every no of this door as WeChat's clients know it: `errcode` by our stable code (docs/user/union-api.md, Errors)."""

from typing import Any
from zlib import crc32

from tuike.doors.web.said import chinese
from tuike.kit.errors import Refusal

BUSY = -1
"""What WeChat says when it can't answer now: the caller may try again."""
OWN_FIRST, OWN_SPAN = 9_000_000, 1_000_000
"""Codes that WeChat doesn't have lie from here on: a checksum of our own code says where, so each stays what it is."""

ERRCODES = {
    "access_token_missing": 41001,
    "token_malformed": 40014,
    "token_unknown": 40001,
    "token_over": 42001,
    "secret_wrong": 40001,
    "appid_unknown": 40013,
    "grant_type_invalid": 40002,
    "get_required": 43001,
    "post_required": 43002,
    "body_empty": 44002,
    "body_not_json": 47001,
    "request_too_large": 45002,
    "call_unknown": 40066,
    "invalid": 40097,
    "too_many_calls": 45009,
    "not_certified": 48001,
    "not_your_call": 48001,
    "scope_missing": 48001,
    "alliance_not_open": 48001,
    "party_suspended": 48004,
    "place_name_invalid": 40097,
    "customize_info_invalid": 40097,
    "nothing_to_promote": 40097,
    "too_many_places": 14005,
    "too_many_user_infos": 25509,
    "place_name_taken": 14007,
}
"""Our code → WeChat's. Everything else has a number of our own."""


class GetRequired(Refusal):
    """The call takes GET only."""

    code = "get_required"
    status = 405
    zh = "该接口只支持 GET"
    en = "This call takes GET."


class PostRequired(Refusal):
    """The call takes POST only."""

    code = "post_required"
    status = 405
    zh = "该接口只支持 POST"
    en = "This call takes POST."


class CallUnknown(Refusal):
    """There is no such call."""

    code = "call_unknown"
    status = 404
    zh = "没有这个接口"
    en = "There is no such call."


class TokenMissing(Refusal):
    """The query carries no access_token."""

    code = "access_token_missing"
    status = 401
    zh = "缺少 access_token"
    en = "access_token is missing."


class TokenMalformed(Refusal):
    """No token of ours looks like this."""

    code = "token_malformed"
    status = 401
    zh = "access_token 格式不正确"
    en = "This is no access_token."


class NotYourCall(Refusal):
    """The call is for another kind of party."""

    code = "not_your_call"
    status = 403
    zh = "该接口仅供{who_zh}调用"
    en = "This call is for {who_en}."


class GrantTypeInvalid(Refusal):
    """grant_type isn't client_credential."""

    code = "grant_type_invalid"
    status = 422
    zh = "grant_type 须为 client_credential"
    en = "grant_type is client_credential."


def errcode(code: str) -> int:
    """Return the number that stands for one of our stable codes."""
    return ERRCODES.get(code) or OWN_FIRST + crc32(code.encode()) % OWN_SPAN


def refused(refusal: Refusal, *, request_id: str) -> dict[str, Any]:
    """Return a refusal as WeChat says it: number, our code with its sentence, and the request's name as `rid`."""
    said = refusal.sentence("zh" if chinese() else "en")
    return {"errcode": errcode(refusal.code), "errmsg": f"{refusal.code}: {said} rid: {request_id}"}


def busy(*, request_id: str) -> dict[str, Any]:
    """Return what is said when the database is away."""
    said = "系统繁忙，请稍后再试" if chinese() else "The system is busy; try again soon."
    return {"errcode": BUSY, "errmsg": f"unavailable: {said} rid: {request_id}"}
