"""The process itself: init once, serve only when set up and only on loopback, stop cleanly, log no secrets."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import take_port
from tests.sandbox.clients import Merchant, OpenApi
from tests.sandbox_process import SOURCES, NoticeListener, Sandbox, sandbox_process

NAMES = {
    *("WECHAT_WEB_BASE", "WECHAT_WEB_APPID", "WECHAT_WEB_APPSECRET"),
    *("WECHAT_API_BASE", "WECHAT_APPID", "WECHAT_APPSECRET", "WECHATPAY_BASE", "WECHATPAY_MCHID"),
    *("WECHATPAY_APIV3_KEY", "WECHATPAY_CERT_SERIAL", "WECHATPAY_PRIVATE_KEY_FILE", "WECHATPAY_PUBLIC_KEYS"),
}


def run(*words: str, **names: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(SOURCES), **names}
    command = [sys.executable, "-m", "tuike_sandbox", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_init_keeps_what_it_made(tmp_path: Path) -> None:
    home = tmp_path / "sandbox"
    assert run("init", "--home", str(home), "--port", "8101").returncode == 0
    first = {path.name: path.read_text() for path in home.iterdir()}
    env = dict(line.split("=", 1) for line in first["sandbox.env"].splitlines())
    assert set(env) == NAMES
    assert env["WECHAT_API_BASE"] == env["WECHATPAY_BASE"] == "http://127.0.0.1:8101"
    assert len(env["WECHATPAY_APIV3_KEY"]) == 32
    assert env["WECHATPAY_PUBLIC_KEYS"].count("PUB_KEY_ID_") == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
    assert run("init", "--home", str(home), "--port", "8101").returncode == 0
    assert {path.name: path.read_text() for path in home.iterdir()} == first
    run("init", "--home", str(home), "--port", "8202")
    changed = {path.name for path in home.iterdir() if path.read_text() != first[path.name]}
    assert changed == {"sandbox.env"}


def test_a_home_from_before_gets_what_is_missing_and_keeps_the_rest(tmp_path: Path) -> None:
    home = tmp_path / "sandbox"
    run("init", "--home", str(home), "--port", "8101")
    first = json.loads((home / "identity.json").read_text())
    old = {name: value for name, value in first.items() if not name.startswith("web_")}
    (home / "identity.json").write_text(json.dumps(old))
    assert run("init", "--home", str(home), "--port", "8101").returncode == 0
    now = json.loads((home / "identity.json").read_text())
    assert old.items() <= now.items()
    assert now["web_appid"].startswith("wx")
    assert f"WECHAT_WEB_APPID={now['web_appid']}" in (home / "sandbox.env").read_text()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "run init first"),
        (["--host", "0.0.0.0"], "not a loopback address"),
        (["--host", "192.168.1.5"], "not a loopback address"),
        (["--notify-factor", "0"], "at least 1"),
    ],
)
def test_serve_refuses(tmp_path: Path, words: list[str], why: str) -> None:
    ended = run("serve", "--home", str(tmp_path / "sandbox"), "--port", str(take_port()), *words)
    assert ended.returncode == 2
    assert why in ended.stderr
    assert not (tmp_path / "sandbox").exists()


def test_serve_refuses_production(tmp_path: Path) -> None:
    home = str(tmp_path / "sandbox")
    run("init", "--home", home, "--port", "8101")
    ended = run("serve", "--home", home, "--port", str(take_port()), TUIKE_ENV="production")
    assert ended.returncode == 2
    assert "production" in ended.stderr


def test_a_taken_port_is_said_in_words(sandbox: Sandbox) -> None:
    ended = run("serve", "--home", str(sandbox.home), "--port", str(sandbox.port))
    assert ended.returncode == 2
    assert "can't listen" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_clean_stop_and_a_restart_that_loses_nothing(tmp_path: Path, listener: NoticeListener) -> None:
    with sandbox_process(tmp_path / "sandbox") as sandbox:
        merchant = Merchant(sandbox, listener.url)
        paid, code = merchant.paid(), sandbox.login_code()
        token = OpenApi(sandbox).token()
        sandbox.control("fault", target="pay.close", action="fail")
        listener.wait(1)
        assert sandbox.stop() == 0
        assert json.loads(sandbox.log_lines[-1])["event"] == "stopped"
        sandbox.start()
        assert merchant.query(out_trade_no="ORDER0001")[1] == paid
        wx = OpenApi(sandbox)
        assert "openid" in wx.session(code)
        assert wx.post("/wxa/getwxacodeunlimit", {"scene": "p=1"}, access_token=token).content.startswith(b"\x89PNG")
        assert merchant.close("ORDER0001")[0] == 500
        assert len(listener.received) == 1, "a delivered notice isn't sent again"


def test_logs_are_lines_of_json_without_secrets(sandbox: Sandbox, merchant: Merchant, wx: OpenApi) -> None:
    merchant.paid()
    token = wx.token()
    wx.session(sandbox.login_code())
    code = sandbox.control("phone_code")["code"]
    wx.post("/wxa/business/getuserphonenumber", {"code": code}, access_token=token)
    merchant.query(out_trade_no="ORDER0001")
    lines = [line for line in sandbox.log_lines if not line.startswith("sandbox ready on ")]
    assert len(lines) >= 5
    assert all({"at", "event"} <= json.loads(line).keys() for line in lines)
    secrets = [sandbox.env["WECHAT_APPSECRET"], sandbox.env["WECHATPAY_APIV3_KEY"], token, code]
    phones = [person["phone"] for person in sandbox.control("people")["people"]]
    text = "\n".join(lines)
    assert not [word for word in secrets + phones if word in text]
    journal = json.dumps(sandbox.control("journal"))
    assert not [word for word in secrets[:2] if word in journal]


def test_control_for_people(sandbox: Sandbox, merchant: Merchant) -> None:
    merchant.order()
    port = str(sandbox.port)
    done = run("control", "--port", port, "pay", "out_trade_no=ORDER0001", "notify=false")
    assert done.returncode == 0
    assert json.loads(done.stdout)["transaction"]["trade_state"] == "SUCCESS"
    refused = run("control", "--port", port, "pay", "out_trade_no=NOSUCH01")
    assert refused.returncode == 1
    assert "no order" in json.loads(refused.stdout)["error"]
    unknown = run("control", "--port", port, "dance")
    assert "known: " in json.loads(unknown.stdout)["error"]
    assert run("control", "--port", str(take_port()), "people").returncode == 1


def test_the_sandbox_imports_nothing_of_the_product() -> None:
    for path in (SOURCES / "tuike_sandbox").rglob("*.py"):
        assert "tuike." not in path.read_text().replace("tuike_sandbox.", ""), path
        assert "import django" not in path.read_text(), path
