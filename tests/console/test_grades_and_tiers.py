"""The operator's ladder and overall tiers: set, refused in words, tried for tonight, and what runs did."""

import re
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.move_grades import move_grades
from tuike.insight import grade_run
from tuike.kit import clock
from tuike.kit.days import next_midnight
from tuike.parties.types import Role
from tuike.plans import queries as plans_of
from tuike.plans import service as plans
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def operator():
    return make_parties.operator()


@pytest.fixture
def desk(sit, operator):
    return lambda role=Role.OPERATOR, **rest: sit(operator, role, **rest)


def ladder(*, threshold_fen=10_000):
    plans.add_grade(
        name="黄金",
        rank=1,
        threshold_fen=threshold_fen,
        threshold_orders=2,
        extra_bps=100,
        actor=OPERATOR_SHELL,
        now=make.NOON,
    )


def sold(one):
    """Sell two pieces, 119.80, receive and settle; return when."""
    make.touch(one, now=make.NOON - timedelta(hours=1))
    order = make.bought(one, pieces=(2,), now=make.NOON)
    make.received(order, now=make.NOON + timedelta(hours=1))
    make.matured(until=make.NOON + 29 * DAY)
    return make.NOON + 29 * DAY


def tiers():
    return dict(
        rows.query("SELECT scope, rate_bps FROM plans_rate WHERE layer = 'tier' AND merchant_id IS NULL ORDER BY id")
    )


class TestTiers:
    def test_are_published_from_midnight_on_beside_the_laws_note(self, desk):
        sitting = desk()
        assert "禁止传销条例" in text_of(sitting.get("tiers"))
        assert "禁止传销条例" in text_of(sitting.get("tiers-set", htmx=True))
        assert sitting.post("tiers-set", {"tier2": "5"}).status_code in (200, 204)
        assert tiers() == {"tier:0:2": 500}
        shown = text_of(sitting.get("tiers"))
        assert "5%" in shown
        assert "已开启" in shown
        assert sitting.post("tiers-set", {"tier2": ""}).status_code in (200, 204)
        holds = rows.query(
            "SELECT count(*) FROM plans_rate WHERE layer = 'tier' AND merchant_id IS NULL AND valid @> %s::timestamptz",
            [next_midnight(clock.now()) + DAY],
        )
        assert holds == [(0,)]

    def test_what_could_pay_out_more_than_the_ceiling_is_refused_in_words(self, desk):
        one = make.alliance()
        own = {1: 8_000, 2: None}
        plans.set_distribution(merchant_id=one.shop.id, tier_bps=own, actor=OPERATOR_SHELL, now=clock.now())
        answer = desk().post("tiers-set", {"tier2": "20"})
        assert answer.status_code == 422
        assert "90%" in text_of(answer)
        assert "超过上限" in text_of(answer)
        assert tiers() == {}

    def test_a_third_tier_is_not_asked_for_while_two_are_paid(self, desk):
        assert 'name="tier3"' not in desk().get("tiers-set", htmx=True).content.decode()
        settings.change(name="max_paid_tiers", value=3, actor=OPERATOR_SHELL, now=clock.now())
        assert 'name="tier3"' in desk().get("tiers-set", htmx=True).content.decode()

    def test_a_seat_that_only_reads_is_refused(self, desk):
        assert desk(Role.AUDITOR).post("tiers-set", {"tier2": "5"}).status_code == 403
        assert tiers() == {}


class TestLadder:
    def test_rules_are_changed_together_or_not_at_all(self, desk):
        sitting = desk(Role.ADMIN)
        given = {"by_orders": "1", "window_days": "60", "grace_days": "7"}
        assert sitting.post("grade-rules", given).status_code in (200, 204)
        names = ["grade_by_orders", "grade_window_days", "grade_grace_days"]
        assert settings.read(names) == {"grade_by_orders": 1, "grade_window_days": 60, "grade_grace_days": 7}
        assert "最近 60 天已结算的订单数" in text_of(sitting.get("grades"))
        answer = sitting.post("grade-rules", {"by_orders": "0", "window_days": "60", "grace_days": "400"})
        assert answer.status_code == 422
        assert settings.read(names) == {"grade_by_orders": 1, "grade_window_days": 60, "grade_grace_days": 7}
        assert desk(Role.OPERATOR).post("grade-rules", given).status_code == 403

    def test_a_step_takes_orders_too(self, desk):
        form = {"name": "白银", "rank": "3", "threshold_fen": "50", "threshold_orders": "4", "extra_bps": "1"}
        assert desk().post("grade-add", form).status_code in (200, 204)
        assert [(one.name, one.threshold_orders) for one in plans_of.ladder()] == [("白银", 4)]
        assert desk().post("grade-add", {**form, "rank": "4", "threshold_orders": "x"}).status_code == 422

    def test_tonight_is_what_the_run_then_does(self, desk, monkeypatch):
        ladder()
        one = make.alliance()
        settled = sold(one)
        monkeypatch.setattr(clock, "now", lambda: settled)
        told = grade_run.tonight(now=settled)
        assert [(m.no, m.from_, m.to.name, m.measured) for m in told.moves] == [(one.promoter.no, None, "黄金", 11_980)]
        shown = text_of(desk().get("grade-tonight", htmx=True))
        assert one.promoter.no in shown
        assert "¥119.80" in shown
        assert plans_of.grade_of(one.promoter.id, at=settled + DAY) is None  # looking moved nobody
        done = move_grades(now=settled)
        assert (done.up, done.down) == (told.up, told.down) == (1, 0)
        again = grade_run.tonight(now=settled)
        assert (again.up, again.done) == (0, 1)

    def test_a_step_that_takes_nothing_is_everybodys(self):
        ladder(threshold_fen=0)
        one = make.alliance()
        told = grade_run.tonight(now=make.NOON)
        assert one.promoter.no in {move.no for move in told.moves}
        assert told.up == move_grades(now=make.NOON).up

    def test_runs_and_their_moves_are_listed(self, desk, monkeypatch):
        ladder()
        one = make.alliance()
        settled = sold(one)
        move_grades(now=settled)
        monkeypatch.setattr(clock, "now", lambda: settled + DAY)
        assert grade_run.runs(now=settled + DAY)[0].up == 1
        shown = text_of(desk().get("grade-moves"))
        assert one.promoter.no in shown
        assert "升级" in shown
        assert one.promoter.no not in text_of(desk().get("grade-moves", {"way": "down"}))

    @pytest.mark.parametrize("name", ["grades", "grade-tonight", "grade-moves", "tiers", "tiers-set"])
    def test_few_questions(self, desk, name, django_assert_max_num_queries):
        ladder()
        sold(make.alliance())
        sitting = desk()
        sitting.get(name)
        with django_assert_max_num_queries(15):
            assert sitting.get(name).status_code == 200
