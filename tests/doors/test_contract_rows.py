"""Each row of docs/rules.md §9's tables through both doors, a second before each edge, at it, and a second after."""

from datetime import timedelta

import pytest

from tests.console.unchanged import unchanged
from tests.doors.contract import ByApi, ByConsole
from tests.make import alliance as make
from tests.make import cooperation as coop
from tuike.cooperation import queries
from tuike.cooperation.types import CancelState, EnrolmentShown, EnrolmentState
from tuike.flows.tend_cooperations import tend_cooperations
from tuike.kit import clock

pytestmark = pytest.mark.usefixtures("db")
A = coop.NOON
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
EDGES = pytest.mark.parametrize("off", [-SECOND, 0 * SECOND, SECOND], ids=["before", "at", "after"])
REVIEWED, AT_ONCE, OVER = "已发起取消合作，团长审核中", "取消推广成功", "商品合作已失效"
ENDED = "商品合作已失效，不能再操作"
ASKED, AGREED, REFUSED = "团长申请延长推广时间", "已同意团长延长推广时间", "已拒绝团长延长推广时间"
OURS = ("cooperation_", "plans_", "messages_", "audit_")
TOO_LATE = "已超过 3 日未处理，该延长申请视为拒绝"


@pytest.fixture
def one():
    coop.open_to_all()
    return make.alliance()


@pytest.fixture
def at(monkeypatch):
    """Return `at(instant)`: what both doors' clock says from now on."""

    def move(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    return move


@pytest.fixture(params=[ByConsole, ByApi], ids=["console", "api"])
def door(request, one, at):
    at(A)
    return request.param(one)


def made(one: make.Alliance, *, sold: int = 0) -> EnrolmentShown:
    """The product, enrolled at A with a base of 2 and for 60 days, passed, and so many orders paid."""
    passed = coop.agreed(one, base_orders=2)
    if sold:
        coop.sell(passed, sold)
    return passed


def found(one: EnrolmentShown) -> EnrolmentShown:
    return queries.enrolments_by_id([one.enrolment_id])[one.enrolment_id]


def leads(one: EnrolmentShown) -> bool:
    """Whether an order placed now is the leader's."""
    pair = (one.activity_no, one.product_id)
    return pair in queries.led([pair], at=clock.now())


# ------------------------------------------------------------------------------------------------ cancel, its rows


@EDGES
@pytest.mark.parametrize("sold", [0, 1, 2, 3])
def test_a_cancel_is_filed_around_the_30_days(one, door, at, off, sold):
    passed = made(one, sold=sold)
    at(A + 30 * DAY + off)
    at_once = off > 0 * SECOND and sold < 2
    assert door.label(passed.no) == ("团长已达成" if sold >= 2 else "团长未达成")
    before = door.can_cancel(passed.no)
    if at_once:
        assert before == f"可以立即取消：报名已满 30 日，且支付订单 {sold} 单未达到基础支付单量 2 单。"
    elif sold >= 2:
        assert before == f"可以申请取消，由团长审核：支付订单 {sold} 单已达到基础支付单量 2 单。"
    else:
        assert before.startswith("现在取消由团长审核：报名未满 30 日。2026-04-01 12:00:00 之后，")
    assert door.cancel(passed.no) == (AT_ONCE if at_once else REVIEWED)
    assert door.notes(passed.no) == [(OVER if at_once else REVIEWED, False)]
    assert leads(passed) is not at_once


@EDGES
@pytest.mark.parametrize("agree", [True, False], ids=["agrees", "refuses"])
@pytest.mark.parametrize(("wait", "sold"), [(3 * DAY, 2), (30 * DAY, 0)], ids=["3 days", "30 days"])
def test_the_leader_decides_and_no_time_does(one, door, at, off, agree, wait, sold):  # noqa: PLR0917 a table's columns
    """Filed on day 20; decided around the third and the thirtieth day after: nobody but the leader decided before."""
    passed = made(one, sold=sold)
    at(A + 20 * DAY)
    door.cancel(passed.no)
    at(A + 20 * DAY + wait + off)
    while tend_cooperations(now=clock.now()):
        pass
    assert door.notes(passed.no) == [(REVIEWED, False)] and leads(passed)
    assert door.decide(passed.no, agree=agree) == ""
    assert leads(passed) is not agree
    if agree:
        assert door.notes(passed.no) == [(OVER, False), ("团长同意取消合作", False)]
        with unchanged(*OURS):
            assert door.cancel(passed.no) == ENDED
    else:
        assert door.notes(passed.no) == [("团长拒绝取消合作", True)]
        at_once = wait == 30 * DAY and not sold
        assert door.cancel(passed.no) == (AT_ONCE if at_once else REVIEWED), "the shop may file again"


@EDGES
@pytest.mark.parametrize("agree", [True, False], ids=["agrees", "refuses"])
def test_a_decision_around_the_periods_end(one, door, at, off, agree):
    passed = made(one, sold=2)
    at(passed.ends_at - DAY)
    door.cancel(passed.no)
    at(passed.ends_at + off)
    if off < 0 * SECOND:
        assert leads(passed) and door.decide(passed.no, agree=agree) == ""
        return
    assert not leads(passed)
    for act in (lambda: door.decide(passed.no, agree=agree), lambda: door.cancel(passed.no)):
        with unchanged(*OURS):
            assert act() == ENDED
    tend_cooperations(now=clock.now())
    assert (found(passed).state, found(passed).cancel.state) == (EnrolmentState.ENDED, CancelState.CLOSED)
    assert door.notes(passed.no) == [(OVER, False)]


# ------------------------------------------------------------------------------------------------ longer, its rows


@EDGES
@pytest.mark.parametrize("agree", [True, False], ids=["agrees", "refuses"])
@pytest.mark.parametrize("job", [True, False], ids=["job", "no job"])
def test_the_shop_answers_around_the_3_days(one, door, at, off, agree, job):  # noqa: PLR0917 a table's columns
    passed = made(one)
    at(A + 10 * DAY)
    assert door.longer(passed.no, passed.ends_at + 10 * DAY) == ""
    assert door.notes(passed.no) == [(ASKED, False)]
    at(A + 13 * DAY + off)
    if job:
        assert tend_cooperations(now=clock.now()) == (1 if off > 0 * SECOND else 0)
    if off <= 0 * SECOND:
        assert door.answer(passed.no, agree=agree) == ""
        assert door.notes(passed.no) == [(AGREED, False) if agree else (REFUSED, True)]
        assert found(passed).ends_at == passed.ends_at + (10 * DAY if agree else 0 * DAY)
        return
    with unchanged(*OURS):
        assert door.answer(passed.no, agree=agree) == TOO_LATE
    tend_cooperations(now=clock.now())
    assert door.notes(passed.no) == [(REFUSED, True)] and found(passed).ends_at == passed.ends_at
    assert door.longer(passed.no, passed.ends_at + DAY) == "", "the leader may ask again"


@EDGES
def test_a_later_end_is_later(one, door, at, off):
    passed = made(one)
    said = door.longer(passed.no, passed.ends_at + off)
    assert said == ("" if off > 0 * SECOND else "新的结束时间须晚于现在的结束时间 2026-05-01 12:00:00")
    assert door.notes(passed.no) == ([(ASKED, False)] if off > 0 * SECOND else [])


@EDGES
def test_asking_and_answering_around_the_periods_end(one, door, at, off):
    asked, other = made(one), made(make.alliance(beside=one))
    at(asked.ends_at - DAY)
    door.longer(asked.no, asked.ends_at + 10 * DAY)
    at(asked.ends_at + off)
    if off < 0 * SECOND:
        assert door.answer(asked.no, agree=True) == "" and found(asked).ends_at == asked.ends_at + 10 * DAY
        assert door.longer(other.no, other.ends_at + DAY) == ""
        return
    for act in (lambda: door.answer(asked.no, agree=True), lambda: door.longer(other.no, other.ends_at + DAY)):
        with unchanged(*OURS):
            assert act() == ENDED
    tend_cooperations(now=clock.now())
    assert door.notes(asked.no) == [(OVER, False)]
    assert found(asked).ends_at == asked.ends_at and not leads(asked)


@EDGES
def test_filing_a_cancel_refuses_what_the_leader_asked_for(one, door, at, off):
    passed = made(one)
    at(A + 29 * DAY)
    door.longer(passed.no, passed.ends_at + 10 * DAY)
    at(A + 30 * DAY + off)
    said = door.cancel(passed.no)
    assert said == (AT_ONCE if off > 0 * SECOND else REVIEWED)
    assert door.notes(passed.no) == [(OVER if off > 0 * SECOND else REVIEWED, False), (REFUSED, True)]
    with unchanged(*OURS):
        refused = door.answer(passed.no, agree=True)
    assert refused == (ENDED if off > 0 * SECOND else "没有待处理的延长推广时间申请，或已处理")


def test_what_waits_is_not_asked_twice(one, door, at):
    passed = made(one)
    at(A + DAY)
    door.longer(passed.no, passed.ends_at + DAY)
    with unchanged(*OURS):
        assert door.longer(passed.no, passed.ends_at + DAY) != ""
    door.cancel(passed.no)
    with unchanged(*OURS):
        assert door.cancel(passed.no) == door.longer(passed.no, passed.ends_at + DAY) == REVIEWED
    door.decide(passed.no, agree=False)
    with unchanged(*OURS):
        assert door.decide(passed.no, agree=True) == "没有待处理的取消合作申请，或已处理"
