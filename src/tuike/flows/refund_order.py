"""Money back for goods: asked by the buyer, decided by the merchant, sent by the provider, booked once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import service as stock
from tuike.catalog.types import StockBack, StockWhy
from tuike.commission import service as commission
from tuike.commission.types import Refund
from tuike.db.retry import retry
from tuike.flows import booking, led_orders, prepaid, repaying, turns
from tuike.flows.keyed import keyed
from tuike.idempotency import service as idempotency
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import AfterSaleAsk, AfterSaleDraft, AfterSaleKind, AfterSaleRef, AfterSaleState
from tuike.outbox import service as outbox
from tuike.parties.types import Source


@retry
def ask_refund(
    *,
    buyer_id: int,
    order_no: str,
    lines: Sequence[AfterSaleAsk] | None,
    reason: str,
    key: str,
    now: datetime,
    kind: AfterSaleKind | None = None,
    reason_code: str = "",
    pictures: Sequence[str] = (),
) -> dict[str, Any]:
    """Let a buyer ask money back for some of their own order (None: all that is left); its lines stop settling.

    With the kind `return` goods come back first; `pictures` are names below /media/.

    Raises:
        NotFound: no such order, or somebody else's.
        NotInThisState, NothingLeft, UnshippedInFull, TextTooLong, UnknownReason, TooManyPictures: see
            orders.open_after_sales.
    """
    content = {
        "order": order_no,
        "lines": None if lines is None else [[one.line_no, one.quantity, one.amount_fen] for one in lines],
        "reason": [reason, reason_code, kind, list(pictures)],
    }

    def work() -> dict[str, Any]:
        order = orders_of.order_of_buyer(buyer_id=buyer_id, no=order_no)
        draft = AfterSaleDraft(
            order_id=order.id,
            lines=lines,
            reason=reason,
            kind=kind,
            reason_code=reason_code,
            pictures=pictures,
        )
        opened = open_after_sales([draft], now)[0]
        turns.shop_is_told("after_sale_asked", opened, now)
        return {"no": opened.no, "amount_fen": opened.amount_fen, "state": str(opened.state)}

    with transaction.atomic(durable=True):
        scope = f"buyer:{buyer_id}:ask_refund"
        return idempotency.once(scope=scope, key=key, content=content, now=now, work=work)


@retry
def cancel_refund(*, buyer_id: int, no: str, now: datetime, key: str | None = None) -> AfterSaleRef:
    """Let a buyer take back their own request before it is decided.

    Raises:
        NotFound, AfterSaleDecided: see orders.cancel_after_sale.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> AfterSaleRef:
        cancelled = orders.cancel_after_sale(no=no, buyer_id=buyer_id, now=now)
        turns.came_to_nothing("after_sale.cancelled", cancelled, now)
        return cancelled

    return keyed(
        scope=f"buyer:{buyer_id}:cancel_refund",
        key=key,
        content={"no": no},
        now=now,
        work=work,
        again=lambda: orders_of.after_sale_of_buyer(buyer_id=buyer_id, no=no),
    )


@retry
def reject_refund(
    *,
    no: str,
    merchant_id: int | None,
    reason: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
    pictures: Sequence[str] = (),
) -> AfterSaleRef:
    """Say no to a request, or to goods that came back; its lines settle again, and the buyer may ask the operator.

    Raises:
        NotFound, AfterSaleDecided, TextTooLong, TooManyPictures: see orders.reject_after_sale.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> AfterSaleRef:
        was = AfterSaleState.SENT if _of(merchant_id, no).state is AfterSaleState.SENT else AfterSaleState.REQUESTED
        rejected = orders.reject_after_sale(
            no=no, merchant_id=merchant_id, reason=reason, actor=actor, now=now, was=was, pictures=pictures
        )
        turns.came_to_nothing("after_sale.rejected", rejected, now)
        return rejected

    return keyed(
        scope=f"merchant:{merchant_id}:reject_refund",
        key=key,
        content={"no": no, "reason": reason, "pictures": list(pictures)},
        now=now,
        work=work,
        again=lambda: _of(merchant_id, no),
    )


@retry
def approve_refund(
    *, no: str, merchant_id: int | None, actor: Actor, now: datetime, key: str | None = None, note: str = ""
) -> AfterSaleRef:
    """Say yes: commission follows, the money is brought together for the buyer, and the refund waits to be sent.

    Where goods are to come back first, the buyer is asked to send them (`note` says where to) and nothing else happens.

    Raises:
        NotFound, AfterSaleDecided, NothingLeft: see orders.approve_after_sales.
        RefundTooMuch, RefundTooOften, RefundTooOld: see payments.open_refunds.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> AfterSaleRef:
        if _of(merchant_id, no).kind is AfterSaleKind.RETURN:
            return turns.ask_for_goods(no, merchant_id=merchant_id, actor=actor, now=now, note=note)
        return approve_after_sales([no], merchant_id=merchant_id, actor=actor, now=now)[0]

    return keyed(
        scope=f"merchant:{merchant_id}:approve_refund",
        key=key,
        content={"no": no, "note": note},
        now=now,
        work=work,
        again=lambda: _of(merchant_id, no),
    )


def open_after_sales(drafts: Sequence[AfterSaleDraft], now: datetime) -> list[AfterSaleRef]:
    """Open after-sales and stop their lines from settling, inside the caller's transaction."""
    opened = orders.open_after_sales(drafts=drafts, now=now)
    for one in opened:
        commission.open_after_sale(sale_ids=turns.sales(one))
    outbox.put(topic="after_sale.asked", events=[turns.told(one) for one in opened], now=now)
    return opened


def approve_after_sales(
    nos: Sequence[str],
    *,
    merchant_id: int | None,
    actor: Actor,
    now: datetime,
    was: AfterSaleState = AfterSaleState.REQUESTED,
    restock: bool = False,
    note: str = "",
) -> list[AfterSaleRef]:
    """Approve after-sales inside the caller's transaction: books, budgets and stock follow (docs/rules.md §5–7).

    `was`: where they stand; `restock`: the goods that came back can be sold again.

    Mall orders get a refund at the provider, whose number names the clearing account; external ones only give their
    commission back, and end at once.
    """
    approved = orders.approve_after_sales(
        nos=nos, merchant_id=merchant_id, actor=actor, now=now, was=was, restock=restock, note=note
    )
    repaid = repaying.open_refunds(approved, now)
    names = repaid.names
    taken = [Refund(no=names[one.no], merchant_id=one.merchant_id, parts=booking.refund_parts(one)) for one in approved]
    # Locked as where orders are placed (see place_order._take): stock, points, balances, campaigns, shops' accounts.
    _restock(approved, now)
    repaying.give_points_back(approved, now)
    repaying.hold_balances(approved, repaid)
    emptied = repaying.hold_budgets(approved)
    settled = commission.refund(refunds=[one for one in taken if one.parts], at=now, now=now)
    repaying.give_balances_back(approved, repaid, now)
    repaying.release_budgets(emptied, settled)
    external = {one.merchant_id: one.no for one in approved if one.source is Source.MINI_PROGRAM}
    for shop, no in external.items():
        prepaid.go_on(merchant_id=shop, booking=f"R{no}", now=now)
    led_orders.count_refunded(approved, now)
    finish([one.no for one in approved if one.no == names[one.no]], now)
    outbox.put(topic="after_sale.approved", events=[turns.told(one) for one in approved], now=now)
    turns.buyers_are_told("after_sale_approved", approved, now)
    return approved


def _restock(approved: Sequence[AfterSaleRef], now: datetime) -> None:
    """Give stock back what never left, or came back and can be sold again."""
    back = [
        StockBack(line.sku_id, pieces, one.no)
        for one in approved
        if one.source is Source.MINI_STORE
        for line in one.lines
        if (pieces := line.quantity if one.restocked else line.unsent_quantity)
    ]
    if back:
        stock.return_stock(items=back, why=StockWhy.REFUNDED, now=now)


def finish(nos: Sequence[str], now: datetime) -> None:
    """End after-sales whose money has gone back; their lines may settle what is left."""
    if not nos:
        return
    finished = orders.finish_after_sales(nos=nos, now=now)
    for one in finished:
        commission.close_after_sale(sale_ids=turns.sales(one))
        outbox.put(topic="after_sale.refunded", events=[turns.told(one)], now=now)
    turns.buyers_are_told("refund_done", finished, now)


def _of(merchant_id: int | None, no: str) -> AfterSaleRef:
    if merchant_id is not None:
        return orders_of.after_sale_of_merchant(merchant_id=merchant_id, no=no)
    return orders_of.after_sales_by_no([no])[no]
