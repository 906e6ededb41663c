"""What the database's owner changes about offers, awards and an order's bonuses behind the product's back is named by
verify."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import plans as make_plans
from tests.make import rewards as make_rewards
from tuike.flows.tend_rewards import tend_rewards
from tuike.insight import verify

# check, words of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "targets",
        "was given for 4, the sales give 3",
        "UPDATE rewards_offer SET target = 4",
        "UPDATE rewards_offer SET target = 3",
    ),
    (
        "targets",
        "is of 5001, its accrual is 5000",
        "UPDATE rewards_award SET amount_fen = 5001",
        "UPDATE rewards_award SET amount_fen = 5000",
    ),
    (
        "targets",
        "is of 5000, taken back, its accrual is 5000",
        "UPDATE rewards_award SET taken_back_at = reached_at",
        "UPDATE rewards_award SET taken_back_at = NULL",
    ),
    (
        "offers",
        "granted 5001 of 10000, awards hold 5000",
        "UPDATE rewards_offer SET granted_fen = 5001",
        "UPDATE rewards_offer SET granted_fen = 5000",
    ),
    (
        "offers",
        "holds 5000, the offer gives 4999",
        "UPDATE rewards_offer SET returned_fen = 1",
        "UPDATE rewards_offer SET returned_fen = 0",
    ),
    (
        "accruals",
        "has 5000, the facts give 4999",
        "UPDATE commission_sale SET terms = terms || '{\"bonus_fen\": 4999}' WHERE kind = 'target'",
        "UPDATE commission_sale SET terms = terms || '{\"bonus_fen\": 5000}' WHERE kind = 'target'",
    ),
    (
        "accruals",
        "has 700, the facts give 699",
        "UPDATE commission_sale SET terms = terms || '{\"order_bonus_fen\": 499}' WHERE terms ? 'order_bonus_fen'",
        "UPDATE commission_sale SET terms = terms || '{\"order_bonus_fen\": 500}' WHERE terms ? 'order_bonus_fen'",
    ),
]


def findings(check: str) -> list[str]:
    return [found.what for result in verify.run(names=[check]) for found in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    one = make.alliance()
    make_rewards.fund(one.shop.id, 10_000)
    make_rewards.offer(one.shop.id)
    make_plans.campaign(one.shop.id, 2000, now=make.NOON, order_bonus_fen=500, first_order_bonus_fen=200)
    make.touch(one, now=make.NOON + timedelta(minutes=1))
    make.bought(one, pieces=(2, 1), now=make.NOON + timedelta(minutes=2))
    make_events.readable()
    tend_rewards(now=make.NOON + timedelta(minutes=9))
    for check in ("targets", "offers", "accruals"):
        assert findings(check) == []
    for check, what, change, undo in TAMPERED:
        owner_sql(change)
        assert what in findings(check), change
        owner_sql(undo)
        assert findings(check) == [], undo
