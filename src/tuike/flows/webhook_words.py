"""What parties' software is told of an event: the type, the object, and a few facts that were true when it was read.

Shared by what writes webhooks; not a journey itself.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tuike.catalog import queries as catalog
from tuike.commission import queries as commission
from tuike.cooperation import queries as cooperation
from tuike.flows.concerned import Concerned, Kind, concerned
from tuike.kit import days
from tuike.orders import queries as orders
from tuike.outbox.types import Event
from tuike.parties.types import PartyKind
from tuike.settlement import queries as settlement
from tuike.webhooks.types import EventType, Told

PLANS = frozenset({"rates.changed", "campaign.changed", "targeted_plan.changed"})
"""What is told as one type: `plan.changed`."""
ENDING = frozenset({"order.refunded", "order.closed"})
"""What may cancel an order's accruals: told of those that are cancelled then."""
REFUSED = "report.refused"
_NAMES = {one.value for one in EventType}


def told(events: Sequence[Event], *, wanting: Collection[int]) -> list[Told]:
    """Return what parties out of `wanting` are told of these events, in their order (docs/user/webhooks.md)."""
    about = [one for one in concerned(events) if one.party_id in wanting]
    facts = {kind: _FACTS[kind]([one for one in about if one.kind is kind]) for kind in _FACTS}
    ended = {(one.event_id, one.party_id) for one in about if one.topic in ENDING}
    found = []
    for one in about:
        known = facts.get(one.kind, {}).get(one.object, {})
        ends = (one.event_id, one.party_id) in ended
        if (type_ := _type(one, known, ends=ends)) is not None:
            found.append(Told(one.party_id, type_, one.object, _said(one, known), one.at))
    return found + [_refused(one) for one in events if one.topic == REFUSED and one.facts["merchant_id"] in wanting]


def _refused(event: Event) -> Told:
    """Return what a shop is told of a report that wasn't taken: the shop's own number of the order, and why."""
    facts = {"external_no": event.key, **{name: event.facts[name] for name in ("code", "zh", "en")}}
    return Told(event.facts["merchant_id"], EventType.REPORT_REFUSED, event.key, facts, event.at)


def _type(one: Concerned, known: Mapping[str, Any], *, ends: bool) -> EventType | None:
    """Return as what something is told; None for what endpoints can't ask for.

    An accrual is told by where it stands: when it is made, when it moves, and when its order's end cancels it.
    """
    if one.topic in PLANS:
        return EventType.PLAN_CHANGED
    if one.kind is Kind.ACCRUAL:
        state = known.get("state", "")
        if one.topic == "accrual.changed" and not (ends and state == "cancelled"):
            return None
        return EventType(f"accrual.{state}") if f"accrual.{state}" in _NAMES else None
    return EventType(one.topic) if one.topic in _NAMES else None


def _said(one: Concerned, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts: the object by its kind, and what is known of it; a shop's own number is told to the shop."""
    said = {one.kind.value: one.object, **known}
    if one.party_kind is not PartyKind.MERCHANT:
        said.pop("external_no", None)
    return said


def _orders(about: Sequence[Concerned]) -> dict[str, dict[str, Any]]:
    found = orders.orders_by_no({one.object for one in about}) if about else {}
    return {
        no: {
            "state": order.state.value,
            "source": order.source.value,
            "external_no": order.external_no,
            "payable_fen": order.payable_fen,
            "placed_at": _instant(order.placed_at),
            "paid_at": _instant(order.paid_at),
        }
        for no, order in found.items()
    }


def _accruals(about: Sequence[Concerned]) -> dict[str, dict[str, Any]]:
    ids = [int(one.object) for one in about]
    touched = {one.accrual_id: one.order_no for one in (commission.touched_by_accruals(ids) if ids else ())}
    return {
        str(one.accrual_id): {
            "order": touched[one.accrual_id],
            "state": one.state.value,
            "role": one.role.value,
            "amount_fen": one.amount_fen,
        }
        for one in (commission.accruals_by_id(ids) if ids else ())
    }


def _withdrawals(about: Sequence[Concerned]) -> dict[str, dict[str, Any]]:
    found = [shown for no in {one.object for one in about} if (shown := settlement.withdrawal(no)) is not None]
    return {
        one.no: {
            "state": one.state.value,
            "source": one.source,
            "amount_fen": one.amount_fen,
            "net_fen": one.net_fen,
        }
        for one in found
    }


def _enrolments(about: Sequence[Concerned]) -> dict[str, dict[str, Any]]:
    found = cooperation.enrolments_by_no({one.object for one in about}) if about else {}
    products = catalog.product_facts({one.product_id for one in found.values()}) if found else {}
    return {
        no: {
            "activity": one.activity_no,
            "product": products[one.product_id].product_no,
            "state": one.state.value,
            "rate_bps": one.rate_bps,
            "service_bps": one.service_bps,
            "starts_at": _instant(one.starts_at),
            "ends_at": _instant(one.ends_at),
            "end_cause": one.end_cause.value if one.end_cause else None,
        }
        for no, one in found.items()
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(days.SHANGHAI).isoformat(timespec="seconds") if at else None


_FACTS: dict[Kind, Callable[[Sequence[Concerned]], dict[str, dict[str, Any]]]] = {
    Kind.ORDER: _orders,
    Kind.ACCRUAL: _accruals,
    Kind.WITHDRAWAL: _withdrawals,
    Kind.ENROLMENT: _enrolments,
}
