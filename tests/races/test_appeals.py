"""Appeals and reviews under two hands at once, each guard with its control (docs/rules.md §6)."""

import pytest

from tests import books
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.appeals import appeal, review, sold
from tests.make.racers import overlap, without
from tuike.appeals import queries, service
from tuike.appeals.types import AppealState
from tuike.audit.types import OPERATOR_SHELL
from tuike.commission import queries as accruals
from tuike.commission import service as commission
from tuike.db import rows

pytestmark = pytest.mark.usefixtures("committed_db")
OPEN = {"clause": " AND state = 'open'", "within": "UPDATE appeals_appeal SET state"}
HELD = {"clause": " AND review = 'held'", "within": "UPDATE commission_accrual SET review"}
ENDS = {AppealState.ACCEPTED, AppealState.REFUSED}


def appealed():
    one, of = sold()
    review("hold", of["direct"])
    return one, appeal(one.promoter, of["direct"])


def answers(no):
    def answer(state):
        return lambda: service.answer(no=no, state=state, text="已核实", actor=OPERATOR_SHELL, now=NOON) and "done"

    return [answer(state) for state in sorted(ENDS)]


def answered_twice():
    _, no = appealed()
    said = overlap(*answers(no))
    return sorted(said), len(queries.said(queries.appeal(no).appeal_id))


def test_two_who_decide_an_appeal_decide_it_once():
    assert answered_twice() == (["appeal_not_open", "done"], 2)


def test_control_without_the_clause_they_both_decide(monkeypatch):
    without(monkeypatch, **OPEN)
    assert answered_twice() == (["done", "done"], 3)


def withdrawn_beside_its_answer():
    one, no = appealed()
    mine = make_parties.super_admin_of(one.promoter)
    answer, _ = answers(no)
    said = overlap(lambda: service.withdraw(no=no, party_id=one.promoter.id, actor=mine, now=NOON) or "done", answer)
    return said, queries.appeal(no).state


def test_an_appeal_withdrawn_first_has_no_answer():
    assert withdrawn_beside_its_answer() == (["done", "appeal_not_open"], AppealState.WITHDRAWN)


def test_control_without_the_clause_it_is_withdrawn_and_answered(monkeypatch):
    without(monkeypatch, **OPEN)
    assert withdrawn_beside_its_answer() == (["done", "done"], AppealState.ACCEPTED)


def released_beside_the_bulk():
    """Release one accrual while it is rejected with another; return what each said and the reviews after it."""
    one, of = sold()
    _, more = sold(one)
    ids = [of["direct"], more["direct"]]
    for id_ in ids:
        review("hold", id_)
    said = {"reason": "已核实", "actor": OPERATOR_SHELL, "now": NOON}
    heard = overlap(
        lambda: commission.release(accrual_ids=ids[:1], **said) or "done",
        lambda: commission.reject(accrual_ids=ids, **said) or "done",
    )
    return heard, [accruals.reviewed(ids)[id_].review.value for id_ in ids]


def test_a_release_beside_the_bulk_reject_leaves_the_bulk_undone():
    assert released_beside_the_bulk() == (["done", "accrual_not_reviewable"], ["approved", "held"])
    books.check()


def test_control_without_the_clause_what_was_released_is_rejected(monkeypatch):
    without(monkeypatch, **HELD)
    assert released_beside_the_bulk() == (["done", "done"], ["rejected", "rejected"])


def test_an_appeal_filed_beside_the_release_is_answered_or_refused():
    one, of = sold()
    review("hold", of["direct"])

    def filed():
        commission.lock_reviewed(accrual_ids=[of["direct"]])
        facts = _facts(of["direct"], one.promoter.id)
        return service.file_appeal(facts=facts, text="申诉", pictures=[], actor=OPERATOR_SHELL, now=NOON)

    def released():
        commission.release(accrual_ids=[of["direct"]], reason="放行", actor=OPERATOR_SHELL, now=NOON)
        return len(
            service.answer_about(
                accrual_ids=[of["direct"]], state=AppealState.ACCEPTED, text="放行", actor=OPERATOR_SHELL, now=NOON
            )
        )

    no, answered = overlap(filed, released)
    assert answered == 1 and queries.appeal(no).state is AppealState.ACCEPTED
    assert rows.query("SELECT count(*) FROM appeals_appeal WHERE state = 'open'") == [(0,)]


def _facts(accrual_id, party_id):
    from tuike.appeals.types import About, AppealFacts

    return AppealFacts(accrual_id, party_id, About.HELD, NOON, 100, NOON)
