"""What an order's drawer shows of its parcels, and what can be done about them."""

from typing import Any

from tuike.doors.console.guard import Asker
from tuike.doors.console.text import T
from tuike.freight import queries as freight
from tuike.freight.types import CARRIERS
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import OrderRef, OrderState
from tuike.parties.types import Source


def parcels(order: OrderRef, asker: Asker) -> dict[str, Any]:
    """Return the parcels with what is in each, what is left, the proof of delivery, and what the seat may do."""
    mall = order.source is Source.MINI_STORE
    acts = mall and asker.may("merchant-order-ship", "POST")
    lines = {line.no: line for line in order.lines}
    shown = []
    for one in orders_of.parcels_of(order.id):
        carrier = freight.carrier_named(one.carrier)
        goods = [(lines[no], quantity) for no, quantity in one.pieces.items()]
        young = asker.now - one.shipped_at <= orders.CORRECTED_WITHIN
        shown.append((one, T(carrier.zh, carrier.en) if carrier else None, goods, young))
    return {
        "parcels": shown,
        "left": [(line, left) for line in order.lines if (left := orders_of.left_to_ship(line))],
        "proof": orders_of.receipt_proof_of(order.id),
        "carriers": [T(one.zh, one.en) for one in CARRIERS],
        "may_ship_acts": acts,
        "may_ship": acts and order.state in (OrderState.PAID, OrderState.SHIPPED),
        "may_end": acts and order.state is OrderState.SHIPPED and order.receive_by is None,
        "may_receive": mall and order.state is OrderState.SHIPPED and asker.may("merchant-order-receive", "POST"),
    }
