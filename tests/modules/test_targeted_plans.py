"""Targeted plans: who is in them gets their rates, from when until when, and never less than everybody."""

from datetime import datetime, timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.insight.explain import find
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.plans import queries, service
from tuike.plans.service import targeted
from tuike.plans.types import (
    AboveCeiling,
    BelowPublicRate,
    Layer,
    LineAsk,
    MemberState,
    NewTargetedPlan,
    NotOfferedSo,
    PlanOver,
    StartsInPast,
    TargetedPlanShown,
    TooManyInPlan,
    WhyLost,
)

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
LATER = NOON + timedelta(hours=1)


def new(one: make.Alliance, rate_bps: int = 2000, **changes: object) -> NewTargetedPlan:
    facts: dict = {
        "name": "头部推客",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(days=30),
        "rates": {one.product_id: rate_bps},
    }
    return NewTargetedPlan(**facts | changes)


def plan(one: make.Alliance, rate_bps: int = 2000, **changes: object) -> TargetedPlanShown:
    return service.create_plan(
        merchant_id=one.shop.id, plan=new(one, rate_bps, **changes), actor=OPERATOR_SHELL, now=NOON
    )


def joined(one: make.Alliance, made: TargetedPlanShown, *, now: datetime = NOON) -> None:
    service.apply(plan=made, promoter_id=one.promoter.id, now=now)
    decided(one, made, now=now)


def decided(one: make.Alliance, made: TargetedPlanShown, *, accept: bool = True, now: datetime = NOON) -> None:
    service.decide(
        merchant_id=one.shop.id,
        no=made.no,
        promoter_ids=[one.promoter.id],
        accept=accept,
        reason="" if accept else "类目不符",
        actor=OPERATOR_SHELL,
        now=now,
    )


def terms(one: make.Alliance, *, at: datetime, promoter_id: int | None = None, self_purchase: bool = False):
    ask = LineAsk(
        line_id=1,
        product_id=one.product_id,
        merchant_id=one.shop.id,
        category_path=(one.category_id,),
        subject_kind="individual",
        promoter_id=promoter_id or one.promoter.id,
        self_purchase=self_purchase,
        at=at,
    )
    return queries.terms_for([ask])[1]


def layer(one: make.Alliance, at: datetime, promoter_id: int | None = None) -> tuple[Layer, int]:
    found = terms(one, at=at, promoter_id=promoter_id)
    return found.layer, found.rate_bps


TARGETED, CATEGORY = (Layer.TARGETED, 2000), (Layer.CATEGORY, 1200)


def test_who_is_accepted_gets_its_rate_and_nobody_else():
    one = make.alliance()
    made = plan(one)
    assert layer(one, LATER) == CATEGORY
    joined(one, made, now=LATER)
    assert layer(one, LATER - timedelta(microseconds=1)) == CATEGORY
    assert layer(one, LATER) == TARGETED
    assert layer(one, LATER, one.recruiter.id) == CATEGORY
    assert layer(one, made.ends_at - timedelta(microseconds=1)) == TARGETED
    assert layer(one, made.ends_at) == CATEGORY
    lost = terms(one, at=LATER).lost
    assert [(row.layer, row.why) for row in lost] == [
        (Layer.CATEGORY, WhyLost.LOWER_LAYER),
        (Layer.BENCHMARK, WhyLost.LOWER_LAYER),
    ]


def test_a_plan_that_has_not_begun_gives_from_its_start():
    one = make.alliance()
    start = NOON + timedelta(days=2)
    joined(one, plan(one, starts_at=start))
    assert layer(one, start - timedelta(microseconds=1)) == CATEGORY
    assert layer(one, start) == TARGETED


def test_an_order_is_paid_at_it_and_explained():
    one = make.alliance()
    joined(one, plan(one))
    make.touch(one, now=LATER)
    order = make.bought(one, now=LATER)
    assert rows.query("SELECT amount_fen, rate_bps FROM commission_accrual WHERE role = 'direct'") == [(1198, 2000)]
    story = find.explain(order.no)
    text = str(story)
    assert "定向计划佣金率" in text
    assert "头部推客" in text
    books.check()


def test_its_own_purchase_is_no_matter_of_a_plan():
    one = make.alliance()
    joined(one, plan(one))
    own = terms(one, at=LATER, self_purchase=True)
    assert (own.layer, own.self_rate_bps) == (Layer.CATEGORY, 300)


def test_the_public_rate_knows_no_plan():
    one = make.alliance()
    joined(one, plan(one))
    ask = LineAsk(
        line_id=1,
        product_id=one.product_id,
        merchant_id=one.shop.id,
        category_path=(one.category_id,),
        subject_kind="individual",
        promoter_id=one.promoter.id,
        self_purchase=False,
        at=LATER,
    )
    assert queries.public_rates([ask])[1].rate_bps == 1200


def test_below_the_public_rate_it_is_refused_and_when_that_rises_it_waits():
    one = make.alliance()
    with refused(BelowPublicRate, "plans_") as info:
        plan(one, 1199)
    assert "12%" in info.value.sentence("zh")
    joined(one, plan(one, 1200))
    assert layer(one, LATER) == (Layer.TARGETED, 1200)
    make_plans.main_product(one.shop.id, one.product_id, 1500, now=NOON)
    tomorrow = next_midnight(NOON)
    assert layer(one, tomorrow) == (Layer.MAIN, 1500)
    assert terms(one, at=tomorrow).lost[0].why is WhyLost.BELOW_PUBLIC
    make_plans.main_product(one.shop.id, one.product_id, None, now=tomorrow)
    assert layer(one, next_midnight(tomorrow)) == (Layer.TARGETED, 1200)


def test_a_campaign_acts_only_above_it():
    one = make.alliance()
    joined(one, plan(one))
    for rate_bps, expected in ((1900, Layer.TARGETED), (2100, Layer.CAMPAIGN)):
        make_plans.campaign(one.shop.id, rate_bps, product_ids=(one.product_id,), starts_at=LATER, now=NOON)
        assert terms(one, at=LATER).layer is expected
    assert terms(one, at=LATER, promoter_id=one.recruiter.id).layer is Layer.CAMPAIGN


def test_of_two_plans_the_one_joined_later_holds():
    one = make.alliance()
    joined(one, plan(one, 2500))
    joined(one, plan(one, 2000), now=LATER)
    found = terms(one, at=LATER)
    assert (found.rate_bps, found.lost[0].rate_bps, found.lost[0].why) == (2000, 2500, WhyLost.OTHER_PLAN)


def test_nothing_above_the_ceiling_when_made_or_when_somebody_comes_in():
    one = make.alliance()
    with refused(AboveCeiling, "plans_"):
        plan(one, 8501)  # with tier 2 at 5 %
    made = plan(one, 8500)
    service.apply(plan=made, promoter_id=one.promoter.id, now=NOON)
    service.add_grade(name="金", rank=1, threshold_fen=0, extra_bps=1, actor=OPERATOR_SHELL, now=NOON)
    with refused(AboveCeiling, "plans_"):
        decided(one, made)


def test_a_ladder_and_tiers_see_the_plans():
    one = make.alliance()
    joined(one, plan(one, 8500))
    with refused(AboveCeiling, "plans_"):
        service.add_grade(name="金", rank=1, threshold_fen=0, extra_bps=1, actor=OPERATOR_SHELL, now=NOON)
    with refused(AboveCeiling, "plans_"):
        make_plans.distribution(one.shop.id, {2: 501}, now=NOON)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": " "}, Invalid),
        ({"note": "长" * 201}, Invalid),
        ({"ends_at": NOON}, Invalid),
        ({"rates": {}}, Invalid),
        ({"starts_at": NOON - timedelta(seconds=1)}, StartsInPast),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(changes: dict, refusal: type):
    one = make.alliance()
    with refused(refusal, "plans_"):
        plan(one, **changes)


def test_a_plan_is_for_the_shops_own_products():
    one = make.alliance()
    other = make.alliance(beside=one)
    with refused(NotFound, "plans_"):
        plan(one, rates={other.product_id: 3000})
    made = plan(one)
    with refused(NotFound, "plans_"):
        service.stop_plan(merchant_id=other.shop.id, no=made.no, actor=OPERATOR_SHELL, now=NOON)


def test_an_application_is_asked_once_turned_away_and_asked_again():
    one = make.alliance()
    made = plan(one)
    service.apply(plan=made, promoter_id=one.promoter.id, message="做茶具三年", now=NOON)
    service.apply(plan=made, promoter_id=one.promoter.id, now=LATER)
    assert [(m.state, m.message) for m in queries.members_of(plan_id=made.plan_id)] == [
        (MemberState.APPLIED, "做茶具三年")
    ]
    decided(one, made, accept=False)
    shown = queries.plans_of_promoter(promoter_id=one.promoter.id)
    assert [(p.no, m.state, m.reason) for p, m in shown] == [(made.no, MemberState.REJECTED, "类目不符")]
    with refused(NotOfferedSo, "plans_"):
        decided(one, made)
    joined(one, made, now=LATER)
    with refused(NotOfferedSo, "plans_"):
        service.apply(plan=made, promoter_id=one.promoter.id, now=LATER)
    assert layer(one, LATER) == TARGETED


def test_an_invitation_is_accepted_or_declined_by_who_was_invited():
    one = make.alliance()
    made = plan(one)
    asked = {"merchant_id": one.shop.id, "no": made.no, "actor": OPERATOR_SHELL, "now": NOON}
    assert service.invite(promoter_ids=[one.promoter.id, one.recruiter.id], **asked) == sorted(
        [one.promoter.id, one.recruiter.id]
    )
    assert service.invite(promoter_ids=[one.promoter.id], **asked) == []
    answer = {"plan": made, "actor": OPERATOR_SHELL, "now": LATER}
    service.answer_invitation(promoter_id=one.promoter.id, accept=True, **answer)
    service.answer_invitation(promoter_id=one.recruiter.id, accept=False, **answer)
    assert layer(one, LATER) == TARGETED
    assert layer(one, LATER, one.recruiter.id) == CATEGORY
    with refused(NotOfferedSo, "plans_"):
        service.answer_invitation(promoter_id=one.recruiter.id, accept=True, **answer)
    stranger = make_parties.promoter(name="未认证", phone="13900000009", certified=False)
    with refused(NotFound, "plans_"):
        service.invite(promoter_ids=[stranger.id], **asked)


def test_who_is_removed_keeps_its_rate_today_and_may_come_back_tomorrow():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    gone = {"merchant_id": one.shop.id, "no": made.no, "promoter_id": one.promoter.id, "reason": "长期未推广"}
    tomorrow = service.remove_member(**gone, actor=OPERATOR_SHELL, now=LATER)
    assert layer(one, tomorrow - timedelta(microseconds=1)) == TARGETED
    assert layer(one, tomorrow) == CATEGORY
    joined(one, made, now=LATER)
    assert layer(one, tomorrow) == TARGETED
    # Its two rows meet at midnight and don't overlap.
    spans = rows.query("SELECT lower(valid), upper(valid) FROM plans_rate WHERE layer = 'targeted' ORDER BY 1")
    assert spans == [(NOON, tomorrow), (tomorrow, made.ends_at)]


def test_a_stopped_plan_holds_until_midnight_and_takes_nobody_after():
    one = make.alliance()
    made = plan(one)
    joined(one, made)
    tomorrow = service.stop_plan(merchant_id=one.shop.id, no=made.no, actor=OPERATOR_SHELL, now=LATER)
    assert layer(one, tomorrow - timedelta(microseconds=1)) == TARGETED
    assert layer(one, tomorrow) == CATEGORY
    stopped = queries.targeted_plan(merchant_id=one.shop.id, no=made.no)
    assert (stopped.over(LATER), stopped.over(tomorrow)) == (False, True)
    with refused(PlanOver, "plans_"):
        service.stop_plan(merchant_id=one.shop.id, no=made.no, actor=OPERATOR_SHELL, now=LATER)
    with refused(PlanOver, "plans_"):
        service.apply(plan=stopped, promoter_id=one.recruiter.id, now=tomorrow)
    assert queries.targeted_plans(merchant_id=one.shop.id, running_at=tomorrow) == []
    assert [p.no for p in queries.targeted_plans(merchant_id=one.shop.id)] == [made.no]


def test_a_plan_is_full_at_its_bound(monkeypatch):
    one = make.alliance()
    monkeypatch.setattr(targeted, "MAX_MEMBERS", 1)
    made = plan(one)
    joined(one, made)
    service.apply(plan=made, promoter_id=one.recruiter.id, now=NOON)
    with refused(TooManyInPlan, "plans_"):
        service.decide(
            merchant_id=one.shop.id,
            no=made.no,
            promoter_ids=[one.recruiter.id],
            accept=True,
            actor=OPERATOR_SHELL,
            now=NOON,
        )


def test_an_invite_code_leads_to_its_plan_and_nothing_else_does():
    one = make.alliance()
    made = plan(one)
    assert queries.plan_by_code(made.invite_code) == made
    with pytest.raises(NotFound):
        queries.plan_by_code("x" * 12)
    with pytest.raises(NotFound):
        queries.plan_of_promoter(promoter_id=one.promoter.id, no=made.no)
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id)
    wide = plan(one, rates={one.product_id: 2000, other: 2200})
    assert wide.rates == {one.product_id: 2000, other: 2200}
