"""Checkouts, orders and after-sales for tests, on real products."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.make import catalog as make_catalog
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.orders import queries, service
from tuike.orders.types import (
    Address,
    AfterSaleAsk,
    AfterSaleDraft,
    AfterSaleRef,
    DiscountFact,
    ExternalReport,
    LineDraft,
    OrderDraft,
    OrderRef,
    Placed,
)
from tuike.parties.types import Source

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ADDRESS = Address(
    name="王小明", phone="13800138000", region="上海市 浦东新区", detail="世纪大道 1 号", region_code="310115"
)
BUYER = 501
_numbers = itertools.count(1)


def line(sku_id: int | None = None, *, price_fen: int = 5_990, quantity: int = 1, **rest: object) -> LineDraft:
    """A line of a SKU (a new one where none is given), as the catalog has it but for its price."""
    sku_id = sku_id or make_catalog.sku()
    facts = catalog.sku_facts([sku_id])[sku_id]
    return LineDraft(
        product_id=facts.product_id,
        sku_id=sku_id,
        category_id=facts.category_id,
        title=facts.title,
        spec="",
        price_fen=price_fen,
        quantity=quantity,
        **rest,  # type: ignore[arg-type]
    )


def merchant_of(draft: LineDraft) -> int:
    """The merchant whose product a line is of."""
    return catalog.sku_facts([draft.sku_id])[draft.sku_id].merchant_id


def coupon(amount_fen: int, source: str = "K1") -> DiscountFact:
    """A coupon of the merchant."""
    return DiscountFact(kind="coupon", source=source, amount_fen=amount_fen)


def draft(
    *lines: LineDraft, freight_fen: int = 0, discounts: Sequence[DiscountFact] = (), merchant_id: int | None = None
) -> OrderDraft:
    """One merchant's part of a checkout; one line of ¥59.90 where none is given."""
    lines = lines or (line(),)
    return OrderDraft(
        merchant_id=merchant_id or merchant_of(lines[0]),
        source=Source.MINI_STORE,
        lines=lines,
        freight_fen=freight_fen,
        order_discounts=discounts,
    )


def placed(*drafts: OrderDraft, buyer_id: int = BUYER, now: datetime = NOW, note: str = "") -> Placed:
    """Place a checkout that is to be paid within 30 minutes."""
    return service.place(
        drafts=drafts or (draft(),),
        buyer_id=buyer_id,
        address=ADDRESS,
        note=note,
        pay_by=now + timedelta(minutes=30),
        now=now,
    )


def paid(*drafts: OrderDraft, buyer_id: int = BUYER, now: datetime = NOW) -> OrderRef:
    """Place a checkout, pay it a minute later, and return its first order."""
    made = placed(*drafts, buyer_id=buyer_id, now=now)
    return service.mark_paid(checkouts={made.checkout_no: now + timedelta(minutes=1)}).moved[0]


def shipped(*drafts: OrderDraft, now: datetime = NOW) -> OrderRef:
    """Place, pay and ship an order."""
    made = paid(*drafts, now=now)
    return service.ship(
        merchant_id=made.merchant_id, order_no=made.no, carrier="SF", tracking_no=f"SF{made.id}", now=now
    ).order


def report(*lines: LineDraft, external_no: str | None = None, **rest: object) -> ExternalReport:
    """A report of an external shop: placed and paid, of one line where none is given."""
    values: dict[str, object] = {"placed_at": NOW, "paid_at": NOW + timedelta(minutes=1)} | rest
    no = external_no or f"X{next(_numbers)}"
    return ExternalReport(external_no=no, lines=lines or (line(),), **values)  # type: ignore[arg-type]


def asked(
    order: OrderRef, *lines: tuple[int, ...], freight_fen: int | None = None, now: datetime = NOW
) -> AfterSaleRef:
    """Ask back (line number, quantity[, fen]) of an order, or everything where no lines are given."""
    asks = [AfterSaleAsk(line_no=one[0], quantity=one[1], amount_fen=one[2] if len(one) > 2 else None) for one in lines]
    wanted = AfterSaleDraft(order_id=order.id, lines=asks or None, freight_fen=freight_fen, reason="不想要了")
    return service.open_after_sales(drafts=[wanted], now=now)[0]


def approved(order: OrderRef, *lines: tuple[int, ...], freight_fen: int | None = None) -> AfterSaleRef:
    """Ask back and have it approved."""
    made = asked(order, *lines, freight_fen=freight_fen)
    return approve(made.no)


def approve(*nos: str, merchant_id: int | None = None) -> AfterSaleRef:
    """Approve after-sales; the first one is returned."""
    return service.approve_after_sales(nos=nos, merchant_id=merchant_id, actor=OPERATOR_SHELL, now=NOW)[0]


def again(order: OrderRef) -> OrderRef:
    """The order as it stands now."""
    return queries.orders_by_id([order.id])[order.id]
