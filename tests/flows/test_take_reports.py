"""Reports are kept, worked off in order, and what can't be taken is named; a crash loses and doubles nothing."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make.reports import PLACED, kept, order
from tuike.db import rows
from tuike.flows import take_reports as flow
from tuike.flows.take_reports import take_reports
from tuike.idempotency.types import KeyUsedForOther
from tuike.inbox import queries, service
from tuike.inbox.types import ReportState, TooManyReports
from tuike.kit.errors import NotFound
from tuike.orders.types import NotAnExternalShop
from tuike.parties.types import Source

LATER = PLACED + timedelta(hours=1)
PAID = {"paid_at": PLACED + timedelta(minutes=1)}


@pytest.fixture
def one(db) -> make.Alliance:
    """An external shop with a product at ¥100.00: 12 % for the promoter, 5 % for the recruiter."""
    return make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)


def standing(one):
    return dict(rows.query("SELECT external_no, state FROM orders_order WHERE merchant_id = %s", [one.shop.id]))


def work(expected_done, expected_refused=0):
    done = take_reports(now=LATER)
    books.check()
    assert done == {"done": expected_done, "refused": expected_refused}


def batch(one, no):
    return queries.batch(merchant_id=one.shop.id, no=no)


def test_what_is_kept_is_worked_off_once(one):
    first = kept(one, [order(one, "A", **PAID), order(one, "B")])
    assert (first.reports, first.fresh, standing(one)) == (2, 2, {})
    assert batch(one, first.no).waiting == 2
    work(2)
    assert standing(one) == {"A": "paid", "B": "unpaid"}
    assert (batch(one, first.no).done, batch(one, first.no).refused) == (2, ())
    work(0)


def test_the_same_key_is_the_same_batch_and_another_content_under_it_is_refused(one):
    first = kept(one, [order(one, "A")])
    assert kept(one, [order(one, "A")]) == first
    with pytest.raises(KeyUsedForOther):
        kept(one, [order(one, "B")])
    assert rows.query("SELECT count(*) FROM inbox_report") == [(1,)]


def test_the_same_content_again_is_no_new_work(one):
    kept(one, [order(one, "A"), order(one, "A"), order(one, "B")])
    again = kept(one, [order(one, "A"), order(one, "C")], key="k2")
    assert (again.reports, again.fresh) == (2, 1)
    work(3)
    last = kept(one, [order(one, "A")], key="k3")
    assert (last.fresh, batch(one, last.no).waiting) == (0, 0)


def test_one_that_cannot_be_taken_is_named_and_the_others_go_on(one):
    said = [order(one, f"N{number}") for number in range(9)]
    said[4]["lines"] = [{"item": "nobody-knows", "quantity": 1, "price_fen": 1}]
    said[7]["lines"] = [{"sku_id": 10**17, "quantity": 1, "price_fen": 1}]
    first = kept(one, said)
    work(7, 2)
    assert sorted(standing(one)) == [f"N{number}" for number in range(9) if number not in (4, 7)]
    shown = batch(one, first.no)
    assert [(r.external_no, r.place, r.why.code) for r in shown.refused] == [
        ("N4", 4, "reported_goods_unknown"),
        ("N7", 7, "reported_goods_unknown"),
    ]
    assert "nobody-knows" in shown.refused[0].why.zh
    told = rows.query("SELECT key, facts ->> 'code' FROM outbox_event WHERE topic = 'report.refused' ORDER BY key")
    assert told == [("N4", "reported_goods_unknown"), ("N7", "reported_goods_unknown")]
    assert (shown.waiting, shown.done, shown.fresh) == (0, 7, 9)


def test_what_was_refused_may_come_again_word_for_word(one):
    said = [order(one, "A", lines=[{"item": "new", "quantity": 1, "price_fen": 1}])]
    kept(one, said)
    work(0, 1)
    assert kept(one, said, key="k2").fresh == 1
    work(0, 1)
    states = [shown.state for shown in queries.reports_of_order(merchant_id=one.shop.id, external_no="A")]
    assert states == [ReportState.REFUSED, ReportState.REFUSED]


def test_later_reports_of_an_order_carry_it_on_in_their_order(one):
    kept(one, [order(one, "A"), order(one, "A", **PAID)])
    received = {"received_at": PLACED + timedelta(days=1)}
    kept(
        one,
        [order(one, "A", **PAID, **received), order(one, "A", **PAID, refunds=[{"line_no": 1, "quantity": 1}])],
        key="2",
    )
    work(4)
    assert rows.query("SELECT refunded_fen FROM orders_line") == [(10_000,)]


def test_another_sale_under_the_same_number_is_refused(one):
    kept(one, [order(one, "A")])
    work(1)
    first = kept(one, [order(one, "A", price_fen=9_999)], key="k2")
    work(0, 1)
    assert batch(one, first.no).refused[0].why.code == "external_order_changed"


def test_what_nobody_expected_is_refused_by_a_name_of_its_own(one, monkeypatch):
    real = flow.take_reported

    def broken(**said):
        if any(report.external_no == "B" for report in said["reports"]):
            raise ZeroDivisionError
        return real(**said)

    monkeypatch.setattr(flow, "take_reported", broken)
    first = kept(one, [order(one, "A"), order(one, "B"), order(one, "C")])
    work(2, 1)
    assert [(r.external_no, r.why.code) for r in batch(one, first.no).refused] == [("B", "report_not_taken")]


def test_shops_take_turns_and_see_only_their_own(one):
    other = make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000, beside=one)
    first = kept(one, [order(one, f"A{n}") for n in range(5)])
    kept(other, [order(other, "A0")])
    assert take_reports(now=LATER, limit=2) == {"done": 6, "refused": 0}
    ended = rows.query("SELECT count(*) FROM inbox_report WHERE state = 'done'")
    assert ended == [(6,)]
    with pytest.raises(NotFound):
        queries.batch(merchant_id=other.shop.id, no=first.no)


def test_refused_at_the_door(one):
    with pytest.raises(TooManyReports):
        kept(one, [])
    with pytest.raises(TooManyReports):
        kept(one, [order(one, f"A{n}") for n in range(1_001)])
    mall = make.alliance(beside=one)
    with pytest.raises(NotAnExternalShop):
        kept(mall, [order(one, "A")])
    assert rows.query("SELECT count(*) FROM inbox_report") == [(0,)]


def test_old_ones_are_forgotten_with_their_batches(one):
    kept(one, [order(one, "A")])
    work(1)
    waiting = kept(one, [order(one, "B")], key="k2")
    assert service.forget_old(now=LATER + timedelta(days=29)) == 0
    assert service.forget_old(now=LATER + timedelta(days=31)) == 1
    assert rows.query("SELECT no FROM inbox_batch") == [(waiting.no,)]
