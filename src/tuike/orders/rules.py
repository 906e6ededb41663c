"""What an order comes to, what may be given back of it, and until when. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tuike.kit.days import day_of, exact_days
from tuike.kit.errors import Refusal
from tuike.kit.money import MAX_FEN, allocate
from tuike.orders.types import (
    AT_FAULT,
    OPEN,
    REASONS,
    UNDECIDED,
    Act,
    AfterSaleAsk,
    AfterSaleDraft,
    AfterSaleKind,
    AfterSaleRef,
    AfterSaleState,
    AlreadyExtended,
    AlreadyReminded,
    BadAmount,
    BadQuantity,
    DecideAfterSaleFirst,
    DiscountFact,
    DiscountTooLarge,
    ExternalReport,
    LeftOf,
    LineDraft,
    LineRef,
    NothingLeft,
    NotInThisState,
    Offered,
    OrderRef,
    OrderState,
    Refundable,
    ReportOutOfOrder,
    TextTooLong,
    TooManyLines,
    TooManyPictures,
    UnknownReason,
    UnshippedInFull,
)
from tuike.parties.types import Source

MAX_LINES = 100
MAX_QUANTITY = 9_999
MAX_CART = 100
MAX_REPORTED_LINES = 2_000
MAX_REPORTED_QUANTITY = 1_000_000
"""What a shop reports it has sold already, to wholesale buyers too: bounds of sanity, not of a checkout."""

MAX_PICTURES = 9
_PICTURE = re.compile(r"[a-z_]{1,20}/[0-9a-f]{40}\.jpg")

MAX_ORDER_FEN = 10**10
"""The largest order, ¥100 million: what one payment may be."""

REFUNDABLE = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.COMPLETED})


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its amounts and the discounts that fell on it."""

    draft: LineDraft
    discount_fen: int
    paid_fen: int
    discounts: tuple[DiscountFact, ...]


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """An order's amounts: `payable_fen` = goods − discounts + freight, and Σ `paid_fen` = goods − discounts."""

    goods_fen: int
    discount_fen: int
    freight_fen: int
    payable_fen: int
    lines: tuple[PricedLine, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What an after-sale takes from one line."""

    line_id: int
    quantity: int
    amount_fen: int


def check_lines(lines: Sequence[LineDraft], *, max_lines: int = MAX_LINES, max_quantity: int = MAX_QUANTITY) -> None:
    """Refuse lines that no checkout has.

    Raises:
        TooManyLines: none, or more than `max_lines`.
        BadQuantity: a quantity outside 1 … `max_quantity`.
        BadAmount: a price below 0 or beyond the largest order.
    """
    if not 1 <= len(lines) <= max_lines:
        raise TooManyLines(most=max_lines)
    for line in lines:
        if not 1 <= line.quantity <= max_quantity:
            raise BadQuantity(most=max_quantity)
        if not 0 <= line.price_fen <= MAX_ORDER_FEN:
            raise BadAmount


def price(*, lines: Sequence[LineDraft], order_discounts: Sequence[DiscountFact], freight_fen: int) -> PricedOrder:
    """Return what an order comes to (docs/rules.md §5).

    Each line is lowered by its own discounts first; the order's are then allocated one after the other over what is
    left of the lines, by largest remainder, so that everything adds up exactly and no line falls below 0.

    Raises:
        BadAmount: a negative amount, or an order beyond ¥100 million.
        DiscountTooLarge: discounts exceed what they lower.
    """
    every = [*order_discounts, *(discount for line in lines for discount in line.discounts)]
    if freight_fen < 0 or any(not 0 < discount.amount_fen <= MAX_FEN for discount in every):
        raise BadAmount
    left, fallen = [], [list(line.discounts) for line in lines]
    for line in lines:
        rest = line.price_fen * line.quantity - sum(discount.amount_fen for discount in line.discounts)
        if rest < 0:
            raise DiscountTooLarge
        left.append(rest)
    for discount in order_discounts:
        if discount.amount_fen > sum(left):
            raise DiscountTooLarge
        for i, part in enumerate(allocate(discount.amount_fen, left)):
            left[i] -= part
            if part:
                fallen[i].append(_part(discount, part))
    priced = tuple(
        PricedLine(line, line.price_fen * line.quantity - rest, rest, tuple(discounts))
        for line, rest, discounts in zip(lines, left, fallen, strict=True)
    )
    goods = sum(line.price_fen * line.quantity for line in lines)
    payable = sum(left) + freight_fen
    if goods + freight_fen > MAX_ORDER_FEN:
        raise BadAmount
    return PricedOrder(goods, goods - sum(left), freight_fen, payable, priced)


def _part(discount: DiscountFact, amount_fen: int) -> DiscountFact:
    return DiscountFact(kind=discount.kind, source=discount.source, amount_fen=amount_fen, funded_by=discount.funded_by)


def check_text(field: str, text: str, limit: int) -> str:
    """Return the text without spaces around it, or refuse it.

    Raises:
        TextTooLong: more than `limit` characters.
    """
    text = text.strip()
    if len(text) > limit:
        raise TextTooLong(field=field, limit=limit)
    return text


def check_report(report: ExternalReport) -> PricedOrder:
    """Return what a reported order comes to, or refuse it by name: what an import calls for each row by itself.

    Raises:
        TooManyLines, BadQuantity, BadAmount, DiscountTooLarge, TextTooLong: as for a checkout, but for up to 2,000
            lines of up to a million pieces.
        ReportOutOfOrder: instants that can't be.
    """
    if not report.external_no.strip():
        raise ReportOutOfOrder(external_no="")
    check_text("external_no", report.external_no, 64)
    check_lines(report.lines, max_lines=MAX_REPORTED_LINES, max_quantity=MAX_REPORTED_QUANTITY)
    later = [report.placed_at, report.paid_at, report.shipped_at, report.received_at]
    known = [at for at in later if at is not None]
    if known != sorted(known) or (report.paid_at is None and (report.shipped_at or report.received_at)):
        raise ReportOutOfOrder(external_no=report.external_no)
    return price(lines=report.lines, order_discounts=report.order_discounts, freight_fen=report.freight_fen)


def reported_state(report: ExternalReport) -> OrderState:
    """Return the state that a report tells of."""
    if report.received_at:
        return OrderState.COMPLETED
    if report.shipped_at:
        return OrderState.SHIPPED
    return OrderState.PAID if report.paid_at else OrderState.UNPAID


def report_digest(report: ExternalReport) -> bytes:
    """Return SHA-256 over the sale that a report tells of, without how far it has got."""
    sale = [
        report.external_no,
        int(report.placed_at.timestamp() * 1000),
        report.buyer_id,
        report.freight_fen,
        _plain(report.order_discounts),
        [[line.sku_id, line.price_fen, line.quantity, _plain(line.discounts)] for line in report.lines],
    ]
    return hashlib.sha256(json.dumps(sale, separators=(",", ":")).encode()).digest()


def _plain(discounts: Sequence[DiscountFact]) -> list[list[object]]:
    return [[one.kind, one.source, one.amount_fen, one.funded_by] for one in discounts]


def receive_by(*, shipped_at: datetime, days: int) -> datetime:
    """Return when receipt confirms itself: exactly `days` × 86,400 s after shipping (docs/rules.md §5)."""
    return exact_days(shipped_at, days)


def left_to_ship(line: LineRef) -> int:
    """Return how many pieces of a line still have to leave the house: those that weren't given back before that."""
    return line.quantity - line.shipped_quantity - line.unsent_quantity


def unsent(line: LineRef, quantity: int, *, kind: AfterSaleKind, reason_code: str = "") -> int:
    """Return how many of `quantity` more pieces that are given back never left the house (docs/rules.md §5).

    Pieces that are still there go first: nobody sends what was paid back. Where goods come back, or what arrived is at
    fault, those go first that the buyer has.
    """
    if kind is AfterSaleKind.RETURN or reason_code in AT_FAULT:
        there = line.shipped_quantity - (line.refunded_quantity - line.unsent_quantity)
        return max(0, quantity - there)
    return min(quantity, left_to_ship(line))


def by_quantity(*, line: LineRef, quantity: int) -> int:
    """Return what giving back `quantity` more pieces of a line comes to, in fen (docs/rules.md §5).

    Whole pieces go by the cumulative floor of what was paid: after r of Q pieces ⌊paid × r / Q⌋ is given back, so the
    last piece gets the fractions and everything returned is exactly what was paid. Once an amount was given back
    without pieces (a compensation), the rest is shared by the pieces that are left, rounded down.
    """
    pieces, rest = line.quantity - line.refunded_quantity, line.paid_fen - line.refunded_fen
    if quantity == pieces:
        return rest
    before = line.paid_fen * line.refunded_quantity // line.quantity
    if line.refunded_fen == before:
        return line.paid_fen * (line.refunded_quantity + quantity) // line.quantity - before
    return rest * quantity // pieces


def after_sale_parts(
    *, order: OrderRef, asked_before: Mapping[int, tuple[int, int]], freight_asked_before: int, draft: AfterSaleDraft
) -> tuple[list[Part], int]:
    """Return what an after-sale takes from each line, and of the freight (fen).

    `asked_before` is (quantity, fen) by line id, `freight_asked_before` fen, of requests that nobody decided yet: they
    count as given back. Without lines: everything that is left.

    Raises:
        NothingLeft: a line or the freight has less left, a line that the order doesn't have, or nothing at all asked.
        UnshippedInFull: this takes the last pieces before shipping, but not all the money.
    """
    lines = {line.no: _less(line, asked_before.get(line.id, (0, 0))) for line in order.lines}
    asks = draft.lines
    if asks is None:
        asks = [
            AfterSaleAsk(line_no=line.no, quantity=line.quantity - line.refunded_quantity)
            for line in lines.values()
            if _left(line) != (0, 0)
        ]
    if len({ask.line_no for ask in asks}) < len(asks) or any(ask.line_no not in lines for ask in asks):
        raise NothingLeft
    parts = {ask.line_no: _take(lines[ask.line_no], ask) for ask in asks}
    freight_left = order.freight_fen - order.freight_refunded_fen - freight_asked_before
    freight = draft.freight_fen or 0
    if order.state is OrderState.PAID and all(_left(line, parts.get(no))[0] == 0 for no, line in lines.items()):
        freight = freight_left if draft.freight_fen is None else freight
        if freight < freight_left or any(_left(line, parts.get(no))[1] for no, line in lines.items()):
            raise UnshippedInFull
    if not 0 <= freight <= freight_left or not (parts or freight):
        raise NothingLeft
    return list(parts.values()), freight


def refunded_in_full(order: OrderRef) -> bool:
    """Return whether nothing is left of an order: no piece, no fen, no freight."""
    return order.freight_refunded_fen == order.freight_fen and all(_left(line) == (0, 0) for line in order.lines)


def undecided(after_sale: AfterSaleRef) -> bool:
    """Return whether an after-sale was asked for and isn't decided, whoever's turn it is."""
    return after_sale.state in UNDECIDED


def kind_of(order: OrderRef, draft: AfterSaleDraft) -> AfterSaleKind:
    """Return of which kind an after-sale of this order is (docs/rules.md §5).

    Raises:
        NotInThisState: goods are to come back that never left, or a kind that doesn't fit how far the order has got.
        UnknownReason: a reason that isn't on the list of the kind.
        TooManyPictures: more than 9, or what isn't the name of an uploaded picture.
    """
    unshipped = order.state is OrderState.PAID
    kind = draft.kind or (AfterSaleKind.UNSHIPPED if unshipped else AfterSaleKind.SHIPPED)
    if unshipped is not (kind is AfterSaleKind.UNSHIPPED):
        raise NotInThisState(state=order.state.value)
    if draft.reason_code and draft.reason_code not in {one.code for one in REASONS[kind]}:
        raise UnknownReason
    check_pictures(draft.pictures)
    return kind


def check_pictures(names: Sequence[str]) -> None:
    """Refuse what isn't evidence: up to 9 names of pictures below /media/.

    Raises:
        TooManyPictures: it isn't.
    """
    if len(names) > MAX_PICTURES or not all(_PICTURE.fullmatch(name) for name in names):
        raise TooManyPictures(most=MAX_PICTURES)


def _left(line: LineRef, part: Part | None = None) -> tuple[int, int]:
    """Return what is left of a line after a part is taken: pieces, fen."""
    quantity, amount = (part.quantity, part.amount_fen) if part else (0, 0)
    return line.quantity - line.refunded_quantity - quantity, line.paid_fen - line.refunded_fen - amount


def _less(line: LineRef, asked: tuple[int, int]) -> LineRef:
    """Return the line as if what was asked (pieces, fen) had been given back."""
    quantity, amount = asked
    return replace(line, refunded_quantity=line.refunded_quantity + quantity, refunded_fen=line.refunded_fen + amount)


def _take(line: LineRef, ask: AfterSaleAsk) -> Part:
    pieces, rest = _left(line)
    if not 0 <= ask.quantity <= pieces:
        raise NothingLeft
    amount = by_quantity(line=line, quantity=ask.quantity) if ask.amount_fen is None else ask.amount_fen
    if not 0 <= amount <= rest or (ask.quantity, amount) == (0, 0):
        raise NothingLeft
    return Part(line.id, ask.quantity, amount)


def offered(order: OrderRef, after_sales: Sequence[AfterSaleRef], now: datetime) -> list[Offered]:
    """Return every act on an order, with why it can't be done now (docs/rules.md §5); `after_sales` are the order's."""
    asked = any(undecided(one) for one in after_sales)
    is_open = any(one.state in OPEN for one in after_sales)
    mall, state = order.source is Source.MINI_STORE, order.state
    wrong = NotInThisState
    on_its_way = state is OrderState.SHIPPED and order.receive_by is not None
    unpaid = state is OrderState.UNPAID and (order.pay_by is None or now < order.pay_by)
    refusals: dict[Act, type[Refusal] | None] = {
        Act.PAY: None if unpaid else wrong,
        Act.CANCEL: None if state is OrderState.UNPAID and mall else wrong,
        Act.REMIND: _not_reminded(order, now=now, asked=asked) if state is OrderState.PAID and mall else wrong,
        Act.CONFIRM: None if state is OrderState.SHIPPED else wrong,
        Act.EXTEND: (AlreadyExtended if order.receive_extended else None) if on_its_way else wrong,
        Act.REFUND: _not_refundable(order, after_sales) if state in REFUNDABLE and mall else wrong,
        Act.REVIEW: None if state is OrderState.COMPLETED and mall else wrong,
        Act.BUY_AGAIN: None if state is not OrderState.UNPAID and mall else wrong,
        Act.HIDE: (DecideAfterSaleFirst if is_open else None) if not state.exits else wrong,
    }
    return [Offered(act, no.code, no.zh, no.en) if no else Offered(act) for act, no in refusals.items()]


def _not_reminded(order: OrderRef, *, now: datetime, asked: bool) -> type[Refusal] | None:
    if asked:
        return DecideAfterSaleFirst
    reminded = order.reminded_at
    return AlreadyReminded if reminded is not None and day_of(reminded) >= day_of(now) else None


def _not_refundable(order: OrderRef, after_sales: Sequence[AfterSaleRef]) -> type[Refusal] | None:
    """Return why nothing more can be asked back: everything was given back, or is being asked for."""
    asked = [one for one in after_sales if undecided(one)]
    pieces = sum(line.quantity - line.refunded_quantity for line in order.lines)
    fen = sum(line.paid_fen - line.refunded_fen for line in order.lines)
    pieces -= sum(line.quantity for one in asked for line in one.lines)
    fen -= sum(line.amount_fen for one in asked for line in one.lines)
    return None if pieces > 0 or fen > 0 else NothingLeft


def refundable(order: OrderRef, asked: Mapping[int, tuple[int, int]], freight_asked: int) -> Refundable:
    """Return what may still be asked back of an order; `asked` is (quantity, fen) by line id, as nobody decided yet."""
    if order.state not in REFUNDABLE or order.source is not Source.MINI_STORE:
        return Refundable((), (), 0)
    unshipped = order.state is OrderState.PAID
    kinds = (AfterSaleKind.UNSHIPPED,) if unshipped else (AfterSaleKind.SHIPPED, AfterSaleKind.RETURN)
    lines = []
    for line in order.lines:
        rest = _less(line, asked.get(line.id, (0, 0)))
        pieces, fen = _left(rest)
        amounts = tuple(by_quantity(line=rest, quantity=n) for n in range(1, min(pieces, MAX_LINES) + 1))
        lines.append(LeftOf(line.no, pieces, fen, amounts))
    return Refundable(kinds, tuple(lines), order.freight_fen - order.freight_refunded_fen - freight_asked)


def may_dispute(one: AfterSaleRef, *, now: datetime, days: int) -> bool:
    """Return whether a buyer may bring an after-sale before the operator: rejected by the shop at most `days` ago."""
    rejected = one.state is AfterSaleState.REJECTED and not one.final and one.decided_at is not None
    return rejected and one.decided_at is not None and now < exact_days(one.decided_at, days)
