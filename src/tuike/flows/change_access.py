"""The operator's super administrator enters what the mall proves itself with at WeChat, and tries it."""

import os
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators, outside
from tuike.gateways import config, roundtrip
from tuike.gateways.roundtrip import Outcome
from tuike.kit.errors import Invalid
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.settings import service as settings
from tuike.settings.types import PLAIN_ACCESS, SECRET_ACCESS

SUPER = frozenset({Role.SUPER_ADMIN})
PARTS = (*PLAIN_ACCESS, *SECRET_ACCESS)
_WRONG = {
    "WECHAT_APPID": ("应为 wx 开头的 AppID", "must be an AppID (wx…)"),
    "WECHAT_APPSECRET": ("应为 AppSecret（16–64 位字母或数字）", "must be an AppSecret (16 to 64 letters or digits)"),
    "WECHATPAY_MCHID": ("应为商户号（数字）", "must be a merchant number (digits)"),
    "WECHATPAY_APIV3_KEY": ("APIv3 密钥应为 32 个字符", "must be the APIv3 key: 32 characters"),
    "WECHATPAY_CERT_SERIAL": ("应为证书序列号（十六进制）", "must be a certificate's serial number (hexadecimal)"),
    "WECHATPAY_PRIVATE_KEY": (
        "应为 apiclient_key.pem 的全部内容（RSA 2048 位以上，未加密）",
        "must be the whole of apiclient_key.pem (RSA, 2048 bits or more, not encrypted)",
    ),
    "WECHATPAY_PUBLIC_KEY_ID": ("应为微信支付公钥 ID（PUB_KEY_ID_…）", "must be a public key's id (PUB_KEY_ID_…)"),
    "WECHATPAY_PUBLIC_KEY": (
        "应为 pub_key.pem 的全部内容（RSA 公钥）",
        "must be the whole of pub_key.pem (an RSA public key)",
    ),
    "WECHAT_WEB_APPID": ("应为公众号的 AppID（wx…）", "must be the official account's AppID (wx…)"),
    "WECHAT_WEB_APPSECRET": ("应为公众号的 AppSecret", "must be the official account's AppSecret"),
}


def change_access(*, values: Mapping[str, str], code: str, actor: Actor, real_now: datetime, now: datetime) -> None:
    """Put parts of the access in force, in every process at once; an empty part is taken away (docs/rules.md §11).

    What the environment says goes before what is kept here.

    Raises:
        Forbidden: not the operator's super administrator.
        Invalid: nothing given, or a part that can't be right; named by its field.
        FactorNeeded, LockedOut, WrongCode: see people.check_second_factor.
        UnknownAccess: there is no such part.
    """
    operators.require(actor, SUPER)
    given = {name: value.strip().replace("\r\n", "\n") for name, value in values.items()}
    if not given:
        raise Invalid(field="code", reason_zh="没有填写任何参数", reason_en="nothing was filled in")
    _check({name: value for name, value in given.items() if value})
    people.check_second_factor(person_id=actor.person_id or 0, code=code, now=real_now)
    _keep(given, actor, now)


def try_access(*, actor: Actor, now: datetime) -> list[Outcome]:
    """Make a round trip with what is in force, as `tuike doctor` does; who tried and what came out is recorded.

    Raises:
        Forbidden: not the operator's super administrator.
        ConfigError: something is missing or wrong.
    """
    operators.require(actor, SUPER)
    outcomes = [roundtrip.try_pay(outside.wechatpay()), roundtrip.try_wechat(outside.wechat())]
    _note({one.name: one.good for one in outcomes}, actor, now)
    return outcomes


def problems() -> tuple[str, ...]:
    """Return what is missing or wrong in the access as it is in force, empty where all is there."""
    try:
        outside.wechatpay()
        outside.wechat_web()
    except config.ConfigError as error:
        return error.problems
    return ()


def by_environment() -> dict[str, bool]:
    """Return for each part whether the environment says it: what is kept for such a part doesn't count."""
    return config.settled_by(os.environ)


@retry
def _keep(given: Mapping[str, str], actor: Actor, now: datetime) -> None:
    with transaction.atomic(durable=True):
        settings.keep_access(values=given, actor=actor, now=now)


@retry
def _note(outcomes: Mapping[str, bool], actor: Actor, now: datetime) -> None:
    with transaction.atomic(durable=True):
        audit.record(actor=actor, action="access.try", object_="wechat", facts=dict(outcomes), now=now)


def _check(given: Mapping[str, str]) -> None:
    """Look at each part that is given, whatever else is still missing."""
    found: list[str] = []
    for load in (config.load, config.load_web):
        try:
            load(given)
        except config.ConfigError as error:
            found += error.problems
    for name in given:
        if any(problem.startswith((f"{name} is not ", f"{name} holds ", f"{name}: ")) for problem in found):
            zh, en = _WRONG.get(name, ("不正确", "is wrong"))
            raise Invalid(field=name, reason_zh=zh, reason_en=en)
