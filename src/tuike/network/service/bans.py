"""Who is shut out of the network: persons, for the sake of a promoter of theirs."""

from collections.abc import Iterable
from datetime import datetime

from tuike.db import rows

_BAN = {"person_id": "bigint", "promoter_id": "bigint", "reason": "text", "since": "timestamptz"}


def ban_people(*, person_ids: Iterable[int], promoter_id: int, reason: str, now: datetime) -> None:
    """Let persons come into the network no more, in the transaction that bans their promoter."""
    rows.insert(
        "network_ban",
        _BAN,
        [(one, promoter_id, reason, now) for one in sorted(set(person_ids))],
        suffix="ON CONFLICT DO NOTHING",
    )


def lift_bans(*, promoter_id: int, now: datetime) -> int:
    """Let those whom a promoter's ban has shut out come again; return how many they are."""
    return rows.run(
        "UPDATE network_ban SET lifted_at = %s WHERE promoter_id = %s AND lifted_at IS NULL", [now, promoter_id]
    )
