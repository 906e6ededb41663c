"""Messages to persons: told, read, shown on phones as often as somebody agreed to, and no more."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.make.people import EARLY
from tuike.audit.types import SYSTEM
from tuike.messages import queries, rules, service
from tuike.messages.personal_kinds import PERSONAL
from tuike.messages.types import BadTemplate, Thread, UnknownKind, UnknownTemplate

pytestmark = pytest.mark.django_db
PERSON, OTHER = 5, 6
TEMPLATE = "tmpl_shipped_0123456789abcdef"
SHIPPED = {"no": "O1", "carrier": "顺丰", "tracking_no": "SF1"}


def register(kind="order_shipped", template_id=TEMPLATE, **more):
    fields = more.pop("fields", {"character_string1": "no", "thing2": "carrier"})
    service.register_template(kind=kind, template_id=template_id, fields=fields, actor=SYSTEM, now=EARLY, **more)


def agree(times=1, person_id=PERSON):
    for _ in range(times):
        service.grant(person_id=person_id, accepted=[TEMPLATE], now=EARLY)


def shipped(person_id=PERSON):
    service.tell_person(person_id=person_id, kind="order_shipped", facts=SHIPPED, object_="O1", now=EARLY)


def left(person_id=PERSON):
    with connection.cursor() as cursor:
        cursor.execute('SELECT "left" FROM messages_grant WHERE person_id = %s', [person_id])
        found = cursor.fetchone()
    return found[0] if found else None


def states():
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, tries FROM messages_sending ORDER BY message_id")
        return cursor.fetchall()


def test_a_message_says_what_happened_in_both_languages():
    shipped()
    [one] = queries.personal_of(person_id=PERSON)
    assert (one.zh, one.en) == ("订单 O1 已发货：顺丰 SF1", "Order O1 is on its way: 顺丰 SF1")
    assert (one.thread, one.page, one.object, one.read) == (Thread.ORDERS, "order", "O1", False)
    assert queries.personal_of(person_id=OTHER) == []


def test_every_kind_can_be_told_and_read():
    for kind in PERSONAL:
        service.tell_person(person_id=PERSON, kind=kind, now=EARLY)
    assert len(queries.personal_of(person_id=PERSON, limit=100)) == len(PERSONAL)
    with pytest.raises(ValueError, match="no such kind"):
        service.tell_person(person_id=PERSON, kind="nothing", now=EARLY)


def test_threads_count_what_is_unread():
    shipped()
    shipped()
    service.tell_person(person_id=PERSON, kind="level_up", facts={"level_zh": "银卡", "level_en": "Silver"}, now=EARLY)
    by_name = {one.thread: one for one in queries.threads_of(person_id=PERSON)}
    assert {name: one.unread for name, one in by_name.items()} == {
        Thread.ORDERS: 2,
        Thread.GIFTS: 1,
        Thread.BOARD: 0,
        Thread.WORK: 0,
    }
    assert by_name[Thread.GIFTS].latest.zh == "恭喜升级为 银卡"
    assert by_name[Thread.BOARD].latest is None
    assert queries.unread_of(PERSON) == 3


def test_reading_reads_a_thread_or_all_and_nobody_elses():
    shipped()
    shipped(OTHER)
    service.tell_person(person_id=PERSON, kind="level_up", now=EARLY)
    assert service.read_personal(person_id=PERSON, thread=Thread.ORDERS, now=EARLY) == 1
    assert service.read_personal(person_id=PERSON, thread=Thread.ORDERS, now=EARLY) == 0
    assert service.read_personal(person_id=PERSON, now=EARLY) == 1
    assert queries.unread_of(OTHER) == 1


def test_pages_go_on_where_the_last_one_ended():
    for _ in range(5):
        shipped()
    first = queries.personal_of(person_id=PERSON, limit=3)
    rest = queries.personal_of(person_id=PERSON, before=first[-1].id, limit=3)
    assert [one.id for one in first + rest] == sorted((one.id for one in first + rest), reverse=True)
    assert (len(first), len(rest)) == (3, 2)


def test_a_phone_shows_as_many_as_were_agreed_to():
    register()
    agree(2)
    for _ in range(3):
        shipped()
    assert states() == [("waiting", 0), ("waiting", 0)]
    assert left() == 0
    assert len(queries.personal_of(person_id=PERSON)) == 3


def test_without_a_template_or_a_grant_no_phone_shows_anything():
    shipped()
    register()
    shipped()
    assert states() == []


def test_a_yes_for_an_unknown_template_is_refused_and_nothing_is_kept():
    register()
    with pytest.raises(UnknownTemplate):
        service.grant(person_id=PERSON, accepted=[TEMPLATE, "tmpl_other_0123456789abcdef"], now=EARLY)
    assert left() is None


def test_a_no_forgets_what_was_agreed_to():
    register()
    agree(3)
    service.grant(person_id=PERSON, accepted=[], rejected=[TEMPLATE], now=EARLY)
    assert left() == 0


def test_a_grant_cannot_fall_below_zero():
    register()
    agree()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('UPDATE messages_grant SET "left" = -1')


def test_what_is_due_is_taken_once_and_again_after_its_lease():
    register(page="pages/order/detail?no={object}")
    agree()
    shipped()
    [due] = service.take_due(now=EARLY)
    assert (due.person_id, due.template_id, due.tries) == (PERSON, TEMPLATE, 1)
    assert due.zh == {"character_string1": "O1", "thing2": "顺丰"}
    assert due.page == "pages/order/detail?no=O1"
    assert service.take_due(now=EARLY) == []
    [again] = service.take_due(now=EARLY + timedelta(minutes=2))
    assert again.tries == 2


def test_what_was_sent_is_sent_once():
    register()
    agree()
    shipped()
    [due] = service.take_due(now=EARLY)
    service.record_sent(message_id=due.message_id, now=EARLY)
    assert service.take_due(now=EARLY + timedelta(days=1)) == []
    assert states() == [("sent", 1)]


def test_a_refusal_forgets_the_grants_that_are_left():
    register()
    agree(3)
    shipped()
    [due] = service.take_due(now=EARLY)
    service.record_refused(message_id=due.message_id, now=EARLY)
    service.record_refused(message_id=due.message_id, now=EARLY)
    assert states() == [("refused", 1)]
    assert left() == 0


def test_data_that_dont_fit_give_the_grant_back_once():
    register()
    agree()
    shipped()
    [due] = service.take_due(now=EARLY)
    service.record_unfit(message_id=due.message_id, why="47003", now=EARLY)
    service.record_unfit(message_id=due.message_id, why="47003", now=EARLY)
    assert states() == [("failed", 1)]
    assert left() == 1


def test_without_an_answer_it_is_tried_four_times_with_growing_rests():
    register()
    agree()
    shipped()
    at, rests = EARLY, []
    while due := service.take_due(now=at):
        service.put_off(message_id=due[0].message_id, tries=due[0].tries, why="timeout", now=at)
        wait = rules.rest(due[0].tries)
        if wait is None:
            break
        assert service.take_due(now=at + wait - timedelta(seconds=1)) == []
        rests.append(wait)
        at += wait
    assert rests == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
    assert states() == [("failed", 4)]


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"kind": "nothing"}, UnknownKind),
        ({"template_id": "short"}, BadTemplate),
        ({"fields": {}}, BadTemplate),
        ({"fields": {"wish1": "no"}}, BadTemplate),
        ({"fields": {"thing1": "NO"}}, BadTemplate),
        ({"page": "https://elsewhere.example/"}, BadTemplate),
    ],
)
def test_a_template_that_cannot_be_wechats_is_refused(more, refusal):
    with pytest.raises(refusal):
        register(**more)
    assert queries.templates() == {}


def test_a_template_can_be_changed_and_taken_away():
    register()
    register(fields={"thing1": "sentence"})
    assert queries.templates()["order_shipped"].fields == {"thing1": "sentence"}
    service.remove_template(kind="order_shipped", actor=SYSTEM, now=EARLY)
    assert queries.templates() == {}
    with pytest.raises(UnknownTemplate):
        service.remove_template(kind="order_shipped", actor=SYSTEM, now=EARLY)


def test_keywords_are_as_short_as_wechat_takes_them():
    fields = {"thing1": "sentence", "amount2": "amount_fen", "time3": "due_at", "phrase4": "none", "number5": "points"}
    facts = {"amount_fen": 1_234_567, "due_at": EARLY.isoformat(), "points": 30}
    assert rules.template_data(fields, facts, "一二三四五六七八九十" * 3) == {
        "thing1": "一二三四五六七八九十一二三四五六七八九…",
        "amount2": "¥12345.67",
        "time3": "2026-01-01 12:00",
        "phrase4": "无",
        "number5": "30",
    }


def test_old_messages_go_and_an_erased_persons_too():
    register()
    agree()
    shipped()
    shipped(OTHER)
    service.forget_personal(person_id=PERSON, now=EARLY)
    assert queries.personal_of(person_id=PERSON) == []
    assert (states(), left()) == ([], None)
    assert service.forget_personal(now=EARLY + timedelta(days=179)) == 0
    assert service.forget_personal(now=EARLY + timedelta(days=181)) == 1
