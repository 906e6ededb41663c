"""The contract in the consoles: a leader's activities, a shop's enrolments, cancels and longer, in the words of §9."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.console.unchanged import unchanged
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import cooperation as making
from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation
from tuike.cooperation.types import ActivityKind, ActivityState, EnrolmentState, ExtensionState
from tuike.flows import cancel_cooperation, extend_cooperation
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.parties.types import Role

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture
def one():
    making.open_to_all(now=clock.now())
    return make.alliance()


@pytest.fixture
def leader(sit, one):
    return sit(one.leader)


@pytest.fixture
def seller(sit, one):
    return sit(one.shop, Role.PRODUCT_MANAGER)


def number(product_id):
    return catalog.product_facts([product_id])[product_id].product_no


def in_days(days):
    return shown(clock.now() + days * DAY)[:16]


def form(**changes):
    return {
        "title": "春茶季招商",
        "kind": "ordinary",
        "starts_at": "",
        "ends_at": in_days(90),
        "rate": "10",
        "service": "1.5",
        "contact": "微信 afang888",
    } | changes


def terms(one, **changes):
    no = number(one.product_id)
    typed = {"product": [no], f"rate_{no}": "15", f"service_{no}": "3", f"base_{no}": "2", "ends_at": in_days(60)}
    return typed | {"shown_to": "leader", "contact": "电话 0571"} | changes


def of_shop(one, no):
    return cooperation.enrolment_of_merchant(merchant_id=one.shop.id, no=no)


def agreed(one, *, days_ago=0, sold=0, **changes):
    """An enrolment of the alliance's product that was passed so many days ago and has sold so many orders."""
    made = making.agreed(one, now=clock.now() - days_ago * DAY, **changes)
    if sold:
        making.sell(made, sold, now=clock.now())
    return made


def page_of(answer):
    assert answer.status_code == 200, answer.content.decode()[:400]
    return answer.content.decode()


# --------------------------------------------------------------------------------------------- the leader's activities


def test_a_leader_writes_publishes_changes_closes_and_deletes_an_activity(one, leader):
    child = make_catalog.category(name="盖碗")
    typed = form(floor_category=[str(child), ""], floor_rate=["20", ""], floor_service=["2", ""])
    made = leader.post("activity-new", typed)
    [draft] = cooperation.activities_of(leader_id=one.leader.id)
    assert made.headers["HX-Redirect"] == leader.url("activity", no=draft.no)
    assert (draft.state, draft.floor.min_rate_bps, draft.floor.min_service_bps) == (ActivityState.DRAFT, 1000, 150)
    assert draft.floors[child].min_rate_bps == 2000 and cooperation.contact_of_activity(no=draft.no) == "微信 afang888"
    assert "春茶季招商" in page_of(leader.get("activities")) and "草稿" in page_of(leader.get("activities"))
    edited = leader.get("activity-edit", no=draft.no)
    assert 'value="20"' in page_of(edited) and "微信 afang888" in page_of(edited)
    assert leader.post("activity-edit", form(title="秋茶季"), no=draft.no).status_code == 200
    assert cooperation.activity_of(leader_id=one.leader.id, no=draft.no).title == "秋茶季"
    leader.post("activity-act", no=draft.no, act="publish")
    assert cooperation.open_activity(no=draft.no, now=clock.now()).title == "秋茶季"
    later = leader.post("activity-edit", form(title="秋茶季", ends_at=in_days(120), rate="12"), no=draft.no)
    assert later.status_code == 200
    assert cooperation.activity_of(leader_id=one.leader.id, no=draft.no).floor.min_rate_bps == 1200
    assert f"/activity/{draft.no}/" in page_of(leader.get("activity", no=draft.no))
    leader.post("activity-act", no=draft.no, act="close")
    assert cooperation.activity_of(leader_id=one.leader.id, no=draft.no).state is ActivityState.CLOSED
    gone = leader.post("activity-act", no=draft.no, act="delete")
    assert gone.headers["HX-Redirect"] == leader.url("activities")
    assert leader.get("activity", no=draft.no).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "title"),
        ({"rate": "91"}, "90%"),
        ({"ends_at": "2020-01-01 00:00", "starts_at": "2020-01-01 00:00"}, "时间不能早于现在"),
        ({"ends_at": "bald"}, "请选择时间"),
        ({"kind": "exclusive", "promoters": ""}, "专属活动须指定"),
        ({"kind": "exclusive", "promoters": "P000"}, "不是推客编号：P000"),
        ({"floor_category": ["999999"], "floor_rate": ["5"], "floor_service": ["1"]}, "请为每一行选择不同的类目"),
    ],
)
def test_what_an_activity_cant_say_is_said_and_nothing_is_kept(one, leader, changes, said):
    with unchanged("cooperation_"):
        answer = leader.post("activity-new", form(**changes), htmx=False)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page or (said == "title" and 'class="err"' in page)
    assert 'value="1.5"' in page, "what was typed stays"


def test_an_exclusive_activity_names_its_promoters_and_nobody_else_sees_its_products(one, leader, sit):
    leader.post("activity-new", form(kind="exclusive", promoters=one.promoter.no))
    [draft] = cooperation.activities_of(leader_id=one.leader.id)
    assert (draft.kind, draft.promoter_ids) == (ActivityKind.EXCLUSIVE, (one.promoter.id,))
    leader.post("activity-act", no=draft.no, act="publish")
    enrolment = making.active(one, cooperation.activity_of(leader_id=one.leader.id, no=draft.no), now=clock.now())
    named, other = sit(one.promoter), sit(one.recruiter)
    assert "手绘青瓷盖碗" in page_of(named.get("led-products"))
    assert "手绘青瓷盖碗" not in page_of(other.get("led-products"))
    assert named.get("led-product", no=enrolment.no).status_code == 200
    assert other.get("led-product", no=enrolment.no).status_code == 404
    assert other.post("led-promote", {"place": "+", "new_place": "茶友群"}, no=enrolment.no).status_code == 404


# ------------------------------------------------------------------------------------------------ enrolling


def test_a_shop_enrols_with_the_worst_case_before_it_and_the_leader_passes(one, leader, seller):
    activity = making.activity(one.leader.id, now=clock.now())
    assert "春茶季招商" in page_of(seller.get("activities"))
    assert "微信 afang888" in page_of(seller.get("activity", no=activity.no))
    with unchanged("cooperation_", "plans_"):
        worst = page_of(seller.post("activity-enrol-preview", terms(one), no=activity.no))
    # 59.90 at 15 % is 8.98 (fen rounded down), the leader's 3 % 1.79.
    assert "¥8.98" in worst and "¥1.79" in worst
    done = seller.post("activity-enrol", terms(one), no=activity.no)
    assert done.headers["HX-Redirect"] == seller.url("enrolments")
    [waiting] = cooperation.enrolments_of_merchant(merchant_id=one.shop.id)
    assert (waiting.rate_bps, waiting.service_bps, waiting.base_orders) == (1500, 300, 2)
    assert waiting.state is EnrolmentState.APPLIED
    drawer = page_of(seller.get("enrolment", no=waiting.no))
    assert "团长尚未审核，可随时撤回报名" in drawer and "撤回报名" in drawer and "电话 0571" in drawer
    assert "电话 0571" in page_of(leader.get("enrolment", no=waiting.no))
    passed = leader.post("enrolments-pass", {"ids": [str(waiting.enrolment_id)]})
    assert "已通过 1 个商品" in toast_of(passed)
    assert of_shop(one, waiting.no).state is EnrolmentState.ACTIVE
    listed = page_of(seller.get("enrolments"))
    assert "团长未达成" in listed and "tag red" in listed and "0 / 2" in listed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": "9"}, "低于该活动要求"),
        ({"rate": "11"}, "公开佣金率"),
        ({"rate": "88"}, "90%"),
        ({"service": "0.5"}, "低于该活动要求"),
        ({"ends_at": "2020-01-01 00:00"}, "时间不能早于现在"),
        ({"ends_at": "far"}, "合作时间须在活动时间之内"),
        ({"starts_at": "2020-01-01 00:00"}, "时间不能早于现在"),
        ({"ends_at": "bald"}, "请选择时间"),
        ({"base": "-1"}, "须为不小于 0 的整数"),
        ({"base": "zwei"}, "请填写整数"),
        ({"rate": "viel"}, "请填写百分比"),
        ({"product": []}, "请选择商品"),
    ],
)
def test_terms_that_an_activity_doesnt_take_are_said_and_nothing_is_enrolled(one, seller, changes, said):
    activity = making.activity(one.leader.id, now=clock.now())
    if changes.get("ends_at") == "far":
        changes = {"ends_at": in_days(200)}
    no = number(one.product_id)
    changes = {
        f"{name}_{no}" if name in ("rate", "service", "base") else name: value for name, value in changes.items()
    }
    with unchanged("cooperation_", "plans_"):
        answer = seller.post("activity-enrol", terms(one, **changes), no=activity.no, htmx=False)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    cells = {f"rate_{no}": "15", f"service_{no}": "3", f"base_{no}": "2"} | changes
    lost = [name for name, value in cells.items() if "product" not in changes and f'value="{value}"' not in page]
    assert lost == [], "what was typed stays"


def test_each_product_has_its_own_terms_and_its_own_no(one, seller):
    activity, first = making.activity(one.leader.id, now=clock.now()), number(one.product_id)
    second_id = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="白瓷公道杯")
    third_id = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="茶巾")
    second, third = number(second_id), number(third_id)
    rows = {"product": [first, second, third], f"rate_{second}": "20.5", f"service_{second}": "4", f"base_{second}": ""}
    typed = terms(one, **rows) | {f"rate_{third}": "88", f"service_{third}": "0.5", f"base_{third}": "7"}
    with unchanged("cooperation_", "plans_"):
        answer = seller.post("activity-enrol", typed | {f"rate_{first}": "11"}, no=activity.no, htmx=False)
        pieces = seller.url("activity-enrol-preview", no=activity.no) + "?rows="
        weighed = page_of(seller.post(pieces + "all", typed))
        [alone] = said_by(page_of(seller.post(pieces + second, typed)))
    page = answer.content.decode()
    said = said_by(page)
    assert answer.status_code == 422 and [no for no in said if 'class="err"' in said[no]] == [first, third]
    assert "报名的佣金率不能低于公开佣金率 12%" in said[first] and "定向" not in said[first]
    assert "低于该活动要求" in said[third] and "每件最多支出" in said[second]
    assert 'value="20.5"' in page and 'value="0.5"' in page and 'value="7"' in page
    assert set(said_by(weighed)) == {first, second, third} and alone == second
    fine = typed | {f"rate_{third}": "12", f"service_{third}": "1"}
    assert seller.post("activity-enrol", fine, no=activity.no).headers["HX-Redirect"] == seller.url("enrolments")
    made = cooperation.enrolments_of_merchant(merchant_id=one.shop.id)
    assert {made_.product_id: (made_.rate_bps, made_.service_bps, made_.base_orders) for made_ in made} == {
        one.product_id: (1500, 300, 2),
        second_id: (2050, 400, 0),
        third_id: (1200, 100, 7),
    }


def said_by(page):
    """What the page says at each product's row."""
    return dict(re.findall(r'id="said-(\w+)"[^>]*>(.*?)</div>', page, re.S))


def test_a_product_is_enrolled_once_and_withdrawn_before_the_leader_decides(one, seller, leader):
    activity = making.activity(one.leader.id, now=clock.now())
    seller.post("activity-enrol", terms(one), no=activity.no)
    with unchanged("cooperation_"):
        again = seller.post("activity-enrol", terms(one), no=activity.no, htmx=False)
    assert again.status_code == 422 and "已报名该活动" in again.content.decode()
    [waiting] = cooperation.enrolments_of_merchant(merchant_id=one.shop.id)
    assert "已撤回报名" in toast_of(seller.post("enrolment-withdraw", no=waiting.no))
    assert of_shop(one, waiting.no).state is EnrolmentState.WITHDRAWN
    with unchanged("cooperation_"):
        late = leader.post("enrolments-pass", {"nos": [waiting.no]})
    assert late.status_code == 409 and "该报名已处理" in toast_of(late)


def test_many_are_turned_away_with_a_reason_all_or_none(one, leader):
    now = clock.now()
    first = making.applied(one, making.activity(one.leader.id, now=now), now=now)
    second = making.applied(one, making.activity(one.leader.id, title="夏", now=now), now=now)
    ids = [str(first.enrolment_id), str(second.enrolment_id)]
    dialog = page_of(leader.get("enrolments-reject", {"ids": ids}, htmx=True))
    assert first.no in dialog and second.no in dialog
    with unchanged("cooperation_"):
        assert leader.post("enrolments-reject", {"nos": [first.no, second.no], "reason": " "}).status_code == 422
    done = leader.post("enrolments-reject", {"nos": [first.no, second.no], "reason": "类目不符"})
    assert "已拒绝 2 个报名" in toast_of(done)
    assert {of_shop(one, no).reason for no in (first.no, second.no)} == {"类目不符"}


# ------------------------------------------------------------------------------------------------ cancelling


def test_within_thirty_days_the_leader_decides_and_both_read_the_words(one, seller, leader):
    made = agreed(one, days_ago=29)
    asked = page_of(seller.get("enrolment", no=made.no))
    assert "现在取消由团长审核：报名未满 30 日" in asked and "申请取消推广" in asked
    assert "提交团长审核" in page_of(seller.get("enrolment-cancel", no=made.no, htmx=True))
    assert toast_of(seller.post("enrolment-cancel", no=made.no)) == "已发起取消合作，团长审核中"
    assert "已发起取消合作，团长审核中" in page_of(seller.get("enrolments"))
    waits = page_of(leader.get("enrolment", no=made.no))
    assert "同意取消" in waits and "已发起取消合作，团长审核中" in waits
    assert "已拒绝取消合作" in toast_of(leader.post("enrolment-cancel", {"agree": "0"}, no=made.no))
    drawer = page_of(seller.get("enrolment", no=made.no))
    assert "团长拒绝取消合作" in drawer and 'class="note bad"' in drawer
    seller.post("enrolment-cancel", no=made.no)
    assert "商品合作已失效" in toast_of(leader.post("enrolment-cancel", {"agree": "1"}, no=made.no))
    drawer = page_of(seller.get("enrolment", no=made.no))
    assert "团长同意取消合作" in drawer and "商品合作已失效" in drawer and "取消推广</button>" not in drawer
    with unchanged("cooperation_"):
        again = seller.post("enrolment-cancel", no=made.no)
    assert again.status_code == 422 and "商品合作已失效" in again.content.decode()


def test_after_thirty_days_a_short_base_lets_go_at_once(one, seller):
    made = agreed(one, days_ago=31, sold=1)
    drawer = page_of(seller.get("enrolment", no=made.no))
    assert "可以立即取消：报名已满 30 日" in drawer and 'id="can-cancel"' in drawer
    assert "不能恢复" in page_of(seller.get("enrolment-cancel", no=made.no, htmx=True))
    assert toast_of(seller.post("enrolment-cancel", no=made.no)) == "取消推广成功"
    assert of_shop(one, made.no).state is EnrolmentState.ENDED
    assert "商品合作已失效" in page_of(seller.get("enrolments"))


def test_after_thirty_days_a_reached_base_takes_the_leader(one, seller, leader):
    made = agreed(one, days_ago=31, sold=2)
    assert "团长已达成" in page_of(seller.get("enrolments"))
    assert "由团长审核：支付订单 2 单已达到基础支付单量 2 单" in page_of(seller.get("enrolment", no=made.no))
    assert toast_of(seller.post("enrolment-cancel", no=made.no)) == "已发起取消合作，团长审核中"
    with unchanged("cooperation_"):
        assert "已发起取消合作" in seller.post("enrolment-cancel", no=made.no).content.decode()
    listed = page_of(leader.get("enrolments", {"wish": "cancel"}))
    assert "手绘青瓷盖碗" in listed
    assert "没有符合条件的记录" in page_of(leader.get("enrolments", {"wish": "extension"}))


# ------------------------------------------------------------------------------------------------ longer


def test_the_leader_asks_for_longer_and_the_shop_answers(one, seller, leader):
    made = agreed(one)
    with unchanged("cooperation_"):
        short = leader.post("enrolment-extend", {"ends_at": in_days(30)}, no=made.no)
    assert short.status_code == 422 and "新的结束时间须晚于现在的结束时间" in short.content.decode()
    assert "团长申请延长推广时间" in toast_of(leader.post("enrolment-extend", {"ends_at": in_days(80)}, no=made.no))
    assert "处理申请" in page_of(seller.get("enrolment", no=made.no))
    assert "申请延长至" in page_of(seller.get("enrolment-answer", no=made.no, htmx=True))
    assert toast_of(seller.post("enrolment-answer", {"agree": "1"}, no=made.no)) == "已同意团长延长推广时间"
    assert shown(of_shop(one, made.no).ends_at)[:16] == in_days(80)
    assert "已同意团长延长推广时间" in page_of(leader.get("enrolment", no=made.no))
    leader.post("enrolment-extend", {"ends_at": in_days(85)}, no=made.no)
    assert "拒绝" in toast_of(seller.post("enrolment-answer", {"agree": "0"}, no=made.no))
    drawer = page_of(leader.get("enrolment", no=made.no))
    assert "已拒绝团长延长推广时间" in drawer and 'class="note bad"' in drawer


@pytest.mark.parametrize(("seconds", "answered"), [(-1, True), (0, True), (1, False)])
def test_an_answer_counts_for_three_days_to_the_second(one, sit, monkeypatch, seconds, answered):
    start = clock.now()
    made = agreed(one)
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=making.by(one.leader.id, start))
    monkeypatch.setattr(clock, "now", lambda: start + 3 * DAY + timedelta(seconds=seconds))
    seller = sit(one.shop)
    assert ("处理申请" in page_of(seller.get("enrolment", no=made.no))) is answered
    answer = seller.post("enrolment-answer", {"agree": "1"}, no=made.no)
    if answered:
        assert answer.status_code == 200 and of_shop(one, made.no).ends_at == made.ends_at + DAY
    else:
        assert answer.status_code == 409 and "已超过 3 日未处理" in toast_of(answer)
        assert of_shop(one, made.no).ends_at == made.ends_at
        assert "已拒绝团长延长推广时间" in page_of(seller.get("enrolments"))


@pytest.mark.parametrize(("seconds", "at_once"), [(-1, False), (0, False), (1, True)])
def test_the_page_answers_before_the_click_as_the_click_does(one, sit, monkeypatch, seconds, at_once):
    made = agreed(one)
    edge = of_shop(one, made.no).applied_at + 30 * DAY
    monkeypatch.setattr(clock, "now", lambda: edge + timedelta(seconds=seconds))
    seller = sit(one.shop)
    assert ("可以立即取消" in page_of(seller.get("enrolment", no=made.no))) is at_once
    said = toast_of(seller.post("enrolment-cancel", no=made.no))
    assert said == ("取消推广成功" if at_once else "已发起取消合作，团长审核中")


def test_a_cancel_refuses_what_the_leader_asked_for(one, seller, leader):
    made = agreed(one, days_ago=5)
    now = clock.now()
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=making.by(one.leader.id, now))
    cancel_cooperation.ask_cancel(no=made.no, by=making.by(one.shop.id, now))
    assert of_shop(one, made.no).extension.state is ExtensionState.REFUSED
    drawer = page_of(leader.get("enrolment", no=made.no))
    assert "已拒绝团长延长推广时间" in drawer and "申请延长推广时间</button>" not in drawer


# ------------------------------------------------------------------------------------------------ the words

SAID = {
    "asked": [("已发起取消合作，团长审核中", "Cancelling was asked for; the leader is reviewing it.", False)],
    "refused": [("团长拒绝取消合作", "The leader refused to end the cooperation.", True)],
    "agreed": [
        ("商品合作已失效", "The cooperation has ended.", False),
        ("团长同意取消合作", "The leader agreed to end the cooperation.", False),
    ],
    "at_once": [("商品合作已失效", "The cooperation has ended.", False)],
    "longer": [("团长申请延长推广时间", "The leader asks to promote longer.", False)],
    "longer_agreed": [("已同意团长延长推广时间", "The leader may promote longer.", False)],
    "longer_refused": [("已拒绝团长延长推广时间", "The leader&#x27;s wish to promote longer was refused.", True)],
}
"""What stands beside an enrolment, word for word (docs/rules.md §9): in Chinese, in English, whether it is red."""


def step(one, made, now, what):
    """Bring an enrolment to where a row of SAID is said."""
    shop, leader = making.by(one.shop.id, now), making.by(one.leader.id, now)
    if what.startswith("longer"):
        extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=leader)
        if what != "longer":
            extend_cooperation.answer_extension(no=made.no, agree=what == "longer_agreed", by=shop)
        return
    cancel_cooperation.ask_cancel(no=made.no, by=shop)
    if what in ("refused", "agreed"):
        cancel_cooperation.decide_cancel(no=made.no, agree=what == "agreed", by=leader)


@pytest.mark.parametrize("what", SAID)
def test_both_sides_read_the_contracts_own_words_and_english_beside_them(one, sit, what):
    made = agreed(one, days_ago=31 if what == "at_once" else 3)
    step(one, made, clock.now(), what)
    for party in (one.shop, one.leader):
        zh, en = (page_of(sit(party, english=english).get("enrolment", no=made.no)) for english in (False, True))
        assert NOTE.findall(zh) == [(" bad" if red else "", words) for words, _, red in SAID[what]]
        assert NOTE.findall(en) == [
            (" bad" if red else "", f'{said} <span lang="zh-Hans" data-data>{words}</span>')
            for words, said, red in SAID[what]
        ]


NOTE = re.compile(r'<div class="note( bad)?">.*?<p>(.*?)</p></div>')
