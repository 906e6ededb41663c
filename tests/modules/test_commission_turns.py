"""When commission turned: each verb that changes it says so for the promoters whose it is, once, at its own instant."""

from datetime import timedelta

import pytest

from tests.make.commission import MERCHANT, NOW, PROMOTER, RECRUITER, paid, prepaid, sale, settled, terms
from tuike.audit.types import Actor
from tuike.commission import service
from tuike.commission.types import Refund, RefundFacts, Source
from tuike.db import rows

pytestmark = pytest.mark.usefixtures("db")
REVIEWER = Actor("console", person_id=1, role="operator")
DUE = NOW + timedelta(days=28)


def turns() -> list[tuple]:
    """Each turn as (promoter, sales, instant), in the order in which they were noted."""
    found = rows.query("SELECT promoter_id, merchant_id, many, sale_ids, at FROM commission_turn ORDER BY id")
    assert all(shop == MERCHANT and many == len(sales) for _, shop, many, sales, _ in found)
    return [(promoter, sorted(set(sales)), at) for promoter, _, _, sales, at in found]


def turned_at(payee_id: int = PROMOTER) -> dict[int, object]:
    """What the accruals of a payee say, by sale."""
    return dict(
        rows.query(
            "SELECT sale_id, max(greatest(settled_at, turned_at)) FROM commission_accrual WHERE payee_id = %s"
            " GROUP BY sale_id ORDER BY sale_id",
            [payee_id],
        )
    )


def receive(*sale_ids: int) -> None:
    service.mark_received(sale_ids=sale_ids, received_at=NOW, settle_days=27)


def held(sale_id: int) -> list[int]:
    found = rows.query("SELECT id FROM commission_accrual WHERE sale_id = %s AND role = 'direct'", [sale_id])
    ids = [id_ for (id_,) in found]
    service.hold(accrual_ids=ids, reason="核查", actor=REVIEWER, now=NOW)
    return ids


def test_what_was_made_has_not_turned():
    paid([sale(1)])
    receive(1)
    service.open_after_sale(sale_ids=[1])
    held(1)
    assert (turns(), turned_at()) == ([], {1: None})


def test_settling_turns_the_sales_of_each_promoter_at_once():
    paid([sale(1, terms=terms(bonus_fen=100)), sale(2), sale(3, terms=terms(tier2=None)), sale(4, terms=terms(nobody="no_touch", promoter_id=None))])  # fmt: skip  # noqa: E501
    receive(1, 2, 3)
    settled()
    assert sorted(turns()) == [(PROMOTER, [1, 2, 3], DUE), (RECRUITER, [1, 2], DUE)]
    assert turned_at() == {1: DUE, 2: DUE, 3: DUE}
    settled()
    assert len(turns()) == 2


def test_a_released_accrual_turns_when_it_settles():
    paid([sale(1)])
    receive(1)
    ids = held(1)
    settled()
    assert turns() == [(RECRUITER, [1], DUE)]
    assert (turned_at(), turned_at(RECRUITER)) == ({1: None}, {1: DUE})
    service.release(accrual_ids=ids, reason="核实", actor=REVIEWER, now=DUE)
    settled(days=30, batch_id=2)
    assert turns()[1:] == [(PROMOTER, [1], NOW + timedelta(days=30))]
    assert turned_at() == {1: NOW + timedelta(days=30)}


def test_a_rejected_accrual_turns_then():
    paid([sale(1)])
    ids = held(1)
    at = NOW + timedelta(days=2)
    service.reject(accrual_ids=ids, reason="刷单", actor=REVIEWER, now=at)
    assert (turns(), turned_at()) == ([(PROMOTER, [1], at)], {1: at})
    assert turned_at(RECRUITER) == {1: None}


def test_a_refund_turns_what_it_lowers_when_it_is_booked():
    paid([sale(1), sale(2)])
    happened, booked = NOW + timedelta(days=1), NOW + timedelta(days=3)
    one = Refund("R1", MERCHANT, (RefundFacts(1, 1_000, 0),))
    for _ in range(2):  # the second time it is done already
        service.refund(refunds=[one], at=happened, now=booked)
    assert sorted(turns()) == [(PROMOTER, [1], booked), (RECRUITER, [1], booked)]
    assert turned_at() == {1: booked, 2: None}


def test_a_waiting_sale_turns_when_it_goes_on():
    paid([sale(1, source=Source.MINI_PROGRAM)])
    assert turns() == []
    at = NOW + timedelta(days=1)
    prepaid(10_000, now=at)
    service.resume_waiting(merchant_id=MERCHANT, booking="B-again", now=at)
    assert sorted(turns()) == [(PROMOTER, [1], at), (RECRUITER, [1], at)]
    assert turned_at() == {1: at}
