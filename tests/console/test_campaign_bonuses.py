"""A shop's campaigns with what an order brings once, and which one wins where several run at the same time."""

import re
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import plans as make_plans
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.doors.console.text import when_shown
from tuike.insight.campaigns_beside import campaigns_beside
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.plans import queries as plans_of
from tuike.plans import service as plans

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def manager(sit, one):
    return sit(one.shop, Role.PRODUCT_MANAGER)


def form(**rest):
    now = clock.now()
    return {
        "name": "春茶节",
        "starts": when_shown(now + DAY),
        "ends": when_shown(now + 9 * DAY),
        "rate": "20",
        "scope": "all",
        **rest,
    }


def test_what_an_order_brings_once_is_seen_published_and_shown(manager, one):
    given = form(order_bonus="2.50", first_order_bonus="5", key="once-0001")
    seen = text_of(manager.post("campaign-new", {**given, "step": "preview"}))
    assert "¥22.47" in seen  # 20 % of 59.90 is 11.98, tier 2 2.99; with 2.50 and 5.00 at worst
    assert manager.post("campaign-new", {**given, "step": "publish"}).status_code == 200
    [made] = plans_of.campaigns(merchant_id=one.shop.id)
    assert (made.order_bonus_fen, made.first_order_bonus_fen) == (250, 500)
    drawer = text_of(manager.get("campaign", no=made.no, htmx=True))
    assert "每单奖金 ¥2.50" in drawer
    assert "买家首单奖金 ¥5.00" in drawer
    assert "¥2.50" in text_of(manager.get("campaigns"))


@pytest.mark.parametrize("name", ["order_bonus", "first_order_bonus"])
def test_a_bonus_that_could_eat_the_price_is_refused_before_and_after(manager, one, name):
    for step in ("preview", "publish"):
        answer = manager.post("campaign-new", {**form(**{name: "50"}), "step": step})
        assert answer.status_code == 422
        assert "超过上限 90%" in text_of(answer)
    assert manager.post("campaign-new", {**form(**{name: "x"}), "step": "preview"}).status_code == 422
    assert plans_of.campaigns(merchant_id=one.shop.id) == []


def made(one, name, *, merchant_id=0, **rest):
    owner = one.shop.id if merchant_id == 0 else merchant_id
    id_ = make_plans.campaign(owner, now=make.NOON, name=name, **rest)
    return next(found for found in plans_of.campaigns(merchant_id=owner) if found.campaign_id == id_)


def decides(one) -> int | None:
    """Return the campaign that the rates themselves choose."""
    return make_plans.terms(one.product_id, at=make.NOON + DAY).campaign_id


@pytest.mark.parametrize(
    ("narrow", "wide"), [("product_ids", "category_ids"), ("product_ids", None), ("category_ids", None)]
)
def test_the_narrower_wins_as_the_rates_choose(one, narrow, wide):
    ids = {"product_ids": (one.product_id,), "category_ids": (one.category_id,)}
    first = made(one, "窄", **{narrow: ids[narrow]})
    second = made(one, "宽", rate_bps=3500, **({wide: ids[wide]} if wide else {}))
    assert decides(one) == first.campaign_id
    at = {"merchant_id": one.shop.id, "now": make.NOON}
    assert [(row.no, row.wins) for row in campaigns_beside(campaign=first, **at)] == [(second.no, "this")]
    assert [(row.no, row.wins) for row in campaigns_beside(campaign=second, **at)] == [(first.no, "other")]


def test_of_two_alike_the_later_wins_the_platforms_too(one):
    first = made(one, "先")
    second = made(one, "后", merchant_id=None, rate_bps=2500)
    assert decides(one) == second.campaign_id
    [row] = campaigns_beside(merchant_id=one.shop.id, campaign=first, now=make.NOON)
    assert (row.no, row.wins, row.by_operator) == (second.no, "other", True)


def test_what_can_never_meet_is_not_named(one):
    made(one, "别的商品", product_ids=(make.alliance(beside=one).product_id,), merchant_id=None)
    mine = made(one, "本店商品", product_ids=(one.product_id,))
    later = made(one, "以后", starts_at=make.NOON + 20 * DAY, ends_at=make.NOON + 30 * DAY)
    assert campaigns_beside(merchant_id=one.shop.id, campaign=mine, now=make.NOON) == []
    assert campaigns_beside(merchant_id=one.shop.id, campaign=later, now=make.NOON) == []
    plans.stop_campaign(
        merchant_id=one.shop.id, campaign_id=mine.campaign_id, actor=OPERATOR_SHELL, now=make.NOON + DAY
    )
    assert campaigns_beside(merchant_id=one.shop.id, campaign=mine, now=make.NOON + 5 * DAY) == []


def test_the_page_says_who_wins_before_publishing(manager, one):
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    now = clock.now()
    make_plans.campaign(one.shop.id, now=now, name="全店大促")
    assert "全店大促" in text_of(manager.post("campaign-new", {**form(), "step": "preview"}))
    seen = text_of(manager.post("campaign-new", {**form(scope="products", products=no, rate="35"), "step": "preview"}))
    assert "从不叠加" in seen
    assert "重叠的商品按本活动" in seen
