"""The mall's access to WeChat and the templates of messages, at the operator's desk."""

import os

import pyotp
import pytest

from tests.console.test_operator import toast_of, words
from tests.make import parties as make_parties
from tests.sandbox_process import sandbox_process
from tuike.flows import outside
from tuike.kit import clock
from tuike.messages import queries as messages
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.settings import queries

pytestmark = pytest.mark.django_db
SECRET = "q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6"


@pytest.fixture
def bare(monkeypatch, settings):
    """An installation whose environment says nothing of WeChat."""
    for name in list(os.environ):
        if name.startswith(("WECHAT_", "WECHATPAY_")):
            monkeypatch.delenv(name)
    settings.WECHAT_APPID = ""


@pytest.fixture
def chief(sit, bare):
    """The super administrator, and a code of their second factor that is good at this moment."""
    one = sit(make_parties.operator())
    at = clock.real_now()
    secret = people.start_second_factor(person_id=one.person_id, now=at).secret
    actor = make_parties.super_admin_of(one.party)
    before = pyotp.TOTP(secret).generate_otp(int(at.timestamp()) // 30 - 1)
    people.confirm_second_factor(person_id=one.person_id, code=before, actor=actor, now=at)
    one.code = lambda: pyotp.TOTP(secret).generate_otp(int(clock.real_now().timestamp()) // 30 + 1)
    return one


def test_the_super_administrator_enters_the_access_and_reads_only_fingerprints(chief):
    assert "接入尚未配置完整" in words(chief.get("wechat"))
    form = {"WECHATPAY_MCHID": "1900000109", "WECHATPAY_APIV3_KEY": SECRET, "code": chief.code()}
    assert toast_of(chief.post("wechat-change", form)) == "已保存并生效，请测试连接"
    page = words(chief.get("wechat"))
    assert "1900000109" in page and SECRET not in page
    assert queries.access_shown().parts["WECHATPAY_APIV3_KEY"] in page
    assert "控制台" in page


def test_what_was_typed_as_a_secret_isnt_shown_again_when_something_is_wrong(chief):
    form = {"WECHATPAY_MCHID": "letters", "WECHATPAY_APIV3_KEY": SECRET, "code": chief.code()}
    answer = chief.post("wechat-change", form)
    assert answer.status_code == 422
    assert "应为商户号" in words(answer) and SECRET not in answer.content.decode()
    wrong = chief.post("wechat-change", {"WECHATPAY_MCHID": "1900000109", "code": "000000"})
    assert wrong.status_code == 422 and queries.access_version() == 0


def test_a_value_of_the_environment_is_shown_as_such_and_not_itself(chief, monkeypatch):
    monkeypatch.setenv("WECHATPAY_APIV3_KEY", SECRET)
    page = words(chief.get("wechat"))
    assert "环境变量" in page and SECRET not in page


def test_others_of_the_operator_dont_enter_it(chief, sit):
    admin = sit(chief.party, Role.ADMIN)
    assert admin.get("wechat").status_code == 200
    for role in (Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        other = sit(chief.party, role)
        assert other.post("wechat-change", {"WECHATPAY_MCHID": "1900000109", "code": "1"}).status_code == 403
        assert other.post("wechat-try").status_code == 403
    assert sit(chief.party, Role.FINANCE).get("wechat").status_code == 403
    assert queries.access_version() == 0


def test_the_round_trip_says_what_is_good(chief, tmp_path, monkeypatch):
    assert "接入尚未配置完整" in words(chief.post("wechat-try"))
    with sandbox_process(tmp_path / "sandbox") as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        for kept in (outside._wechatpay, outside._wechat, outside._wechat_web):
            kept.cache_clear()
        told = words(chief.post("wechat-try"))
        assert "应答签名已验证" in told and "AppID 与 AppSecret 有效" in told
    for kept in (outside._wechatpay, outside._wechat, outside._wechat_web):
        kept.cache_clear()


def test_a_template_is_registered_changed_and_taken_away(chief):
    assert "订阅消息" in words(chief.get("wechat"))
    form = {"template_id": "tmpl_shipped_0123456789abcdef", "fields": "character_string1=no\nthing2=carrier"}
    assert toast_of(chief.post("wechat-template", form, message="order_shipped")) == "模板已登记"
    assert messages.templates()["order_shipped"].fields == {"character_string1": "no", "thing2": "carrier"}
    shown = words(chief.get("wechat-template", message="order_shipped", htmx=True))
    assert (
        "tmpl_shipped_0123456789abcdef"
        in chief.get("wechat-template", message="order_shipped", htmx=True).content.decode()
    )
    assert "tracking_no" in shown
    bad = chief.post("wechat-template", form | {"fields": "no sense"}, message="order_shipped")
    assert bad.status_code == 422 and messages.templates()["order_shipped"].fields["thing2"] == "carrier"
    assert toast_of(chief.post("wechat-template", {"template_id": ""}, message="order_shipped")) == "已停用"
    assert messages.templates() == {}
    assert chief.get("wechat-template", message="nothing", htmx=True).status_code == 404
