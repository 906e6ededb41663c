"""The bonus of a target against brute force: who has sold how many pieces that weren't given back, counted anew."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tuike.db import rows
from tuike.flows.tend_rewards import tend_rewards
from tuike.rewards.types import Measure

pytestmark = pytest.mark.usefixtures("committed_db")
TARGET, REWARD_FEN = 3, 5_000
_sale = st.tuples(st.just("sell"), st.integers(0, 1), st.integers(1, 3))
_back = st.tuples(st.just("back"), st.integers(0, 5), st.integers(1, 2))


class Selling:
    """Two promoters of one shop, and beside them how many pieces each has left of what it sold."""

    def __init__(self, room: int) -> None:
        self.one = make.alliance()
        make_rewards.fund(self.one.shop.id, 2 * REWARD_FEN)
        budget = {"budget_fen": room * REWARD_FEN, "target": TARGET, "reward_fen": REWARD_FEN}
        self.offer = make_rewards.offer(self.one.shop.id, measure=Measure.PIECES, **budget)
        self.room = room
        second = make_parties.promoter(name="推客老赵", phone="13900000009")
        self.promoters = (self.one, make.of(self.one, second))
        self.left: Counter[int] = Counter()
        self.sold: list[list[Any]] = []  # the order, whose it is, and how many pieces are left of it
        self.now = make.NOON + timedelta(hours=1)

    def does(self, verb: str, which: int, pieces: int) -> None:
        """Sell so many pieces by a promoter's material, or give so many of an order back."""
        self.now += timedelta(minutes=20)
        if verb == "sell":
            who = self.promoters[which]
            make.touch(who, now=self.now - timedelta(minutes=5))
            self.sold.append([make.bought(who, pieces=(pieces,), now=self.now), who.promoter.id, pieces])
            self.left[who.promoter.id] += pieces
        elif which < len(self.sold) and self.sold[which][2]:
            order, promoter_id, left = self.sold[which]
            gone = min(pieces, left)
            make.refunded(make.again(order), (1, gone), now=self.now)
            self.sold[which][2] -= gone
            self.left[promoter_id] -= gone

    def holds(self) -> None:
        """Let the job run: the bonus stands with whoever has the target now, as far as the money goes."""
        make_events.readable()
        tend_rewards(now=self.now + timedelta(minutes=5))
        paid = dict(
            rows.query(
                "SELECT promoter_id, sum(amount_fen)::bigint FROM rewards_award"
                " WHERE offer_id = %s AND taken_back_at IS NULL GROUP BY 1",
                [self.offer.offer_id],
            )
        )
        reached = {id_ for id_, pieces in self.left.items() if pieces >= TARGET}
        assert set(paid) <= reached and set(paid.values()) <= {REWARD_FEN}
        assert len(paid) == min(len(reached), self.room)
        assert make_rewards.balance(self.offer.offer_id) == (self.room - len(paid)) * REWARD_FEN
        booked = rows.query(
            "SELECT coalesce(sum(a.amount_fen), 0)::bigint FROM commission_accrual a"
            " WHERE a.role = 'bonus' AND a.payee_id = ANY(%s)",
            [[who.promoter.id for who in self.promoters]],
        )
        assert booked == [(len(paid) * REWARD_FEN,)]


@given(st.lists(_sale | _back, min_size=4, max_size=12), st.sampled_from((1, 2)))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_bonus_is_whose_pieces_reach_the_target_and_as_much_as_there_is(steps, room):
    selling = Selling(room)
    for step in steps:
        selling.does(*step)
        selling.holds()
    books.check("accruals", "changes", "refunded", "pending", "states", "targets", "offers", "debts", "advance")
