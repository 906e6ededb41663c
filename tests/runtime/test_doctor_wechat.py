"""What `tuike doctor` says of WeChat: a real round trip, right when all is well and wrong when it is not."""

import os
from pathlib import Path

import pytest

from tests.sandbox_process import sandbox_process
from tuike.doors.cli import doctor
from tuike.runtime import home as homes
from tuike.runtime.checks import Level


@pytest.fixture
def where(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("WECHAT_", "WECHATPAY_")):
            monkeypatch.delenv(name)
    return homes.at(tmp_path / "home").make()


def levels(where) -> list[Level]:
    return [found.level for found in doctor._wechat(where, database=False)]


def test_before_the_sandbox_is_set_up_it_says_what_does_it(where):
    assert levels(where) == [Level.HINT]


def test_a_round_trip_is_made_and_each_fault_is_named(where, monkeypatch, tmp_path):
    with sandbox_process(where.sandbox) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        assert levels(where) == [Level.OK, Level.OK, Level.OK]
        monkeypatch.setenv("WECHAT_APPSECRET", "0" * 32)
        assert levels(where) == [Level.OK, Level.OK, Level.WRONG]
        monkeypatch.setenv("WECHATPAY_CERT_SERIAL", "0" * 40)
        assert levels(where) == [Level.OK, Level.WRONG, Level.WRONG]
        key = Path(sandbox.env["WECHATPAY_PRIVATE_KEY_FILE"]).read_text()
        secret = sandbox.env["WECHATPAY_APIV3_KEY"]
        said = " ".join(found.words + found.advice for found in doctor._wechat(where, database=False))
        assert secret not in said and key not in said
    monkeypatch.setenv("WECHATPAY_CERT_SERIAL", sandbox.env["WECHATPAY_CERT_SERIAL"])
    assert levels(where) == [Level.OK, Level.HINT, Level.HINT], "a sandbox that isn't running is no fault"


def test_what_is_missing_is_wrong(where, monkeypatch):
    (where.sandbox).mkdir(parents=True, exist_ok=True)
    (where.sandbox / "sandbox.env").write_text("")
    assert levels(where) == [Level.WRONG]
