"""Held or rejected commission is appealed, answered by the desk, and settles or stays; no refusal changes anything."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import appeals as make_appeals
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tests.make.alliance import NOON
from tests.make.appeals import appeal, picture, review, sold
from tuike.appeals import queries
from tuike.appeals.types import (
    EXITS,
    About,
    AppealAnswered,
    AppealNotOpen,
    AppealOpen,
    AppealState,
    AppealTooLate,
    NoReplyLeft,
    NothingToAppeal,
)
from tuike.commission import queries as commission
from tuike.commission.types import NotHeld, SamePerson
from tuike.db import rows
from tuike.files.types import NotAPicture
from tuike.flows import operators
from tuike.flows.adjust_commission import approve_adjustment, reject_adjustment
from tuike.flows.answer_appeals import look_at_appeal, note_accrual, pay_appealed, refuse_appeal, release_appealed
from tuike.flows.appeal_commission import appealable, reply_to_answer, withdraw_appeal
from tuike.flows.reject_overdue import reject_overdue
from tuike.flows.review_accruals import review_accruals
from tuike.flows.tell_overdue import tell_overdue
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.messages import queries as messages
from tuike.parties import queries as parties
from tuike.parties.types import Role

pytestmark = pytest.mark.usefixtures("db")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def everything():
    return [
        *make_settlement.everything(),
        *rows.query("SELECT id, review || state || amount_fen FROM commission_accrual ORDER BY id"),
        *rows.query("SELECT no, state || round || due_at FROM appeals_appeal ORDER BY id"),
        *rows.query("SELECT id, kind || text FROM appeals_said ORDER BY id"),
        *rows.query("SELECT id, text FROM appeals_note ORDER BY id"),
        *rows.query("SELECT no, state FROM commission_adjustment ORDER BY no"),
        *rows.query("SELECT no, used_at::text FROM files_file ORDER BY no"),
        *rows.query("SELECT id, kind FROM messages_message ORDER BY id"),
    ]


@contextmanager
def refused(kind):
    before = everything()
    with pytest.raises(kind):
        yield
    assert everything() == before


@pytest.fixture
def desk():
    return {role: make_parties.operator_seat(role) for role in (Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR)}


@pytest.fixture
def held():
    one, of = sold()
    review("hold", of["direct"])
    return one, of["direct"]


def mine(one):
    return make_parties.super_admin_of(one.promoter)


def told(one):
    """Return the kinds of news that the promoter has, the latest first."""
    mine_ = mine(one)
    found = messages.of_party(party_id=one.promoter.id, person_id=mine_.person_id, role="super_admin")
    return [shown.kind for shown in found]


def state(no):
    return queries.appeal(no).state


def test_a_hold_is_appealed_answered_and_settles_on_its_day(desk):
    one = make.alliance()
    make.touch(one)
    order = make.bought(one, now=NOON)
    accrual = make.accruals(order)["direct"]
    review("hold", accrual, actor=desk[Role.OPERATOR])
    order = make.received(order, now=NOON + DAY)
    due = NOON + 29 * DAY
    no = appeal(one.promoter, accrual, pictures=[picture()], now=NOON + 2 * DAY, key="k")
    assert appeal(one.promoter, accrual, pictures=[picture()], now=NOON + 2 * DAY, key="k") == no
    (said,) = queries.said(queries.appeal(no).appeal_id)
    assert len(said.pictures) == 1 and look_at_appeal(no=no, actor=desk[Role.OPERATOR], now=NOON) == list(said.pictures)
    assert queries.appeal(no).due_at == NOON + 5 * DAY
    make.matured(until=due)
    assert commission.accruals_by_id([accrual])[0].state == "pending", "what is held doesn't settle on its day"
    release_appealed(no=no, reason="凭证属实", actor=desk[Role.OPERATOR], now=due + HOUR)
    assert state(no) is AppealState.ACCEPTED and told(one)[0] == "appeal_accepted"
    make.matured(until=due + 2 * HOUR)
    assert commission.accruals_by_id([accrual])[0].state == "settled"
    books.check()


def test_what_is_released_before_its_day_settles_on_it(desk):
    one = make.alliance()
    make.touch(one)
    order = make.bought(one, now=NOON)
    accrual = make.accruals(order)["direct"]
    review("hold", accrual)
    make.received(order, now=NOON + DAY)
    release_appealed(no=appeal(one.promoter, accrual), reason="属实", actor=desk[Role.ADMIN], now=NOON + 3 * DAY)
    make.matured(until=NOON + 29 * DAY - timedelta(seconds=1))
    assert commission.accruals_by_id([accrual])[0].state == "pending"
    make.matured(until=NOON + 29 * DAY)
    assert commission.accruals_by_id([accrual])[0].state == "settled"


def test_a_rejection_is_paid_after_all_by_two_people(desk, held):
    one, accrual = held
    fen = commission.accruals_by_id([accrual])[0].amount_fen
    review("reject", accrual)
    no = appeal(one.promoter, accrual, now=NOON + 15 * DAY)
    with refused(Invalid):
        pay_appealed(no=no, amount_fen=fen + 1, reason="属实", actor=desk[Role.ADMIN], now=NOON + 15 * DAY)
    with refused(Invalid):
        pay_appealed(no=no, amount_fen=0, reason="属实", actor=desk[Role.ADMIN], now=NOON + 15 * DAY)
    made = pay_appealed(no=no, amount_fen=fen, reason="属实", actor=desk[Role.ADMIN], now=NOON + 15 * DAY, key="p")
    assert pay_appealed(no=no, amount_fen=fen, reason="属实", actor=desk[Role.ADMIN], now=NOON, key="p") == made
    assert state(no) is AppealState.APPROVING and "appeal_accepted" not in told(one)
    with refused(AppealNotOpen):
        withdraw_appeal(party_id=one.promoter.id, no=no, actor=mine(one), now=NOON + 15 * DAY)
    with refused(SamePerson):
        approve_adjustment(no=made, actor=desk[Role.ADMIN], now=NOON + 16 * DAY)
    reject_adjustment(no=made, reason="金额待核对", actor=desk[Role.FINANCE], now=NOON + 16 * DAY)
    assert state(no) is AppealState.OPEN and queries.appeal(no).answered_at is None
    again = pay_appealed(no=no, amount_fen=fen - 1, reason="属实", actor=desk[Role.ADMIN], now=NOON + 16 * DAY)
    approve_adjustment(no=again, actor=desk[Role.FINANCE], now=NOON + 17 * DAY)
    assert state(no) is AppealState.ACCEPTED and told(one)[0] == "appeal_accepted"
    assert make_settlement.stand(one.promoter, "available") == {"available": fen - 1}
    books.check()


def test_a_refused_appeal_is_replied_to_once(desk, held):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    refuse_appeal(no=no, reason="凭证不清楚", actor=desk[Role.OPERATOR], now=NOON + DAY)
    assert state(no) is AppealState.REFUSED and told(one)[0] == "appeal_refused"
    with refused(AppealAnswered):
        appeal(one.promoter, accrual, now=NOON + DAY)
    reply = {"party_id": one.promoter.id, "no": no, "actor": mine(one)}
    with refused(AppealTooLate):
        reply_to_answer(**reply, text="补充", now=NOON + 16 * DAY + timedelta(seconds=1))
    reply_to_answer(**reply, text="补充清晰截图", pictures=[picture()], now=NOON + 16 * DAY)
    assert (state(no), queries.appeal(no).due_at) == (AppealState.OPEN, NOON + 19 * DAY)
    refuse_appeal(no=no, reason="仍无法核实", actor=desk[Role.OPERATOR], now=NOON + 17 * DAY)
    with refused(NoReplyLeft):
        reply_to_answer(**reply, text="再补充", now=NOON + 17 * DAY)
    kinds = [one.kind.value for one in queries.said(queries.appeal(no).appeal_id)]
    assert kinds == ["appeal", "refused", "reply", "refused"]


def test_no_reply_once_the_accrual_was_decided_otherwise(desk, held):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    refuse_appeal(no=no, reason="凭证不清楚", actor=desk[Role.OPERATOR], now=NOON)
    review("reject", accrual, now=NOON + DAY)
    with refused(NoReplyLeft):
        reply_to_answer(party_id=one.promoter.id, no=no, text="补充", actor=mine(one), now=NOON + DAY)
    assert state(appeal(one.promoter, accrual, now=NOON + DAY)) is AppealState.OPEN, "the rejection is another matter"


def test_what_is_withdrawn_may_be_appealed_anew(held):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    with refused(AppealOpen):
        appeal(one.promoter, accrual)
    withdraw_appeal(party_id=one.promoter.id, no=no, actor=mine(one), now=NOON, key="w")
    withdraw_appeal(party_id=one.promoter.id, no=no, actor=mine(one), now=NOON, key="w")
    with refused(AppealNotOpen):
        withdraw_appeal(party_id=one.promoter.id, no=no, actor=mine(one), now=NOON)
    assert appeal(one.promoter, accrual) != no


@pytest.mark.parametrize(("verb", "ends"), [("release", AppealState.ACCEPTED), ("reject", AppealState.REFUSED)])
def test_the_queue_answers_what_is_open(desk, held, verb, ends):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    review(verb, accrual, reason="已核实", actor=desk[Role.OPERATOR])
    assert state(no) is ends
    assert told(one)[0] == {"release": "appeal_accepted", "reject": "appeal_refused"}[verb]
    assert queries.said(queries.appeal(no).appeal_id)[-1].text == "已核实"


def test_the_days_after_a_rejection_are_counted_to_their_edge(held):
    one, accrual = held
    review("reject", accrual)
    late = NOON + 15 * DAY + timedelta(seconds=1)
    with refused(AppealTooLate):
        appeal(one.promoter, accrual, now=late)
    assert appealable(commission.reviewed([accrual])[accrual], now=late) is None
    assert appealable(commission.reviewed([accrual])[accrual], now=NOON + 15 * DAY) == NOON + 15 * DAY
    appeal(one.promoter, accrual, now=NOON + 15 * DAY)
    assert appealable(commission.reviewed([accrual])[accrual], now=NOON + DAY) is None


def test_nothing_else_is_appealed(desk, held):
    one, accrual = held
    other = make.accruals(make.bought(one, now=NOON + HOUR))["tier2"]
    for wrong, kind in ((other, NotFound), (10**9, NotFound)):
        with refused(kind):
            appeal(one.promoter, wrong)
    with refused(NothingToAppeal):
        appeal(one.recruiter, other)
    with refused(Forbidden):
        make_appeals.appeal_commission(
            party_id=one.promoter.id, accrual_id=accrual, text="我的", actor=desk[Role.ADMIN], now=NOON
        )
    for said in ({"text": " "}, {"text": "长" * 1001}, {"pictures": [picture()] * 5}):
        with refused(Invalid):
            appeal(one.promoter, accrual, **said)
    with refused(NotAPicture):
        appeal(one.promoter, accrual, pictures=[("a.png", b"no picture")])


def test_who_may_answer(desk, held):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    for role in (Role.FINANCE, Role.AUDITOR):
        for call in (release_appealed, refuse_appeal):
            with refused(Forbidden):
                call(no=no, reason="好", actor=desk[role], now=NOON)
        with refused(Forbidden):
            look_at_appeal(no=no, actor=desk[role], now=NOON)
    with refused(AppealNotOpen):
        pay_appealed(no=no, amount_fen=1, reason="好", actor=desk[Role.ADMIN], now=NOON)
    with refused(NotFound):
        refuse_appeal(no="AP404", reason="好", actor=desk[Role.ADMIN], now=NOON)
    with refused(Invalid):
        refuse_appeal(no=no, reason="", actor=desk[Role.ADMIN], now=NOON)
    make_parties.seated(one.promoter, Role.ADMIN, person_id=desk[Role.OPERATOR].person_id)
    for call in (release_appealed, refuse_appeal):
        with refused(operators.Involved):
            call(no=no, reason="好", actor=desk[Role.OPERATOR], now=NOON)
    review("reject", accrual)
    other = appeal(one.promoter, accrual)
    for role in (Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        with refused(Forbidden):
            pay_appealed(no=other, amount_fen=1, reason="好", actor=desk[role], now=NOON)
    with refused(AppealNotOpen):
        release_appealed(no=other, reason="好", actor=desk[Role.ADMIN], now=NOON)


def test_a_leader_appeals_for_its_fee(desk):
    one, of = sold(leader=True)
    review("hold", of["leader"])
    no = appeal(one.leader, of["leader"])
    assert queries.appeal(no).about is About.HELD
    with refused(NotFound):
        withdraw_appeal(party_id=one.promoter.id, no=no, actor=mine(one), now=NOON)
    release_appealed(no=no, reason="属实", actor=desk[Role.OPERATOR], now=NOON)
    assert commission.reviewed([of["leader"]])[of["leader"]].review == "approved"


def test_notes_are_the_desks(desk, held):
    one, accrual = held
    for role in (Role.OPERATOR, Role.FINANCE):
        note_accrual(accrual_id=accrual, text=f"已电话核实 {role}", actor=desk[role], now=NOON, key=f"n{role}")
    assert [note.text for note in queries.notes_of(accrual)] == ["已电话核实 operator", "已电话核实 finance"]
    for actor in (desk[Role.AUDITOR], mine(one)):
        with refused(Forbidden):
            note_accrual(accrual_id=accrual, text="不该写", actor=actor, now=NOON)
    with refused(NotFound):
        note_accrual(accrual_id=10**9, text="没有", actor=desk[Role.ADMIN], now=NOON)


def test_what_is_overdue_is_told_once(desk, held):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    assert tell_overdue(now=NOON + 48 * HOUR - timedelta(seconds=1)) == {"held": 0, "appeal": 0}
    assert tell_overdue(now=NOON + 48 * HOUR) == {"held": 1, "appeal": 0}
    assert tell_overdue(now=NOON + 72 * HOUR) == {"held": 0, "appeal": 1}
    assert tell_overdue(now=NOON + 73 * HOUR) == {"held": 0, "appeal": 0}
    operator = parties.operator()
    said = messages.of_party(party_id=operator.id, person_id=desk[Role.AUDITOR].person_id, role="auditor")
    fen = commission.accruals_by_id([accrual])[0].amount_fen
    assert [(news.kind, news.page) for news in said] == [("appeals_overdue", "appeals"), ("held_overdue", "held")]
    assert f"¥{fen / 100:.2f}" in said[1].zh
    refuse_appeal(no=no, reason="不清楚", actor=desk[Role.OPERATOR], now=NOON + 80 * HOUR)
    reply_to_answer(party_id=one.promoter.id, no=no, text="补充", actor=mine(one), now=NOON + 80 * HOUR)
    assert tell_overdue(now=NOON + 152 * HOUR) == {"held": 0, "appeal": 1}, "a reply waits anew"


def test_a_rule_that_rejects_in_the_end_answers_the_appeal(held, monkeypatch):
    one, accrual = held
    no = appeal(one.promoter, accrual)
    monkeypatch.setattr("tuike.flows.reject_overdue.review.take_overdue", lambda **_: [accrual])
    assert reject_overdue(now=NOON + DAY) == 1
    assert state(no) is AppealState.REFUSED


def test_the_bulk_acts_refuse_mixed_states_whole(desk, held):
    one, accrual = held
    other = make.accruals(make.bought(one, now=NOON + HOUR))["direct"]
    for verb, ids in (("release", [accrual, other]), ("reject", [accrual, other]), ("hold", [accrual, other])):
        with refused(NotHeld):
            review_accruals(verb=verb, accrual_ids=ids, reason="批量", actor=desk[Role.OPERATOR], now=NOON)
    assert review_accruals(verb="hold", accrual_ids=[other], reason="批量", actor=desk[Role.OPERATOR], now=NOON) == 1
    both = [accrual, other]
    assert review_accruals(verb="release", accrual_ids=both, reason="批量", actor=desk[Role.OPERATOR], now=NOON) == 2


def test_every_state_has_its_exits():
    assert set(EXITS) == set(AppealState)
