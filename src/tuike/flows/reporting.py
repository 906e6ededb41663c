"""Orders that external shops report, taken and booked in lists.

Shared by the journeys that take reports and import history; not a journey itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.attribution.types import Claim
from tuike.audit.types import Actor
from tuike.commission import service as commission
from tuike.commission.types import Booked, Refund
from tuike.flows import booking, judging, led_orders, prepaid, repaying
from tuike.orders import service as orders
from tuike.orders.types import AfterSaleDraft, AfterSaleRef, ExternalReport, OrderRef, ReportPlaced
from tuike.parties import service as parties

MakeClaims = Callable[[Sequence[OrderRef]], Sequence[Claim]]
"""Decides and keeps who earns the lines of orders that are new."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list of reports: the orders in its order, and what was booked of those that are new."""

    placed: Sequence[ReportPlaced]
    booked: Booked


def take(
    *,
    merchant_id: int,
    reports: Sequence[ExternalReport],
    make_claims: MakeClaims,
    number: str | None = None,
    now: datetime,
) -> Taken:
    """Place reported orders, claim their lines and book those that are paid, in the caller's transaction.

    `number` names the booking for ever (None: it is named after its first order); `make_claims` is asked for the new
    ones only (docs/rules.md §4–6).

    Raises:
        ReportChanged and others: see orders.place_external.
    """
    placed = orders.place_external(merchant_id=merchant_id, reports=reports)
    fresh = list({one.order.id: one.order for one in placed if one.fresh}.values())
    claims = make_claims(fresh) if fresh else ()
    paid = [order for order in fresh if order.paid_at is not None]
    return Taken(placed, book(merchant_id=merchant_id, paid=paid, claims=claims, number=number, now=now))


def book(
    *,
    merchant_id: int,
    paid: Sequence[OrderRef],
    claims: Sequence[Claim] | None = None,
    number: str | None = None,
    now: datetime,
) -> Booked:
    """Book paid external orders: the merchant's prepaid balance pays, what it can't pay waits (docs/rules.md §6).

    Orders that were received already start their clock with it. `claims` None: they are read.
    """
    if not paid:
        return Booked(0, 0, 0, 0)
    number = number or f"X{paid[0].no}"  # an order is booked once, so it names one booking
    known = None if claims is None else {claim.line_id: claim for claim in claims}
    sales = booking.sale_facts(orders=paid, claims=known)
    judge = judging.judge_at(sales, now)
    booked = commission.accrue(sales=sales, booking=number, clearing=number, now=now, judge=judge)
    led_orders.count_paid(sales, now)
    if booked.waiting:
        parties.note_prepaid(short=[merchant_id], enough=[], now=now)
    return booked


def give_back(
    *, merchant_id: int, drafts: Sequence[AfterSaleDraft], at: Sequence[datetime], actor: Actor, now: datetime
) -> list[AfterSaleRef]:
    """Take refunds that an external shop has made with its buyers, in the caller's transaction: opened, approved and
    ended at once, each with its own instant in the books. Commission follows; the buyer's money is the shop's affair.

    Raises:
        NothingLeft, UnshippedInFull, NotInThisState: see orders.open_after_sales.
    """
    if not drafts:
        return []
    opened = orders.open_after_sales(drafts=drafts, now=now)
    nos = [one.no for one in opened]
    approved = orders.approve_after_sales(nos=nos, merchant_id=merchant_id, actor=actor, now=now)
    emptied = repaying.hold_budgets(approved)  # before the shop's accounts, as where orders are placed
    settled = commission.refund(
        refunds=[
            Refund(no=one.no, merchant_id=one.merchant_id, parts=parts, at=instant)
            for one, instant in zip(approved, at, strict=True)
            if (parts := booking.refund_parts(one))
        ],
        at=now,
        now=now,
    )
    repaying.release_budgets(emptied, settled)
    prepaid.go_on(merchant_id=merchant_id, booking=f"R{nos[0]}", now=now)
    led_orders.count_refunded(approved, now)
    return orders.finish_after_sales(nos=nos, now=now)
