"""Reading a party's feed from where it was left."""

from collections.abc import Collection

from tuike.db import rows
from tuike.feed.types import UpdateShown

# Each kind is a walk along the index, cut at the page: a kind with a million rows costs the others nothing.
_AFTER = """
    SELECT seq, kind, object, at FROM unnest(%s::text[]) AS wanted (name)
    CROSS JOIN LATERAL (
        SELECT seq, kind, object, at FROM feed_update
        WHERE party_id = %s AND kind = wanted.name AND seq > %s ORDER BY seq LIMIT %s
    ) AS found ORDER BY seq LIMIT %s
"""


def after(*, party_id: int, kinds: Collection[str], seq: int, limit: int) -> list[UpdateShown]:
    """Return up to `limit` places of a party's feed behind `seq`, in order."""
    found = rows.planned(_AFTER, [list(kinds), party_id, seq, limit, limit])
    return [UpdateShown(*row) for row in found]


def head() -> int:
    """Return the last place of everybody's feed, 0 while there is none."""
    return rows.query("SELECT coalesce(max(seq), 0) FROM feed_update")[0][0]
