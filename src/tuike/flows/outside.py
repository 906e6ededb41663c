"""The companies outside, one adapter each a process, built from the configuration at first use."""

import os
from functools import lru_cache

from django.conf import settings

from tuike.gateways import config, payouts
from tuike.gateways.sandbox_bank import SandboxRail
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechat_web import WeChatWeb
from tuike.gateways.wechatpay import WeChatPay
from tuike.settlement.types import Rail


@lru_cache
def wechatpay() -> WeChatPay:
    """Return WeChat Pay as it is configured (docs/user/going-live.md).

    Raises:
        ConfigError: the configuration is incomplete; names what is missing.
    """
    return WeChatPay(config.load(os.environ))


@lru_cache
def wechat() -> WeChat:
    """Return WeChat's open API as it is configured.

    Raises:
        ConfigError: the configuration is incomplete; names what is missing.
    """
    return WeChat(config.load(os.environ))


@lru_cache
def wechat_web() -> WeChatWeb | None:
    """Return the official account that signs web pages in, None where none is configured.

    Raises:
        ConfigError: half of it is configured, or wrongly.
    """
    read = config.load_web(os.environ)
    return WeChatWeb(read) if read else None


def appid() -> str:
    """Return the AppID of the mall's own mini-program, empty where none is configured."""
    return os.environ.get("WECHAT_APPID", "")


def rails() -> dict[Rail, payouts.Rail]:
    """Return the rails that answer at once: WeChat's, and in development the sandbox's bank.

    Raises:
        ConfigError: the configuration is incomplete; names what is missing.
    """
    found: dict[Rail, payouts.Rail] = {Rail.WECHAT: payouts.WeChatRail(wechatpay(), notify_url=notify_url("transfer"))}
    if settings.SANDBOX_BASE:
        found[Rail.SANDBOX] = SandboxRail(base=settings.SANDBOX_BASE)
    return found


def notify_url(kind: str) -> str:
    """Return where WeChat Pay reports to: `kind` is pay, refund or transfer."""
    return f"{settings.PUBLIC_BASE}/hooks/wechatpay/{kind}"
