"""Orders by a leader's material: whose claim, at which rate, and what they count for their enrolment."""

import json
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make.alliance import NOON
from tuike.attribution import queries as claims
from tuike.audit.types import OPERATOR_SHELL
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import NewEnrolment
from tuike.db import rows
from tuike.plans import service as plans
from tuike.risk.types import CaseKind

pytestmark = pytest.mark.usefixtures("db")
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def one():
    made = make.alliance()
    make.touch(made, leader=True)
    return made


def enrolment(one: make.Alliance) -> tuple[int, int, int]:
    """Return the newest enrolment's id with its paid and its net count."""
    return rows.query(
        "SELECT id, gross_orders, net_orders FROM cooperation_enrolment WHERE product_id = %s ORDER BY id DESC LIMIT 1",
        [one.product_id],
    )[0]


def counts(one: make.Alliance) -> tuple[int, int]:
    return enrolment(one)[1:]


def claim(order):
    return claims.claims_of([order.lines[0].id])[order.lines[0].id]


def over(one: make.Alliance, at) -> None:
    """End the cooperation as an agreed cancel does."""
    rows.run(
        "UPDATE cooperation_enrolment SET state = 'ended', ended_at = %s, end_cause = 'agreed' WHERE id = %s",
        [at, enrolment(one)[0]],
    )
    plans.end_enrolment(enrolment_ids=[enrolment(one)[0]], at=at)


def earned(order) -> dict[str, int]:
    found = rows.query(
        "SELECT role, sum(amount_fen)::bigint FROM commission_accrual a JOIN commission_sale s"
        " ON s.id = a.sale_id WHERE s.order_no = %s GROUP BY 1",
        [order.no],
    )
    return dict(found)


def test_an_order_counts_when_it_is_paid_and_not_when_it_is_placed(one):
    order = make.placed(one, now=NOON + HOUR)
    assert counts(one) == (0, 0)
    make.pay(order, now=NOON + HOUR)
    assert counts(one) == (1, 1)
    made = claim(order)
    assert (made.leader_id, made.enrolment_id, made.service_bps) == (one.leader.id, enrolment(one)[0], 200)
    assert earned(order) == {"direct": 718, "tier2": 299, "leader": 119}  # ¥59.90 at 12 %, 5 % and 2 %
    books.check()


def test_ordinary_material_counts_nothing():
    one = make.alliance()
    make.touch(one)
    make.bought(one, now=NOON + HOUR)
    assert rows.query("SELECT count(*) FROM cooperation_counted_order") == [(0,)]


def test_two_lines_of_one_order_count_once_and_until_both_went_back(one):
    order = make.bought(one, pieces=(1, 2), now=NOON + HOUR)
    assert counts(one) == (1, 1)
    make.refunded(order, (1, 1), now=NOON + 2 * HOUR)
    assert counts(one) == (1, 1)
    make.refunded(order, (2, 2), now=NOON + 3 * HOUR)
    assert counts(one) == (1, 0)
    assert earned(order) == {"direct": 0, "tier2": 0, "leader": 0}
    books.check()


def test_a_base_that_refunded_orders_reach_is_looked_at_once(one):
    """The base is two paid orders."""
    first, second = (make.bought(one, now=NOON + n * HOUR) for n in (1, 2))
    assert counts(one) == (2, 2)
    for n, order in enumerate((first, second)):
        make.refunded(order, now=NOON + (3 + n) * HOUR)
    assert counts(one) == (2, 0)
    [(facts,)] = rows.query("SELECT facts FROM risk_case WHERE kind = %s", [CaseKind.LEADER_COUNT.value])
    assert json.loads(facts) == {"leader": one.leader.id, "base": 2, "gross": 2, "net": 1}
    books.check()


def test_after_the_end_the_material_earns_the_ordinary_rate_alone_and_orders_from_before_keep_their_terms(one):
    end = NOON + 3 * HOUR
    before = make.placed(one, now=end - TICK)
    over(one, end)
    after = make.placed(one, now=end)
    for order in (before, after):
        make.pay(order, now=end + HOUR)
    assert earned(before) == {"direct": 718, "tier2": 299, "leader": 119}
    assert earned(after) == {"direct": 718, "tier2": 299}
    made = claim(after)
    assert (made.promoter_id, made.leader_id, made.enrolment_id) == (one.promoter.id, None, None)
    assert made.facts["activity_ended"] == one.activities[one.product_id]
    assert counts(one) == (1, 1)  # it was placed before the end
    books.check()


def test_what_is_enrolled_again_gives_what_the_new_enrolment_says(one):
    """Old material of the activity goes on with the terms of now: 15 % and 3 %."""
    over(one, NOON + HOUR)
    deed: dict = {"actor": OPERATOR_SHELL, "now": NOON + 2 * HOUR}
    ends_at = NOON + timedelta(days=30)
    terms = NewEnrolment(product_id=one.product_id, rate_bps=1500, service_bps=300, ends_at=ends_at)
    activity_no = one.activities[one.product_id]
    [again] = cooperation.enrol(merchant_id=one.shop.id, activity_no=activity_no, wanted=[terms], **deed)
    cooperation.pass_enrolments(leader_id=one.leader.id, nos=[again.no], **deed)
    plans.open_enrolment(
        enrolment_id=again.enrolment_id,
        merchant_id=one.shop.id,
        product_id=one.product_id,
        rate_bps=1500,
        service_bps=300,
        starts_at=deed["now"],
        ends_at=ends_at,
        **deed,
    )
    order = make.bought(one, now=NOON + 3 * HOUR)
    assert earned(order) == {"direct": 898, "tier2": 299, "leader": 179}
    assert claim(order).enrolment_id == again.enrolment_id and counts(one) == (1, 1)
    books.check()


def test_an_own_purchase_pays_the_leader_beside_the_self_purchase_rate(one):
    from tests.make import parties as make_parties

    person_id = make_parties.super_admin_of(one.promoter).person_id
    make.touch(one, leader=True, buyer_id=person_id)
    order = make.bought(one, buyer_id=person_id, now=NOON + HOUR)
    assert earned(order) == {"self": 179, "leader": 119}
    assert counts(one) == (1, 1)
    books.check()


def test_a_payment_confirmed_twice_counts_once(one):
    order = make.placed(one, now=NOON + HOUR)
    make.pay(order, now=NOON + HOUR)
    make.pay(order, now=NOON + 2 * HOUR)
    assert counts(one) == (1, 1)
