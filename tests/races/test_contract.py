"""A cooperation under two hands at once: cancels, extensions, its end, its counts, one key (docs/rules.md §9).

The second one always begins when the first has done its work and not committed it (`overlap`).
"""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make.racers import Meeting, at_once, overlap, without
from tests.races.test_activities import ENROLMENT, acts, codes, dropped, news
from tuike.audit.types import OPERATOR_SHELL
from tuike.cooperation import queries, service
from tuike.cooperation.service import counting
from tuike.cooperation.types import CancelState, EndCause, EnrolmentState, ExtensionState
from tuike.flows import cancel_cooperation, enrol_products, extend_cooperation, run_activity
from tuike.flows.target_promoters import By
from tuike.idempotency import service as idempotency

NOON, DAY, SECOND = coop.NOON, timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def one(committed_db):
    coop.open_to_all()
    return make.alliance()


@pytest.fixture
def made(one):
    return coop.active(one, coop.activity(one.leader.id))


def shown(made):
    return queries.enrolments_by_id([made.enrolment_id])[made.enrolment_id]


def verbs(made, *, at=NOON + DAY, other_end=2):
    """Return what both sides can do with a cooperation at an instant."""
    shop = {"merchant_id": made.merchant_id, "no": made.no, "actor": OPERATOR_SHELL, "now": at}
    leader = {"leader_id": made.leader_id, "no": made.no, "actor": OPERATOR_SHELL, "now": at}
    return {
        "cancel": lambda: service.ask_cancel(**shop),
        "agree": lambda: service.decide_cancel(**leader, agree=True),
        "refuse": lambda: service.decide_cancel(**leader, agree=False),
        "ask": lambda: service.ask_extension(**leader, ends_at=made.ends_at + DAY),
        "ask_more": lambda: service.ask_extension(**leader, ends_at=made.ends_at + other_end * DAY),
        "yes": lambda: service.answer_extension(**shop, agree=True),
        "no": lambda: service.answer_extension(**shop, agree=False),
        "close": lambda: service.close_activity(**(leader | {"no": made.activity_no})),
        "tend": lambda: service.tend(now=at),
    }


def both(made, before, first, second, *, at=NOON + DAY):
    """Do what was before, then two things at once; return their refusals."""
    verb = verbs(made, at=at)
    for name in before:
        verb[name]()
    return codes(overlap(verb[first], verb[second]))


# One wish at a time, one decision of each. What is refused here is refused by the lock on the enrolment and, behind
# it, by the old state in the statement.

TWO = [
    ([], "ask", "ask_more", "extension_open_already"),
    ([], "cancel", "ask", "cancel_open_already"),
    (["ask"], "yes", "no", "no_open_extension"),
    (["ask"], "no", "yes", "no_open_extension"),
    (["ask"], "cancel", "yes", "no_open_extension"),
    (["cancel"], "agree", "refuse", "enrolment_over"),
    (["cancel"], "refuse", "agree", "no_open_cancel"),
    (["cancel"], "close", "agree", "enrolment_over"),
    (["ask"], "close", "yes", "enrolment_over"),
]


@pytest.mark.parametrize(("before", "first", "second", "refused"), TWO)
def test_of_two_the_first_holds_and_the_second_is_told(made, before, first, second, refused):
    assert both(made, before, first, second) == [None, refused]


def test_at_once_and_closed_it_ends_by_the_first(made):
    late = NOON + 31 * DAY
    assert both(made, [], "close", "cancel", at=late) == [None, "enrolment_over"]
    assert (shown(made).end_cause, shown(made).cancel) == (EndCause.ACTIVITY_CLOSED, None)


def test_control_without_the_lock_a_leader_asks_the_shop_that_wants_to_leave(made, monkeypatch):
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    assert both(made, [], "cancel", "ask") == [None, None]
    assert (shown(made).cancel.state, shown(made).extension.state) == (CancelState.OPEN, ExtensionState.OPEN)


def test_control_without_the_lock_a_second_extension_is_refused_without_a_name(made, monkeypatch):
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    assert both(made, [], "ask", "ask_more") == [None, "IntegrityError"]


def test_control_without_lock_and_index_two_extensions_are_open(made, monkeypatch, owner_sql):
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    with dropped(owner_sql, "cooperation_extension", "cooperation_extension_open"):
        assert both(made, [], "ask", "ask_more") == [None, None]


BEHIND = pytest.mark.parametrize(
    ("before", "first", "second"), [("ask", "yes", "no"), ("ask", "no", "yes"), ("cancel", "refuse", "agree")]
)


@BEHIND
def test_without_the_lock_the_old_state_alone_refuses_the_second(made, monkeypatch, before, first, second):
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    assert both(made, [before], first, second) == [
        None,
        {"ask": "no_open_extension", "cancel": "no_open_cancel"}[before],
    ]


@BEHIND
def test_control_without_lock_and_old_state_both_decide(made, monkeypatch, before, first, second):
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    wish = {"ask": "extension", "cancel": "cancel"}[before]
    without(monkeypatch, "AND state = 'open'", within=f"UPDATE cooperation_{wish} SET state = %s")
    assert both(made, [before], first, second) == [None, None]


def test_without_the_lock_the_old_state_alone_ends_it_once(made, monkeypatch):
    late = NOON + 31 * DAY
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    assert both(made, [], "close", "cancel", at=late) == [None, "enrolment_over"]


def test_control_without_both_it_ends_by_the_second(made, monkeypatch):
    late = NOON + 31 * DAY
    without(monkeypatch, ENROLMENT, within="FROM cooperation_enrolment e")
    without(monkeypatch, "AND state = 'active'", within="SET state = 'ended'")
    assert both(made, [], "close", "cancel", at=late) == [None, None]
    assert shown(made).end_cause is EndCause.AT_ONCE


# The end of the period

SKIP, STILL = "FOR NO KEY UPDATE SKIP LOCKED", "AND state IN ('applied', 'active') AND ends_at"


def ended_by_two(made):
    over = made.ends_at + 7 * DAY
    said = overlap(lambda: service.tend(now=over), lambda: service.tend(now=over))
    return said, news("cooperation_ended"), acts("enrolment.end")


@pytest.mark.parametrize("gone", ["", SKIP, STILL])
def test_two_workers_end_a_period_once_and_lock_or_old_state_alone_sees_to_it(made, monkeypatch, gone):
    if gone:
        without(monkeypatch, gone, within="cooperation_enrolment", instead="AND ends_at" if gone == STILL else "")
    assert ended_by_two(made) == ([1, 0], 2, 1)
    assert (shown(made).state, shown(made).ended_at) == (EnrolmentState.ENDED, made.ends_at)


def test_control_without_both_a_period_ends_twice(made, monkeypatch):
    without(monkeypatch, SKIP, within="cooperation_enrolment")
    without(monkeypatch, STILL, within="UPDATE cooperation_enrolment", instead="AND ends_at")
    assert ended_by_two(made) == ([1, 1], 4, 2)


LAPSED_OPEN = "AND x.state = 'open'"


def lapsed_by_two(made):
    verbs(made)["ask"]()
    over = NOON + 4 * DAY + SECOND
    return overlap(lambda: service.tend(now=over), lambda: service.tend(now=over)), news("extension_lapsed")


@pytest.mark.parametrize("gone", ["", SKIP, LAPSED_OPEN])
def test_two_workers_let_an_extension_lapse_once_and_lock_or_old_state_alone_sees_to_it(made, monkeypatch, gone):
    if gone:
        without(monkeypatch, gone, within="cooperation_enrolment")
    assert lapsed_by_two(made) == ([1, 0], 2)


def test_control_without_both_an_extension_lapses_twice(made, monkeypatch):
    for gone in (SKIP, LAPSED_OPEN):
        without(monkeypatch, gone, within="cooperation_enrolment")
    assert lapsed_by_two(made) == ([1, 1], 4)


def test_a_clock_that_jumps_ends_a_period_once(made):
    over = made.ends_at
    said = overlap(lambda: service.tend(now=over + 400 * DAY), lambda: service.tend(now=over - SECOND))
    assert (said, service.tend(now=over), news("cooperation_ended")) == ([1, 0], 0, 2)


# Counts


def counted_twice(made, *orders):
    """Count each order in a transaction of its own, at once; return how often a person is asked to look."""
    works = [lambda no=no: len(service.count_paid(orders=[(made.enrolment_id, no, NOON)], now=NOON)) for no in orders]
    return overlap(*works), (shown(made).gross_orders, shown(made).net_orders)


def test_one_order_counts_once(made):
    assert counted_twice(made, "O1", "O1") == ([0, 0], (1, 1))


def test_control_without_the_constraint_it_counts_twice(made, monkeypatch, owner_sql):
    monkeypatch.setattr(
        counting, "_PAID", counting._PAID.replace("ON CONFLICT (enrolment_id, order_no) DO NOTHING", "")
    )
    assert counted_twice(made, "O1", "O1") == ([0, "IntegrityError"], (1, 1)), "the constraint alone holds"
    owner_sql("ALTER TABLE cooperation_counted_order DROP CONSTRAINT cooperation_counted_order_once")
    try:
        assert counted_twice(made, "O2", "O2")[1] == (3, 3)
    finally:
        owner_sql("TRUNCATE cooperation_counted_order")
        owner_sql(
            "ALTER TABLE cooperation_counted_order ADD CONSTRAINT cooperation_counted_order_once"
            " UNIQUE (enrolment_id, order_no)"
        )


def base_reached_twice(one):
    """Two of three are paid and refunded, then two are paid at once: the first of them reaches the base of three."""
    made = coop.active(one, coop.activity(one.leader.id), base_orders=3)
    service.count_refunded(orders=[(made.enrolment_id, sold) for sold in coop.sell(made, 2)], now=NOON)
    return counted_twice(made, "O3", "O4")


def test_a_base_that_is_reached_is_told_once(one):
    assert base_reached_twice(one) == ([1, 0], (4, 2))


def test_control_without_the_lock_it_is_told_twice(one, monkeypatch):
    monkeypatch.setattr(counting, "_LOCK", counting._LOCK.replace("FOR NO KEY UPDATE", ""))
    assert base_reached_twice(one) == ([1, 1], (4, 2))


def refunded_twice(made):
    [one, _] = coop.sell(made, 2)
    overlap(*[lambda: service.count_refunded(orders=[(made.enrolment_id, one)], now=NOON)] * 2)
    return shown(made).net_orders


def test_one_order_is_taken_off_once(made):
    assert refunded_twice(made) == 1


def test_control_without_the_old_state_it_is_taken_off_twice(made, monkeypatch):
    clause = "AND c.refunded_at IS NULL"
    assert clause in counting._REFUNDED
    monkeypatch.setattr(counting, "_REFUNDED", counting._REFUNDED.replace(clause, ""))
    assert refunded_twice(made) == 0


# One key from two phones


def keyed(one, name):
    """Return a journey that both phones start under one key, what to count of it, and how often it happened."""
    where = coop.activity(one.leader.id)
    waiting = coop.applied(one, where) if name != "enrol" else None
    shop, leader = (By(id_, OPERATOR_SHELL, NOON, "one-key") for id_ in (one.shop.id, one.leader.id))
    if name in ("cancel", "extend"):
        service.pass_enrolments(leader_id=one.leader.id, nos=[waiting.no], actor=OPERATOR_SHELL, now=NOON)
    journeys = {
        "create": (lambda: run_activity.create_activity(activity=coop.draft(), by=leader).no, "activity.create"),
        "enrol": (
            lambda: (
                enrol_products.enrol_products(activity_no=where.no, wanted=[coop.wanted(one.product_id)], by=shop)[0].no
            ),
            "enrolment.apply",
        ),
        "pass": (lambda: enrol_products.pass_enrolments(nos=[waiting.no], by=leader)[0].no, "enrolment.pass"),
        "cancel": (lambda: cancel_cooperation.ask_cancel(no=waiting.no, by=shop).no, "cooperation.cancel"),
        "extend": (
            lambda: extend_cooperation.ask_extension(no=waiting.no, ends_at=waiting.ends_at + DAY, by=leader).no,
            "cooperation.ask_extension",
        ),
    }
    return journeys[name]


def tapped_twice(one, name):
    work, action = keyed(one, name)
    before = acts(action)
    return at_once([work, work]), acts(action) - before


NAMES = pytest.mark.parametrize("name", ["create", "enrol", "pass", "cancel", "extend"])


@NAMES
def test_one_key_is_one_act(one, name):
    said, done = tapped_twice(one, name)
    assert (len(set(said)), done) == (1, 1)


@NAMES
def test_control_without_the_key_the_second_is_done_again_or_refused(one, monkeypatch, name):
    meeting = Meeting(2)

    def unkeyed(*, work, **_):
        meeting.come()
        return work()

    monkeypatch.setattr(idempotency, "once", unkeyed)
    said, _ = tapped_twice(one, name)
    assert len(set(said)) == 2
