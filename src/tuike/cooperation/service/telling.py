"""Telling both sides of a cooperation what happened, and whoever follows events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tuike.catalog import queries as catalog
from tuike.cooperation.types import EnrolmentShown
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties import queries as parties

TOPICS = {
    "enrolment_applied": "enrolment.applied",
    "enrolment_passed": "enrolment.passed",
    "enrolment_rejected": "enrolment.rejected",
    "enrolment_withdrawn": "enrolment.withdrawn",
    "cooperation_ended": "enrolment.ended",
    "cancel_asked": "cooperation.cancel_asked",
    "cancelled_at_once": "cooperation.cancelled",
    "cancel_agreed": "cooperation.cancelled",
    "cancel_refused": "cooperation.cancel_refused",
    "extension_asked": "cooperation.extension_asked",
    "extension_agreed": "cooperation.extended",
    "extension_refused": "cooperation.extension_refused",
    "extension_lapsed": "cooperation.extension_refused",
}
"""By kind of news the topic of its event."""


def tell(kind: str, enrolments: Sequence[EnrolmentShown], now: datetime, **more: Any) -> None:
    """Tell the shop and the leader of each enrolment the same news, and put an event, in the caller's transaction."""
    if not enrolments:
        return
    products = catalog.product_facts({one.product_id for one in enrolments})
    names = parties.refs({id_ for one in enrolments for id_ in (one.merchant_id, one.leader_id)})
    told: list[tuple[int, Mapping[str, Any], str]] = []
    events = []
    for one in enrolments:
        facts = {
            "no": one.no,
            "product": products[one.product_id].title,
            "activity": one.activity_title,
            "shop": names[one.merchant_id].name,
            "leader": names[one.leader_id].name,
            "ends_at": one.ends_at.isoformat(),
        } | more
        told += [(one.merchant_id, facts, one.no), (one.leader_id, facts, one.no)]
        event = {"enrolment": one.enrolment_id, "activity": one.activity_no, "state": one.state.value}
        events.append((one.no, event | {"merchant_id": one.merchant_id, "leader_id": one.leader_id}))
    messages.tell_many(kind=kind, told=told, now=now)
    outbox.put(topic=TOPICS[kind], events=events, now=now)
