"""The operator's curated list (精选)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import NotFound

_LOCK = 7_302


@transaction.atomic
def pick(*, product_ids: Sequence[int], actor: Actor, now: datetime) -> int:
    """Put products at the head of the curated list, in their order, and return how many are new on it; audited.

    A product that can't be promoted may stand on the list; promoters see it while it stands in the library.

    Raises:
        NotFound: a product that doesn't exist.
    """
    numbers = {id_: one.product_no for id_, one in catalog.product_facts(product_ids).items()}
    if len(numbers) < len(set(product_ids)):
        raise NotFound
    rows.query("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
    first = rows.query("SELECT coalesce(min(position), 0) FROM library_pick")[0][0]
    ordered = list(dict.fromkeys(product_ids))
    made = rows.query(
        "INSERT INTO library_pick (product_id, position, picked_at, picked_by)"
        " SELECT id, %s - (%s - no)::int - 1, %s, %s FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, no)"
        " ON CONFLICT (product_id) DO NOTHING RETURNING product_id",
        [first, len(ordered), now, actor.person_id, ordered],
    )
    acts: list[tuple[str, dict]] = [(numbers[id_], {}) for (id_,) in made]
    audit.record_many(actor=actor, action="library.pick", acts=acts, now=now)
    return len(made)


@transaction.atomic
def unpick(*, product_ids: Sequence[int], actor: Actor, now: datetime) -> int:
    """Take products off the curated list and return how many stood on it; audited."""
    gone = rows.query(
        "DELETE FROM library_pick k USING catalog_product p WHERE p.id = k.product_id AND k.product_id = ANY(%s)"
        " RETURNING p.no",
        [list(product_ids)],
    )
    acts: list[tuple[str, dict]] = [(no, {}) for (no,) in gone]
    audit.record_many(actor=actor, action="library.unpick", acts=acts, now=now)
    return len(gone)


@transaction.atomic
def move_pick(*, product_id: int, before_id: int | None, actor: Actor, now: datetime) -> None:
    """Move a curated product before another one (None: to the end); audited.

    Raises:
        NotFound: one of them isn't on the list.
    """
    rows.query("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
    order = [id_ for (id_,) in rows.query("SELECT product_id FROM library_pick ORDER BY position")]
    if product_id not in order or (before_id is not None and before_id not in order):
        raise NotFound
    if product_id == before_id:
        return
    order.remove(product_id)
    order.insert(len(order) if before_id is None else order.index(before_id), product_id)
    rows.run(
        "UPDATE library_pick k SET position = w.no FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, no)"
        " WHERE k.product_id = w.id AND k.position <> w.no",
        [order],
    )
    number = catalog.product_facts([product_id])[product_id].product_no
    facts = {"place": order.index(product_id) + 1}
    audit.record(actor=actor, action="library.move_pick", object_=number, facts=facts, now=now)
