"""The audit log against its digests and its chain."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

from django.db import connection


def check(*, limit: int) -> tuple[int, list[tuple[str, str]]]:
    """Return how many acts were read and up to `limit` (act, what is wrong).

    Written apart from `audit.rules`, so that a mistake there can't hide itself. A chain that is broken is named at its
    first wrong link: everything behind it would be wrong as well.
    """
    broken: list[tuple[str, str]] = []
    count, previous, chain_holds, expected = 0, b"\0" * 32, True, 1
    for row in _acts():
        count += 1
        link_id, link_digest, stored, said = row
        act = f"act {said[0]}"
        if _digest(said[1:]) != stored:
            broken.append((act, "was changed after it was written"))
        if link_id is not None and chain_holds:
            previous = hashlib.sha256(previous + stored).digest()
            if link_id != expected or previous != link_digest:
                chain_holds = False
                broken.append((act, f"link {link_id} does not follow from the one before it"))
            expected += 1
        if len(broken) >= limit:
            break
    return count, broken[:limit]


def _digest(said: list) -> bytes:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _acts() -> Iterator[tuple[int | None, bytes, bytes, list]]:
    """Yield link and act in the chain's order, the ones not sealed yet at the end."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.digest, a.digest, a.id, a.at, a.actor_kind, a.person_id, a.party_id, a.role, a.action,"
            " a.object, a.facts::text, a.request_id"
            " FROM audit_act a LEFT JOIN audit_link l ON l.act_id = a.id ORDER BY l.id NULLS LAST, a.id"
        )
        while rows := cursor.fetchmany(2000):
            for link, link_digest, digest, id_, at, *rest in rows:
                instant = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                rest[6] = json.loads(rest[6])
                yield link, bytes(link_digest or b""), bytes(digest), [id_, instant, *rest]
