"""The sandbox's home folder: identities and keys that `init` makes once and `serve` reads."""

import json
import os
import secrets
import string
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

IDENTITY_FILE = "identity.json"
ENV_FILE = "sandbox.env"
MERCHANT_KEY_FILE = "merchant_key.pem"
LETTERS = string.ascii_letters + string.digits


class NotInitialised(Exception):
    """The home folder holds no identity yet: `init` wasn't run."""


@dataclass(frozen=True)
class Identity:
    """Who the sandbox pretends to serve: a mini-program, an official account for web pages, and one merchant.

    Two platform keys are live at once.
    """

    home: Path
    appid: str
    secret: str
    web_appid: str
    web_secret: str
    mchid: str
    apiv3_key: str
    cert_serial: str
    key_ids: tuple[str, str]
    merchant_key: rsa.RSAPrivateKey
    platform_keys: tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]


def write_private(path: Path, content: str) -> None:
    """Write `content` so that nobody but the owner can read it (0600), whole or not at all."""
    temporary = path.with_name(path.name + ".part")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _ensure_key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        write_private(path, _private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    return _load_key(path)


def _load_key(path: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NotInitialised(f"{path} is not an RSA key")
    return key


def _new_identity() -> dict[str, object]:
    mchid = "19" + "".join(secrets.choice(string.digits) for _ in range(8))
    key_ids = [f"PUB_KEY_ID_0{mchid}20261{n}{secrets.randbelow(10**14):014d}" for n in (1, 2)]
    return {
        "appid": "wx" + secrets.token_hex(8),
        "secret": secrets.token_hex(16),
        **_web_account(),
        "mchid": mchid,
        "apiv3_key": "".join(secrets.choice(LETTERS) for _ in range(32)),
        "cert_serial": secrets.token_hex(20).upper(),
        "key_ids": key_ids,
    }


def _web_account() -> dict[str, object]:
    return {"web_appid": "wx" + secrets.token_hex(8), "web_secret": secrets.token_hex(16)}


def initialise(home: Path, *, port: int) -> Path:
    """Make what is missing in `home` and write ``sandbox.env`` for `port`; a second call keeps every key and id.

    Returns the path of the env file.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (home / IDENTITY_FILE).exists():
        write_private(home / IDENTITY_FILE, json.dumps(_new_identity(), indent=2) + "\n")
    facts = json.loads((home / IDENTITY_FILE).read_text(encoding="utf-8"))
    if "web_appid" not in facts:
        facts |= _web_account()
        write_private(home / IDENTITY_FILE, json.dumps(facts, indent=2) + "\n")
    _ensure_key(home / MERCHANT_KEY_FILE)
    public_files = []
    for number, key_id in enumerate(facts["key_ids"], start=1):
        key = _ensure_key(home / f"platform_key_{number}.pem")
        public_file = home / f"platform_public_{number}.pem"
        if not public_file.exists():
            write_private(public_file, _public_pem(key))
        public_files.append(f"{key_id}={public_file.resolve()}")
    base = f"http://127.0.0.1:{port}"
    lines = {
        "WECHAT_API_BASE": base,
        "WECHAT_APPID": facts["appid"],
        "WECHAT_APPSECRET": facts["secret"],
        "WECHAT_WEB_BASE": base,
        "WECHAT_WEB_APPID": facts["web_appid"],
        "WECHAT_WEB_APPSECRET": facts["web_secret"],
        "WECHATPAY_BASE": base,
        "WECHATPAY_MCHID": facts["mchid"],
        "WECHATPAY_APIV3_KEY": facts["apiv3_key"],
        "WECHATPAY_CERT_SERIAL": facts["cert_serial"],
        "WECHATPAY_PRIVATE_KEY_FILE": str((home / MERCHANT_KEY_FILE).resolve()),
        "WECHATPAY_PUBLIC_KEYS": ",".join(public_files),
    }
    write_private(home / ENV_FILE, "".join(f"{name}={value}\n" for name, value in lines.items()))
    return home / ENV_FILE


def load(home: Path) -> Identity:
    """Read what `init` made.

    Raises:
        NotInitialised: the folder has no complete identity.
    """
    try:
        facts = json.loads((home / IDENTITY_FILE).read_text(encoding="utf-8"))
        merchant_key = _load_key(home / MERCHANT_KEY_FILE)
        platform = (_load_key(home / "platform_key_1.pem"), _load_key(home / "platform_key_2.pem"))
    except (OSError, ValueError) as problem:
        raise NotInitialised(f"{home} holds no sandbox identity ({type(problem).__name__})") from problem
    return Identity(
        home=home,
        appid=facts["appid"],
        secret=facts["secret"],
        web_appid=facts.get("web_appid", ""),
        web_secret=facts.get("web_secret", ""),
        mchid=facts["mchid"],
        apiv3_key=facts["apiv3_key"],
        cert_serial=facts["cert_serial"],
        key_ids=(facts["key_ids"][0], facts["key_ids"][1]),
        merchant_key=merchant_key,
        platform_keys=platform,
    )
