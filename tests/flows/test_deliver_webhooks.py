"""Webhooks from the outbox to a receiver: what is told to whom, signed, sent again, and who holds up whom."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests.make import alliance as make_alliance
from tests.make import cooperation as coop
from tests.make import events as make_events
from tests.make import parties as make_parties
from tests.make import webhooks as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import cancel_cooperation as cancel
from tuike.flows import deliver_webhooks as flow
from tuike.flows import enrol_products as enrolling
from tuike.flows import extend_cooperation as extend
from tuike.gateways.webhook import Heard
from tuike.kit import clock
from tuike.outbox import service as outbox
from tuike.parties import service as parties
from tuike.webhooks import queries, service
from tuike.webhooks.types import OFFERED, DeliveryState, EventType

pytestmark = pytest.mark.usefixtures("committed_db")
REAL = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_PRIVATE = True
    with make.receiver() as one:
        yield one


def run(now, **more):
    return flow.deliver_webhooks(clock=lambda: now, real_clock=lambda: REAL, **more)


def states(party):
    return sorted(rows.query("SELECT state, tries FROM webhooks_delivery WHERE party_id = %s ORDER BY id", [party.id]))


def test_a_paid_order_is_told_to_its_shop_and_to_who_earns_from_it(receiver):
    one = make_alliance.alliance()
    now = clock.now()
    for party in (one.shop, one.promoter):
        make.endpoint(party, *OFFERED[party.kind], url=receiver.url, now=now - timedelta(days=2))
    make_alliance.touch(one, now=now - timedelta(hours=2))
    make_alliance.bought(one, now=now - timedelta(hours=1))
    make_events.readable()
    assert run(now)["delivered"] == len(receiver.heard) > 0
    heard = {(call.said["party"], call.said["type"]): call.said for call in receiver.heard}
    shop, promoter = one.shop.no, one.promoter.no
    assert {(shop, "order.paid"), (promoter, "order.paid"), (promoter, "accrual.pending")} <= (heard.keys())
    assert (shop, "accrual.pending") not in heard
    paid, earned = heard[promoter, "order.paid"], heard[promoter, "accrual.pending"]
    assert paid["object"] == paid["data"]["order"] == heard[shop, "order.paid"]["object"]
    assert (earned["data"]["order"], earned["data"]["amount_fen"]) == (paid["object"], 718)
    assert "external_no" not in paid["data"]
    assert "external_no" in heard[shop, "order.paid"]["data"]
    # Read again, nothing is told again.
    assert run(now)["sent"] == 0


def test_what_happens_while_a_party_is_suspended_is_not_told(receiver):
    one = make_alliance.alliance()
    now = clock.now()
    for party in (one.shop, one.promoter):
        make.endpoint(party, *OFFERED[party.kind], url=receiver.url, now=now - timedelta(days=2))
    make_alliance.touch(one, now=now - timedelta(hours=2))
    make_alliance.bought(one, now=now - timedelta(hours=1))
    parties.suspend(party_id=one.promoter.id, reason="刷单", actor=OPERATOR_SHELL, now=now)
    make_events.readable()
    run(now)
    assert {call.said["party"] for call in receiver.heard} == {one.shop.no}


def test_what_becomes_of_a_product_in_an_activity_is_told_to_both_sides(receiver):
    one, now = make_alliance.alliance(), clock.now()
    coop.open_to_all()
    others = make_alliance.alliance(beside=one).shop
    for party in (one.shop, one.leader, others):
        wanted = [type_ for type_ in OFFERED[party.kind] if type_.startswith("enrolment.")]
        make.endpoint(party, *wanted, url=receiver.url, now=now - timedelta(days=2))
    made = coop.agreed(one, now=now)
    for agree in (False, True):
        extend.ask_extension(no=made.no, ends_at=made.ends_at + timedelta(days=1), by=coop.by(one.leader.id, now))
        extend.answer_extension(no=made.no, agree=agree, by=coop.by(one.shop.id, now))
        cancel.ask_cancel(no=made.no, by=coop.by(one.shop.id, now))
        cancel.decide_cancel(no=made.no, agree=agree, by=coop.by(one.leader.id, now))
    [again] = enrolling.enrol_products(
        activity_no=made.activity_no, wanted=[coop.wanted(one.product_id, now=now)], by=coop.by(one.shop.id, now)
    )
    enrolling.withdraw_enrolment(no=again.no, by=coop.by(one.shop.id, now))
    make_events.readable()
    run(now)
    asked, ended = ["extension_asked"], ["cancel_asked"]
    told = ["applied", "decided", *asked, "extension_refused", *ended, "cancel_refused", *asked, "extended", *ended]
    for party in (one.shop, one.leader):
        heard = [call.said for call in receiver.heard if call.said["party"] == party.no]
        of = [said["type"].removeprefix("enrolment.") for said in heard if said["object"] == made.no]
        assert sorted(of) == sorted([*told, "ended"])
        assert {said["type"] for said in heard if said["object"] == again.no} == {
            "enrolment.applied", "enrolment.withdrawn"
        }  # fmt: skip
    assert others.no not in {call.said["party"] for call in receiver.heard}
    data = next(call.said["data"] for call in receiver.heard if call.said["type"] == "enrolment.ended")
    assert (data["enrolment"], data["activity"], data["state"], data["end_cause"]) == (
        made.no, made.activity_no, "ended", "agreed"
    )  # fmt: skip
    assert (data["rate_bps"], data["service_bps"], "contact" in data) == (1500, 300, False)


def test_a_refused_report_is_told_to_its_shop_alone(receiver):
    shop, other = make_parties.merchant(), make_parties.merchant()
    now = clock.now()
    for party in (shop, other):
        make.endpoint(party, EventType.REPORT_REFUSED, url=receiver.url, now=now - timedelta(days=1))
    facts = {"merchant_id": shop.id, "code": "goods_unknown", "zh": "没有该商品", "en": "No such product."}
    outbox.put(topic="report.refused", events=[("EXT-7", facts)], now=now)
    make_events.readable()
    run(now)
    assert [(call.said["party"], call.said["object"]) for call in receiver.heard] == [(shop.no, "EXT-7")]
    assert receiver.heard[0].said["data"] == {
        "external_no": "EXT-7", "code": "goods_unknown", "zh": "没有该商品", "en": "No such product."
    }  # fmt: skip


def test_a_call_is_signed_by_every_live_secret(receiver):
    shop = make_parties.merchant()
    first = make.endpoint(shop, url=receiver.url)
    now = clock.now()
    second = service.rotate(
        party_id=shop.id, no=first.endpoint.no, key="r", actor=make_parties.super_admin_of(shop), now=now
    )
    make.told(shop, now=now)
    run(now)
    call = receiver.heard[0]
    assert call.headers["Webhook-Timestamp"] == str(int(REAL.timestamp()))
    assert call.id == call.said["id"]
    signed = f"{call.id}.{call.headers['Webhook-Timestamp']}.".encode() + call.body
    expected = [
        base64.b64encode(
            hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        ).decode()
        for secret in (second.secret, first.secret)
    ]
    assert call.headers["Webhook-Signature"] == f"v1,{expected[0]} v1,{expected[1]}"


def test_what_fails_comes_again_under_the_same_id(receiver):
    shop = make_parties.merchant()
    make.endpoint(shop, url=receiver.url)
    now = clock.now()
    make.told(shop, now=now)
    receiver.answer = lambda _: 503
    assert run(now)["sent"] == 1
    assert states(shop) == [("failed", 1)]
    assert run(now + timedelta(seconds=4))["sent"] == 0
    receiver.answer = lambda _: 200
    assert run(now + timedelta(seconds=5))["delivered"] == 1
    assert states(shop) == [("delivered", 2)]
    assert receiver.heard[0].id == receiver.heard[1].id
    assert receiver.heard[0].body == receiver.heard[1].body


def test_without_the_operators_leave_nothing_reaches_this_machine(receiver, settings):
    shop = make_parties.merchant()
    make.endpoint(shop, url=receiver.url)
    settings.WEBHOOK_PRIVATE = False
    now = clock.now()
    make.told(shop, now=now)
    run(now)
    assert receiver.heard == []
    assert rows.query("SELECT error FROM webhooks_attempt") == [("target",)]


def test_an_error_of_ours_loses_nothing(receiver, monkeypatch):
    shop = make_parties.merchant()
    make.endpoint(shop, url=receiver.url)
    now = clock.now()
    make.told(shop, now=now)
    with monkeypatch.context() as patched:
        patched.setattr(flow.webhook, "post", lambda **_: 1 / 0)
        run(now)
    assert states(shop) == [("failed", 1)]
    assert run(now + timedelta(seconds=5))["delivered"] == 1


def test_a_slow_endpoint_holds_up_itself_alone():
    """Twenty deliveries to one that doesn't answer, twenty to one that does: the second hears all of it meanwhile."""
    shop = make_parties.merchant()
    make.endpoint(shop, url="https://slow.example.com/")
    make.endpoint(shop, url="https://quick.example.com/")
    now = clock.now()
    for n in range(20):
        make.told(shop, no=f"O{n}", now=now)
    release, quick, slow, most = threading.Event(), [], [], []
    guard = threading.Lock()

    def send(one, _):
        if one.host == "quick.example.com":
            quick.append(one.event_no)
            if len(quick) == 20:
                release.set()
            return Heard(200, "", "", 1)
        with guard:
            slow.append(one.event_no)
            most.append(len(slow))
        done = release.wait(60)
        with guard:
            slow.remove(one.event_no)
        return Heard(200, "", "", 1) if done else Heard(None, "timeout", "", 1)

    assert run(now, send=send)["delivered"] == 40
    assert max(most) <= flow.PER_HOST
    assert len(set(quick)) == 20


def test_what_happens_meanwhile_is_told_meanwhile(receiver):
    """While one call is under way the outbox is read on."""
    shop = make_parties.merchant()
    make.endpoint(shop, EventType.WITHDRAWAL_PAID, url="https://one.example.com/")
    began = clock.now()
    make.told(shop, type_=EventType.WITHDRAWAL_PAID, now=began)
    second = threading.Event()
    sent = []

    def send(one, _):
        sent.append(json.loads(one.body)["object"])
        if len(sent) == 1:
            outbox_put()
            second.wait(30)
        else:
            second.set()
        return Heard(200, "", "", 1)

    def outbox_put():
        try:
            outbox.put(
                topic="withdrawal.changed",
                events=[("W1", {"party_id": shop.id, "state": "paid"})],
                now=began + timedelta(seconds=1),
            )
        finally:
            connection.close()

    ticks = iter(range(10_000))
    flow.deliver_webhooks(clock=lambda: began + timedelta(seconds=next(ticks)), real_clock=lambda: REAL, send=send)
    assert sent == ["O1", "W1"]
    assert second.is_set()


def test_who_stops_records_what_is_under_way_and_takes_nothing_more():
    shop = make_parties.merchant()
    make.endpoint(shop, url="https://one.example.com/")
    now = clock.now()
    for n in range(10):
        make.told(shop, no=f"O{n}", now=now)
    stop = threading.Event()

    def send(_one, _):
        stop.set()
        time.sleep(0.05)
        return Heard(200, "", "", 1)

    done = run(now, send=send, stopping=stop.is_set)
    assert 1 <= done["delivered"] <= flow.PER_HOST
    assert states(shop).count(("delivered", 1)) == done["delivered"]
    assert rows.query("SELECT count(*) FROM webhooks_delivery WHERE takes = 0")[0][0] == 10 - done["delivered"]


def test_the_test_button_sends_at_once_and_keeps_what_came_back(receiver):
    shop = make_parties.merchant()
    made = make.endpoint(shop, url=receiver.url)
    given = {"party_id": shop.id, "endpoint_no": made.endpoint.no, "now": clock.now(), "real_now": REAL}
    shown = queries.delivery(party_id=shop.id, delivery_id=flow.test_endpoint(**given))
    assert (shown.state, shown.type) == (DeliveryState.DELIVERED, EventType.ENDPOINT_TEST)
    assert [(one.status, one.answer) for one in shown.attempts] == [(204, "")]
    receiver.answer = lambda _: 500
    shown = queries.delivery(party_id=shop.id, delivery_id=flow.test_endpoint(**given))
    assert (shown.state, shown.attempts[0].error) == (DeliveryState.GIVEN_UP, "status")
    assert {call.said["type"] for call in receiver.heard} == {"endpoint.test"}
