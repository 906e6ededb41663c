"""Orders are scored seconds after what happened and each night; what is high becomes a case that says why, once."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.console.conftest import Sitting
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import events as make_events
from tests.make import orders as make_orders
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import plans as make_plans
from tests.make import scoring as make_scoring
from tests.make.alliance import NOON
from tuike.attribution import service as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import ids, rows
from tuike.flows import score_orders as scoring_flow
from tuike.flows.place_order import Wanted, place_order
from tuike.flows.score_open import score_open
from tuike.flows.score_orders import count_landings
from tuike.kit.days import next_midnight
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.parties import queries as parties
from tuike.risk import queries as risk
from tuike.risk import service as risk_service
from tuike.risk.types import CaseKind
from tuike.scoring import queries as scores
from tuike.scoring import service as scoring
from tuike.scoring.types import Found, Limits, Signal

pytestmark = pytest.mark.usefixtures("committed_db")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LATER = NOON + timedelta(minutes=10)


def score_orders(*, now):
    """Score what was told, once all of it is readable: another test's open transaction holds events back."""
    make_events.readable()
    return scoring_flow.score_orders(now=now)


@pytest.fixture
def one():
    return make.alliance()


def bought(one, *, after=300 * SECOND, at=NOON, buyer_id=None):
    """Let a buyer click at an instant and buy a while after."""
    make.touch(one, now=at, buyer_id=buyer_id)
    return make.bought(one, now=at + after, buyer_id=buyer_id)


def buyers(many):
    return [make_people.person().id for _ in range(many)]


def score_of(order):
    return scores.scores_of([order.no])[order.no]


def signals(order):
    return {found.signal for found in score_of(order).findings}


def trace(order):
    return rows.query(
        "SELECT click_ms, cart_ms, paid_fen, refunded_fen, refunded_at, due_at, settled, enrolment_id,"
        " buyer_promoter_id FROM scoring_trace WHERE order_no = %s",
        [order.no],
    )[0]


def test_an_order_right_after_its_click_is_a_case_with_what_was_measured(one):
    quick = bought(one, after=SECOND)
    assert score_orders(now=LATER)["cases"] == 1
    [case] = risk.open_cases()
    assert (case.kind, case.object) == (CaseKind.ORDER_SCORE, quick.no)
    assert case.amount_fen == sum(
        amount
        for (amount,) in rows.query("SELECT amount_fen FROM commission_accrual WHERE merchant_id = %s", [one.shop.id])
    )
    found = {"signal": "quick_order", "value": 1_000, "threshold": 2_000, "points": 750}
    assert case.facts == {"score": 750, "promoter": one.promoter.no, "findings": [found]}
    shown = score_of(quick)
    assert (shown.thousandths, shown.promoter_id, shown.scored_at) == (750, one.promoter.id, LATER)
    assert shown.findings == (Found(Signal.QUICK_ORDER, 1_000, 2_000, 750),)


def test_an_order_some_minutes_after_its_click_is_none(one):
    usual = bought(one)
    assert score_orders(now=LATER)["cases"] == 0
    assert (score_of(usual).thousandths, score_of(usual).findings) == (0, ())
    assert risk.open_cases() == []


def test_an_order_that_earns_nobody_has_no_score(one):
    order = make.bought(one)
    score_orders(now=LATER)
    assert scores.scores_of([order.no]) == {}
    assert rows.query("SELECT count(*) FROM scoring_trace") == [(0,)]


def test_a_case_is_opened_once_however_often_it_is_scored(one):
    bought(one, after=SECOND)
    assert score_orders(now=LATER)["cases"] == 1
    [case] = risk.open_cases()
    risk_service.close_case(no=case.no, note="已核实", actor=OPERATOR_SHELL, now=LATER)
    assert score_orders(now=LATER) == {"events": 0, "cases": 0, "held": 0}
    assert score_open(now=LATER + DAY) == {"promoters": 1, "cases": 0, "held": 0}
    assert risk.open_cases() == []


def test_an_order_of_yesterday_rises_with_what_came_after_it(one):
    """Four accounts with one phone and one payer: the first order is looked at anew when the others come."""
    first, *others = [bought(one, at=NOON + n * DAY, buyer_id=buyer) for n, buyer in enumerate(buyers(3))]
    score_orders(now=NOON + 3 * DAY)
    assert signals(first) == {Signal.SHARED_PAYER}
    for buyer in buyers(3):
        bought(one, at=NOON + 3 * DAY, buyer_id=buyer)
    score_orders(now=NOON + 4 * DAY)
    assert signals(first) >= {Signal.SHARED_ADDRESS, Signal.SHARED_PHONE, Signal.SHARED_PAYER}
    assert score_of(first).thousandths > score_of(first).findings[0].points
    assert len(others) == 2


def test_what_is_kept_names_nobody(one):
    bought(one)
    score_orders(now=LATER)
    [(kept,)] = rows.query("SELECT row_to_json(t)::text FROM scoring_trace t")
    address = make_orders.ADDRESS
    for plain in (address.phone, address.name, address.detail, "nobody-known"):
        assert plain not in kept
        assert plain.encode().hex() not in kept
    assert rows.query("SELECT length(address), length(phone), length(payer) FROM scoring_trace") == [(32, 32, 32)]


def test_one_visitors_device_is_known_again_after_its_buyers_log_in(one):
    visitor, made = "v" * 22, []
    for n, buyer in enumerate(buyers(3)):
        at = NOON + n * DAY
        attribution.touch(link=make.link(one), now=at, visitor=visitor, buyer_id=buyer)
        made.append(make.bought(one, now=at + 300 * SECOND, buyer_id=buyer))
    score_orders(now=NOON + 3 * DAY)
    assert all(Signal.SHARED_DEVICE in signals(order) for order in made)


def test_the_cart_is_known_from_the_placement_on(one):
    sku = make_catalog.sku_of(one.product_id)
    orders.put_in_cart(buyer_id=one.buyer_id, sku_id=sku, quantity=1, now=NOON - timedelta(hours=1))
    make.touch(one, now=NOON)
    wanted = Wanted(((sku, 1),), address=make_orders.ADDRESS)
    answer = place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key="k", now=NOON + 5 * SECOND)
    order = orders_of.orders_by_no([answer["orders"][0]["no"]])[answer["orders"][0]["no"]]
    make.pay(order, now=NOON + 60 * SECOND)
    score_orders(now=LATER)
    assert trace(order)[:2] == (5_000, 3_600_000)
    assert signals(order) == {Signal.CLICK_AFTER_CART}


def test_what_was_never_in_the_cart_has_no_cart(one):
    sku = make_catalog.sku_of(one.product_id)
    make.touch(one, now=NOON)
    wanted = Wanted(((sku, 1),), address=make_orders.ADDRESS)
    place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key="k", now=NOON + 5 * SECOND)
    [(facts,)] = rows.query("SELECT facts FROM outbox_event WHERE topic = 'order.placed'")
    assert "carted_at" not in str(facts)


def test_refunds_and_settling_are_followed(one):
    order = make.received(bought(one), now=NOON + DAY)
    score_orders(now=NOON + 3 * DAY)
    due = trace(order)[5]
    assert due is not None
    make.refunded(order, now=NOON + 4 * DAY)
    score_orders(now=NOON + 5 * DAY)
    assert trace(order)[2:4] == (5_990, 5_990)
    assert NOON + 4 * DAY <= trace(order)[4] < NOON + 5 * DAY


def test_what_has_settled_keeps_its_score_and_is_looked_at_no_more(one):
    order = make.received(bought(one, after=SECOND), now=NOON + DAY)
    score_orders(now=NOON + 3 * DAY)
    score_orders(now=NOON + 3 * DAY)
    make.matured(until=NOON + 40 * DAY)
    score_open(now=NOON + 40 * DAY)
    assert trace(order)[6] is True
    assert scores.open_orders(since=NOON - DAY) == []
    assert score_of(order).thousandths == 750
    assert score_open(now=NOON + 41 * DAY) == {"promoters": 0, "cases": 0, "held": 0}


def test_a_promoter_who_buys_itself_is_no_ring(one):
    person = parties.administrators_of([one.recruiter.id])[one.recruiter.id][0].person_id
    order = bought(one, buyer_id=person)
    score_orders(now=LATER)
    assert trace(order)[8] == one.recruiter.id
    assert signals(order) == set()


def test_a_thousand_orders_ask_no_more_than_a_few(one):
    def asked(many):
        for buyer in buyers(many):
            bought(one, buyer_id=buyer)
        make_events.readable()
        with CaptureQueriesContext(connection) as said:
            scoring_flow.score_orders(now=LATER)
        return len(said)

    few = asked(6)
    assert asked(12) <= few + 2
    assert few < 60


def test_landings_are_counted_by_link_and_never_more_than_clicks(one):
    link = make.link(one)
    for id_ in ids.take("attribution_click", 3):
        rows.run(
            "INSERT INTO attribution_click (id, link_id, merchant_id, promoter_id, at, visitor, ip_hash, agent)"
            " VALUES (%s, %s, %s, %s, %s, 'v', ''::bytea, '')",
            [id_, link.link_id, one.shop.id, one.promoter.id, NOON],
        )
    make.touch(one)
    assert count_landings(now=LATER) == 1
    assert rows.query("SELECT clicks, landings FROM scoring_traffic") == [(3, 1)]
    assert rows.query("SELECT promoter_id, place_id FROM scoring_traffic") == [(one.promoter.id, link.place_id)]
    for n in range(4):
        make.touch(one, now=NOON + n * SECOND)
    assert count_landings(now=LATER) == 1
    assert rows.query("SELECT clicks, landings FROM scoring_traffic") == [(3, 3)]


def test_clicks_by_the_thousand_that_nobody_follows_make_orders_odd(one):
    bought(one)
    rows.run(
        "INSERT INTO scoring_traffic (promoter_id, place_id, day, clicks, landings)"
        " VALUES (%s, 1, '2026-03-01', 5000, 40)",
        [one.promoter.id],
    )
    assert score_orders(now=LATER)["cases"] == 1
    assert risk.open_cases()[0].facts["findings"][0]["signal"] == "no_landing"


def test_what_is_usual_is_counted_each_night(one):
    for promoter in range(20):
        made = [make_scoring.gone(late=3, promoter_id=900_000 + promoter, at=NOON) for _ in range(8)]
        made += [make_scoring.trace(promoter_id=900_000 + promoter, at=NOON) for _ in range(12)]
        scoring.keep(traces=made)
    assert scores.limits_at(make_scoring.NOON.date()) == Limits()
    score_open(now=NOON + 23 * DAY)
    limits = scores.limits_at((NOON + 24 * DAY).date())
    assert limits == Limits(late_bps=4_000)


def test_a_rate_cut_before_a_surge_is_told_once_and_one_without_is_not(one):
    cut = next_midnight(NOON + 20 * DAY)
    make_plans.category_rate(one.shop.id, one.category_id, 600, now=NOON + 20 * DAY)
    usual = [make_scoring.trace(merchant_id=one.shop.id, at=cut - n * DAY + timedelta(hours=1)) for n in range(1, 15)]
    scoring.keep(traces=[*usual, make_scoring.trace(merchant_id=one.shop.id, at=cut + timedelta(hours=1))])
    assert score_open(now=cut + DAY + timedelta(hours=1))["cases"] == 0
    surge = [make_scoring.trace(merchant_id=one.shop.id, at=cut + timedelta(hours=2)) for _ in range(30)]
    scoring.keep(traces=surge)
    assert score_open(now=cut + DAY + timedelta(hours=2))["cases"] == 1
    assert score_open(now=cut + DAY + timedelta(hours=3))["cases"] == 0
    [case] = risk.open_cases()
    assert case.kind is CaseKind.RATE_CUT
    assert case.object.startswith(f"{one.shop.no}/")
    assert case.facts == {"from_bps": 1_200, "to_bps": 600, "orders": 31, "expected_orders": 7}


def test_old_traces_go_and_scores_stay(one):
    order = bought(one, after=SECOND)
    score_orders(now=LATER)
    assert scoring.forget(now=NOON + 179 * DAY) == 0
    assert scoring.forget(now=NOON + 181 * DAY) == 1
    assert score_of(order).thousandths == 750


def test_the_case_says_why_in_words(one):
    operator = parties.operator() or make_parties.operator()
    bought(one, after=SECOND)
    score_orders(now=LATER)
    [case] = risk.open_cases()
    person = parties.administrators_of([operator.id])[operator.id][0].person_id
    for english, words in (
        (False, ("点击后 1 秒即下单，低于 2 秒（权重 750）", "订单风险分高", "点击后瞬间下单")),
        (True, ("Ordered 1 s after the click, less than 2 s (weight 750)", "High risk score")),
    ):
        here = Sitting(person, operator, english=english)
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", here.get("case", no=case.no, htmx=True).content.decode()))
        for one_ in words:
            assert one_ in page


def test_who_pays_late_is_scored_when_it_is_paid(one):
    make.touch(one, now=NOON)
    order = make.placed(one, now=NOON + SECOND)
    assert score_orders(now=NOON + 2 * SECOND)["cases"] == 0
    make.pay(order, now=LATER)
    assert score_orders(now=LATER + 120 * SECOND)["cases"] == 1


def test_a_place_whose_clicks_dont_land_is_told_from_the_promoters_others(one):
    order = bought(one)
    place = make.link(one).place_id
    for place_id, clicks, landings in ((place, 500, 5), (place + 1, 50_000, 20_000)):
        rows.run(
            "INSERT INTO scoring_traffic (promoter_id, place_id, day, clicks, landings)"
            " VALUES (%s, %s, '2026-03-01', %s, %s)",
            [one.promoter.id, place_id, clicks, landings],
        )
    assert score_orders(now=LATER)["cases"] == 1
    assert score_of(order).findings == (Found(Signal.NO_LANDING_PLACE, 100, 1_000, 750),)
