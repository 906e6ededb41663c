"""Reports: subscribed to, due, written once for each period."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tuike.alerts import rules
from tuike.alerts.queries import SUBSCRIPTION, subscription_row
from tuike.alerts.types import Rhythm, SubscriptionShown, UnknownSubscription
from tuike.db import rows
from tuike.kit import ids
from tuike.kit.errors import Invalid

KEPT = timedelta(days=180)
"""How long reports and mails are kept."""
AT_ONCE = 50

WRITE = """
    INSERT INTO alerts_edition (no, party_id, person_id, rhythm, first, last, content, made_at)
    SELECT %(no)s, party_id, person_id, rhythm, %(first)s, %(last)s, %(content)s::jsonb, %(now)s
    FROM alerts_subscription WHERE id = %(id)s
    ON CONFLICT (person_id, party_id, rhythm, first) DO NOTHING RETURNING id
"""


def subscribe(
    *, party_id: int, person_id: int, rhythm: Rhythm, weekday: int | None, hour: int, mail: bool, now: datetime
) -> None:
    """Let a person get a party's report from the next time on, or at another time than before (docs/rules.md §11).

    Raises:
        Invalid: no such weekday (1 is Monday) or hour.
    """
    if hour not in rules.HOURS:
        raise Invalid(field="hour", reason_zh="请选择 0–23 点", reason_en="choose an hour from 0 to 23")
    if rhythm is Rhythm.WEEKLY and weekday not in range(1, 8):
        raise Invalid(field="weekday", reason_zh="请选择星期", reason_en="choose a weekday")
    weekday = weekday if rhythm is Rhythm.WEEKLY else None
    rows.run(
        "INSERT INTO alerts_subscription (no, party_id, person_id, rhythm, weekday, hour, mail, next_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (person_id, party_id, rhythm) DO UPDATE"
        " SET weekday = excluded.weekday, hour = excluded.hour, mail = excluded.mail, next_at = excluded.next_at",
        [
            f"R{ids.random_code(12)}", party_id, person_id, rhythm.value, weekday, hour, mail,
            rules.next_at(rhythm, weekday, hour, after=now),
        ],
    )  # fmt: skip


def unsubscribe(*, party_id: int, person_id: int, rhythm: Rhythm) -> None:
    """Write a person no such report of a party any more.

    Raises:
        UnknownSubscription: the person gets none.
    """
    if not rows.run(
        "DELETE FROM alerts_subscription WHERE party_id = %s AND person_id = %s AND rhythm = %s",
        [party_id, person_id, rhythm.value],
    ):
        raise UnknownSubscription


def stop_report(*, subscription_id: int) -> None:
    """Write no more reports of a subscription whose person has left; again is no matter."""
    rows.run("DELETE FROM alerts_subscription WHERE id = %s", [subscription_id])


def due(*, now: datetime, after: int = 0) -> list[SubscriptionShown]:
    """Return the subscriptions with ids above `after` whose reports are due, 50 at most."""
    found = rows.query(
        f"SELECT {SUBSCRIPTION} FROM alerts_subscription WHERE next_at <= %s AND id > %s ORDER BY id LIMIT %s",
        [now, after, AT_ONCE],
    )
    return [subscription_row(row) for row in found]


def make_edition(
    *, one: SubscriptionShown, first: date, last: date, content: Mapping[str, Any], now: datetime
) -> tuple[int, str] | None:
    """Write the report of a period and say when the next one is due; return its id and number.

    None: another has written it, or it was written before; there is one for each period, whatever happens.
    """
    next_at = rules.next_at(one.rhythm, one.weekday, one.hour, after=now)
    if not rows.run(
        "UPDATE alerts_subscription SET next_at = %s WHERE id = %s AND next_at = %s", [next_at, one.id, one.next_at]
    ):
        return None
    no = f"B{ids.random_code(12)}"
    said = json.dumps(content, ensure_ascii=False)
    made = rows.query(WRITE, {"no": no, "id": one.id, "first": first, "last": last, "content": said, "now": now})
    return (made[0][0], no) if made else None


def forget_old(*, now: datetime) -> int:
    """Remove reports older than 180 days, and mails about them and about firings; return how many."""
    before = now - KEPT
    gone = rows.run("DELETE FROM alerts_sending WHERE made_at < %s", [before])
    return gone + rows.run("DELETE FROM alerts_edition WHERE made_at < %s", [before])


def forget_person(*, person_id: int) -> None:
    """Remove what a person subscribed to and got, before their data is erased."""
    for table in ("alerts_follower", "alerts_subscription", "alerts_sending", "alerts_edition"):
        rows.run(f"DELETE FROM {table} WHERE person_id = %s", [person_id])
