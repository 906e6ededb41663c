"""Alerts and reports in every console: set, told, looked at; figures equal to the board; for oneself and by role."""

import io
import itertools
import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from PIL import Image

from tests.make import alerts as make
from tests.make import boarded
from tests.make import parties as make_parties
from tuike.alerts import queries, rules
from tuike.alerts.types import Compare, Rhythm, SendingState, Unit, Wish
from tuike.db import rows
from tuike.doors.jobs import alerts as jobs
from tuike.doors.web import mails
from tuike.insight import reports
from tuike.insight.boards import contribution, tiles
from tuike.kit import clock, days
from tuike.parties.types import Role
from tuike.people import queries as persons

KINDS = ("promoter", "merchant", "leader", "operator")
ONE = {"tile": "paid", "span": "90", "compare": "above", "bound": "1.50", "mail": "1"}


@pytest.fixture
def alliance(db, monkeypatch):
    found = boarded.story()
    monkeypatch.setattr(clock, "now", lambda: boarded.LOOKED)
    return found


@pytest.fixture
def shop(db):
    return make_parties.merchant()


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode().replace("&amp;", "&").replace("&#x27;", "'")


def everything():
    tables = ("threshold", "follower", "subscription", "edition", "sending")
    return {name: rows.query(f"SELECT * FROM alerts_{name} ORDER BY id") for name in tables}


def addressed(one, address="li.lei@example.com"):
    rows.run("DELETE FROM people_attempt")
    outbox.outbox.clear()
    assert one.post("/account/email/", {"address": address}, htmx=False).status_code == 303
    code = re.search(r"\b(\d{6})\b", outbox.outbox[0].body)[1]
    assert one.post("/account/email/confirm", {"code": code}, htmx=False).status_code == 303
    outbox.outbox.clear()


def test_an_alert_is_set_fires_and_opens_its_rows(alliance, sit):
    for kind in KINDS:
        fires(alliance, sit, kind)


def fires(alliance, sit, kind):
    party = alliance.of(kind)
    one = sit(party)
    addressed(one)
    tile = "paid" if "paid" in {each.key for each in tiles.of(kind)} else "estimated"
    assert "还没有预警" in text(one.get("alerts"))
    assert 'name="tile"' in text(one.get("alert-new", htmx=True))
    assert one.post("alert-new", ONE | {"tile": tile}).headers["HX-Redirect"] == one.url("alerts")
    assert jobs.watch(boarded.LOOKED)["fired"] == 1
    assert jobs.watch(boarded.LOOKED)["fired"] == 0
    page = text(one.get("alerts"))
    owner, owner_id = tiles.owner_of(kind, party.id)
    value = tiles.tile_value(tile, owner=owner, owner_id=owner_id, span=90, now=boarded.LOOKED).value
    assert value > 150
    assert page.count(rules.shown(value, Unit.FEN)) == 2  # now, and when it fired
    [firing] = queries.firings_of(party.id)
    assert (firing.value, firing.wish.bound) == (value, 150)
    behind = "board-lines" if tile == "paid" else "explorer"
    address = re.search(rf'href="({one.url(behind)}\?[^"]*paid_at_from[^"]*)"', page)[1]
    assert one.client.get(address).status_code == 200
    assert "预警：" in text(one.get("bell"))
    assert jobs.send(boarded.LOOKED)["mails"] == 1
    assert outbox.outbox[0].to == ["li.lei@example.com"]


def test_a_reports_figures_are_the_boards(alliance):
    for kind, rhythm in itertools.product(KINDS, Rhythm):
        compared(alliance, kind, rhythm)


def compared(alliance, kind, rhythm):
    party = alliance.of(kind)
    owner, owner_id = tiles.owner_of(kind, party.id)
    paid = 0
    for week in range(9):
        first, last = rules.period(rhythm, boarded.LOOKED - timedelta(days=week * 7))
        content = reports.content(party, rhythm, first, last)
        until = days.start_of(last + timedelta(days=1)) - timedelta(seconds=1)
        span = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}[rhythm]
        assert [one["key"] for one in content["tiles"]] == [one.key for one in tiles.of(kind)]
        for one in content["tiles"]:
            board = tiles.tile_value(one["key"], owner=owner, owner_id=owner_id, span=span, now=until)
            assert (one["value"], one["before"]) == (board.value, board.before), one["key"]
        figures = {one["key"]: one["value"] for one in content["tiles"]}
        assert content["days"][-1]["day"] == last.isoformat()
        money = "paid" if "paid" in figures else "estimated"
        assert sum(one[f"{money}_fen"] for one in content["days"][-span:]) == figures[money]
        for top in content["tops"]:
            found = contribution.contributions(
                owner=owner, owner_id=owner_id, by=top["by"], span=span, order="paid", now=until
            )
            sold = [one for one in found.rows if one.figures.paid_fen or one.figures.orders][:5]
            assert [row["paid_fen"] for row in top["rows"]] == [one.figures.paid_fen for one in sold]
            assert sum(row["paid_fen"] for row in top["rows"]) <= figures["paid"]
        paid += figures[money]
    assert paid > 0 or rhythm is Rhythm.DAILY


def test_a_report_is_looked_at_subscribed_to_and_read(alliance, sit):
    for kind in KINDS:
        read(alliance, sit, kind)


def read(alliance, sit, kind):
    one = sit(alliance.of(kind), english=True)
    addressed(one)
    preview = text(one.get("alert-preview", {"rhythm": "weekly"}))
    assert "This is how it would be" in preview
    picture = one.get("alert-preview-picture", {"rhythm": "weekly"})
    with Image.open(io.BytesIO(picture.content)) as drawn:
        assert (picture["Content-Type"], drawn.size) == ("image/png", (1280, 560))
    assert "Weekday" in text(one.get("alert-subscribe", {"rhythm": "weekly"}, htmx=True))
    form = {"rhythm": "weekly", "weekday": "3", "hour": "9", "mail": "1"}
    assert one.post("alert-subscribe", form).status_code == 200
    [held] = queries.subscriptions_of(person_id=one.person_id, party_id=one.party.id).values()
    assert jobs.make(held.next_at - timedelta(seconds=1)) == {"reports": 0}
    assert jobs.make(held.next_at) == {"reports": 1}
    assert jobs.make(held.next_at) == {"reports": 0}
    page = text(one.get("alert-reports"))
    address = re.search(rf'href="({one.url("alerts")}reports/B[^"]+)"', page)[1]
    shown = text(one.get(address))
    assert "weekly report" in shown
    assert one.get(f"{address}.png").content.startswith(b"\x89PNG")
    assert jobs.send(held.next_at) == {"mails": 1}
    [sent] = outbox.outbox
    first, last = rules.period(Rhythm.WEEKLY, held.next_at)
    assert sent.subject == f"{one.party.name}: weekly report, {first} to {last}"
    edition = queries.editions_of(person_id=one.person_id, party_id=one.party.id)[0]
    for figure in edition.content["tiles"]:
        said = f"{figure['en']}: {rules.shown(figure['value'], Unit(figure['unit']))}"
        assert said in sent.body
    assert "sent" in text(one.get("alert-reports"))
    other = sit(one.party, Role.ADMIN if kind != "operator" else Role.AUDITOR)
    assert other.get(address).status_code == 404  # it is this person's
    assert other.get(f"{address}.png").status_code == 404
    assert one.post("alert-unsubscribe", {"rhythm": "weekly"}).status_code == 200
    assert queries.subscriptions_of(person_id=one.person_id, party_id=one.party.id) == {}


def test_an_alert_is_changed_followed_switched_and_deleted(shop, sit):
    one = sit(shop)
    one.post("alert-new", {"tile": "refund_rate", "span": "7", "compare": "above", "bound": "12.5"})
    [made] = queries.thresholds_of(shop.id)
    assert made.wish == Wish("refund_rate", 7, Compare.ABOVE, 1250)
    assert made.followers == frozenset()
    assert 'value="12.50"' in text(one.get("alert-edit", no=made.no, htmx=True))
    changed = {"tile": "orders", "span": "1", "compare": "below", "bound": "30", "quiet_from": "22", "quiet_until": "8"}
    assert one.post("alert-edit", changed, no=made.no).status_code == 200
    assert queries.threshold(party_id=shop.id, no=made.no).wish == Wish("orders", 1, Compare.BELOW, 30, 22, 8)
    assert "22:00–8:00 免打扰" in text(one.get("alerts"))
    one.post("alert-follow", {"on": "1"}, no=made.no)
    assert queries.threshold(party_id=shop.id, no=made.no).followers == {one.person_id}
    one.post("alert-follow", {}, no=made.no)
    one.post("alert-switch", {}, no=made.no)
    page = text(one.get("alerts"))
    assert "已停用" in page
    assert "确定删除这个预警" in page
    one.post("alert-switch", {"on": "1"}, no=made.no)
    assert queries.threshold(party_id=shop.id, no=made.no).on
    one.post("alert-delete", no=made.no)
    assert queries.thresholds_of(shop.id) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"bound": ""}, {"bound": "x"}, {"bound": "-1"}, {"bound": "1.234"}, {"bound": "9" * 13}, {"tile": "nothing"},
        {"tile": "orders", "bound": "1.5"}, {"span": "2"}, {"compare": "is"}, {"quiet_from": "3"},
        {"compare": "falls", "bound": "101"}, {"quiet_from": "3", "quiet_until": "3"},
    ],
)  # fmt: skip
def test_what_cant_be_watched_for_is_refused_and_keeps_what_was_typed(shop, sit, wrong):
    one = sit(shop, english=True)
    before = everything()
    page = text(one.post("alert-new", ONE | wrong), 422)
    assert 'role="alert"' in page
    if "bound" in wrong:
        assert f'value="{wrong["bound"]}"' in page
    assert everything() == before


def test_a_form_sent_twice_sets_one(shop, sit):
    one = sit(shop)
    for _ in range(2):
        one.post("alert-new", ONE | {"key": "same"})
    assert len(queries.thresholds_of(shop.id)) == 1


@pytest.mark.parametrize(("kind", "role"), [("merchant", Role.PRODUCT_MANAGER), ("operator", Role.AUDITOR)])
def test_a_role_that_only_reads_follows_and_subscribes_but_sets_nothing(db, sit, kind, role):
    party = getattr(make_parties, kind)()
    boss, reader = sit(party), sit(party, role)
    boss.post("alert-new", ONE)
    [made] = queries.thresholds_of(party.id)
    page = text(reader.get("alerts"))
    assert reader.url("alert-new") not in page
    assert reader.url("alert-delete", no=made.no) not in page
    before = everything()
    for name, where in (
        ("alert-new", {}),
        *((f"alert-{act}", {"no": made.no}) for act in ("edit", "switch", "delete")),
    ):
        assert reader.post(name, ONE, **where).status_code == 403
    assert everything() == before
    assert reader.post("alert-follow", {"on": "1"}, no=made.no).status_code == 200
    assert reader.person_id in queries.thresholds_of(party.id)[0].followers
    assert reader.post("alert-subscribe", {"rhythm": "daily", "hour": "8"}).status_code == 200


def test_alerts_of_others_look_absent(shop, sit):
    one, other = sit(shop), sit(make_parties.merchant())
    one.post("alert-new", ONE)
    [made] = queries.thresholds_of(shop.id)
    before = everything()
    for act in ("edit", "switch", "delete", "follow"):
        assert other.post(f"alert-{act}", ONE, no=made.no).status_code == 404
    assert other.get("alert-edit", no=made.no).status_code == 404
    assert other.get("alerts", of=shop).status_code == 404
    assert everything() == before


def test_a_figure_of_another_kind_of_party_isnt_offered(db, sit):
    promoter = sit(make_parties.promoter())
    assert 'value="all_paid"' not in text(promoter.get("alert-new", htmx=True))
    before = everything()
    text(promoter.post("alert-new", ONE | {"tile": "all_paid"}), 422)
    assert everything() == before


def test_an_address_is_confirmed_by_its_code_and_shown_masked(shop, sit):
    one = sit(shop)
    text(one.post("/account/email/", {"address": "nonsense"}, htmx=False), 422)
    outbox.outbox.clear()
    one.post("/account/email/", {"address": "li.lei@Example.com"}, htmx=False)
    page = text(one.get("/account/email/"))
    assert "l***@example.com" in page
    assert "li.lei" not in page
    assert persons.addresses_of([one.person_id]) == {}
    text(one.post("/account/email/confirm", {"code": "x"}, htmx=False), 422)
    code = re.search(r"\b(\d{6})\b", outbox.outbox[0].body)[1]
    one.post("/account/email/confirm", {"code": code}, htmx=False)
    assert persons.addresses_of([one.person_id]) == {one.person_id: "li.lei@example.com"}
    assert "已验证" in text(one.get("/account/email/"))
    one.post("/account/email/remove", htmx=False)
    assert persons.addresses_of([one.person_id]) == {}


def test_codes_that_are_asked_for_too_often_are_refused(shop, sit):
    one = sit(shop)
    for _ in range(3):
        one.post("/account/email/", {"address": "a@b.cn"}, htmx=False)
    outbox.outbox.clear()
    assert "尝试次数过多" in text(one.post("/account/email/", {"address": "a@b.cn"}, htmx=False), 429)
    assert outbox.outbox == []


def test_a_trial_mail_goes_to_oneself(shop, sit):
    one = sit(shop)
    assert one.post("alert-trial").headers["HX-Redirect"] == "/account/email/"
    addressed(one)
    assert "发送测试邮件" in text(one.get("alert-reports"))
    one.post("alert-trial")
    [sent] = outbox.outbox
    assert (sent.to, sent.subject) == (["li.lei@example.com"], "推客测试邮件")


def test_the_link_in_a_mail_ends_its_kind_by_one_press_signed_in_or_not(shop, sit, nobody):
    one = sit(shop)
    make.subscribed(shop.id, one.person_id, now=clock.now())
    address = f"/mails/stop/{mails.stop_token(party_id=shop.id, person_id=one.person_id, about='daily')}"
    assert "确认退订" in text(nobody.get(address))  # a program that opens links ends nothing
    assert queries.subscriptions_of(person_id=one.person_id, party_id=shop.id)[Rhythm.DAILY].mail
    nobody.handler.enforce_csrf_checks = True
    assert "已退订" in text(nobody.post(address, {"List-Unsubscribe": "One-Click"}))
    assert not queries.subscriptions_of(person_id=one.person_id, party_id=shop.id)[Rhythm.DAILY].mail
    before = everything()
    assert nobody.post(f"{address}x").status_code == 404
    assert everything() == before


def test_a_mail_that_failed_is_shown_and_sent_again(shop, sit):
    one = sit(shop)
    held = make.subscribed(shop.id, one.person_id, now=clock.now())
    assert jobs.make(held.next_at) == {"reports": 1}
    assert jobs.send(held.next_at) == {"mails": 1}
    page = text(one.get("alert-reports"))
    assert "发送失败" in page
    assert "没有已验证的邮箱" in page
    [sending] = queries.sendings_of(person_id=one.person_id, party_id=shop.id)
    other = sit(shop, Role.ADMIN)
    assert other.post("alert-mail-again", sending_id=sending.id).status_code == 409
    addressed(one)
    one.post("alert-mail-again", sending_id=sending.id)
    assert jobs.send(held.next_at + timedelta(days=1)) == {"mails": 1}
    assert queries.sendings_of(person_id=one.person_id, party_id=shop.id)[0].state is SendingState.SENT
    assert len(outbox.outbox) == 1
