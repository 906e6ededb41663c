"""Waiting for events to become readable."""

import time

from tuike.db import rows

_READABLE = """
    SELECT coalesce(max(txid), 0) < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint FROM outbox_event
"""


def readable(*, seconds: float = 60) -> bool:
    """Wait until every event is readable: an open transaction of any database of the cluster holds it up."""
    deadline = time.monotonic() + seconds
    while not rows.query(_READABLE)[0][0]:
        assert time.monotonic() < deadline, "some transaction stays open"
        time.sleep(0.005)
    return True
