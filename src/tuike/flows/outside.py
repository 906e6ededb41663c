"""The companies outside, one adapter each a process, built anew when the configuration has changed."""

import os
from functools import lru_cache

from django.conf import settings

from tuike.gateways import config, payouts
from tuike.gateways.sandbox_bank import SandboxRail
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechat_web import WeChatWeb
from tuike.gateways.wechatpay import WeChatPay
from tuike.settings import queries
from tuike.settings import service as access
from tuike.settlement.types import Rail


def wechatpay() -> WeChatPay:
    """Return WeChat Pay as it is configured now (docs/user/going-live.md).

    Raises:
        ConfigError: the configuration is incomplete; names what is missing.
    """
    return _wechatpay(_version())


def wechat() -> WeChat:
    """Return WeChat's open API as it is configured now.

    Raises:
        ConfigError: the configuration is incomplete; names what is missing.
    """
    return _wechat(_version())


def wechat_web() -> WeChatWeb | None:
    """Return the official account that signs web pages in, None where none is configured.

    Raises:
        ConfigError: half of it is configured, or wrongly.
    """
    return _wechat_web(_version())


def appid() -> str:
    """Return the AppID of the mall's own mini-program, empty where none is configured."""
    return os.environ.get("WECHAT_APPID", "") or access.mall_appid()


def web_appid() -> str:
    """Return the AppID of the official account that signs web pages in, empty where none is configured rightly."""
    try:
        web = wechat_web()
    except config.ConfigError:
        return ""
    return web.appid if web else ""


def _version() -> int:
    """Return which kept access counts: what was changed in a console is in force in every process at once.

    Where the environment says everything, nothing that is kept counts, and nobody asks the database.
    """
    return 0 if config.complete(os.environ) else queries.access_version()


def configured(version: int) -> dict[str, str]:
    """Return the environment, completed by the kept access of that version (0: none)."""
    return config.with_kept(os.environ, access.access() if version else {})


@lru_cache(maxsize=2)
def _wechatpay(version: int) -> WeChatPay:
    read = configured(version)
    return WeChatPay(config.load(read), web_appid=read.get("WECHAT_WEB_APPID", "").strip())


@lru_cache(maxsize=2)
def _wechat(version: int) -> WeChat:
    return WeChat(config.load(configured(version)))


@lru_cache(maxsize=2)
def _wechat_web(version: int) -> WeChatWeb | None:
    read = config.load_web(configured(version))
    return WeChatWeb(read) if read else None


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
