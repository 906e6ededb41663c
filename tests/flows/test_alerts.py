"""Alerts and reports from the look to the mail: told once, replayed without a trace, sent in the person's language."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.make import alerts as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.alerts import ABOVE, NOON
from tests.make.mailing import post_office
from tuike.alerts import queries, service
from tuike.alerts.types import Compare, Rhythm, SendingState, Wish
from tuike.db import rows
from tuike.doors.web import mails
from tuike.flows import confirm_email, keep_alerts, make_reports, send_mails, watch_thresholds
from tuike.gateways.mail import Mail, MailOutcome, MailState
from tuike.messages import queries as news
from tuike.parties import queries as parties
from tuike.parties import service as seats
from tuike.parties.types import Role
from tuike.people import queries as persons
from tuike.people import service as people


@pytest.fixture
def post(settings, committed_db):
    with post_office(settings) as running:
        yield running


@pytest.fixture
def shop(post):
    return make_parties.merchant()


@pytest.fixture
def boss(shop):
    """The super administrator, with a confirmed address."""
    person_id = parties.administrators_of([shop.id])[shop.id][0].person_id
    addressed(person_id, "li.lei@example.com")
    return person_id


def addressed(person_id, address):
    codes = []

    def compose(to, digits):
        codes.append(digits)
        return Mail(to, "code", digits, digits, "c")

    confirm_email.ask_email(person_id=person_id, address=address, compose=compose, real_now=NOON)
    actor = make_people.acting(person_id)
    confirm_email.confirm_email(person_id=person_id, code=codes[0], actor=actor, real_now=NOON)


def set_(shop, person_id, wish=ABOVE, *, mail=True):
    keep_alerts.set_threshold(
        party_id=shop.id, person_id=person_id, wish=wish, mail=mail, key=f"key-{wish.bound}", now=NOON
    )


def reading(value, before=None):
    return lambda party, tile, span, until: make.measured(value, before) if tile == "paid" else None


def bell(shop, person_id):
    found = news.of_party(party_id=shop.id, person_id=person_id, role="super_admin")
    return [(one.kind, one.zh) for one in found if one.kind.startswith(("threshold", "report"))]


def send(now=NOON):
    return send_mails.send_mails(compose=mails.compose, now=now)


def test_a_crossing_is_told_once_under_the_bell_and_by_mail(shop, boss, post):
    set_(shop, boss)
    post.raw.clear()
    assert watch_thresholds.watch_thresholds(read=reading(100_00), now=NOON) == {"looked": 1, "fired": 0}
    assert watch_thresholds.watch_thresholds(read=reading(123_45), now=NOON) == {"looked": 1, "fired": 1}
    assert watch_thresholds.watch_thresholds(read=reading(130_00), now=NOON) == {"looked": 1, "fired": 0}
    assert bell(shop, boss) == [("threshold_crossed", "预警：成交金额（今日）为 ¥123.45，高于 ¥100.00")]
    assert (send(), send()) == (1, 0)
    [mail] = post.mails
    assert mail["Subject"].strip() == "预警：好物小店 成交金额 ¥123.45"
    assert "高于 ¥100.00" in mail.get_body(("plain",)).get_content()
    assert "¥123.45" in mail.get_body(("html",)).get_content()


def test_each_figure_is_read_once(shop, boss):
    asked = []

    def read(party, tile, span, until):
        asked.append((party.id, tile, span, until))
        return make.measured(50_00, 100_00)

    for bound in range(1, 6):
        set_(shop, boss, Wish("paid", 7, Compare.ABOVE, bound), mail=False)
    set_(shop, boss, Wish("paid", 7, Compare.FALLS, 4000), mail=False)
    assert watch_thresholds.watch_thresholds(read=read, now=NOON) == {"looked": 6, "fired": 6}
    assert len(asked) == 2  # with today, and up to yesterday
    assert any("¥50.00 (−50%)，较上期下降超过 40%" in zh for _, zh in bell(shop, boss))


def test_whoever_left_gets_no_mail(shop, boss, post):
    guest = make_parties.seated(shop, Role.FINANCE).person_id
    addressed(guest, "han@example.com")
    post.raw.clear()
    keep_alerts.set_threshold(party_id=shop.id, person_id=guest, wish=ABOVE, mail=True, key="k", now=NOON)
    make.subscribed(shop.id, guest)
    seats.remove_seat(party_id=shop.id, person_id=guest, actor=make_parties.super_admin_of(shop), now=NOON)
    assert watch_thresholds.watch_thresholds(read=reading(200_00), now=NOON)["fired"] == 1
    later = NOON + timedelta(days=1)
    assert make_reports.make_reports(write=lambda *given: make.content(), now=later) == 0
    assert queries.subscriptions_of(person_id=guest, party_id=shop.id) == {}
    assert send(later) == 0
    assert post.raw == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ["好物小店 经营日报 2026-03-04", "成交金额: ¥123.45", "排行 · 商品", "本期没有成交"]),
        ("en", ["好物小店: daily report, 2026-03-04", "Paid: ¥123.45", "The best · Products", "Nothing was sold"]),
    ],
)
def test_a_report_is_written_and_mailed_once_in_the_persons_language(shop, boss, post, language, said):
    people.rename(person_id=boss, language=language)
    make.subscribed(shop.id, boss)
    post.raw.clear()
    asked = []

    def write(*given):
        asked.append(given[1:])
        return make.content()

    eight = NOON + timedelta(hours=20)
    assert make_reports.make_reports(write=write, now=eight - timedelta(seconds=1)) == 0
    assert [make_reports.make_reports(write=write, now=eight + timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]
    assert [(one[0], str(one[1]), str(one[2])) for one in asked] == [(Rhythm.DAILY, "2026-03-04", "2026-03-04")]
    assert bell(shop, boss)[0] == ("report_daily", "2026-03-04 经营日报：成交金额 ¥123.45")
    other = make_parties.seated(shop, Role.ADMIN).person_id
    assert bell(shop, other) == []  # it is this person's alone
    assert send(eight) == 1
    [mail] = post.mails
    subject, *words = said
    assert mail["Subject"] == subject
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for word in words:
        assert word in text
    assert "&lt;茶&gt;" in html
    assert "<茶>" not in html
    assert 'src="cid:chart"' in html
    assert html.count("http") == html.count("http://127.0.0.1")  # nothing is loaded, links lead to us
    assert "<img" in html
    assert html.count("<img") == 1
    [part] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    with Image.open(io.BytesIO(part.get_content())) as picture:
        assert picture.size == (1280, 560)
        assert len(picture.getcolors(256)) > 4


def taken_down(shop, boss, monkeypatch, outcomes):
    """Write a report and let the server give these answers one after the other; return how often it was called."""
    make.subscribed(shop.id, boss)
    eight, calls = NOON + timedelta(hours=20), []

    def answer(mail):
        calls.append(mail.number)
        said = outcomes.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said

    monkeypatch.setattr(send_mails.gateway, "send", answer)
    assert make_reports.make_reports(write=lambda *given: make.content(), now=eight) == 1
    return eight, calls


def state(shop, boss):
    [one] = queries.sendings_of(person_id=boss, party_id=shop.id)
    return one.state, one.why, one.tries


def test_a_server_that_is_down_is_tried_again(shop, boss, monkeypatch):
    down = MailOutcome(MailState.NOT_SENT, "unreachable")
    now, calls = taken_down(shop, boss, monkeypatch, [down, down, MailOutcome(MailState.SENT)])
    assert [send(now), send(now)] == [1, 0]
    assert state(shop, boss) == (SendingState.WAITING, "unreachable", 1)
    assert send(now + timedelta(minutes=1)) == 1
    assert send(now + timedelta(minutes=5)) == 0
    assert send(now + timedelta(minutes=6)) == 1
    assert state(shop, boss) == (SendingState.SENT, "", 3)
    assert send(now + timedelta(days=1)) == 0
    assert len(set(calls)) == 1  # one mail, by its Message-ID


def test_killed_between_the_server_and_the_record_it_isnt_sent_twice(shop, boss, monkeypatch):
    now, calls = taken_down(shop, boss, monkeypatch, [KeyboardInterrupt("killed"), MailOutcome(MailState.SENT)])
    with pytest.raises(KeyboardInterrupt):
        send(now)
    assert [send(now + timedelta(minutes=n)) for n in (1, 4, 5, 60, 600)] == [0] * 5
    assert state(shop, boss) == (SendingState.UNKNOWN, "cut_off", 1)
    assert make_reports.make_reports(write=lambda *given: make.content(), now=now + timedelta(hours=1)) == 0
    assert len(calls) == 1
    [one] = queries.sendings_of(person_id=boss, party_id=shop.id)
    keep_alerts.send_again(party_id=shop.id, person_id=boss, sending_id=one.id, now=now)
    assert send(now) == 1
    assert state(shop, boss)[0] is SendingState.SENT


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (MailOutcome(MailState.REFUSED, "smtp_550"), SendingState.FAILED),
        (MailOutcome(MailState.UNKNOWN, "timeout"), SendingState.UNKNOWN),
    ],
)
def test_a_no_for_good_and_silence_end_it(shop, boss, monkeypatch, outcome, ends):
    now, calls = taken_down(shop, boss, monkeypatch, [outcome])
    assert send(now) == 1
    assert state(shop, boss)[:2] == (ends, outcome.why)
    assert send(now + timedelta(days=3)) == 0
    assert len(calls) == 1


def test_without_an_address_the_mail_fails_and_says_so(shop, boss, post):
    make.subscribed(shop.id, boss)
    confirm_email.remove_email(person_id=boss, actor=make_people.acting(boss), now=NOON)
    eight = NOON + timedelta(hours=20)
    make_reports.make_reports(write=lambda *given: make.content(), now=eight)
    assert send(eight) == 1
    assert state(shop, boss)[:2] == (SendingState.FAILED, "no_address")


def test_after_days_without_a_worker_the_latest_period_is_written(shop, boss):
    make.subscribed(shop.id, boss, rhythm=Rhythm.WEEKLY)
    late = NOON + timedelta(days=30)  # Friday, 3 April
    written = []
    assert make_reports.make_reports(write=lambda *given: written.append(given) or make.content(), now=late) == 1
    assert [(str(one[2]), str(one[3])) for one in written] == [("2026-03-23", "2026-03-29")]
    assert queries.subscriptions_of(person_id=boss, party_id=shop.id)[Rhythm.WEEKLY].next_at > late


def test_mails_are_ended_by_their_link_and_the_bell_goes_on(shop, boss):
    set_(shop, boss)
    make.subscribed(shop.id, boss)
    [one] = queries.thresholds_of(shop.id)
    whose = {"party_id": shop.id, "person_id": boss, "now": NOON}
    for _ in range(2):
        keep_alerts.stop_mails(rhythm=Rhythm.DAILY, **whose)
        keep_alerts.stop_mails(rhythm=None, threshold_no=one.no, **whose)
    assert not queries.subscriptions_of(person_id=boss, party_id=shop.id)[Rhythm.DAILY].mail
    assert queries.thresholds_of(shop.id)[0].followers == frozenset()
    token = mails.stop_token(party_id=1, person_id=2, about="daily")
    assert mails.read_stop(token) == (1, 2, "daily")
    assert mails.read_stop(token[:-1] + ("A" if token[-1] != "A" else "B")) is None


def test_the_same_key_sets_one(shop, boss):
    set_(shop, boss)
    set_(shop, boss)
    assert len(queries.thresholds_of(shop.id)) == 1


def test_an_erased_person_has_nothing_left(shop, boss):
    make.subscribed(shop.id, boss)
    set_(shop, boss)
    service.forget_person(person_id=boss)
    people.erase_person(person_id=boss, actor=make_people.acting(boss), now=NOON)
    for table in ("people_email", "people_email_claim", "alerts_follower", "alerts_subscription"):
        assert rows.query(f"SELECT 1 FROM {table} WHERE person_id = %s", [boss]) == []
    assert persons.addresses_of([boss]) == {}
