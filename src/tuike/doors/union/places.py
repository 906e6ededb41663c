"""Promotion places (推广位)."""

import uuid
from collections.abc import Mapping
from typing import Any

from tuike.apps.types import Scope
from tuike.attribution import queries as attribution
from tuike.attribution import service as places
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, OneOf
from tuike.doors.union.kinds import Ask, Object, Text, Whole
from tuike.parties.types import PartyKind
from tuike.settings import service as settings

PID = Text(40, 1)
NAME = Text(200, 1)
"""Longer than a name may be: the verb says so by its own name."""
MOST_LISTED = 100


def add(asked: Asked) -> Mapping[str, Any]:
    """Add a place."""
    name = asked["promotionSourceName"]
    made = places.add_place(promoter_id=asked.party_id, name=name, key=uuid.uuid4().hex, now=asked.now)
    return {"pid": made.pid}


def delete(asked: Asked) -> Mapping[str, Any]:
    """Delete a place; orders through its material still earn."""
    places.delete_place(
        promoter_id=asked.party_id,
        pid=asked["promotionSourcePid"],
        named=asked["promotionSourceName"],
        key=uuid.uuid4().hex,
        now=asked.now,
    )
    return {}


def update(asked: Asked) -> Mapping[str, Any]:
    """Give a place another name."""
    before, after = asked["previousPromotionInfo"], asked["promotionInfo"]
    places.rename_place(
        promoter_id=asked.party_id,
        pid=before["promotionSourcePid"],
        named=before["promotionSourceName"],
        name=after["promotionSourceName"],
        key=uuid.uuid4().hex,
        now=asked.now,
    )
    return {}


def listed(asked: Asked) -> Mapping[str, Any]:
    """List the places, newest first."""
    found = attribution.places_of(promoter_id=asked.party_id)
    start, limit = asked["start"], asked["limit"]
    return {
        "promotionSourceList": [
            {
                "promotionSourceName": one.name,
                "promotionSourcePid": one.pid,
                "status": "1",
                "pidId": str(one.place_id),
            }
            for one in found[start : start + limit]
        ],
        "total": len(found),
        "promotionMaxCnt": settings.get("places_per_promoter"),
    }


_OF_PROMOTERS = (PartyKind.PROMOTER, Scope.PLACES_WRITE)
_PLACE = (Ask("promotionSourcePid", PID), Ask("promotionSourceName", NAME, None))

CALLS = (
    Call(
        "POST", "/union/promoter/promotion/add", *_OF_PROMOTERS, "新增推广位", "add a place",
        (Ask("promotionSourceName", NAME),), {"pid": TEXT}, add,
    ),
    Call(
        "POST", "/union/promoter/promotion/del", *_OF_PROMOTERS, "删除推广位", "delete a place",
        _PLACE, {}, delete,
    ),
    Call(
        "POST", "/union/promoter/promotion/upd", *_OF_PROMOTERS, "编辑推广位", "rename a place",
        (
            Ask("previousPromotionInfo", Object(_PLACE)),
            Ask("promotionInfo", Object((Ask("promotionSourceName", NAME),))),
        ),
        {}, update,
    ),
    Call(
        "GET", "/union/promoter/promotion/list", PartyKind.PROMOTER, Scope.PLACES_READ, "查询推广位", "list the places",
        (Ask("start", Whole(0, 10_000), 0), Ask("limit", Whole(1, MOST_LISTED), 20)),
        {
            "promotionSourceList": [
                {
                    "promotionSourceName": TEXT,
                    "promotionSourcePid": TEXT,
                    "status": OneOf(("1",)),
                    "pidId": TEXT,
                }
            ],
            "total": WHOLE,
            "promotionMaxCnt": WHOLE,
        },
        listed,
    ),
)  # fmt: skip
