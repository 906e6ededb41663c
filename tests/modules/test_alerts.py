"""Thresholds fire once until the figure was back; reports are written once a period; mails go one way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.make import alerts as make
from tests.make.alerts import ABOVE, NOON
from tuike.alerts import queries, rules, service
from tuike.alerts.types import (
    Compare,
    Rhythm,
    SendingNotOver,
    SendingState,
    TooManyThresholds,
    Unit,
    UnknownEdition,
    UnknownSubscription,
    UnknownThreshold,
    Wish,
)
from tuike.db import rows
from tuike.kit.errors import Invalid

PARTY, OTHER, PERSON = 11, 12, 7


@pytest.fixture(autouse=True)
def _db(db):
    pass


def everything():
    tables = ("threshold", "follower", "firing", "subscription", "edition", "sending")
    return {name: rows.query(f"SELECT * FROM alerts_{name} ORDER BY id") for name in tables}


def fired(value, *, over, at=NOON, now=NOON):
    return len(service.look(looks=make.looks(value, over=over, at=at), now=now))


@pytest.mark.parametrize(
    ("compare", "bound", "value", "before", "over"),
    [
        (Compare.ABOVE, 100, 101, None, True),
        (Compare.ABOVE, 100, 100, None, False),
        (Compare.BELOW, 100, 99, 7, True),
        (Compare.BELOW, 100, 100, None, False),
        (Compare.ABOVE, 100, None, 5, None),
        (Compare.RISES, 2000, 121, 100, True),
        (Compare.RISES, 2000, 120, 100, False),
        (Compare.RISES, 2000, 3, 0, None),
        (Compare.FALLS, 3333, 2, 3, True),  # a third and a bit: nothing is rounded
        (Compare.FALLS, 3334, 2, 3, False),
        (Compare.FALLS, 5000, 0, None, None),
    ],
)
def test_what_is_over(compare, bound, value, before, over):
    assert rules.over(Wish("paid", 7, compare, bound), value=value, before=before) is over


@pytest.mark.parametrize(
    ("quiet", "hours"), [((22, 8), {22, 23, 0, 1, 2, 3, 4, 5, 6, 7}), ((12, 14), {12, 13}), ((None, None), set())]
)
def test_quiet_hours(quiet, hours):
    wish = replace(ABOVE, quiet_from=quiet[0], quiet_until=quiet[1])
    midnight = datetime(2026, 3, 3, 16, tzinfo=UTC)
    assert {h for h in range(24) if rules.quiet(wish, midnight + timedelta(hours=h, minutes=59))} == hours


def test_what_falls_is_looked_at_over_whole_days():
    """A day that has just begun is always low."""
    assert rules.looked_until(ABOVE, NOON) == NOON
    until = rules.looked_until(replace(ABOVE, compare=Compare.FALLS), NOON)
    assert until == datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)
    assert rules.over_days(replace(ABOVE, compare=Compare.BELOW)) == ("昨日", "yesterday")


def test_periods_and_when_reports_are_due():
    assert rules.period(Rhythm.DAILY, NOON) == (date(2026, 3, 3), date(2026, 3, 3))
    assert rules.period(Rhythm.WEEKLY, NOON) == (date(2026, 2, 23), date(2026, 3, 1))
    monday = datetime(2026, 3, 1, 16, tzinfo=UTC)  # its first instant in Shanghai
    assert rules.period(Rhythm.WEEKLY, monday) == (date(2026, 2, 23), date(2026, 3, 1))
    assert rules.next_at(Rhythm.DAILY, None, 8, after=NOON) == datetime(2026, 3, 5, 0, tzinfo=UTC)
    at_eight = datetime(2026, 3, 5, 0, tzinfo=UTC)
    assert rules.next_at(Rhythm.DAILY, None, 8, after=at_eight) == at_eight + timedelta(days=1)
    assert rules.next_at(Rhythm.WEEKLY, 1, 0, after=NOON) == datetime(2026, 3, 8, 16, tzinfo=UTC)


def test_words_of_a_threshold():
    assert rules.said(ABOVE, Unit.FEN) == ("高于 ¥100.00", "above ¥100.00")
    assert rules.said(replace(ABOVE, compare=Compare.FALLS, bound=1250), Unit.FEN)[1].startswith(
        "down by more than 12.5%"
    )
    assert [rules.shown(1234, unit) for unit in Unit] == ["¥12.34", "1,234", "12.34%"]


def test_a_threshold_fires_once_until_the_figure_was_back():
    make.threshold(PARTY)
    assert fired(101_00, over=True) == 1
    assert fired(150_00, over=True) == 0  # still over: nothing new
    assert fired(99_00, over=False) == 0
    first = queries.firings_of(PARTY)[0]
    assert (first.value, first.back_value, first.back_at) == (101_00, 99_00, NOON)
    assert fired(102_00, over=True) == 1
    assert [one.value for one in queries.firings_of(PARTY)] == [102_00, 101_00]
    assert queries.firings_of(OTHER) == []


def test_what_was_counted_earlier_changes_nothing():
    make.threshold(PARTY)
    assert fired(99_00, over=False) == 0
    assert fired(101_00, over=True, at=NOON - timedelta(minutes=1)) == 0
    assert queries.thresholds_of(PARTY)[0].value == 99_00
    assert fired(101_00, over=True) == 1
    fired(99_00, over=False, at=NOON - timedelta(minutes=1))
    assert queries.firings_of(PARTY)[0].back_at is None


def test_what_was_seen_for_an_earlier_wish_changes_nothing():
    one = make.threshold(PARTY)
    seen = make.looks(101_00, over=True)
    service.change_threshold(
        party_id=PARTY, no=one.no, wish=replace(ABOVE, bound=200_00), now=NOON + timedelta(seconds=1)
    )
    before = everything()
    assert service.look(looks=seen, now=NOON) == []
    assert everything() == before


@pytest.mark.parametrize("end", ["change", "switch", "delete"])
def test_what_it_fired_for_is_over_when_it_is_changed_or_off(end):
    one = make.threshold(PARTY, mail=True)
    assert fired(101_00, over=True) == 1
    later = NOON + timedelta(hours=1)
    if end == "change":
        service.change_threshold(party_id=PARTY, no=one.no, wish=replace(ABOVE, bound=50_00), now=later)
    elif end == "switch":
        service.switch_threshold(party_id=PARTY, no=one.no, on=False, now=later)
    else:
        service.delete_threshold(party_id=PARTY, no=one.no, now=later)
    assert queries.firings_of(PARTY)[0].back_at == later
    assert fired(101_00, over=True) == (1 if end == "change" else 0)
    if end == "switch":
        service.switch_threshold(party_id=PARTY, no=one.no, on=True, now=later + timedelta(hours=1))
        assert fired(101_00, over=True) == 1


def test_the_same_wish_again_changes_nothing():
    one = make.threshold(PARTY)
    fired(101_00, over=True)
    before = everything()
    service.change_threshold(party_id=PARTY, no=one.no, wish=ABOVE, now=NOON + timedelta(hours=1))
    service.switch_threshold(party_id=PARTY, no=one.no, on=True, now=NOON + timedelta(hours=1))
    assert everything() == before


def test_quiet_and_switched_off_thresholds_arent_looked_at():
    quiet = make.threshold(PARTY, replace(ABOVE, quiet_from=11, quiet_until=13))
    off = make.threshold(PARTY)
    service.switch_threshold(party_id=PARTY, no=off.no, on=False, now=NOON)
    assert service.to_look_at(now=NOON) == []
    assert [one.id for one in service.to_look_at(now=NOON + timedelta(hours=2))] == [quiet.id]


@pytest.mark.parametrize(
    "wrong",
    [
        {"span": 2},
        {"bound": 0, "compare": Compare.BELOW},
        {"bound": -1},
        {"bound": 10**13 + 1},
        {"compare": Compare.FALLS, "bound": 10_001},
        {"quiet_from": 3},
        {"quiet_from": 3, "quiet_until": 24},
        {"quiet_from": 3, "quiet_until": 3},
    ],
)
def test_a_wish_that_cant_be_watched_for_is_refused(wrong):
    one = make.threshold(PARTY)
    before = everything()
    with pytest.raises(Invalid):
        make.threshold(PARTY, replace(ABOVE, **wrong))
    with pytest.raises(Invalid):
        service.change_threshold(party_id=PARTY, no=one.no, wish=replace(ABOVE, **wrong), now=NOON)
    assert everything() == before


def test_a_party_has_fifty_at_most():
    for _ in range(50):
        last = make.threshold(PARTY)
    before = everything()
    with pytest.raises(TooManyThresholds):
        make.threshold(PARTY)
    assert everything() == before
    make.threshold(OTHER)
    service.delete_threshold(party_id=PARTY, no=last.no, now=NOON)
    make.threshold(PARTY)


def test_thresholds_of_others_look_absent():
    one = make.threshold(PARTY)
    before = everything()
    given = {"party_id": OTHER, "no": one.no}
    for verb in (
        lambda: service.change_threshold(**given, wish=replace(ABOVE, bound=1), now=NOON),
        lambda: service.switch_threshold(**given, on=False, now=NOON),
        lambda: service.delete_threshold(**given, now=NOON),
        lambda: service.follow(**given, person_id=PERSON, on=True),
    ):
        with pytest.raises(UnknownThreshold):
            verb()
    assert everything() == before


def test_a_report_is_written_once_for_each_period():
    one = make.subscribed(PARTY, PERSON)
    assert service.due(now=NOON) == []
    eight = one.next_at
    assert service.due(now=eight) == [one]
    given = {"one": one, "first": date(2026, 3, 4), "last": date(2026, 3, 4), "content": make.content(), "now": eight}
    made = service.make_edition(**given)
    assert made is not None
    assert service.make_edition(**given) is None  # a replay
    assert service.due(now=eight) == []
    make.subscribed(PARTY, PERSON, now=eight - timedelta(minutes=1))  # stopped and wished again for the same morning
    [again] = service.due(now=eight)
    assert service.make_edition(**(given | {"one": again})) is None
    [edition] = queries.editions_of(person_id=PERSON, party_id=PARTY)
    assert (edition.no, edition.content) == (made[1], make.content())
    with pytest.raises(UnknownEdition):
        queries.edition(person_id=PERSON + 1, party_id=PARTY, no=edition.no)


@pytest.mark.parametrize(("rhythm", "weekday", "hour"), [("daily", None, 24), ("weekly", None, 8), ("weekly", 8, 8)])
def test_no_such_time_for_a_report(rhythm, weekday, hour):
    before = everything()
    with pytest.raises(Invalid):
        service.subscribe(
            party_id=PARTY, person_id=PERSON, rhythm=Rhythm(rhythm), weekday=weekday, hour=hour, mail=True, now=NOON
        )
    with pytest.raises(UnknownSubscription):
        service.unsubscribe(party_id=PARTY, person_id=PERSON, rhythm=Rhythm(rhythm))
    assert everything() == before


def queued():
    one = make.subscribed(PARTY, PERSON)
    made = service.make_edition(
        one=one, first=date(2026, 3, 3), last=date(2026, 3, 3), content=make.content(), now=NOON
    )
    assert service.queue(party_id=PARTY, person_ids=[PERSON], edition_id=made[0], now=NOON) == 1
    assert service.queue(party_id=PARTY, person_ids=[PERSON], edition_id=made[0], now=NOON) == 0
    return made


def mail():
    [one] = queries.sendings_of(person_id=PERSON, party_id=PARTY)
    return one


def test_a_mail_is_taken_once_and_tried_again_while_the_server_doesnt_take_it():
    queued()
    now, waits = NOON, []
    while mail().state is SendingState.WAITING:
        [taken] = service.take_due(now=now)
        assert service.take_due(now=now) == []
        assert taken.edition.content == make.content()
        service.record(sending_id=taken.id, state=SendingState.WAITING, why="smtp_451", tries=taken.tries, now=now)
        waits.append(mail().next_at - now)
        now = mail().next_at
    assert [wait // timedelta(minutes=1) for wait in waits] == [1, 5, 30, 120, 360, 0]
    assert (mail().state, mail().why, mail().tries) == (SendingState.FAILED, "smtp_451", 6)
    service.send_again(person_id=PERSON, party_id=PARTY, sending_id=mail().id, now=now)
    [taken] = service.take_due(now=now)
    service.record(sending_id=taken.id, state=SendingState.SENT, why="", tries=taken.tries, now=now)
    before = everything()
    for person_id in (PERSON, PERSON + 1):
        with pytest.raises(SendingNotOver):
            service.send_again(person_id=person_id, party_id=PARTY, sending_id=taken.id, now=now)
    assert everything() == before


def test_a_mail_whose_sender_died_isnt_sent_again_by_itself():
    queued()
    [taken] = service.take_due(now=NOON)
    assert service.give_up_lost(now=NOON + timedelta(minutes=4)) == 0
    late = NOON + timedelta(minutes=5)
    assert service.give_up_lost(now=late) == 1
    assert (mail().state, mail().why) == (SendingState.UNKNOWN, "cut_off")
    assert service.take_due(now=late + timedelta(days=1)) == []
    # the one that was given up comes back after all: too late to say anything
    service.record(sending_id=taken.id, state=SendingState.SENT, why="", tries=1, now=late)
    assert mail().state is SendingState.UNKNOWN


def test_states_know_their_exits():
    assert {one: sorted(one.exits) for one in SendingState} == {
        "waiting": ["failed", "sending"], "sending": ["failed", "sent", "unknown", "waiting"], "sent": [],
        "failed": ["waiting"], "unknown": ["waiting"],
    }  # fmt: skip


def test_old_reports_and_a_persons_own_are_forgotten():
    queued()
    make.threshold(PARTY, mail=True)
    assert service.forget_old(now=NOON + timedelta(days=180)) == 0
    assert service.forget_old(now=NOON + timedelta(days=181)) == 2
    queued_again = make.subscribed(PARTY, PERSON)
    assert queued_again
    service.forget_person(person_id=PERSON)
    left = everything()
    assert [left[name] for name in ("follower", "subscription", "edition", "sending")] == [[], [], [], []]
    assert len(left["threshold"]) == 1
