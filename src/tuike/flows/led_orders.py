"""Orders that came by leaders' material: counted for their enrolments when paid, taken out when all went back.

Shared by the journeys that book and refund orders; not a journey itself. The counts decide what a shop may do (§9).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tuike.attribution import queries as attribution
from tuike.commission.types import SaleFacts
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import ShortCount
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleRef
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind


def count_paid(sales: Sequence[SaleFacts], now: datetime) -> None:
    """Count the orders of these sales for the enrolments that they came by, in the caller's transaction.

    Last among its writes: whoever sells through one enrolment waits for the other.
    """
    led = {
        (sale.terms.why["enrolment"], sale.order_no, sale.paid_at) for sale in sales if "enrolment" in sale.terms.why
    }
    if led:
        _look_at(cooperation.count_paid(orders=led, now=now), now)


def count_refunded(refunded: Iterable[AfterSaleRef], now: datetime) -> None:
    """Take out of the net counts the orders of which nothing is left that came by an enrolment."""
    orders = {one.order_no for one in refunded if any(line.refunded_fen == line.paid_fen for line in one.lines)}
    led = attribution.led_lines(orders) if orders else {}
    if not led:
        return
    lines = orders_of.lines_by_id({line_id for ids in led.values() for line_id in ids})
    gone = {
        id_
        for id_, one in lines.items()
        if one.refunded_fen == one.paid_fen and (one.paid_fen or one.refunded_quantity == one.quantity)
    }
    empty = {pair for pair, ids in led.items() if gone.issuperset(ids)}
    if empty:
        _look_at(cooperation.count_refunded(orders=empty, now=now), now)


def _look_at(short: Sequence[ShortCount], now: datetime) -> None:
    """Have a person look at enrolments whose base only refunded orders reach."""
    cases = [
        CaseFacts(
            CaseKind.LEADER_COUNT,
            one.no,
            0,
            {"leader": one.leader_id, "base": one.base_orders, "gross": one.gross_orders, "net": one.net_orders},
        )
        for one in short
    ]
    if cases:
        risk.open_cases(cases=cases, now=now)
