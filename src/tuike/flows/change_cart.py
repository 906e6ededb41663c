"""A buyer puts goods aside, changes how many, or takes them out again."""

from collections.abc import Sequence
from datetime import datetime

from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.kit.errors import NotFound
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import CartEntry


@retry
def set_quantity(
    *, buyer_id: int, sku_id: int, quantity: int, now: datetime, key: str | None = None
) -> Sequence[CartEntry]:
    """Let the cart hold `quantity` of a SKU, whatever it held before, and return the cart.

    Raises:
        BadQuantity, CartFull, NotFound: see orders.put_in_cart.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> Sequence[CartEntry]:
        try:
            orders.change_quantity(buyer_id=buyer_id, sku_id=sku_id, quantity=quantity)
        except NotFound:
            orders.put_in_cart(buyer_id=buyer_id, sku_id=sku_id, quantity=quantity, now=now)
        return _cart(buyer_id)

    return keyed(
        scope=f"buyer:{buyer_id}:set_quantity",
        key=key,
        content={"sku": sku_id, "quantity": quantity},
        now=now,
        work=work,
        again=lambda: _cart(buyer_id),
    )


@retry
def set_quantities(
    *, buyer_id: int, items: Sequence[tuple[int, int]], now: datetime, key: str | None = None
) -> Sequence[CartEntry]:
    """Let the cart hold these (SKU id, quantity), whatever it held of them before; 0 takes one out. All or none.

    Raises:
        BadQuantity, CartFull, NotFound: see orders.set_quantities.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> Sequence[CartEntry]:
        orders.set_quantities(buyer_id=buyer_id, items=items, now=now)
        return _cart(buyer_id)

    return keyed(
        scope=f"buyer:{buyer_id}:set_quantities",
        key=key,
        content=[list(item) for item in items],
        now=now,
        work=work,
        again=lambda: _cart(buyer_id),
    )


@retry
def take_out(*, buyer_id: int, sku_id: int, now: datetime, key: str | None = None) -> Sequence[CartEntry]:
    """Take a SKU out of the cart and return the cart; one that isn't in it is no error.

    Raises:
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> Sequence[CartEntry]:
        orders.remove(buyer_id=buyer_id, sku_ids=[sku_id])
        return _cart(buyer_id)

    return keyed(
        scope=f"buyer:{buyer_id}:take_out",
        key=key,
        content={"sku": sku_id},
        now=now,
        work=work,
        again=lambda: _cart(buyer_id),
    )


def _cart(buyer_id: int) -> Sequence[CartEntry]:
    return orders_of.cart_of(buyer_id=buyer_id)
