"""The contract between shop and leader, row by row of docs/rules.md §9, each edge a second before, at it, and after."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make.refusals import refused
from tuike.cooperation import queries, rules
from tuike.cooperation.types import (
    AnswerTooLate,
    CancelAnswer,
    CancelOpenAlready,
    CancelState,
    EndCause,
    EnrolmentNotActive,
    EnrolmentOver,
    EnrolmentState,
    ExtensionOpenAlready,
    ExtensionState,
    ExtensionTooShort,
    NoOpenCancel,
    NoOpenExtension,
)
from tuike.db import rows
from tuike.flows import cancel_cooperation as cancelling
from tuike.flows import enrol_products as enrolling
from tuike.flows import extend_cooperation as extending
from tuike.flows import run_activity
from tuike.flows.tend_cooperations import tend_cooperations
from tuike.kit.errors import NotFound
from tuike.plans.types import Layer

pytestmark = pytest.mark.usefixtures("db")
NOON = coop.NOON
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
EDGE = NOON + timedelta(seconds=30 * 86_400)
OURS = ("cooperation_", "plans_", "messages_", "idempotency_")


@pytest.fixture
def one():
    coop.open_to_all()
    return make.alliance()


def now_so(made):
    return queries.enrolments_by_id([made.enrolment_id])[made.enrolment_id]


def texts(made):
    return [(note.zh, note.red) for note in rules.notes(now_so(made))]


def told(party_id):
    found = rows.query("SELECT kind FROM messages_message WHERE party_id = %s ORDER BY id", [party_id])
    return [kind for (kind,) in found]


def led_at(made, at):
    return (made.activity_no, made.product_id) in queries.led([(made.activity_no, made.product_id)], at=at)


def layer_at(made, at):
    return make_plans.terms(made.product_id, at=at, promoter_id=1, enrolment_id=made.enrolment_id).layer


@pytest.mark.parametrize(
    ("after_edge", "sold", "at_once"),
    [
        (-SECOND, 0, False),
        (-SECOND, 1, False),
        (-SECOND, 2, False),
        (0 * SECOND, 0, False),
        (0 * SECOND, 1, False),
        (0 * SECOND, 2, False),
        (SECOND, 0, True),
        (SECOND, 1, True),
        (SECOND, 2, False),
        (SECOND, 3, False),
    ],
)
def test_filing_a_cancel(one, after_edge, sold, at_once):
    """Base 2. Until exactly 30 × 86,400 s after the enrolment the leader reviews; later only from the base on."""
    made = coop.agreed(one, base_orders=2)
    coop.sell(made, sold)
    label = rules.label(now_so(made))
    assert (label.zh, label.red) == (("团长已达成", False) if sold >= 2 else ("团长未达成", True))
    at = EDGE + after_edge
    before = rules.can_cancel(now_so(made), at)
    assert (before.answer is CancelAnswer.AT_ONCE, before.leader_decides) == (at_once, not at_once)
    done = cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, at))
    assert (done.cancel.gross_orders, done.cancel.base_orders) == (sold, 2)
    if at_once:
        assert (done.state, done.end_cause, done.ended_at) == (EnrolmentState.ENDED, EndCause.AT_ONCE, at)
        assert (done.cancel.state, texts(made)) == (CancelState.AT_ONCE, [("商品合作已失效", False)])
        assert (led_at(made, at - SECOND), led_at(made, at)) == (True, False)
        assert layer_at(made, at - SECOND) is Layer.LEADER
        assert layer_at(made, at) is not Layer.LEADER
    else:
        assert (done.state, done.cancel.state) == (EnrolmentState.ACTIVE, CancelState.OPEN)
        assert texts(made) == [("已发起取消合作，团长审核中", False)]
        assert led_at(made, at + DAY)
        assert layer_at(made, at + DAY) is Layer.LEADER
    last = "cancelled_at_once" if at_once else "cancel_asked"
    assert (told(one.shop.id)[-1], told(one.leader.id)[-1]) == (last, last)


def test_the_leader_agrees(one):
    made = coop.agreed(one)
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON + DAY))
    at = NOON + 2 * DAY
    done = cancelling.decide_cancel(no=made.no, agree=True, by=coop.by(one.leader.id, at))
    assert (done.state, done.end_cause, done.ended_at) == (EnrolmentState.ENDED, EndCause.AGREED, at)
    assert texts(made) == [("商品合作已失效", False), ("团长同意取消合作", False)]
    assert (led_at(made, at - SECOND), led_at(made, at)) == (True, False)
    assert (layer_at(made, at - SECOND) is Layer.LEADER, layer_at(made, at) is Layer.LEADER) == (True, False)
    assert told(one.shop.id)[-1] == told(one.leader.id)[-1] == "cancel_agreed"


def test_the_leader_refuses_and_the_shop_files_again(one):
    made = coop.agreed(one)
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON + DAY))
    done = cancelling.decide_cancel(no=made.no, agree=False, by=coop.by(one.leader.id, NOON + 2 * DAY))
    assert (done.state, texts(made)) == (EnrolmentState.ACTIVE, [("团长拒绝取消合作", True)])
    assert led_at(made, NOON + 3 * DAY)
    assert layer_at(made, NOON + 3 * DAY) is Layer.LEADER
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON + 3 * DAY))
    assert texts(made) == [("已发起取消合作，团长审核中", False)]
    late = cancelling.decide_cancel(no=made.no, agree=False, by=coop.by(one.leader.id, EDGE + 5 * DAY))
    assert late.cancel.state is CancelState.REFUSED, "nothing decides a review by time"
    assert cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, EDGE + 6 * DAY)).end_cause is EndCause.AT_ONCE


def test_after_the_end_the_product_can_be_enrolled_again(one):
    made = coop.agreed(one)
    at = EDGE + SECOND
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, at))
    again = [coop.wanted(one.product_id, now=at, ends_at=at + 10 * DAY)]
    [new] = enrolling.enrol_products(activity_no=made.activity_no, wanted=again, by=coop.by(one.shop.id, at))
    assert (new.applied_at, new.gross_orders) == (at, 0), "its own 30 days, its own count"


@pytest.mark.parametrize("day", [0, 29, 31, 59])
def test_can_i_cancel_now(one, day):
    made = coop.agreed(one, base_orders=2)
    said = rules.can_cancel(now_so(made), NOON + day * DAY)
    if day <= 30:
        assert (said.answer, said.after) == (CancelAnswer.LEADER_FOR_NOW, EDGE)
        assert "2026-04-01 12:00:00 之后" in said.zh and "After 2026-04-01 12:00:00" in said.en
    else:
        assert (said.answer, said.leader_decides) == (CancelAnswer.AT_ONCE, False)
    coop.sell(made, 2)
    said = rules.can_cancel(now_so(made), NOON + day * DAY)
    assert (said.answer, said.leader_decides, said.after) == (CancelAnswer.LEADER, True, None)


def test_can_i_cancel_what_is_not_running(one):
    where = coop.activity(one.leader.id)
    waiting = coop.applied(one, where)
    assert rules.can_cancel(waiting, NOON).answer is CancelAnswer.WITHDRAW
    enrolling.pass_enrolments(nos=[waiting.no], by=coop.by(one.leader.id))
    assert rules.can_cancel(now_so(waiting), NOON + 60 * DAY).answer is CancelAnswer.OVER
    asked = cancelling.ask_cancel(no=waiting.no, by=coop.by(one.shop.id))
    assert rules.can_cancel(asked, NOON).answer is CancelAnswer.UNDER_REVIEW


def test_a_cooperation_that_ends_before_its_30_days_never_ends_at_once(one):
    made = coop.agreed(one, ends_at=NOON + 20 * DAY)
    said = rules.can_cancel(now_so(made), NOON + DAY)
    assert (said.answer, said.after) == (CancelAnswer.LEADER, None)


# ---------------------------------------------------------------------- extensions


def asked(one, made, at=NOON + DAY, until=NOON + 80 * DAY):
    return extending.ask_extension(no=made.no, ends_at=until, by=coop.by(one.leader.id, at))


@pytest.mark.parametrize("wait", [timedelta(0), 3 * DAY - SECOND, 3 * DAY])
@pytest.mark.parametrize("agree", [True, False])
def test_an_extension_answered_in_time(one, wait, agree):
    made = coop.agreed(one)
    asked(one, made)
    assert texts(made) == [("团长申请延长推广时间", False)]
    assert told(one.shop.id)[-1] == told(one.leader.id)[-1] == "extension_asked"
    done = extending.answer_extension(no=made.no, agree=agree, by=coop.by(one.shop.id, NOON + DAY + wait))
    end = NOON + (80 if agree else 60) * DAY
    assert (done.ends_at, done.state) == (end, EnrolmentState.ACTIVE)
    assert texts(made) == [("已同意团长延长推广时间", False) if agree else ("已拒绝团长延长推广时间", True)]
    assert (led_at(made, end - SECOND), led_at(made, end)) == (True, False)
    assert (layer_at(made, end - SECOND) is Layer.LEADER, layer_at(made, end) is Layer.LEADER) == (True, False)
    assert told(one.shop.id)[-1] == told(one.leader.id)[-1] == ("extension_agreed" if agree else "extension_refused")


@pytest.mark.parametrize("by_job", [True, False])
def test_an_answer_a_second_too_late(one, by_job):
    made = coop.agreed(one)
    asked(one, made)
    late = NOON + DAY + 3 * DAY + SECOND
    assert tend_cooperations(now=late - SECOND) == 0, "at exactly three days it can still be answered"
    if by_job:
        assert tend_cooperations(now=late) == 1
    with refused(AnswerTooLate, *OURS):
        extending.answer_extension(no=made.no, agree=True, by=coop.by(one.shop.id, late))
    tend_cooperations(now=late)
    one_ = now_so(made)
    assert (one_.extension.state, one_.extension.decided_at) == (ExtensionState.LAPSED, NOON + 4 * DAY)
    assert (one_.ends_at, texts(made)) == (made.ends_at, [("已拒绝团长延长推广时间", True)])


def test_a_timer_runs_once_also_after_a_week_down(one):
    made = coop.agreed(one)
    asked(one, made)
    for _ in range(3):
        tend_cooperations(now=NOON + 11 * DAY)
    assert told(one.shop.id).count("extension_lapsed") == told(one.leader.id).count("extension_lapsed") == 1
    assert now_so(made).extension.decided_at == NOON + 4 * DAY
    assert asked(one, made, at=NOON + 11 * DAY).extension.state is ExtensionState.OPEN


def test_without_the_job_an_extension_has_lapsed_all_the_same(one):
    made = coop.agreed(one)
    asked(one, made)
    again = asked(one, made, at=NOON + 10 * DAY, until=NOON + 70 * DAY)
    assert (again.extension.state, again.extension.new_ends_at) == (ExtensionState.OPEN, NOON + 70 * DAY)
    assert told(one.shop.id).count("extension_lapsed") == 1


def test_filing_a_cancel_refuses_an_open_extension(one):
    made = coop.agreed(one)
    asked(one, made)
    done = cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON + 2 * DAY))
    assert (done.extension.state, done.extension.decided_at) == (ExtensionState.REFUSED, NOON + 2 * DAY)
    assert [zh for zh, _ in texts(made)] == ["已发起取消合作，团长审核中", "已拒绝团长延长推广时间"]
    with refused(NoOpenExtension, *OURS):
        extending.answer_extension(no=made.no, agree=True, by=coop.by(one.shop.id, NOON + 2 * DAY))


@pytest.mark.parametrize("after", [0 * DAY, 7 * DAY])
def test_the_periods_end_closes_both(one, after):
    other = coop.agreed(one, base_orders=0)
    end = other.ends_at
    cancelling.ask_cancel(no=other.no, by=coop.by(one.shop.id, end - DAY))
    assert led_at(other, end - SECOND)
    for verb in (cancelling.decide_cancel, extending.answer_extension):
        party = one.leader.id if verb is cancelling.decide_cancel else one.shop.id
        with refused(EnrolmentOver, *OURS):
            verb(no=other.no, agree=True, by=coop.by(party, end))
    assert tend_cooperations(now=end - SECOND) == 0
    assert tend_cooperations(now=end + after) == 1
    done = now_so(other)
    assert (done.state, done.end_cause, done.ended_at) == (EnrolmentState.ENDED, EndCause.PERIOD, end)
    assert (done.cancel.state, done.cancel.decided_at) == (CancelState.CLOSED, end)
    assert tend_cooperations(now=end + 8 * DAY) == 0
    assert told(one.shop.id).count("cooperation_ended") == 1


def test_the_periods_end_closes_an_extension_that_could_still_be_answered(one):
    made = coop.agreed(one)
    asked(one, made, at=made.ends_at - 3 * DAY)
    tend_cooperations(now=made.ends_at + 30 * DAY)
    done = now_so(made)
    assert (done.extension.state, done.extension.decided_at) == (ExtensionState.CLOSED, made.ends_at)
    assert done.end_cause is EndCause.PERIOD


def test_an_extension_that_lapsed_before_the_end_did_so(one):
    made = coop.agreed(one)
    at = made.ends_at - 3 * DAY - SECOND
    asked(one, made, at=at)
    tend_cooperations(now=made.ends_at + 30 * DAY)
    done = now_so(made)
    assert (done.extension.state, done.extension.decided_at) == (ExtensionState.LAPSED, at + 3 * DAY)
    assert (done.state, done.ended_at) == (EnrolmentState.ENDED, made.ends_at)


def test_closing_the_activity_ends_what_is_in_it(one):
    made = coop.agreed(one)
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON + DAY))
    at = NOON + 2 * DAY
    run_activity.close_activity(no=made.activity_no, by=coop.by(one.leader.id, at))
    done = now_so(made)
    assert (done.state, done.end_cause, done.ended_at) == (EnrolmentState.ENDED, EndCause.ACTIVITY_CLOSED, at)
    assert done.cancel.state is CancelState.CLOSED
    assert (layer_at(made, at - SECOND) is Layer.LEADER, layer_at(made, at) is Layer.LEADER) == (True, False)


# ---------------------------------------------------------------------- what is refused, changing nothing


def test_what_the_contract_refuses(one):
    made = coop.agreed(one)
    other_shop, other_leader = make_parties.merchant(name="别家小店"), make_parties.leader(name="别的团长")
    shop, leader = coop.by(one.shop.id, NOON + DAY), coop.by(one.leader.id, NOON + DAY)
    later = made.ends_at + DAY
    table = [
        (NotFound, lambda: cancelling.ask_cancel(no=made.no, by=leader)),
        (NotFound, lambda: cancelling.ask_cancel(no=made.no, by=coop.by(other_shop.id))),
        (NotFound, lambda: cancelling.decide_cancel(no=made.no, agree=True, by=shop)),
        (NotFound, lambda: cancelling.decide_cancel(no=made.no, agree=True, by=coop.by(other_leader.id))),
        (NoOpenCancel, lambda: cancelling.decide_cancel(no=made.no, agree=True, by=leader)),
        (NotFound, lambda: extending.ask_extension(no=made.no, ends_at=later, by=shop)),
        (NotFound, lambda: extending.answer_extension(no=made.no, agree=True, by=leader)),
        (NoOpenExtension, lambda: extending.answer_extension(no=made.no, agree=True, by=shop)),
        (ExtensionTooShort, lambda: extending.ask_extension(no=made.no, ends_at=made.ends_at, by=leader)),
        (ExtensionTooShort, lambda: extending.ask_extension(no=made.no, ends_at=made.ends_at - SECOND, by=leader)),
        (EnrolmentOver, lambda: cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, made.ends_at))),
        (EnrolmentOver, lambda: asked(one, made, at=made.ends_at, until=later)),
    ]
    for refusal, act in table:
        with refused(refusal, *OURS):
            act()


def test_filed_twice_and_decided_twice(one):
    made = coop.agreed(one)
    at = NOON + DAY
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, at))
    with refused(CancelOpenAlready, *OURS):
        cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, at))
    with refused(CancelOpenAlready, *OURS):
        asked(one, made)
    cancelling.decide_cancel(no=made.no, agree=False, by=coop.by(one.leader.id, at))
    with refused(NoOpenCancel, *OURS):
        cancelling.decide_cancel(no=made.no, agree=True, by=coop.by(one.leader.id, at))
    asked(one, made)
    with refused(ExtensionOpenAlready, *OURS):
        asked(one, made)
    extending.answer_extension(no=made.no, agree=False, by=coop.by(one.shop.id, at))
    with refused(NoOpenExtension, *OURS):
        extending.answer_extension(no=made.no, agree=True, by=coop.by(one.shop.id, at))


def test_the_same_key_is_the_same_act(one):
    made = coop.agreed(one)
    key = coop.by(one.shop.id, NOON + DAY)
    first = cancelling.ask_cancel(no=made.no, by=key)
    assert cancelling.ask_cancel(no=made.no, by=key) == first
    assert told(one.leader.id).count("cancel_asked") == 1


def test_what_was_not_passed_is_withdrawn_not_cancelled(one):
    waiting = coop.applied(one, coop.activity(one.leader.id))
    with refused(EnrolmentNotActive, *OURS):
        cancelling.ask_cancel(no=waiting.no, by=coop.by(one.shop.id))
    with refused(EnrolmentNotActive, *OURS):
        asked(one, waiting)
    done = enrolling.withdraw_enrolment(no=waiting.no, by=coop.by(one.shop.id))
    assert done.state is EnrolmentState.WITHDRAWN
