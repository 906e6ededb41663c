"""Notices and answers of the provider become paid orders, and paid orders become accruals: in batches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import reduce

from django.db import transaction

from tuike.commission import service as commission
from tuike.commission.types import SaleFacts
from tuike.db.retry import retry
from tuike.flows import booking, closing, deposit_money, isolation, judging, led_orders, packet_money, prepaid
from tuike.gateways.types import NoticeKind, PaymentFact
from tuike.marketing import service as marketing
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import CloseReason, OrderRef
from tuike.outbox import service as outbox
from tuike.payments import service as payments
from tuike.payments.types import Payment, RefundAsk, RefundSource, Settled, WaitingNotice
from tuike.people import queries as people
from tuike.plans import service as plans
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a batch did: notices taken, orders paid, accruals made and their fen, cases opened."""

    notices: int = 0
    orders: int = 0
    accruals: int = 0
    amount_fen: int = 0
    cases: int = 0

    def plus(self, other: "Confirmed") -> "Confirmed":
        """Return both together."""
        return Confirmed(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def confirm_payments(*, now: datetime, limit: int = 1000) -> Confirmed:
    """Work off up to `limit` waiting payment notices in one transaction (docs/rules.md §5–7). None taken: all zero.

    Any multiset and order of notices ends in the same books: what was paid before changes nothing. One that can't be
    taken delays no other: the batch is halved around it.
    """

    def work(waiting: list[WaitingNotice]) -> Confirmed:
        facts = [notice.fact for notice in waiting if isinstance(notice.fact, PaymentFact)]
        settled, done = _settle(facts, now)
        payments.finish_notices(
            outcomes={notice.id: str(settled.outcomes[notice.object_no]) for notice in waiting}, now=now
        )
        return Confirmed(notices=len(waiting)).plus(done)

    return _sum(isolation.work_off(kind=NoticeKind.PAYMENT, limit=limit, now=now, work=work))


def confirm_answers(*, facts: Sequence[PaymentFact], now: datetime) -> Confirmed:
    """Take answers of queries as if they were notices, in one transaction; one that can't be taken delays no other."""

    @retry
    def work(some: Sequence[PaymentFact]) -> Confirmed:
        with transaction.atomic(durable=True):
            return _settle(some, now)[1]

    return _sum(isolation.apart(facts, work, lambda f, error: isolation.answer_failed(f.out_trade_no, error, now)))


def _sum(parts: Sequence[Confirmed]) -> Confirmed:
    return reduce(Confirmed.plus, parts, Confirmed())


def _settle(facts: Sequence[PaymentFact], now: datetime) -> tuple[Settled, Confirmed]:
    settled = payments.settle(facts=facts, now=now)
    paid = _by_purpose(settled.paid)
    checkouts = {number: payment.paid_at for number, payment in paid["checkout"].items()}
    marked = orders.mark_paid(checkouts=checkouts)
    # Locked as where orders are placed (see place_order._take): stock, points, balances, campaigns, shops' accounts.
    _close_too(settled.closed_there, now)
    _spend_balances(marked.moved, paid["checkout"], now)
    accruals = amount_fen = 0
    apps = {fact.out_trade_no: fact.appid for fact in facts}
    sold = {
        clearing: booking.sale_facts(orders=moved, payers=_payers(moved, paid["checkout"], apps))
        for clearing, moved in _by_clearing(marked.moved, paid["checkout"]).items()
    }
    _release_unused([sale for sales in sold.values() for sale in sales])
    for number, payment in paid["top_up"].items():
        prepaid.book_top_up(payment, merchant_id=int(number.partition(":")[0]), now=now)
    for clearing, sales in sold.items():
        judge = judging.judge_at(sales, now)
        booked = commission.accrue(sales=sales, booking=clearing, clearing=clearing, now=now, judge=judge)
        led_orders.count_paid(sales, now)
        accruals, amount_fen = accruals + booked.accruals, amount_fen + booked.amount_fen
    cases = _cases(settled, marked.closed, paid["checkout"]) + _purposeless(paid, marked.unknown)
    cases += packet_money.book(paid[packet_money.KIND], now)
    cases += deposit_money.book(paid[deposit_money.KIND], now)
    opened = risk.open_cases(cases=cases, now=now) if cases else 0
    _give_back(settled.late, now)
    told = [(order.no, {"merchant_id": order.merchant_id, "payable_fen": order.payable_fen}) for order in marked.moved]
    if told:
        outbox.put(topic="order.paid", events=told, now=now)
    return settled, Confirmed(0, len(marked.moved), accruals, amount_fen, opened)


def _spend_balances(moved: Sequence[OrderRef], paid: Mapping[str, Payment], now: datetime) -> None:
    """Bring what buyers pay out of their balances to where their checkouts' sales are booked from."""
    held = orders_of.balance_parts({order.checkout_no or "" for order in moved}) if moved else {}
    if held:
        marketing.spend_balance(clearing={no: paid[no].clearing_no for no in held}, now=now)


def _close_too(intent_nos: Sequence[str], now: datetime) -> None:
    """Close payments that the provider has closed, and the orders that hang on them: nobody can pay them any more."""
    closed = payments.record_closed(intent_nos=intent_nos, now=now) if intent_nos else []
    checkouts = [one.purpose.partition(":")[2] for one in closed if one.purpose.startswith("checkout:")]
    if checkouts:
        closing.close_checkouts(checkout_nos=checkouts, reason=CloseReason.UNPAID_IN_TIME, now=now)
    packet_money.cancel((one.purpose for one in closed), now)
    deposit_money.cancel((one.purpose for one in closed), now)


def _release_unused(sales: Sequence[SaleFacts]) -> None:
    """Give back what lines hold of campaigns' budgets that turned out, by their payer, to be a promoter's own, and what
    they hold for a buyer's first order that came second."""
    own = [sale.sale_id for sale in sales if sale.terms.why.get("own") or sale.terms.nobody == "self_purchase_off"]
    if own:
        plans.release(releases=[(sale_id, None) for sale_id in own])
    if second := {sale.sale_id: sale.terms.order_bonus_fen for sale in sales if sale.terms.why.get("not_first")}:
        plans.lower_once(kept=second)


def _by_purpose(paid: Sequence[Payment]) -> dict[str, dict[str, Payment]]:
    """Sort payments by the kind of their purpose, under the rest of it: `checkout:<no>`, `top_up:<merchant>:<key>`,
    `red_packet:<no>`, `deposit:<no>`."""
    sorted_: dict[str, dict[str, Payment]] = defaultdict(dict)
    for payment in paid:
        kind, _, number = payment.purpose.partition(":")
        sorted_[kind][number] = payment
    return sorted_


def _by_clearing(moved: Sequence[OrderRef], paid: dict[str, Payment]) -> dict[str, list[OrderRef]]:
    groups: dict[str, list[OrderRef]] = defaultdict(list)
    for order in moved:
        groups[paid[order.checkout_no or ""].clearing_no].append(order)
    return groups


def _payers(moved: Sequence[OrderRef], paid: dict[str, Payment], apps: Mapping[str, str]) -> dict[str, int]:
    """Return which person paid which order, as far as we know them by the openid of the app in which they paid."""
    by_order = {order.no: paid[order.checkout_no or ""] for order in moved}
    openids: dict[str, set[str]] = defaultdict(set)
    for one in by_order.values():
        if one.payer:
            openids[apps[one.intent_no]].add(one.payer)
    known = {appid: people.persons_of_openids(some, appid=appid) for appid, some in openids.items()}
    found = {no: known.get(apps[one.intent_no], {}).get(one.payer) for no, one in by_order.items()}
    return {no: person_id for no, person_id in found.items() if person_id is not None}


def _give_back(late: Sequence[Payment], now: datetime) -> None:
    """A payment for something that was closed goes back in full by itself: nothing reopens silently (§5)."""
    asks = [
        RefundAsk(
            intent_no=payment.intent_no,
            purpose=f"late:{payment.intent_no}",
            amount_fen=payment.amount_fen,
            reason="订单已关闭，款项退回",
            source=RefundSource.PAYMENT,
        )
        for payment in late
        if payment.amount_fen
    ]
    if asks:
        payments.open_refunds(asks=asks, now=now)


def _purposeless(paid: Mapping[str, Mapping[str, Payment]], unknown: Sequence[str]) -> list[CaseFacts]:
    """Return cases for good payments of something that isn't there: their money stands on its clearing account."""
    stray = [paid["checkout"][no] for no in unknown]
    known = ("checkout", "top_up", packet_money.KIND, deposit_money.KIND)
    stray += [one for kind in paid if kind not in known for one in paid[kind].values()]
    return [CaseFacts(CaseKind.UNKNOWN_PAYMENT, p.intent_no, p.amount_fen, {"purpose": p.purpose}) for p in stray]


def _cases(settled: Settled, closed: Sequence[str], paid: dict[str, Payment]) -> list[CaseFacts]:
    cases = [
        CaseFacts(CaseKind.AMOUNT_MISMATCH, p.intent_no, p.amount_fen, {"asked_fen": p.asked_fen, "purpose": p.purpose})
        for p in settled.mismatched
    ]
    cases += [CaseFacts(CaseKind.LATE_PAYMENT, p.intent_no, p.amount_fen, {"purpose": p.purpose}) for p in settled.late]
    cases += [
        CaseFacts(
            CaseKind.UNKNOWN_PAYMENT, fact.out_trade_no, fact.amount_fen or 0, {"transaction": fact.transaction_id}
        )
        for fact in (*settled.unknown, *settled.conflicting)
    ]
    # An order and its intent close together, so this can only be an order that somebody changed by hand.
    cases += [
        CaseFacts(CaseKind.LATE_PAYMENT, paid[no].intent_no, paid[no].amount_fen, {"checkout": no}) for no in closed
    ]
    return cases
