"""Thresholds: set, changed, switched, followed, looked at. Each verb runs in its caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from tuike.alerts import queries, rules
from tuike.alerts.types import Compare, Fired, Look, TooManyThresholds, UnknownThreshold, Watched, Wish
from tuike.db import rows
from tuike.kit import ids

MOST = 50
"""Thresholds that a party may have."""
_LOCK = 7_405
"""Advisory lock (with the party's id) of those who set one: two at once can't both be the last that there may be."""

HOLD = "SELECT id FROM alerts_threshold WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
"""In the order of ids, so that two who look at the same ones don't wait for each other in a ring."""
_SEEN = (
    "SELECT * FROM unnest(%(ids)s::bigint[], %(over)s::boolean[], %(values)s::bigint[], %(befores)s::bigint[],"
    " %(watermarks)s::timestamptz[], %(firsts)s::date[], %(lasts)s::date[], %(changed)s::timestamptz[])"
    " AS s(id, over, value, before, watermark, first, last, changed_at)"
)
_HOLDS = (
    't."on" AND t.deleted_at IS NULL AND t.changed_at = s.changed_at'
    " AND s.watermark >= coalesce(t.watermark, s.watermark)"
)
"""What was seen counts for a threshold that is still the same, and for which nothing later was seen."""
FIRE = f"""
    WITH seen AS ({_SEEN}), crossed AS (
        UPDATE alerts_threshold t SET over = true FROM seen s
        WHERE t.id = s.id AND s.over AND NOT t.over AND {_HOLDS}
        RETURNING t.id, t.party_id, t.tile, t.span, t.compare, t.bound, s.first, s.last, s.value, s.before, s.watermark
    ), fired AS (
        INSERT INTO alerts_firing (threshold_id, party_id, tile, span, compare, bound, first, last, value, before,
            watermark, at)
        SELECT c.*, %(now)s FROM crossed c ORDER BY c.id RETURNING id, threshold_id
    )
    SELECT f.id, t.id, t.no, ARRAY(SELECT w.person_id FROM alerts_follower w WHERE w.threshold_id = t.id ORDER BY 1)
    FROM fired f JOIN alerts_threshold t ON t.id = f.threshold_id ORDER BY f.id
"""
BACK = f"""
    WITH seen AS ({_SEEN}), back AS (
        UPDATE alerts_threshold t SET over = false FROM seen s
        WHERE t.id = s.id AND NOT s.over AND t.over AND {_HOLDS}
        RETURNING t.id, s.value
    )
    UPDATE alerts_firing f SET back_at = %(now)s, back_value = b.value FROM back b
    WHERE f.threshold_id = b.id AND f.back_at IS NULL
"""
LOOKED = f"""
    WITH seen AS ({_SEEN})
    UPDATE alerts_threshold t SET value = s.value, before = s.before, watermark = s.watermark, looked_at = %(now)s
    FROM seen s WHERE t.id = s.id AND {_HOLDS}
"""


def set_threshold(*, party_id: int, person_id: int, wish: Wish, mail: bool, now: datetime) -> str:
    """Watch for something from now on and return the threshold's number; `mail`: who set it follows it by mail.

    Raises:
        Invalid: the span, the bound or the quiet hours.
        TooManyThresholds: the party has fifty.
    """
    rules.check(wish)
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, party_id % 2**31])
    [(kept,)] = rows.query(
        "SELECT count(*) FROM alerts_threshold WHERE party_id = %s AND deleted_at IS NULL", [party_id]
    )
    if kept >= MOST:
        raise TooManyThresholds(most=MOST)
    no = f"A{ids.random_code(12)}"
    rows.run(
        "INSERT INTO alerts_threshold (no, party_id, person_id, tile, span, compare, bound, quiet_from, quiet_until,"
        ' "on", over, changed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, true, false, %s)',
        [no, party_id, person_id, *_columns(wish), now],
    )
    if mail:
        follow(party_id=party_id, no=no, person_id=person_id, on=True)
    return no


def change_threshold(*, party_id: int, no: str, wish: Wish, now: datetime) -> None:
    """Watch for something else; what it had fired for is over. The same again changes nothing.

    Raises:
        Invalid: as in `set_threshold`.
        UnknownThreshold: the party has no such threshold.
    """
    rules.check(wish)
    if queries.threshold(party_id=party_id, no=no).wish == wish:
        return
    found = rows.query(
        "UPDATE alerts_threshold SET tile = %s, span = %s, compare = %s, bound = %s, quiet_from = %s, quiet_until = %s,"
        " over = false, value = NULL, before = NULL, watermark = NULL, looked_at = NULL, changed_at = %s"
        " WHERE party_id = %s AND no = %s AND deleted_at IS NULL RETURNING id",
        [*_columns(wish), now, party_id, no],
    )
    _ended(found, now)


def switch_threshold(*, party_id: int, no: str, on: bool, now: datetime) -> None:
    """Look at a threshold again, or no more until it is switched on; what it had fired for is over then.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    found = rows.query(
        'UPDATE alerts_threshold SET "on" = %s, over = over AND %s, changed_at = CASE WHEN "on" = %s THEN changed_at'
        " ELSE %s END WHERE party_id = %s AND no = %s AND deleted_at IS NULL RETURNING id",
        [on, on, on, now, party_id, no],
    )
    _ended(found, now, only=not on)


def delete_threshold(*, party_id: int, no: str, now: datetime) -> None:
    """Remove a threshold; what it fired stays to be read.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    found = rows.query(
        "UPDATE alerts_threshold SET deleted_at = %s, over = false WHERE party_id = %s AND no = %s"
        " AND deleted_at IS NULL RETURNING id",
        [now, party_id, no],
    )
    _ended(found, now)
    rows.run("DELETE FROM alerts_follower WHERE threshold_id = %s", [found[0][0]])


def follow(*, party_id: int, no: str, person_id: int, on: bool) -> None:
    """Let a person have a mail when a threshold is crossed, or none any more; again is no matter.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    one = queries.threshold(party_id=party_id, no=no)
    if on:
        types = {"threshold_id": "bigint", "person_id": "bigint"}
        rows.insert("alerts_follower", types, [(one.id, person_id)], suffix="ON CONFLICT DO NOTHING")
    else:
        rows.run("DELETE FROM alerts_follower WHERE threshold_id = %s AND person_id = %s", [one.id, person_id])


def to_look_at(*, now: datetime) -> list[Watched]:
    """Return the thresholds that are on, but for those whose hours are quiet."""
    found = rows.query(
        "SELECT id, party_id, tile, span, compare, bound, quiet_from, quiet_until, changed_at FROM alerts_threshold"
        ' WHERE "on" AND deleted_at IS NULL ORDER BY party_id, id'
    )
    every = [
        Watched(id_, party_id, Wish(tile, span, Compare(compare), *rest), changed_at)
        for id_, party_id, tile, span, compare, *rest, changed_at in found
    ]
    return [one for one in every if not rules.quiet(one.wish, now)]


def look(*, looks: Sequence[Look], now: datetime) -> list[Fired]:
    """Keep what thresholds were seen to be, and return those that were just crossed.

    One fires when it is crossed, and again only after its figure was back (docs/rules.md §11). What was seen counts
    only for a threshold that nobody has changed since, and not after something that was counted later.
    """
    if not looks:
        return []
    rows.query(HOLD, [[one.threshold.id for one in looks]])
    seen = {
        "ids": [one.threshold.id for one in looks],
        "over": [one.over for one in looks],
        "values": [one.measured.value for one in looks],
        "befores": [one.measured.before for one in looks],
        "watermarks": [one.measured.watermark for one in looks],
        "firsts": [one.measured.first for one in looks],
        "lasts": [one.measured.last for one in looks],
        "changed": [one.threshold.changed_at for one in looks],
        "now": now,
    }
    rows.run(BACK, seen)
    fired = [Fired(id_, of, no, tuple(who)) for id_, of, no, who in rows.query(FIRE, seen)]
    rows.run(LOOKED, seen)
    return fired


def _columns(wish: Wish) -> list:
    return [wish.tile, wish.span, wish.compare.value, wish.bound, wish.quiet_from, wish.quiet_until]


def _ended(found: list[tuple], now: datetime, *, only: bool = True) -> None:
    """End what a threshold had fired for.

    Raises:
        UnknownThreshold: there was none.
    """
    if not found:
        raise UnknownThreshold
    if only:
        rows.run(
            "UPDATE alerts_firing SET back_at = %s WHERE threshold_id = %s AND back_at IS NULL", [now, found[0][0]]
        )
