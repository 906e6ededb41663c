"""The contract beside the two who agree: promoters' material, homes, figures, help, few questions, English."""

from datetime import timedelta

import pytest

from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.flows.test_materials import WeChat
from tests.make import alliance as make
from tests.make import cooperation as making
from tuike.cooperation.types import ShownTo
from tuike.db import rows
from tuike.flows import cancel_cooperation, extend_cooperation, outside
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


def agreed(one, *, days_ago=0, sold=0, **changes):
    """An enrolment of the alliance's product that was passed so many days ago and has sold so many orders."""
    made = making.agreed(one, now=clock.now() - days_ago * DAY, **changes)
    if sold:
        making.sell(made, sold, now=clock.now())
    return made


def page_of(answer):
    assert answer.status_code == 200, answer.content.decode()[:400]
    return answer.content.decode()


# ------------------------------------------------------------------------------------------------ promoters


def test_a_promoter_makes_material_that_carries_place_and_activity(one, sit, monkeypatch):
    answering = WeChat()
    monkeypatch.setattr(outside, "wechat", lambda: answering)
    made = agreed(one, shown_to=ShownTo.LEADER_AND_PROMOTERS, contact="电话 0571")
    promoter = sit(one.promoter)
    listed = page_of(promoter.get("led-products"))
    assert "15%" in listed and "¥8.98" in listed
    drawer = page_of(promoter.get("led-product", no=made.no))
    assert "电话 0571" in drawer and "微信 afang888" in drawer
    form = {"place": "+", "new_place": "茶友群", "accept": "1"}
    with unchanged("attribution_link"):
        refused = promoter.post("led-promote", form | {"accept": ""}, no=made.no)
    assert refused.status_code == 422
    assert promoter.post("led-promote", form, no=made.no).status_code == 200
    [(activity, place)] = rows.query(
        "SELECT l.activity_no, p.name FROM attribution_link l JOIN attribution_place p ON p.id = l.place_id"
        " WHERE l.promoter_id = %s",
        [one.promoter.id],
    )
    assert (activity, place) == (made.activity_no, "茶友群")


def test_the_shops_contact_stays_with_the_leader_where_the_shop_said_so(one, sit):
    made = agreed(one, contact="电话 0571")
    assert "电话 0571" not in page_of(sit(one.promoter).get("led-product", no=made.no))
    assert "电话 0571" in page_of(sit(one.leader).get("enrolment", no=made.no))


def test_a_leaders_link_leads_a_promoter_to_the_activitys_products(one, sit):
    made = agreed(one)
    answer = sit(one.promoter).client.get(f"/activity/{made.activity_no}/")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/promoter/{one.promoter.no}/activities/?q={made.activity_no}"


# ------------------------------------------------------------------------------------------------ questions, English


PAGES = [
    ("leader", "activities"),
    ("leader", "enrolments"),
    ("leader", "figures"),
    ("leader", "lines"),
    ("leader", "pool"),
    ("leader", "activity-new"),
    ("shop", "activities"),
    ("shop", "enrolments"),
    ("shop", "pool"),
    ("shop", "pool-apply"),
    ("promoter", "led-products"),
    ("promoter", "pool"),
]
THINGS = [
    ("leader", "activity"),
    ("leader", "activity-edit"),
    ("leader", "enrolment"),
    ("leader", "enrolment-extend"),
    ("shop", "activity"),
    ("shop", "activity-enrol"),
    ("shop", "enrolment"),
    ("shop", "enrolment-cancel"),
    ("shop", "enrolment-answer"),
    ("promoter", "led-product"),
    ("promoter", "led-promote"),
]


@pytest.mark.parametrize(("who", "name"), PAGES + THINGS)
def test_a_page_asks_few_questions_and_is_english_for_readers_of_it(one, sit, django_assert_max_num_queries, who, name):
    made = agreed(one, days_ago=5)
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=making.by(one.leader.id, clock.now()))
    reader = sit(getattr(one, who), english=True)
    where = {}
    if (who, name) in THINGS:
        where = {"no": made.activity_no if name.startswith("activity") else made.no}
    reader.get(name, **where)
    with django_assert_max_num_queries(15):
        answer = reader.get(name, **where)
    assert answer.status_code == 200
    assert not CHINESE.search(words_of(answer)), CHINESE.findall(words_of(answer))


# ------------------------------------------------------------------------------------------------ the homes


def test_the_leaders_home_says_what_waits_and_what_is_due_when(one, leader, seller):
    assert "没有招商中的活动" in page_of(leader.get("home"))
    now = clock.now()
    made = agreed(one, days_ago=5, ends_at=now + 10 * DAY)
    making.applied(one, making.activity(one.leader.id, title="夏茶季", now=now), now=now)
    cancel_cooperation.ask_cancel(no=made.no, by=making.by(one.shop.id, now))
    page = page_of(leader.get("home"))
    assert "有 1 个商品报名待审核" in page and "有 1 个取消合作申请待审核" in page
    assert "合作到期" in page and shown(made.ends_at)[:16] in page
    assert f"{leader.url('enrolments')}?wish=cancel" in page


def test_the_shops_home_says_that_the_leader_asks_for_longer(one, seller):
    made = agreed(one)
    assert "延长推广时间的申请" not in page_of(seller.get("home"))
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=making.by(one.leader.id, clock.now()))
    page = page_of(seller.get("home"))
    assert "有 1 个团长延长推广时间的申请等您处理" in page and f"{seller.url('enrolments')}?wish=extension" in page


def test_figures_and_lines_say_what_each_product_brought(one, leader):
    agreed(one, sold=3)
    page = page_of(leader.get("figures"))
    assert "手绘青瓷盖碗" in page and ">3<" in page
    assert "还没有订单" in page_of(leader.get("lines"))


@pytest.mark.parametrize(
    ("party", "word"), [("leader", "谁可以做团长"), ("shop", "团长招商"), ("promoter", "活动商品")]
)
def test_help_says_who_may_how_and_for_what(one, sit, party, word):
    page = page_of(sit(getattr(one, party)).get("help"))
    assert word in page and "免费" in page
