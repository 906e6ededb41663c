"""What a shop and its buyer can't settle: the operator decides; and what nobody answered in time goes on by itself."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import OperationalError, transaction

from tuike.audit.types import SYSTEM, Actor
from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.flows import refund_order, turns
from tuike.flows.keyed import keyed
from tuike.kit.errors import Refusal
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import AfterSaleDecided, AfterSaleKind, AfterSaleRef, AfterSaleState
from tuike.outbox import service as outbox

_log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    """What the operator decides."""

    REFUND = "refund"
    RETURN = "return"
    REJECT = "reject"


@retry
def dispute_refund(
    *,
    buyer_id: int,
    no: str,
    reason: str,
    pictures: Sequence[str] = (),
    now: datetime,
    key: str | None = None,
) -> AfterSaleRef:
    """Let a buyer bring a request that the shop rejected before the operator; its lines stop settling again.

    Raises:
        NotFound, AlreadyFinal, AfterSaleDecided, OverDue, NotInThisState, NothingLeft, UnshippedInFull, TextTooLong,
            TooManyPictures: see orders.dispute_after_sale.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> AfterSaleRef:
        disputed = orders.dispute_after_sale(no=no, buyer_id=buyer_id, reason=reason, pictures=pictures, now=now)
        commission.open_after_sale(sale_ids=turns.sales(disputed))
        _passed_on(disputed, now)
        return disputed

    return keyed(
        scope=f"buyer:{buyer_id}:dispute_refund",
        key=key,
        content={"no": no, "reason": reason, "pictures": list(pictures)},
        now=now,
        work=work,
        again=lambda: orders_of.after_sale_of_buyer(buyer_id=buyer_id, no=no),
    )


@retry
def decide_dispute(
    *, no: str, verdict: Verdict, note: str, actor: Actor, now: datetime, key: str | None = None
) -> AfterSaleRef:
    """Decide, as the operator, what came before it: money back, goods back first, or no; `note` is read by both.

    Raises:
        NotFound, AfterSaleDecided, NotInThisState, NothingLeft, TextTooLong: see orders.approve_after_sales,
            orders.agree_return, orders.reject_after_sale.
        RefundTooMuch, RefundTooOften, RefundTooOld: see payments.open_refunds.
        KeyMalformed, KeyUsedForOther: the key.
    """
    was = AfterSaleState.DISPUTED

    def work() -> AfterSaleRef:
        if verdict is Verdict.REFUND:
            return refund_order.approve_after_sales([no], merchant_id=None, actor=actor, now=now, was=was, note=note)[0]
        if verdict is Verdict.RETURN:
            return turns.ask_for_goods(no, merchant_id=None, actor=actor, now=now, was=was, note=note)
        rejected = orders.reject_after_sale(no=no, merchant_id=None, reason=note, actor=actor, now=now, was=was)
        turns.came_to_nothing("after_sale.rejected", rejected, now)
        return rejected

    def decided() -> AfterSaleRef:
        done = work()
        turns.shop_is_told("after_sale_decided", done, now)
        return done

    return keyed(
        scope="operator:decide_dispute",
        key=key,
        content={"no": no, "verdict": verdict, "note": note},
        now=now,
        work=decided,
        again=lambda: orders_of.disputed_after_sale(no),
    )


def answer_overdue(*, now: datetime, limit: int = 100) -> int:
    """Go on with after-sales whose turn is over and return how many went on (docs/rules.md §5).

    What the shop didn't answer is agreed before shipping, and comes before the operator after it; what the buyer
    didn't send in time ends; goods that the shop doesn't confirm come before the operator. One that can't go on
    delays no other; an answer that comes at the same instant wins or loses as a whole.
    """
    with transaction.atomic(durable=True):
        due = orders_of.due_after_sales(now=now, limit=limit)
    done = 0
    for one in due:
        try:
            _go_on(one, now)
            done += 1
        except AfterSaleDecided:
            continue  # answered at the last moment
        except OperationalError:
            raise
        except Refusal:
            done += _hand_over(one, now)
        except Exception as error:
            _log.exception("after_sale_not_gone_on", after_sale=one.no, exc_info=error)
    return done


@retry
def _go_on(one: AfterSaleRef, now: datetime) -> None:
    with transaction.atomic(durable=True):
        if one.state is AfterSaleState.RETURNING:
            turns.came_to_nothing("after_sale.cancelled", orders.lapse(no=one.no, now=now), now)
        elif one.state is AfterSaleState.REQUESTED and one.kind is AfterSaleKind.UNSHIPPED:
            refund_order.approve_after_sales([one.no], merchant_id=None, actor=SYSTEM, now=now)
        else:
            _passed_on(orders.pass_to_operator(no=one.no, was=one.state, now=now), now)


def _hand_over(one: AfterSaleRef, now: datetime) -> int:
    """Bring before the operator what can't be agreed by itself (its payment takes no refund any more); 1 when done."""
    try:
        with transaction.atomic(durable=True):
            _passed_on(orders.pass_to_operator(no=one.no, was=one.state, now=now), now)
    except Refusal:
        return 0
    return 1


def _passed_on(one: AfterSaleRef, now: datetime) -> None:
    outbox.put(topic="after_sale.disputed", events=[turns.told(one)], now=now)
    turns.shop_is_told("after_sale_disputed", one, now)
