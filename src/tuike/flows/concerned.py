"""Whom an event concerns: which of a party's objects it changed, and by which name the party's software is told.

Shared by what follows the outbox for the parties: the update feed and the webhooks; not a journey itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.attribution import queries as claims
from tuike.catalog import queries as catalog
from tuike.commission import queries as commission
from tuike.commission.types import Touched
from tuike.outbox.types import Event
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.settlement import queries as settlement


class Kind(StrEnum):
    """What changed: an object's kind; beside it stands by what the object is known."""

    ORDER = "order"
    """By its number: the merchant's own, or one that the party claims or earns from."""
    ACCRUAL = "accrual"
    """By its id: the payee's."""
    WITHDRAWAL = "withdrawal"
    """By its number."""
    SETTLEMENT = "settlement"
    """By the batch's number: what of it is the party's."""
    STATEMENT = "statement"
    """By its month, `2026-11`."""
    ADJUSTMENT = "adjustment"
    """By its number, once it is booked."""
    RATES = "rates"
    """`shop` for default, categories, tiers and self-purchases; a main product's by the product's number."""
    CAMPAIGN = "campaign"
    """By its number: the merchant's own."""
    TARGETED_PLAN = "targeted_plan"
    """By its number: the merchant's own, or one in which the promoter stands."""
    ENROLMENT = "enrolment"
    """By its number: a product in a leader's activity, the merchant's and the leader's."""


SHOP = "shop"
"""What rates of a whole shop are known by."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """A party's object that an event changed. `topic` is the public name of what happened."""

    party_id: int
    party_kind: PartyKind
    topic: str
    kind: Kind
    object: str
    at: datetime
    event_id: int


ORDER_TOPICS = {
    "order.placed": "order.placed",
    "order.paid": "order.paid",
    "order.imported": "order.imported",
    "order.shipped": "order.shipped",
    "order.extended": "order.extended",
    "order.received": "order.received",
    "order.closed": "order.closed",
    "after_sale.asked": "order.refund_asked",
    "after_sale.agreed": "order.return_agreed",
    "after_sale.sent": "order.return_sent",
    "after_sale.disputed": "order.refund_disputed",
    "after_sale.approved": "order.refund_approved",
    "after_sale.rejected": "order.refund_rejected",
    "after_sale.cancelled": "order.refund_cancelled",
    "after_sale.refunded": "order.refunded",
}
"""What happens to orders; their accruals change with them. Events of after-sales name the order among their facts."""
ACCRUAL_TOPICS = {
    "target.reached": "accrual.made",
    "target.taken_back": "accrual.changed",
    "accruals.settled": "accrual.settled",
    "accruals.resumed": "accrual.resumed",
    "accruals.reviewed": "accrual.reviewed",
}
"""What happens to accruals, in lists of ids."""
ENROLMENT_TOPICS = {
    "enrolment.applied": "enrolment.applied",
    "enrolment.withdrawn": "enrolment.withdrawn",
    "enrolment.passed": "enrolment.decided",
    "enrolment.rejected": "enrolment.decided",
    "enrolment.ended": "enrolment.ended",
    "cooperation.cancelled": "enrolment.ended",
    "cooperation.cancel_asked": "enrolment.cancel_asked",
    "cooperation.cancel_refused": "enrolment.cancel_refused",
    "cooperation.extension_asked": "enrolment.extension_asked",
    "cooperation.extended": "enrolment.extended",
    "cooperation.extension_refused": "enrolment.extension_refused",
}
"""What happens to products in leaders' activities; both sides are told (docs/rules.md §9)."""
_ACCRUED = {"order.paid": "accrual.made", "order.imported": "accrual.made"}
"""By what an order's accruals are told of; everything else that happens to an order may change them."""
_FOR_PAYEES = frozenset({PartyKind.MERCHANT, PartyKind.PROMOTER, PartyKind.LEADER})


def concerned(events: Sequence[Event]) -> list[Concerned]:
    """Return whom events concern and with which object, in the events' order, each once per event.

    Events that concern no party's software are left out. What an event of 1,000 sales says is some thousand objects:
    see `weight`.
    """
    by_topic: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_topic[event.topic].append(event)
    found: list[Concerned] = []
    orders = [event for topic in ORDER_TOPICS for event in by_topic[topic]]
    found += _orders(orders)
    found += _accruals([event for topic in ACCRUAL_TOPICS for event in by_topic[topic]])
    for topic, told in _OTHERS.items():
        if by_topic[topic]:
            found += told(by_topic[topic])
    place = {event.id: number for number, event in enumerate(events)}
    return sorted(dict.fromkeys(found), key=lambda one: place[one.event_id])


def weight(event: Event) -> int:
    """Return about how many objects an event may concern."""
    return 3 * sum(len(event.facts.get(name, ())) for name in ("sales", "accruals", "products", "promoters")) or (
        1_000 if event.topic == "settlement.batch" else 1
    )


def portion(events: Sequence[Event], *, most: int) -> int:
    """Return how many of the first events concern about `most` objects together."""
    weighed = 0
    for number, event in enumerate(events):
        weighed += weight(event)
        if weighed > most:
            return number
    return len(events)


def _orders(events: Sequence[Event]) -> list[Concerned]:
    """An order concerns its merchant, whoever claims a line of it, and whoever earns from it, with their accruals."""
    numbers = {event.id: event.facts.get("order", event.key) for event in events}
    touched: dict[str, list[Touched]] = defaultdict(list)
    for one in commission.touched_by_orders(numbers.values()) if numbers else ():
        touched[one.order_no].append(one)
    claimed: dict[str, set[tuple[int, PartyKind]]] = defaultdict(set)
    for no, promoter_id, leader_id in claims.claimants_of(numbers.values()) if numbers else ():
        whom = ((promoter_id, PartyKind.PROMOTER), (leader_id, PartyKind.LEADER))
        claimed[no] |= {(party_id, kind) for party_id, kind in whom if party_id is not None}
    found = []
    for event in events:
        topic, no = ORDER_TOPICS[event.topic], numbers[event.id]
        found += [_made(event, one, topic, Kind.ORDER, no) for one in sorted(claimed[no])]
        found.append(_made(event, (event.facts["merchant_id"], PartyKind.MERCHANT), topic, Kind.ORDER, no))
        accrued = _ACCRUED.get(event.topic, "accrual.changed")
        for one in touched[no]:
            found += _payee(event, one, topic, accrued)
    return found


def _accruals(events: Sequence[Event]) -> list[Concerned]:
    sales = {sale for event in events for sale in event.facts.get("sales", ())}
    accruals = {accrual for event in events for accrual in event.facts.get("accruals", ())}
    by_sale: dict[int, list[Touched]] = defaultdict(list)
    for one in commission.touched_by_sales(sales) if sales else ():
        by_sale[one.sale_id].append(one)
    by_id = {one.accrual_id: one for one in (commission.touched_by_accruals(accruals) if accruals else ())}
    found = []
    for event in events:
        topic = ACCRUAL_TOPICS[event.topic]
        touched = [one for sale in event.facts.get("sales", ()) for one in by_sale[sale]]
        touched += [by_id[accrual] for accrual in event.facts.get("accruals", ()) if accrual in by_id]
        for one in touched:
            if one.order_no:
                shop = (one.merchant_id, PartyKind.MERCHANT)
                found.append(_made(event, shop, "order.commission", Kind.ORDER, one.order_no))
            found += _payee(event, one, "order.commission", topic)
    return found


def _payee(event: Event, one: Touched, order_topic: str, accrual_topic: str) -> list[Concerned]:
    """Return what an accrual's payee is concerned with: the order, where it is one's, and the accrual itself."""
    if one.payee is None or one.payee.kind not in _FOR_PAYEES:
        return []
    party_id, kind = one.payee.id, PartyKind(one.payee.kind)
    order = [_made(event, (party_id, kind), order_topic, Kind.ORDER, one.order_no)] if one.order_no else []
    return [*order, _made(event, (party_id, kind), accrual_topic, Kind.ACCRUAL, str(one.accrual_id))]


def _batches(events: Sequence[Event]) -> list[Concerned]:
    by_no = {event.key: event for event in events}
    return [
        _made(by_no[no], (party_id, PartyKind(kind)), "settlement.done", Kind.SETTLEMENT, no)
        for no, kind, party_id in settlement.payees_of_batches(by_no)
        if kind in _FOR_PAYEES
    ]


def _withdrawals(events: Sequence[Event]) -> list[Concerned]:
    return _by_party(events, Kind.WITHDRAWAL, lambda event: (f"withdrawal.{event.facts['state']}", event.key))


def _statements(events: Sequence[Event]) -> list[Concerned]:
    return _by_party(events, Kind.STATEMENT, lambda event: ("statement.ready", event.facts["month"]))


def _adjustments(events: Sequence[Event]) -> list[Concerned]:
    return _by_party(events, Kind.ADJUSTMENT, lambda event: ("adjustment.booked", event.key))


def _by_party(events: Sequence[Event], kind: Kind, told: Callable[[Event], tuple[str, str]]) -> list[Concerned]:
    """Return events whose facts name the party, with the topic and the object that `told` finds in each."""
    known = parties.refs({event.facts["party_id"] for event in events})
    found = []
    for event in events:
        party = known.get(event.facts["party_id"])
        if party is not None and party.kind in _FOR_PAYEES:
            found.append(_made(event, (party.id, party.kind), told(event)[0], kind, told(event)[1]))
    return found


def _rates(events: Sequence[Event]) -> list[Concerned]:
    """Rates concern the shop whose they are: as a whole, or main product by main product."""
    named = {product for event in events for product in event.facts.get("products", ())}
    products = catalog.product_facts(named) if named else {}
    found = []
    for event in events:
        for product in (products[id_] for id_ in event.facts.get("products", ()) if id_ in products):
            shop, no = product.merchant_id, product.product_no
            found.append(_made(event, (shop, PartyKind.MERCHANT), "rates.changed", Kind.RATES, no))
        if "merchant" in event.facts:
            shop = event.facts["merchant"]
            found.append(_made(event, (shop, PartyKind.MERCHANT), "rates.changed", Kind.RATES, SHOP))
    return found


def _campaigns(events: Iterable[Event]) -> list[Concerned]:
    return [
        _made(event, (event.facts["merchant"], PartyKind.MERCHANT), "campaign.changed", Kind.CAMPAIGN, event.key)
        for event in events
        if event.facts["merchant"] is not None
    ]


def _targeted(events: Iterable[Event]) -> list[Concerned]:
    found = []
    for event in events:
        whom = [(event.facts["merchant"], PartyKind.MERCHANT)]
        whom += [(promoter, PartyKind.PROMOTER) for promoter in event.facts["promoters"]]
        found += [_made(event, one, "targeted_plan.changed", Kind.TARGETED_PLAN, event.key) for one in whom]
    return found


def _enrolments(events: Iterable[Event]) -> list[Concerned]:
    """A product in a leader's activity concerns its merchant and its leader."""
    found = []
    for event in events:
        sides = ((event.facts["merchant_id"], PartyKind.MERCHANT), (event.facts["leader_id"], PartyKind.LEADER))
        found += [_made(event, side, ENROLMENT_TOPICS[event.topic], Kind.ENROLMENT, event.key) for side in sides]
    return found


def _made(event: Event, whom: tuple[int, PartyKind], topic: str, kind: Kind, object_: str) -> Concerned:
    return Concerned(*whom, topic, kind, object_, event.at, event.id)


_OTHERS: dict[str, Callable[[Sequence[Event]], list[Concerned]]] = {
    "settlement.batch": _batches,
    "withdrawal.changed": _withdrawals,
    "statement.closed": _statements,
    "adjustment.approved": _adjustments,
    "rates.written": _rates,
    "rates.own": _rates,
    "campaign.changed": _campaigns,
    "targeted.changed": _targeted,
    **dict.fromkeys(ENROLMENT_TOPICS, _enrolments),
}
