"""A rule judges by a score while the same commission settles, is held by hand, or is judged by another run."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.racers import overlap, without
from tuike.commission import service as commission
from tuike.db import rows
from tuike.flows import judging
from tuike.flows.govern_review import create_rule
from tuike.parties.types import Role
from tuike.review.types import Condition, Effect, Feature, NewRule
from tuike.settlement import service as settlement

pytestmark = pytest.mark.usefixtures("committed_db")
DUE = make.NOON + timedelta(days=40)
CLAUSE = "a.review = 'clear' AND a.state IN ('waiting', 'pending')\n        AND "


def scored():
    """A received order, a rule that holds it by its score, and the desk."""
    one, desk = make.alliance(), make_parties.operator_seat(Role.OPERATOR)
    rule = NewRule("高风险订单", Effect.HOLD, {Feature.SCORE: Condition(least=600)})
    create_rule(merchant_id=None, rule=rule, actor=desk, now=make.NOON)
    make.touch(one)
    return make.received(make.bought(one), now=make.NOON + timedelta(days=1)), desk


def judge(order) -> int:
    return judging.judge_again({order.no: 750}, DUE)


def settle(order, desk) -> None:
    batch_id, no = settlement.open_batch(now=DUE)
    commission.mature(until=DUE, batch_id=batch_id, batch_no=no, limit=10, now=DUE)


def hold(order, desk) -> None:
    commission.hold(accrual_ids=list(make.accruals(order).values()), reason="可疑", actor=desk, now=DUE)


def judge_too(order, desk) -> int:
    return judge(order)


def stands(order) -> tuple:
    accruals = rows.query(
        "SELECT DISTINCT review, state, judged_by IS NULL FROM commission_accrual WHERE sale_id = %s",
        [order.lines[0].id],
    )
    return accruals, rows.query("SELECT count(*) FROM review_hit")[0][0]


CASES = {
    settle: ([("clear", "settled", True)], 0),
    hold: ([("held", "pending", True)], 0),
    judge_too: ([("held", "pending", False)], 2),
}


@pytest.mark.parametrize("first", CASES, ids=lambda one: one.__name__)
def test_what_came_first_stays(first):
    order, desk = scored()
    said = overlap(lambda: first(order, desk), lambda: judge(order))
    assert said[1] == 0
    assert stands(order) == CASES[first]


@pytest.mark.parametrize("first", CASES, ids=lambda one: one.__name__)
def test_control_without_the_clause_it_is_judged_over(monkeypatch, first):
    order, desk = scored()
    without(monkeypatch, CLAUSE, within="WITH picked AS", instead="")
    said = overlap(lambda: first(order, desk), lambda: judge(order))
    assert said[1] == "IntegrityError" or stands(order) != CASES[first]


@pytest.mark.parametrize("second", [settle, hold], ids=lambda one: one.__name__)
def test_what_a_rule_held_first_doesnt_settle_and_isnt_held_twice(second):
    order, desk = scored()
    said = overlap(lambda: judge(order), lambda: second(order, desk))
    assert said[0] == 2
    assert said[1] == (None if second is settle else "accrual_not_reviewable")
    assert stands(order) == ([("held", "pending", False)], 2)
