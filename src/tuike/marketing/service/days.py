"""What a person may do so often on a natural day: counted by the statement that checks it."""

from datetime import date, datetime

from tuike.db import rows
from tuike.kit.days import day_of
from tuike.kit.errors import Refusal
from tuike.settings import service as settings

_USE = """
    INSERT INTO marketing_day_use AS d (person_id, kind, day, count, sum_fen)
    SELECT %(person)s, %(kind)s, %(day)s, 1, %(fen)s WHERE %(most)s >= 1 AND %(fen)s <= %(most_fen)s
    ON CONFLICT (person_id, kind, day) DO UPDATE SET count = d.count + 1, sum_fen = d.sum_fen + EXCLUDED.sum_fen
    WHERE d.count < %(most)s AND d.sum_fen + EXCLUDED.sum_fen <= %(most_fen)s
    RETURNING count
"""


def use_day(
    *, person_id: int, kind: str, most: tuple[str, type[Refusal]], amount_fen: int = 0, most_fen: int = 0, now: datetime
) -> bool:
    """Count one more of a kind on the person's day, in the caller's transaction; `most` is the setting of how many,
    and the refusal. Return whether `amount_fen` fits below `most_fen` a day.

    Raises:
        the refusal, with `limit`: as many as one may.
    """
    setting, refusal = most
    limit, day = settings.get(setting), day_of(now)
    names = {"person": person_id, "kind": kind, "day": day, "most": limit, "fen": amount_fen, "most_fen": most_fen}
    if rows.query(_USE, names):
        return True
    if used_count(person_id=person_id, kind=kind, day=day) >= limit:
        raise refusal(limit=limit)
    return False


def used_count(*, person_id: int, kind: str, day: date) -> int:
    """Return how often a person did something on a day."""
    found = rows.query(
        "SELECT count FROM marketing_day_use WHERE person_id = %s AND kind = %s AND day = %s", [person_id, kind, day]
    )
    return found[0][0] if found else 0


def forget_days(*, before: date) -> int:
    """Remove what was counted on days before; return how many rows."""
    return rows.run("DELETE FROM marketing_day_use WHERE day < %s", [before])
