"""Carts, placing, reports, moves, after-sales: exact fen, every refusal, and nothing changed by one."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from tests import books
from tests.make import catalog as make_catalog
from tests.make import orders as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.crypto import Unreadable
from tuike.kit.errors import NotFound
from tuike.orders import queries, service
from tuike.orders.types import (
    AfterSaleDecided,
    AfterSaleDraft,
    AfterSaleKind,
    AfterSaleState,
    AlreadyExtended,
    BadAmount,
    BadQuantity,
    CartFull,
    CloseReason,
    DecideAfterSaleFirst,
    DiscountTooLarge,
    MoreThanLeft,
    NothingLeft,
    NotInThisState,
    OrderState,
    ParcelKnown,
    ParcelTooOld,
    ProofNeeded,
    ReceivedBy,
    ReportChanged,
    ReportOutOfOrder,
    TextTooLong,
    TooManyLines,
    UnshippedInFull,
)
from tuike.parties.types import Source

NOW, BUYER = make.NOW, make.BUYER
TABLES = (
    "cart_item",
    "checkout",
    "order",
    "line",
    "discount",
    "shipment",
    "parcel_line",
    "after_sale",
    "after_sale_line",
)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def the_books_hold(db):
    """What `tuike verify` says of this module holds after every test."""
    yield
    books.check("orders")


def everything() -> list:
    """All rows of the module."""
    return [rows.query(f"SELECT * FROM orders_{table} ORDER BY 1") for table in TABLES]


def refused(refusal: type[Exception], work) -> None:
    """The verb refuses by this name and leaves everything as it was."""
    before = everything()
    with pytest.raises(refusal), transaction.atomic():
        work()
    assert everything() == before


# Carts


def test_a_cart_adds_changes_and_forgets():
    one, two = make_catalog.sku(), make_catalog.sku()
    service.put_in_cart(buyer_id=BUYER, sku_id=one, quantity=2, now=NOW)
    assert service.put_in_cart(buyer_id=BUYER, sku_id=one, quantity=3, now=NOW) == 5
    service.put_in_cart(buyer_id=BUYER, sku_id=two, quantity=1, now=NOW + timedelta(seconds=1))
    assert [(e.sku_id, e.quantity) for e in queries.cart_of(buyer_id=BUYER)] == [(two, 1), (one, 5)]
    service.change_quantity(buyer_id=BUYER, sku_id=one, quantity=9)
    service.remove_placed(buyer_id=BUYER, items=[(one, 3), (one, 1), (two, 1)])
    assert [(e.sku_id, e.quantity) for e in queries.cart_of(buyer_id=BUYER)] == [(one, 5)]
    assert service.remove(buyer_id=BUYER, sku_ids=[one, two]) == 1
    assert queries.cart_of(buyer_id=BUYER) == []


def test_a_cart_is_its_buyers_alone():
    sku = make_catalog.sku()
    service.put_in_cart(buyer_id=BUYER, sku_id=sku, quantity=2, now=NOW)
    assert queries.cart_of(buyer_id=BUYER + 1) == []
    refused(NotFound, lambda: service.change_quantity(buyer_id=BUYER + 1, sku_id=sku, quantity=1))
    assert service.remove(buyer_id=BUYER + 1, sku_ids=[sku]) == 0


def test_what_a_cart_does_not_take():
    sku = make_catalog.sku()
    service.put_in_cart(buyer_id=BUYER, sku_id=sku, quantity=9_998, now=NOW)
    for quantity in (0, -1, 10_000, 2):
        refused(BadQuantity, lambda q=quantity: service.put_in_cart(buyer_id=BUYER, sku_id=sku, quantity=q, now=NOW))
    refused(BadQuantity, lambda: service.change_quantity(buyer_id=BUYER, sku_id=sku, quantity=0))
    refused(NotFound, lambda: service.put_in_cart(buyer_id=BUYER, sku_id=0, quantity=1, now=NOW))


def test_a_cart_holds_a_hundred_kinds():
    skus = [make_catalog.sku() for _ in range(2)]
    service.put_in_cart(buyer_id=BUYER, sku_id=skus[0], quantity=1, now=NOW)
    # Ninety-nine more kinds without ninety-nine products: the foreign key is looked at when the transaction commits.
    rows.run(
        "INSERT INTO orders_cart_item (buyer_id, sku_id, quantity, price_fen, added_at)"
        " SELECT %s, -n, 1, 100, %s FROM generate_series(1, 99) n",
        [BUYER, NOW],
    )
    refused(CartFull, lambda: service.put_in_cart(buyer_id=BUYER, sku_id=skus[1], quantity=1, now=NOW))
    assert service.put_in_cart(buyer_id=BUYER, sku_id=skus[0], quantity=1, now=NOW) == 2
    rows.run("DELETE FROM orders_cart_item")


# Placing


def test_a_checkout_is_one_payment_and_one_order_a_merchant():
    first = make.draft(make.line(), make.line(), freight_fen=800, discounts=[make.coupon(2_000)])
    placed = make.placed(first, make.draft(make.line(price_fen=100, quantity=3)))
    assert placed.payable_fen == 9_980 + 800 + 300
    assert [order.payable_fen for order in placed.orders] == [10_780, 300]
    assert [line.paid_fen for line in placed.orders[0].lines] == [4_990, 4_990]
    assert placed.orders[0].freight_id not in (None, *(line.id for order in placed.orders for line in order.lines))
    assert placed.orders[1].freight_id is None
    stored = queries.checkout_of_buyer(buyer_id=BUYER, checkout_no=placed.checkout_no)
    assert stored == list(placed.orders)
    assert rows.query("SELECT sum(amount_fen)::bigint FROM orders_discount") == [(2_000,)]


def test_an_address_is_sealed_to_its_order():
    one, two = make.placed().orders[0], make.placed().orders[0]
    assert queries.address_of(one) == make.ADDRESS
    sealed = bytes(rows.query("SELECT sealed_address FROM orders_order WHERE id = %s", [one.id])[0][0])
    assert b"13800138000" not in sealed and "王小明".encode() not in sealed
    cities = rows.query("SELECT city_code FROM orders_order WHERE id = ANY(%s) ORDER BY id", [[one.id, two.id]])
    assert cities == [("310100",), ("310100",)]  # beside the seal stands the city alone
    rows.run("UPDATE orders_order SET sealed_address = %s WHERE id = %s", [sealed, two.id])
    with pytest.raises(Unreadable):
        queries.address_of(two)
    assert "13800138000" not in repr(make.ADDRESS)


@pytest.mark.parametrize(
    ("refusal", "work"),
    [
        (TooManyLines, lambda: make.placed(make.draft(*[make.line()] * 101))),
        (BadQuantity, lambda: make.placed(make.draft(make.line(quantity=0)))),
        (BadAmount, lambda: make.placed(make.draft(freight_fen=-1))),
        (DiscountTooLarge, lambda: make.placed(make.draft(discounts=[make.coupon(5_991)]))),
        (TextTooLong, lambda: make.placed(note="茶" * 201)),
        (BadAmount, lambda: make.placed(make.draft(), replace(make.draft(), lines=()))),
    ],
)
def test_what_no_checkout_is(refusal, work):
    refused(refusal, work)


def test_a_checkout_of_nothing_to_pay_says_so():
    assert make.placed(make.draft(discounts=[make.coupon(5_990)])).payable_fen == 0


# Reports of external shops


def test_a_report_is_taken_once():
    report = make.report(received_at=NOW + timedelta(days=3))
    merchant = make.merchant_of(report.lines[0])
    first = service.place_external(merchant_id=merchant, reports=[report, report])
    assert [one.fresh for one in first] == [True, True]
    before = everything()
    again = service.place_external(merchant_id=merchant, reports=[report])[0]
    assert (again.fresh, again.order) == (False, first[0].order)
    assert everything() == before
    order = again.order
    assert (order.state, order.source, order.checkout_no) == (OrderState.COMPLETED, Source.MINI_PROGRAM, None)
    assert (order.received_at, order.received_by) == (report.received_at, ReceivedBy.REPORT)


def test_a_number_reported_with_another_sale_is_refused():
    report = make.report()
    merchant = make.merchant_of(report.lines[0])
    service.place_external(merchant_id=merchant, reports=[report])
    other, fresh = replace(report, freight_fen=1), make.report(report.lines[0])
    refused(ReportChanged, lambda: service.place_external(merchant_id=merchant, reports=[fresh, other]))
    refused(
        ReportChanged,
        lambda: service.place_external(merchant_id=merchant, reports=[fresh, replace(fresh, freight_fen=1)]),
    )
    elsewhere = service.place_external(merchant_id=make_catalog.shop(), reports=[other])
    assert elsewhere[0].fresh


def test_a_report_that_cannot_be_is_refused():
    report = make.report(shipped_at=NOW, paid_at=None)
    refused(ReportOutOfOrder, lambda: service.place_external(merchant_id=1, reports=[report]))


def test_a_reported_order_goes_on_by_later_reports():
    report = make.report(paid_at=None)
    merchant = make.merchant_of(report.lines[0])
    order = service.place_external(merchant_id=merchant, reports=[report])[0].order
    assert queries.due_to_close(now=NOW + timedelta(days=99)) == []
    marked = service.mark_paid(reported={order.no: NOW + timedelta(minutes=5)})
    assert [(one.id, one.paid_at) for one in marked.moved] == [(order.id, NOW + timedelta(minutes=5))]
    at = NOW + timedelta(days=2)
    assert [one.id for one in service.receive(order_ids=[order.id], at=at, by=ReceivedBy.REPORT)] == [order.id]
    assert make.again(order).received_at == at


def test_receipt_of_a_reported_parcel_confirms_itself():
    report = make.report(shipped_at=NOW + timedelta(days=1))
    order = service.place_external(merchant_id=make.merchant_of(report.lines[0]), reports=[report])[0].order
    assert make.again(order).receive_by == order.receive_by == NOW + timedelta(days=11)


# Paid, closed


def test_paid_orders_are_told_apart_from_those_that_were_or_cannot_be():
    one, two, three = make.placed(make.draft(), make.draft()), make.placed(), make.placed()
    service.close(checkout_nos=[three.checkout_no], reason=CloseReason.UNPAID_IN_TIME, now=NOW)
    service.mark_paid(checkouts={two.checkout_no: NOW})
    at = NOW + timedelta(minutes=2)
    marked = service.mark_paid(
        checkouts=dict.fromkeys((one.checkout_no, two.checkout_no, three.checkout_no, "C0"), at),
        reported={"O0": at, one.orders[0].no: at},
    )
    assert [order.id for order in marked.moved] == sorted(order.id for order in one.orders)
    assert all(order.paid_at == at and order.state is OrderState.PAID and order.lines for order in marked.moved)
    assert (marked.repeated, marked.closed) == ([two.checkout_no], [three.checkout_no])
    assert marked.unknown == sorted(["C0", "O0", one.orders[0].no])
    assert make.again(two.orders[0]).paid_at == NOW
    before = everything()
    assert service.mark_paid(checkouts={one.checkout_no: NOW}).repeated == [one.checkout_no]
    assert everything() == before


def test_a_thousand_orders_are_paid_by_as_many_statements_as_one(django_assert_max_num_queries):
    checkouts = {make.placed().checkout_no: NOW for _ in range(20)}
    with django_assert_max_num_queries(2):
        assert len(service.mark_paid(checkouts=checkouts).moved) == 20


def test_unpaid_checkouts_are_due_at_the_second_and_close_whole():
    placed = make.placed(make.draft(make.line(quantity=2)), make.draft())
    make.paid()
    assert queries.due_to_close(now=placed.pay_by - timedelta(seconds=1)) == []
    assert queries.due_to_close(now=placed.pay_by) == [placed.checkout_no]
    closed = service.close(checkout_nos=[placed.checkout_no], reason=CloseReason.UNPAID_IN_TIME, now=placed.pay_by)
    assert [line.quantity for order in closed for line in order.lines] == [2, 1]
    assert {order.close_reason for order in closed} == {"unpaid_in_time"}
    assert service.close(checkout_nos=[placed.checkout_no], reason=CloseReason.UNPAID_IN_TIME, now=NOW) == []
    assert queries.due_to_close(now=placed.pay_by) == []


def test_closing_leaves_paid_and_foreign_orders_alone():
    placed, paid = make.placed(), make.paid()
    before = everything()
    reason = CloseReason.CANCELLED_BY_BUYER
    assert service.close(checkout_nos=[paid.checkout_no], reason=reason, now=NOW) == []
    assert service.close(checkout_nos=[placed.checkout_no], reason=reason, now=NOW, buyer_id=BUYER + 1) == []
    assert service.close(reported=[placed.orders[0].no], reason=reason, now=NOW) == []
    assert everything() == before
    assert len(service.close(checkout_nos=[placed.checkout_no], reason=reason, now=NOW, buyer_id=BUYER)) == 1


# Shipped, received


def ship(order, *, merchant_id: int | None = None, tracking_no: str = "SF1", now=NOW, **rest):
    return service.ship(
        merchant_id=merchant_id or order.merchant_id,
        order_no=order.no,
        carrier="顺丰",
        tracking_no=tracking_no,
        now=now,
        **rest,
    ).order


def test_the_first_parcel_ships_and_further_ones_are_added():
    order = make.paid()
    shipped = ship(order)
    assert (shipped.state, shipped.shipped_at, shipped.receive_by) == ("shipped", NOW, NOW + timedelta(days=10))
    later = NOW + timedelta(days=1)
    assert ship(order, tracking_no="SF2", now=later) == ship(order, now=later) == shipped
    assert [parcel.tracking_no for parcel in queries.parcels_of(order.id)] == ["SF1", "SF2"]


def _two_of_a_shop(*quantities: int) -> list:
    shop = make_catalog.shop()
    skus = [make_catalog.sku_of(make_catalog.product(merchant_id=shop)) for _ in quantities]
    return [make.line(sku, quantity=quantity) for sku, quantity in zip(skus, quantities, strict=True)]


def test_an_order_leaves_in_several_parcels_and_confirms_itself_once_all_is_out():
    order = make.paid(make.draft(*_two_of_a_shop(3, 2)))
    one, two, three = (NOW + timedelta(days=day) for day in (0, 2, 5))
    first = ship(order, pieces={1: 2}, now=one)
    assert (first.state, first.shipped_at, first.receive_by) == ("shipped", one, None)
    refused(NotInThisState, lambda: service.extend_receipt(buyer_id=BUYER, order_no=order.no))
    for pieces in ({1: 2}, {2: 3}, {3: 1}, {1: 0}, {1: -1}, {}):
        refused(MoreThanLeft, lambda p=pieces: ship(order, tracking_no="SF2", pieces=p, now=two))
    second = ship(order, tracking_no="SF2", pieces={2: 2}, now=two)
    assert (second.shipped_at, second.receive_by) == (one, None)
    assert queries.due_to_receive(now=NOW + timedelta(days=400)) == []
    last = ship(order, tracking_no="SF3", now=three)
    assert (last.shipped_at, last.receive_by) == (one, three + timedelta(days=10))
    assert [line.shipped_quantity for line in last.lines] == [3, 2]
    parcels = queries.parcels_of(order.id)
    assert [(parcel.no, parcel.pieces) for parcel in parcels] == [(1, {1: 2}), (2, {2: 2}), (3, {1: 1})]
    assert ship(order, tracking_no="SF4", now=three + timedelta(days=1)) == last


def test_a_merchant_says_that_no_more_comes():
    order = make.paid(make.draft(make.line(quantity=3)))
    who = {"merchant_id": order.merchant_id, "order_no": order.no, "actor": OPERATOR_SHELL}
    refused(NotInThisState, lambda: service.all_shipped(**who, now=NOW))
    ship(order, pieces={1: 1})
    later = NOW + timedelta(days=3)
    refused(NotFound, lambda: service.all_shipped(**who | {"merchant_id": order.merchant_id + 1}, now=later))
    assert service.all_shipped(**who, now=later).receive_by == later + timedelta(days=10)
    assert service.all_shipped(**who, now=later + timedelta(days=1)).receive_by == later + timedelta(days=10)
    other = make.paid(make.draft(make.line(quantity=3)))
    assert ship(other, pieces={1: 1}, whole=True).receive_by == NOW + timedelta(days=10)


def test_what_was_given_back_is_not_left_to_ship():
    order = make.paid(make.draft(make.line(quantity=3)))
    make.approved(order, (1, 1))
    shipped = ship(order)
    assert (shipped.lines[0].shipped_quantity, shipped.receive_by) == (2, NOW + timedelta(days=10))


def test_a_parcels_number_is_corrected_within_a_day_and_audited():
    order = make.paid()
    ship(order)
    ship(order, tracking_no="SF2")
    wanted = {"merchant_id": order.merchant_id, "order_no": order.no, "no": 1, "carrier": "ZTO", "tracking_no": "7"}
    who = wanted | {"actor": OPERATOR_SHELL}
    day = NOW + timedelta(hours=24)
    refused(ParcelTooOld, lambda: service.change_parcel(**who, now=day + timedelta(seconds=1)))
    refused(NotFound, lambda: service.change_parcel(**who | {"no": 3}, now=day))
    refused(NotFound, lambda: service.change_parcel(**who | {"merchant_id": order.merchant_id + 1}, now=day))
    taken = {"carrier": "顺丰", "tracking_no": "SF2"}
    refused(ParcelKnown, lambda: service.change_parcel(**who | taken, now=day))
    service.change_parcel(**who, now=day)
    assert [(p.no, p.carrier, p.tracking_no) for p in queries.parcels_of(order.id)] == [
        (1, "ZTO", "7"),
        (2, "顺丰", "SF2"),
    ]
    [(facts,)] = rows.query("SELECT facts FROM audit_act WHERE action = 'order.parcel'")
    assert json.loads(facts) == {"parcel": 1, "from": ["顺丰", "SF1"], "to": ["ZTO", "7"]}


def test_what_is_not_shipped():
    unpaid, paid = make.placed().orders[0], make.paid()
    refused(NotInThisState, lambda: ship(unpaid))
    refused(NotFound, lambda: ship(paid, merchant_id=paid.merchant_id + 1))
    refused(TextTooLong, lambda: ship(paid, tracking_no="1" * 61))
    request = make.asked(paid)
    refused(DecideAfterSaleFirst, lambda: ship(paid))
    service.cancel_after_sale(no=request.no, buyer_id=BUYER, now=NOW)
    assert ship(paid).state is OrderState.SHIPPED


def test_receipt_confirms_itself_at_its_instant_however_late_the_job():
    order, other = make.shipped(), make.shipped(now=NOW + timedelta(hours=1))
    due = order.receive_by
    assert queries.due_to_receive(now=due - timedelta(seconds=1)) == []
    assert queries.due_to_receive(now=due) == [order.id]
    late = due + timedelta(minutes=7)
    moved = service.receive(order_ids=[order.id, other.id], at=late, by=ReceivedBy.TIME)
    assert [(one.id, one.received_at, one.state) for one in moved] == [(order.id, due, OrderState.COMPLETED)]
    assert service.receive(order_ids=[order.id], at=late, by=ReceivedBy.BUYER) == []


def test_receipt_is_put_off_once_by_its_own_buyer():
    order = make.shipped()
    refused(NotFound, lambda: service.extend_receipt(buyer_id=BUYER + 1, order_no=order.no))
    put_off = service.extend_receipt(buyer_id=BUYER, order_no=order.no)
    assert put_off.receive_by == order.receive_by + timedelta(days=10)
    refused(AlreadyExtended, lambda: service.extend_receipt(buyer_id=BUYER, order_no=order.no))
    assert queries.due_to_receive(now=order.receive_by) == []
    paid = make.paid()
    refused(NotInThisState, lambda: service.extend_receipt(buyer_id=BUYER, order_no=paid.no))


def test_a_merchant_says_received_with_proof_and_is_audited():
    order = make.shipped()
    for proof in ("", "  "):
        refused(
            ProofNeeded,
            lambda p=proof: service.receive(
                order_ids=[order.id], at=NOW, by=ReceivedBy.MERCHANT, actor=OPERATOR_SHELL, proof=p
            ),
        )
    moved = service.receive(
        order_ids=[order.id], at=NOW, by=ReceivedBy.MERCHANT, actor=OPERATOR_SHELL, proof="签收照片 7781"
    )
    assert (moved[0].received_by, moved[0].received_at) == ("merchant", NOW)
    assert rows.query("SELECT action FROM audit_act WHERE object = %s", [order.no]) == [("order.receive",)]


def test_only_what_is_on_its_way_is_received():
    unpaid, paid = make.placed().orders[0], make.paid()
    before = everything()
    for by in (ReceivedBy.BUYER, ReceivedBy.TIME, ReceivedBy.REPORT):
        assert service.receive(order_ids=[unpaid.id, paid.id], at=NOW + timedelta(days=99), by=by) == []
    assert everything() == before


# After-sales


def test_a_line_is_given_back_piece_by_piece_to_exactly_what_was_paid():
    order = make.shipped(make.draft(make.line(price_fen=1_000, quantity=3), discounts=[make.coupon(1)]))
    amounts = [make.approved(order, (1, 1)).amount_fen for _ in range(3)]
    assert amounts == [999, 1_000, 1_000]
    after = make.again(order)
    assert (after.lines[0].refunded_fen, after.lines[0].refunded_quantity) == (2_999, 3)
    assert after.state is OrderState.SHIPPED
    refused(NothingLeft, lambda: make.asked(order, (1, 1)))


def test_an_after_sale_before_shipping_closes_the_order_when_nothing_is_left():
    order = make.paid(make.draft(make.line(quantity=2), make.line(), freight_fen=800))
    part = make.approved(order, (1, 2))
    assert (part.kind, part.freight_fen, part.order_state) == (AfterSaleKind.UNSHIPPED, 0, OrderState.PAID)
    rest = make.approved(order)
    assert (rest.freight_fen, rest.amount_fen, rest.order_state) == (800, 6_790, OrderState.CLOSED)
    assert rest.freight_id == order.freight_id
    closed = make.again(order)
    assert (closed.close_reason, closed.closed_at, closed.freight_refunded_fen) == ("refunded", NOW, 800)
    assert service.mark_paid(checkouts={order.checkout_no: NOW}).repeated == [order.checkout_no]


def test_an_after_sale_goes_its_way_once():
    order = make.shipped()
    request = make.asked(order)
    assert (request.state, request.kind, request.amount_fen) == ("requested", AfterSaleKind.SHIPPED, 5_990)
    assert list(queries.open_after_sales_of([order.id])) == [order.id]
    assert make.again(order).lines[0].refunded_fen == 0
    approved = make.approve(request.no)
    assert (approved.state, approved.lines[0].refunded_fen, approved.decided_at) == ("approved", 5_990, NOW)
    refused(AfterSaleDecided, lambda: make.approve(request.no))
    refused(AfterSaleDecided, lambda: service.cancel_after_sale(no=request.no, buyer_id=BUYER, now=NOW))
    refused(AfterSaleDecided, lambda: reject(request.no))
    assert list(queries.open_after_sales_of([order.id])) == [order.id]
    ended = service.finish_after_sales(nos=[request.no], now=NOW + timedelta(hours=1))
    assert [(one.state, one.decided_at, one.ended_at) for one in ended] == [
        (AfterSaleState.REFUNDED, NOW, NOW + timedelta(hours=1))
    ]
    assert service.finish_after_sales(nos=[request.no], now=NOW) == []
    assert queries.open_after_sales_of([order.id]) == {}


def reject(no: str, *, merchant_id: int | None = None):
    return service.reject_after_sale(no=no, merchant_id=merchant_id, reason="已拆封", actor=OPERATOR_SHELL, now=NOW)


def test_a_rejected_or_cancelled_request_gives_nothing_back():
    order = make.shipped()
    rejected = reject(make.asked(order).no, merchant_id=order.merchant_id)
    assert (rejected.state, rejected.answer) == (AfterSaleState.REJECTED, "已拆封")
    cancelled = service.cancel_after_sale(no=make.asked(order).no, buyer_id=BUYER, now=NOW)
    assert cancelled.state is AfterSaleState.CANCELLED
    assert queries.open_after_sales_of([order.id]) == {}
    assert make.again(order).lines[0].refunded_fen == 0
    assert service.finish_after_sales(nos=[rejected.no, cancelled.no], now=NOW) == []
    assert make.approved(order).amount_fen == 5_990


def test_acts_on_after_sales_are_audited():
    order = make.shipped(make.draft(make.line(quantity=2)))
    one, two = make.approved(order, (1, 1)), make.asked(order, (1, 1))
    reject(two.no)
    found = rows.query(
        "SELECT action, object, facts->>'amount_fen' FROM audit_act WHERE action LIKE 'after_sale.%%' ORDER BY id"
    )
    assert found == [("after_sale.approve", one.no, "5990"), ("after_sale.reject", two.no, "5990")]


def test_somebody_elses_after_sale_is_not_found():
    order = make.shipped()
    request = make.asked(order)
    other = order.merchant_id + 1
    refused(NotFound, lambda: make.approve(request.no, merchant_id=other))
    refused(NotFound, lambda: reject(request.no, merchant_id=other))
    refused(NotFound, lambda: service.cancel_after_sale(no=request.no, buyer_id=BUYER + 1, now=NOW))
    for ask in (
        lambda: queries.after_sale_of_buyer(buyer_id=BUYER + 1, no=request.no),
        lambda: queries.after_sale_of_merchant(merchant_id=other, no=request.no),
        lambda: make.approve("A0"),
        lambda: reject("A0"),
    ):
        refused(NotFound, ask)
    assert queries.after_sale_of_buyer(buyer_id=BUYER, no=request.no) == request
    assert queries.after_sale_of_merchant(merchant_id=order.merchant_id, no=request.no) == request
    states = [AfterSaleState.REQUESTED]
    assert queries.after_sales_of_merchant(merchant_id=order.merchant_id, states=states) == [request]
    assert queries.after_sales_of_merchant(merchant_id=other, states=states) == []


def test_what_cannot_be_asked_back():
    unpaid, paid = make.placed().orders[0], make.paid(make.draft(freight_fen=800))
    refused(NotInThisState, lambda: make.asked(unpaid))
    refused(NothingLeft, lambda: make.asked(paid, (1, 2)))
    refused(UnshippedInFull, lambda: make.asked(paid, (1, 1), freight_fen=0))
    refused(NotFound, lambda: service.open_after_sales(drafts=[AfterSaleDraft(order_id=0)], now=NOW))
    long = AfterSaleDraft(order_id=paid.id, reason="茶" * 201)
    refused(TextTooLong, lambda: service.open_after_sales(drafts=[long], now=NOW))
    make.asked(paid)
    refused(NothingLeft, lambda: make.asked(paid, (1, 1)))


def test_several_of_one_order_in_one_list_see_each_other():
    order = make.shipped(make.draft(make.line(price_fen=1_000, quantity=3)))
    asks = [AfterSaleDraft(order_id=order.id, lines=[make.AfterSaleAsk(line_no=1, quantity=1)]) for _ in range(3)]
    opened = service.open_after_sales(drafts=asks, now=NOW)
    make.approve(*(one.no for one in opened))
    assert make.again(order).lines[0].refunded_fen == 3_000
    refused(NothingLeft, lambda: service.open_after_sales(drafts=asks[:1], now=NOW))


def test_an_approval_that_would_take_too_much_takes_nothing():
    """Two requests that were let in past the check of requests: the statement that takes them has the last word."""
    order = make.shipped()
    first, second = make.asked(order), None
    rows.run("UPDATE orders_after_sale SET state = 'cancelled' WHERE no = %s", [first.no])
    second = make.asked(order)
    rows.run("UPDATE orders_after_sale SET state = 'requested' WHERE no = %s", [first.no])
    refused(NothingLeft, lambda: make.approve(first.no, second.no))
    make.approve(first.no)
    refused(NothingLeft, lambda: make.approve(second.no))
    assert make.again(order).lines[0].refunded_fen == 5_990


# Whose


def test_orders_are_shown_to_whom_they_belong():
    order = make.paid()
    assert queries.order_of_buyer(buyer_id=BUYER, no=order.no) == order
    assert queries.order_of_merchant(merchant_id=order.merchant_id, no=order.no) == order
    for ask in (
        lambda: queries.order_of_buyer(buyer_id=BUYER + 1, no=order.no),
        lambda: queries.order_of_buyer(buyer_id=BUYER, no="O0"),
        lambda: queries.order_of_merchant(merchant_id=order.merchant_id + 1, no=order.no),
        lambda: queries.checkout_of_buyer(buyer_id=BUYER + 1, checkout_no=order.checkout_no),
    ):
        refused(NotFound, ask)


def test_pages_form_the_set_once_while_orders_are_added():
    made = [make.placed(now=NOW + timedelta(seconds=n // 2)).orders[0] for n in range(7)]
    make.placed(buyer_id=BUYER + 1)
    seen, before = [], None
    while page := queries.orders_of_buyer(buyer_id=BUYER, before=before, limit=3):
        seen += [order.id for order in page]
        before = (page[-1].placed_at, page[-1].id)
        make.placed(now=NOW + timedelta(days=1))
    assert sorted(seen) == sorted(order.id for order in made)
    assert [order.id for order in queries.orders_of_merchant(merchant_id=made[0].merchant_id)] == [made[0].id]
    assert queries.orders_of_buyer(buyer_id=BUYER, states=[OrderState.PAID]) == []
