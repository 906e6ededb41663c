"""A whole contract through the doors: enrolled, sold past the base, cancelled on day 29 and day 31, refused, made
longer, left unanswered, expired, claimed back, enrolled again. Figures in fen after each step, as each party reads it.

At ¥99.90: 15 % is 1498, the recruiter's 5 % 499, the leader's 3 % 299, the shop keeps the fractions and has 7694. The
ordinary 12 % is 1198, and the shop has 8293.
"""

from typing import Any

import pytest

from tests.doors.contract_stage import NAMES, Stage, done
from tests.sandbox_process import notice_listener
from tuike.insight import verify
from tuike.kit import clock
from tuike.kit.days import shown

pytestmark = pytest.mark.slow
BOWL, POT, SCOOP, CUP = NAMES
REVIEWED, AT_ONCE, OVER = "已发起取消合作，团长审核中", "取消推广成功", "商品合作已失效"
ENDED = "商品合作已失效，不能再操作"


@pytest.fixture
def stage(committed_db, wechat, monkeypatch, settings):
    monkeypatch.setattr(clock, "_offset_file", wechat.clock_file)
    with notice_listener() as listener:
        settings.PUBLIC_BASE = listener.url.removesuffix("/notify")
        yield Stage(wechat, listener)


def test_a_whole_contract(stage):
    told: dict[str, Any] = {}
    for chapter in (opening, selling, day_29, day_31, longer, unanswered, expired, claimed_back, again, the_end):
        chapter(stage, told)
    assert not [one for one in verify.run() if one.findings]


def opening(stage: Stage, told: dict[str, Any]) -> None:
    """Day 0: the leader opens an activity; the shop enrols the bowl at its console, the rest by its software."""
    one = stage.one
    leader = stage.console.sits(one.leader)
    form = {"title": "春茶季招商", "kind": "ordinary", "starts_at": "", "ends_at": shown(stage.at(90))[:16]}
    made = leader.post("activity-new", form | {"rate": "10", "service": "1", "contact": "微信 afang888"})
    told["activity"] = no = made.headers["HX-Redirect"].rstrip("/").rsplit("/", 1)[1]
    assert leader.post("activity-act", no=no, act="publish").status_code == 200
    assert "春茶季招商" in stage.page(one.shop, "activities")
    told[BOWL] = stage.typed(BOWL, no, days=40, base=2)
    told |= {
        POT: stage.sent(POT, no, until=stage.at(60), base=1),
        SCOOP: stage.sent(SCOOP, no, until=stage.at(60), base=5),
    }
    told[CUP] = stage.sent(CUP, no, until=stage.at(40), base=5)
    assert stage.page(one.leader, "enrolments").count("待团长审核") >= 4
    assert leader.post("enrolments-pass", {"nos": [told[name] for name in NAMES]}).status_code == 200
    assert {stage.enrolment(told[name])["state"] for name in NAMES} == {"active"}
    promoter = stage.console.sits(one.promoter)
    form = {"place": "+", "new_place": "茶友群", "accept": "1"}
    assert promoter.post("led-promote", form, no=told[BOWL]).status_code == 200
    [place] = done(stage.api.software(one.promoter).get("/promoter/places"))["items"]
    told["pid"] = place["pid"]
    stage.is_(out=0, promoter=(0, 0), above=(0, 0), leader=(0, 0))


def selling(stage: Stage, told: dict[str, Any]) -> None:
    """Day 0 to 21: three bowls are sold past the base of two, one goes back unsent; a pot and a scoop follow."""
    ticket = stage.material(told["activity"], told["pid"], BOWL)[BOWL]
    first = stage.buys(BOWL, ticket)
    stage.is_(out=9_990, held=7_694, promoter=(1_498, 0), above=(499, 0), leader=(299, 0))
    assert stage.console.label(told[BOWL]) == "团长未达成" and "1 / 2" in stage.page(stage.one.shop, "enrolments")
    second = stage.buys(BOWL, ticket)
    assert stage.console.label(told[BOWL]) == "团长已达成"
    third = stage.buys(BOWL, ticket)
    stage.is_(out=29_970, held=23_082, promoter=(4_494, 0), above=(1_497, 0), leader=(897, 0))
    stage.day(1)
    stage.goes_back(third)
    stage.is_(out=19_980, held=15_388, promoter=(2_996, 0), above=(998, 0), leader=(598, 0))
    stands = stage.enrolment(told[BOWL])
    assert (stands["gross_orders"], stands["net_orders"], stands["label"]) == (3, 2, "团长已达成")
    assert [stage.fee(no) for no in (first, second, third)] == [299, 299, 0]
    stage.day(2)
    stage.receives(first, second)
    stage.day(20)
    told["tickets"] = stage.material(told["activity"], told["pid"], BOWL, POT, SCOOP)
    early = [stage.buys(name, told["tickets"][name]) for name in (SCOOP, POT)]
    stage.is_(out=39_960, held=30_776, promoter=(5_992, 0), above=(1_996, 0), leader=(1_196, 0))
    stage.receives(*early)
    told |= {"first": first, "late": []}


def day_29(stage: Stage, told: dict[str, Any]) -> None:
    """Day 29: a cancel takes the leader, whatever was sold; the leader refuses one; the first bowls settle."""
    stage.day(29.5)
    assert stage.console.can_cancel(told[BOWL]).endswith("支付订单 3 单已达到基础支付单量 2 单。")
    assert stage.console.cancel(told[BOWL]) == REVIEWED
    assert stage.api.can_cancel(told[SCOOP]).startswith("现在取消由团长审核：报名未满 30 日。")
    assert stage.api.cancel(told[SCOOP]) == REVIEWED
    assert stage.console.decide(told[SCOOP], agree=False) == ""
    assert stage.api.notes(told[SCOOP]) == stage.console.notes(told[SCOOP]) == [("团长拒绝取消合作", True)]
    stage.job("mature")
    stage.is_(out=39_960, shop=15_388, held=15_388, promoter=(2_996, 2_996), above=(998, 998), leader=(598, 598))
    assert "¥5.98" in stage.page(stage.one.leader, "funds")


def day_31(stage: Stage, told: dict[str, Any]) -> None:
    """Day 31: below the base the cooperation ends at once and an order placed before keeps its terms; where the base
    is reached the leader decides, and agrees."""
    stage.day(31)
    ticket = told["tickets"][SCOOP]
    before = stage.places(SCOOP, ticket)
    assert (
        stage.console.can_cancel(told[SCOOP])
        == "可以立即取消：报名已满 30 日，且支付订单 1 单未达到基础支付单量 5 单。"
    )
    assert stage.console.cancel(told[SCOOP]) == AT_ONCE
    assert stage.api.notes(told[SCOOP]) == [(OVER, False)]
    kept = stage.pays(before)
    stage.is_(out=49_950, shop=15_388, held=23_082, promoter=(4_494, 2_996), above=(1_497, 998), leader=(897, 598))
    after = stage.buys(SCOOP, ticket)
    stage.is_(out=59_940, shop=15_388, held=31_375, promoter=(5_692, 2_996), above=(1_996, 998), leader=(897, 598))
    assert (stage.fee(kept), stage.fee(after)) == (299, None)
    assert stage.api.can_cancel(told[POT]) == "可以申请取消，由团长审核：支付订单 1 单已达到基础支付单量 1 单。"
    assert stage.api.cancel(told[POT]) == REVIEWED
    assert stage.api.decide(told[POT], agree=True) == ""
    assert stage.console.notes(told[POT]) == [(OVER, False), ("团长同意取消合作", False)]
    told["late"] += [kept, after]


def longer(stage: Stage, told: dict[str, Any]) -> None:
    """Day 31 to 36: the shop agrees to ten days more for the cup; a second wish has no answer in three days."""
    assert stage.console.longer(told[CUP], stage.at(50)) == ""
    assert stage.console.notes(told[CUP]) == [("团长申请延长推广时间", False)]
    assert "处理申请" in stage.page(stage.one.shop, "enrolment", no=told[CUP])
    assert stage.console.answer(told[CUP], agree=True) == ""
    assert stage.console.notes(told[CUP]) == [("已同意团长延长推广时间", False)]
    assert shown(stage.at(50))[:16] in stage.page(stage.one.leader, "enrolment", no=told[CUP])
    stage.day(33)
    assert stage.api.longer(told[CUP], stage.at(60)) == ""
    stage.day(36.1)
    stage.job("tend_cooperations")
    stage.job("tend_cooperations")
    assert stage.api.answer(told[CUP], agree=True) == "已超过 3 日未处理，该延长申请视为拒绝"
    assert stage.console.notes(told[CUP]) == [("已拒绝团长延长推广时间", True)]


def unanswered(stage: Stage, told: dict[str, Any]) -> None:
    """Day 34 on: no time decides the bowl's cancel, asked on day 29; promotion and fees go on meanwhile."""
    stage.job("tend_cooperations")
    assert stage.console.notes(told[BOWL]) == [(REVIEWED, False)]
    assert stage.api.cancel(told[BOWL]) == REVIEWED
    fourth = stage.buys(BOWL, told["tickets"][BOWL])
    assert stage.fee(fourth) == 299
    stage.is_(out=69_930, shop=15_388, held=39_069, promoter=(7_190, 2_996), above=(2_495, 998), leader=(1_196, 598))
    told["late"].append(fourth)


def expired(stage: Stage, told: dict[str, Any]) -> None:
    """Day 40: the bowl's period ends and closes its review; the same material now earns the ordinary rate alone."""
    stage.day(40.1)
    assert stage.api.decide(told[BOWL], agree=False) == ENDED
    stage.job("tend_cooperations")
    assert stage.console.notes(told[BOWL]) == [(OVER, False)]
    assert stage.enrolment(told[BOWL])["end_cause"] == "period"
    assert stage.enrolment(told[CUP])["state"] == "active", "ten days longer"
    fifth = stage.buys(BOWL, told["tickets"][BOWL])
    assert stage.fee(fifth) is None
    stage.is_(out=79_920, shop=15_388, held=47_362, promoter=(8_388, 2_996), above=(2_994, 998), leader=(1_196, 598))
    told["late"].append(fifth)


def claimed_back(stage: Stage, told: dict[str, Any]) -> None:
    """Day 41: the first bowl goes back after it settled: everybody returns their part, the leader the fee."""
    stage.day(41)
    stage.goes_back(told["first"])
    stage.is_(out=69_930, shop=7_694, held=47_362, promoter=(8_388, 1_498), above=(2_994, 499), leader=(1_196, 299))
    assert stage.fee(told["first"]) == 0


def again(stage: Stage, told: dict[str, Any]) -> None:
    """Day 42: the bowl is enrolled again at 16 % and 2 %, with its own count; the old material earns the new terms.
    On day 45 the cup sells in its longer period."""
    stage.day(42)
    new = stage.typed(BOWL, told["activity"], days=30, rate="16", service="2", base=2)
    assert stage.console.sits(stage.one.leader).post("enrolments-pass", {"nos": [new]}).status_code == 200
    sixth = stage.buys(BOWL, told["tickets"][BOWL])
    assert (stage.fee(sixth), stage.enrolment(new)["gross_orders"], stage.enrolment(told[BOWL])["gross_orders"]) == (
        199,
        1,
        4,
    )
    stage.is_(out=79_920, shop=7_694, held=55_056, promoter=(9_986, 1_498), above=(3_493, 499), leader=(1_395, 299))
    stage.day(45)
    cup = stage.buys(CUP, stage.material(told["activity"], told["pid"], CUP)[CUP])
    stage.is_(out=89_910, shop=7_694, held=62_750, promoter=(11_484, 1_498), above=(3_992, 499), leader=(1_694, 299))
    stage.receives(*told["late"], sixth, cup)


def the_end(stage: Stage, told: dict[str, Any]) -> None:
    """Day 75: everything has settled and nothing runs any more."""
    stage.day(75)
    stage.job("mature")
    stage.job("tend_cooperations")
    stage.is_(out=89_910, shop=70_444, promoter=(0, 12_982), above=(0, 4_491), leader=(0, 1_993))
    page = done(stage.api.software(stage.one.shop).get("/merchant/enrolments"))["items"]
    assert [one["state"] for one in page] == ["ended"] * 5
    assert "¥19.93" in stage.page(stage.one.leader, "funds")
