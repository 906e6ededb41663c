"""GET /v3/certificates: the platform keys once more, as certificates sealed with the APIv3 key.

Source: WeChat Pay merchant documentation, "下载平台证书".
"""

import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tuike_sandbox import signing
from tuike_sandbox.world import Answer, Call, Endpoint, World


def _one(world: World, place: int) -> dict[str, object]:
    """Certificate of platform key `place` (0 or 1); its serial follows from the key's id."""
    key, key_id = world.identity.platform_keys[place], world.identity.key_ids[place]
    serial = int.from_bytes(hashlib.sha256(key_id.encode()).digest()[:19], "big") | 1 << 151
    today = datetime.fromtimestamp(world.clock.real(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today - timedelta(days=30), today + timedelta(days=5 * 365)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox: no real money")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    word = signing.nonce(12)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return {
        "serial_no": f"{serial:X}",
        "effective_time": start.isoformat(),
        "expire_time": end.isoformat(),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": word,
            "associated_data": "certificate",
            "ciphertext": signing.seal(world.identity, plain=pem, word=word, associated="certificate"),
        },
    }


def download(world: World, call: Call) -> Answer:
    """Both live certificates."""
    return Answer({"data": [_one(world, 0), _one(world, 1)]})


ENDPOINTS = [Endpoint("GET", "/v3/certificates", "pay.certificates", download, "pay")]
