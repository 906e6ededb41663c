"""A promoter's grade and bonuses for targets on the phone: how far, what is missing, its own proof alone."""

from datetime import datetime, timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import tend_rewards as tending
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.plans import queries as plans_of
from tuike.plans import service as plans
from tuike.rewards import service
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
LATER = make.NOON + timedelta(hours=2)


def get(who, path):
    answer = who.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


@pytest.fixture
def one(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    return make.alliance()


def owner_of(party):
    return parties.administrators_of([party.id])[party.id][0].person_id


def test_a_grade_says_what_the_next_step_takes(caller, one):
    plans.add_grade(name="黄金", rank=1, threshold_fen=10_000, extra_bps=150, actor=OPERATOR_SHELL, now=make.NOON)
    said = get(caller(owner_of(one.promoter)), "/promoter/grade")
    assert said["grade"] is None
    assert said["next"] == {"name": "黄金", "takes": 10_000, "extra_bps": 150}
    assert (said["measured"], said["missing"], said["window_days"]) == (0, 10_000, 90)
    assert said["ladder"] == [said["next"]]


def test_bonuses_say_how_far_one_is_and_prove_it_to_the_promoter_alone(caller, one):
    make_rewards.fund(one.shop.id, 10_000)
    offer = make_rewards.offer(one.shop.id)
    draft = make_rewards.draft(one.shop.id)
    at = make.NOON + timedelta(hours=1)
    make.touch(one, now=at - timedelta(minutes=30))
    order = make.bought(one, pieces=(3,), now=at)
    service.note(counts=tending.count(offer, [one.promoter.id]), now=at)
    tending.grant(offer, at)
    me = caller(owner_of(one.promoter))
    [shown] = get(me, "/promoter/bonuses")["items"]
    assert (shown["no"], shown["shop"], shown["target"], shown["counted"]) == (offer.no, one.shop.name, 3, 3)
    assert (shown["reward_fen"], shown["awarded"], shown["open"], shown["budget_left"]) == (5_000, True, True, True)
    told = get(me, f"/promoter/bonuses/{offer.no}")
    assert [(proof["amount_fen"], proof["counted"]) for proof in told["proofs"]] == [(5_000, 3)]
    assert [line["order_no"] for line in told["proofs"][0]["lines"]] == [order.no]
    other = caller(owner_of(make_parties.promoter(name="推客小陈", phone="13900000009")))
    told = get(other, f"/promoter/bonuses/{offer.no}")
    assert (told["bonus"]["counted"], told["bonus"]["awarded"], told["proofs"]) == (0, False, [])
    assert me.get(f"/promoter/bonuses/{draft}").status_code == 404
    assert caller().get("/promoter/bonuses").status_code in (403, 404)


def test_by_orders_the_way_is_told_in_orders_and_a_step_down_names_the_grade(caller, one):
    for rank, name in enumerate(("银卡", "金卡"), start=1):
        plans.add_grade(
            name=name,
            rank=rank,
            threshold_fen=10_000 * rank,
            threshold_orders=2 * rank,
            extra_bps=100 * rank,
            actor=OPERATOR_SHELL,
            now=make.NOON - timedelta(days=3),
        )
    _, gold = plans_of.ladder()
    put = {"actor": OPERATOR_SHELL, "now": make.NOON - timedelta(days=2)}
    plans.set_grades(grades={one.promoter.id: gold.grade_id}, **put)
    settings.change(name="grade_by_orders", value=1, actor=OPERATOR_SHELL, now=make.NOON)
    rows.run("INSERT INTO plans_grade_under (promoter_id, since) VALUES (%s, %s)", [one.promoter.id, make.NOON])
    said = get(caller(owner_of(one.promoter)), "/promoter/grade")
    assert (said["by_orders"], said["measured"], said["next"], said["missing"]) == (True, 0, None, None)
    assert [step["takes"] for step in said["ladder"]] == [2, 4]
    assert said["falls_to"] == {"name": "银卡", "takes": 2, "extra_bps": 100}
    assert datetime.fromisoformat(said["falls_at"]) == make.NOON + timedelta(days=30)
    assert said["grace_days"] == 30


def test_a_bonus_that_was_closed_early_and_what_counts_are_said(caller, one):
    make_rewards.fund(one.shop.id, 10_000)
    offer = make_rewards.offer(one.shop.id, category_ids=(one.category_id,))
    me = caller(owner_of(one.promoter))
    assert get(me, f"/promoter/bonuses/{offer.no}")["categories"] == ["茶具"]
    at = make.NOON + timedelta(hours=1)
    make.touch(one, now=at - timedelta(minutes=30))
    make.bought(one, now=at)
    service.note(counts=tending.count(offer, [one.promoter.id]), now=at)
    service.close_offer(merchant_id=one.shop.id, no=offer.no, actor=OPERATOR_SHELL, now=at)
    [shown] = get(me, "/promoter/bonuses")["items"]
    assert (shown["counted"], shown["open"], shown["stopped"], shown["awarded"]) == (1, False, True, False)


def test_the_phone_says_why_the_recruiter_got_nothing(caller, one):
    parties_of.suspend(party_id=one.recruiter.id, reason="核查", actor=OPERATOR_SHELL, now=make.NOON)
    make.touch(one, now=make.NOON)
    order = make.bought(one, now=make.NOON + timedelta(minutes=5))
    told = get(caller(owner_of(one.promoter)), f"/promoter/earnings/{make.accruals(order)['direct']}")
    assert "下单时该推荐人已被冻结" in str(told)
