"""Field encryption and blind indexes (docs/rules.md §11): AES-256-GCM with a key id, bound to its place.

A value is bound to `table|column|row` as associated data, so a ciphertext that is moved to another row doesn't open.
Keys have ids: new values are written with the first key, old ones open as long as their key is listed.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Unreadable(Exception):
    """The ciphertext was not made by one of our keys for this place, or was changed."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Encryption keys by id (the first one writes) and the key of the blind indexes. All 32 bytes."""

    by_id: dict[int, bytes]
    index_key: bytes


def seal(plain: str, *, place: str, keys: Keys) -> bytes:
    """Encrypt `plain` for `place` (`table|column|row`): key id (1 byte), nonce (12), ciphertext with tag."""
    return seal_bytes(plain.encode(), place=place, keys=keys)


def seal_bytes(plain: bytes, *, place: str, keys: Keys) -> bytes:
    """Encrypt bytes for `place`, as `seal` does a text."""
    key_id, key = next(iter(keys.by_id.items()))
    nonce = os.urandom(_NONCE)
    return bytes([key_id]) + nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def open_sealed(sealed: bytes, *, place: str, keys: Keys) -> str:
    """Decrypt what `seal` made for the same `place`.

    Raises:
        Unreadable: unknown key, another place, or changed bytes.
    """
    return open_sealed_bytes(sealed, place=place, keys=keys).decode()


def open_sealed_bytes(sealed: bytes, *, place: str, keys: Keys) -> bytes:
    """Decrypt what `seal_bytes` made for the same `place`.

    Raises:
        Unreadable: unknown key, another place, or changed bytes.
    """
    sealed = bytes(sealed)
    key = keys.by_id.get(sealed[0]) if sealed else None
    if key is None:
        raise Unreadable("unknown key")
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())
    except InvalidTag as error:
        raise Unreadable("changed, or of another place") from error


def blind_index(plain: str, *, purpose: str, keys: Keys) -> bytes:
    """Return a keyed digest (32 bytes) to look `plain` up by equality without storing it."""
    return hmac.new(keys.index_key, f"{purpose}|{plain}".encode(), hashlib.sha256).digest()


def digest(secret: str) -> bytes:
    """Return SHA-256 of a random secret (token, code): enough because it has ≥ 128 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def masked(value: str, *, head: int = 3, tail: int = 4) -> str:
    """Return `value` with its middle hidden: 13800138000 → `138****8000`; short values are hidden whole."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
