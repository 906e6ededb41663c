"""Following the feed over HTTP: each object as it stands, in order, once; what a token may not read isn't there."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.doors.openapi.answers import refused
from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make import feed as make_feed
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make import settlement as make_settlement
from tests.make.alliance import NOON
from tuike.apps.types import Scope
from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.commission import service as commission
from tuike.commission.types import Payee
from tuike.flows import cancel_cooperation, extend_cooperation
from tuike.kit import clock
from tuike.kit.days import month_of, next_month, start_of
from tuike.settings import service as settings
from tuike.settlement import service as settlement

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


def read(software, query=""):
    """Return a page of the party's changes."""
    answer = software.get(f"/{software.party.kind.value}/changes?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def named(page):
    return [(item["kind"], item["no"]) for item in page["items"]]


@pytest.fixture
def recruiter(software, one):
    return software(one.recruiter)


@pytest.fixture
def leader(software, one):
    return software(one.leader)


@pytest.fixture
def order(one):
    """Return a paid order with a claim."""
    make.touch(one)
    return make.bought(one, now=NOON)


def test_an_order_for_its_shop_and_for_who_earns_from_it(shop, promoter, recruiter, leader, order):
    last = make_feed.follow()
    page = page_of_shop = read(shop, "kinds=order")
    assert named(page) == [("order", order.no)] and page["more"] is False
    assert page["next"] == page["items"][-1]["seq"]
    assert page["items"][0]["object"] == shop.get("/merchant/orders").json()["items"][0]
    [line] = promoter.get(f"/promoter/orders/{order.no}").json()["items"]
    page = read(promoter, "kinds=order")
    assert [item["object"] for item in page["items"]] == [{"order_no": order.no, "lines": [line]}]
    page = read(promoter, "kinds=accrual")
    assert [item["object"] for item in page["items"]] == promoter.get("/promoter/accruals").json()["items"]
    assert page["items"][0]["no"] == page["items"][0]["object"]["no"]
    assert [kind for kind, _ in named(read(recruiter))] == ["order", "accrual"]
    assert read(leader)["items"] == []
    make.received(order, now=NOON + DAY)
    assert make_feed.follow(after=last) > last
    later = read(shop, f"kinds=order&after={page_of_shop['next']}")
    assert [item["object"]["state"] for item in later["items"]] == ["completed"]


def test_pages_go_on_where_they_ended_and_an_object_moves_to_the_end(shop, one):
    orders = [make.bought(one, now=NOON) for _ in range(5)]
    last = make_feed.follow()
    first = read(shop, "kinds=order&limit=2")
    assert first["more"] is True and [no for _, no in named(first)] == [orders[0].no, orders[1].no]
    make.received(orders[0], now=NOON + DAY)
    make_feed.follow(after=last)
    rest, after = [], first["next"]
    while True:
        page = read(shop, f"kinds=order&limit=2&after={after}")
        rest += [no for _, no in named(page)]
        after = page["next"]
        if not page["more"]:
            break
    assert rest == [one.no for one in (orders[2], orders[3], orders[4], orders[0])]
    assert read(shop, f"kinds=order&after={after}") == {"items": [], "next": after, "more": False}


def test_money_that_settles_and_leaves(promoter, shop, recruiter, order):
    make.received(order, now=NOON + DAY)
    run = make.matured(until=NOON + 40 * DAY)
    assert run.batches == 1
    make_parties.bank_account(promoter.party)
    with transaction.atomic():
        no = make_settlement.asked(promoter.party, 300, now=NOON + 41 * DAY)
    with transaction.atomic():
        settlement.cancel(no=no, actor=make_settlement.ASKER, now=NOON + 41 * DAY)
    month = month_of(NOON + 40 * DAY)
    settlement.close_month(month=month, now=start_of(next_month(month)) + DAY)
    author, other = (Actor("console", person_id=id_, role="finance") for id_ in (1, 2))
    payee = Payee("promoter", promoter.party.id)
    adjusted = commission.ask_adjustment(
        payee=payee, amount_fen=30, reason="更正", sale_id=None, actor=author, now=NOON + 42 * DAY
    )
    commission.approve_adjustment(no=adjusted, actor=other, now=NOON + 42 * DAY)
    make_feed.follow()
    by_kind = {item["kind"]: item for item in read(promoter)["items"]}
    assert set(by_kind) == {"order", "accrual", "settlement", "withdrawal", "statement", "adjustment"}
    assert by_kind["accrual"]["object"]["state"] == "settled"
    assert by_kind["settlement"]["object"]["amount_fen"] == by_kind["accrual"]["object"]["final_fen"] == 1_200
    assert by_kind["withdrawal"]["object"] == promoter.get("/promoter/withdrawals").json()["items"][0]
    assert by_kind["withdrawal"]["object"]["state"] == "cancelled"
    statements = promoter.get("/promoter/statements").json()["items"]
    assert by_kind["statement"]["object"] == statements[0] and by_kind["statement"]["no"] == f"{month:%Y-%m}"
    assert (by_kind["adjustment"]["object"]["amount_fen"], by_kind["adjustment"]["no"]) == (30, adjusted)
    assert {item["kind"] for item in read(shop)["items"]} == {"order", "settlement", "statement", "rates"}


def test_plans_for_the_shop_and_for_who_is_in_them(shop, promoter, recruiter, one):
    start = make_feed.follow()
    before = read(shop)["next"]
    make_plans.main_product(one.shop.id, one.product_id, 1500)
    make_plans.distribution(one.shop.id, {2: 300})
    make_plans.campaign(one.shop.id, rate_bps=2000, now=NOON)
    make_feed.follow(after=start)
    by_name = {(item["kind"], item["no"]): item["object"] for item in read(shop, f"after={before}")["items"]}
    assert {kind for kind, _ in by_name} == {"rates", "campaign"}
    assert by_name["rates", "shop"]["items"]
    [main] = [shown for (kind, no), shown in by_name.items() if kind == "rates" and no != "shop"]
    assert main == shop.get("/merchant/main-products").json()["items"][0]
    [campaign] = [shown for (kind, _), shown in by_name.items() if kind == "campaign"]
    assert campaign == shop.get("/merchant/campaigns").json()["items"][0]
    assert read(recruiter, "kinds=targeted_plan")["items"] == []


def test_what_a_token_may_not_read_is_left_out_or_refused(software, one, order):
    make_feed.follow()
    reader = software(one.promoter, Scope.PARTY_READ, Scope.FUNDS_READ)
    assert read(reader)["items"] == []
    refused(reader.get("/promoter/changes?kinds=order"), 403, "scope_missing")
    refused(software(one.promoter, Scope.ORDERS_READ).get("/promoter/changes"), 403, "scope_missing")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("kinds=rates", "/kinds"),
        ("kinds=order,", "/kinds"),
        ("kinds=order%00", "/kinds"),
        ("after=-1", "/after"),
        ("after=9223372036854775808", "/after"),
        ("after=x", "/after"),
        ("limit=0", "/limit"),
        ("limit=1001", "/limit"),
        ("since=1", "/since"),
    ],
)
def test_what_cannot_be_asked(promoter, query, pointer):
    shown = refused(promoter.get(f"/promoter/changes?{query}"), 422, "invalid")
    assert [error["pointer"] for error in shown["errors"]] == [pointer]


def test_each_party_follows_its_own_address(promoter, shop):
    refused(promoter.get("/merchant/changes"), 403, "wrong_party")
    refused(shop.get("/promoter/changes"), 403, "wrong_party")


def test_a_product_in_an_activity_for_its_shop_and_its_leader(software, shop, leader, promoter, one):
    coop.open_to_all()
    now = clock.now()
    made = coop.agreed(one, now=now)
    last = make_feed.follow()
    for party, path in ((shop, "merchant"), (leader, "leader")):
        page = read(party, "kinds=enrolment")
        assert named(page) == [("enrolment", made.no)]
        assert page["items"][0]["object"] == party.get(f"/{path}/enrolments").json()["items"][0]
        assert page["items"][0]["object"]["state"] == "active"
    extend_cooperation.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id, now))
    last = moved(last, shop, "extension", "open")
    extend_cooperation.answer_extension(no=made.no, agree=True, by=coop.by(one.shop.id, now))
    last = moved(last, leader, "extension", "agreed")
    cancel_cooperation.ask_cancel(no=made.no, by=coop.by(one.shop.id, now))
    last = moved(last, leader, "cancel", "open")
    cancel_cooperation.decide_cancel(no=made.no, agree=True, by=coop.by(one.leader.id, now))
    moved(last, shop, "state", "ended")
    refused(promoter.get("/promoter/changes?kinds=enrolment"), 422, "invalid")
    refused(software(one.shop, Scope.PARTY_READ).get("/merchant/changes?kinds=enrolment"), 403, "scope_missing")
    settings.change(name="cooperation_open", value=0, actor=OPERATOR_SHELL, now=now)
    assert [item["object"] for item in read(shop, "kinds=enrolment")["items"]] == [None]


def moved(last, party, field, value):
    """One object came again after `last`, and it says so; return where the events end."""
    now_last = make_feed.follow(after=last)
    [item] = read(party, "kinds=enrolment")["items"]
    assert now_last > last and item["object"][field] == value
    return now_last
