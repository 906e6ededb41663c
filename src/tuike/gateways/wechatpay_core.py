"""`wechatpayv3`'s core with bounds: which answers and notices count as WeChat Pay's (docs/decisions/0004).

Signing, verifying, encrypting and decrypting are the package's. Around them stands what it leaves open: time-outs, the
choice of the key before verifying (it would fetch certificates over the network for a serial that it doesn't know, and
stumble over one that isn't hexadecimal), freshness, the one spelling of a signature, and answers that are no 2xx.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wechatpayv3 import WeChatPay as Package
from wechatpayv3 import WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from tuike.gateways import http
from tuike.gateways.config import PublicKey, WeChatConfig
from tuike.gateways.types import Forged, ForgedReason, Unreachable

FRESH_SECONDS = 300
"""How far a notice's or an answer's timestamp may stand from the real clock, both ways, inclusive."""

_NAMES = ("Timestamp", "Nonce", "Serial", "Signature", "Signature-Type")
_BY_LOWER = {f"wechatpay-{name.lower()}": f"Wechatpay-{name}" for name in _NAMES}
_TYPE = "WECHATPAY2-SHA256-RSA2048"
_VALUE = re.compile(r"[!-~]{1,1024}")
_SECONDS = re.compile(r"[0-9]{1,11}")

Verify = Callable[[Mapping[str, str], str], object]


class BoundedCore(Core):
    """The package's core for one public key: bounded HTTP, every answer verified, never a fetch of certificates."""

    def __init__(self, config: WeChatConfig, key: PublicKey, verify: Verify) -> None:
        super().__init__(
            mchid=config.mchid,
            cert_serial_no=config.cert_serial,
            private_key=config.private_key_pem,
            apiv3_key=config.apiv3_key,
            public_key=key.pem,
            public_key_id=key.id,
        )
        self._gate_way = config.pay_base
        self._verify = verify

    def _update_certificates(self) -> None:
        """Refuse to look for other keys over the network: those that count are configured."""
        raise Forged(ForgedReason.UNKNOWN_SERIAL)

    def request(  # noqa: PLR0917 the package's signature
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: Any = None,
        skip_verify: bool = False,
        sign_data: Any = None,
        files: Any = None,
        cipher_data: bool = False,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Sign and send; return status and text of a verified 2xx or 4xx answer.

        The package verifies 2xx answers only; here a "no" has to be WeChat's own as well, since money is given back on
        its word. Too many requests (429) isn't a no.

        Raises:
            Unreachable: anything else, with the status in its text.
        """
        if skip_verify or sign_data is not None or files is not None:
            raise ValueError("only plain, verified calls are made here")
        operation = f"wechatpay {method.value} {_shape(path)}"
        body = json.dumps(data) if data else ""
        authorization = build_authorization(
            path, method.value, self._mchid, self._cert_serial_no, self._private_key, data=body
        )
        answer = http.send(
            operation=operation,
            method=method.value,
            url=self._gate_way + path,
            headers={
                "Authorization": authorization,
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": "tuike",
                "Wechatpay-Serial": self._public_key_id,
                **(headers or {}),
            },
            body=body.encode(),
        )
        if not (200 <= answer.status < 300 or 400 <= answer.status < 500) or answer.status in (408, 425, 429):
            raise Unreachable(operation, f"status {answer.status}")
        try:
            text = answer.body.decode()
            self._verify(answer.headers, text)
        except UnicodeDecodeError:
            unverified = "not UTF-8"
        except Forged as forged:
            unverified = forged.reason
        else:
            return answer.status, text
        raise Unreachable(operation, f"status {answer.status}, not verified: {unverified}")


class Keyring:
    """One instance of the package per public key; the first is asked, all verify."""

    def __init__(self, config: WeChatConfig, real_now: Callable[[], datetime]) -> None:
        self._real_now = real_now
        self._by_serial: dict[str, Package] = {}
        for key in config.public_keys:
            package = Package(
                wechatpay_type=WeChatPayType.MINIPROG,
                mchid=config.mchid,
                private_key=config.private_key_pem,
                cert_serial_no=config.cert_serial,
                appid=config.appid,
                apiv3_key=config.apiv3_key,
                public_key=key.pem,
                public_key_id=key.id,
            )
            package._core = BoundedCore(config, key, self.verify)
            self._by_serial[key.id] = package
        self.current: Package = next(iter(self._by_serial.values()))

    def verify(self, headers: Mapping[str, str], text: str) -> dict[str, str]:
        """Check that a live key signed `text` within the last (or next) 300 s; return the five headers, checked.

        Raises:
            Forged: saying what is wrong; nothing is fetched to find out.
        """
        five = _five(headers)
        if five["Wechatpay-Signature-Type"] != _TYPE:
            raise Forged(ForgedReason.SIGNATURE_TYPE)
        package = self._by_serial.get(five["Wechatpay-Serial"])
        if package is None:
            raise Forged(ForgedReason.UNKNOWN_SERIAL)
        if not _SECONDS.fullmatch(five["Wechatpay-Timestamp"]):
            raise Forged(ForgedReason.MALFORMED_HEADER)
        if abs(int(self._real_now().timestamp()) - int(five["Wechatpay-Timestamp"])) > FRESH_SECONDS:
            raise Forged(ForgedReason.STALE)
        if not _one_spelling(five["Wechatpay-Signature"]) or not package._core._verify_signature(five, text):
            raise Forged(ForgedReason.BAD_SIGNATURE)
        return five

    def open(self, headers: Mapping[str, str], text: str) -> dict[str, Any]:
        """Verify a notice and return it with its `resource` decrypted.

        Raises:
            Forged: not WeChat's, or not made with this merchant's APIv3 key.
        """
        five = self.verify(headers, text)
        _check_envelope(text)
        try:
            opened = self._by_serial[five["Wechatpay-Serial"]].callback(five, text)
        except Exception:  # the package raises bare exceptions, some with plain text in their attributes
            opened = None
        if not isinstance(opened, dict) or not isinstance(opened.get("resource"), dict):
            raise Forged(ForgedReason.UNDECRYPTABLE)
        return opened


def _five(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the five headers of WeChat Pay under their own names, given as HTTP or as WSGI (`HTTP_…`) names them."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        ours = _BY_LOWER.get(name.lower().replace("_", "-").removeprefix("http-"))
        if ours is None:
            continue
        if ours in found or not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise Forged(ForgedReason.MALFORMED_HEADER)
        found[ours] = value
    if len(found) != len(_NAMES):
        raise Forged(ForgedReason.MISSING_HEADER)
    return found


def _one_spelling(signature: str) -> bool:
    """Return whether the base64 is the one way to write its bytes.

    The package decodes leniently: stray characters and unused bits are dropped, so that one signature has many
    spellings. Only the one that WeChat writes is taken.
    """
    try:
        return base64.b64encode(base64.b64decode(signature, validate=True)).decode() == signature
    except (binascii.Error, ValueError):
        return False


def _check_envelope(text: str) -> None:
    """Check the form of a verified notice before the package decrypts it: cipher by name, a nonce of 12 bytes.

    Raises:
        Forged: it can't be a notice.
    """
    try:
        notice = json.loads(text)
        resource = notice["resource"]
        nonce, algorithm = resource["nonce"], resource["algorithm"]
        fits = algorithm == "AEAD_AES_256_GCM" and isinstance(nonce, str) and len(nonce.encode()) == 12
        fits = fits and notice["resource_type"] == "encrypt-resource" and isinstance(resource["ciphertext"], str)
    except (ValueError, KeyError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise Forged(ForgedReason.UNREADABLE)


def _shape(path: str) -> str:
    """Return the path for logs: without its query."""
    return path.partition("?")[0]
