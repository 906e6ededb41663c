"""Several of the desk decide one batch at once: each row is decided by one of them, and the others are told."""

from tests.make import content as make
from tests.make.racers import Meeting, race
from tuike.audit.types import OPERATOR_SHELL
from tuike.content import queries, service
from tuike.content.service import deciding
from tuike.content.types import Queue, ReviewTotals
from tuike.db import rows

NOON = make.NOON


def waiting() -> tuple[list[str], int]:
    service.change_blocked_words(words=["坏词"], actor=OPERATOR_SHELL, now=NOON)
    line = make.line()
    return [make.review(line_=line, text="坏词", score=4)], line.product_id


def decided(nos: list[str]) -> list[bool]:
    """Let eight decide, half of them for and half against; return who is told that it was theirs."""
    theirs = []

    def decide(i: int) -> None:
        told = service.decide_queue(
            queue=Queue.REVIEWS, nos=nos, shown=i % 2 == 0, reason="广告", actor=OPERATOR_SHELL, now=NOON
        )
        theirs.extend(one.now for one in told)

    assert race(8, decide) == ["won"] * 8
    return sorted(theirs, reverse=True)


def test_one_decides_and_seven_are_told(committed_db):
    nos, product = waiting()
    assert decided(nos) == [True] + [False] * 7
    seen = queries.review_for_desk(no=nos[0]).state == "shown"
    assert queries.totals_of(product) == (ReviewTotals(1, average_tenths=40) if seen else ReviewTotals(0, 0))
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'review.decide'") == [(1,)]


def test_control_without_the_lock_all_think_it_was_theirs(committed_db, monkeypatch):
    statement = deciding.LOCK[Queue.REVIEWS]
    assert statement.count("FOR UPDATE") == 1
    monkeypatch.setitem(deciding.LOCK, Queue.REVIEWS, statement.replace("FOR UPDATE", ""))
    look, all_have_looked = rows.query, Meeting(8)

    def looked(asked, params=()):
        found = look(asked, params)
        if asked == deciding._LOOK[Queue.REVIEWS]:
            all_have_looked.come()
        return found

    monkeypatch.setattr(rows, "query", looked)
    nos, _ = waiting()
    assert decided(nos) == [True] * 8
