"""What an order comes to and what may be given back of it: tables and properties, no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.orders import rules
from tuike.orders.types import (
    AfterSaleAsk,
    AfterSaleDraft,
    AfterSaleState,
    BadAmount,
    BadQuantity,
    DiscountFact,
    DiscountTooLarge,
    ExternalReport,
    LineDraft,
    LineRef,
    NothingLeft,
    OrderRef,
    OrderState,
    ReportOutOfOrder,
    TextTooLong,
    TooManyLines,
    UnshippedInFull,
)
from tuike.parties.types import Source

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def draft(price_fen: int = 5_990, quantity: int = 1, *discounts: int) -> LineDraft:
    return LineDraft(
        product_id=1,
        sku_id=1,
        category_id=1,
        title="茶",
        spec="",
        price_fen=price_fen,
        quantity=quantity,
        discounts=[coupon(amount) for amount in discounts],
    )


def coupon(amount_fen: int, funded_by: str = "merchant") -> DiscountFact:
    return DiscountFact(kind="coupon", source="K1", amount_fen=amount_fen, funded_by=funded_by)


def line(paid_fen: int, quantity: int, refunded_fen: int = 0, refunded_quantity: int = 0, no: int = 1) -> LineRef:
    return LineRef(
        id=no * 10,
        order_id=1,
        no=no,
        merchant_id=1,
        product_id=1,
        sku_id=1,
        category_id=1,
        title="茶",
        spec="",
        quantity=quantity,
        price_fen=0,
        discount_fen=0,
        paid_fen=paid_fen,
        refunded_fen=refunded_fen,
        refunded_quantity=refunded_quantity,
    )


def order(*lines: LineRef, state: OrderState = OrderState.SHIPPED, freight_fen: int = 0) -> OrderRef:
    return OrderRef(
        id=1,
        no="O1",
        merchant_id=1,
        buyer_id=1,
        source=Source.MINI_STORE,
        state=state,
        goods_fen=0,
        discount_fen=0,
        freight_fen=freight_fen,
        freight_id=None,
        payable_fen=0,
        placed_at=NOW,
        lines=lines,
    )


def parts(of: OrderRef, *asks: tuple, freight_fen: int | None = None, before: dict | None = None) -> tuple:
    asked = [AfterSaleAsk(line_no=a[0], quantity=a[1], amount_fen=a[2] if len(a) > 2 else None) for a in asks] or None
    wanted = AfterSaleDraft(order_id=1, lines=asked, freight_fen=freight_fen)
    taken, freight = rules.after_sale_parts(order=of, asked_before=before or {}, freight_asked_before=0, draft=wanted)
    return [(part.quantity, part.amount_fen) for part in taken], freight


# Placing


def test_the_example_of_the_rules():
    """Two lines of ¥59.90 and a coupon of ¥20: 4990 + 4990."""
    priced = rules.price(lines=[draft(), draft()], order_discounts=[coupon(2_000)], freight_fen=800)
    assert [one.paid_fen for one in priced.lines] == [4_990, 4_990]
    assert (priced.goods_fen, priced.discount_fen, priced.payable_fen) == (11_980, 2_000, 10_780)
    assert [one.discounts for one in priced.lines] == [(coupon(1_000),), (coupon(1_000),)]


def test_each_discount_keeps_who_funds_it():
    priced = rules.price(
        lines=[draft(300, 1, 50), draft(100)], order_discounts=[coupon(70), coupon(11, "platform")], freight_fen=0
    )
    assert [one.paid_fen for one in priced.lines] == [192, 77]
    fallen = [(one.funded_by, one.amount_fen) for line in priced.lines for one in line.discounts]
    assert fallen == [("merchant", 50), ("merchant", 50), ("platform", 8), ("merchant", 20), ("platform", 3)]


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 20)), min_size=1, max_size=8),
    st.lists(st.integers(1, 3_000), max_size=4),
    st.integers(0, 2_000),
)
def test_sums_are_exact_and_nobody_pays_less_than_nothing(lines, discounts, freight):
    drafts = [draft(price, quantity) for price, quantity in lines]
    goods = sum(price * quantity for price, quantity in lines)
    given_ = [coupon(amount) for amount in discounts]
    if sum(discounts) > goods:
        with pytest.raises(DiscountTooLarge):
            rules.price(lines=drafts, order_discounts=given_, freight_fen=freight)
        return
    priced = rules.price(lines=drafts, order_discounts=given_, freight_fen=freight)
    assert sum(one.paid_fen for one in priced.lines) + freight == priced.payable_fen
    assert priced.payable_fen == priced.goods_fen - priced.discount_fen + priced.freight_fen >= 0
    assert priced.discount_fen == sum(discounts)
    for one in priced.lines:
        assert one.paid_fen >= 0
        assert one.paid_fen == one.draft.price_fen * one.draft.quantity - one.discount_fen
        assert one.discount_fen == sum(part.amount_fen for part in one.discounts)


@pytest.mark.parametrize(
    ("refusal", "lines"),
    [
        (TooManyLines, []),
        (TooManyLines, [draft()] * 101),
        (BadQuantity, [draft(quantity=0)]),
        (BadQuantity, [draft(quantity=10_000)]),
        (BadAmount, [draft(-1)]),
        (BadAmount, [draft(10**10 + 1)]),
    ],
)
def test_lines_that_no_checkout_has(refusal, lines):
    with pytest.raises(refusal):
        rules.check_lines(lines)
    rules.check_lines([draft(quantity=9_999)] * 100)


@pytest.mark.parametrize(
    ("refusal", "asked"),
    [
        (BadAmount, {"freight_fen": -1}),
        (BadAmount, {"order_discounts": [coupon(0)]}),
        (BadAmount, {"order_discounts": [coupon(-5)]}),
        (BadAmount, {"lines": [draft(10**10, 2)]}),
        (DiscountTooLarge, {"lines": [draft(100, 1, 101)]}),
        (DiscountTooLarge, {"order_discounts": [coupon(5_991)], "freight_fen": 5_000}),
    ],
)
def test_amounts_that_no_order_has(refusal, asked):
    with pytest.raises(refusal):
        rules.price(**{"lines": [draft()], "order_discounts": (), "freight_fen": 0} | asked)


def test_text_has_a_limit():
    assert rules.check_text("note", "  " + "茶" * 200 + "\n", 200) == "茶" * 200
    with pytest.raises(TextTooLong):
        rules.check_text("note", "茶" * 201, 200)


# Reports


def report(**changes: object) -> ExternalReport:
    return ExternalReport(**{"external_no": "X1", "placed_at": NOW, "lines": [draft()]} | changes)


LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OrderState.UNPAID),
        ({"paid_at": NOW}, OrderState.PAID),
        ({"paid_at": NOW, "shipped_at": NOW}, OrderState.SHIPPED),
        ({"paid_at": NOW, "shipped_at": NOW, "received_at": LATER}, OrderState.COMPLETED),
        ({"paid_at": NOW, "received_at": LATER}, OrderState.COMPLETED),
    ],
)
def test_how_far_a_report_has_got(changes, state):
    rules.check_report(report(**changes))
    assert rules.reported_state(report(**changes)) is state


@pytest.mark.parametrize(
    "changes",
    [
        {"paid_at": NOW - timedelta(seconds=1)},
        {"shipped_at": NOW},
        {"received_at": NOW},
        {"paid_at": LATER, "shipped_at": NOW},
        {"paid_at": NOW, "shipped_at": LATER, "received_at": NOW},
        {"external_no": " "},
    ],
)
def test_instants_that_cannot_be(changes):
    with pytest.raises(ReportOutOfOrder):
        rules.check_report(report(**changes))


def test_the_digest_is_of_the_sale_and_not_of_how_far_it_has_got():
    same = report(paid_at=NOW, received_at=LATER, lines=[replace(draft(), title="新名称")])
    assert rules.report_digest(report()) == rules.report_digest(same)
    others = [
        report(external_no="X2"),
        report(placed_at=LATER),
        report(freight_fen=1),
        report(buyer_id=5),
        report(lines=[draft(5_991)]),
        report(lines=[draft(quantity=2)]),
        report(lines=[draft(), draft()]),
        report(lines=[draft(5_990, 1, 1)]),
        report(order_discounts=[coupon(1)]),
        report(lines=[replace(draft(), sku_id=2)]),
    ]
    assert len({rules.report_digest(one) for one in (report(), *others)}) == len(others) + 1


# Giving back


@pytest.mark.parametrize(
    ("what", "quantity", "amount"),
    [
        (line(1_000, 3), 1, 333),
        (line(1_000, 3, 333, 1), 1, 333),
        (line(1_000, 3, 666, 2), 1, 334),
        (line(1_000, 3), 2, 666),
        (line(1_000, 3), 3, 1_000),
        (line(1_000, 2, 500, 0), 1, 250),
        (line(1_000, 2, 750, 1), 1, 250),
        (line(1_000, 3, 1_000, 1), 1, 0),
        (line(0, 2), 1, 0),
        (line(5, 9_999), 9_998, 4),
    ],
)
def test_pieces_come_to(what, quantity, amount):
    assert rules.by_quantity(line=what, quantity=quantity) == amount


@given(st.integers(0, 10_000), st.integers(1, 30), st.data())
def test_all_pieces_in_any_steps_are_exactly_what_was_paid(paid, pieces, data):
    back = taken = 0
    while taken < pieces:
        step = data.draw(st.integers(1, pieces - taken))
        amount = rules.by_quantity(line=line(paid, pieces, back, taken), quantity=step)
        assert 0 <= amount <= paid - back
        back, taken = back + amount, taken + step
        assert back == paid * taken // pieces
    assert back == paid


@given(st.integers(0, 10_000), st.integers(1, 12), st.data())
def test_with_compensations_between_it_is_still_exactly_what_was_paid(paid, pieces, data):
    back = taken = 0
    while taken < pieces:
        back += data.draw(st.integers(0, paid - back))
        step = data.draw(st.integers(1, pieces - taken))
        amount = rules.by_quantity(line=line(paid, pieces, back, taken), quantity=step)
        assert 0 <= amount <= paid - back
        back, taken = back + amount, taken + step
    assert back == paid


def test_everything_that_is_left():
    of = order(line(1_000, 3, 333, 1), line(500, 1, 500, 1, no=2), line(200, 1, no=3), freight_fen=800)
    assert parts(of) == ([(2, 667), (1, 200)], 0)
    assert parts(replace(of, state=OrderState.PAID)) == ([(2, 667), (1, 200)], 800)
    assert parts(of, (3, 1), freight_fen=800) == ([(1, 200)], 800)


def test_requests_that_nobody_decided_count_as_given_back():
    of = order(line(1_000, 3))
    assert parts(of, (1, 1), before={10: (1, 333)}) == ([(1, 333)], 0)
    with pytest.raises(NothingLeft):
        parts(of, (1, 1), before={10: (3, 1_000)})


@pytest.mark.parametrize(
    ("asks", "freight"),
    [
        ([(1, 4)], None),
        ([(1, -1)], None),
        ([(1, 0)], None),
        ([(1, 1, 1_001)], None),
        ([(1, 1, -1)], None),
        ([(2, 1)], None),
        ([(1, 1), (1, 1)], None),
        ([(1, 1)], 801),
        ([(1, 1)], -1),
    ],
)
def test_more_than_there_is(asks, freight):
    with pytest.raises(NothingLeft):
        parts(order(line(1_000, 3), freight_fen=800), *asks, freight_fen=freight)


def test_nothing_is_left_of_an_empty_order():
    with pytest.raises(NothingLeft):
        parts(order(line(1_000, 3, 1_000, 3)))


def test_goods_that_never_left_are_given_back_in_full():
    of = order(line(1_000, 2), freight_fen=800, state=OrderState.PAID)
    assert parts(of, (1, 1)) == ([(1, 500)], 0)
    assert parts(of, (1, 2)) == ([(2, 1_000)], 800)
    assert parts(of, (1, 1, 100)) == ([(1, 100)], 0)
    for asks, freight in (([(1, 2, 999)], None), ([(1, 2)], 0)):
        with pytest.raises(UnshippedInFull):
            parts(of, *asks, freight_fen=freight)
    shipped = replace(of, state=OrderState.SHIPPED)
    assert parts(shipped, (1, 2, 999), freight_fen=0) == ([(2, 999)], 0)


def test_an_order_is_refunded_in_full_to_the_last_fen():
    whole = order(line(100, 2, 100, 2), line(0, 1, 0, 1, no=2))
    assert rules.refunded_in_full(whole)
    for other in (
        replace(whole, freight_fen=1),
        order(line(100, 2, 99, 2)),
        order(line(100, 2, 100, 1)),
    ):
        assert not rules.refunded_in_full(other)


def test_exits():
    assert {state for state in OrderState if not state.exits} == {OrderState.COMPLETED, OrderState.CLOSED}
    assert OrderState.CLOSED not in OrderState.SHIPPED.exits
    assert AfterSaleState.APPROVED.exits == {AfterSaleState.REFUNDED}
    ends = {AfterSaleState.REFUNDED, AfterSaleState.CANCELLED}
    assert {state for state in AfterSaleState if not state.exits} == ends
    assert {state for state in AfterSaleState if AfterSaleState.APPROVED in state.exits} == {
        AfterSaleState.REQUESTED,
        AfterSaleState.SENT,
        AfterSaleState.DISPUTED,
    }
    assert AfterSaleState.REJECTED.exits == {AfterSaleState.DISPUTED}  # the buyer asks the operator
