"""Writes under the caller's key: the second call gets the first one's answer (docs/user/api.md, Idempotency)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Status
from pydantic import BaseModel

from tuike.doors.openapi.callers import party_id
from tuike.doors.web import described
from tuike.idempotency import service as idempotency
from tuike.kit import clock
from tuike.kit.errors import Refusal


def once(
    request: HttpRequest, key: str, shape: type[BaseModel], work: Callable[[], Any], *, status: int = 200
) -> Status[Any]:
    """Return the answer of `work` in `shape`, or the stored one where the key was used for the same content.

    The key is the app's for all its writes: other content, another address or another method is refused. `work` calls
    a verb that itself happens once per key; what is refused leaves the key free.

    Raises:
        KeyUsedForOther: the key stands for something else. And what `work` raises.
    """
    scope, now = f"api:{party_id(request)}", clock.now()
    content = [request.method, request.get_full_path(), described.read(request.body) if request.body else None]
    stored = idempotency.claim(scope=scope, key=key, content=content, now=now)
    if stored is not None:
        return Status(stored["status"], stored["body"])
    try:
        made = work()
    except Refusal:
        idempotency.release(scope=scope, key=key)
        raise
    body = shape.model_validate(made, from_attributes=True).model_dump(mode="json", by_alias=True)
    kept = idempotency.keep(scope=scope, key=key, answer={"status": status, "body": body})
    return Status(kept["status"], kept["body"])
