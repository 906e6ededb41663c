"""Selection sets (选品车)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.db import rows
from tuike.library import queries
from tuike.library.types import MOST_CHOSEN, NotInLibrary, SetFull


@transaction.atomic
def choose(*, promoter_id: int, product_ids: Sequence[int], now: datetime) -> int:
    """Put products that stand in the library into a promoter's selection set; return how many it holds then.

    A product that is in it stays where it is.

    Raises:
        NotInLibrary: one of them doesn't stand in the library at `now`.
        SetFull: it would hold more than 200.
    """
    wanted = list(dict.fromkeys(product_ids))
    if len(queries.cards_of(product_ids=wanted, now=now)) < len(wanted):
        raise NotInLibrary
    rows.run(
        "INSERT INTO library_chosen_count (promoter_id, products) VALUES (%s, 0) ON CONFLICT DO NOTHING", [promoter_id]
    )
    # Holding the count's row lets the sets of one promoter change one after the other.
    held = rows.query("SELECT products FROM library_chosen_count WHERE promoter_id = %s FOR UPDATE", [promoter_id])[0][
        0
    ]
    added = rows.query(
        "INSERT INTO library_chosen (promoter_id, product_id, chosen_at)"
        " SELECT %s, id, %s FROM unnest(%s::bigint[]) AS w (id) ON CONFLICT DO NOTHING RETURNING id",
        [promoter_id, now, wanted],
    )
    if held + len(added) > MOST_CHOSEN:
        raise SetFull(most=MOST_CHOSEN)
    return _count(promoter_id, len(added))


@transaction.atomic
def drop(*, promoter_id: int, product_ids: Sequence[int] | None = None) -> int:
    """Take products out of a promoter's selection set (None: all of them); return how many it holds then."""
    rows.query("SELECT 1 FROM library_chosen_count WHERE promoter_id = %s FOR UPDATE", [promoter_id])
    gone = rows.run(
        "DELETE FROM library_chosen WHERE promoter_id = %s AND (%s OR product_id = ANY(%s))",
        [promoter_id, product_ids is None, list(product_ids or ())],
    )
    return _count(promoter_id, -gone)


def _count(promoter_id: int, change: int) -> int:
    found = rows.query(
        "UPDATE library_chosen_count SET products = products + %s WHERE promoter_id = %s RETURNING products",
        [change, promoter_id],
    )
    return found[0][0] if found else 0
