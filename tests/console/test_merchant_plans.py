"""A merchant's rates in the console: seen before they are published, refused with the reason, kept as history."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tuike.catalog.types import NewSku
from tuike.doors.console.text import when_shown
from tuike.insight import rates
from tuike.kit import clock
from tuike.kit.days import next_midnight
from tuike.parties.queries import merchant_facts
from tuike.parties.types import BindingMode, Role
from tuike.plans import queries as plans
from tuike.plans.types import Layer

SEEN = ("plans_", "idempotency", "parties_merchant")


@pytest.fixture
def shop(db):
    make_plans.benchmark(500)
    return make_parties.merchant()


@pytest.fixture
def category(shop) -> int:
    return catalog.category(name="茶具")


@pytest.fixture
def product(shop, category) -> int:
    return catalog.product(
        merchant_id=shop.id, category_id=category, title="青瓷盖碗", skus=(NewSku(price_fen=4990, free=9),)
    )


@pytest.fixture
def owner(sit, shop):
    return sit(shop)


@pytest.fixture
def manager(sit, shop):
    return sit(shop, Role.PRODUCT_MANAGER)


@pytest.fixture
def english(sit, shop):
    return sit(shop, Role.ADMIN, english=True)


def _midnight():
    return next_midnight(clock.now())


def _no(product_id: int) -> str:
    from tuike.catalog.queries import product_facts

    return product_facts([product_id])[product_id].product_no


def _publish(who, name: str, form: dict, **where):
    """Preview a form as a person would (nothing happens), then publish exactly what was previewed."""
    with unchanged(*SEEN):
        seen = who.post(name, {**form, "step": "preview"}, **where)
    assert seen.status_code == 200, seen.content.decode()
    done = who.post(name, {**form, "step": "publish"}, **where)
    assert done.status_code == 200, done.content.decode()
    assert done.headers["HX-Redirect"]
    return seen.content.decode()


def test_a_category_rate_is_seen_then_published(manager, english, shop, category, product):
    page = manager.get("rates").content.decode()
    assert "茶具" in page
    assert not CHINESE.search(words_of(english.get("rates")))
    assert not CHINESE.search(words_of(english.get("rate-set", {"category": category}, htmx=True)))
    seen = _publish(manager, "rate-set", {"category": category, "rate": "12", "key": "r1"})
    assert when_shown(_midnight()) in seen
    for said in ("5%", "12%", "¥5.98", "¥49.90", "¥43.92"):
        assert said in seen
    assert plans.merchant_rates(merchant_id=shop.id, at=_midnight())[0].rate_bps == 1200
    assert make_plans.terms(product, at=clock.now()).rate_bps == 500
    _publish(manager, "rate-set", {"category": category, "remove": "1", "rate": "", "key": "r2"})
    assert plans.merchant_rates(merchant_id=shop.id, at=_midnight()) == []


def test_what_is_not_above_the_floor_is_refused_with_the_reason(manager, english, category, product):
    cases = (({"rate": "5"}, "基准佣金率 5%", "5%"), ({"rate": ""}, "请填写百分比", "rate in per cent"))
    for form, zh, en in cases:
        with unchanged(*SEEN):
            seen = manager.post("rate-set", {"category": category, "step": "preview", **form})
            said = english.post("rate-set", {"category": category, "step": "preview", **form})
            done = manager.post("rate-set", {"category": category, "step": "publish", **form})
        assert seen.status_code == done.status_code == 422
        assert zh in seen.content.decode()
        assert en in said.content.decode()
        assert not CHINESE.search(words_of(said))


def test_main_products_one_or_many(manager, english, shop, category, product):
    other = catalog.product(merchant_id=shop.id, category_id=category)
    found = manager.get("main-search", {"q": "青瓷"}, htmx=True).content.decode()
    assert f'value="{product}"' in found
    assert f'value="{other}"' not in found
    seen = _publish(manager, "main-set", {"ids": [product, other], "rate": "15.5", "key": "m1"})
    assert "15.5%" in seen
    page = manager.get("mains").content.decode()
    assert "青瓷盖碗" in page
    assert "待生效" in page
    dialog = english.get("main-set", {"ids": [product]}, htmx=True)
    assert not CHINESE.search(words_of(dialog))
    _publish(manager, "main-set", {"ids": [product], "remove": "1", "rate": "", "key": "m2"})
    held = [row.product_id for row in plans.merchant_rates(merchant_id=shop.id, at=_midnight(), layers=[Layer.MAIN])]
    assert held == [other]
    foreign = catalog.product(category_id=category)
    with unchanged(*SEEN):
        assert manager.post("main-set", {"ids": [foreign], "rate": "20"}).status_code == 404
        assert manager.post("main-set", {"ids": [], "rate": "20"}).status_code == 422


def _campaign(**rest: object) -> dict:
    now = clock.now()
    return {
        "name": "春茶节",
        "starts": when_shown(now + timedelta(days=1)),
        "ends": when_shown(now + timedelta(days=9)),
        "rate": "20",
        "bonus": "2",
        "budget": "1000",
        "scope": "all",
        **rest,
    }


def test_a_campaign_is_seen_published_changed_and_stopped(manager, english, shop, category, product):
    assert manager.get("campaign-new").status_code == 200
    assert not CHINESE.search(words_of(english.get("campaign-new")))
    form = _campaign(scope="products", products=_no(product), key="c1")
    seen = _publish(manager, "campaign-new", form)
    assert "¥11.98" in seen  # 20 % of 49.90 and the bonus
    [one] = plans.campaigns(merchant_id=shop.id)
    assert (one.rate_bps, one.bonus_fen, one.budget_fen) == (2000, 200, 100_000)
    assert "春茶节" in manager.get("campaigns").content.decode()
    drawer = manager.get("campaign", no=one.no, htmx=True).content.decode()
    assert "青瓷盖碗" in drawer
    assert not CHINESE.search(words_of(english.get("campaign", no=one.no, htmx=True)))
    manager.post("campaign-budget", {"budget": "1500"}, no=one.no)
    assert "停止" in toast_of(manager.post("campaign-stop", no=one.no))
    [one] = plans.campaigns(merchant_id=shop.id)
    assert (one.budget_fen, one.stopped_at) == (150_000, _midnight())
    with unchanged(*SEEN):
        assert manager.post("campaign-stop", no=one.no).status_code == 409
        assert manager.post("campaign-budget", {"budget": "x"}, no=one.no).status_code == 422


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rate": "5"}, "现有佣金率 5%"),
        ({"rate": "80", "bonus": "9"}, "超过上限 90%"),
        ({"ends": ""}, "请选择时间"),
        ({"starts": "2020-01-01 00:00"}, "开始时间不能早于现在"),
        ({"name": ""}, "名称须为"),
        ({"scope": "products", "products": "P0"}, "请选择自己的商品"),
        ({"scope": "categories"}, "请选择类目"),
        ({"budget": "0"}, "金额不正确"),
    ],
)
def test_a_campaign_that_can_not_be_is_refused_before_and_after(manager, english, product, change, said):
    with unchanged(*SEEN):
        seen = manager.post("campaign-new", {**_campaign(), **change, "step": "preview"})
        done = manager.post("campaign-new", {**_campaign(), **change, "step": "publish"})
        other = english.post("campaign-new", {**_campaign(name="spring"), **change, "step": "preview"})
    assert seen.status_code == done.status_code == other.status_code == 422
    assert said in seen.content.decode()
    assert not CHINESE.search(words_of(other))


def test_policy_tiers_self_purchase_and_binding(owner, manager, english, shop, product):
    assert not CHINESE.search(words_of(english.get("policy")))
    seen = _publish(manager, "policy-tiers", {"tier1": "8", "tier2": "3", "tier3": "", "key": "t"})
    assert "二级（推客的推荐人）" in seen
    assert "¥1.49" in seen  # tier 2 of 49.90, rounded down
    assert "自购返 3%" in _publish(manager, "policy-self", {"scope": "a", "rate": "3", "key": "s"})
    _publish(manager, "policy-self", {"scope": "p", "product": _no(product), "rate": "4", "key": "s2"})
    held = rates.held_at(merchant_id=shop.id, at=_midnight())
    assert [(row.layer.value, row.rate_bps) for row in held] == [
        ("default", 800),
        ("tier", 300),
        ("self", 300),
        ("self", 400),
    ]
    page = manager.get("policy").content.decode()
    assert "青瓷盖碗" in page
    _publish(manager, "policy-self", {"scope": "p", "id": product, "remove": "1", "rate": "", "key": "s3"})
    assert len(rates.held_at(merchant_id=shop.id, at=_midnight(), layers=[Layer.SELF])) == 1
    with unchanged(*SEEN):
        assert manager.post("policy-binding", {"mode": "last", "days": "30"}).status_code == 403
        assert manager.post("policy-tiers", {"tier1": "8", "tier3": "1", "step": "preview"}).status_code == 422
        assert manager.post("policy-self", {"scope": "x", "rate": "1", "step": "preview"}).status_code == 422
        assert owner.post("policy-binding", {"mode": "last", "days": "0"}).status_code == 422
        assert owner.post("policy-binding", {"mode": "x", "days": "30"}).status_code == 404
    assert owner.post("policy-binding", {"mode": "last", "days": "30"}).status_code == 200
    facts = merchant_facts([shop.id])[shop.id]
    assert (facts.binding_mode, facts.binding_days) == (BindingMode.LAST, 30)


def test_the_history_and_what_held_at_an_instant(manager, english, shop, category, product):
    make_plans.category_rate(shop.id, category, 1000)
    _publish(manager, "main-set", {"ids": [product], "rate": "15", "key": "m"})
    page = manager.get("rate-history").content.decode()
    assert "15%" in page
    assert "10%" in page
    then = manager.get("rate-history", {"at": when_shown(clock.now())}).content.decode()
    assert "10%" in then
    assert "15%" not in then
    mine = manager.get("rate-history", {"product": _no(product)}).content.decode()
    assert "10%" not in mine
    assert not CHINESE.search(words_of(english.get("rate-history")))
    assert manager.get("rate-history", {"product": "P0"}).status_code == 422
    assert manager.get("rate-history", {"at": "x"}).status_code == 422
    assert manager.get("rate-history", {"layer": "x"}).status_code == 404


def test_others_neither_see_nor_publish(sit, shop, owner, category, product):
    other = sit(make_parties.merchant())
    campaign = make_plans.campaign(shop.id, now=clock.now())
    [one] = [c for c in plans.campaigns(merchant_id=shop.id) if c.campaign_id == campaign]
    finance = sit(shop, Role.FINANCE)
    posts = (
        ("rate-set", {"category": category, "rate": "12"}, {}),
        ("main-set", {"ids": [product], "rate": "12"}, {}),
        ("campaign-new", _campaign(), {}),
        ("campaign-stop", {}, {"no": one.no}),
        ("campaign-budget", {"budget": "5000"}, {"no": one.no}),
        ("policy-tiers", {"tier1": "8"}, {}),
        ("policy-self", {"scope": "a", "rate": "3"}, {}),
    )
    with unchanged(*SEEN):
        for name, form, where in posts:
            assert finance.post(name, {**form, "step": "publish"}, **where).status_code == 403, name
            assert other.post(name, {**form, "step": "publish"}, of=shop, **where).status_code == 404, name
        for name in ("campaign-stop", "campaign-budget"):  # another shop's campaign through the own address
            assert other.post(name, {"budget": "1"}, no=one.no).status_code == 404
    for name in ("rates", "mains", "campaigns", "policy", "rate-history"):
        assert finance.get(name).status_code == 200
        assert other.get(name, of=shop).status_code == 404
    url = reverse("console:merchant-rates", args=[shop.no])
    assert owner.client.get(url).status_code == 200
