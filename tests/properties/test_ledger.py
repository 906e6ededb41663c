"""The ledger as a state machine: whatever is posted, in whatever order and how often, the books are a plain sum."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests import books
from tuike.db import rows
from tuike.kit.errors import Refusal
from tuike.ledger import chart, service
from tuike.ledger.types import BadMove, Draft, KeyReused, Move, NotEnough, OverCeiling

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
ACCOUNTS = [
    chart.outside("wechatpay"),
    chart.clearing("P1"),
    chart.merchant(7, "held"),
    chart.promoter(9, "pending"),
    chart.promoter(9, "available"),
    chart.promoter(9, "owed"),
    chart.platform("advance"),
    chart.platform("fees"),
]
MOVES = st.builds(
    Move,
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.one_of(st.integers(1, 50), st.integers(-2, 10**13 + 1)),
)
DRAFTS = st.lists(st.tuples(st.integers(0, 30), st.lists(MOVES, min_size=0, max_size=4)), min_size=1, max_size=3)


def draft(no: int, moves: list[Move]) -> Draft:
    return Draft(f"T{no}", "test", "a story", NOW + timedelta(seconds=no), tuple(moves))


class Books(RuleBasedStateMachine):
    """Posts lists of drafts and keeps a dictionary of what the balances must be."""

    @initialize()
    def empty(self) -> None:
        self.balances: dict[str, int] = defaultdict(int)
        self.known: dict[str, Draft] = {}
        rows.run("SAVEPOINT machine")

    def teardown(self) -> None:
        rows.run("ROLLBACK TO SAVEPOINT machine")

    @rule(parts=DRAFTS)
    def post(self, parts: list[tuple[int, list[Move]]]) -> None:
        drafts = [draft(no, moves) for no, moves in parts]
        balances, known, refused = dict(self.balances), dict(self.known), self.what_refuses(drafts)
        rows.run("SAVEPOINT call")
        try:
            posted = service.post(drafts=drafts, now=NOW)
        except Refusal as refusal:
            rows.run("ROLLBACK TO SAVEPOINT call")
            assert type(refusal) is refused
            self.balances.update(balances)
            return
        assert refused is None
        assert [one.key for one in posted] == [one.key for one in drafts]
        assert [one.fresh for one in posted] == [
            one.key not in known and all(earlier.key != one.key for earlier in drafts[:i])
            for i, one in enumerate(drafts)
        ]
        again = service.post(drafts=drafts, now=NOW + timedelta(days=1))
        assert [(one.transfer_id, one.fresh) for one in again] == [(one.transfer_id, False) for one in posted]

    def what_refuses(self, drafts: list[Draft]) -> type[Refusal] | None:
        """Work the drafts off on the model; return the refusal that is due, and change the model only without one."""
        for one in drafts:
            for move in one.moves:
                if move.giver.path == move.taker.path or not 0 < move.amount_fen <= 10**13:
                    return BadMove
            if not one.moves:
                return BadMove
        known, balances = dict(self.known), dict(self.balances)
        for one in drafts:
            if known.setdefault(one.key, one) != one:
                return KeyReused
        for one in {one.key: one for one in drafts if one.key not in self.known}.values():
            for move in one.moves:
                for ref, amount in ((move.giver, -move.amount_fen), (move.taker, move.amount_fen)):
                    balances[ref.path] = balances.get(ref.path, 0) + amount
                    if ref.floor_fen is not None and balances[ref.path] < ref.floor_fen:
                        return NotEnough
                    if ref.ceiling_fen is not None and balances[ref.path] > ref.ceiling_fen:
                        return OverCeiling
        self.known, self.balances = known, defaultdict(int, balances)
        return None

    @invariant()
    def the_books_are_the_sum(self) -> None:
        assert service.balances(refs=ACCOUNTS) == {ref.path: self.balances[ref.path] for ref in ACCOUNTS}
        assert sum(self.balances.values()) == 0

    @invariant()
    def verify_finds_nothing(self) -> None:
        books.check("transfers", "digests", "entries", "balances", "floors", "units", "owners")


@pytest.mark.usefixtures("db")
def test_whatever_is_posted_the_books_are_a_plain_sum() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=40, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
