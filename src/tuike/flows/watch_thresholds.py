"""Thresholds are looked at: what each figure is now, which was just crossed, who is told."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from tuike.alerts import queries as alerts_of
from tuike.alerts import service as alerts
from tuike.alerts.types import Look, Measured, Watched
from tuike.db.retry import retry
from tuike.flows import seated
from tuike.kit import money
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef

AT_ONCE = 500

Read = Callable[[PartyRef, str, int, datetime], Measured | None]
"""Returns a figure of a party over a span of days that ends at an instant, None where the party has no such figure."""


def watch_thresholds(*, read: Read, now: datetime) -> dict[str, int]:
    """Look at every threshold that is on, and tell of those that were just crossed (docs/rules.md §11).

    Each figure is read once, however many thresholds are on it. Looked at by two at once, a crossing is told once.
    """
    watched = alerts.to_look_at(now=now)
    refs = parties.refs({one.party_id for one in watched})
    found: dict[tuple, Measured | None] = {}
    looks = []
    for one in watched:
        asked = (one.party_id, one.wish.tile, one.wish.span, one.wish.compare.whole)
        if asked not in found:
            until = alerts_of.looked_until(one.wish, now)
            found[asked] = read(refs[one.party_id], one.wish.tile, one.wish.span, until)
        looks += _seen(one, found[asked])
    fired = sum(_keep(looks[at : at + AT_ONCE], now) for at in range(0, len(looks), AT_ONCE))
    return {"looked": len(looks), "fired": fired}


def _seen(one: Watched, measured: Measured | None) -> list[Look]:
    if measured is None:
        return []
    over = alerts_of.over(one.wish, value=measured.value, before=measured.before)
    return [] if over is None else [Look(one, measured, over)]


@retry
def _keep(looks: Sequence[Look], now: datetime) -> int:
    by_id = {one.threshold.id: one for one in looks}
    with transaction.atomic(durable=True):
        fired = alerts.look(looks=looks, now=now)
        told = []
        for one in fired:
            look = by_id[one.threshold_id]
            told.append((look.threshold.party_id, _facts(look), one.no))
            alerts.queue(
                party_id=look.threshold.party_id,
                person_ids=seated.of(party_id=look.threshold.party_id, person_ids=one.followers),
                firing_id=one.firing_id,
                now=now,
            )
        if told:
            messages.tell_many(kind="threshold_crossed", told=told, now=now)
        return len(fired)


def _facts(look: Look) -> dict[str, str]:
    measured, wish = look.measured, look.threshold.wish
    rule, over_days = alerts_of.said(wish, measured.unit), alerts_of.over_days(wish)
    value = alerts_of.shown(measured.value, measured.unit)
    if wish.compare.relative and measured.before:
        moved = (measured.value or 0) - measured.before
        value += f" ({'+' if moved > 0 else '−'}{money.percent(abs(moved) * money.BPS // measured.before)})"
    return {
        "tile_zh": measured.zh, "tile_en": measured.en, "value": value,
        "rule_zh": rule[0], "rule_en": rule[1], "days_zh": over_days[0], "days_en": over_days[1],
    }  # fmt: skip
