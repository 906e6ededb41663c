"""The 101st administrator, circles of recruiters, one secret a ticket. Each with the same race without its guard."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import transaction

from tests.make import parties as make
from tests.make import people as make_people
from tests.make.racers import race, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.parties import queries, service
from tuike.parties.service import seats, tree
from tuike.parties.types import Role
from tuike.people import service as people

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
CHECK = "parties_party_admins"


def twenty_more_than_ninety():
    """Let twenty threads seat one person each in a party of ninety administrators; outcomes, seats, the counter."""
    party = make.promoter()
    actor = make.super_admin_of(party)
    for _ in range(90):
        make.seated(party, Role.ADMIN)
    more = [make_people.person().id for _ in range(20)]
    outcomes = race(
        20, lambda i: service.add_seat(party_id=party.id, person_id=more[i], role=Role.ADMIN, actor=actor, now=NOW)
    )
    seated = len(queries.administrators_of([party.id])[party.id]) - 1
    counted = rows.query("SELECT admins FROM parties_party WHERE id = %s", [party.id])[0][0]
    return sorted(outcomes), seated, counted


@pytest.fixture
def without_clause(monkeypatch):
    clause = " AND admins < %(most)s"
    assert clause in seats.TAKE_PLACE
    monkeypatch.setattr(seats, "TAKE_PLACE", seats.TAKE_PLACE.replace(clause, ""))


@pytest.fixture
def without_check(committed_db, owner_sql):
    definition = owner_sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [CHECK])[0][0]
    owner_sql(f"ALTER TABLE parties_party DROP CONSTRAINT {CHECK}")
    yield
    owner_sql("UPDATE parties_party SET admins = 0")
    owner_sql(f"ALTER TABLE parties_party ADD CONSTRAINT {CHECK} {definition}")


def test_the_101st_administrator_is_refused(committed_db):
    assert twenty_more_than_ninety() == (["TooManyAdministrators"] * 10 + ["won"] * 10, 100, 100)


def test_the_clause_alone_holds_the_limit(without_check):
    assert twenty_more_than_ninety() == (["TooManyAdministrators"] * 10 + ["won"] * 10, 100, 100)


def test_control_without_the_clause_the_database_refuses_but_without_a_name(committed_db, without_clause):
    assert twenty_more_than_ninety() == (["IntegrityError"] * 10 + ["won"] * 10, 100, 100)


def test_control_without_clause_and_check_there_are_a_hundred_and_ten(without_check, without_clause):
    assert twenty_more_than_ninety() == (["won"] * 20, 110, 110)


def test_one_person_is_seated_once_and_counted_once(committed_db):
    party, person = make.promoter(), make_people.person().id
    actor = make.super_admin_of(party)
    outcomes = race(
        10, lambda i: service.add_seat(party_id=party.id, person_id=person, role=Role.ADMIN, actor=actor, now=NOW)
    )
    assert sorted(outcomes) == ["AlreadySeated"] * 9 + ["won"]
    assert rows.query("SELECT admins FROM parties_party WHERE id = %s", [party.id]) == [(1,)]


def test_one_seat_is_removed_once_and_counted_once(committed_db):
    party = make.promoter()
    actor = make.super_admin_of(party)
    gone, stays = (make.seated(party, Role.ADMIN) for _ in range(2))
    outcomes = race(
        10, lambda i: service.remove_seat(party_id=party.id, person_id=gone.person_id, actor=actor, now=NOW)
    )
    assert sorted(outcomes) == ["NotSeated"] * 9 + ["won"]
    assert rows.query("SELECT admins FROM parties_party WHERE id = %s", [party.id]) == [(1,)]
    assert queries.seat_of(stays.person_id, party.id) is not None


def test_the_super_administrators_role_is_handed_on_once(committed_db):
    party = make.promoter()
    actor = make.super_admin_of(party)
    heirs = [make.seated(party, Role.ADMIN).person_id for _ in range(5)]
    outcomes = race(
        5,
        lambda i: service.transfer_super_admin(party_id=party.id, to_person_id=heirs[i], actor=actor, now=NOW),
    )
    assert sorted(outcomes) == ["NotSuperAdmin"] * 4 + ["won"]
    roles = [seat.role for seat in queries.administrators_of([party.id])[party.id]]
    assert roles == [Role.SUPER_ADMIN] + [Role.ADMIN] * 5


def move(promoter, recruiter):
    service.change_recruiter(
        promoter_id=promoter.id, recruiter_id=recruiter.id, reason="并组", actor=OPERATOR_SHELL, now=NOW
    )


def cross(one, two):
    """Put each of two under the other at once; whoever could move waits for the other before it commits."""
    moved = (threading.Event(), threading.Event())

    def work(i):
        with transaction.atomic(durable=True):
            move(*((one, two) if i else (two, one)))
            moved[i].set()
            wait_till_waited_for(moved[1 - i])  # with the guard the other one waits for this commit

    outcomes = race(2, work)
    facts = queries.promoter_facts([one.id, two.id])
    return sorted(outcomes), sorted(facts[p.id].line for p in (one, two))


def test_two_can_not_become_each_others_recruiter(committed_db):
    one, two = make.promoter(), make.promoter()
    outcomes, lines = cross(one, two)
    assert outcomes == ["CycleInLine", "won"]
    assert lines in ([(), (one.id,)], [(), (two.id,)])


def test_control_without_the_trees_lock_they_do(committed_db, monkeypatch):
    monkeypatch.setattr(tree, "lock_tree", lambda: None)
    one, two = make.promoter(), make.promoter()
    outcomes, lines = cross(one, two)
    assert outcomes == ["won", "won"]
    assert lines == sorted([(one.id,), (two.id,)])


def join_while_moving():
    """Let somebody join under a promoter whose branch moves at that moment; return the line and what it should be."""
    top, middle = make.promoter(), make.promoter()
    admin = make_people.person().id
    moved, joined = threading.Event(), threading.Event()
    new = []

    def work(i):
        if i == 0:
            with transaction.atomic(durable=True):
                move(middle, top)
                moved.set()
                wait_till_waited_for(joined)  # with the guard the other one waits for this commit instead
        else:
            moved.wait(timeout=60)
            new.append(make.promoter(recruiter_id=middle.id, super_admin=admin, certified=False))
            joined.set()

    assert race(2, work) == ["won", "won"]
    return queries.promoter_facts([new[0].id])[new[0].id].line, (middle.id, top.id)


def test_who_joins_while_the_branch_moves_gets_the_new_line(committed_db):
    line, right = join_while_moving()
    assert line == right


def test_control_without_the_trees_lock_the_new_one_keeps_an_old_line(committed_db, monkeypatch):
    monkeypatch.setattr(tree, "lock_tree", lambda: None)
    line, right = join_while_moving()
    assert line != right


def test_one_confirmed_ticket_makes_one_secret(committed_db):
    party = make.merchant()
    actor = make.super_admin_of(party)
    ticket = service.ask_for_secret(party_id=party.id, asker="browser", place="", actor=actor, now=NOW)
    people.scan(ticket=ticket, person_id=actor.person_id, now=NOW)
    people.confirm_scan(ticket=ticket, person_id=actor.person_id, now=NOW)
    made = []
    outcomes = race(
        10,
        lambda i: made.append(
            service.make_secret(party_id=party.id, ticket=ticket, asker="browser", actor=actor, now=NOW)
        ),
    )
    assert sorted(outcomes) == ["ScanNotOpen"] * 9 + ["won"]
    assert service.secret_of(appid=made[0].appid).secret == made[0].secret


def test_one_application_at_a_time(committed_db):
    party = make.promoter(certified=False)
    outcomes = race(
        10,
        lambda i: service.file_certification(party_id=party.id, proof=make.individual(), actor=OPERATOR_SHELL, now=NOW),
    )
    assert sorted(outcomes) == ["CertificationOpen"] * 9 + ["won"]


def test_an_application_is_decided_once(committed_db):
    party = make.promoter(certified=False)
    number = service.file_certification(party_id=party.id, proof=make.individual(), actor=OPERATOR_SHELL, now=NOW)
    outcomes = race(
        10,
        lambda i: service.decide_certification(
            no=number, approve=bool(i % 2), reason="看不清", actor=OPERATOR_SHELL, now=NOW
        ),
    )
    assert sorted(outcomes) == ["CertificationDecided"] * 9 + ["won"]
    state = queries.certifications_of(party.id)[0].state
    assert queries.promoter_facts([party.id])[party.id].certified is (state == "approved")


def test_accounts_bound_at_once_leave_one(committed_db):
    party = make.promoter()
    outcomes = race(10, lambda i: make.bank_account(party, number=f"62258801000000{i:02d}", now=NOW, verified=False))
    assert outcomes == ["won"] * 10
    cooling = rows.query(
        "SELECT count(*), count(*) FILTER (WHERE replaced_at IS NULL), count(*) FILTER (WHERE usable_from > %s)"
        " FROM parties_bank_account",
        [NOW],
    )
    assert cooling == [(10, 1, 9)]
