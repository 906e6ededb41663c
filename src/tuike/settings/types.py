"""What a setting is, what the mall's access to WeChat consists of, and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tuike.kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number (or a switch, 0/1) that the operator may change within bounds."""

    name: str
    default: int
    low: int
    high: int
    zh: str
    en: str


class UnknownSetting(Refusal):
    """No setting has this name."""

    code = "unknown_setting"
    status = 404
    zh = "没有名为 {name} 的设置"
    en = "There is no setting named {name}."


class OutOfBounds(Refusal):
    """The value is not a whole number within the setting's bounds."""

    code = "setting_out_of_bounds"
    status = 422
    zh = "{name} 必须是 {low} 到 {high} 之间的整数"
    en = "{name} must be a whole number from {low} to {high}."


PLAIN_ACCESS = (
    "WECHAT_APPID",
    "WECHATPAY_MCHID",
    "WECHATPAY_CERT_SERIAL",
    "WECHATPAY_PUBLIC_KEY_ID",
    "WECHAT_WEB_APPID",
)
"""Parts of the access that are no secret: they are shown as they are."""
SECRET_ACCESS = (
    "WECHAT_APPSECRET",
    "WECHATPAY_APIV3_KEY",
    "WECHATPAY_PRIVATE_KEY",
    "WECHATPAY_PUBLIC_KEY",
    "WECHAT_WEB_APPSECRET",
)
"""Parts of which only a keyed fingerprint is ever shown."""


@dataclass(frozen=True, slots=True)
class AccessShown:
    """The kept access as it may be read: part → itself or its fingerprint; when it was kept, and by whom."""

    version: int
    parts: Mapping[str, str]
    at: datetime
    person_id: int | None


class UnknownAccess(Refusal):
    """The access to WeChat has no such part."""

    code = "unknown_access"
    status = 422
    zh = "没有名为 {name} 的接入参数"
    en = "The access has no part named {name}."
