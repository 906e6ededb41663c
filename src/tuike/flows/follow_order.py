"""What a buyer does with an order after placing it: reminding the shop, buying it again, putting it out of sight."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.idempotency import service as idempotency
from tuike.messages import service as messages
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import OrderRef


@retry
def remind_shop(*, buyer_id: int, order_no: str, now: datetime, key: str | None = None) -> OrderRef:
    """Let a buyer ask the shop to ship their own paid order, once a day; the shop is told.

    Raises:
        NotFound, NotInThisState, AlreadyReminded: see orders.remind.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OrderRef:
        order = orders.remind(buyer_id=buyer_id, order_no=order_no, now=now)
        facts = {"no": order.no}
        messages.tell(party_id=order.merchant_id, kind="ship_reminder", facts=facts, object_=order.no, now=now)
        return order

    return keyed(
        scope=f"buyer:{buyer_id}:remind_shop",
        key=key,
        content={"order": order_no},
        now=now,
        work=work,
        again=lambda: orders_of.order_of_buyer(buyer_id=buyer_id, no=order_no),
    )


@retry
def buy_again(*, buyer_id: int, order_no: str, key: str, now: datetime) -> dict[str, Any]:
    """Put what is still on sale of a buyer's own order into the cart; return how many kinds, and what is missing.

    No more of a kind than is free; what the cart holds of it already is added to. `missing` names title, spec and
    why: `off_sale` or `sold_out`.

    Raises:
        NotFound: no such order, or somebody else's.
        CartFull, BadQuantity: see orders.put_in_cart.
    """

    def work() -> dict[str, Any]:
        order = orders_of.order_of_buyer(buyer_id=buyer_id, no=order_no)
        facts = catalog.sku_facts([line.sku_id for line in order.lines])
        skus = catalog.skus_of(line.product_id for line in order.lines)
        free = {sku.sku_id: sku.free for some in skus.values() for sku in some}
        added, missing = 0, []
        for line in order.lines:
            sku, left = facts.get(line.sku_id), free.get(line.sku_id, 0)
            if sku is None or not sku.on_sale or left < 1:
                why = "sold_out" if sku is not None and sku.on_sale else "off_sale"
                missing.append({"title": line.title, "spec": line.spec, "why": why})
                continue
            orders.put_in_cart(buyer_id=buyer_id, sku_id=line.sku_id, quantity=min(line.quantity, left), now=now)
            added += 1
        return {"added": added, "missing": missing}

    with transaction.atomic(durable=True):
        scope = f"buyer:{buyer_id}:buy_again"
        return idempotency.once(scope=scope, key=key, content={"order": order_no}, now=now, work=work)
