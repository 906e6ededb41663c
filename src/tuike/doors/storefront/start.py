"""What the app asks when it starts: what the mall offers here, and the terms that a person reads before signing in."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema

from tuike.doors.storefront import answers, privacy
from tuike.doors.web.said import said
from tuike.flows import outside
from tuike.gateways.config import ConfigError
from tuike.kit import clock
from tuike.messages import queries as messages
from tuike.parties import queries as parties
from tuike.people.types import PRIVACY_EDITION
from tuike.settings import queries as registry
from tuike.settings import service as values

router = Router(tags=["start"], auth=None)

PHONE_WISHES = ("never", "before_login", "before_order")
LANGUAGES = ["zh-Hans", "en"]


class SignInWays(Schema):
    """How somebody can sign in in a browser: inside WeChat by its page, by a code that the phone scans, by password."""

    wechat_page: bool
    scan: bool
    password: bool


class SubscribeTemplate(Schema):
    """A template that a person may be asked about, and the kinds of messages that it shows."""

    template_id: str
    kinds: list[str]


class Start(Schema):
    """What the mall is and offers now. `functions`: name → on. `phone_wish`: never, before_login, before_order.

    `payments` names the modes of `POST /payments` that work; `sandbox` is the sandbox's address, empty in earnest.
    """

    mall: str
    currency: str
    languages: list[str]
    functions: dict[str, bool]
    privacy_edition: int
    phone_wish: str
    onboarding: bool
    templates: list[SubscribeTemplate]
    sign_in: SignInWays
    payments: list[str]
    appid: str
    sandbox: str
    now: datetime


class Policies(Schema):
    """The privacy terms in the reader's language, and their edition, which is sent back with the consent."""

    edition: int
    title: str
    text: str


@router.get("/config", response=answers.answers(Start))
def config(request: HttpRequest) -> object:
    """Say in one call what the app needs to start: what is switched on, what to ask for, how to sign in and pay."""
    names = [name for name in registry.defined() if name.startswith("mall_")]
    found = values.read([*names, "phone_wish"])
    operator = parties.operator()
    return {
        "mall": operator.name if operator else said("推客商城", "Tuike mall"),
        "currency": "CNY",
        "languages": LANGUAGES,
        "functions": {name.removeprefix("mall_"): found[name] == 1 for name in names if name != "mall_onboarding"},
        "privacy_edition": PRIVACY_EDITION,
        "phone_wish": PHONE_WISHES[found["phone_wish"]],
        "onboarding": found["mall_onboarding"] == 1,
        "templates": _templates(),
        "sign_in": {"wechat_page": _web_page(), "scan": True, "password": True},
        "payments": _payments(),
        "appid": outside.appid(),
        "sandbox": settings.SANDBOX_BASE,
        "now": clock.now(),
    }


@router.get("/policies", response=answers.answers(Policies))
def policies(request: HttpRequest) -> object:
    """Show the privacy terms that a person agrees to before signing in or giving a phone number."""
    return {
        "edition": PRIVACY_EDITION,
        "title": said(*privacy.TITLE),
        "text": said(*privacy.TEXT),
    }


def _templates() -> list[dict[str, Any]]:
    by_id: dict[str, list[str]] = {}
    for kind, one in messages.templates().items():
        by_id.setdefault(one.template_id, []).append(kind)
    return [{"template_id": template_id, "kinds": kinds} for template_id, kinds in by_id.items()]


def _web_page() -> bool:
    try:
        return outside.wechat_web() is not None
    except ConfigError:
        return False


def _payments() -> list[str]:
    """Return the modes that work: none where WeChat Pay isn't configured."""
    try:
        outside.wechatpay()
    except ConfigError:
        return []
    return ["jsapi", "h5", "native"]
