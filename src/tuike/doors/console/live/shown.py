"""A day as the live pages are told it: plain JSON, the same by stream and by asking. It names nobody who bought."""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from tuike.insight.live.types import Alert, Room, Sold, Sum, Today
from tuike.kit import days

WITH_BUYERS = frozenset({"operator", "merchant"})
"""Kinds of party that are told how many bought."""


def told(today: Today, *, room: Room, party_no: str) -> dict[str, Any]:
    """Return what a page draws: sums in fen, provinces by their two digits, times of Shanghai."""
    figures = {
        "paid_fen": today.sum.paid_fen,
        "orders": today.sum.count,
        "refunded_fen": today.sum.refunded_fen,
        "commission_fen": sum(today.commission.values()),
    }
    if room.kind in WITH_BUYERS:
        figures["buyers"] = today.buyers
    return {
        "day": today.day.isoformat(),
        "figures": figures,
        "commission": today.commission,
        "places": {place: _sum(one) for place, one in today.places.items()},
        "best": [{"no": one.no, "title": one.title, **_sum(one.sum)} for one in today.best],
        "orders": [_order(one) for one in today.newest],
        "alerts": {
            "count": today.alerts.count,
            "newest": [_alert(one, room=room, party_no=party_no) for one in today.alerts.newest],
        },
    }


def watermark(at: datetime) -> dict[str, Any]:
    """Return until when what is shown holds: for the eye, and in milliseconds since 1970."""
    return {"at": days.shown(at)[11:], "ms": int(at.timestamp() * 1000)}


def _sum(one: Sum) -> dict[str, int]:
    return {"count": one.count, "paid_fen": one.paid_fen, "refunded_fen": one.refunded_fen}


def _order(one: Sold) -> dict[str, Any]:
    # The page tells orders apart by a key that says nothing: numbers of orders are the buyer's and the shop's.
    key = hashlib.blake2b(one.no.encode(), key=settings.FIELD_KEYS.index_key, person=b"live-order", digest_size=9)
    return {
        "key": key.hexdigest(),
        "time": days.shown(one.at)[11:],
        "title": one.title,
        "lines": one.lines,
        "place": one.place,
        **_sum(one.sum),
    }


def _alert(one: Alert, *, room: Room, party_no: str) -> dict[str, str]:
    url = ""
    if one.page:
        try:
            url = reverse(f"console:{room.kind}-{one.page}", kwargs={"party_no": party_no, **one.path_args})
        except NoReverseMatch:
            url = ""
    return {"zh": one.zh, "en": one.en, "time": days.shown(one.at)[:16], "url": url}
