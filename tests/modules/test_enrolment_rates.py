"""Rates of enrolments in leaders' activities: when they hold, what they must reach, and what they may cost."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import plans as make_plans
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.kit.errors import Invalid, NotFound
from tuike.plans import service
from tuike.plans.types import AboveCeiling, EnrolmentBelowPublic, Layer, WhyLost

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
TICK = timedelta(microseconds=1)
END = NOON + timedelta(days=40)


def opened(one: make.Alliance, rate_bps: int = 1500, service_bps: int = 200, **changes: object):
    facts: dict = {
        "enrolment_id": 11,
        "merchant_id": one.shop.id,
        "product_id": one.product_id,
        "rate_bps": rate_bps,
        "service_bps": service_bps,
        "starts_at": NOON + timedelta(hours=1),
        "ends_at": END,
    }
    return service.open_enrolment(**facts | changes, actor=OPERATOR_SHELL, now=NOON)


def layer(one: make.Alliance, at, **rest):
    terms = make_plans.terms(one.product_id, at=at, promoter_id=one.promoter.id, **({"enrolment_id": 11} | rest))
    return terms.layer, terms.rate_bps


def test_it_holds_from_its_start_until_before_its_end_and_for_its_own_material_alone():
    one = make.alliance()
    begins = opened(one)
    assert begins == NOON + timedelta(hours=1)
    assert layer(one, begins - TICK) == (Layer.CATEGORY, 1200)
    assert layer(one, begins) == layer(one, END - TICK) == (Layer.LEADER, 1500)
    assert layer(one, END) == (Layer.CATEGORY, 1200)
    assert layer(one, begins, enrolment_id=None) == layer(one, begins, enrolment_id=12) == (Layer.CATEGORY, 1200)
    assert layer(one, begins, self_purchase=True) == (Layer.CATEGORY, 1200)  # it has a rate of its own


def test_a_start_that_has_passed_is_now():
    one = make.alliance()
    assert opened(one, starts_at=NOON - timedelta(days=1)) == NOON


def test_it_goes_on_with_the_same_rate_and_ends_when_it_is_ended():
    one = make.alliance()
    opened(one)
    later = END + timedelta(days=10)
    service.extend_enrolment(enrolment_id=11, ends_at=later, actor=OPERATOR_SHELL, now=NOON + timedelta(days=2))
    assert layer(one, END) == layer(one, later - TICK) == (Layer.LEADER, 1500)
    assert layer(one, later) == (Layer.CATEGORY, 1200)
    stop = NOON + timedelta(days=5)
    service.end_enrolment(enrolment_ids=[11], at=stop)
    assert layer(one, stop - TICK) == (Layer.LEADER, 1500)
    assert layer(one, stop) == layer(one, END) == (Layer.CATEGORY, 1200)
    with refused(Invalid, "plans_"):
        service.extend_enrolment(enrolment_id=11, ends_at=later, actor=OPERATOR_SHELL, now=stop)


def test_a_public_rate_that_rose_above_it_holds_and_says_so():
    one = make.alliance()
    opened(one)
    make_plans.main_product(one.shop.id, one.product_id, 1600, now=NOON)
    day = NOON + timedelta(days=2)
    terms = make_plans.terms(one.product_id, at=day, promoter_id=one.promoter.id, enrolment_id=11)
    assert (terms.layer, terms.rate_bps) == (Layer.MAIN, 1600)
    assert (Layer.LEADER, WhyLost.BELOW_PUBLIC) in {(lost.layer, lost.why) for lost in terms.lost}


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (EnrolmentBelowPublic, {"rate_bps": 1199}),
        (Invalid, {"rate_bps": 0}),
        (Invalid, {"rate_bps": 9001}),
        (Invalid, {"service_bps": -1}),
        (Invalid, {"ends_at": NOON}),
        (AboveCeiling, {"rate_bps": 8000, "service_bps": 501}),  # tier 2 has 5 %
        (NotFound, {"product_id": 10**9}),
    ],
)
def test_what_is_refused_changes_nothing(refusal, changes):
    one = make.alliance()
    with refused(refusal, "plans_"):
        opened(one, **changes)


def test_the_service_fee_counts_wherever_a_rate_is_published():
    one = make.alliance()
    opened(one, service_bps=2000)
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, price_fen=9900)
    actor = {"actor": OPERATOR_SHELL, "now": NOON}
    with refused(AboveCeiling, "plans_"):
        service.set_main_products(merchant_id=one.shop.id, rates={one.product_id: 6600}, **actor)
    service.set_main_products(merchant_id=one.shop.id, rates={other: 6600}, **actor)
    with refused(AboveCeiling, "plans_"):
        service.set_category_rates(merchant_id=one.shop.id, rates={one.category_id: 6600}, **actor)
    with refused(AboveCeiling, "plans_"):
        service.set_distribution(merchant_id=one.shop.id, tier_bps={2: 900}, **actor)
    with refused(AboveCeiling, "plans_"):
        service.set_benchmarks(rates={(0, "other"): 6600}, **actor)
    with refused(AboveCeiling, "plans_"):
        service.add_grade(name="金", rank=1, threshold_fen=1, extra_bps=6000, **actor)
