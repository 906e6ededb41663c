"""Reading thresholds, firings, reports and mails: a party's, or a person's own in a party."""

import json
from collections.abc import Sequence
from typing import Any

from tuike.alerts.rules import HOURS, looked_until, over, over_days, period, said, shown
from tuike.alerts.types import (
    Compare,
    EditionShown,
    FiringShown,
    Rhythm,
    SendingShown,
    SendingState,
    SubscriptionShown,
    ThresholdShown,
    UnknownEdition,
    UnknownThreshold,
    Wish,
)
from tuike.db import rows

__all__ = [
    "EDITION",
    "FIRING",
    "HOURS",
    "SUBSCRIPTION",
    "THRESHOLD",
    "edition",
    "edition_row",
    "editions_of",
    "firing_row",
    "firings_of",
    "looked_until",
    "over",
    "over_days",
    "period",
    "said",
    "sendings_of",
    "shown",
    "subscription_row",
    "subscriptions_of",
    "threshold",
    "threshold_row",
    "thresholds_of",
]

THRESHOLD = (
    't.id, t.no, t.party_id, t.tile, t.span, t.compare, t.bound, t.quiet_from, t.quiet_until, t."on", t.over, t.value,'
    " t.before, t.watermark, t.looked_at, t.changed_at,"
    " ARRAY(SELECT f.person_id FROM alerts_follower f WHERE f.threshold_id = t.id)"
)
FIRING = (
    "f.id, t.no, f.party_id, f.tile, f.span, f.compare, f.bound, f.first, f.last, f.value, f.before, f.watermark,"
    " f.at, f.back_at, f.back_value"
)
SUBSCRIPTION = "id, no, party_id, person_id, rhythm, weekday, hour, mail, next_at"
EDITION = "e.id, e.no, e.party_id, e.person_id, e.rhythm, e.first, e.last, e.content::text, e.made_at"
_SENDING = (
    "s.id, s.person_id, s.party_id, coalesce(e.no, ''), s.firing_id, s.state, s.tries, s.next_at, s.why, s.made_at,"
    " s.ended_at"
)


def thresholds_of(party_id: int) -> list[ThresholdShown]:
    """Return a party's thresholds: those that are over first, then the latest."""
    found = rows.query(
        f"SELECT {THRESHOLD} FROM alerts_threshold t WHERE t.party_id = %s AND t.deleted_at IS NULL"
        ' ORDER BY (t.over AND t."on") DESC, t.id DESC',
        [party_id],
    )
    return [threshold_row(row) for row in found]


def threshold(*, party_id: int, no: str) -> ThresholdShown:
    """Return one of a party's thresholds.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    found = rows.query(
        f"SELECT {THRESHOLD} FROM alerts_threshold t WHERE t.party_id = %s AND t.no = %s AND t.deleted_at IS NULL",
        [party_id, no],
    )
    if not found:
        raise UnknownThreshold
    return threshold_row(found[0])


def firings_of(party_id: int, *, before: int | None = None, limit: int = 20) -> list[FiringShown]:
    """Return a party's firings, the latest first; `before` is the id where to go on."""
    found = rows.query(
        f"SELECT {FIRING} FROM alerts_firing f JOIN alerts_threshold t ON t.id = f.threshold_id"
        " WHERE f.party_id = %s AND (%s::bigint IS NULL OR f.id < %s) ORDER BY f.id DESC LIMIT %s",
        [party_id, before, before, limit],
    )
    return [firing_row(row) for row in found]


def subscriptions_of(*, person_id: int, party_id: int) -> dict[Rhythm, SubscriptionShown]:
    """Return the reports that a person gets of a party, by rhythm."""
    found = rows.query(
        f"SELECT {SUBSCRIPTION} FROM alerts_subscription WHERE person_id = %s AND party_id = %s", [person_id, party_id]
    )
    return {one.rhythm: one for one in map(subscription_row, found)}


def editions_of(*, person_id: int, party_id: int, limit: int = 30) -> list[EditionShown]:
    """Return the reports that were written for a person of a party, the latest first."""
    found = rows.query(
        f"SELECT {EDITION} FROM alerts_edition e WHERE e.person_id = %s AND e.party_id = %s"
        " ORDER BY e.id DESC LIMIT %s",
        [person_id, party_id, limit],
    )
    return [edition_row(row) for row in found]


def edition(*, person_id: int, party_id: int, no: str) -> EditionShown:
    """Return a report that was written for a person of a party.

    Raises:
        UnknownEdition: there is none for this person.
    """
    found = rows.query(
        f"SELECT {EDITION} FROM alerts_edition e WHERE e.person_id = %s AND e.party_id = %s AND e.no = %s",
        [person_id, party_id, no],
    )
    if not found:
        raise UnknownEdition
    return edition_row(found[0])


def sendings_of(*, person_id: int, party_id: int, limit: int = 30) -> list[SendingShown]:
    """Return the mails to a person about a party, the latest first."""
    found = rows.query(
        f"SELECT {_SENDING} FROM alerts_sending s LEFT JOIN alerts_edition e ON e.id = s.edition_id"
        " WHERE s.person_id = %s AND s.party_id = %s ORDER BY s.id DESC LIMIT %s",
        [person_id, party_id, limit],
    )
    return [SendingShown(*row[:5], SendingState(row[5]), *row[6:]) for row in found]


def threshold_row(row: Sequence[Any]) -> ThresholdShown:
    """Return a row of `THRESHOLD` as a shape."""
    id_, no, party_id, tile, span, compare, bound, quiet_from, quiet_until, *rest, followers = row
    wish = Wish(tile, span, Compare(compare), bound, quiet_from, quiet_until)
    return ThresholdShown(id_, no, party_id, wish, *rest, frozenset(followers))


def firing_row(row: Sequence[Any]) -> FiringShown:
    """Return a row of `FIRING` as a shape."""
    id_, no, party_id, tile, span, compare, bound, *rest = row
    return FiringShown(id_, no, party_id, Wish(tile, span, Compare(compare), bound), *rest)


def subscription_row(row: Sequence[Any]) -> SubscriptionShown:
    """Return a row of `SUBSCRIPTION` as a shape."""
    return SubscriptionShown(*row[:4], Rhythm(row[4]), *row[5:])


def edition_row(row: Sequence[Any]) -> EditionShown:
    """Return a row of `EDITION` as a shape."""
    return EditionShown(*row[:4], Rhythm(row[4]), *row[5:7], json.loads(row[7]), row[8])
