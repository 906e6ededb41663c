"""Mails on their way: queued once, taken, recorded. What may have arrived isn't sent again by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tuike.alerts import rules
from tuike.alerts.queries import EDITION, FIRING, edition_row, firing_row
from tuike.alerts.types import Leaving, SendingNotOver, SendingState
from tuike.db import rows

LEASE = timedelta(minutes=5)
"""How long whoever took a mail has it alone; nobody sends for so long."""
AT_ONCE = 20
_ABOUT = {"person_id": "bigint", "party_id": "bigint", "edition_id": "bigint", "firing_id": "bigint"}
_TYPES = _ABOUT | {
    "state": "text",
    "tries": "smallint",
    "next_at": "timestamptz",
    "why": "text",
    "made_at": "timestamptz",
}

TAKE = """
    WITH due AS (
        SELECT id FROM alerts_sending WHERE state = 'waiting' AND next_at <= %(now)s
        ORDER BY next_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE alerts_sending s SET state = 'sending', tries = tries + 1, next_at = %(until)s
    FROM due WHERE s.id = due.id RETURNING s.id, s.person_id, s.party_id, s.tries, s.edition_id, s.firing_id
"""


def queue(
    *, party_id: int, person_ids: Iterable[int], edition_id: int | None = None, firing_id: int | None = None,
    now: datetime,
) -> int:  # fmt: skip
    """Let a mail about an edition or a firing leave for each of the persons; again is no matter. Return how many."""
    made = [
        (person_id, party_id, edition_id, firing_id, SendingState.WAITING.value, 0, now, "", now)
        for person_id in person_ids
    ]
    return len(rows.insert("alerts_sending", _TYPES, made, suffix="ON CONFLICT DO NOTHING RETURNING id")) if made else 0


def take_due(*, now: datetime) -> list[Leaving]:
    """Take the mails that are due, 20 at most: they are `sending` from now on, whatever happens to who took them."""
    taken = rows.query(TAKE, {"now": now, "until": now + LEASE, "limit": AT_ONCE})
    editions = {
        row[0]: edition_row(row)
        for row in rows.query(
            f"SELECT {EDITION} FROM alerts_edition e WHERE e.id = ANY(%s)", [[row[4] for row in taken if row[4]]]
        )
    }
    firings = {
        row[0]: firing_row(row)
        for row in rows.query(
            f"SELECT {FIRING} FROM alerts_firing f JOIN alerts_threshold t ON t.id = f.threshold_id"
            " WHERE f.id = ANY(%s)",
            [[row[5] for row in taken if row[5]]],
        )
    }
    return [
        Leaving(id_, person_id, party_id, tries, editions.get(edition_id), firings.get(firing_id))
        for id_, person_id, party_id, tries, edition_id, firing_id in sorted(taken, key=lambda row: row[0])
    ]


def record(*, sending_id: int, state: SendingState, why: str, tries: int, now: datetime) -> None:
    """Write down what came of a try. `waiting`: the server didn't take it; it rests, and is given up after the sixth
    try (docs/rules.md §11)."""
    wait = rules.rest(tries) if state is SendingState.WAITING else None
    if state is SendingState.WAITING and wait is None:
        state = SendingState.FAILED
    ended = None if state is SendingState.WAITING else now
    rows.run(
        "UPDATE alerts_sending SET state = %s, why = %s, ended_at = %s, next_at = %s"
        " WHERE id = %s AND state = 'sending' AND tries = %s",
        [state.value, why[:80], ended, now + (wait or timedelta(0)), sending_id, tries],
    )


def give_up_lost(*, now: datetime) -> int:
    """Mails whose sender died with them may have arrived: note that nobody knows, and return how many."""
    return rows.run(
        "UPDATE alerts_sending SET state = 'unknown', why = 'cut_off', ended_at = %s"
        " WHERE state = 'sending' AND next_at <= %s",
        [now, now],
    )


def send_again(*, person_id: int, party_id: int, sending_id: int, now: datetime) -> None:
    """Let a mail that failed, or of which nobody knows, leave once more: its person asked for it.

    Raises:
        SendingNotOver: it is on its way, has arrived, or isn't this person's.
    """
    if not rows.run(
        "UPDATE alerts_sending SET state = 'waiting', tries = 0, next_at = %s, why = '', ended_at = NULL"
        " WHERE id = %s AND person_id = %s AND party_id = %s AND state IN ('failed', 'unknown')",
        [now, sending_id, person_id, party_id],
    ):
        raise SendingNotOver
