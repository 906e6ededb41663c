"""One bounded HTTP call: the only place that opens a connection to the outside.

No redirect is followed, no proxy or `.netrc` of the environment is used (it could replace the signed Authorization), no
answer is read beyond its limit, and no exception text holds an address: addresses carry secrets and tokens.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from tuike.gateways.types import Unreachable

CONNECT_SECONDS = 3
READ_SECONDS = 5
WHOLE_SECONDS = 10
ANSWER_LIMIT = 2 * 1024 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came: status, headers (looked up in any case), whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    *,
    operation: str,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Make one call on a connection of its own: 3 s to connect, 5 s for each wait, 10 s and 2 MB in all.

    A fresh connection each time, because a kept one that the other side has dropped turns a call that was never sent
    into an unknown outcome.

    Raises:
        Unreachable: no complete answer came within the bounds; what was asked for may or may not have happened.
    """
    deadline = time.monotonic() + WHOLE_SECONDS
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.request(
                method,
                url,
                params=params,
                data=body or None,
                headers={**(headers or {}), "Accept-Encoding": "identity"},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, response.headers, _read(operation, response, deadline))
    except requests.RequestException as error:
        failed = type(error).__name__
    # Raised out here so that the library's exception, whose text holds the address, isn't chained to ours.
    raise Unreachable(operation, failed)


def _read(operation: str, response: requests.Response, deadline: float) -> bytes:
    """Return the whole body, if it is small and quick enough."""
    parts: list[bytes] = []
    size = 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > ANSWER_LIMIT:
            raise Unreachable(operation, "answer too large")
        if time.monotonic() > deadline:
            raise Unreachable(operation, "answer too slow")
        parts.append(chunk)
    return b"".join(parts)
