"""After-sales: asked for, decided, refunded. What is given back is taken from the line by one statement."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import ids, rows
from tuike.kit.errors import NotFound
from tuike.kit.ids import number
from tuike.orders import queries, rules
from tuike.orders.service import steps
from tuike.orders.types import (
    AfterSaleDecided,
    AfterSaleDraft,
    AfterSaleRef,
    AfterSaleState,
    CloseReason,
    NothingLeft,
    NotInThisState,
    Step,
    StepKind,
    Who,
)
from tuike.settings import service as settings

_AFTER_SALE = {
    "id": "bigint",
    "no": "text",
    "order_id": "bigint",
    "kind": "text",
    "state": "text",
    "reason": "text",
    "answer": "text",
    "freight_fen": "bigint",
    "opened_at": "timestamptz",
    "reason_code": "text",
    "due_at": "timestamptz",
}
_LINE = {"after_sale_id": "bigint", "line_id": "bigint", "quantity": "integer", "amount_fen": "bigint"}
TAKE_LINES = """
UPDATE orders_line l SET refunded_fen = l.refunded_fen + t.amount_fen,
                         refunded_quantity = l.refunded_quantity + t.quantity,
                         unsent_quantity = l.unsent_quantity + t.unsent_quantity
FROM (
    SELECT line_id, sum(amount_fen)::bigint AS amount_fen, sum(quantity)::integer AS quantity,
        sum(unsent_quantity)::integer AS unsent_quantity
    FROM orders_after_sale_line WHERE after_sale_id = ANY(%(ids)s) GROUP BY line_id
) t
WHERE l.id = t.line_id
  AND l.refunded_fen + t.amount_fen <= l.paid_fen AND l.refunded_quantity + t.quantity <= l.quantity
"""
"""Takes what after-sales give back from the lines; the limits are in the statement that spends them."""

TAKE_FREIGHT = """
UPDATE orders_order o SET freight_refunded_fen = o.freight_refunded_fen + t.freight_fen
FROM (
    SELECT order_id, sum(freight_fen)::bigint AS freight_fen
    FROM orders_after_sale WHERE id = ANY(%(ids)s) AND freight_fen > 0 GROUP BY order_id
) t
WHERE o.id = t.order_id AND o.freight_refunded_fen + t.freight_fen <= o.freight_fen
"""


def open_after_sales(*, drafts: Sequence[AfterSaleDraft], now: datetime) -> list[AfterSaleRef]:
    """Open after-sales on paid orders, in the order of `drafts`, each on what those before it left (docs/rules.md §5).

    By line, quantity and amount, several until the line is empty; requests that nobody decided count as given back.
    The orders are locked, so a parcel and a request never pass each other. Whoever calls has found the orders by who
    asks. All or none.

    Raises:
        NotFound: there is no such order.
        NotInThisState: it isn't paid, or is closed.
        NothingLeft: less is left than asked for, or nothing is asked for.
        UnshippedInFull: the last pieces of an order that wasn't shipped, but not all its money.
        TextTooLong: a reason above 200 characters.
        UnknownReason, TooManyPictures: see rules.kind_of.
    """
    due_at = now + timedelta(hours=settings.get("after_sale_answer_hours"))
    wanted = sorted({draft.order_id for draft in drafts})
    rows.query("SELECT id FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [wanted])
    orders = queries.orders_by_id(wanted)
    lines_asked, freight_asked = queries.asked_of(wanted)
    opened, parts, told = [], [], []
    for id_, draft in zip(ids.take("orders_after_sale", len(drafts)), drafts, strict=True):
        order = orders.get(draft.order_id)
        if order is None:
            raise NotFound
        if order.state not in rules.REFUNDABLE:
            raise NotInThisState(state=order.state.value)
        kind = rules.kind_of(order, draft)
        taken, freight = rules.after_sale_parts(
            order=order,
            asked_before=lines_asked,
            freight_asked_before=freight_asked.get(order.id, 0),
            draft=draft,
        )
        for part in taken:
            quantity, amount = lines_asked.get(part.line_id, (0, 0))
            lines_asked[part.line_id] = quantity + part.quantity, amount + part.amount_fen
            parts.append((id_, part.line_id, part.quantity, part.amount_fen))
        freight_asked[order.id] = freight_asked.get(order.id, 0) + freight
        reason = rules.check_text("reason", draft.reason, 200)
        no = number("A", id_, now)
        state = AfterSaleState.REQUESTED
        opened.append((id_, no, order.id, kind, state, reason, "", freight, now, draft.reason_code, due_at))
        told.append((id_, StepKind.ASKED, state, Who.BUYER, reason, "\n".join(draft.pictures), now))
    rows.insert("orders_after_sale", _AFTER_SALE, opened)
    rows.insert("orders_after_sale_line", _LINE, parts)
    steps.add(told)
    found = queries.after_sales_by_no([row[1] for row in opened])
    return [found[row[1]] for row in opened]


def approve_after_sales(
    *,
    nos: Sequence[str],
    merchant_id: int | None,
    actor: Actor,
    now: datetime,
    was: AfterSaleState = AfterSaleState.REQUESTED,
    note: str = "",
    restock: bool = False,
) -> list[AfterSaleRef]:
    """Approve after-sales that stand at `was`: what they give back is taken from lines and freight, and only then
    counts as refunded.

    Σ given back never exceeds what was paid for a line, whoever approves at once: the statement that takes it says
    so. An order of which nothing is left, and which wasn't shipped, is closed (`refunded`). `restock`: the goods that
    came back can be sold again. What never left of a partly shipped order stays, and once nothing is left to send its
    receipt confirms itself as if the last parcel had gone. Returns the after-sales with the lines' new totals; the
    caller gives the money back. Audited. With a `merchant_id` only that merchant's own; None is the platform. All or
    none.

    Raises:
        NotFound: there is no such after-sale, or it is another merchant's.
        AfterSaleDecided: it doesn't stand there any more.
        NothingLeft: a line or the freight has less left than this takes.
    """
    found = steps.locked(nos, merchant_id)
    by = steps.who(actor, merchant_id)
    steps.move(nos, was, AfterSaleState.APPROVED, Step(kind=StepKind.APPROVED, by=by, note=note), now=now)
    taken = {"ids": [one.id for one in found.values()]}
    lines = {line.line_id for one in found.values() for line in one.lines}
    freighted = {one.order_id for one in found.values() if one.freight_fen}
    _note_unsent(list(found.values()))
    if rows.run(TAKE_LINES, taken) != len(lines) or rows.run(TAKE_FREIGHT, taken) != len(freighted):
        raise NothingLeft
    if restock or by is Who.OPERATOR:
        rows.run(
            "UPDATE orders_after_sale SET restocked = restocked OR %s, final = final OR %s WHERE id = ANY(%s)",
            [restock, by is Who.OPERATOR, taken["ids"]],
        )
    _end_orders({one.order_id for one in found.values()}, now)
    acts = [(one.no, {"order": one.order_no, "amount_fen": one.amount_fen}) for one in found.values()]
    audit.record_many(actor=actor, action="after_sale.approve", acts=acts, now=now)
    after = queries.after_sales_by_no(nos)
    return [after[no] for no in nos]


def reject_after_sale(
    *,
    no: str,
    merchant_id: int | None,
    reason: str,
    actor: Actor,
    now: datetime,
    was: AfterSaleState = AfterSaleState.REQUESTED,
    pictures: Sequence[str] = (),
) -> AfterSaleRef:
    """Say no to an after-sale that stands at `was`, with a reason of at most 200 characters that the buyer sees, and
    evidence. The operator's no is final. Audited.

    Raises:
        NotFound: there is no such after-sale, or it is another merchant's.
        AfterSaleDecided: it doesn't stand there any more.
        TextTooLong: the reason is too long.
        TooManyPictures: more than 9, or what isn't the name of an uploaded picture.
    """
    reason = rules.check_text("reason", reason, 200)
    found = steps.locked([no], merchant_id)[no]
    by = steps.who(actor, merchant_id)
    step = Step(kind=StepKind.REJECTED, by=by, note=reason, pictures=pictures)
    steps.move([no], was, AfterSaleState.REJECTED, step, now=now)
    final = was is AfterSaleState.DISPUTED
    rows.run("UPDATE orders_after_sale SET answer = %s, final = final OR %s WHERE no = %s", [reason, final, no])
    facts = {"order": found.order_no, "amount_fen": found.amount_fen, "reason": reason}
    audit.record(actor=actor, action="after_sale.reject", object_=no, facts=facts, now=now)
    return queries.after_sales_by_no([no])[no]


def cancel_after_sale(*, no: str, buyer_id: int, now: datetime) -> AfterSaleRef:
    """Take back a buyer's own request that nobody decided yet and whose goods aren't on their way.

    Raises:
        NotFound: there is no such after-sale, or it is somebody else's.
        AfterSaleDecided: it was decided or cancelled before, or the goods were sent.
    """
    queries.after_sale_of_buyer(buyer_id=buyer_id, no=no)
    was = steps.locked([no])[no].state
    if AfterSaleState.CANCELLED not in was.exits:
        raise AfterSaleDecided
    step = Step(kind=StepKind.CANCELLED, by=Who.BUYER)
    steps.move([no], was, AfterSaleState.CANCELLED, step, now=now)
    return queries.after_sales_by_no([no])[no]


def finish_after_sales(*, nos: Sequence[str], now: datetime) -> list[AfterSaleRef]:
    """End approved after-sales whose money has gone back, and return those that moved; others stay as they are."""
    steps.locked(nos)
    step = Step(kind=StepKind.REFUNDED, by=Who.TIME)
    moved = steps.move(nos, AfterSaleState.APPROVED, AfterSaleState.REFUNDED, step, now=now, all_=False)
    found = queries.after_sales_by_no(nos)
    return [found[no] for no in nos if found[no].id in moved]


def _note_unsent(approved: Sequence[AfterSaleRef]) -> None:
    """Keep how many pieces of each after-sale never left, on the lines as they are under the lock."""
    orders = queries.orders_by_id({one.order_id for one in approved})
    lines = {line.id: line for order in orders.values() for line in order.lines}
    noted = []
    for one in approved:
        for part in one.lines:
            line = lines[part.line_id]
            count = rules.unsent(line, part.quantity, kind=one.kind, reason_code=one.reason_code)
            lines[line.id] = replace(
                line,
                refunded_quantity=line.refunded_quantity + part.quantity,
                unsent_quantity=line.unsent_quantity + count,
            )
            noted.append((one.id, line.id, count))
    rows.run(
        """
        UPDATE orders_after_sale_line t SET unsent_quantity = n.quantity
        FROM unnest(%s::bigint[], %s::bigint[], %s::integer[]) AS n (after_sale_id, line_id, quantity)
        WHERE t.after_sale_id = n.after_sale_id AND t.line_id = n.line_id AND n.quantity > 0
        """,
        rows.columns(noted, 3),
    )


def _end_orders(order_ids: set[int], now: datetime) -> None:
    """Close orders that were not shipped and of which nothing is left; start the clock of partly shipped ones of which
    nothing is left to send."""
    orders = queries.orders_by_id(order_ids)
    empty = [id_ for id_, order in orders.items() if rules.refunded_in_full(order)]
    rows.run(
        "UPDATE orders_order SET state = 'closed', closed_at = %s, close_reason = %s"
        " WHERE id = ANY(%s) AND state = 'paid'",
        [now, CloseReason.REFUNDED, empty],
    )
    sent = [id_ for id_, order in orders.items() if not any(rules.left_to_ship(line) for line in order.lines)]
    due = rules.receive_by(shipped_at=now, days=settings.get("auto_receive_days"))
    rows.run(
        "UPDATE orders_order SET receive_by = %s WHERE id = ANY(%s) AND state = 'shipped' AND receive_by IS NULL"
        " AND source = 'mini_store'",
        [due, sent],
    )
