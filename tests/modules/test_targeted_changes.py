"""A targeted plan that is changed: today stays as it was, from midnight on the new holds, rows are added."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make.refusals import refused
from tests.modules.test_targeted_plans import CATEGORY, NOON, TARGETED, decided, joined, layer, plan, terms
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.plans import queries, service
from tuike.plans.types import (
    AboveCeiling,
    BelowPublicRate,
    Layer,
    PlanChanged,
    PlanOver,
    PlanPart,
    TargetedPlanChange,
    TargetedPlanShown,
)

pytestmark = pytest.mark.usefixtures("db")
MICRO = timedelta(microseconds=1)
MIDNIGHT = next_midnight(NOON)
DAY = timedelta(days=1)


def changed(one: make.Alliance, made: TargetedPlanShown, *, now=NOON, **changes: object) -> PlanChanged:
    stands = queries.targeted_plan(merchant_id=one.shop.id, no=made.no)
    facts: dict = {"name": stands.name, "note": stands.note, "ends_at": stands.ends_at, "rates": stands.rates}
    return service.change_plan(
        merchant_id=one.shop.id,
        no=made.no,
        change=TargetedPlanChange(**facts | changes),
        actor=OPERATOR_SHELL,
        now=now,
    )


def given(rate_bps: int) -> tuple[Layer, int]:
    return Layer.TARGETED, rate_bps


def promoter_besides(one: make.Alliance) -> make.Alliance:
    return make.of(one, make_parties.promoter(name="推客小张"))


def valid_rows(made: TargetedPlanShown) -> list[tuple[int, str]]:
    found = rows.query("SELECT rate_bps, valid::text FROM plans_rate WHERE plan_id = %s ORDER BY id", [made.plan_id])
    return [(bps, "empty" if valid == "empty" else "held") for bps, valid in found]


def test_a_rate_holds_from_midnight_for_who_is_in_and_for_who_comes():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    done = changed(one, made, rates={one.product_id: 1800})
    assert (done.parts, done.from_at) == ((PlanPart.RATES,), MIDNIGHT)
    other = promoter_besides(one)
    joined(other, done.plan, now=NOON + timedelta(hours=2))
    for who, since in ((one, NOON), (other, NOON + timedelta(hours=2))):
        assert layer(who, since - MICRO) == CATEGORY
        assert layer(who, since) == TARGETED
        assert layer(who, MIDNIGHT - MICRO) == TARGETED
        assert layer(who, MIDNIGHT) == given(1800)
        assert layer(who, made.ends_at - MICRO) == given(1800)
        assert layer(who, made.ends_at) == CATEGORY
    late = promoter_besides(one)
    joined(late, done.plan, now=MIDNIGHT + DAY)
    assert layer(late, MIDNIGHT + DAY) == given(1800)
    assert (done.plan.rates_at(NOON), done.plan.rates) == ({one.product_id: 2000}, {one.product_id: 1800})
    assert done.plan.changes_at(NOON) == MIDNIGHT
    assert done.plan.changes_at(MIDNIGHT) is None


def test_of_two_changes_on_a_day_the_last_counts_and_nothing_is_edited():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    changed(one, made, rates={one.product_id: 1800})
    done = changed(one, made, rates={one.product_id: 2200}, now=NOON + timedelta(hours=1))
    assert layer(one, MIDNIGHT - MICRO) == TARGETED
    assert layer(one, MIDNIGHT) == given(2200)
    assert valid_rows(made) == [(2000, "held"), (1800, "empty"), (2200, "held")]
    assert [term.rate_bps for term in done.plan.terms] == [2000, 1800, 2200]


def test_a_plan_that_has_not_begun_changes_from_its_start():
    one = make.alliance()
    start = NOON + 3 * DAY
    made = plan(one, starts_at=start)
    joined(one, made)
    done = changed(one, made, rates={one.product_id: 1800})
    assert done.from_at == start
    assert layer(one, start) == given(1800)
    assert done.plan.changes_at(NOON) is None


def test_a_product_comes_and_one_leaves():
    one = make.alliance()
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id)
    made = plan(one)
    joined(one, made)
    changed(one, made, rates={other: 2100})
    assert layer(one, MIDNIGHT - MICRO) == TARGETED
    assert layer(one, MIDNIGHT) == CATEGORY
    assert terms(one, at=MIDNIGHT).rate_bps == 1200
    held = rows.query(
        "SELECT product_id, rate_bps, lower(valid) FROM plans_rate WHERE plan_id = %s AND product_id = %s",
        [made.plan_id, other],
    )
    assert held == [(other, 2100, MIDNIGHT)]


def test_an_earlier_end_ends_and_a_later_one_goes_on():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    sooner = MIDNIGHT + 5 * DAY
    assert changed(one, made, ends_at=sooner).parts == (PlanPart.END,)
    assert layer(one, sooner - MICRO) == TARGETED
    assert layer(one, sooner) == CATEGORY
    later = sooner + 40 * DAY
    changed(one, made, ends_at=later)
    assert layer(one, sooner) == TARGETED
    assert layer(one, later - MICRO) == TARGETED
    assert layer(one, later) == CATEGORY
    other = promoter_besides(one)
    joined(other, queries.targeted_plan(merchant_id=one.shop.id, no=made.no), now=sooner + DAY)
    assert layer(other, later - MICRO) == TARGETED


def test_a_plan_that_ends_today_goes_on_with_other_rates_from_midnight():
    one = make.alliance()
    evening = NOON + timedelta(hours=3)
    made = plan(one, ends_at=evening)
    joined(one, made)
    later = MIDNIGHT + 9 * DAY
    done = changed(one, made, ends_at=later, rates={one.product_id: 1900})
    assert done.parts == (PlanPart.END, PlanPart.RATES)
    assert [layer(one, at) for at in (evening - MICRO, evening, MIDNIGHT - MICRO)] == [TARGETED] * 3
    assert [layer(one, at) for at in (MIDNIGHT, later - MICRO)] == [given(1900)] * 2
    assert layer(one, later) == CATEGORY


def test_who_was_removed_today_gets_nothing_of_what_comes():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    service.remove_member(
        merchant_id=one.shop.id,
        no=made.no,
        promoter_id=one.promoter.id,
        reason="—",
        actor=OPERATOR_SHELL,
        now=NOON,
    )
    changed(one, made, rates={one.product_id: 1800}, ends_at=made.ends_at + DAY)
    assert layer(one, MIDNIGHT - MICRO) == TARGETED
    assert layer(one, MIDNIGHT) == CATEGORY
    assert layer(one, made.ends_at) == CATEGORY


def test_who_is_removed_loses_what_an_earlier_change_took_away_too():
    one = make.alliance()
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id)
    made = plan(one, rates={one.product_id: 2000, other: 2000})
    joined(one, made)
    changed(one, made, rates={other: 2000})
    service.remove_member(
        merchant_id=one.shop.id, no=made.no, promoter_id=one.promoter.id, reason="", actor=OPERATOR_SHELL, now=NOON
    )
    left = rows.query(
        "SELECT count(*) FROM plans_rate WHERE plan_id = %s AND NOT isempty(valid) AND upper(valid) > %s",
        [made.plan_id, MIDNIGHT],
    )
    assert left == [(0,)]


def test_an_unchanged_rate_may_stand_below_a_public_rate_that_has_risen():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    service.set_main_products(merchant_id=one.shop.id, rates={one.product_id: 2500}, actor=OPERATOR_SHELL, now=NOON)
    assert changed(one, made, name="腰部推客", now=MIDNIGHT).parts == (PlanPart.NAME,)
    with refused(BelowPublicRate, "plans_"):
        changed(one, made, ends_at=made.ends_at + DAY, now=MIDNIGHT)
    with refused(BelowPublicRate, "plans_"):
        changed(one, made, rates={one.product_id: 2499}, now=MIDNIGHT)
    changed(one, made, rates={one.product_id: 2500}, now=MIDNIGHT)
    assert layer(one, next_midnight(MIDNIGHT)) == given(2500)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": " "}, Invalid),
        ({"note": "长" * 201}, Invalid),
        ({"rates": {}}, Invalid),
        ({"ends_at": NOON}, Invalid),
        ({"ends_at": MIDNIGHT - MICRO}, Invalid),
        ({"ends_at": MIDNIGHT, "rate": 1800}, Invalid),
        ({"rate": 1199}, BelowPublicRate),
        ({"rate": 8501}, AboveCeiling),
        ({"rates": {10**9: 2000}}, NotFound),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(changes: dict, refusal: type):
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    if "rate" in changes:
        changes = {**changes, "rates": {one.product_id: changes["rate"]}}
        del changes["rate"]
    with refused(refusal, "plans_"):
        changed(one, made, **changes)


def test_another_shops_product_and_plan_are_not_there():
    one = make.alliance()
    other = make.alliance(beside=one)
    made = plan(one)
    with refused(NotFound, "plans_"):
        changed(one, made, rates={other.product_id: 2000})
    with refused(NotFound, "plans_"):
        service.change_plan(
            merchant_id=other.shop.id,
            no=made.no,
            change=TargetedPlanChange(name="x", ends_at=made.ends_at, rates=made.rates),
            actor=OPERATOR_SHELL,
            now=NOON,
        )


def test_a_plan_that_is_over_or_stops_is_not_changed():
    one = make.alliance()
    made = plan(one)
    with refused(PlanOver, "plans_"):
        changed(one, made, name="晚了", now=made.ends_at)
    service.stop_plan(merchant_id=one.shop.id, no=made.no, actor=OPERATOR_SHELL, now=NOON)
    with refused(PlanOver, "plans_"):
        changed(one, made, name="晚了")


def test_what_stays_as_it_was_changes_nothing():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    before = rows.query("SELECT count(*), max(id) FROM audit_act")
    assert changed(one, made).parts == ()
    assert rows.query("SELECT count(*), max(id) FROM audit_act") == before
    assert valid_rows(made) == [(2000, "held")]


def test_who_was_turned_away_gets_nothing_by_a_change():
    one = make.alliance()
    made = plan(one)
    service.apply(plan=made, promoter_id=one.promoter.id, now=NOON)
    decided(one, made, accept=False)
    changed(one, made, rates={one.product_id: 1800})
    assert layer(one, MIDNIGHT) == CATEGORY
