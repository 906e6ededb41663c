"""The second call is the first call."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tuike.db import rows
from tuike.idempotency.types import KeyMalformed, KeyUsedForOther

KEPT = timedelta(days=30)
"""How long a key is remembered; after that it counts as new."""


def once(*, scope: str, key: str, content: Any, now: datetime, work: Callable[[], dict]) -> dict:
    """Do `work` once per (scope, key) and return its answer; later calls get that answer without doing anything.

    Runs inside the caller's transaction: the key, the work and the answer commit together or not at all, so failed
    work may be tried again with the same key. A parallel twin waits for the first to commit and gets its answer.
    `scope` names the caller and the verb (`buyer:7:place_order`); `content` is what the caller sent, as plain JSON.

    Raises:
        KeyMalformed: the key is empty, longer than 80 characters or has invisible characters.
        KeyUsedForOther: the key was used for other content.
    """
    if not 1 <= len(key) <= 80 or not key.isprintable():
        raise KeyMalformed
    digest = _digest(content)
    fresh = rows.planned(
        "INSERT INTO idempotency_key (scope, key, digest, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (scope, key) DO NOTHING RETURNING id",
        [scope, key, digest, now],
    )
    if not fresh:
        stored, answer = rows.query(
            "SELECT digest, answer::text FROM idempotency_key WHERE scope = %s AND key = %s", [scope, key]
        )[0]
        if bytes(stored) != digest:
            raise KeyUsedForOther
        return json.loads(answer)
    answer = work()
    rows.planned("UPDATE idempotency_key SET answer = %s::jsonb WHERE id = %s", [json.dumps(answer), fresh[0][0]])
    return answer


def claim(*, scope: str, key: str, content: Any, now: datetime) -> dict | None:
    """Take a key for content before the work that it stands for; return the answer if it was kept already, else None.

    For callers whose work commits by itself: claim, work under the same key, `keep`. A twin that comes before the
    answer is kept gets None, too, and relies on the work happening once.

    Raises:
        KeyMalformed: the key is empty, longer than 80 characters or has invisible characters.
        KeyUsedForOther: the key was used for other content.
    """
    if not 1 <= len(key) <= 80 or not key.isprintable():
        raise KeyMalformed
    digest = _digest(content)
    stored, answer = rows.planned(
        "INSERT INTO idempotency_key (scope, key, digest, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (scope, key) DO UPDATE SET scope = EXCLUDED.scope RETURNING digest, answer::text",
        [scope, key, digest, now],
    )[0]
    if bytes(stored) != digest:
        raise KeyUsedForOther
    return None if answer is None else json.loads(answer)


def keep(*, scope: str, key: str, answer: dict) -> dict:
    """Keep the answer of a claimed key, once; return the one that is kept."""
    found = rows.planned(
        "UPDATE idempotency_key SET answer = coalesce(answer, %s::jsonb) WHERE scope = %s AND key = %s"
        " RETURNING answer::text",
        [json.dumps(answer), scope, key],
    )
    return json.loads(found[0][0]) if found else answer


def release(*, scope: str, key: str) -> None:
    """Give back a claimed key whose work was refused; one with an answer stays."""
    rows.planned(
        "DELETE FROM idempotency_key WHERE scope = %s AND key = %s AND answer IS NULL RETURNING id", [scope, key]
    )


def forget_old(*, now: datetime) -> int:
    """Remove keys older than `KEPT` and return how many."""
    return rows.run("DELETE FROM idempotency_key WHERE at < %s", [now - KEPT])


def _digest(content: Any) -> bytes:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()
