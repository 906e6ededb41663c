"""Changing a targeted plan in the shop's console: what it is, seen before, kept, told to those who are in it."""

from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.console.test_finding_promoters import number, unchanged
from tests.console.unchanged import CHINESE, words_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import matching
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import next_midnight, shown
from tuike.parties.types import Role
from tuike.plans import queries as plans_of
from tuike.plans import service as plans

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def plan(one):
    """A plan with the promoter in it."""
    made, now = matching.plan(one, now=clock.now()), clock.now()
    plans.apply(plan=made, promoter_id=one.promoter.id, now=now)
    plans.decide(
        merchant_id=one.shop.id, no=made.no, promoter_ids=[one.promoter.id], accept=True, actor=OPERATOR_SHELL, now=now
    )
    return made


@pytest.fixture
def seller(sit, one):
    return sit(one.shop, Role.PRODUCT_MANAGER)


def form(one, plan, **changes):
    typed = {
        "name": plan.name,
        "note": plan.note,
        "ends_at": shown(plan.ends_at)[:16],
        "product": [number(one)],
        "rate": "20",
    } | changes
    return typed | {f"rate_{number(one)}": typed.pop("rate")}


def stands(one, plan):
    return plans_of.targeted_plan(merchant_id=one.shop.id, no=plan.no)


def told(promoter) -> list[str]:
    found = rows.query(
        "SELECT kind FROM messages_message WHERE party_id = %s AND kind LIKE 'plan%%' ORDER BY id", [promoter.id]
    )
    return [kind for (kind,) in found]


def test_the_form_shows_the_plan_and_saving_it_so_changes_nothing(one, plan, seller):
    page = seller.get("targeted-plan", no=plan.no).content.decode()
    assert seller.url("targeted-edit", no=plan.no) in page
    page = seller.get("targeted-edit", no=plan.no).content.decode()
    for there in (
        plan.name,
        shown(plan.ends_at)[:16],
        f'name="rate_{number(one)}" value="20"',
        shown(plan.starts_at)[:16],
    ):
        assert there in page
    with unchanged():
        answer = seller.post("targeted-edit", form(one, plan), htmx=False, no=plan.no)
    assert answer.status_code == 303
    assert stands(one, plan) == plan
    assert told(one.promoter) == []


def test_a_change_is_kept_holds_from_midnight_and_is_told(one, plan, seller, sit):
    typed = form(one, plan, name="腰部推客", rate="17.5", key="once")
    for _ in range(2):
        answer = seller.post("targeted-edit", typed, htmx=False, no=plan.no)
        assert answer.status_code == 303
    after = stands(one, plan)
    midnight = next_midnight(clock.now())
    assert (after.name, after.ends_at) == ("腰部推客", plan.ends_at)
    assert (after.rates_at(clock.now()), after.rates_at(midnight)) == ({one.product_id: 2000}, {one.product_id: 1750})
    page = seller.get("targeted-plan", no=plan.no).content.decode()
    assert "20%" in page and f"{shown(midnight)[:16]} 起 17.5%" in page
    assert told(one.promoter) == ["plan_changed"]
    promoter = sit(one.promoter)
    bell = promoter.get("bell").content.decode()
    assert "腰部推客" in bell and "名称、商品与佣金率" in bell
    drawer = promoter.get("cooperation", no=plan.no, htmx=True).content.decode()
    assert "起 17.5%" in drawer


def test_only_who_is_in_the_plan_is_told(one, plan, seller):
    plans.invite(
        merchant_id=one.shop.id, no=plan.no, promoter_ids=[one.recruiter.id], actor=OPERATOR_SHELL, now=clock.now()
    )
    seller.post("targeted-edit", form(one, plan, note="改了"), no=plan.no)
    assert (told(one.promoter), told(one.recruiter)) == (["plan_changed"], [])


def test_what_the_change_would_owe_is_seen_before(one, plan, seller):
    with unchanged():
        page = seller.post("targeted-edit-preview", form(one, plan, rate="15"), no=plan.no).content.decode()
        # ¥59.90: 15 % is 8.98, 12 % is 7.18; tier 2 at 5 % is 2.99; 59.90 − 8.98 − 2.99 is left.
        for there in ("¥8.98", "¥7.18", "¥2.99", "¥47.93", shown(next_midnight(clock.now()))[:16]):
            assert there in page
        answer = seller.post("targeted-edit-preview", form(one, plan, rate="11"), no=plan.no)
        assert answer.status_code == 422 and "不能低于公开佣金率" in toast_of(answer)


def test_another_product_comes_in(one, plan, seller):
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="白瓷杯")
    from tuike.catalog import queries as catalog

    no = catalog.product_facts([other])[other].product_no
    typed = form(one, plan, product=[number(one), no]) | {f"rate_{no}": "18"}
    assert seller.post("targeted-edit", typed, no=plan.no).status_code == 200
    assert stands(one, plan).rates == {one.product_id: 2000, other: 1800}
    page = seller.get("targeted-plan", no=plan.no).content.decode()
    assert "白瓷杯" in page and "起 18%" in page
    seller.post("targeted-edit", form(one, plan, product=[no]) | {f"rate_{no}": "18"}, no=plan.no)
    assert "移出计划" in seller.get("targeted-plan", no=plan.no).content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rate": "11.99"}, "不能低于公开佣金率"),
        ({"rate": "x"}, "请填写百分比"),
        ({"rate": "90"}, "超过上限"),
        ({"ends_at": ""}, "请选择时间"),
        ({"ends_at": "2026-01-01 00:00"}, "不早于次日 0 点"),
        ({"name": " "}, "名称须为"),
        ({"product": []}, "请选择 1 到 100 个商品"),
    ],
)
def test_what_makes_no_sense_comes_back_and_nothing_changes(one, plan, seller, changes, sentence):
    with unchanged():
        answer = seller.post("targeted-edit", form(one, plan, **changes), htmx=False, no=plan.no)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert told(one.promoter) == []


def test_another_shop_finance_and_a_stopped_plan_change_nothing(one, plan, seller, sit):
    rival = sit(make.alliance(beside=one).shop)
    bookkeeper = sit(one.shop, Role.FINANCE)
    typed = form(one, plan, name="别人的")
    with unchanged():
        assert rival.get("targeted-edit", no=plan.no).status_code == 404
        assert rival.post("targeted-edit", typed, no=plan.no).status_code == 404
        assert rival.post("targeted-edit-preview", typed, no=plan.no).status_code == 404
        assert bookkeeper.post("targeted-edit", typed, no=plan.no).status_code == 403
    assert seller.url("targeted-edit", no=plan.no) not in bookkeeper.get("targeted-plan", no=plan.no).content.decode()
    seller.post("plan-stop", no=plan.no)
    with unchanged():
        answer = seller.post("targeted-edit", typed, htmx=False, no=plan.no)
    assert answer.status_code == 422 and "已结束或已停止" in answer.content.decode()


def test_a_later_end_is_kept(one, plan, seller):
    later = plan.ends_at + timedelta(days=7)
    seller.post("targeted-edit", form(one, plan, ends_at=shown(later)[:16]), no=plan.no)
    assert shown(stands(one, plan).ends_at)[:16] == shown(later)[:16]


def test_the_form_and_the_preview_speak_english(one, plan, sit):
    seller = sit(one.shop, english=True)
    page = seller.get("targeted-edit", no=plan.no)
    preview = seller.post("targeted-edit-preview", form(one, plan, rate="15"), no=plan.no)
    for answer in (page, preview):
        assert answer.status_code == 200
        assert not CHINESE.search(words_of(answer)), words_of(answer)
