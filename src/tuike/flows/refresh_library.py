"""The product library follows what it is made from: events are turned into marks, marks are worked off in steps.

What is written for the next midnight stands in the index before it, so that at midnight nothing is left to do.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.catalog import service as shelves
from tuike.catalog.types import NotPromotable, ProductFacts
from tuike.db.retry import retry
from tuike.library import service as library
from tuike.library.types import Marked, Scope
from tuike.marketing import queries as marketing
from tuike.messages import service as messages
from tuike.orders import queries as orders
from tuike.outbox import service as outbox
from tuike.outbox.types import Event
from tuike.parties import queries as parties
from tuike.settings import service as settings

CONSUMER = "library"
TOLD = frozenset({NotPromotable.OUT_OF_STOCK, NotPromotable.RESTRICTED_CATEGORY, NotPromotable.BELOW_PRICE_FLOOR})
"""Reasons that a shop is told of: what it did itself it knows, and a suspension is told as such."""
_ORDERS = {"order.placed", "order.closed"}
_PARTIES = {
    "alliance.open",
    "alliance.close",
    "certification.decided",
    "merchant.prepaid",
    "party.suspend",
    "party.restore",
}


def refresh_library(*, now: datetime) -> dict[str, int]:
    """Bring the library up to date, and return how many events were read and products looked at (docs/rules.md §2).

    Stops between two steps at any time and goes on where it stopped.
    """
    done = {"events": 0, "products": 0}
    while read := outbox.drain(consumer=CONSUMER, handle=lambda events: _mark(events, now), now=now):
        done["events"] += read
    _sweep(now)
    while looked_at := _step(now):
        done["products"] += looked_at
    return done


@retry
def count_sales() -> int:
    """Count anew how much of each product was sold, for the mall's and the library's orders by sales.

    Returns how many rows of the library changed.
    """
    with transaction.atomic(durable=True):
        shelves.count_sold()
        return library.count_sales()


def marks_of(events: Sequence[Event]) -> list[Marked]:
    """Return what events say has to be looked at anew; events that don't concern the library say nothing."""
    marks: list[Marked] = []
    numbers: set[str] = set()
    for event in events:
        facts = event.facts
        if event.topic in _ORDERS:
            numbers.add(event.key)
        elif event.topic == "after_sale.approved":
            numbers.add(facts["order"])
        elif event.topic == "coupon.changed":
            marks.append(Marked(Scope.MERCHANT, facts["merchant_id"]))
        elif event.topic in _PARTIES:
            marks.append(Marked(Scope.MERCHANT, facts["party_id"]))
        elif "products" in facts:
            marks.append(Marked(Scope.PRODUCTS, product_ids=tuple(facts["products"])))
        elif event.topic == "rates.written" and "merchant" in facts:
            marks.append(Marked(Scope.MERCHANT, facts["merchant"]))
        elif event.topic in ("rates.written", "category.changed"):
            marks.append(Marked(Scope.CATEGORY, facts["category"]) if facts["category"] else Marked(Scope.ALL))
    if numbers:
        marks.append(Marked(Scope.PRODUCTS, product_ids=tuple(orders.products_of(numbers))))
    return marks


def _mark(events: Sequence[Event], now: datetime) -> None:
    library.mark(marks=marks_of(events), now=now)


@retry
def _sweep(now: datetime) -> None:
    with transaction.atomic(durable=True):
        library.sweep(now=now, turns=_turns)


@retry
def _step(now: datetime) -> int:
    with transaction.atomic(durable=True):
        return library.work_off(now=now, coupons=_with_coupon, left=_tell_left)


def _tell_left(product_ids: Sequence[int], now: datetime) -> None:
    """Tell shops of products that left the library without anybody's having wanted it; once, for they leave once."""
    products = catalog.product_facts(product_ids)
    shops = parties.merchant_facts({one.merchant_id for one in products.values()})
    reasons = catalog.promotability(products.values(), shops, settings.get("price_floor_fen"), now)
    told = [
        (
            one.merchant_id,
            {"title": one.title, "reason_zh": reason.sentence("zh"), "reason_en": reason.sentence("en")},
            one.product_no,
        )
        for id_, one in products.items()
        if (reason := reasons[id_]) in TOLD
    ]
    messages.tell_many(kind="product_not_promotable", told=told, now=now)


def _turns(after: datetime, until: datetime) -> Sequence[int]:
    return marketing.coupon_turns(after=after, until=until)


def _with_coupon(products: Sequence[ProductFacts], at: datetime) -> set[int]:
    return set(marketing.coupons_of_products(products, at))
