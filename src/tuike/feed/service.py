"""Moving what changed to the end of the feed."""

from collections.abc import Iterable
from datetime import datetime

from tuike.db import rows
from tuike.feed.types import Moved

_ONE_AT_A_TIME = 7_301
"""Advisory lock: whoever moves rows has it until the commit, so that a higher place is never seen before a lower."""

_MOVE = """
    INSERT INTO feed_update AS f (seq, party_id, kind, object, at)
    SELECT nextval('feed_update_seq'), party_id, kind, object, at
    FROM (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[]) WITH ORDINALITY
        AS moved (party_id, kind, object, at, place) ORDER BY place) AS moved
    ON CONFLICT (party_id, kind, object) DO UPDATE SET seq = EXCLUDED.seq, at = EXCLUDED.at
"""


def move(*, moved: Iterable[Moved]) -> int:
    """Move objects to the end of the feed, in order, in the caller's transaction; return how many there were.

    Of an object that comes twice the last mention counts. One transaction at a time moves: the order of places is the
    order of commits, so that who reads on from a place misses nothing (docs/rules.md §13).
    """
    last: dict[tuple[int, str, str], datetime] = {}
    for one in moved:
        name = one.party_id, one.kind, one.object
        last.pop(name, None)
        last[name] = one.at
    if not last:
        return 0
    rows.query("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    changed = [(*name, at) for name, at in last.items()]
    for start in range(0, len(changed), rows.CHUNK):
        rows.run(_MOVE, rows.columns(changed[start : start + rows.CHUNK], 4))
    return len(changed)
