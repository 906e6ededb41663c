"""Deliveries: taken by whoever sends them, recorded afterwards, sent again by hand, forgotten after thirty days.

Who takes a delivery has it for a minute. Who dies with it in hand leaves it due again after that, under the same event
id: at least once, never lost. What was recorded for an older take than the newest counts for nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.webhooks import rules
from tuike.webhooks.models import Delivery, Endpoint, Event
from tuike.webhooks.service.endpoints import give_up, live_secrets
from tuike.webhooks.types import (
    DeliveryState,
    DeliveryUnderWay,
    EndpointOff,
    EventType,
    OffReason,
    Taken,
    Tried,
    UnknownDelivery,
    UnknownEndpoint,
)

TAKE = """
    WITH due AS (
        SELECT d.id, d.next_at, e.host, row_number() OVER (PARTITION BY e.host ORDER BY d.next_at, d.id) AS place
        FROM webhooks_endpoint e CROSS JOIN LATERAL (
            SELECT id, next_at FROM webhooks_delivery
            WHERE endpoint_id = e.id AND ended_at IS NULL AND next_at <= %(now)s
            ORDER BY next_at, id LIMIT %(per_host)s FOR UPDATE SKIP LOCKED
        ) d
        WHERE e.active
    ), mine AS (
        SELECT due.id FROM due LEFT JOIN unnest(%(hosts)s::text[], %(flying)s::int[]) f (host, n) USING (host)
        WHERE due.place <= %(per_host)s - coalesce(f.n, 0)
        ORDER BY due.place, due.next_at, due.id LIMIT %(limit)s
    )
    UPDATE webhooks_delivery d SET takes = d.takes + 1, next_at = %(until)s FROM mine WHERE d.id = mine.id
    RETURNING d.id
"""
"""Each endpoint's longest due ones, a few of each host, one host's second after every other's first."""

RECORD = """
    UPDATE webhooks_delivery d SET
        state = t.state, tries = d.tries + 1, next_at = t.next_at, ended_at = t.ended_at, status = t.status,
        error = t.error
    FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::smallint[], %s::text[])
        t (id, take, state, next_at, ended_at, status, error)
    WHERE d.id = t.id AND d.takes = t.take AND d.ended_at IS NULL
"""

_ATTEMPT = {
    "delivery_id": "bigint", "take": "int", "at": "timestamptz", "took_ms": "int", "status": "smallint",
    "error": "text", "answer": "text",
}  # fmt: skip


@transaction.atomic
def take(*, limit: int, per_host: int, flying: Mapping[str, int], now: datetime) -> list[Taken]:
    """Take up to `limit` deliveries that are due, no more than `per_host` of a host with those that are `flying`.

    A taken one is nobody else's for a minute.
    """
    if limit < 1:
        return []
    asked = {
        "now": now, "until": now + rules.LEASE, "limit": limit, "per_host": per_host, "hosts": list(flying),
        "flying": list(flying.values()),
    }  # fmt: skip
    return _with_content([id_ for (id_,) in rows.query(TAKE, asked)], now=now)


@transaction.atomic
def take_one(*, party_id: int, delivery_id: int, now: datetime) -> Taken | None:
    """Take one delivery that is due, if nobody else has it.

    Raises:
        UnknownDelivery: not this party's.
    """
    if not Delivery.objects.filter(id=delivery_id, party_id=party_id).exists():
        raise UnknownDelivery
    taken = rows.query(
        "UPDATE webhooks_delivery SET takes = takes + 1, next_at = %s"
        " WHERE id = %s AND ended_at IS NULL AND next_at <= %s RETURNING id",
        [now + rules.LEASE, delivery_id, now],
    )
    return _with_content([id_ for (id_,) in taken], now=now)[0] if taken else None


@transaction.atomic
def record(*, tried: Sequence[Tried], now: datetime) -> int:
    """Record what tries brought, and when each delivery comes again; return how many counted.

    A try of a take that isn't the newest, or of a delivery that has ended, is noted and counts for nothing. An endpoint
    to which nothing got through for five days is switched off, and its party hears of it.
    """
    ids = sorted({one.delivery_id for one in tried})
    endpoints = _locked(Delivery.objects.filter(id__in=ids).values_list("endpoint_id", flat=True))
    known = {
        one.id: one
        for one in Delivery.objects.select_for_update(no_key=True, of=("self",))
        .filter(id__in=ids)
        .order_by("id")
        .select_related("event")
    }
    tried = [one for one in tried if one.delivery_id in known]
    noted = [(one.delivery_id, one.take, now, one.took_ms, one.status, one.error[:20], one.answer) for one in tried]
    rows.insert("webhooks_attempt", _ATTEMPT, noted, suffix="ON CONFLICT (delivery_id, take) DO NOTHING")
    counted = [one for one in tried if _counts(known[one.delivery_id], one)]
    changes = [_change(known[one.delivery_id], one, now) for one in counted]
    if changes:
        rows.run(RECORD, rows.columns(changes, 7))
        _endpoints(endpoints, counted, known, now)
    return len(counted)


@transaction.atomic
def redeliver(*, party_id: int, delivery_id: int, actor: Actor, now: datetime) -> None:
    """Let a delivery that has ended begin anew, at once, under the same event id.

    Raises:
        UnknownDelivery. DeliveryUnderWay: it hasn't ended. EndpointOff: its endpoint is off or deleted.
    """
    mine = Delivery.objects.filter(id=delivery_id, party_id=party_id)
    endpoints = _locked(mine.values_list("endpoint_id", flat=True))
    one = mine.select_for_update(no_key=True).first()
    if one is None:
        raise UnknownDelivery
    if not endpoints[0].active:
        raise EndpointOff
    if one.ended_at is None:
        raise DeliveryUnderWay
    _anew(Delivery.objects.filter(id=delivery_id), now)
    event = Event.objects.get(id=one.event_id)
    audit.record(actor=actor, action="webhook.redeliver", object_=event.no, facts={"delivery": one.id}, now=now)


@transaction.atomic
def redeliver_failed(*, party_id: int, endpoint_no: str, since: datetime, actor: Actor, now: datetime) -> int:
    """Let everything begin anew that was given up for an endpoint since an instant; return how many that are.

    Raises:
        UnknownEndpoint. EndpointOff: it is switched off.
    """
    one = Endpoint.objects.select_for_update(no_key=True).filter(
        party_id=party_id, no=endpoint_no, deleted_at=None
    ).first()  # fmt: skip
    if one is None:
        raise UnknownEndpoint
    if not one.active:
        raise EndpointOff
    again = _anew(
        Delivery.objects.filter(endpoint_id=one.id, state=DeliveryState.GIVEN_UP, made_at__gte=since).exclude(
            event__type=EventType.ENDPOINT_TEST
        ),
        now,
    )
    if again:
        facts = {"since": since.isoformat(), "deliveries": again}
        audit.record(actor=actor, action="webhook.redeliver_failed", object_=one.no, facts=facts, now=now)
    return again


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove deliveries and events older than 30 days, and deleted endpoints that nothing is left of."""
    before = now - rules.KEPT
    old = "SELECT id FROM webhooks_delivery WHERE made_at < %s"
    rows.run(f"DELETE FROM webhooks_attempt WHERE delivery_id IN ({old})", [before])
    gone = rows.run("DELETE FROM webhooks_delivery WHERE made_at < %s", [before])
    rows.run(
        "DELETE FROM webhooks_event e WHERE at < %s"
        " AND NOT EXISTS (SELECT 1 FROM webhooks_delivery d WHERE d.event_id = e.id)",
        [before],
    )
    rows.run(
        "DELETE FROM webhooks_endpoint e WHERE deleted_at < %s"
        " AND NOT EXISTS (SELECT 1 FROM webhooks_delivery d WHERE d.endpoint_id = e.id)",
        [before],
    )
    return gone


def _with_content(ids: Sequence[int], *, now: datetime) -> list[Taken]:
    """Return what is needed to send deliveries that were taken."""
    found = list(Delivery.objects.filter(id__in=ids).select_related("event", "endpoint").order_by("id"))
    refs = parties.refs({one.party_id for one in found})
    secrets = {one.endpoint_id: live_secrets(one.endpoint, now=now) for one in found}
    return [
        Taken(
            one.id,
            one.takes,
            one.endpoint_id,
            one.endpoint.url,
            one.endpoint.host,
            one.event.no,
            body_of(one.event, refs[one.party_id].no),
            secrets[one.endpoint_id],
        )
        for one in found
    ]


def body_of(event: Event, party_no: str) -> bytes:
    """Return the body under which an event is sent."""
    return rules.body(
        event_no=event.no, event_type=event.type, party_no=party_no, object_=event.object, facts=event.facts,
        at=event.at,
    )  # fmt: skip


def _counts(one: Delivery, tried: Tried) -> bool:
    return one.takes == tried.take and one.ended_at is None


def _change(one: Delivery, tried: Tried, now: datetime) -> tuple:
    """Return the row of RECORD: a test is tried once, everything else by the schedule."""
    if not tried.error:
        return (one.id, tried.take, DeliveryState.DELIVERED.value, None, now, tried.status, "")
    wait = None if one.event.type == EventType.ENDPOINT_TEST else rules.next_try(one.tries + 1)
    state, again, ended = (
        (DeliveryState.GIVEN_UP, None, now) if wait is None else (DeliveryState.FAILED, now + wait, None)
    )
    return (one.id, tried.take, state.value, again, ended, tried.status, tried.error[:20])


def _locked(ids: Iterable[int]) -> list[Endpoint]:
    """Lock endpoints, which everybody does before their deliveries."""
    return list(Endpoint.objects.select_for_update(no_key=True).filter(id__in=sorted(set(ids))).order_by("id"))


def _endpoints(
    endpoints: Sequence[Endpoint], counted: Sequence[Tried], known: Mapping[int, Delivery], now: datetime
) -> None:
    """Note how endpoints do; switch off those to which nothing got through for five days."""
    tried = {known[one.delivery_id].endpoint_id for one in counted}
    reached = {known[one.delivery_id].endpoint_id for one in counted if not one.error}
    for one in endpoints:
        if not one.active or one.id not in tried:
            continue
        if one.id in reached:
            if one.failing_since is not None:
                one.failing_since = None
                one.save(update_fields=["failing_since"])
            continue
        if one.failing_since is None:
            one.failing_since = now
        elif now - one.failing_since >= rules.FAILING_FOR:
            one.active, one.off_reason = False, OffReason.FAILING
            give_up(endpoint_id=one.id, now=now)
            facts = {"name": one.name}
            messages.tell(party_id=one.party_id, kind="webhook_off", facts=facts, object_=one.no, now=now)
        else:
            continue
        one.save(update_fields=["failing_since", "active", "off_reason"])


def _anew(which: object, now: datetime) -> int:
    return which.update(  # type: ignore[attr-defined]
        state=DeliveryState.WAITING, tries=0, next_at=now, ended_at=None, status=None, error=""
    )
