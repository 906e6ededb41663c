"""Which enrolment leads a product when, and what its counts count."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.cooperation import queries, service
from tuike.cooperation.types import ActivityKind, Led, NotForThisPromoter, NotInActivity
from tuike.kit.errors import NotFound

pytestmark = pytest.mark.django_db
NOON = coop.NOON
SECOND = timedelta(seconds=1)


def shown(one):
    return queries.enrolments_by_id([one.enrolment_id])[one.enrolment_id]


def test_a_product_is_led_from_its_start_until_before_its_end():
    one = make.alliance()
    where = coop.activity(one.leader.id)
    start, end = NOON + timedelta(days=1), NOON + timedelta(days=11)
    made = coop.active(one, where, starts_at=start, ends_at=end)
    pair = (where.no, one.product_id)
    wanted = Led(made.enrolment_id, one.leader.id, where.no, 1500, 300)
    table = {start - SECOND: {}, start: {pair: wanted}, end - SECOND: {pair: wanted}, end: {}}
    assert {at: queries.led([pair, ("AC404", 1)], at=at) for at in table} == table
    service.tend(now=end + timedelta(days=7))
    assert {at: queries.led([pair], at=at) for at in table} == table, "the past is what it was"


def test_before_it_was_passed_nothing_was_led():
    one = make.alliance()
    where = coop.activity(one.leader.id)
    waiting = coop.applied(one, where)
    pair = (where.no, one.product_id)
    assert queries.led([pair], at=NOON + SECOND) == {}
    later = NOON + timedelta(hours=1)
    service.pass_enrolments(leader_id=one.leader.id, nos=[waiting.no], actor=OPERATOR_SHELL, now=later)
    assert queries.led([pair], at=later - SECOND) == {}
    assert pair in queries.led([pair], at=later)


def test_one_statement_answers_for_many(django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.led([(f"AC{n}", n) for n in range(60)], at=NOON)


def test_material_of_an_exclusive_activity_is_for_its_promoters():
    one = make.alliance()
    where = coop.activity(one.leader.id, kind=ActivityKind.EXCLUSIVE, promoter_ids=(one.promoter.id,))
    coop.active(one, where)
    asked = {"activity_no": where.no, "product_id": one.product_id, "now": NOON}
    assert queries.enrolment_for_material(**asked, promoter_id=one.promoter.id).service_bps == 300
    with pytest.raises(NotForThisPromoter):
        queries.enrolment_for_material(**asked, promoter_id=one.recruiter.id)
    with pytest.raises(NotInActivity):
        queries.enrolment_for_material(**asked | {"product_id": 0}, promoter_id=one.promoter.id)
    with pytest.raises(NotInActivity):
        over = asked | {"now": NOON + timedelta(days=60)}
        queries.enrolment_for_material(**over, promoter_id=one.promoter.id)
    with pytest.raises(NotFound):
        queries.enrolment_for_material(**asked | {"activity_no": "AC404"}, promoter_id=one.promoter.id)


def test_material_of_a_draft_is_for_nobody():
    one = make.alliance()
    where = coop.activity(one.leader.id, published=False)
    with pytest.raises(NotFound):
        queries.enrolment_for_material(
            activity_no=where.no, product_id=one.product_id, promoter_id=one.promoter.id, now=NOON
        )


def test_an_order_counts_once(django_assert_num_queries):
    one = make.alliance()
    made = coop.active(one, coop.activity(one.leader.id))
    orders = [(made.enrolment_id, "O1", NOON), (made.enrolment_id, "O1", NOON), (made.enrolment_id, "O2", NOON)]
    with django_assert_num_queries(4):  # two statements within a savepoint
        service.count_paid(orders=orders, now=NOON)
    service.count_paid(orders=orders, now=NOON)
    assert (shown(made).gross_orders, shown(made).net_orders) == (2, 2)
    with django_assert_num_queries(4):
        service.count_refunded(orders=[(made.enrolment_id, "O1"), (made.enrolment_id, "O404")], now=NOON)
    service.count_refunded(orders=[(made.enrolment_id, "O1")], now=NOON)
    assert (shown(made).gross_orders, shown(made).net_orders) == (2, 1)


def test_a_base_that_refunds_undo_is_told_once():
    """Base 2: two paid orders reach it; the first refund makes the net count fall below it."""
    one = make.alliance()
    made = coop.active(one, coop.activity(one.leader.id), base_orders=2)
    orders = [(made.enrolment_id, f"O{n}", NOON) for n in range(3)]
    assert service.count_paid(orders=orders, now=NOON) == []
    assert service.count_refunded(orders=[(made.enrolment_id, "O0")], now=NOON) == []
    [told] = service.count_refunded(orders=[(made.enrolment_id, "O1")], now=NOON)
    assert (told.no, told.base_orders, told.gross_orders, told.net_orders) == (made.no, 2, 3, 1)
    assert (told.merchant_id, told.leader_id) == (one.shop.id, one.leader.id)
    assert service.count_refunded(orders=[(made.enrolment_id, "O1"), (made.enrolment_id, "O2")], now=NOON) == []


def test_a_base_that_is_reached_by_refunded_orders_is_told_too():
    one = make.alliance()
    made = coop.active(one, coop.activity(one.leader.id), base_orders=2)
    service.count_paid(orders=[(made.enrolment_id, "O1", NOON)], now=NOON)
    assert service.count_refunded(orders=[(made.enrolment_id, "O1")], now=NOON) == []
    [told] = service.count_paid(orders=[(made.enrolment_id, "O2", NOON)], now=NOON)
    assert (told.gross_orders, told.net_orders) == (2, 1)
    assert service.count_paid(orders=[(made.enrolment_id, "O3", NOON)], now=NOON) == []


def test_orders_of_several_enrolments_count_each_where_they_belong():
    one = make.alliance()
    other = make_parties.leader(name="团长阿明")
    first = coop.active(one, coop.activity(one.leader.id))
    second = coop.active(one, coop.activity(other.id))
    orders = [(second.enrolment_id, "O1", NOON), (first.enrolment_id, "O1", NOON), (first.enrolment_id, "O2", NOON)]
    service.count_paid(orders=orders, now=NOON)
    service.count_refunded(orders=[(first.enrolment_id, "O1")], now=NOON)
    assert [(shown(e).gross_orders, shown(e).net_orders) for e in (first, second)] == [(2, 1), (1, 1)]
