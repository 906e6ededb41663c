"""A promoter's grade and bonuses for targets on the phone: how far, what is missing, its own proof alone."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows import tend_rewards as tending
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.plans import service as plans
from tuike.rewards import service

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
