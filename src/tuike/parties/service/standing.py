"""How a party stands: open for the alliance, suspended, binding buyers, able to pay in advance."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties import rules
from tuike.parties.models import Merchant, Party, Promoter
from tuike.parties.service import guards
from tuike.parties.types import (
    BindingMode,
    MallFunction,
    NotSuspended,
    NotThisState,
    PartyKind,
    PromoterState,
    Source,
    Suspended,
    UnknownParty,
)


@transaction.atomic
def open_alliance(*, merchant_id: int, actor: Actor, now: datetime) -> datetime:
    """Open the alliance for a shop from the next day's 0:00 on, and return that instant (docs/rules.md §2).

    Raises:
        UnknownParty: no such merchant.
        NotSuperAdmin: only the super administrator opens it.
        NotCertified: the shop isn't certified.
        Suspended: the shop is suspended.
        AllianceAlreadyOpen: it is open, or opens at midnight.
    """
    party = guards.lock(merchant_id, PartyKind.MERCHANT)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    merchant = Merchant.objects.get(party_id=merchant_id)
    opened_from, closed_from = rules.opened(opened_from=merchant.opened_from, closed_from=merchant.closed_from, now=now)
    _tell(party, "alliance.open", _set_alliance(party, opened_from, closed_from), actor, now)
    return opened_from


@transaction.atomic
def close_alliance(*, merchant_id: int, actor: Actor, now: datetime) -> datetime | None:
    """Close the alliance for a shop from the next day's 0:00 on, and return that instant; None if it hadn't begun.

    Claims made before keep their terms.

    Raises:
        UnknownParty: no such merchant.
        NotSuperAdmin: only the super administrator closes it.
        AllianceNotOpen: it is not open, or closes at midnight.
    """
    party = guards.lock(merchant_id, PartyKind.MERCHANT)
    guards.require_super_admin(party, actor)
    merchant = Merchant.objects.get(party_id=merchant_id)
    opened_from, closed_from = rules.closed(opened_from=merchant.opened_from, closed_from=merchant.closed_from, now=now)
    _tell(party, "alliance.close", _set_alliance(party, opened_from, closed_from), actor, now)
    return closed_from


@transaction.atomic
def suspend(*, party_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Stop a party at once: a merchant's products stop being promotable, a promoter stops earning on new orders.

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        ReasonNeeded: no reason.
        UnknownParty: no such party, or the operator itself.
        Suspended: it is suspended already.
    """
    guards.require_operator(actor)
    why = rules.reason(reason)
    party = guards.lock(party_id, PartyKind.MERCHANT, PartyKind.PROMOTER, PartyKind.LEADER)
    if party.suspended_at is not None:
        raise Suspended(reason=party.suspended_reason)
    Party.objects.filter(id=party_id).update(suspended_at=now, suspended_reason=why)
    _tell(party, "party.suspend", {"reason": why}, actor, now)
    messages.tell(party_id=party_id, kind="party_suspended", facts={"reason": why}, now=now)


@transaction.atomic
def restore(*, party_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a suspended party act again.

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        ReasonNeeded: no reason.
        UnknownParty: no such party.
        NotSuspended: it isn't suspended.
        NotThisState: a promoter that has left; it applies again.
    """
    guards.require_operator(actor)
    why = rules.reason(reason)
    party = guards.lock(party_id)
    if party.suspended_at is None:
        raise NotSuspended
    if Promoter.objects.filter(party_id=party_id, standing=PromoterState.RETIRED).exists():
        raise NotThisState(state=PromoterState.RETIRED.value)
    Promoter.objects.filter(party_id=party_id, standing=PromoterState.BANNED).update(standing=PromoterState.ACTIVE)
    Party.objects.filter(id=party_id).update(suspended_at=None, suspended_reason="")
    _tell(party, "party.restore", {"reason": why}, actor, now)
    messages.tell(party_id=party_id, kind="party_restored", now=now)


@transaction.atomic
def set_binding(*, merchant_id: int, mode: BindingMode, days: int, actor: Actor, now: datetime) -> None:
    """Say whether buyers of a shop are bound to promoters, who keeps them, and for how many days (docs/rules.md §4).

    Raises:
        UnknownParty: no such merchant.
        NotSuperAdmin: only the super administrator sets it.
        Invalid: days outside 1–365 while binding is on.
    """
    mode = BindingMode(mode)
    party = guards.lock(merchant_id, PartyKind.MERCHANT)
    guards.require_super_admin(party, actor)
    if mode is not BindingMode.OFF and not 1 <= days <= 365:
        raise Invalid(field="days", reason_zh="保护期须为 1–365 天", reason_en="1 to 365 days")
    kept = 0 if mode is BindingMode.OFF else days
    Merchant.objects.filter(party_id=merchant_id).update(binding_mode=mode, binding_days=kept)
    facts = {"mode": mode.value, "days": kept}
    audit.record(actor=actor, action="merchant.set_binding", object_=party.no, facts=facts, now=now)


@transaction.atomic
def switch_function(*, merchant_id: int, function: MallFunction, on: bool, actor: Actor, now: datetime) -> None:
    """Switch a function of the mall on or off for one shop, at once (docs/rules.md §10); already so: nothing happens.

    Raises:
        UnknownParty: no such merchant.
    """
    name = MallFunction(function).value
    party = guards.lock(merchant_id, PartyKind.MERCHANT)
    merchant = Merchant.objects.get(party_id=merchant_id)
    if (name in merchant.functions) is on:
        return
    kept = sorted({*merchant.functions, name} if on else set(merchant.functions) - {name})
    Merchant.objects.filter(party_id=merchant_id).update(functions=kept)
    facts = {"function": name, "on": on}
    audit.record(actor=actor, action="merchant.switch_function", object_=party.no, facts=facts, now=now)


@transaction.atomic
def set_appid(*, merchant_id: int, appid: str, actor: Actor, now: datetime) -> None:
    """Name the mini-program in which a `mini_program` merchant sells; material shows it from now on (docs/rules.md §1).

    Raises:
        UnknownParty: no such merchant, or one that sells in the mall.
        NotSuperAdmin: only the super administrator names it.
        Invalid: no AppID. AppidTaken: another shop's.
    """
    party = guards.lock(merchant_id, PartyKind.MERCHANT)
    guards.require_super_admin(party, actor)
    merchant = Merchant.objects.get(party_id=merchant_id)
    if merchant.source != Source.MINI_PROGRAM:
        raise UnknownParty
    rules.check_appid(appid)
    if appid == merchant.appid:
        return
    guards.appid_once(lambda: Merchant.objects.filter(party_id=merchant_id).update(appid=appid))
    facts = {"from": merchant.appid, "to": appid}
    audit.record(actor=actor, action="merchant.set_appid", object_=party.no, facts=facts, now=now)


def note_prepaid(*, short: Iterable[int], enough: Iterable[int], now: datetime) -> None:
    """Note whose prepaid balance can't pay and whose can again, in the caller's transaction; ids of merchants."""
    turned = rows.query(
        "UPDATE parties_merchant SET prepaid_short_since = %s WHERE party_id = ANY(%s) AND prepaid_short_since IS NULL"
        " RETURNING party_id",
        [now, sorted(short)],
    )
    messages.tell_many(kind="prepaid_short", told=[(id_, {}, "") for (id_,) in turned], now=now)
    turned += rows.query(
        "UPDATE parties_merchant SET prepaid_short_since = NULL"
        " WHERE party_id = ANY(%s) AND prepaid_short_since IS NOT NULL RETURNING party_id",
        [sorted(enough)],
    )
    told = sorted({party_id for (party_id,) in turned})
    outbox.put(topic="merchant.prepaid", events=[(str(id_), {"party_id": id_}) for id_ in told], now=now)


def _set_alliance(party: Party, opened_from: datetime | None, closed_from: datetime | None) -> dict:
    Merchant.objects.filter(party_id=party.id).update(opened_from=opened_from, closed_from=closed_from)
    return {
        "opened_from": opened_from.isoformat() if opened_from else None,
        "closed_from": closed_from.isoformat() if closed_from else None,
    }


def _tell(party: Party, action: str, facts: dict, actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, action=action, object_=party.no, facts=facts, now=now)
    outbox.put(topic=action, events=[(party.no, facts | {"party_id": party.id})], now=now)
