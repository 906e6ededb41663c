"""Targeted plans, requests and the directory in both consoles: who does what, what the other sees, who may not."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import matching
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.matching import queries as requests_of
from tuike.parties.types import Role
from tuike.plans import queries as plans_of
from tuike.plans.types import MemberState, TargetedPlanShown

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def seller(sit, one):
    return sit(one.shop)


@pytest.fixture
def promoter(sit, one):
    return sit(one.promoter)


@pytest.fixture
def plan(one) -> TargetedPlanShown:
    return matching.plan(one, now=clock.now())


@contextlib.contextmanager
def unchanged() -> Iterator[None]:
    """No plan, member, request or card is made or changed."""
    tables = ("plans_targeted", "plans_targeted_member", "plans_rate", "matching_request", "matching_card")
    before = [rows.query(f"SELECT t::text FROM {name} t ORDER BY 1") for name in tables]
    yield
    assert [rows.query(f"SELECT t::text FROM {name} t ORDER BY 1") for name in tables] == before


def number(one) -> str:
    return catalog.product_facts([one.product_id])[one.product_id].product_no


def in_days(days: int) -> str:
    return shown(clock.now() + timedelta(days=days))[:16]


def state(plan, promoter_id: int) -> MemberState | None:
    found = plans_of.member_of(plan_id=plan.plan_id, promoter_id=promoter_id)
    return found.state if found else None


def test_a_plan_is_made_from_chosen_products(one, seller):
    assert "还没有定向计划" in seller.get("targeted").content.decode()
    row = seller.get("pick", {"one": number(one), "rated": "1"}, htmx=True).content.decode()
    assert f"rate_{number(one)}" in row
    assert "12%" in row
    form = {"name": "头部推客", "ends_at": in_days(30), "product": [number(one)], f"rate_{number(one)}": "20"}
    answer = seller.post("targeted-new", form, htmx=False)
    assert answer.status_code == 303
    made = plans_of.targeted_plans(merchant_id=one.shop.id)[0]
    assert made.rates == {one.product_id: 2000}
    page = seller.get("targeted").content.decode()
    assert "头部推客" in page
    assert "进行中" in page
    detail = seller.get("targeted-plan", no=made.no).content.decode()
    assert f"/join/{made.invite_code}/" in detail
    assert "20%" in detail


def test_what_a_plan_would_owe_is_seen_before_it_is_made(one, seller):
    form = {"name": "头部推客", "ends_at": in_days(30), "product": [number(one)], f"rate_{number(one)}": "20"}
    with unchanged():
        page = seller.post("targeted-preview", form).content.decode()
        # ¥59.90: 12 % is 7.18, 20 % is 11.98, tier 2 at 5 % is 2.99; 59.90 − 11.98 − 2.99 is left.
        for amount in ("¥7.18", "¥11.98", "¥2.99", "¥44.93"):
            assert amount in page
        answer = seller.post("targeted-preview", form | {f"rate_{number(one)}": "11"})
    assert "不能低于公开佣金率" in toast_of(answer)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rate": "11.99"}, "不能低于公开佣金率"),
        ({"rate": ""}, "请填写百分比"),
        ({"rate": "90"}, "超过上限"),
        ({"ends_at": ""}, "请选择时间"),
        ({"name": " "}, "名称须为"),
        ({"product": []}, "请选择 1 到 100 个商品"),
    ],
)
def test_a_plan_that_makes_no_sense_comes_back(one, seller, changes, sentence):
    form = {"name": "头部推客", "ends_at": in_days(30), "product": [number(one)], "rate": "20"} | changes
    form[f"rate_{number(one)}"] = form.pop("rate")
    with unchanged():
        answer = seller.post("targeted-new", form, htmx=False)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_by_the_invite_link(one, seller, promoter, plan, nobody):
    link = f"/join/{plan.invite_code}/"
    assert nobody.get(link).status_code == 303
    answer = promoter.get(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, promoter.url("join", code=plan.invite_code))
    page = promoter.get("join", code=plan.invite_code).content.decode()
    assert "申请加入" in page
    assert "手绘青瓷盖碗" in page
    assert promoter.post("join", {"message": "做茶具"}, code=plan.invite_code, htmx=False).status_code == 303
    assert state(plan, one.promoter.id) is MemberState.APPLIED
    assert "申请加入" not in promoter.get("join", code=plan.invite_code).content.decode()
    listed = seller.get("targeted-plan", {"state": "applied"}, no=plan.no).content.decode()
    assert "做茶具" in listed
    assert "通过" in listed
    answer = seller.post("plan-decide", {"who": one.promoter.id, "accept": "1"}, no=plan.no)
    assert "已通过申请" in toast_of(answer)
    assert state(plan, one.promoter.id) is MemberState.ACCEPTED
    assert "已加入" in promoter.get("cooperations").content.decode()


def test_turned_away_with_a_reason_and_removed(one, seller, promoter, plan):
    promoter.post("join", code=plan.invite_code, htmx=False)
    assert "原因" in seller.get("plan-decide", {"who": one.promoter.id}, no=plan.no, htmx=True).content.decode()
    seller.post("plan-decide", {"who": one.promoter.id, "accept": "0", "reason": "类目不符"}, no=plan.no)
    assert "类目不符" in promoter.get("cooperation", no=plan.no, htmx=True).content.decode()
    promoter.post("join", code=plan.invite_code, htmx=False)
    seller.post("plan-decide", {"who": one.promoter.id, "accept": "1"}, no=plan.no)
    assert "次日" in seller.get("plan-remove", {"who": one.promoter.id}, no=plan.no, htmx=True).content.decode()
    seller.post("plan-remove", {"who": one.promoter.id, "reason": "停推"}, no=plan.no)
    assert state(plan, one.promoter.id) is MemberState.REMOVED
    with unchanged():
        assert seller.post("plan-remove", {"who": one.promoter.id}, no=plan.no).status_code == 409
        assert seller.post("plan-decide", {"who": one.promoter.id, "accept": "1"}, no=plan.no).status_code == 409


def test_invited_by_number_and_answered(one, seller, promoter, plan):
    assert "推客编号" in seller.get("plan-invite", no=plan.no, htmx=True).content.decode()
    with unchanged():
        for numbers in ("", "M1", one.shop.no, "推客"):
            assert seller.post("plan-invite", {"numbers": numbers}, no=plan.no).status_code == 422
    seller.post("plan-invite", {"numbers": f"{one.promoter.no}，{one.recruiter.no}"}, no=plan.no)
    assert state(plan, one.promoter.id) is MemberState.INVITED
    assert "接受邀请" in promoter.get("cooperation", no=plan.no, htmx=True).content.decode()
    promoter.post("cooperation-answer", {"accept": "1"}, no=plan.no)
    assert state(plan, one.promoter.id) is MemberState.ACCEPTED


def test_a_stopped_plan_says_so(one, seller, promoter, plan):
    assert seller.post("plan-stop", no=plan.no).status_code == 200
    assert "今日后停止" in seller.get("targeted-plan", no=plan.no).content.decode()
    with unchanged():
        assert seller.post("plan-stop", no=plan.no).status_code == 409


def test_a_request_from_publishing_to_the_application(one, seller, promoter, plan):
    assert "还没有推广需求" in seller.get("requests").content.decode()
    assert "发布" in seller.get("request-new", {"plan": plan.no}).content.decode()
    form = {"plan": plan.no, "title": "诚招茶具推客", "text": "每月上新", "min_level": "0", "open_until": in_days(5)}
    assert seller.post("request-new", form | {"category": [str(one.category_id)]}, htmx=False).status_code == 303
    made = requests_of.open_request(plan_id=plan.plan_id)
    assert made is not None
    assert "诚招茶具推客" in seller.get("requests").content.decode()
    assert "每月上新" in seller.get("request", no=made.no, htmx=True).content.decode()
    assert "诚招茶具推客" in promoter.get("opportunities").content.decode()
    drawer = promoter.get("opportunity", no=made.no, htmx=True).content.decode()
    assert "报名" in drawer
    assert "20%" in drawer
    assert "已提交申请" in toast_of(promoter.post("opportunity-apply", {"message": "您好"}, no=made.no))
    assert state(plan, one.promoter.id) is MemberState.APPLIED
    assert "待商家审核" in promoter.get("opportunities").content.decode()
    with unchanged():
        answer = seller.post("request-new", form, htmx=False)
        assert (answer.status_code, "已有进行中" in answer.content.decode()) == (422, True)
    seller.post("request-close", no=made.no)
    assert "诚招茶具推客" not in promoter.get("opportunities").content.decode()


def test_a_request_asks_for_a_level(one, promoter, plan):
    made = matching.request(one, plan, now=clock.now(), min_level=2)
    assert "未达到要求" in promoter.get("opportunity", no=made.no, htmx=True).content.decode()
    with unchanged():
        assert promoter.post("opportunity-apply", no=made.no).status_code == 409


def test_a_card_by_consent_and_an_invitation_from_it(one, seller, promoter, plan):
    assert "还没有推客公开名片" in seller.get("directory").content.decode()
    card = {"name": "茶友会", "intro": "专注茶具", "category": [str(one.category_id)]}
    promoter.post("card", card, htmx=False)
    assert "茶友会" not in seller.get("directory").content.decode()
    assert promoter.post("card", card | {"listed": "1"}, htmx=False).status_code == 303
    listed = seller.get("directory").content.decode()
    assert "茶友会" in listed
    assert one.promoter.name not in listed
    shown_card = seller.get("directory-card", promoter_id=one.promoter.id, htmx=True).content.decode()
    assert "专注茶具" in shown_card
    assert one.promoter.name not in shown_card
    seller.post("directory-invite", {"plan": plan.no, "message": "来吧"}, promoter_id=one.promoter.id)
    assert state(plan, one.promoter.id) is MemberState.INVITED
    promoter.post("card", card, htmx=False)
    assert seller.get("directory-card", promoter_id=one.promoter.id, htmx=True).status_code == 404
    with unchanged():
        answer = promoter.post("card", card | {"intro": "电话 13800138000", "listed": "1"}, htmx=False)
    assert (answer.status_code, "联系方式" in answer.content.decode()) == (422, True)


def test_whose_business_it_is(one, sit, plan, seller, promoter):
    other = make.alliance(beside=one)
    rival, money = sit(other.shop), sit(one.shop, Role.FINANCE)
    stranger = sit(make_parties.promoter(name="路人", phone="13900000009"))
    request = matching.request(one, plan, now=clock.now())
    promoter.post("join", code=plan.invite_code, htmx=False)
    who = {"who": one.promoter.id, "accept": "1"}
    with unchanged():
        assert rival.get("targeted-plan", no=plan.no).status_code == 404
        for name, form in (("plan-decide", who), ("plan-remove", who), ("plan-stop", {})):
            assert rival.post(name, form, no=plan.no).status_code == 404
            assert money.post(name, form, no=plan.no).status_code == 403
        assert rival.get("request", no=request.no, htmx=True).status_code == 404
        assert rival.post("request-close", no=request.no).status_code == 404
        assert stranger.get("cooperation", no=plan.no, htmx=True).status_code == 404
        assert stranger.post("cooperation-answer", {"accept": "1"}, no=plan.no).status_code == 404
        assert stranger.get("join", code="x" * 12).status_code == 404
        assert promoter.get("opportunities", of=one.recruiter).status_code == 404
        assert seller.post("plan-decide", {"who": "abc", "accept": "1"}, no=plan.no).status_code == 409


def test_in_english(one, sit, plan):
    seller, promoter = sit(one.shop, english=True), sit(one.promoter, english=True)
    made = matching.request(one, plan, now=clock.now())
    for page in (
        seller.get("targeted"),
        seller.get("targeted-plan", no=plan.no),
        seller.get("targeted-new"),
        seller.get("requests"),
        seller.get("directory"),
        promoter.get("opportunities"),
        promoter.get("opportunity", no=made.no, htmx=True),
        promoter.get("card"),
        promoter.get("cooperations"),
        promoter.get("join", code=plan.invite_code),
    ):
        assert page.status_code == 200
    assert "Looking" not in promoter.get("opportunities").content.decode()
    assert "Apply" in promoter.get("opportunity", no=made.no, htmx=True).content.decode()


def test_few_questions(one, seller, promoter, plan, django_assert_max_num_queries):
    more = {one.product_id: 2000}
    for _ in range(3):
        more[make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id)] = 2000
    made = matching.request(one, plan, now=clock.now())
    promoter.post("join", code=plan.invite_code, htmx=False)
    pages = (
        (seller, "targeted", {}),
        (seller, "targeted-plan", {"no": plan.no}),
        (seller, "requests", {}),
        (seller, "request", {"no": made.no}),
        (seller, "request-new", {}),
        (seller, "directory", {}),
        (promoter, "opportunities", {}),
        (promoter, "opportunity", {"no": made.no}),
        (promoter, "cooperations", {}),
        (promoter, "cooperation", {"no": plan.no}),
        (promoter, "card", {}),
        (promoter, "join", {"code": plan.invite_code}),
    )
    for who, name, args in pages:
        with django_assert_max_num_queries(15):
            who.get(name, **args)
