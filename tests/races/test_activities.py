"""Activities, enrolments, the pool and access under two hands at once, each guard with its control (docs/rules.md §9).

The second one always begins when the first has done its work and not committed it (`overlap`).
"""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make.racers import overlap, without
from tuike.audit.types import OPERATOR_SHELL
from tuike.cooperation import queries, service
from tuike.cooperation.service import enrolments, pool
from tuike.cooperation.types import EnrolmentState, PoolState
from tuike.db import rows

NOON, DAY = coop.NOON, timedelta(days=1)
ACTIVITY, ENROLMENT = "FOR NO KEY UPDATE", "FOR NO KEY UPDATE OF e"
HAD = {"actor": OPERATOR_SHELL, "now": NOON}


@pytest.fixture
def one(committed_db):
    coop.open_to_all()
    return make.alliance()


@contextmanager
def dropped(owner_sql, table: str, index: str):
    """Take a unique index away for as long as the block lasts; what stands in its way afterwards goes."""
    said = owner_sql("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])[0][0]
    owner_sql(f"DROP INDEX {index}")
    try:
        yield
    finally:
        owner_sql(f"TRUNCATE {table} CASCADE")
        owner_sql(said)


def acts(action: str) -> int:
    return rows.query("SELECT count(*) FROM audit_act WHERE action = %s", [action])[0][0]


def news(kind: str) -> int:
    return rows.query("SELECT count(*) FROM messages_message WHERE kind = %s", [kind])[0][0]


def codes(said: list) -> list[str | None]:
    """Return of each racer its refusal, None for who went through."""
    return [one if isinstance(one, str) else None for one in said]


# Activities


def verbs(one, where):
    mine = {"leader_id": one.leader.id, "no": where.no} | HAD
    return {
        "publish": lambda: service.publish_activity(**mine),
        "change": lambda: service.change_draft(**mine, activity=coop.draft(title="改过的招商")),
        "delete": lambda: service.delete_activity(**mine),
        "close": lambda: service.close_activity(**mine),
    }


TWICE = pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("publish", "publish", "activity_not_draft"),
        ("publish", "change", "activity_not_draft"),
        ("publish", "delete", "activity_not_draft"),
        ("delete", "publish", "not_found"),
        ("close", "close", "activity_not_published"),
    ],
)


def two_of_an_activity(one, first, second):
    made = coop.activity(one.leader.id, published=first == "close")
    verb = verbs(one, made)
    return codes(overlap(verb[first], verb[second]))


@TWICE
def test_an_activity_takes_one_step_at_a_time(one, first, second, refused):
    assert two_of_an_activity(one, first, second) == [None, refused]


@TWICE
def test_control_without_its_lock_it_takes_both(one, monkeypatch, first, second, refused):
    without(monkeypatch, ACTIVITY, within="FROM cooperation_activity WHERE no")
    assert two_of_an_activity(one, first, second) == [None, None]


def closing_and(one, verb, *, closing_first: bool):
    """Close an activity while somebody enrols in it, or passes what waits in it; return both and the enrolment."""
    where = coop.activity(one.leader.id)
    waiting = coop.applied(one, where) if verb == "pass" else None
    works = {
        "enrol": lambda: coop.applied(one, where),
        "pass": lambda: service.pass_enrolments(leader_id=one.leader.id, nos=[waiting.no], **HAD),
    }
    works = [verbs(one, where)["close"], works[verb]]
    said = codes(overlap(*(works if closing_first else works[::-1])))
    return said, [EnrolmentState(state) for (state,) in rows.query("SELECT state FROM cooperation_enrolment")]


@pytest.mark.parametrize(("verb", "left"), [("enrol", []), ("pass", [EnrolmentState.REJECTED])])
def test_nothing_comes_into_an_activity_that_closes(one, verb, left):
    assert closing_and(one, verb, closing_first=True) == (
        [None, "activity_not_" + ("open" if verb == "enrol" else "published")],
        left,
    )


@pytest.mark.parametrize(("verb", "left"), [("enrol", EnrolmentState.REJECTED), ("pass", EnrolmentState.ENDED)])
def test_what_comes_into_an_activity_before_it_closes_ends_with_it(one, verb, left):
    assert closing_and(one, verb, closing_first=False) == ([None, None], [left])


@pytest.mark.parametrize("closing_first", [True, False])
def test_control_without_the_share_an_application_stays_in_a_closed_activity(one, monkeypatch, closing_first):
    without(monkeypatch, "FOR SHARE", within="state IN ('published', 'closed')")
    assert closing_and(one, "enrol", closing_first=closing_first) == ([None, None], [EnrolmentState.APPLIED])


def test_control_without_the_share_passing_is_refused_by_another_name(one, monkeypatch):
    """The enrolment's own lock is the second wall."""
    without(monkeypatch, "FOR SHARE", within="SELECT a.state FROM cooperation_activity a")
    assert closing_and(one, "pass", closing_first=True) == ([None, "enrolment_over"], [EnrolmentState.REJECTED])


# Enrolments


def enrolled_twice(one):
    where = coop.activity(one.leader.id)
    said = codes(overlap(lambda: coop.applied(one, where), lambda: coop.applied(one, where)))
    return said, rows.query("SELECT count(*) FROM cooperation_enrolment")[0][0]


def test_a_product_is_enrolled_once(one):
    assert enrolled_twice(one) == ([None, "enrolled_already"], 1)


def test_control_without_the_clause_the_database_refuses_without_a_name(one, monkeypatch):
    monkeypatch.setattr(enrolments, "_ONCE", "RETURNING product_id")
    assert enrolled_twice(one) == ([None, "IntegrityError"], 1)


def test_control_without_clause_and_index_it_is_enrolled_twice(one, monkeypatch, owner_sql):
    monkeypatch.setattr(enrolments, "_ONCE", "RETURNING product_id")
    with dropped(owner_sql, "cooperation_enrolment", "cooperation_enrolment_one_open"):
        assert enrolled_twice(one) == ([None, None], 2)


DECISIONS = pytest.mark.parametrize(
    ("first", "second"), [("pass", "pass"), ("pass", "reject"), ("pass", "withdraw"), ("withdraw", "pass")]
)


def decided_twice(one, first, second):
    """Decide on one application twice; return both and where it stands."""
    made = coop.applied(one, coop.activity(one.leader.id))
    mine = {"nos": [made.no], "leader_id": one.leader.id} | HAD
    works = {
        "pass": lambda: service.pass_enrolments(**mine),
        "reject": lambda: service.reject_enrolments(**mine, reason="不合适"),
        "withdraw": lambda: service.withdraw_enrolment(merchant_id=one.shop.id, no=made.no, **HAD),
    }
    said = codes(overlap(works[first], works[second]))
    return said, queries.enrolments_by_id([made.enrolment_id])[made.enrolment_id].state


ENDS = {
    "pass": EnrolmentState.ACTIVE,
    "reject": EnrolmentState.REJECTED,
    "withdraw": EnrolmentState.WITHDRAWN,
}
OLD_STATE = "AND state = 'applied'"


@DECISIONS
@pytest.mark.parametrize("gone", ["", ENROLMENT, OLD_STATE])
def test_an_application_is_decided_once_and_lock_or_old_state_alone_sees_to_it(one, monkeypatch, first, second, gone):
    if gone:
        without(monkeypatch, gone, within="cooperation_enrolment")
    assert decided_twice(one, first, second) == ([None, "enrolment_decided"], ENDS[first])


@DECISIONS
def test_control_without_lock_and_old_state_it_is_decided_twice(one, monkeypatch, first, second):
    for gone in (ENROLMENT, OLD_STATE):
        without(monkeypatch, gone, within="cooperation_enrolment")
    assert decided_twice(one, first, second) == ([None, None], ENDS[second])


# The pool


def applied_twice(one):
    mine = {"merchant_id": one.shop.id, "product_ids": [one.product_id]} | HAD
    said = overlap(lambda: service.apply_to_pool(**mine), lambda: service.apply_to_pool(**mine))
    return said, rows.query("SELECT count(*) FROM cooperation_pool")[0][0]


def test_a_product_is_applied_for_once(one):
    assert applied_twice(one) == ([None, "in_pool_already"], 1)


def test_control_without_the_pools_clause_the_database_refuses_without_a_name(one, monkeypatch):
    monkeypatch.setattr(pool, "_ONCE", "RETURNING product_id")
    assert applied_twice(one) == ([None, "IntegrityError"], 1)


def test_control_without_the_pools_clause_and_index_it_is_applied_for_twice(one, monkeypatch, owner_sql):
    monkeypatch.setattr(pool, "_ONCE", "RETURNING product_id")
    with dropped(owner_sql, "cooperation_pool", "cooperation_pool_one_open"):
        assert applied_twice(one) == ([None, None], 2)


def pool_decided_twice(one, second):
    service.apply_to_pool(merchant_id=one.shop.id, product_ids=[one.product_id], **HAD)
    mine = {"application_ids": [id_ for (id_,) in rows.query("SELECT id FROM cooperation_pool")]} | HAD
    works = {
        "reject": lambda: service.decide_pool(**mine, accept=False, reason="不合适"),
        "take_back": lambda: service.remove_from_pool(**mine, reason="", merchant_id=one.shop.id),
    }
    said = overlap(works[second], lambda: service.decide_pool(**mine, accept=True))
    return said, PoolState(rows.query("SELECT state FROM cooperation_pool")[0][0])


POOL = pytest.mark.parametrize(("first", "state"), [("reject", PoolState.REJECTED), ("take_back", PoolState.REMOVED)])


@POOL
def test_an_application_for_the_pool_is_decided_once(one, first, state):
    assert pool_decided_twice(one, first) == ([None, "pool_decided"], state)


@POOL
def test_control_without_its_old_state_it_is_decided_twice(one, monkeypatch, first, state):
    without(monkeypatch, "state = ANY(%s) AND", within="UPDATE cooperation_pool", instead="%s::text[] IS NOT NULL AND")
    assert pool_decided_twice(one, first) == ([None, None], PoolState.LISTED)


# Access


def opened_twice(one):
    mine = {"party_ids": [one.shop.id]} | HAD
    said = overlap(lambda: service.open_access(**mine), lambda: service.open_access(**mine))
    return said, news("cooperation_opened")


def test_access_is_opened_and_told_once(one):
    assert opened_twice(one) == ([[one.shop.id], []], 1)


def test_control_without_the_access_clause_the_database_refuses_without_a_name(one, monkeypatch):
    without(monkeypatch, "ON CONFLICT (party_id) WHERE closed_at IS NULL DO NOTHING")
    assert opened_twice(one) == ([[one.shop.id], "IntegrityError"], 1)


def test_control_without_clause_and_index_access_is_told_twice(one, monkeypatch, owner_sql):
    without(monkeypatch, "ON CONFLICT (party_id) WHERE closed_at IS NULL DO NOTHING")
    with dropped(owner_sql, "cooperation_access", "cooperation_access_open"):
        assert opened_twice(one) == ([[one.shop.id], [one.shop.id]], 2)


def closed_twice(one):
    mine = {"party_ids": [one.shop.id]} | HAD
    service.open_access(**mine)
    said = overlap(lambda: service.close_access(**mine), lambda: service.close_access(**mine))
    return said, acts("cooperation.close")


def test_access_is_closed_once(one):
    assert closed_twice(one) == ([[one.shop.id], []], 1)


def test_control_without_the_clause_access_is_closed_twice(one, monkeypatch):
    without(monkeypatch, "AND closed_at IS NULL", within="UPDATE cooperation_access")
    assert closed_twice(one) == ([[one.shop.id], [one.shop.id]], 2)
