"""Webhooks: endpoints and their secrets, events written once, the schedule, what is recorded, what is forgotten."""

import base64
import json
from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make import webhooks as make
from tests.make.people import EARLY
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.idempotency.types import KeyUsedForOther
from tuike.kit import days
from tuike.kit.crypto import Unreadable
from tuike.kit.errors import Invalid
from tuike.messages import queries as news
from tuike.parties import service as parties
from tuike.parties.types import NotCertified, Suspended
from tuike.webhooks import queries, rules, service
from tuike.webhooks.types import (
    OFFERED,
    WORDS,
    BadUrl,
    DeliveryState,
    DeliveryUnderWay,
    EndpointOff,
    EventType,
    RotatedAlready,
    Told,
    TooManyEndpoints,
    Tried,
    UnknownDelivery,
    UnknownEndpoint,
)

pytestmark = pytest.mark.django_db
NOW = EARLY + timedelta(days=1)
URL = "https://shop.example.com/hooks"
HOOKS = ("webhooks", "idempotency")


@pytest.fixture
def shop():
    return make_parties.merchant()


@pytest.fixture
def boss(shop):
    return make_parties.super_admin_of(shop)


def add(party, boss, **changed):
    given = {"name": "订单系统", "url": URL, "types": ["order.paid"], "key": "one"} | changed
    return service.add(party_id=party.id, actor=boss, now=NOW, **given)


def take(now=NOW, limit=10, per_host=4, flying=None):
    return service.take(limit=limit, per_host=per_host, flying=flying or {}, now=now)


def tried(one, error="", status=None):
    status = status or (500 if error else 204)
    return Tried(one.delivery_id, one.take, 12, status, error, "said")


def state_of(party, delivery_id):
    return queries.delivery(party_id=party.id, delivery_id=delivery_id).state


def fail(now, error="status"):
    one = take(now)[0]
    service.record(tried=[tried(one, error)], now=now)
    return one


def test_every_type_has_words_and_no_party_is_offered_the_test():
    assert set(WORDS) == set(EventType)
    assert all(EventType.ENDPOINT_TEST not in offered for offered in OFFERED.values())
    assert {one for offered in OFFERED.values() for one in offered} == set(EventType) - {EventType.ENDPOINT_TEST}


def test_the_signature_is_that_of_the_specification():
    """The example that the specification's own libraries are tested with."""
    made = rules.signature(
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        event_no="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_schedule_goes_on_for_three_days():
    waits = [rules.next_try(tries) for tries in range(1, 13)]
    assert waits[0] == timedelta(seconds=5)
    assert waits[-2] == timedelta(hours=24)
    assert waits[-1] is None
    assert sum(waits[:-1], timedelta()) == timedelta(hours=75, minutes=42, seconds=35)


def test_an_endpoint_is_added_with_a_secret_that_is_shown_once(shop, boss):
    made = add(shop, boss)
    assert made.secret.startswith("whsec_")
    assert len(base64.b64decode(made.secret.removeprefix("whsec_"))) == 32
    stored = bytes(rows.query("SELECT secret FROM webhooks_endpoint")[0][0])
    assert made.secret.encode() not in stored
    assert "whsec_" not in json.dumps(rows.query("SELECT t::text FROM idempotency_key t"))
    assert "whsec_" not in json.dumps(rows.query("SELECT t::text FROM audit_act t"))
    assert "whsec_" not in repr(made)
    shown = queries.endpoints_of(shop.id)
    assert [(one.no, one.url, one.types, one.active) for one in shown] == [
        (made.endpoint.no, URL, (EventType.ORDER_PAID,), True)
    ]


def test_a_form_sent_twice_adds_one_endpoint(shop, boss):
    first, second = add(shop, boss), add(shop, boss)
    assert (first.endpoint.no, first.secret) == (second.endpoint.no, second.secret)
    with refused(KeyUsedForOther, *HOOKS):
        add(shop, boss, name="别的")
    assert len(queries.endpoints_of(shop.id)) == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name": " "}, Invalid),
        ({"name": "长" * 41}, Invalid),
        ({"name": "a\0b"}, Invalid),
        ({"types": []}, Invalid),
        ({"types": ["order.paid", "order.eaten"]}, Invalid),
        ({"types": ["endpoint.test"]}, Invalid),
        ({"url": "http://shop.example.com/hooks"}, BadUrl),
        ({"url": ""}, BadUrl),
        ({"url": "https://127.0.0.1/"}, BadUrl),
    ],
)
def test_a_wrong_endpoint_is_refused(shop, boss, changed, refusal):
    with refused(refusal, *HOOKS):
        add(shop, boss, **changed)
    one = make.endpoint(shop).endpoint
    given = {"name": one.name, "url": one.url, "types": ["order.paid"]} | changed
    with refused(refusal, *HOOKS):
        service.change(party_id=shop.id, no=one.no, actor=boss, now=NOW, **given)


def test_a_promoter_is_not_offered_what_only_shops_hear(boss):
    promoter = make_parties.promoter()
    with refused(Invalid, *HOOKS):
        add(promoter, boss, types=["report.refused"])


def test_a_party_has_ten_endpoints_at_most(shop, boss):
    made = [add(shop, boss, key=f"k{n}") for n in range(10)]
    with refused(TooManyEndpoints, *HOOKS):
        add(shop, boss, key="k10")
    service.delete(party_id=shop.id, no=made[0].endpoint.no, actor=boss, now=NOW)
    add(shop, boss, key="k10")


def test_only_who_may_act_adds_one(boss):
    plain = make_parties.merchant(certified=False)
    with refused(NotCertified, *HOOKS):
        add(plain, boss)
    shop = make_parties.merchant()
    parties.suspend(party_id=shop.id, reason="核查", actor=OPERATOR_SHELL, now=NOW)
    with refused(Suspended, *HOOKS):
        add(shop, boss)


def test_somebody_elses_endpoint_is_not_there(shop, boss):
    no = make.endpoint(make_parties.merchant()).endpoint.no
    for verb in (
        lambda: service.switch(party_id=shop.id, no=no, on=False, actor=boss, now=NOW),
        lambda: service.delete(party_id=shop.id, no=no, actor=boss, now=NOW),
        lambda: service.rotate(party_id=shop.id, no=no, key="k", actor=boss, now=NOW),
        lambda: service.tell_test(party_id=shop.id, endpoint_no=no, now=NOW),
        lambda: service.redeliver_failed(party_id=shop.id, endpoint_no=no, since=NOW, actor=boss, now=NOW),
        lambda: queries.endpoint(party_id=shop.id, no=no),
    ):
        with refused(UnknownEndpoint, *HOOKS):
            verb()


def test_an_event_goes_to_each_endpoint_that_wants_it_and_to_nobody_else(shop):
    one = make.endpoint(shop, EventType.ORDER_PAID, EventType.ORDER_CLOSED).endpoint
    two = make.endpoint(shop, EventType.ORDER_PAID).endpoint
    off = make.endpoint(shop, EventType.ORDER_PAID).endpoint
    service.switch(party_id=shop.id, no=off.no, on=False, actor=OPERATOR_SHELL, now=NOW)
    other = make_parties.merchant()
    make.endpoint(other, EventType.ORDER_PAID)
    told = [
        Told(shop.id, EventType.ORDER_PAID, "O1", {"order": "O1"}, NOW),
        Told(shop.id, EventType.ORDER_CLOSED, "O2", {"order": "O2"}, NOW),
        Told(shop.id, EventType.ORDER_SHIPPED, "O3", {"order": "O3"}, NOW),
        Told(shop.id, EventType.ORDER_PAID, "O4", {"order": "O4"}, EARLY - timedelta(days=1)),
    ]
    assert service.tell(told=told, now=NOW) == 3
    found = rows.query(
        "SELECT e.object, d.endpoint_id FROM webhooks_delivery d JOIN webhooks_event e ON e.id = d.event_id"
    )
    assert sorted(found) == sorted([("O1", one.id), ("O1", two.id), ("O2", one.id)])
    assert rows.query("SELECT count(*) FROM webhooks_event")[0][0] == 2


def test_a_try_says_the_same_every_time(shop):
    secret = make.endpoint(shop).secret
    make.told(shop, now=NOW)
    first = fail(NOW)
    again = take(NOW + timedelta(seconds=5))[0]
    assert (first.event_no, first.body) == (again.event_no, again.body)
    assert json.loads(first.body) == {
        "id": first.event_no,
        "type": "order.paid",
        "timestamp": NOW.astimezone(days.SHANGHAI).isoformat(timespec="seconds"),
        "party": shop.no,
        "object": "O1",
        "data": {"order": "O1"},
    }
    assert first.secrets == (secret,)


def test_who_takes_a_delivery_has_it_for_a_minute(shop):
    make.endpoint(shop)
    make.told(shop, now=NOW)
    first = take()[0]
    assert take() == []
    assert take(NOW + timedelta(seconds=59)) == []
    again = take(NOW + timedelta(seconds=60))[0]
    assert (again.event_no, again.take) == (first.event_no, first.take + 1)
    # What the first one says now counts for nothing, but is in the log.
    assert service.record(tried=[tried(first, "timeout")], now=NOW + timedelta(seconds=61)) == 0
    assert state_of(shop, first.delivery_id) is DeliveryState.WAITING
    assert service.record(tried=[tried(again)], now=NOW + timedelta(seconds=62)) == 1
    assert service.record(tried=[tried(again)], now=NOW + timedelta(seconds=63)) == 0
    shown = queries.delivery(party_id=shop.id, delivery_id=first.delivery_id)
    assert shown.state is DeliveryState.DELIVERED
    assert [one.error for one in shown.attempts] == ["timeout", ""]


def test_a_failure_comes_again_by_the_schedule_and_is_given_up_at_its_end(shop):
    make.endpoint(shop)
    make.told(shop, now=NOW)
    now = NOW
    for wait in rules.WAITS:
        one = fail(now)
        assert state_of(shop, one.delivery_id) is DeliveryState.FAILED
        assert take(now + wait - timedelta(microseconds=1)) == []
        now += wait
    one = fail(now)
    assert state_of(shop, one.delivery_id) is DeliveryState.GIVEN_UP
    assert take(now + timedelta(days=3)) == []
    assert len(queries.delivery(party_id=shop.id, delivery_id=one.delivery_id).attempts) == 12


def test_a_host_has_a_few_at_a_time_and_the_others_go_on(shop):
    make.endpoint(shop, url="https://slow.example.com/a")
    make.endpoint(shop, url="https://slow.example.com/b")
    make.endpoint(shop, url="https://quick.example.com/")
    for n in range(5):
        make.told(shop, no=f"O{n}", now=NOW)
    first = take(limit=5)
    slow = sum(one.host == "slow.example.com" for one in first)
    assert (len(first), slow in (2, 3)) == (5, True)
    second = take(limit=50, flying={"slow.example.com": slow})
    assert sum(one.host == "slow.example.com" for one in second) == 4 - slow
    assert {one.host for one in take(limit=50, flying={"slow.example.com": 4})} <= {"quick.example.com"}
    assert take(limit=0) == []


def test_after_five_days_without_success_an_endpoint_is_switched_off_and_its_party_hears_of_it(shop, boss):
    one = make.endpoint(shop).endpoint
    make.told(shop, no="O1", now=NOW)
    fail(NOW)
    make.told(shop, no="O2", now=NOW)
    service.record(tried=[tried(next(t for t in take() if t.take == 1))], now=NOW)  # O2 gets through: begins anew
    assert queries.endpoint(party_id=shop.id, no=one.no).failing_since is None
    since = NOW + timedelta(minutes=1)
    fail(since)
    later = since + timedelta(days=5)
    make.told(shop, no="O3", now=later)
    for at in (later - timedelta(seconds=1), later):
        assert queries.endpoint(party_id=shop.id, no=one.no).active
        fail(at)
    shown = queries.endpoint(party_id=shop.id, no=one.no)
    assert (shown.active, shown.off_reason) == (False, "failing")
    assert take(later + timedelta(days=1)) == []
    assert make.told(shop, no="O4", now=later) == 0
    kinds = [m.kind for m in news.of_party(party_id=shop.id, person_id=boss.person_id, role="super_admin")]
    assert "webhook_off" in kinds
    on = service.switch(party_id=shop.id, no=one.no, on=True, actor=boss, now=later)
    assert (on.active, on.failing_since) == (True, None)


def test_two_secrets_sign_for_a_day(shop, boss):
    made = make.endpoint(shop)
    no = made.endpoint.no
    fresh = service.rotate(party_id=shop.id, no=no, key="r1", actor=boss, now=NOW)
    assert fresh.secret != made.secret
    assert service.rotate(party_id=shop.id, no=no, key="r1", actor=boss, now=NOW).secret == fresh.secret
    with refused(RotatedAlready, *HOOKS):
        service.rotate(party_id=shop.id, no=no, key="r2", actor=boss, now=NOW + timedelta(hours=23, minutes=59))
    make.told(shop, now=NOW)
    assert take()[0].secrets == (fresh.secret, made.secret)
    after = NOW + timedelta(hours=24)
    assert take(after)[0].secrets == (fresh.secret,)
    service.rotate(party_id=shop.id, no=no, key="r2", actor=boss, now=after)


def test_off_and_deleted_give_up_what_waits(shop, boss):
    one, two = make.endpoint(shop).endpoint, make.endpoint(shop).endpoint
    make.told(shop, now=NOW)
    off = service.switch(party_id=shop.id, no=one.no, on=False, actor=boss, now=NOW)
    assert (off.active, off.off_reason) == (False, "person")
    assert service.switch(party_id=shop.id, no=one.no, on=False, actor=boss, now=NOW) == off
    service.delete(party_id=shop.id, no=two.no, actor=boss, now=NOW)
    assert {state for (state,) in rows.query("SELECT state FROM webhooks_delivery")} == {"given_up"}
    assert take() == []
    assert bytes(rows.query("SELECT secret FROM webhooks_endpoint WHERE id = %s", [two.id])[0][0]) == b""
    with refused(EndpointOff, *HOOKS):
        service.redeliver_failed(party_id=shop.id, endpoint_no=one.no, since=EARLY, actor=boss, now=NOW)
    with refused(EndpointOff, *HOOKS):
        service.tell_test(party_id=shop.id, endpoint_no=one.no, now=NOW)
    service.switch(party_id=shop.id, no=one.no, on=True, actor=boss, now=NOW)
    assert service.redeliver_failed(party_id=shop.id, endpoint_no=one.no, since=EARLY, actor=boss, now=NOW) == 1
    assert len(take()) == 1


def test_a_delivery_begins_anew_when_somebody_asks(shop, boss):
    made = make.endpoint(shop)
    make.told(shop, now=NOW)
    one = take()[0]
    with refused(DeliveryUnderWay, *HOOKS):
        service.redeliver(party_id=shop.id, delivery_id=one.delivery_id, actor=boss, now=NOW)
    service.record(tried=[tried(one)], now=NOW)
    other = make_parties.merchant()
    with refused(UnknownDelivery, *HOOKS):
        service.redeliver(party_id=other.id, delivery_id=one.delivery_id, actor=boss, now=NOW)
    service.redeliver(party_id=shop.id, delivery_id=one.delivery_id, actor=boss, now=NOW)
    again = take()[0]
    assert (again.event_no, again.body, again.take) == (one.event_no, one.body, 2)
    service.record(tried=[tried(again)], now=NOW)
    service.switch(party_id=shop.id, no=made.endpoint.no, on=False, actor=boss, now=NOW)
    with refused(EndpointOff, *HOOKS):
        service.redeliver(party_id=shop.id, delivery_id=one.delivery_id, actor=boss, now=NOW)


def test_only_what_was_given_up_since_then_begins_anew(shop, boss):
    one = make.endpoint(shop).endpoint
    early, late = NOW, NOW + timedelta(hours=1)
    make.told(shop, no="O1", now=early)
    make.told(shop, no="O2", now=late)
    service.switch(party_id=shop.id, no=one.no, on=False, actor=boss, now=late)
    service.switch(party_id=shop.id, no=one.no, on=True, actor=boss, now=late)
    test = service.tell_test(party_id=shop.id, endpoint_no=one.no, now=late)
    taken = service.take_one(party_id=shop.id, delivery_id=test, now=late)
    service.record(tried=[tried(taken, "connect")], now=late)
    assert state_of(shop, test) is DeliveryState.GIVEN_UP  # a test is tried once
    assert queries.given_up_since(party_id=shop.id, endpoint_no=one.no, since=late) == 1
    assert service.redeliver_failed(party_id=shop.id, endpoint_no=one.no, since=late, actor=boss, now=late) == 1
    assert [json.loads(each.body)["object"] for each in take(late)] == ["O2"]


def test_a_changed_address_gets_what_waits(shop, boss):
    one = make.endpoint(shop).endpoint
    make.told(shop, now=NOW)
    fail(NOW)
    given = {"name": one.name, "types": ["order.paid", "order.closed"]}
    service.change(party_id=shop.id, no=one.no, url="https://new.example.com/x", actor=boss, now=NOW, **given)
    assert queries.endpoint(party_id=shop.id, no=one.no).failing_since is None
    again = take(NOW + timedelta(seconds=5))[0]
    assert (again.url, again.host) == ("https://new.example.com/x", "new.example.com")
    acts = rows.query("SELECT count(*) FROM audit_act WHERE action = 'webhook.change'")[0][0]
    service.change(party_id=shop.id, no=one.no, url="https://new.example.com/x", actor=boss, now=NOW, **given)
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'webhook.change'")[0][0] == acts


def test_deliveries_are_forgotten_after_thirty_days(shop, boss):
    one = make.endpoint(shop).endpoint
    make.told(shop, no="O1", now=NOW)
    fail(NOW)
    service.delete(party_id=shop.id, no=one.no, actor=boss, now=NOW)
    two = make.endpoint(shop).endpoint
    make.told(shop, no="O2", now=NOW + timedelta(days=1))
    assert service.forget_old(now=NOW + timedelta(days=30)) == 0
    assert service.forget_old(now=NOW + timedelta(days=30, seconds=1)) == 1
    assert [no for (no,) in rows.query("SELECT object FROM webhooks_event")] == ["O2"]
    assert [no for (no,) in rows.query("SELECT no FROM webhooks_endpoint")] == [two.no]
    assert rows.query("SELECT count(*) FROM webhooks_attempt")[0][0] == 0


def test_the_secret_is_bound_to_its_endpoint(shop):
    """A sealed secret that is moved to another row doesn't open."""
    one, two = make.endpoint(shop).endpoint, make.endpoint(shop).endpoint
    make.told(shop, now=NOW)
    rows.run(
        "UPDATE webhooks_endpoint SET secret = (SELECT secret FROM webhooks_endpoint WHERE id = %s) WHERE id = %s",
        [one.id, two.id],
    )
    with pytest.raises(Unreadable):
        take()
