"""Events written for parties that have an endpoint for them, with a delivery to each such endpoint."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.db import rows
from tuike.kit import ids
from tuike.webhooks.models import Endpoint
from tuike.webhooks.types import DeliveryState, EndpointOff, EventType, Told, UnknownEndpoint

_EVENT = {
    "no": "text", "party_id": "bigint", "type": "text", "object": "text", "facts": "jsonb", "at": "timestamptz",
}  # fmt: skip
_DELIVERY = {
    "event_id": "bigint", "endpoint_id": "bigint", "party_id": "bigint", "state": "text", "tries": "smallint",
    "takes": "int", "next_at": "timestamptz", "error": "text", "made_at": "timestamptz",
}  # fmt: skip


@transaction.atomic
def tell(*, told: Sequence[Told], now: datetime) -> int:
    """Write what parties are told, and a delivery for each endpoint that is on and wants the type; return how many.

    What no endpoint wants isn't written, and an endpoint hears of nothing that happened before it was added.
    The endpoints are held, so that none is switched off in between.
    """
    parties = sorted({one.party_id for one in told})
    wanting: dict[tuple[int, str], list[tuple[int, datetime]]] = {}
    for id_, party_id, types, since in rows.query(
        "SELECT id, party_id, types, created_at FROM webhooks_endpoint"
        " WHERE party_id = ANY(%s) AND active ORDER BY id FOR SHARE",
        [parties],
    ):
        for each in types:
            wanting.setdefault((party_id, each), []).append((id_, since))
    wanted = [
        one for one in told if any(one.at >= since for _, since in wanting.get((one.party_id, one.type.value), ()))
    ]
    if not wanted:
        return 0
    made = _write(wanted)
    deliveries = [
        (event_id, endpoint_id, one.party_id, DeliveryState.WAITING.value, 0, 0, now, "", now)
        for (event_id, _), one in zip(made, wanted, strict=True)
        for endpoint_id, since in wanting[one.party_id, one.type.value]
        if one.at >= since
    ]
    rows.insert("webhooks_delivery", _DELIVERY, deliveries)
    return len(deliveries)


@transaction.atomic
def tell_test(*, party_id: int, endpoint_no: str, now: datetime) -> int:
    """Write a test event for one endpoint and return its delivery, which is due at once.

    Raises:
        UnknownEndpoint. EndpointOff: it is switched off.
    """
    one = Endpoint.objects.filter(party_id=party_id, no=endpoint_no, deleted_at=None).first()
    if one is None:
        raise UnknownEndpoint
    if not one.active:
        raise EndpointOff
    facts: dict[str, Any] = {"endpoint": one.no, "name": one.name}
    event_id, _ = _write([Told(party_id, EventType.ENDPOINT_TEST, one.no, facts, now)])[0]
    made = [(event_id, one.id, party_id, DeliveryState.WAITING.value, 0, 0, now, "", now)]
    return int(rows.insert("webhooks_delivery", _DELIVERY, made, suffix="RETURNING id")[0][0])


def _write(told: Sequence[Told]) -> list[tuple[int, str]]:
    """Insert events and return (id, number) of each, in their order."""
    made = [
        (f"evt_{ids.random_code(24)}", one.party_id, one.type.value, one.object[:64], _plain(one.facts), one.at)
        for one in told
    ]
    by_no = {no: id_ for id_, no in rows.insert("webhooks_event", _EVENT, made, suffix="RETURNING id, no")}
    return [(by_no[row[0]], row[0]) for row in made]


def _plain(facts: Any) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)
