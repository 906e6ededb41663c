"""External shops report their orders: claimed, paid from the prepaid balance, waiting for it, carried on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import orders as make_orders
from tuike.db import rows
from tuike.flows.report_orders import report_orders
from tuike.flows.reported import ReportedLine, ReportedOrder, ReportedRefund
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.orders.types import (
    BadAmount,
    ExternalReport,
    NotAnExternalShop,
    OrderState,
    ReportChanged,
    ReportedGoodsUnknown,
    ReportedRefundImpossible,
    ReportOutOfOrder,
    TooManyLines,
)
from tuike.parties import queries as parties
from tuike.parties.types import Source

LATER = make.NOON + timedelta(hours=2)
SEEN = LATER - timedelta(hours=1)


@pytest.fixture
def one(db) -> make.Alliance:
    """An external shop with a product at ¥100.00: 12 % for the promoter, 5 % for the recruiter."""
    return make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)


def report(one: make.Alliance, no: str, *, paid: bool = True, received: bool = False) -> ExternalReport:
    line = make_orders.line(make_catalog.sku_of(one.product_id), price_fen=10_000)
    return ExternalReport(
        external_no=no,
        placed_at=LATER,
        lines=[line],
        buyer_id=one.buyer_id,
        paid_at=LATER + timedelta(minutes=1) if paid else None,
        received_at=LATER + timedelta(days=3) if received else None,
    )


def take(one: make.Alliance, *reports: ExternalReport | ReportedOrder) -> list:
    taken = report_orders(merchant_id=one.shop.id, reports=reports, now=LATER + timedelta(days=3))
    books.check()
    return taken


def prepaid(one: make.Alliance) -> int:
    account = chart.merchant(one.shop.id, "prepaid")
    return ledger.balances(refs=[account])[account.path]


def earned() -> list[tuple[str, str, int]]:
    return rows.query("SELECT role, state, amount_fen FROM commission_accrual ORDER BY id")


def everything() -> list[tuple]:
    tables = ("orders_order", "orders_line", "commission_sale", "commission_accrual", "ledger_transfer", "outbox_event")
    return [rows.query(f"SELECT count(*) FROM {table}")[0] for table in tables]


def test_a_reported_order_pays_from_what_was_paid_in(one):
    make.topped_up(one, 5_000, now=make.NOON)
    make.touch(one, now=SEEN)
    told = report(one, "A1", received=True)
    first, twin = take(one, told, told)
    assert first.order.no == twin.order.no
    assert first.order.state is OrderState.COMPLETED
    assert earned() == [("direct", "pending", 1_200), ("tier2", "pending", 500)]
    assert prepaid(one) == 3_300
    due = rows.query("SELECT received_at, due_at FROM commission_sale")
    assert due == [(told.received_at, told.received_at + timedelta(days=27))]
    before = everything()
    assert not take(one, told)[0].fresh
    assert everything() == before


def test_a_later_report_carries_the_order_on(one):
    make.topped_up(one, 5_000, now=make.NOON)
    make.touch(one, now=SEEN)
    assert take(one, report(one, "A1", paid=False))[0].order.state is OrderState.UNPAID
    assert earned() == []
    take(one, report(one, "A1"))
    assert [fen for _, _, fen in earned()] == [1_200, 500]
    assert rows.query("SELECT due_at FROM commission_sale") == [(None,)]
    take(one, report(one, "A1", received=True))
    assert rows.query("SELECT state FROM orders_order") == [("completed",)]
    assert rows.query("SELECT due_at IS NOT NULL FROM commission_sale") == [(True,)]
    assert prepaid(one) == 3_300


def test_what_cannot_be_paid_waits_and_goes_on_and_old_material_still_earns(one):
    make.topped_up(one, 2_000, now=make.NOON)
    make.touch(one, now=SEEN)
    take(one, report(one, "A1"), report(one, "A2"))
    assert [state for _, state, _ in earned()] == ["pending", "pending", "waiting", "waiting"]
    assert parties.merchant_facts([one.shop.id])[one.shop.id].prepaid_short
    # Short of money the shop's products take no new material; what was handed out before earns, and waits.
    take(one, report(one, "A3"))
    assert [state for _, state, _ in earned()][4:] == ["waiting", "waiting"]
    make.topped_up(one, 5_000, now=LATER + timedelta(days=4))
    books.check()
    assert {state for _, state, _ in earned()} == {"pending"}
    assert prepaid(one) == 2_000 + 5_000 - 3 * 1_700
    assert not parties.merchant_facts([one.shop.id])[one.shop.id].prepaid_short


def test_another_sale_under_the_same_number_is_refused_and_nothing_of_the_list_is_taken(one):
    make.topped_up(one, 5_000, now=make.NOON)
    make.touch(one, now=SEEN)
    take(one, report(one, "A1"))
    before = everything()
    changed = replace(report(one, "A1"), placed_at=LATER - timedelta(minutes=5))
    with pytest.raises(ReportChanged):
        report_orders(merchant_id=one.shop.id, reports=[report(one, "A2"), changed], now=LATER + timedelta(days=3))
    assert everything() == before


def in_words(one: make.Alliance, no: str, **more: object) -> ReportedOrder:
    """Return an order in the shop's own words, of two pieces, paid."""
    line = ReportedLine(sku_id=make_catalog.sku_of(one.product_id), quantity=2, price_fen=10_000)
    values = {"placed_at": LATER, "paid_at": LATER, "lines": [line], "freight_fen": 800} | more
    return ReportedOrder(external_no=no, **values)


def amounts() -> list[tuple]:
    return rows.query(
        "SELECT o.state, l.refunded_quantity, l.refunded_fen, o.freight_refunded_fen FROM orders_order o"
        " JOIN orders_line l ON l.order_id = o.id ORDER BY o.external_no"
    )


def test_the_link_that_an_order_came_with_earns_it(one):
    make.topped_up(one, 5_000, now=make.NOON)
    link = make.link(one)
    take(one, in_words(one, "A1", link=link.code, touched_at=SEEN))
    take(one, in_words(one, "A2", link=link.ticket))
    take(one, in_words(one, "A3", link="nolink"), in_words(one, "A4"))
    take(one, in_words(one, "A5", link=link.code, touched_at=LATER - timedelta(days=16)))
    found = rows.query(
        "SELECT o.external_no, c.kind, c.reason, c.promoter_id FROM attribution_claim c"
        " JOIN orders_order o ON o.no = c.order_no ORDER BY 1"
    )
    assert found == [
        ("A1", "material", "", one.promoter.id),
        ("A2", "material", "", one.promoter.id),
        ("A3", "none", "no_touch", None),
        ("A4", "none", "no_touch", None),
        ("A5", "none", "window_passed", None),
    ]


def test_refunds_are_totals_so_that_old_and_repeated_news_takes_nothing(one):
    make.topped_up(one, 9_000, now=make.NOON)
    link = make.link(one).code
    at = LATER + timedelta(hours=1)
    told = in_words(one, "A1", link=link, shipped_at=at)
    take(one, told)
    one_back = replace(told, refunds=[ReportedRefund(line_no=1, quantity=1)])
    take(one, one_back)
    take(one, one_back, one_back)
    assert amounts() == [("shipped", 1, 10_000, 0)]
    assert [fen for _, _, fen in earned()] == [1_200, 500]
    more = replace(told, refunds=[ReportedRefund(line_no=1, quantity=1, amount_fen=12_500)])
    take(one, more)
    assert amounts() == [("shipped", 1, 12_500, 0)]
    take(one, one_back)  # older news
    take(one, replace(told, refunds=[ReportedRefund(line_no=0, amount_fen=800)]))
    take(one, replace(told, refunds=[ReportedRefund(line_no=1, quantity=2, amount_fen=20_000)]))
    assert amounts() == [("shipped", 2, 20_000, 800)]
    assert [(state, fen) for _, state, fen in earned()] == [("cancelled", 0), ("cancelled", 0)]
    assert prepaid(one) == 9_000


def test_a_cancelled_order_closes_unpaid_and_gives_everything_back_paid(one):
    make.topped_up(one, 9_000, now=make.NOON)
    unpaid = in_words(one, "A1", paid_at=None)
    take(one, unpaid, in_words(one, "A2", link=make.link(one).code))
    take(one, replace(unpaid, cancelled=True), in_words(one, "A2", cancelled=True))
    take(one, replace(unpaid, cancelled=True), in_words(one, "A2", cancelled=True))
    assert rows.query("SELECT external_no, state, close_reason FROM orders_order ORDER BY 1") == [
        ("A1", "closed", "cancelled_by_report"),
        ("A2", "closed", "refunded"),
    ]
    assert amounts() == [("closed", 0, 0, 0), ("closed", 2, 20_000, 800)]
    assert prepaid(one) == 9_000


def test_an_order_is_shipped_and_received_as_told_and_by_its_own_instants(one):
    told = in_words(one, "A1")
    take(one, told)
    take(one, replace(told, shipped_at=LATER + timedelta(hours=2)))
    assert rows.query("SELECT state, receive_by - shipped_at FROM orders_order") == [("shipped", timedelta(days=10))]
    other = in_words(one, "A2")
    take(one, other)
    take(
        one,
        replace(told, received_at=LATER + timedelta(days=1)),
        replace(other, received_at=LATER + timedelta(days=2)),
    )
    assert rows.query("SELECT state, received_at, received_by, receive_by FROM orders_order ORDER BY external_no") == [
        ("completed", LATER + timedelta(days=1), "report", None),
        ("completed", LATER + timedelta(days=2), "report", None),
    ]
    assert rows.query("SELECT count(*) FROM commission_sale WHERE due_at = received_at + interval '27 days'") == [(4,)]


def test_a_product_is_named_by_the_shops_own_number_too(one):
    own = make_catalog.product(merchant_id=one.shop.id, external_no="MUG-1")
    take(one, in_words(one, "A1", lines=[ReportedLine(item="MUG-1", quantity=1, price_fen=100)]))
    assert rows.query("SELECT product_id FROM orders_line") == [(own,)]


def test_what_is_reported_late_in_a_list_is_not_lost_to_what_is_older(one):
    make.topped_up(one, 9_000, now=make.NOON)
    first = take(one, in_words(one, "A1"), in_words(one, "A1", paid_at=None))[1]
    assert (first.fresh, first.order.state) == (True, OrderState.PAID)


@pytest.mark.parametrize(
    ("wrong", "refusal", "words"),
    [
        ({"lines": [ReportedLine(item="?", quantity=1, price_fen=1)]}, ReportedGoodsUnknown, "A9"),
        ({"lines": [ReportedLine(sku_id=0, quantity=1, price_fen=1)]}, ReportedGoodsUnknown, "A9"),
        ({"lines": []}, TooManyLines, "2000"),
        ({"freight_fen": -1}, BadAmount, ""),
        ({"shipped_at": LATER - timedelta(days=1)}, ReportOutOfOrder, "A9"),
        ({"refunds": [ReportedRefund(line_no=1, quantity=3)]}, ReportedRefundImpossible, "A9"),
        ({"refunds": [ReportedRefund(line_no=1, amount_fen=20_001)]}, ReportedRefundImpossible, "A9"),
        ({"refunds": [ReportedRefund(line_no=2, quantity=1)]}, ReportedRefundImpossible, "A9"),
        ({"refunds": [ReportedRefund(line_no=0, amount_fen=801)]}, ReportedRefundImpossible, "A9"),
        ({"paid_at": None, "refunds": [ReportedRefund(line_no=1, quantity=1)]}, ReportedRefundImpossible, "A9"),
    ],
)
def test_one_order_that_cannot_be_refuses_the_list_and_is_named(one, wrong, refusal, words):
    before = everything()
    with pytest.raises(refusal) as refused:
        report_orders(merchant_id=one.shop.id, reports=[in_words(one, "A8"), in_words(one, "A9", **wrong)], now=LATER)
    assert refused.value.details["external_no"] == "A9"
    assert words in refused.value.sentence("en")
    assert everything() == before


def test_only_a_shop_outside_the_mall_reports(db):
    mall = make.alliance(source=Source.MINI_STORE)
    before = everything()
    for merchant_id in (mall.shop.id, mall.promoter.id, 0):
        with pytest.raises(NotAnExternalShop):
            report_orders(merchant_id=merchant_id, reports=[in_words(mall, "A1")], now=LATER)
    assert everything() == before


def test_a_wholesale_order_has_more_lines_than_a_checkout_takes(one):
    line = ReportedLine(sku_id=make_catalog.sku_of(one.product_id), quantity=20_000, price_fen=1)
    take(one, in_words(one, "A1", lines=[line] * 2_000))
    with pytest.raises(TooManyLines):
        report_orders(merchant_id=one.shop.id, reports=[in_words(one, "A2", lines=[line] * 2_001)], now=LATER)
