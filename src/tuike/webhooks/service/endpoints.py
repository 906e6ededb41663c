"""A party's endpoints: added, changed, switched, deleted; their secrets, of which two live while one is replaced."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.gateways import webhook
from tuike.idempotency import service as idempotency
from tuike.kit import crypto, days, ids
from tuike.kit.errors import Invalid
from tuike.parties import queries as parties
from tuike.parties import service as parties_service
from tuike.parties.types import NotCertified, PartyKind, Suspended
from tuike.webhooks import rules
from tuike.webhooks.models import Delivery, Endpoint
from tuike.webhooks.types import (
    OFFERED,
    OPEN,
    BadUrl,
    DeliveryState,
    EndpointShown,
    EventType,
    NewSecret,
    OffReason,
    RotatedAlready,
    TooManyEndpoints,
    UnknownEndpoint,
)


@transaction.atomic
def add(
    *, party_id: int, name: str, url: str, types: Collection[str], key: str, actor: Actor, now: datetime
) -> NewSecret:
    """Add an endpoint and return it with its secret, shown this once; the same key gives the same endpoint again.

    Raises:
        Invalid: name (1 to 40 characters), types (none, or not of this kind of party). BadUrl: see gateways.webhook.
        TooManyEndpoints: 10 are there. NotCertified, Suspended: the party may not act.
        KeyUsedForOther, KeyMalformed: the key.
    """
    known = parties_service.hold_app(party_id=party_id)  # one after the other: the limit is looked at under this lock
    if not known.certified:
        raise NotCertified
    if known.suspended:
        raise Suspended(reason="—")
    name, wanted, found = _checked(known.party.kind, name, url, types)

    def work() -> dict:
        if Endpoint.objects.filter(party_id=party_id, deleted_at=None).count() >= rules.ENDPOINTS_MOST:
            raise TooManyEndpoints(most=rules.ENDPOINTS_MOST)
        no = f"we_{ids.random_code(16)}"
        Endpoint.objects.create(
            no=no, party_id=party_id, name=name, url=url, host=found.host, types=wanted, secret=_sealed(no, _fresh()),
            secret_since=now, created_at=now, created_by=actor.person_id,
        )  # fmt: skip
        facts = {"url": url, "types": wanted}
        audit.record(actor=actor, action="webhook.add", object_=no, facts=facts, now=now)
        return {"no": no}

    content = {"name": name, "url": url, "types": wanted}
    answer = idempotency.once(scope=f"webhooks:{party_id}:add", key=key, content=content, now=now, work=work)
    made = _own(party_id, answer["no"])
    return NewSecret(shown(made), _opened(made.no, made.secret))


@transaction.atomic
def change(
    *, party_id: int, no: str, name: str, url: str, types: Collection[str], actor: Actor, now: datetime
) -> EndpointShown:
    """Give an endpoint another name, address or types; what waits goes to the new address.

    Raises:
        UnknownEndpoint. Invalid, BadUrl: see `add`.
    """
    one = _own(party_id, no)
    name, wanted, found = _checked(parties.refs([party_id])[party_id].kind, name, url, types)
    before = {"name": one.name, "url": one.url, "types": list(one.types)}
    after = {"name": name, "url": url, "types": wanted}
    if after == before:
        return shown(one)
    if url != one.url:
        one.failing_since = None
    one.name, one.url, one.host, one.types = name, url, found.host, wanted
    one.save(update_fields=["name", "url", "host", "types", "failing_since"])
    facts = {"url": url, "types": wanted, "url_before": before["url"], "types_before": before["types"]}
    audit.record(actor=actor, action="webhook.change", object_=no, facts=facts, now=now)
    return shown(one)


@transaction.atomic
def switch(*, party_id: int, no: str, on: bool, actor: Actor, now: datetime) -> EndpointShown:
    """Switch an endpoint on or off; again is no matter. Off: nothing is written for it, and what waits is given up.

    Raises:
        UnknownEndpoint.
    """
    one = _own(party_id, no)
    if one.active is on:
        return shown(one)
    one.active, one.off_reason, one.failing_since = on, "" if on else OffReason.PERSON, None
    one.save(update_fields=["active", "off_reason", "failing_since"])
    if not on:
        give_up(endpoint_id=one.id, now=now)
    audit.record(actor=actor, action="webhook.switch", object_=no, facts={"on": on}, now=now)
    return shown(one)


@transaction.atomic
def delete(*, party_id: int, no: str, actor: Actor, now: datetime) -> None:
    """Delete an endpoint with its secrets; what waits is given up, the log of its deliveries stays its 30 days.

    Raises:
        UnknownEndpoint.
    """
    one = _own(party_id, no)
    one.active, one.off_reason, one.deleted_at = False, OffReason.DELETED, now
    one.secret, one.old_secret, one.old_until = b"", None, None
    one.save(update_fields=["active", "off_reason", "deleted_at", "secret", "old_secret", "old_until"])
    give_up(endpoint_id=one.id, now=now)
    audit.record(actor=actor, action="webhook.delete", object_=no, facts={"url": one.url}, now=now)


@transaction.atomic
def rotate(*, party_id: int, no: str, key: str, actor: Actor, now: datetime) -> NewSecret:
    """Give an endpoint a new secret, shown this once; the one before signs along for 24 hours more.

    Raises:
        UnknownEndpoint. RotatedAlready: the old secret of the last rotation is still good.
        KeyUsedForOther, KeyMalformed: the key.
    """
    one = _own(party_id, no)

    def work() -> dict:
        if one.old_until is not None and one.old_until > now:
            raise RotatedAlready(until=days.shown(one.old_until)[:16])
        one.old_secret, one.old_until = one.secret, now + rules.OLD_SECRET_KEPT
        one.secret, one.secret_since = _sealed(no, _fresh()), now
        one.save(update_fields=["old_secret", "old_until", "secret", "secret_since"])
        audit.record(actor=actor, action="webhook.rotate", object_=no, facts={}, now=now)
        return {}

    idempotency.once(scope=f"webhooks:{party_id}:rotate", key=key, content={"no": no}, now=now, work=work)
    return NewSecret(shown(one), _opened(no, one.secret))


def give_up(*, endpoint_id: int, now: datetime) -> int:
    """Give up what an endpoint has still to get, and return how many that are."""
    return Delivery.objects.filter(endpoint_id=endpoint_id, state__in=[one.value for one in OPEN]).update(
        state=DeliveryState.GIVEN_UP, next_at=None, ended_at=now
    )


def live_secrets(one: Endpoint, *, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign for an endpoint now, the newest first."""
    old = one.old_until is not None and one.old_until > now
    sealed = [one.secret, one.old_secret] if old and one.old_secret is not None else [one.secret]
    return tuple(_opened(one.no, each) for each in sealed)


def shown(one: Endpoint) -> EndpointShown:
    """Return an endpoint as others see it."""
    types = tuple(EventType(each) for each in one.types if each in set(EventType))
    return EndpointShown(
        one.id, one.no, one.party_id, one.name, one.url, types, one.active, one.off_reason, one.failing_since,
        one.secret_since, one.old_until, one.created_at,
    )  # fmt: skip


def _own(party_id: int, no: str) -> Endpoint:
    one = Endpoint.objects.select_for_update(no_key=True).filter(party_id=party_id, no=no, deleted_at=None).first()
    if one is None:
        raise UnknownEndpoint
    return one


def _checked(kind: PartyKind, name: str, url: str, types: Collection[str]) -> tuple[str, list[str], webhook.Target]:
    """Return name, types in order, and the address taken apart; or say which of them is wrong."""
    name = name.strip()
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise Invalid(field="name", reason_zh="须为 1 至 40 个字符", reason_en="must have 1 to 40 characters")
    try:
        found = webhook.target(url, private=settings.WEBHOOK_PRIVATE)
    except webhook.BadTarget as bad:
        raise BadUrl(why_zh=bad.why_zh, why_en=bad.why_en) from bad
    offered = [one.value for one in OFFERED[kind]]
    if not types or set(types) - set(offered):
        raise Invalid(
            field="types", reason_zh="请至少选择一种可用事件", reason_en="choose at least one that is offered"
        )
    return name, [one for one in offered if one in set(types)], found


def _fresh() -> str:
    return rules.SECRET_BEGINS + base64.b64encode(secrets.token_bytes(32)).decode()


def _sealed(no: str, secret: str) -> bytes:
    return crypto.seal(secret, place=f"webhooks_endpoint|secret|{no}", keys=settings.FIELD_KEYS)


def _opened(no: str, sealed: bytes | memoryview) -> str:
    return crypto.open_sealed(bytes(sealed), place=f"webhooks_endpoint|secret|{no}", keys=settings.FIELD_KEYS)
