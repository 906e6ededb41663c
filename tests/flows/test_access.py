"""The mall's access to WeChat: entered by one person, sealed, in force at once, tried by a real round trip."""

import os
from datetime import timedelta

import pyotp
import pytest

from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.sandbox_process import sandbox_process
from tuike.db import rows
from tuike.flows import change_access, outside
from tuike.gateways import config, roundtrip
from tuike.gateways.config import ConfigError
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit import clock
from tuike.kit.errors import Forbidden, Invalid
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.people.types import FactorNeeded, WrongCode
from tuike.settings import queries
from tuike.settings import service as access
from tuike.settings.types import SECRET_ACCESS

pytestmark = pytest.mark.django_db
ENVIRONMENT = ("WECHAT_", "WECHATPAY_")


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory):
    with sandbox_process(tmp_path_factory.mktemp("access") / "sandbox") as running:
        yield running


@pytest.fixture
def bare(monkeypatch, settings):
    """An installation whose environment says nothing of WeChat."""
    for name in list(os.environ):
        if name.startswith(ENVIRONMENT):
            monkeypatch.delenv(name)
    settings.WECHAT_APPID = ""
    for kept in (outside._wechatpay, outside._wechat, outside._wechat_web):
        kept.cache_clear()
    yield
    for kept in (outside._wechatpay, outside._wechat, outside._wechat_web):
        kept.cache_clear()


@pytest.fixture
def parts(sandbox_server, monkeypatch, bare):
    """What the sandbox would have been given as, part by part; its addresses come from the environment."""
    env = sandbox_server.env
    for name in ("WECHAT_API_BASE", "WECHATPAY_BASE", "WECHAT_WEB_BASE"):
        monkeypatch.setenv(name, env[name])
    key_id, pem = next(iter(sandbox_server.public_keys.items()))
    names = ("WECHAT_APPID", "WECHAT_APPSECRET", "WECHATPAY_MCHID", "WECHATPAY_APIV3_KEY", "WECHATPAY_CERT_SERIAL")
    return {name: env[name] for name in (*names, "WECHAT_WEB_APPID", "WECHAT_WEB_APPSECRET")} | {
        "WECHATPAY_PRIVATE_KEY": sandbox_server.private_key,
        "WECHATPAY_PUBLIC_KEY_ID": key_id,
        "WECHATPAY_PUBLIC_KEY": pem,
    }


class Chief:
    """The operator's super administrator with a second factor; each code is of the next half minute."""

    def __init__(self) -> None:
        self.actor = make_parties.super_admin_of(make_parties.operator())
        self.at = make_people.EARLY
        self.secret = people.start_second_factor(person_id=self.actor.person_id, now=self.at).secret
        people.confirm_second_factor(person_id=self.actor.person_id, code=self.code(), actor=self.actor, now=self.at)

    def code(self) -> str:
        """Return a code that wasn't used yet."""
        self.at += timedelta(seconds=30)
        return pyotp.TOTP(self.secret).at(self.at)

    def change(self, values: dict[str, str], code: str | None = None) -> None:
        change_access.change_access(
            values=values, code=code or self.code(), actor=self.actor, real_now=self.at, now=clock.now()
        )


@pytest.fixture
def chief(db) -> Chief:
    return Chief()


def test_what_was_entered_is_in_force_at_once_and_works(chief, parts):
    with pytest.raises(ConfigError):
        outside.wechatpay()
    assert access.mall_appid() == ""
    chief.change(parts)
    assert outside.appid() == access.mall_appid() == parts["WECHAT_APPID"]
    outcomes = change_access.try_access(actor=chief.actor, now=clock.now())
    assert [(one.name, one.good, one.reached) for one in outcomes] == [
        ("wechatpay", True, True),
        ("wechat", True, True),
    ]
    assert outside.wechat_web().appid == parts["WECHAT_WEB_APPID"]
    before = outside.wechatpay()
    assert outside.wechatpay() is before
    chief.change({"WECHATPAY_APIV3_KEY": "k" * 32})
    assert outside.wechatpay() is not before
    assert outside.wechatpay()._config.apiv3_key == "k" * 32
    assert outside.wechatpay()._config.mchid == parts["WECHATPAY_MCHID"], "the other parts stay"


def test_no_secret_stands_anywhere_in_clear(chief, parts):
    chief.change(parts)
    kept = str(rows.query("SELECT sealed, shown::text FROM settings_access")) + str(
        rows.query("SELECT facts::text FROM audit_act WHERE action = 'access.change'")
    )
    shown = queries.access_shown()
    for name in SECRET_ACCESS:
        assert parts[name] not in kept and parts[name].encode().hex() not in kept
        assert len(shown.parts[name]) == 16
    assert shown.parts["WECHATPAY_MCHID"] == parts["WECHATPAY_MCHID"]
    assert parts["WECHATPAY_MCHID"] in kept
    assert "PRIVATE KEY" not in kept.replace("WECHATPAY_PRIVATE_KEY", "")


def test_the_environment_goes_before_what_is_kept(chief, parts, monkeypatch):
    chief.change(parts | {"WECHAT_APPID": "wx0000000000000001"})
    monkeypatch.setenv("WECHAT_APPID", parts["WECHAT_APPID"])
    assert change_access.by_environment()["WECHAT_APPID"] is True
    assert change_access.by_environment()["WECHATPAY_MCHID"] is False
    outside._wechat.cache_clear()
    assert outside.wechat()._config.appid == parts["WECHAT_APPID"]
    assert outside.wechat()._config.mchid == parts["WECHATPAY_MCHID"]


def test_a_part_is_taken_away_by_an_empty_one(chief, parts):
    chief.change(parts)
    chief.change({"WECHAT_WEB_APPID": "", "WECHAT_WEB_APPSECRET": ""})
    assert outside.wechat_web() is None
    assert "WECHAT_WEB_APPID" not in queries.access_shown().parts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_APPID", "gh_123"),
        ("WECHAT_APPSECRET", "short"),
        ("WECHATPAY_MCHID", "none"),
        ("WECHATPAY_APIV3_KEY", "too short"),
        ("WECHATPAY_CERT_SERIAL", "xyz"),
        ("WECHATPAY_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----"),
        ("WECHATPAY_PUBLIC_KEY_ID", "a b"),
        ("WECHATPAY_PUBLIC_KEY", "no key"),
        ("WECHAT_WEB_APPID", "nothing"),
    ],
)
def test_a_part_that_cannot_be_right_is_refused_by_its_name(chief, bare, name, value):
    with pytest.raises(Invalid) as refused:
        chief.change({name: value})
    assert refused.value.details["field"] == name
    assert queries.access_version() == 0
    assert people.check_second_factor(person_id=chief.actor.person_id, code=chief.code(), now=chief.at) is None


def test_nobody_but_the_operators_super_administrator(chief, parts):
    finance = make_parties.operator_seat(Role.ADMIN)
    shop = make_parties.super_admin_of(make_parties.merchant())
    for actor in (finance, shop):
        with pytest.raises(Forbidden):
            change_access.change_access(
                values=parts, code="000000", actor=actor, real_now=clock.real_now(), now=clock.now()
            )
        with pytest.raises(Forbidden):
            change_access.try_access(actor=actor, now=clock.now())
    assert queries.access_version() == 0


def test_a_second_factor_is_asked_each_time_and_a_code_is_good_once(chief, parts):
    code = chief.code()
    chief.change({"WECHATPAY_MCHID": parts["WECHATPAY_MCHID"]}, code)
    for wrong in (code, "000000", ""):
        with pytest.raises(WrongCode):
            chief.change({"WECHATPAY_MCHID": "1900000001"}, wrong or " ")
    assert queries.access_shown().parts["WECHATPAY_MCHID"] == parts["WECHATPAY_MCHID"]


def test_without_a_second_factor_nothing_is_entered(db, parts):
    actor = make_parties.super_admin_of(make_parties.operator())
    with pytest.raises(FactorNeeded):
        change_access.change_access(
            values=parts, code="000000", actor=actor, real_now=clock.real_now(), now=clock.now()
        )
    assert make_people.person() and queries.access_version() == 0


def _tried(parts, **changed: str) -> dict[str, bool]:
    read = config.load({**os.environ, **parts, **changed})
    told = [roundtrip.try_pay(WeChatPay(read)), roundtrip.try_wechat(WeChat(read))]
    return {one.name: one.good for one in told}


def test_a_round_trip_finds_each_wrong_part(parts, sandbox_server, tmp_path):
    assert _tried(parts) == {"wechatpay": True, "wechat": True}
    assert _tried(parts, WECHAT_APPSECRET="0" * 32) == {"wechatpay": True, "wechat": False}
    assert _tried(parts, WECHATPAY_CERT_SERIAL="0" * 40)["wechatpay"] is False
    assert _tried(parts, WECHATPAY_MCHID="1900000001")["wechatpay"] is False
    other = list(sandbox_server.public_keys.values())[1]
    assert _tried(parts, WECHATPAY_PUBLIC_KEY=other)["wechatpay"] is False
    with sandbox_process(tmp_path / "other") as another:
        assert _tried(parts, WECHATPAY_PRIVATE_KEY=another.private_key)["wechatpay"] is False
    told = roundtrip.try_pay(WeChatPay(config.load({**os.environ, **parts, "WECHATPAY_BASE": "http://127.0.0.1:9"})))
    assert (told.good, told.reached) == (False, False)
