"""What has to be looked at anew: told by others, or brought by time alone."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.library.types import Marked, Scope
from tuike.parties import queries as parties
from tuike.plans import queries as plans
from tuike.settings import service as settings

NAMED = 2_000
"""Products that one mark names."""

Turns = Callable[[datetime, datetime], Sequence[int]]
"""The shops of which coupons begin or end after one instant and until another."""


def no_turns(after: datetime, until: datetime) -> Sequence[int]:
    """Return no shop: where nobody hands out coupons."""
    return ()


@transaction.atomic
def mark(*, marks: Iterable[Marked], now: datetime) -> int:
    """Put products on the work list and return how many marks were made; the same wide scope is marked once."""
    made: list[tuple[str, int, list[int]]] = []
    named: set[int] = set()
    for one in marks:
        if one.scope is Scope.PRODUCTS:
            named.update(one.product_ids)
        elif (one.scope.value, one.scope_id, []) not in made:
            made.append((one.scope.value, one.scope_id, []))
    ids = sorted(named)
    made += [(Scope.PRODUCTS.value, 0, ids[i : i + NAMED]) for i in range(0, len(ids), NAMED)]
    for scope, scope_id, product_ids in made:
        rows.run(
            "INSERT INTO library_mark (scope, scope_id, product_ids, after_id, at) VALUES (%s, %s, %s, 0, %s)",
            [scope, scope_id, product_ids, now],
        )
    return len(made)


@transaction.atomic
def sweep(*, now: datetime, turns: Turns = no_turns) -> int:
    """Mark what time alone has changed since the last sweep, or will have by the next midnight, and return how many
    marks were made: rates, openings and listings of a midnight; coupons that begin or end; the price floor.

    After a midnight what it changed is looked at once more: it was written ahead the day before. The first sweep marks
    everything.
    """
    floor = settings.get("price_floor_fen")
    found = rows.query("SELECT until, coupons_until, price_floor_fen FROM library_sweep FOR UPDATE")
    midnight = next_midnight(now)
    marks: list[Marked] = []
    if not found or found[0][2] != floor:
        marks.append(Marked(Scope.ALL))
    else:
        until, coupons_until, _ = found[0]
        if midnight > until:
            marks += _by_midnights(until - timedelta(seconds=1), midnight)
        marks += [Marked(Scope.MERCHANT, id_) for id_ in turns(coupons_until, now)]
    rows.run(
        "INSERT INTO library_sweep (id, until, coupons_until, price_floor_fen) VALUES (1, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET until = excluded.until, coupons_until = excluded.coupons_until,"
        " price_floor_fen = excluded.price_floor_fen",
        [midnight, now, floor],
    )
    return mark(marks=marks, now=now)


def _by_midnights(after: datetime, until: datetime) -> list[Marked]:
    listed = rows.query(
        "SELECT id FROM catalog_product WHERE listed_from > %s AND listed_from <= %s ORDER BY id", [after, until]
    )
    marks = [Marked(Scope.PRODUCTS, product_ids=tuple(id_ for (id_,) in listed))]
    marks += [Marked(Scope.MERCHANT, id_) for id_ in parties.alliance_turns(after=after, until=until)]
    for merchant_id, category_id, product_id in plans.public_turns(after=after, until=until):
        if product_id is not None:
            marks.append(Marked(Scope.PRODUCTS, product_ids=(product_id,)))
        elif merchant_id is not None:
            # A category of one shop: the shop's products are fewer than the category's.
            marks.append(Marked(Scope.MERCHANT, merchant_id))
        else:
            marks.append(Marked(Scope.CATEGORY, category_id) if category_id else Marked(Scope.ALL))
    return marks
