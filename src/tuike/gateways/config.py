"""Addresses, ids and keys of WeChat and WeChat Pay, read once from settings (docs/user/going-live.md)."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

API_BASE = "https://api.weixin.qq.com"
WEB_BASE = "https://open.weixin.qq.com"
PAY_BASE = "https://api.mch.weixin.qq.com"

_SHAPES = {
    "WECHAT_APPID": (r"wx[0-9A-Za-z_]{6,30}", "an AppID: wx and 16 letters or digits"),
    "WECHAT_APPSECRET": (r"[0-9A-Za-z]{16,64}", "the AppSecret of the AppID"),
    "WECHATPAY_MCHID": (r"[0-9]{6,32}", "a merchant number: digits"),
    "WECHATPAY_APIV3_KEY": (r"[!-~]{32}", "the APIv3 key: exactly 32 characters"),
    "WECHATPAY_CERT_SERIAL": (r"[0-9A-Fa-f]{8,64}", "the serial number of the merchant's certificate: hexadecimal"),
}
_WEB_SHAPES = {
    "WECHAT_WEB_APPID": (r"wx[0-9A-Za-z_]{6,30}", "the AppID of the official account that signs web pages in"),
    "WECHAT_WEB_APPSECRET": (r"[0-9A-Za-z]{16,64}", "the AppSecret of that AppID"),
}
PRIVATE_KEY, PUBLIC_KEY_ID, PUBLIC_KEY = "WECHATPAY_PRIVATE_KEY", "WECHATPAY_PUBLIC_KEY_ID", "WECHATPAY_PUBLIC_KEY"
"""Keys given themselves instead of as files; where a file is named too, the file counts."""
_KEY_ID = re.compile(r"[0-9A-Za-z_]{1,80}")
_RSA_BITS = 2048


class ConfigError(Exception):
    """Settings are missing or wrong; the message names each variable and says what it should hold, never its value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key of WeChat Pay (PEM) under its id, which notices and answers name as their serial."""

    id: str
    pem: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatConfig:
    """Everything needed to speak with WeChat. All `public_keys` verify; the first one is asked for and encrypts."""

    api_base: str
    appid: str
    appsecret: str = field(repr=False)
    pay_base: str
    mchid: str
    apiv3_key: str = field(repr=False)
    cert_serial: str
    private_key_pem: str = field(repr=False)
    public_keys: tuple[PublicKey, ...]


def settled_by(env: Mapping[str, str]) -> dict[str, bool]:
    """Return for each part of the access whether the environment says it, whichever way."""

    def given(*names: str) -> bool:
        return any((env.get(name) or "").strip() for name in names)

    public = given("WECHATPAY_PUBLIC_KEYS", PUBLIC_KEY)
    return {name: given(name) for name in (*_SHAPES, *_WEB_SHAPES)} | {
        PRIVATE_KEY: given("WECHATPAY_PRIVATE_KEY_FILE", PRIVATE_KEY),
        PUBLIC_KEY_ID: public,
        PUBLIC_KEY: public,
    }


def with_kept(env: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, completed by the kept access where it says nothing itself."""
    settled = settled_by(env)
    return dict(env) | {name: value for name, value in kept.items() if not settled.get(name, True)}


def complete(env: Mapping[str, str]) -> bool:
    """Return whether the environment alone says everything, the official account for web pages included."""
    return all(settled_by(env).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """What web pages inside WeChat's browser need: where a person is asked, and the official account that asks."""

    ask_base: str
    api_base: str
    appid: str
    appsecret: str = field(repr=False)


def load_web(env: Mapping[str, str]) -> WebConfig | None:
    """Read and check the official account for web pages; None where none is configured.

    Raises:
        ConfigError: one half is missing, or a value can't be right.
    """
    if not any((env.get(name) or "").strip() for name in _WEB_SHAPES):
        return None
    problems: list[str] = []
    texts = {name: _text(env, name, problems, _WEB_SHAPES) for name in _WEB_SHAPES}
    config = WebConfig(
        ask_base=_base(env, "WECHAT_WEB_BASE", WEB_BASE, problems),
        api_base=_base(env, "WECHAT_API_BASE", API_BASE, problems),
        appid=texts["WECHAT_WEB_APPID"],
        appsecret=texts["WECHAT_WEB_APPSECRET"],
    )
    if problems:
        raise ConfigError(problems)
    return config


def load(env: Mapping[str, str]) -> WeChatConfig:
    """Read and check the settings; key files are read here, so a wrong path is found at start.

    Raises:
        ConfigError: naming every variable that is missing or wrong.
    """
    problems: list[str] = []
    texts = {name: _text(env, name, problems) for name in _SHAPES}
    config = WeChatConfig(
        api_base=_base(env, "WECHAT_API_BASE", API_BASE, problems),
        pay_base=_base(env, "WECHATPAY_BASE", PAY_BASE, problems),
        appid=texts["WECHAT_APPID"],
        appsecret=texts["WECHAT_APPSECRET"],
        mchid=texts["WECHATPAY_MCHID"],
        apiv3_key=texts["WECHATPAY_APIV3_KEY"],
        cert_serial=texts["WECHATPAY_CERT_SERIAL"].upper(),
        private_key_pem=_private_key(env, "WECHATPAY_PRIVATE_KEY_FILE", problems),
        public_keys=_public_keys(env, "WECHATPAY_PUBLIC_KEYS", problems),
    )
    if problems:
        raise ConfigError(problems)
    return config


def _text(
    env: Mapping[str, str], name: str, problems: list[str], shapes: Mapping[str, tuple[str, str]] = _SHAPES
) -> str:
    """Return the variable, or note what is wrong with it."""
    pattern, meaning = shapes[name]
    value = (env.get(name) or "").strip()
    if not value:
        problems.append(f"{name} is not set ({meaning})")
    elif not re.fullmatch(pattern, value):
        problems.append(f"{name} is not {meaning}")
    return value


def _base(env: Mapping[str, str], name: str, default: str, problems: list[str]) -> str:
    """Return the address without its last slash: https anywhere, http on this machine only, no path, no query."""
    value = (env.get(name) or default).strip().rstrip("/")
    parts = urlsplit(value)
    try:
        known = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    more = parts.path or parts.query or parts.fragment or parts.username
    if not known or more or parts.scheme not in ("http", "https"):
        problems.append(f"{name} is not an address such as {default}")
    elif parts.scheme == "http" and not _loopback(parts.hostname or ""):
        problems.append(f"{name} must begin with https:// (http is for this machine's own addresses)")
    return value


def _loopback(host: str) -> bool:
    """Return whether `host` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _file(name: str, path: str, problems: list[str]) -> bytes:
    """Return the file's bytes, or note that it can't be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        problems.append(f"{name}: the file {path} can't be read ({error.strerror})")
        return b""


def _private_key(env: Mapping[str, str], name: str, problems: list[str]) -> str:
    """Return the merchant's RSA key as PKCS#8 PEM, whichever PEM form it has: out of the file, else as it is given."""
    path = (env.get(name) or "").strip()
    given = (env.get(PRIVATE_KEY) or "").strip()
    if not path and not given:
        problems.append(f"{name} is not set (path of the merchant's private key, apiclient_key.pem)")
        return ""
    pem = _file(name, path, problems) if path else given.encode()
    if not pem:
        return ""
    if not path:
        name, path = PRIVATE_KEY, "what is kept"
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _RSA_BITS:
        problems.append(f"{name}: {path} holds no unencrypted RSA private key of {_RSA_BITS} bits or more")
        return ""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def _public_keys(env: Mapping[str, str], name: str, problems: list[str]) -> tuple[PublicKey, ...]:
    """Read `ID=path,ID=path`; every id once."""
    given = (env.get(name) or "").strip()
    if not given and (env.get(PUBLIC_KEY) or env.get(PUBLIC_KEY_ID)):
        return _given_public_key(env, problems)
    if not given:
        problems.append(f"{name} is not set (WeChat Pay's public keys: PUB_KEY_ID_…=/path/pub_key.pem, comma between)")
        return ()
    pairs = [[piece.strip() for piece in part.partition("=")[::2]] for part in given.split(",")]
    if len({key_id for key_id, _ in pairs}) < len(pairs) or not all(_KEY_ID.fullmatch(key_id) for key_id, _ in pairs):
        problems.append(f"{name} is not a list of different ID=path pairs with a comma between them")
        return ()
    keys: list[PublicKey] = []
    for key_id, path in pairs:
        pem = _file(name, path, problems)
        if not pem:
            continue
        text = _public_pem(pem)
        if not text:
            problems.append(f"{name}: {path} holds no RSA public key of {_RSA_BITS} bits or more")
            continue
        keys.append(PublicKey(key_id, text))
    return tuple(keys)


def _given_public_key(env: Mapping[str, str], problems: list[str]) -> tuple[PublicKey, ...]:
    """Read the one public key that is given itself, not as a file."""
    key_id, pem = (env.get(PUBLIC_KEY_ID) or "").strip(), (env.get(PUBLIC_KEY) or "").strip()
    if not _KEY_ID.fullmatch(key_id):
        problems.append(f"{PUBLIC_KEY_ID} is not the id of a public key (PUB_KEY_ID_…)")
    text = _public_pem(pem.encode())
    if not text:
        problems.append(f"{PUBLIC_KEY} holds no RSA public key of {_RSA_BITS} bits or more")
    return (PublicKey(key_id, text),)


def _public_pem(pem: bytes) -> str:
    """Return an RSA public key in its one PEM form, empty for anything else."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < _RSA_BITS:
        return ""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_bytes(*form).decode()
