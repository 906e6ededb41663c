"""What checking the signature of a call costs in CPU: the arithmetic, and all of it with the secret and the nonce.

`TUIKE_BENCH_HOME=… python -m bench.signature [--runs 5] [--calls 2000]`. CPU seconds of this process (its waiting for
the database isn't in them, the database's own work isn't either). `check`: signed text, HMAC and the comparison in
constant time. `check_signature`: with the party, its opened secret and the nonce that is used up. The ratio is to a bare
HMAC-SHA256 over the same text.
"""

import argparse
import hmac
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bench import ground

LIMIT_US = 200
PATH = "/api/v1/promoter/orders"
QUERY = "paid_at_from=2026-03-01&limit=200&state=paid&after=WyJwbGFjZWRfYXQi"


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--calls", type=int, default=2_000)
    given = parser.parse_args()
    with ground.database():
        from tests.make import apps as make_apps
        from tests.make import parties as make_parties
        from tuike.kit import clock

        now = clock.now()
        app = make_apps.secret(make_parties.promoter(), now=now)
        small = _calls(app, given.calls, b'{"name":"a place"}', now)
        large = _calls(app, given.calls, b"x" * 65_536, now)
        bare = [_cpu(_hmac(app.secret, small), given.calls) for _ in range(given.runs)]
        ours = [_cpu(_check(app.secret, small), given.calls) for _ in range(given.runs)]
        ground.told("bare HMAC-SHA256", bare, "µs CPU")
        ground.told("check, a small body", ours, "µs CPU", limit=f"limit ≤ {LIMIT_US}")
        ground.told(
            "check, 64 KB", [_cpu(_check(app.secret, large), given.calls)], "µs CPU", limit=f"limit ≤ {LIMIT_US}"
        )
        ground.told("ratio check ÷ bare", [a / b for a, b in zip(ours, bare, strict=True)], "")
        whole = [_cpu(_whole(_calls(app, given.calls, b"{}", now), now), given.calls) for _ in range(given.runs)]
        ground.told("check_signature with secret and nonce", whole, "µs CPU")


def _calls(app: Any, count: int, body: bytes, now: datetime) -> list[dict[str, Any]]:
    """Return signed calls as `check_signature` takes them."""
    from tests.make import apps as make_apps

    made = []
    for _ in range(count):
        headers = make_apps.signed(app, method="POST", path=PATH, query=QUERY, body=body, now=now)
        made.append(
            {
                "appid": app.appid,
                "signature": headers["Tuike-Signature"],
                "timestamp": headers["Tuike-Timestamp"],
                "nonce": headers["Tuike-Nonce"],
                "method": "POST",
                "path": PATH,
                "query": QUERY,
                "body": body,
            }
        )
    return made


def _cpu(work: Callable[[], None], calls: int) -> float:
    """Return the microseconds of CPU a call."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1_000_000 / calls


def _hmac(secret: str, calls: list[dict[str, Any]]) -> Callable[[], None]:
    texts = [_text(call) for call in calls]

    def run() -> None:
        for text in texts:
            hmac.digest(secret.encode(), text, "sha256")

    return run


def _check(secret: str, calls: list[dict[str, Any]]) -> Callable[[], None]:
    from tuike.apps import rules

    def run() -> None:
        for call in calls:
            if not rules.same(rules.signature(secret=secret, text=_text(call)), call["signature"]):
                raise SystemExit("a good signature was refused")

    return run


def _whole(calls: list[dict[str, Any]], now: datetime) -> Callable[[], None]:
    from tuike.apps import service

    def run() -> None:
        for call in calls:
            service.check_signature(**call, now=now)

    return run


def _text(call: dict[str, Any]) -> bytes:
    from tuike.apps import rules

    parts = {name: call[name] for name in ("method", "path", "query", "timestamp", "nonce", "body")}
    return rules.signed_text(**parts)


if __name__ == "__main__":
    main()
