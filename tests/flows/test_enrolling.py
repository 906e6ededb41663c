"""Activities, what is enrolled in them at which terms, to whom that is open, the curated pool (docs/rules.md §9)."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import cooperation as coop
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog_of
from tuike.catalog import service as catalog
from tuike.catalog.types import CannotBePromoted
from tuike.cooperation import queries
from tuike.cooperation.types import (
    ActivityChange,
    ActivityKind,
    ActivityNotDraft,
    ActivityNotOpen,
    ActivityNotPublished,
    ActivityState,
    AnswerTooLate,
    BelowActivityFloor,
    CooperationClosed,
    EndCause,
    EnrolledAlready,
    EnrolmentDecided,
    EnrolmentOver,
    EnrolmentState,
    Floor,
    InPoolAlready,
    OpenWanted,
    PeriodInPast,
    PeriodOutsideActivity,
    PoolDecided,
    PoolState,
    ShownTo,
)
from tuike.db import rows
from tuike.flows import curate_pool, extend_cooperation, open_cooperation, run_activity
from tuike.flows import enrol_products as enrolling
from tuike.flows.tend_cooperations import tend_cooperations
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import service as parties
from tuike.parties.types import NotCertified, Suspended
from tuike.plans.types import AboveCeiling, EnrolmentBelowPublic, Layer

pytestmark = pytest.mark.usefixtures("db")
NOON, DAY, SECOND = coop.NOON, timedelta(days=1), timedelta(seconds=1)
OURS = ("cooperation_", "plans_", "messages_", "idempotency_")


@pytest.fixture
def one():
    coop.open_to_all()
    return make.alliance()


def enrol(one, where, *, now=NOON, **changes):
    terms = [coop.wanted(one.product_id, now=now, **changes)]
    return enrolling.enrol_products(activity_no=where.no, wanted=terms, by=coop.by(one.shop.id, now))[0]


def passed(one, made, now=NOON):
    return enrolling.pass_enrolments(nos=[made.no], by=coop.by(one.leader.id, now))[0]


# ---------------------------------------------------------------------- activities


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (PeriodInPast, {"starts_at": NOON - SECOND}),
        (Invalid, {"ends_at": NOON}),
        (Invalid, {"title": " "}),
        (Invalid, {"title": "题" * 41}),
        (Invalid, {"contact": "x" * 101}),
        (Invalid, {"sample": "x" * 501}),
        (Invalid, {"floor": Floor(9001, 0)}),
        (Invalid, {"floor": Floor(8000, 1001)}),
        (Invalid, {"floor": Floor(-1, 0)}),
        (Invalid, {"floors": {10**9: Floor(1, 1)}}),
        (Invalid, {"kind": ActivityKind.EXCLUSIVE}),
        (Invalid, {"promoter_ids": (1,)}),
        (Invalid, {"kind": ActivityKind.EXCLUSIVE, "promoter_ids": (10**9,)}),
    ],
)
def test_what_an_activity_cannot_be(one, refusal, changes):
    with refused(refusal, *OURS):
        run_activity.create_activity(activity=coop.draft(**changes), by=coop.by(one.leader.id))


def test_an_activitys_states(one):
    by = coop.by(one.leader.id)
    key = coop.by(one.leader.id)
    made = run_activity.create_activity(activity=coop.draft(), by=key)
    assert run_activity.create_activity(activity=coop.draft(), by=key) == made
    assert made.state is ActivityState.DRAFT
    assert queries.contact_of_activity(no=made.no) == "微信 afang888"
    assert b"afang" not in bytes(rows.query("SELECT contact FROM cooperation_activity WHERE no = %s", [made.no])[0][0])
    with refused(ActivityNotPublished, *OURS):
        run_activity.close_activity(no=made.no, by=by)
    assert queries.open_activities(now=NOON) == []
    run_activity.publish_activity(no=made.no, by=coop.by(one.leader.id))
    for again in (
        lambda: run_activity.publish_activity(no=made.no, by=coop.by(one.leader.id)),
        lambda: run_activity.change_draft(no=made.no, activity=coop.draft(), by=coop.by(one.leader.id)),
        lambda: run_activity.delete_activity(no=made.no, by=coop.by(one.leader.id)),
    ):
        with refused(ActivityNotDraft, *OURS):
            again()
    [shown] = queries.open_activities(now=NOON)
    assert shown.published_at == NOON
    assert queries.open_activities(now=shown.ends_at) == []
    run_activity.close_activity(no=made.no, by=coop.by(one.leader.id))
    with refused(ActivityNotPublished, *OURS):
        run_activity.close_activity(no=made.no, by=coop.by(one.leader.id))
    run_activity.delete_activity(no=made.no, by=coop.by(one.leader.id))
    with refused(NotFound, *OURS):
        run_activity.delete_activity(no=made.no, by=coop.by(one.leader.id))


def test_a_draft_whose_end_has_passed_is_not_published(one):
    made = coop.activity(one.leader.id, published=False)
    with refused(PeriodInPast, *OURS):
        run_activity.publish_activity(no=made.no, by=coop.by(one.leader.id, made.ends_at))


def test_who_may_lead(one):
    nobody = make_parties.leader(name="未认证团长", certified=False)
    made = run_activity.create_activity(activity=coop.draft(), by=coop.by(nobody.id))
    with refused(NotCertified, *OURS):
        run_activity.publish_activity(no=made.no, by=coop.by(nobody.id))
    where = coop.activity(one.leader.id)
    waiting = enrol(one, where)
    parties.suspend(party_id=one.leader.id, reason="核查", actor=OPERATOR_SHELL, now=NOON)
    with refused(Suspended, *OURS):
        passed(one, waiting)


def test_another_leaders_activity_is_not_there(one):
    made, other = coop.activity(one.leader.id), make_parties.leader(name="别的团长")
    for verb in (run_activity.publish_activity, run_activity.close_activity, run_activity.delete_activity):
        with refused(NotFound, *OURS):
            verb(no=made.no, by=coop.by(other.id))


def test_a_published_activity_changes_in_words_floors_and_a_later_end(one):
    made = coop.activity(one.leader.id)
    change = {"title": "夏茶季", "ends_at": made.ends_at + DAY, "floor": Floor(1600, 100), "floors": {}}
    shown = run_activity.change_activity(no=made.no, change=ActivityChange(**change), by=coop.by(one.leader.id))
    assert (shown.title, shown.ends_at, shown.floor.min_rate_bps) == ("夏茶季", made.ends_at + DAY, 1600)
    with refused(BelowActivityFloor, *OURS):
        enrol(one, made)
    with refused(Invalid, *OURS):
        change["ends_at"] = made.ends_at
        run_activity.change_activity(no=made.no, change=ActivityChange(**change), by=coop.by(one.leader.id))


def test_open_activities_are_found(one):
    first = coop.activity(one.leader.id, title="春茶专场")
    second = coop.activity(
        one.leader.id, kind=ActivityKind.EXCLUSIVE, promoter_ids=(one.promoter.id,), floor=Floor(2000, 500)
    )

    def found(**wanted):
        return [shown.no for shown in queries.open_activities(now=NOON, wanted=OpenWanted(**wanted))]

    assert found() == [second.no, first.no]
    assert found(words="专场") == found(kind=ActivityKind.ORDINARY) == found(most_rate_bps=1999) == [first.no]
    assert found(most_service_bps=499) == [first.no] and found(words=second.no) == [second.no]
    assert found(leader_id=one.shop.id) == []


# ---------------------------------------------------------------------- enrolling


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (BelowActivityFloor, {"service_bps": 99}),
        (EnrolmentBelowPublic, {"rate_bps": 1199}),
        (AboveCeiling, {"rate_bps": 8000, "service_bps": 600}),
        (PeriodInPast, {"starts_at": NOON - SECOND}),
        (PeriodInPast, {"ends_at": NOON}),
        (Invalid, {"starts_at": NOON + DAY, "ends_at": NOON + DAY}),
        (PeriodOutsideActivity, {"ends_at": NOON + coop.PERIOD + SECOND}),
        (Invalid, {"rate_bps": 0}),
        (Invalid, {"service_bps": 9001}),
        (Invalid, {"base_orders": -1}),
        (Invalid, {"contact": "x" * 101}),
    ],
)
def test_terms_that_are_refused(one, refusal, changes):
    where = coop.activity(one.leader.id)
    with refused(refusal, *OURS):
        enrol(one, where, **changes)


@pytest.mark.parametrize("changes", [{"rate_bps": 1200}, {"service_bps": 100}, {"ends_at": NOON + coop.PERIOD}])
def test_exactly_as_much_is_enough(one, changes):
    assert enrol(one, coop.activity(one.leader.id), **changes).state is EnrolmentState.APPLIED


def test_a_no_names_its_product_and_each_is_weighed_alone(one):
    where, by = coop.activity(one.leader.id), coop.by(one.shop.id)
    other, off = (
        make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, price_fen=10_000, on_sale=on)
        for on in (True, False)
    )
    no, off_no = (catalog_of.product_facts([id_])[id_].product_no for id_ in (other, off))
    fine, low = coop.wanted(one.product_id), coop.wanted(other, rate_bps=1199)
    for wanted, refusal, about in (
        ([fine, low], EnrolmentBelowPublic, no),
        ([fine, coop.wanted(other, service_bps=99)], BelowActivityFloor, no),
        ([fine, coop.wanted(other, rate_bps=8000, service_bps=600)], AboveCeiling, no),
        ([fine, coop.wanted(off)], CannotBePromoted, off_no),
        ([fine, coop.wanted(other, contact="x" * 101)], Invalid, ""),
    ):
        with refused(refusal, *OURS) as info:
            enrolling.enrol_products(activity_no=where.no, wanted=wanted, by=by)
        assert info.value.about == about
    before = rows.query("SELECT count(*) FROM cooperation_enrolment")
    terms = [fine, low, coop.wanted(off)]
    weighed = enrolling.weigh_enrolments(activity_no=where.no, wanted=terms, by=by)
    assert rows.query("SELECT count(*) FROM cooperation_enrolment") == before
    # 59.90: 15 % for the promoter is 8.98, 3 % for the leader 1.79, 5 % for tier 2 2.99.
    owed = weighed[one.product_id]
    assert (owed.service_fen, owed.highest_fen, owed.left_fen) == (179, 898 + 299 + 179, 5_990 - 898 - 299 - 179)
    assert isinstance(weighed[other], EnrolmentBelowPublic) and isinstance(weighed[off], CannotBePromoted)
    made = enrolling.enrol_products(activity_no=where.no, wanted=[fine, coop.wanted(other, base_orders=9)], by=by)
    assert [enrolment.base_orders for enrolment in made] == [2, 9]
    with refused(EnrolledAlready, *OURS) as info:
        enrolling.enrol_products(activity_no=where.no, wanted=[coop.wanted(other)], by=coop.by(one.shop.id))
    assert info.value.about == no


def test_the_nearest_categorys_floor_wins(one):
    child = make_catalog.category(name="盖碗", parent_id=one.category_id)
    product = make_catalog.product(merchant_id=one.shop.id, category_id=child, price_fen=5_000, title="白瓷盖碗")
    floors = {one.category_id: Floor(3000, 100), child: Floor(1300, 100)}
    where = coop.activity(one.leader.id, floors=floors)
    with refused(BelowActivityFloor, *OURS):
        enrol(one, where, rate_bps=2999)
    terms = [coop.wanted(product, rate_bps=1300)]
    assert enrolling.enrol_products(activity_no=where.no, wanted=terms, by=coop.by(one.shop.id))


def test_where_nothing_can_be_enrolled(one):
    draft = coop.activity(one.leader.id, published=False)
    with refused(NotFound, *OURS):
        enrol(one, draft)
    where = coop.activity(one.leader.id)
    with refused(ActivityNotOpen, *OURS):
        enrol(one, where, now=where.ends_at, ends_at=where.ends_at + DAY)
    waiting = enrol(one, where)
    with refused(EnrolledAlready, *OURS):
        enrol(one, where)
    run_activity.close_activity(no=where.no, by=coop.by(one.leader.id))
    shown = queries.enrolments_by_id([waiting.enrolment_id])[waiting.enrolment_id]
    assert (shown.state, shown.end_cause) == (EnrolmentState.REJECTED, EndCause.ACTIVITY_CLOSED)
    with refused(ActivityNotOpen, *OURS):
        enrol(one, where)
    with refused(ActivityNotPublished, *OURS):
        passed(one, waiting)


def test_all_or_none(one):
    where = coop.activity(one.leader.id)
    other = make.alliance(beside=one)
    foreign = [coop.wanted(one.product_id), coop.wanted(other.product_id)]
    twice = [coop.wanted(one.product_id)] * 2
    for refusal, wanted in ((NotFound, foreign), (Invalid, twice), (Invalid, [])):
        with refused(refusal, *OURS):
            enrolling.enrol_products(activity_no=where.no, wanted=wanted, by=coop.by(one.shop.id))


def test_what_cannot_be_promoted_is_not_enrolled(one):
    where = coop.activity(one.leader.id)
    catalog.take_off_sale(merchant_id=one.shop.id, product_ids=[one.product_id], actor=OPERATOR_SHELL, now=NOON)
    with refused(CannotBePromoted, *OURS):
        enrol(one, where)


def test_decided_once_by_the_right_side(one):
    where, other = coop.activity(one.leader.id), make_parties.leader(name="别的团长")
    waiting = enrol(one, where)
    with refused(NotFound, *OURS):
        enrolling.pass_enrolments(nos=[waiting.no], by=coop.by(other.id))
    with refused(NotFound, *OURS):
        enrolling.withdraw_enrolment(no=waiting.no, by=coop.by(one.leader.id))
    with refused(Invalid, *OURS):
        enrolling.reject_enrolments(nos=[waiting.no], reason=" ", by=coop.by(one.leader.id))
    passed(one, waiting)
    for act in (
        lambda: passed(one, waiting),
        lambda: enrolling.reject_enrolments(nos=[waiting.no], reason="晚了", by=coop.by(one.leader.id)),
        lambda: enrolling.withdraw_enrolment(no=waiting.no, by=coop.by(one.shop.id)),
    ):
        with refused(EnrolmentDecided, *OURS):
            act()


def test_an_application_that_ran_out_is_over(one):
    waiting = enrol(one, coop.activity(one.leader.id), ends_at=NOON + DAY)
    for _ in range(2):
        with refused(EnrolmentOver, *OURS):
            passed(one, waiting, NOON + DAY)
        tend_cooperations(now=NOON + DAY)
    shown = queries.enrolments_by_id([waiting.enrolment_id])[waiting.enrolment_id]
    assert (shown.state, shown.end_cause) == (EnrolmentState.REJECTED, EndCause.PERIOD)


def test_rates_that_rose_meanwhile_are_refused_at_passing(one):
    where = coop.activity(one.leader.id)
    waiting = enrol(one, where, rate_bps=1500)
    make_plans.category_rate(one.shop.id, one.category_id, 1600, now=NOON)
    with refused(EnrolmentBelowPublic, *OURS):
        passed(one, waiting, NOON + 2 * DAY)


def test_a_passed_product_has_its_rate_from_its_start(one):
    start = NOON + 5 * DAY
    made = passed(one, enrol(one, coop.activity(one.leader.id), starts_at=start))

    def layer(at):
        asked = {"promoter_id": one.promoter.id, "enrolment_id": made.enrolment_id}
        return make_plans.terms(one.product_id, at=at, **asked).layer

    assert (layer(start - SECOND), layer(start)) == (Layer.CATEGORY, Layer.LEADER)
    assert (layer(made.ends_at - SECOND), layer(made.ends_at)) == (Layer.LEADER, Layer.CATEGORY)


def test_enrolled_again_where_the_last_period_passed_unseen(one):
    where = coop.activity(one.leader.id)
    first = passed(one, enrol(one, where, ends_at=NOON + DAY))
    again = enrol(one, where, now=NOON + DAY)
    assert again.no != first.no
    shown = queries.enrolments_by_id([first.enrolment_id])[first.enrolment_id]
    assert (shown.state, shown.ended_at) == (EnrolmentState.ENDED, NOON + DAY)


def test_the_preview_changes_nothing(one):
    where = coop.activity(one.leader.id)
    before = rows.query("SELECT count(*) FROM cooperation_enrolment")
    by = coop.by(one.shop.id)
    [owed] = enrolling.preview_enrolments(activity_no=where.no, wanted=[coop.wanted(one.product_id)], by=by)
    # 59.90 at the lowest: 12 % for everybody, 15 % here, 3 % for the leader, 5 % for tier 2, each rounded down.
    assert (owed.owed.public_fen, owed.owed.direct_fen, owed.service_fen, owed.owed.tiers_fen) == (718, 898, 179, 299)
    assert owed.left_fen == 5_990 - 898 - 179 - 299
    assert rows.query("SELECT count(*) FROM cooperation_enrolment") == before


def test_a_contact_is_shown_to_whom_the_shop_said(one):
    where = coop.activity(one.leader.id)
    for shown_to, promoter_sees in ((ShownTo.LEADER, ""), (ShownTo.LEADER_AND_PROMOTERS, "电话 1")):
        made = enrol(one, where, shown_to=shown_to, contact="电话 1")
        assert queries.contact_of_enrolment(no=made.no, promoter=True, now=NOON) == "", "not running yet"
        passed(one, made)
        assert queries.contact_of_enrolment(no=made.no, promoter=False, now=NOON) == "电话 1"
        assert queries.contact_of_enrolment(no=made.no, promoter=True, now=NOON) == promoter_sees
        run_activity.close_activity(no=where.no, by=coop.by(one.leader.id))
        assert queries.contact_of_enrolment(no=made.no, promoter=True, now=NOON) == ""
        where = coop.activity(one.leader.id)


def test_a_clock_that_jumps_back_undoes_no_timer(one):
    made = coop.agreed(one)
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id))
    tend_cooperations(now=NOON + 4 * DAY)
    tend_cooperations(now=NOON + DAY)
    with refused(AnswerTooLate, *OURS):
        extend_cooperation.answer_extension(no=made.no, agree=True, by=coop.by(one.shop.id, NOON + DAY))
    tend_cooperations(now=made.ends_at)
    with refused(EnrolmentOver, *OURS):
        extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id, NOON + DAY))


def test_what_waits_for_the_leader(one):
    where = coop.activity(one.leader.id)
    waiting = enrol(one, where)
    assert [shown.no for shown in queries.requests_of_leader(leader_id=one.leader.id)] == [waiting.no]
    passed(one, waiting)
    assert queries.requests_of_leader(leader_id=one.leader.id) == []


def test_what_waits_for_the_shop(one):
    made = coop.agreed(one)
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id))

    def waits(at):
        return [shown.no for shown in queries.requests_of_merchant(merchant_id=one.shop.id, now=at)]

    assert (waits(NOON), waits(NOON + 3 * DAY), waits(NOON + 3 * DAY + SECOND)) == ([made.no], [made.no], [])


def test_what_a_promoter_can_share(one):
    ordinary = coop.activity(one.leader.id)
    exclusive = coop.activity(one.leader.id, kind=ActivityKind.EXCLUSIVE, promoter_ids=(one.promoter.id,))
    first = passed(one, enrol(one, ordinary, ends_at=NOON + DAY))
    second = passed(one, enrol(one, exclusive, starts_at=NOON + SECOND))

    def seen(promoter, at, **more):
        found = queries.running_for_promoter(promoter_id=promoter.id, now=at, **more)
        return [shown.no for shown in found]

    assert seen(one.promoter, NOON) == [first.no]
    assert seen(one.promoter, NOON + SECOND) == [second.no, first.no]
    assert seen(one.promoter, NOON + SECOND, activity_no=exclusive.no) == [second.no]
    assert seen(one.recruiter, NOON + SECOND) == [first.no]
    assert seen(one.promoter, NOON + DAY) == [second.no]
    run_activity.close_activity(no=exclusive.no, by=coop.by(one.leader.id, NOON + DAY))
    assert seen(one.promoter, NOON + DAY) == []


# ---------------------------------------------------------------------- to whom it is open


def test_named_parties_first_then_all():
    one = make.alliance()
    for act in (
        lambda: run_activity.create_activity(activity=coop.draft(), by=coop.by(one.leader.id)),
        lambda: enrolling.enrol_products(activity_no="AC1", wanted=[], by=coop.by(one.shop.id)),
        lambda: enrolling.preview_enrolments(activity_no="AC1", wanted=[], by=coop.by(one.shop.id)),
        lambda: curate_pool.apply_to_pool(product_ids=[one.product_id], by=coop.by(one.shop.id)),
    ):
        with refused(CooperationClosed, *OURS):
            act()
    ids = [one.leader.id, one.shop.id]
    for _ in range(2):
        open_cooperation.open_access(party_ids=ids, actor=OPERATOR_SHELL, now=NOON)
    assert queries.access_open([*ids, one.promoter.id]) == set(ids)
    assert sorted(id_ for id_, _ in queries.parties_opened()) == sorted(ids)
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'cooperation.open'") == [(2,)]
    coop.agreed(one)
    open_cooperation.close_access(party_ids=[one.shop.id], actor=OPERATOR_SHELL, now=NOON)
    assert not queries.functions_open(one.shop.id) and queries.functions_open(one.leader.id)
    open_cooperation.open_access(party_ids=[one.shop.id], actor=OPERATOR_SHELL, now=NOON)
    assert queries.functions_open(one.shop.id)
    with refused(NotFound, *OURS):
        open_cooperation.open_access(party_ids=[one.promoter.id], actor=OPERATOR_SHELL, now=NOON)
    coop.open_to_all()
    assert queries.functions_open(10**9)


# ---------------------------------------------------------------------- the pool


def test_the_pool(one):
    by, beside = coop.by(one.shop.id), make.alliance(beside=one)
    for _ in range(2):
        curate_pool.apply_to_pool(product_ids=[one.product_id], by=by)
    with refused(InPoolAlready, *OURS):
        curate_pool.apply_to_pool(product_ids=[one.product_id], by=coop.by(one.shop.id))
    with refused(NotFound, *OURS):
        curate_pool.apply_to_pool(product_ids=[one.product_id], by=coop.by(beside.shop.id))
    [asked] = queries.pool_to_decide()
    assert queries.pool() == []
    ids, deed = [asked.application_id], {"actor": OPERATOR_SHELL, "now": NOON}
    with refused(Invalid, *OURS):
        curate_pool.decide_pool(application_ids=ids, accept=False, reason="", **deed)
    curate_pool.decide_pool(application_ids=ids, accept=True, reason="", **deed)
    assert [shown.product_id for shown in queries.pool()] == [one.product_id]
    with refused(PoolDecided, *OURS):
        curate_pool.decide_pool(application_ids=ids, accept=False, reason="晚了", **deed)
    with refused(PoolDecided, *OURS):
        curate_pool.take_back(application_ids=ids, by=coop.by(one.leader.id))
    curate_pool.remove_from_pool(application_ids=ids, reason="质量问题", **deed)
    assert queries.pool() == []
    [shown] = queries.pool_of_merchant(merchant_id=one.shop.id)
    assert (shown.state, shown.reason) == (PoolState.REMOVED, "质量问题")
    curate_pool.apply_to_pool(product_ids=[one.product_id], by=coop.by(one.shop.id))
    [again] = queries.pool_to_decide()
    curate_pool.take_back(application_ids=[again.application_id], by=coop.by(one.shop.id))
    assert queries.pool_to_decide() == []


def test_what_cannot_be_promoted_is_not_for_the_pool(one):
    catalog.take_off_sale(merchant_id=one.shop.id, product_ids=[one.product_id], actor=OPERATOR_SHELL, now=NOON)
    with refused(CannotBePromoted, *OURS):
        curate_pool.apply_to_pool(product_ids=[one.product_id], by=coop.by(one.shop.id))
