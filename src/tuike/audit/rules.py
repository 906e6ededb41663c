"""Digests of acts and links (docs/rules.md §11)."""

import hashlib
import json
from datetime import UTC, datetime

GENESIS = b"\0" * 32
"""What stands before the first link."""


def act_digest(
    *,
    at: datetime,
    actor_kind: str,
    person_id: int | None,
    party_id: int | None,
    role: str,
    action: str,
    object_: str,
    facts: dict,
    request_id: str,
) -> bytes:
    """Return SHA-256 over everything an act says, in one canonical form."""
    said = [
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        actor_kind,
        person_id,
        party_id,
        role,
        action,
        object_,
        facts,
        request_id,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def link_digest(previous: bytes, act: bytes) -> bytes:
    """Return the digest of the link that puts an act behind `previous`."""
    return hashlib.sha256(bytes(previous) + bytes(act)).digest()
