"""Carts: what a buyer put aside. Prices and stock are looked up when the cart is shown; what is kept of them here is
the price that the buyer saw last, so that a change can be told."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.orders import rules
from tuike.orders.types import BadQuantity, CartFull

_PRICE = "(SELECT s.price_fen FROM catalog_sku s WHERE s.id = orders_cart_item.sku_id)"


@transaction.atomic
def put_in_cart(*, buyer_id: int, sku_id: int, quantity: int, now: datetime) -> int:
    """Add `quantity` of a SKU to what the buyer has of it and return how many that is now, at most 9999.

    Raises:
        BadQuantity: less than 1, or more than 9999 together.
        CartFull: it would be the 101st kind.
        NotFound: there is no such SKU.
    """
    if not 1 <= quantity <= rules.MAX_QUANTITY:
        raise BadQuantity(most=rules.MAX_QUANTITY)
    sku = catalog.sku_facts([sku_id]).get(sku_id)
    if sku is None:
        raise NotFound
    # One writer a cart at a time: a row that isn't there yet can't be counted under a lock of its own.
    rows.query("SELECT pg_advisory_xact_lock(hashtextextended('orders_cart', %s))", [buyer_id])
    found = rows.query(
        """
        INSERT INTO orders_cart_item (buyer_id, sku_id, quantity, price_fen, added_at)
        SELECT %(buyer)s, %(sku)s, %(quantity)s, %(price)s, %(now)s
        WHERE EXISTS (SELECT FROM orders_cart_item WHERE buyer_id = %(buyer)s AND sku_id = %(sku)s)
           OR (SELECT count(*) FROM orders_cart_item WHERE buyer_id = %(buyer)s) < %(most)s
        ON CONFLICT (buyer_id, sku_id) DO UPDATE
        SET quantity = orders_cart_item.quantity + excluded.quantity, added_at = excluded.added_at,
            price_fen = excluded.price_fen
        RETURNING quantity
        """,
        {
            "buyer": buyer_id,
            "sku": sku_id,
            "quantity": quantity,
            "price": sku.price_fen,
            "now": now,
            "most": rules.MAX_CART,
        },
    )
    if not found:
        raise CartFull
    if found[0][0] > rules.MAX_QUANTITY:
        raise BadQuantity(most=rules.MAX_QUANTITY)
    return int(found[0][0])


@transaction.atomic
def change_quantity(*, buyer_id: int, sku_id: int, quantity: int) -> None:
    """Set how many of a SKU the buyer wants.

    Raises:
        BadQuantity: outside 1 … 9999.
        NotFound: the SKU isn't in this buyer's cart.
    """
    if not 1 <= quantity <= rules.MAX_QUANTITY:
        raise BadQuantity(most=rules.MAX_QUANTITY)
    statement = f"UPDATE orders_cart_item SET quantity = %s, price_fen = {_PRICE} WHERE buyer_id = %s AND sku_id = %s"
    if not rows.run(statement, [quantity, buyer_id, sku_id]):
        raise NotFound


@transaction.atomic
def set_quantities(*, buyer_id: int, items: Sequence[tuple[int, int]], now: datetime) -> None:
    """Let the cart hold these (SKU id, quantity), whatever it held of them before; 0 takes one out. All or none.

    Raises:
        BadQuantity: outside 0 … 9999.
        CartFull: it would be the 101st kind.
        NotFound: a SKU that doesn't exist.
    """
    if any(not 0 <= quantity <= rules.MAX_QUANTITY for _, quantity in items):
        raise BadQuantity(most=rules.MAX_QUANTITY)
    wanted = {sku_id: quantity for sku_id, quantity in items if quantity}
    remove(buyer_id=buyer_id, sku_ids=[sku_id for sku_id, quantity in items if not quantity])
    facts = catalog.sku_facts(wanted)
    if len(facts) < len(wanted):
        raise NotFound
    rows.query("SELECT pg_advisory_xact_lock(hashtextextended('orders_cart', %s))", [buyer_id])
    rows.run(
        """
        INSERT INTO orders_cart_item (buyer_id, sku_id, quantity, price_fen, added_at)
        SELECT %(buyer)s, w.sku_id, w.quantity, w.price_fen, %(now)s
        FROM unnest(%(skus)s::bigint[], %(quantities)s::bigint[], %(prices)s::bigint[]) w (sku_id, quantity, price_fen)
        ORDER BY w.sku_id
        ON CONFLICT (buyer_id, sku_id) DO UPDATE SET quantity = excluded.quantity, price_fen = excluded.price_fen
        """,
        {
            "buyer": buyer_id,
            "now": now,
            "skus": list(wanted),
            "quantities": list(wanted.values()),
            "prices": [facts[sku_id].price_fen for sku_id in wanted],
        },
    )
    if rows.query("SELECT count(*) FROM orders_cart_item WHERE buyer_id = %s", [buyer_id])[0][0] > rules.MAX_CART:
        raise CartFull


@transaction.atomic
def remove(*, buyer_id: int, sku_ids: Iterable[int]) -> int:
    """Take SKUs out of the buyer's cart and return how many kinds were in it; what isn't there is no error."""
    return rows.run("DELETE FROM orders_cart_item WHERE buyer_id = %s AND sku_id = ANY(%s)", [buyer_id, list(sku_ids)])


def remove_placed(*, buyer_id: int, items: Iterable[tuple[int, int]]) -> dict[int, datetime]:
    """Lower the cart by what was ordered, (SKU id, quantity): what the buyer wants beyond that stays in it.

    Returns by SKU since when what was ordered had been in the cart; what wasn't is missing.
    """
    wanted: dict[int, int] = {}
    for sku_id, quantity in items:
        wanted[sku_id] = wanted.get(sku_id, 0) + quantity
    found = rows.planned(
        "WITH w AS (SELECT * FROM unnest(%(skus)s::bigint[], %(quantities)s::bigint[]) w (sku_id, quantity)),"
        " gone AS (DELETE FROM orders_cart_item i USING w"
        " WHERE i.buyer_id = %(buyer)s AND i.sku_id = w.sku_id AND i.quantity <= w.quantity"
        " RETURNING i.sku_id, i.added_at), kept AS"
        " (UPDATE orders_cart_item i SET quantity = i.quantity - w.quantity FROM w"
        " WHERE i.buyer_id = %(buyer)s AND i.sku_id = w.sku_id AND i.quantity > w.quantity"
        " RETURNING i.sku_id, i.added_at) SELECT * FROM gone UNION ALL SELECT * FROM kept",
        {"buyer": buyer_id, "skus": list(wanted), "quantities": list(wanted.values())},
    )
    return dict(found)
