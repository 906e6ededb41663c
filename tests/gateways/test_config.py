"""Settings of WeChat: what is missing or wrong is named, and never shown."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.gateways.notices import APIV3_KEY, APPID, KEYS, MCHID, STRANGER, private_pem, public_pem
from tuike.gateways import config
from tuike.gateways.config import ConfigError
from tuike.gateways.wechatpay import WeChatPay


@pytest.fixture
def env(tmp_path):
    """Complete settings with two live keys."""
    (tmp_path / "merchant.pem").write_text(private_pem(STRANGER))
    for key_id, key in KEYS.items():
        (tmp_path / f"{key_id}.pem").write_text(public_pem(key))
    return {
        "WECHAT_APPID": APPID,
        "WECHAT_APPSECRET": "a" * 32,
        "WECHATPAY_MCHID": MCHID,
        "WECHATPAY_APIV3_KEY": APIV3_KEY,
        "WECHATPAY_CERT_SERIAL": "444f4864ea9b34415",
        "WECHATPAY_PRIVATE_KEY_FILE": str(tmp_path / "merchant.pem"),
        "WECHATPAY_PUBLIC_KEYS": ",".join(f"{key_id}={tmp_path}/{key_id}.pem" for key_id in KEYS),
    }


def problems(env):
    """What is said to be wrong."""
    with pytest.raises(ConfigError) as refused:
        config.load(env)
    return refused.value.problems


def test_complete_settings_speak_with_the_real_addresses(env):
    loaded = config.load(env)
    assert (loaded.api_base, loaded.pay_base) == ("https://api.weixin.qq.com", "https://api.mch.weixin.qq.com")
    assert [key.id for key in loaded.public_keys] == list(KEYS)
    assert loaded.cert_serial == "444F4864EA9B34415"
    WeChatPay(loaded)


def test_every_missing_variable_is_named_at_once():
    said = problems({})
    assert [text.split()[0] for text in said] == [
        "WECHAT_APPID",
        "WECHAT_APPSECRET",
        "WECHATPAY_MCHID",
        "WECHATPAY_APIV3_KEY",
        "WECHATPAY_CERT_SERIAL",
        "WECHATPAY_PRIVATE_KEY_FILE",
        "WECHATPAY_PUBLIC_KEYS",
    ]
    assert all("is not set" in text for text in said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_APPID", "gh_0123456789ab"),
        ("WECHAT_APPSECRET", "secret with spaces"),
        ("WECHATPAY_MCHID", "1900000109x"),
        ("WECHATPAY_APIV3_KEY", "thirty-one-characters-are-few-x"),
        ("WECHATPAY_CERT_SERIAL", "not-hexadecimal"),
        ("WECHATPAY_PRIVATE_KEY_FILE", "/nowhere/key.pem"),
        ("WECHATPAY_PUBLIC_KEYS", "PUB_KEY_ID_01"),
        ("WECHATPAY_PUBLIC_KEYS", "PUB_KEY_ID_01=/nowhere/a.pem"),
        ("WECHATPAY_PUBLIC_KEYS", "PUB_KEY_ID_01=/a.pem,PUB_KEY_ID_01=/b.pem"),
        ("WECHAT_API_BASE", "api.weixin.qq.com"),
        ("WECHAT_API_BASE", "http://api.weixin.qq.com"),
        ("WECHATPAY_BASE", "https://user:word@api.mch.weixin.qq.com"),
        ("WECHATPAY_BASE", "https://api.mch.weixin.qq.com/v3"),
        ("WECHATPAY_BASE", "https://api.mch.weixin.qq.com:port"),
        ("WECHATPAY_BASE", "ftp://127.0.0.1"),
    ],
)
def test_a_wrong_value_is_named_but_not_shown(env, name, value):
    (text,) = problems({**env, name: value})
    assert text.startswith(name)
    if "SECRET" in name or "KEY" in name:
        assert value not in text or "/" in value  # a path may be shown, a secret never


@pytest.mark.parametrize("base", ["http://127.0.0.1:8001", "http://localhost:8001/", "http://[::1]:8001"])
def test_plain_http_is_for_this_machine(env, base):
    loaded = config.load({**env, "WECHAT_API_BASE": base, "WECHATPAY_BASE": base})
    assert loaded.pay_base == base.rstrip("/")


def test_key_files_must_hold_rsa_keys(env, tmp_path):
    other = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "ec.pem").write_bytes(other.private_bytes(*form))
    (tmp_path / "empty.pem").write_text("nothing")
    for file in ("ec.pem", "empty.pem", "PUB_KEY_ID_01.pem"):
        (text,) = problems({**env, "WECHATPAY_PRIVATE_KEY_FILE": str(tmp_path / file)})
        assert text.startswith("WECHATPAY_PRIVATE_KEY_FILE")
    for file in ("ec.pem", "empty.pem", "merchant.pem"):
        (text,) = problems({**env, "WECHATPAY_PUBLIC_KEYS": f"PUB_KEY_ID_01={tmp_path / file}"})
        assert text.startswith("WECHATPAY_PUBLIC_KEYS")


def test_a_private_key_in_the_older_pem_form_works(env, tmp_path):
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    (tmp_path / "old.pem").write_bytes(STRANGER.private_bytes(*form))
    loaded = config.load({**env, "WECHATPAY_PRIVATE_KEY_FILE": str(tmp_path / "old.pem")})
    assert loaded.private_key_pem == private_pem(STRANGER)
    WeChatPay(loaded)
