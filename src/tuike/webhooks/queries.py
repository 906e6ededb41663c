"""Reading endpoints and deliveries: always a party's own."""

from datetime import datetime

from tuike.parties import queries as parties
from tuike.webhooks.models import Attempt, Delivery, Endpoint
from tuike.webhooks.service.deliveries import body_of
from tuike.webhooks.service.endpoints import shown
from tuike.webhooks.types import (
    AttemptShown,
    DeliveryShown,
    DeliveryState,
    EndpointShown,
    EventType,
    UnknownDelivery,
    UnknownEndpoint,
)


def endpoints_of(party_id: int) -> list[EndpointShown]:
    """Return a party's endpoints, the oldest first."""
    return [shown(one) for one in Endpoint.objects.filter(party_id=party_id, deleted_at=None).order_by("id")]


def endpoint(*, party_id: int, no: str) -> EndpointShown:
    """Return one endpoint of a party.

    Raises:
        UnknownEndpoint.
    """
    found = Endpoint.objects.filter(party_id=party_id, no=no, deleted_at=None).first()
    if found is None:
        raise UnknownEndpoint
    return shown(found)


def delivery(*, party_id: int, delivery_id: int) -> DeliveryShown:
    """Return one delivery of a party with all its tries.

    Raises:
        UnknownDelivery.
    """
    one = (
        Delivery.objects.filter(id=delivery_id, party_id=party_id).select_related("event", "endpoint").first()
        if delivery_id < 2**63
        else None
    )
    if one is None:
        raise UnknownDelivery
    tries = Attempt.objects.filter(delivery_id=one.id).order_by("take")
    return DeliveryShown(
        id=one.id,
        state=DeliveryState(one.state),
        type=EventType(one.event.type),
        object=one.event.object,
        event_no=one.event.no,
        event_at=one.event.at,
        body=body_of(one.event, parties.refs([party_id])[party_id].no).decode(),
        endpoint_no=one.endpoint.no,
        endpoint_name=one.endpoint.name,
        url=one.endpoint.url,
        endpoint_active=one.endpoint.active,
        endpoint_deleted=one.endpoint.deleted_at is not None,
        next_at=one.next_at,
        attempts=tuple(AttemptShown(each.at, each.took_ms, each.status, each.error, each.answer) for each in tries),
    )


def given_up_since(*, party_id: int, endpoint_no: str, since: datetime) -> int:
    """Return how many deliveries were given up for an endpoint since an instant, tests left out."""
    return (
        Delivery.objects.filter(
            party_id=party_id, endpoint__no=endpoint_no, state=DeliveryState.GIVEN_UP, made_at__gte=since
        )
        .exclude(event__type=EventType.ENDPOINT_TEST)
        .count()
    )


def wanting() -> set[int]:
    """Return the parties that have an endpoint which is on, but for suspended ones: their software is out (§13)."""
    heard = Endpoint.objects.filter(active=True, party__suspended_at=None)
    return set(heard.values_list("party_id", flat=True))
