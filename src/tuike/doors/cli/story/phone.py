"""The story's people on the sandbox's phone, over the sandbox's controls."""

import http.client
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from tuike.doors.cli.story.people import Character

_RETRY_SECONDS = 0.2


class SandboxSilent(Exception):
    """The sandbox doesn't answer, or answers no."""


def put_on_phone(base: str, cast: Iterable[Character], *, patience: float) -> None:
    """Add people to the sandbox's phone; waits up to `patience` seconds for it to start.

    Raises:
        SandboxSilent: it doesn't answer in time, or refuses.
    """
    until = time.monotonic() + patience
    for one in cast:
        wish = {"openid": one.openid, "unionid": one.unionid, "name": one.name, "phone": one.phone}
        while True:
            try:
                control(base, "person", wish)
                break
            except ConnectionError as problem:
                if time.monotonic() > until:
                    raise SandboxSilent(f"{base}: {problem}") from None
                time.sleep(_RETRY_SECONDS)


def control(base: str, verb: str, wish: dict[str, Any]) -> dict[str, Any]:
    """Call one of the sandbox's controls (docs/user/sandbox.md) and return its answer.

    Raises:
        SandboxSilent: it answers no.
        ConnectionError: nobody listens there.
    """
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname or "127.0.0.1", where.port, timeout=10)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"/sandbox/control/{verb}", body=json.dumps(wish), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (TimeoutError, http.client.HTTPException) as problem:
        raise ConnectionError(str(problem)) from problem
    finally:
        connection.close()
    if answer.status != 200:
        raise SandboxSilent(f"{verb}: {answer.status} {body[:200].decode(errors='replace')}")
    return json.loads(body)
