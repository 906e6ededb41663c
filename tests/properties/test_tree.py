"""Any sequence of joins and moves of the tree: no circle, every line is the chain of recruiters, every move is in the
history, and what was recorded of earlier orders stays."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from tests import books
from tests.make import parties as make_parties
from tests.make.people import EARLY
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.errors import Refusal
from tuike.parties import queries, service
from tuike.parties.types import CycleInLine

MOST = 8
STEP = st.one_of(
    st.tuples(st.just("join"), st.integers(0, MOST), st.none()),
    st.tuples(st.just("move"), st.integers(0, MOST - 1), st.one_of(st.none(), st.integers(0, MOST - 1))),
)


def chain(above: dict[int, int | None], one: int) -> list[int]:
    """Return who stands above, as ten lines of plain walking find it."""
    line: list[int] = []
    while (upper := above[one]) is not None:
        line.append(upper)
        one = upper
        assert len(line) <= len(above), "a circle"
    return line


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=14))
def test_joins_and_moves_keep_the_tree(db, steps):
    from django.db import transaction

    with transaction.atomic():
        try:
            _walk(steps)
        finally:
            transaction.set_rollback(True)


def _walk(steps) -> None:
    above: dict[int, int | None] = {}
    history: dict[int, list[tuple[int | None, int | None]]] = {}
    for second, (verb, first, other) in enumerate(steps):
        now = EARLY + timedelta(seconds=second)
        known = list(above)
        if verb == "join" and len(known) < MOST:
            recruiter = known[first % (len(known) + 1)] if first % (len(known) + 1) < len(known) else None
            party = make_parties.promoter(recruiter_id=recruiter, certified=False, now=now)
            above[party.id] = recruiter
            history[party.id] = [(None, recruiter)] if recruiter is not None else []
        elif verb == "move" and known:
            moved = known[first % len(known)]
            to = None if other is None else known[other % len(known)]
            circle = to is not None and (to == moved or moved in chain(above, to))
            before = {one: queries.promoter_facts([one])[one].line for one in known}
            try:
                service.change_recruiter(
                    promoter_id=moved, recruiter_id=to, reason="并组", actor=OPERATOR_SHELL, now=now
                )
                assert not circle
                history[moved].append((above[moved], to))
                above[moved] = to
            except Refusal as refusal:
                assert isinstance(refusal, CycleInLine) and circle
                assert {one: queries.promoter_facts([one])[one].line for one in known} == before
    for one in above:
        assert list(queries.promoter_facts([one])[one].line) == chain(above, one)
        told = [(row.giver_id, row.taker_id) for row in reversed(queries.line_changes(one))]
        assert told == history[one]
        below = {other for other in above if one in chain(above, other)}
        assert {id_ for _, id_ in queries.recruits_of(one, levels=MOST)} == below
        assert sum(queries.count_below(one, levels=MOST)) == len(below)
        assert [node.id for node in queries.tree_path(one)] == [*reversed(chain(above, one)), one]
        children = queries.tree_children(promoter_id=one, limit=MOST)
        assert {node.id for node in children} == {other for other, upper in above.items() if upper == one}
        assert all(node.recruits == sum(1 for upper in above.values() if upper == node.id) for node in children)
    books.check("recruiters", "line_changes")
    assert rows.query("SELECT count(*) FROM parties_promoter WHERE line @> ARRAY[party_id]") == [(0,)]
