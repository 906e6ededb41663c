"""Writes of orders. All run inside the caller's transaction; the carts' verbs, which doors call, own theirs."""

from tuike.orders.service.after_sales import (
    approve_after_sales,
    cancel_after_sale,
    finish_after_sales,
    open_after_sales,
    reject_after_sale,
)
from tuike.orders.service.carts import change_quantity, put_in_cart, remove, remove_placed
from tuike.orders.service.moving import close, extend_receipt, mark_paid, receive, ship
from tuike.orders.service.placing import place, place_external
from tuike.orders.service.reported import receive_reported, ship_reported

__all__ = [
    "approve_after_sales",
    "cancel_after_sale",
    "change_quantity",
    "close",
    "extend_receipt",
    "finish_after_sales",
    "mark_paid",
    "open_after_sales",
    "place",
    "place_external",
    "put_in_cart",
    "receive",
    "receive_reported",
    "reject_after_sale",
    "remove",
    "remove_placed",
    "ship",
    "ship_reported",
]
