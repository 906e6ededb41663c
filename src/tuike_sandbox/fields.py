"""Checks of a WeChat Pay request body, with the refusal that the real service gives."""

import re

from tuike_sandbox.errors import PayError
from tuike_sandbox.world import Call, World, is_loopback

Body = dict[str, object]


def wrong(name: str, why: str) -> PayError:
    """A 400 PARAM_ERROR about one field."""
    return PayError(400, "PARAM_ERROR", f"参数错误：{name} {why}")


def text(
    body: Body, name: str, *, most: int, least: int = 1, pattern: str = "", optional: bool = False, path: str = ""
) -> str:
    """A text field of `least` to `most` characters; an absent optional one is "".

    Raises:
        PayError: 400 PARAM_ERROR.
    """
    label = path or name
    value = body.get(name)
    if value is None or value == "":
        if optional:
            return ""
        raise wrong(label, "必填字段缺失")
    if not isinstance(value, str):
        raise wrong(label, "类型应为字符串")
    if not least <= len(value) <= most:
        raise wrong(label, f"长度应在{least}到{most}之间")
    if pattern and not re.fullmatch(pattern, value):
        raise wrong(label, "格式不符合要求")
    return value


def fen(body: Body, name: str, *, least: int = 1, path: str = "") -> int:
    """An amount in fen, an integer ≥ `least`.

    Raises:
        PayError: 400 PARAM_ERROR.
    """
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(path or name, "应为整数，单位为分")
    if not least <= value <= 10**13:
        raise wrong(path or name, f"应不小于{least}")
    return value


def part(body: Body, name: str) -> Body:
    """A required object inside the body.

    Raises:
        PayError: 400 PARAM_ERROR.
    """
    value = body.get(name)
    if not isinstance(value, dict):
        raise wrong(name, "必填对象缺失")
    return value


def notify_url(body: Body, *, optional: bool = False) -> str:
    """The notice's target; like the real service no query, unlike it only this machine.

    Raises:
        PayError: 400 PARAM_ERROR.
    """
    url = text(body, "notify_url", most=255, optional=optional)
    if not url:
        return ""
    if "?" in url or "#" in url:
        raise wrong("notify_url", "不允许携带查询串")
    if not is_loopback(url):
        raise wrong("notify_url", "沙箱只向本机回环地址发送通知 (sandbox: loopback targets only)")
    return url


def own_ids(world: World, body: Body, *, with_mchid: bool, web: bool = False) -> None:
    """The request names our own appid (and mchid); with `web` it may be the official account's.

    Raises:
        PayError: 400 PARAM_ERROR, or 400 APPID_MCHID_NOT_MATCH.
    """
    appid = text(body, "appid", most=32)
    if with_mchid and text(body, "mchid", most=32) != world.identity.mchid:
        raise PayError(400, "PARAM_ERROR", "商户号与签名的商户号不一致")
    if appid not in (world.identity.appid, world.identity.web_appid if web else world.identity.appid):
        raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")


def query_mchid(world: World, call: Call) -> None:
    """The query string names our own mchid.

    Raises:
        PayError: 400 PARAM_ERROR.
    """
    if call.query.get("mchid") != world.identity.mchid:
        raise PayError(400, "PARAM_ERROR", "参数错误：mchid 缺失或与签名的商户号不一致")
