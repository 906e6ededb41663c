"""How money and points of approved after-sales find their way back: to the channel first, then to the buyer's balance;
points in proportion (docs/rules.md §5, §10).

Shared by the journeys that approve after-sales; not a journey itself.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.flows import pricing
from tuike.kit.money import given_back
from tuike.marketing import service as marketing
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleLineRef, AfterSaleRef
from tuike.parties.types import Source
from tuike.payments import queries as payments_of
from tuike.payments import service as payments
from tuike.payments.types import RefundAsk
from tuike.plans import service as plans


@dataclass(frozen=True, slots=True)
class Repaying:
    """How after-sales are paid back: by their number their number in the books (the refund's, or their own where the
    channel gives nothing back), and what of each goes to the buyer's balance, in fen."""

    names: Mapping[str, str]
    to_balance: Mapping[str, int]


def open_refunds(approved: Sequence[AfterSaleRef], now: datetime) -> Repaying:
    """Open a refund at the provider for what the channel gives back of each mall after-sale.

    Raises:
        RefundTooMuch, RefundTooOften, RefundTooOld: see payments.open_refunds.
    """
    paying = [one for one in approved if one.source is Source.MINI_STORE and one.amount_fen]
    balances = orders_of.balance_parts([one.checkout_no or "" for one in paying])
    left = payments.left_to_refund(purposes=[_purpose(one) for one in paying if one.checkout_no in balances])
    to_balance: dict[str, int] = {}
    for one in paying:
        if one.checkout_no in balances:
            by_channel = min(one.amount_fen, left.get(_purpose(one), 0))
            left[_purpose(one)] = left.get(_purpose(one), 0) - by_channel
            to_balance[one.no] = one.amount_fen - by_channel
    intents = payments_of.intents_of([_purpose(one) for one in paying])
    asks = [
        RefundAsk(
            intent_no=intents[_purpose(one)].no,
            purpose=f"after_sale:{one.no}",
            amount_fen=one.amount_fen - to_balance.get(one.no, 0),
            reason=one.reason[:80],
        )
        for one in paying
        if one.amount_fen > to_balance.get(one.no, 0)
    ]
    opened = payments.open_refunds(asks=asks, now=now) if asks else []
    names = {one.no: one.no for one in approved}
    names |= {refund.purpose.removeprefix("after_sale:"): refund.no for refund in opened}
    return Repaying(names, {no: fen for no, fen in to_balance.items() if fen})


def hold_balances(approved: Sequence[AfterSaleRef], repaying: Repaying) -> None:
    """Lock the balances that something goes back to, before campaigns' budgets and the shops' accounts."""
    buyers = {one.buyer_id for one in approved if one.no in repaying.to_balance and one.buyer_id is not None}
    if buyers:
        marketing.lock_balances(buyer_ids=buyers)


@dataclass(frozen=True, slots=True)
class Emptied:
    """The lines that nothing is left of, and all lines of orders that nothing is left of."""

    lines: frozenset[int]
    with_their_orders: frozenset[int]


def hold_budgets(approved: Sequence[AfterSaleRef]) -> Emptied:
    """Return what after-sales empty, with what it holds of campaigns' budgets locked, before the shops' accounts."""
    emptied = {line.line_id for one in approved for line in one.lines if line.refunded_fen == line.paid_fen}
    gone = orders_of.nothing_left_of({one.order_no for one in approved}) if emptied else {}
    whole = {line_id for lines in gone.values() for line_id in lines}
    plans.hold(line_ids=emptied | whole)
    return Emptied(frozenset(emptied), frozenset(whole))


def release_budgets(emptied: Emptied, settled: Collection[int]) -> None:
    """Give back what emptied lines held of campaigns' budgets, unless they have settled; what an order brings once with
    the last of it (docs/rules.md §3)."""
    if lines := sorted(emptied.lines.difference(settled)):
        plans.release(releases=[(line_id, None) for line_id in lines], keep_once=True)
        if rest := sorted(emptied.with_their_orders.difference(settled)):
            plans.release(releases=[(line_id, None) for line_id in rest])


def give_balances_back(approved: Sequence[AfterSaleRef], repaying: Repaying, now: datetime) -> None:
    """Give back what goes to balances, out of the clearing accounts that commission has funded."""
    for one in approved:
        if fen := repaying.to_balance.get(one.no):
            marketing.refund_balance(
                checkout_no=one.checkout_no or "", amount_fen=fen, refund_no=repaying.names[one.no], now=now
            )


def give_points_back(approved: Sequence[AfterSaleRef], now: datetime) -> None:
    """Give back the points that lowered the lines, in proportion to all that went back of each line until now."""
    lines: dict[int, AfterSaleLineRef] = {}
    taken: Counter[int] = Counter()
    pieces: Counter[int] = Counter()
    buyers: dict[int, int] = {}
    for one in approved:
        if one.source is not Source.MINI_STORE or one.buyer_id is None:
            continue
        for line in one.lines:
            lines[line.line_id], buyers[line.line_id] = line, one.buyer_id
            taken[line.line_id] += line.amount_fen
            pieces[line.line_id] += line.quantity
    quantities = {id_: line.quantity for id_, line in orders_of.lines_by_id(lines).items()} if lines else {}
    back: Counter[tuple[int, str]] = Counter()
    for id_, facts in orders_of.discounts_of(lines).items() if lines else ():
        line = lines[id_]
        for fact in facts:
            if fact.kind not in (pricing.POINTS, pricing.POINTS_GOOD) or not fact.points:
                continue
            now_back, before = (
                given_back(
                    fact.points,
                    paid_fen=line.paid_fen,
                    refunded_fen=line.refunded_fen - fen,
                    quantity=quantities[id_],
                    refunded_quantity=line.refunded_quantity - count,
                )
                for fen, count in ((0, 0), (taken[id_], pieces[id_]))
            )
            back[buyers[id_], fact.source] += now_back - before
    for (buyer_id, source), points in sorted(back.items()):
        if points:
            marketing.return_points(buyer_id=buyer_id, points=points, source=source, now=now)


def _purpose(one: AfterSaleRef) -> str:
    return f"checkout:{one.checkout_no}"
