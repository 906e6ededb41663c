"""Stock: taken by the statement that checks it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog.rules import MAX_STOCK
from tuike.catalog.service.telling import tell_products
from tuike.catalog.types import NoSuchSku, NotOnSale, SoldOut, StockBack, StockBelowZero, StockWhy
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound

# Rows are locked in id order first, so that two orders over the same SKUs queue instead of deadlocking; the update
# then looks at each row as it is when it holds it.
_TAKE = """
    WITH held AS (SELECT id FROM catalog_sku WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE),
         wanted AS (SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::bigint[]) AS w (id, quantity)),
         taken AS (
             UPDATE catalog_sku s SET free = s.free - w.quantity, sold = s.sold + w.quantity
             FROM held, wanted w, catalog_product p
             WHERE s.id = held.id AND s.id = w.id AND p.id = s.product_id
               AND s.on_sale AND p.state = 'on_sale' AND s.free >= w.quantity
             RETURNING s.id, w.quantity, p.merchant_id
         ), moved AS (
             INSERT INTO catalog_stock_move (merchant_id, sku_id, change, why, source, actor, note, at)
             SELECT merchant_id, id, -quantity, 'placed', %(source)s::text, '', '', %(now)s::timestamptz FROM taken
         )
    SELECT id FROM taken
"""
_RETURN = """
    WITH held AS (SELECT id FROM catalog_sku WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE),
         back AS (
             SELECT id, source, sum(quantity)::int AS quantity
             FROM unnest(%(each)s::bigint[], %(pieces)s::bigint[], %(sources)s::text[]) AS b (id, quantity, source)
             GROUP BY id, source
         ), wanted AS (SELECT id, sum(quantity)::int AS quantity FROM back GROUP BY id),
         given AS (
             UPDATE catalog_sku s SET free = s.free + w.quantity, sold = s.sold - w.quantity
             FROM held, wanted w, catalog_product p WHERE s.id = held.id AND s.id = w.id AND p.id = s.product_id
             RETURNING s.id, p.merchant_id
         )
    INSERT INTO catalog_stock_move (merchant_id, sku_id, change, why, source, actor, note, at)
    SELECT g.merchant_id, g.id, b.quantity, %(why)s, b.source, '', '', %(now)s FROM given g JOIN back b ON b.id = g.id
"""
_ADD = """
    WITH wanted AS (SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::bigint[]) AS w (id, quantity)),
         given AS (
             UPDATE catalog_sku s SET free = s.free + w.quantity FROM wanted w
             WHERE s.id = w.id AND w.quantity <> 0 RETURNING s.id, w.quantity
         )
    INSERT INTO catalog_stock_move (merchant_id, sku_id, change, why, source, actor, note, at)
    SELECT %(merchant)s, id, quantity, %(why)s, '', %(actor)s, %(note)s, %(now)s FROM given
"""
_MOVE = {
    "merchant_id": "bigint",
    "sku_id": "bigint",
    "change": "integer",
    "why": "text",
    "source": "text",
    "actor": "text",
    "note": "text",
    "at": "timestamptz",
}
_WHY = """
    SELECT s.free, s.on_sale AND p.state = 'on_sale', concat_ws(' ', p.title, nullif(s.spec, ''))
    FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id WHERE s.id = %s
"""


@transaction.atomic(savepoint=False)
def take_stock(*, items: Sequence[tuple[int, int]], source: str, now: datetime) -> None:
    """Take (SKU id, quantity > 0) from what is free, all or none, in one conditional statement (docs/rules.md §2).

    The same SKU may come twice; its quantities add up. `source` is the number of what it is taken for; the same
    statement writes the movements. A refusal spoils the caller's transaction (it can only be rolled back), so that
    nothing is ever taken in part.

    Raises:
        SoldOut: a SKU has fewer free than wanted; carries `sku_id`, `free` and the title.
        NotOnSale: a SKU or its product is not on sale.
        NoSuchSku: an id that doesn't exist.
    """
    wanted = _summed(items)
    taken = {id_ for (id_,) in rows.planned(_TAKE, {**_params(wanted), "source": source, "now": now})}
    missing = [id_ for id_ in wanted if id_ not in taken]
    if missing:
        _refuse(missing[0])


def return_stock(*, items: Sequence[StockBack], why: StockWhy, now: datetime) -> None:
    """Give back what `take_stock` took: the order was closed, or goods came back. Never more than was sold: the
    database refuses it. The same statement writes the movements, one for each SKU and source."""
    wanted = _summed((one.sku_id, one.quantity) for one in items)
    rows.run(
        _RETURN,
        {
            "ids": list(wanted),
            "each": [one.sku_id for one in items],
            "pieces": [one.quantity for one in items],
            "sources": [one.source for one in items],
            "why": why,
            "now": now,
        },
    )


@transaction.atomic
def add_stock(
    *,
    merchant_id: int,
    items: Sequence[tuple[int, int]],
    actor: Actor,
    now: datetime,
    why: StockWhy = StockWhy.HAND,
    note: str = "",
) -> None:
    """Change what is free of a merchant's SKUs by a person's (SKU id, ±quantity), all or none; audited.

    `note` says in at most 100 characters why; it stands with the movements.

    Raises:
        NotFound: a SKU that isn't the merchant's.
        StockBelowZero: fewer are free than are taken out.
        Invalid: more than a SKU holds; the note.
    """
    summed: Counter[int] = Counter()
    for sku_id, quantity in items:
        summed[sku_id] += quantity
    wanted = dict(sorted(summed.items()))
    if len(note) > 100 or not note.isprintable():
        raise Invalid(field="note", reason_zh="最多 100 字", reason_en="100 characters at most")
    found = rows.query(
        "SELECT s.id, s.free, p.no, p.id FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id"
        " WHERE s.id = ANY(%s) AND p.merchant_id = %s ORDER BY s.id FOR UPDATE OF s",
        [list(wanted), merchant_id],
    )
    if len(found) < len(wanted):
        raise NotFound
    for sku_id, free, *_ in found:
        if free + wanted[sku_id] < 0:
            raise StockBelowZero(sku_id=sku_id, free=free)
        if free + wanted[sku_id] > MAX_STOCK:
            raise Invalid(field="free", reason_zh=f"库存最多 {MAX_STOCK}", reason_en=f"stock is {MAX_STOCK} at most")
    said = {"merchant": merchant_id, "why": why, "actor": _who(actor), "note": note, "now": now}
    rows.run(_ADD, {**_params(wanted), **said})
    acts = [
        (no, {"sku": id_, "from": free, "to": free + wanted[id_]} | ({"note": note} if note else {}))
        for id_, free, no, _ in found
    ]
    audit.record_many(actor=actor, action="product.stock", acts=acts, now=now)
    tell_products([product_id for *_, product_id in found], now)


def start_stock(*, merchant_id: int, free: Sequence[tuple[int, int]], actor: Actor, now: datetime) -> None:
    """Write the first movement of fresh SKUs, (id, free): what a SKU starts with is where its sum starts."""
    who = _who(actor)
    moves = [(merchant_id, id_, pieces, StockWhy.ADDED.value, "", who, "", now) for id_, pieces in free if pieces]
    if moves:
        rows.insert("catalog_stock_move", _MOVE, moves)


def _who(actor: Actor) -> str:
    return f"person:{actor.person_id}" if actor.person_id else actor.kind


def _summed(items: Iterable[tuple[int, int]]) -> dict[int, int]:
    summed: Counter[int] = Counter()
    for sku_id, quantity in items:
        if quantity <= 0:
            raise Invalid(field="quantity", reason_zh="数量须大于 0", reason_en="a quantity must be above 0")
        summed[sku_id] += quantity
    return dict(sorted(summed.items()))


def _params(wanted: dict[int, int]) -> dict[str, list[int]]:
    return {"ids": list(wanted), "quantities": list(wanted.values())}


def _refuse(sku_id: int) -> None:
    found = rows.query(_WHY, [sku_id])
    if not found:
        raise NoSuchSku(sku_id=sku_id)
    free, on_sale, title = found[0]
    if not on_sale:
        raise NotOnSale(sku_id=sku_id, title=title)
    raise SoldOut(sku_id=sku_id, title=title, free=free)
