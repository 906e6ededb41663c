"""Notices as WeChat Pay makes them, signed by keys of the test: any clock, any damage, no network."""

import base64
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from tuike.gateways.config import PublicKey, WeChatConfig

NOW = datetime(2026, 11, 22, 6, 5, 9, tzinfo=UTC)
APPID, MCHID = "wx0123456789abcdef", "1900000109"
APIV3_KEY = "0123456789abcdefghijklmnopqrstuv"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def rsa_key() -> rsa.RSAPrivateKey:
    """A fresh key of the smallest size that is taken."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """The private half as PKCS#8."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


KEYS = {"PUB_KEY_ID_01": rsa_key(), "PUB_KEY_ID_02": rsa_key()}
STRANGER = rsa_key()
CONFIG = WeChatConfig(
    api_base="http://127.0.0.1:9",
    appid=APPID,
    appsecret="0" * 32,
    pay_base="http://127.0.0.1:9",
    mchid=MCHID,
    apiv3_key=APIV3_KEY,
    cert_serial="444F4864EA9B34415",
    private_key_pem=private_pem(STRANGER),
    public_keys=tuple(PublicKey(key_id, public_pem(key)) for key_id, key in KEYS.items()),
)


def payment(**changes: object) -> dict[str, object]:
    """The plain text of a payment notice."""
    return {
        "mchid": MCHID,
        "appid": APPID,
        "out_trade_no": "P26112200000001",
        "transaction_id": "4200002026112212345678901234",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "intent:7",
        "success_time": "2026-11-22T14:05:01+08:00",
        "payer": {"openid": OPENID},
        "amount": {"total": 9980, "payer_total": 9980, "currency": "CNY", "payer_currency": "CNY"},
        **changes,
    }


def refund(**changes: object) -> dict[str, object]:
    """The plain text of a refund notice."""
    return {
        "mchid": MCHID,
        "out_trade_no": "P26112200000001",
        "transaction_id": "4200002026112212345678901234",
        "out_refund_no": "R26112200000001",
        "refund_id": "50200002026112212345678901234",
        "refund_status": "SUCCESS",
        "success_time": "2026-11-22T14:05:01+08:00",
        "user_received_account": "支付用户零钱",
        "amount": {"total": 9980, "refund": 4990, "payer_total": 9980, "payer_refund": 4990},
        **changes,
    }


def transfer(**changes: object) -> dict[str, object]:
    """The plain text of a transfer notice."""
    return {
        "out_bill_no": "W26112200000001",
        "transfer_bill_no": "1330000071100999991182020050700019480001",
        "state": "SUCCESS",
        "mch_id": MCHID,
        "transfer_amount": 400,
        "openid": OPENID,
        "create_time": "2026-11-22T14:00:01+08:00",
        "update_time": "2026-11-22T14:05:01+08:00",
        **changes,
    }


@dataclass(frozen=True)
class Made:
    """A notice to be sent: everything that can be bent, bent before or after signing."""

    plain: object = field(default_factory=payment)
    event_type: str = "TRANSACTION.SUCCESS"
    serial: str = "PUB_KEY_ID_01"
    signer: rsa.RSAPrivateKey | None = None
    timestamp: str = str(int(NOW.timestamp()))
    word: str = "593BEC0C930B"
    sealed_nonce: str = "fdasfjihihih"
    apiv3_key: str = APIV3_KEY
    associated: str = "transaction"
    envelope: dict[str, object] = field(default_factory=dict)

    def body(self) -> bytes:
        """The body, sealed."""
        plain = self.plain if isinstance(self.plain, bytes) else json.dumps(self.plain, ensure_ascii=False).encode()
        sealed = AESGCM(self.apiv3_key.encode()).encrypt(self.sealed_nonce.encode(), plain, self.associated.encode())
        resource = {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": self.associated,
            "nonce": self.sealed_nonce,
        }
        extra = dict(self.envelope)
        resource.update(extra.pop("resource", {}))
        notice = {
            "id": "EV-2018022511223320873",
            "create_time": "2026-11-22T14:05:02+08:00",
            "resource_type": "encrypt-resource",
            "event_type": self.event_type,
            "summary": "支付成功",
            "resource": resource,
            **extra,
        }
        return json.dumps(notice, ensure_ascii=False).encode()

    def headers(self, body: bytes) -> dict[str, str]:
        """The headers that sign `body`."""
        signer = self.signer or KEYS[self.serial]
        message = f"{self.timestamp}\n{self.word}\n".encode() + body + b"\n"
        return {
            "Wechatpay-Timestamp": self.timestamp,
            "Wechatpay-Nonce": self.word,
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature": base64.b64encode(signer.sign(message, PKCS1v15(), SHA256())).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    def sent(self) -> tuple[dict[str, str], bytes]:
        """Headers and body."""
        body = self.body()
        return self.headers(body), body

    def but(self, **changes: object) -> "Made":
        """The same, changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def later(seconds: int) -> str:
    """A timestamp that far from NOW."""
    return str(int(NOW.timestamp()) + seconds)


def number(prefix: str) -> str:
    """A number that no other test uses."""
    return f"{prefix}261122{secrets.randbelow(10**10):010d}"
