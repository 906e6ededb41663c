"""WeChat Pay v3 signatures and sealing: requests in, answers and notices out.

Source: WeChat Pay merchant documentation, "签名认证", "回调通知验签", "回调报文解密".
"""

import base64
import binascii
import re
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from tuike_sandbox.errors import PayError
from tuike_sandbox.home import LETTERS, Identity

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FRESH_SECONDS = 300
_PART = re.compile(r'(\w+)="([^"]*)"')


def nonce(length: int = 32) -> str:
    """A random text of ASCII letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def verify_request(
    identity: Identity, *, authorization: str, method: str, path: str, body: bytes, real_now: float
) -> None:
    """Check a merchant's `Authorization` header over method, path with query, and body bytes.

    Raises:
        PayError: 401 SIGN_ERROR, naming what is wrong.
    """
    scheme, _, rest = authorization.partition(" ")
    if scheme != SCHEME:
        raise PayError(401, "SIGN_ERROR", "Http头Authorization值格式错误，请参考《微信支付签名》文档")
    parts = dict(_PART.findall(rest))
    if not all(parts.get(name) for name in ("mchid", "nonce_str", "signature", "timestamp", "serial_no")):
        raise PayError(401, "SIGN_ERROR", "Authorization缺少必要的签名信息")
    if parts["mchid"] != identity.mchid:
        raise PayError(401, "SIGN_ERROR", "商户号不存在或与证书不匹配")
    if parts["serial_no"].upper() != identity.cert_serial:
        raise PayError(401, "SIGN_ERROR", "商户证书序列号有误")
    if not re.fullmatch(r"[0-9]{1,12}", parts["timestamp"]):
        raise PayError(401, "SIGN_ERROR", "时间戳格式错误")
    if abs(real_now - int(parts["timestamp"])) > FRESH_SECONDS:
        raise PayError(401, "SIGN_ERROR", "时间戳已过期")
    message = f"{method}\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode() + body + b"\n"
    try:
        signature = base64.b64decode(parts["signature"], validate=True)
        identity.merchant_key.public_key().verify(signature, message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError) as wrong:
        raise PayError(401, "SIGN_ERROR", "签名错误，验签失败") from wrong


def sign(identity: Identity, *, key: int, body: bytes, real_now: float) -> dict[str, str]:
    """Headers that sign `body` with platform key 1 or 2, stamped with `real_now` (real Unix seconds)."""
    stamp, word = str(int(real_now)), nonce()
    message = f"{stamp}\n{word}\n".encode() + body + b"\n"
    signature = identity.platform_keys[key - 1].sign(message, PKCS1v15(), SHA256())
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": word,
        "Wechatpay-Serial": identity.key_ids[key - 1],
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": SCHEME,
    }


def seal(identity: Identity, *, plain: bytes, word: str, associated: str) -> str:
    """AEAD_AES_256_GCM under the APIv3 key; `word` is the 12-character nonce. Returns base64."""
    sealed = AESGCM(identity.apiv3_key.encode()).encrypt(word.encode(), plain, associated.encode())
    return base64.b64encode(sealed).decode()


def open_field(identity: Identity, *, serial: str, sealed: str) -> str:
    """Decrypt a sensitive field (RSA-OAEP with SHA-1) that the merchant sealed for the platform key `serial`.

    Raises:
        PayError: 400 PARAM_ERROR when the serial is unknown or the field can't be opened.
    """
    if serial not in identity.key_ids:
        raise PayError(400, "PARAM_ERROR", "请求头Wechatpay-Serial缺失或有误")
    key = identity.platform_keys[identity.key_ids.index(serial)]
    try:
        raw = key.decrypt(
            base64.b64decode(sealed, validate=True),
            OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None),  # noqa: S303 - WeChat Pay's choice
        )
        return raw.decode()
    except ValueError as wrong:  # binascii.Error and UnicodeDecodeError are ValueErrors
        raise PayError(400, "PARAM_ERROR", "敏感信息解密失败") from wrong
