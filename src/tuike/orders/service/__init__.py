"""Writes of orders. All run inside the caller's transaction; the carts' verbs, which doors call, own theirs."""

from tuike.orders.service.after_sales import (
    approve_after_sales,
    cancel_after_sale,
    finish_after_sales,
    open_after_sales,
    reject_after_sale,
)
from tuike.orders.service.carts import change_quantity, put_in_cart, remove, remove_placed, set_quantities
from tuike.orders.service.moving import (
    RECEIPT_TOLD_BEFORE,
    close,
    extend_receipt,
    hide,
    mark_paid,
    receipts_to_tell,
    receive,
    remind,
)
from tuike.orders.service.parcels import CORRECTED_WITHIN, all_shipped, change_parcel, ship
from tuike.orders.service.placing import place, place_external, take_number, take_sale_ids
from tuike.orders.service.reported import receive_reported, ship_reported
from tuike.orders.service.returns import agree_return, dispute_after_sale, lapse, pass_to_operator, send_back

__all__ = [
    "CORRECTED_WITHIN",
    "RECEIPT_TOLD_BEFORE",
    "agree_return",
    "all_shipped",
    "approve_after_sales",
    "cancel_after_sale",
    "change_parcel",
    "change_quantity",
    "close",
    "dispute_after_sale",
    "extend_receipt",
    "finish_after_sales",
    "hide",
    "lapse",
    "mark_paid",
    "open_after_sales",
    "pass_to_operator",
    "place",
    "place_external",
    "put_in_cart",
    "receipts_to_tell",
    "receive",
    "receive_reported",
    "reject_after_sale",
    "remind",
    "remove",
    "remove_placed",
    "send_back",
    "set_quantities",
    "ship",
    "ship_reported",
    "take_number",
    "take_sale_ids",
]
