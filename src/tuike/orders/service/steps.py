"""How after-sales move: orders locked in id order, the old state compared in the statement that sets the new one, and
a step added to the timeline. Shared by the verbs of after-sales."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.orders import queries, rules
from tuike.orders.types import AfterSaleDecided, AfterSaleRef, AfterSaleState, Step, Who

_STEP = {
    "after_sale_id": "bigint",
    "kind": "text",
    "state": "text",
    "by": "text",
    "note": "text",
    "pictures": "text",
    "at": "timestamptz",
}
_DECIDED = (AfterSaleState.APPROVED, AfterSaleState.REJECTED)
_ENDED = (AfterSaleState.REFUNDED, AfterSaleState.REJECTED, AfterSaleState.CANCELLED)
MOVE = """
UPDATE orders_after_sale
SET state = %(becomes)s, due_at = %(due_at)s, ended_at = CASE WHEN %(ends)s THEN %(now)s::timestamptz END,
    decided_at = CASE WHEN %(decides)s THEN %(now)s ELSE decided_at END
WHERE no = ANY(%(nos)s) AND state = %(was)s RETURNING id
"""
"""Takes after-sales from one state to another; whoever comes second finds none in the old state."""


def locked(nos: Sequence[str], merchant_id: int | None = None) -> dict[str, AfterSaleRef]:
    """Lock the orders of after-sales in id order, as parcels and requests do, and return the after-sales by number.

    Raises:
        NotFound: there is no such after-sale, or it is another merchant's.
    """
    rows.query(
        "SELECT o.id FROM orders_order o JOIN orders_after_sale a ON a.order_id = o.id"
        " WHERE a.no = ANY(%s) ORDER BY o.id FOR UPDATE OF o",
        [list(nos)],
    )
    found = queries.after_sales_by_no(nos)
    if any(no not in found or merchant_id not in (None, found[no].merchant_id) for no in nos):
        raise NotFound
    return found


def move(
    nos: Sequence[str], was: AfterSaleState, becomes: AfterSaleState, step: Step, *, now: datetime, all_: bool = True
) -> set[int]:
    """Take after-sales from `was` to `becomes`, with a step each, and return the ids of those that moved.

    Raises:
        AfterSaleDecided: one isn't in the old state (with `all_`; else it just stays as it is).
        TextTooLong, TooManyPictures: what the step says.
    """
    assert becomes in was.exits, (was, becomes)
    note = rules.check_text("reason", step.note, 200)
    rules.check_pictures(step.pictures)
    moved = rows.query(
        MOVE,
        {
            "becomes": becomes,
            "was": was,
            "nos": list(nos),
            "due_at": step.due_at,
            "now": now,
            "ends": becomes in _ENDED,
            "decides": becomes in _DECIDED,
        },
    )
    if all_ and len(moved) != len(set(nos)):
        raise AfterSaleDecided
    ids = [id_ for (id_,) in moved]
    add([(id_, step.kind, becomes, step.by, note, "\n".join(step.pictures), now) for id_ in ids])
    return set(ids)


def add(steps: Sequence[tuple]) -> None:
    """Add steps to timelines: (after-sale id, kind, state after it, by, note, pictures one a line, instant)."""
    rows.insert("orders_after_sale_step", _STEP, list(steps))


def who(actor: Actor, merchant_id: int | None) -> Who:
    """Return who acts: a merchant on its own orders, a job, or the operator."""
    if merchant_id is not None:
        return Who.MERCHANT
    return Who.TIME if actor.kind == "job" else Who.OPERATOR
