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
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.orders.types import ExternalReport, OrderState, ReportChanged
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


def take(one: make.Alliance, *reports: ExternalReport) -> list:
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
