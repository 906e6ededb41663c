"""Red packets end to end: paid, opened, returned, sent by a shop of what it earned; and payments that come too late."""

import json
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import mall
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import rows
from tuike.flows import cut_bargain as bargaining
from tuike.flows import offer_bargain, open_red_packet, packet_money, send_red_packet
from tuike.flows.close_unpaid import ask_payments
from tuike.flows.confirm_payments import confirm_answers
from tuike.flows.place_order import Wanted, place_order
from tuike.gateways.types import TradeState
from tuike.idempotency.types import KeyUsedForOther
from tuike.kit.errors import Forbidden, NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import queries
from tuike.marketing.types import PacketState
from tuike.parties import service as parties
from tuike.parties.types import MallFunction, Role
from tuike.payments import queries as payments

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = make.NOON
LATE = NOON + timedelta(minutes=30)


def balance(*refs) -> list[int]:
    found = ledger.balances(refs=refs)
    return [found[ref.path] for ref in refs]


def told() -> list[tuple]:
    """Return what persons were told of bargains and red packets: who, which kind, facts."""
    return [
        (person, kind, json.loads(facts))
        for person, kind, facts in rows.query(
            "SELECT person_id, kind, facts::text FROM messages_personal"
            " WHERE kind LIKE 'bargain%%' OR kind LIKE 'red_packet%%' ORDER BY id",
            [],
        )
    ]


def sent(buyer_id: int, fen: int = 1_000, key: str = "k1", *, from_balance: bool = False, now=NOON):
    return send_red_packet.send_red_packet(
        buyer_id=buyer_id, packet=mall.lucky(fen, 4), from_balance=from_balance, key=key, now=now
    )


def intent_of(packet, now=NOON):
    return make_payments.intent(purpose=packet_money.purpose(packet.no), amount_fen=packet.total_fen, now=now)


def come_in(intent, now=NOON, fen: int | None = None):
    amount_fen = intent.amount_fen if fen is None else fen
    fact = make_payments.fact(intent.no, amount_fen=amount_fen, success_at=now, payer_openid="nobody-known")
    return confirm_answers(facts=[fact], now=now)


def test_a_packet_is_paid_opened_and_what_is_left_comes_back_and_all_are_told():
    buyer, friend = mall.person(), mall.person()
    packet = sent(buyer)
    assert sent(buyer) == packet
    with refused(KeyUsedForOther, "marketing_", "ledger_"):
        sent(buyer, 2_000)
    intent = intent_of(packet)
    assert come_in(intent).cases == 0
    come_in(intent)  # the second notice is no news
    share = open_red_packet.open_red_packet(person_id=friend, code=packet.code, now=NOON)
    again = open_red_packet.open_red_packet(person_id=friend, code=packet.code, now=NOON + timedelta(seconds=1))
    assert (again, queries.balance_of(friend)) == (share, share.amount_fen)
    assert open_red_packet.return_red_packets(now=NOON + timedelta(hours=24, microseconds=-1)) == 0
    books.check()
    assert open_red_packet.return_red_packets(now=NOON + timedelta(hours=24)) == 1
    assert open_red_packet.return_red_packets(now=NOON + timedelta(hours=24)) == 0
    assert queries.balance_of(buyer) == 1_000 - share.amount_fen
    said = [(person, kind, facts["amount_fen"]) for person, kind, facts in told()]
    left = 1_000 - share.amount_fen
    assert said == [(buyer, "red_packet_opened", share.amount_fen), (buyer, "red_packet_returned", left)]
    books.check()


def test_a_payment_for_a_packet_that_was_cancelled_goes_back():
    """The provider had closed nothing: the packet was ended by hand, while its payment was still good."""
    packet = sent(mall.person())
    intent = intent_of(packet)
    rows.run("UPDATE marketing_packet SET state = 'cancelled' WHERE no = %s", [packet.no])
    assert come_in(intent).cases == 1
    come_in(intent)
    refund = payments.refunds_of([packet_money.purpose(packet.no)])[packet_money.purpose(packet.no)]
    assert (refund.amount_fen, refund.intent_no) == (1_000, intent.no)
    assert balance(chart.clearing(refund.no)) == [1_000]
    books.check()


def test_a_payment_that_comes_after_its_closing_goes_back_and_nothing_reopens(monkeypatch):
    packet = sent(mall.person())
    intent = intent_of(packet)
    assert open_red_packet.return_red_packets(now=LATE) == 0  # the payment is open: it is asked for first
    fact = make_payments.no_news(intent.no, TradeState.CLOSED)
    confirm_answers(facts=[fact], now=LATE)
    stands = queries.packet_of(buyer_id=packet.buyer_id, no=packet.no)
    assert stands.state is PacketState.CANCELLED
    come_in(intent, now=LATE)
    assert queries.packet_of(buyer_id=packet.buyer_id, no=packet.no).state is PacketState.CANCELLED
    assert [one.amount_fen for one in payments.refunds_of_intents([intent.no])] == [1_000]
    books.check()


def test_another_sum_opens_nothing_and_waits_for_a_person():
    packet = sent(mall.person())
    assert come_in(intent_of(packet), fen=999).cases == 1
    assert queries.packet_of(buyer_id=packet.buyer_id, no=packet.no).state is PacketState.UNPAID
    assert open_red_packet.return_red_packets(now=LATE) == 1
    books.check()


def test_a_packet_that_nobody_began_to_pay_is_cancelled():
    packet = sent(mall.person())
    assert open_red_packet.return_red_packets(now=LATE - timedelta(microseconds=1)) == 0
    assert open_red_packet.return_red_packets(now=LATE) == 1
    assert queries.packet_of(buyer_id=packet.buyer_id, no=packet.no).state is PacketState.CANCELLED


def test_what_is_never_paid_is_closed_with_its_packet(monkeypatch):
    from tuike.flows import close_unpaid

    packet = sent(mall.person())
    intent = intent_of(packet)
    monkeypatch.setattr(close_unpaid, "_asked", lambda no, close: None)
    assert ask_payments(now=LATE) == 1
    assert payments.intents_by_no([intent.no])[intent.no].state == "closed"
    assert queries.packet_of(buyer_id=packet.buyer_id, no=packet.no).state is PacketState.CANCELLED


def earned() -> tuple[make.Alliance, int]:
    """Return a shop that has matured money, and how much."""
    one = make.alliance()
    parties.switch_function(merchant_id=one.shop.id, function=MallFunction.RED_PACKETS, on=True, actor=SYSTEM, now=NOON)
    make.received(make.bought(one), now=NOON + timedelta(minutes=2))
    make.matured(until=NOON + timedelta(days=30))
    (available,) = balance(chart.merchant(one.shop.id, "available"))
    assert available > 1_000
    return one, available


def test_a_shop_sends_of_what_it_earned_and_what_was_got_pays_an_order():
    one, available = earned()
    now = NOON + timedelta(days=31)
    actor = make_parties.super_admin_of(one.shop)
    send = {"merchant_id": one.shop.id, "packet": mall.lucky(1_000, 1), "actor": actor, "key": "k", "now": now}
    packet = send_red_packet.send_shop_packet(**send)
    assert send_red_packet.send_shop_packet(**send).no == packet.no
    assert balance(chart.merchant(one.shop.id, "available")) == [available - 1_000]
    open_red_packet.open_red_packet(person_id=one.buyer_id, code=packet.code, now=now)
    assert told() == []
    books.check()
    sku = make.make_catalog.sku_of(one.product_id)
    wanted = Wanted(((sku, 1),), use_balance=True)
    placed = place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key="p1", now=now)
    assert queries.balance_of(one.buyer_id) == 0
    assert queries.balance_held([placed["checkout_no"]])[placed["checkout_no"]].amount_fen == 1_000
    books.check()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PRODUCT_MANAGER])
def test_who_doesnt_reach_a_shops_money_sends_none_of_it(role):
    one, available = earned()
    send = {"merchant_id": one.shop.id, "packet": mall.lucky(1_000, 1), "key": "k", "now": NOON}
    seated = make_parties.seated(one.shop, role)
    with refused(Forbidden, "marketing_", "ledger_"):
        send_red_packet.send_shop_packet(actor=seated, **send)
    with refused(NotFound, "marketing_", "ledger_"):
        send_red_packet.send_shop_packet(actor=OPERATOR_SHELL, **send)
    assert balance(chart.merchant(one.shop.id, "available")) == [available]


def test_a_bargain_is_started_cut_told_of_bought_and_given_back():
    shop = mall.shop()
    sku = mall.sku(shop)
    offered = {"merchant_id": shop, "offer": mall.new_offer(sku, cuts_needed=3), "actor": OPERATOR_SHELL, "now": NOON}
    offer = offer_bargain.create_bargain_offer(key="k", **offered)
    assert offer_bargain.create_bargain_offer(key="k", **offered).no == offer.no
    buyer, friends = mall.person(), [mall.person(), mall.person()]
    started = bargaining.start_bargain(buyer_id=buyer, offer_no=offer.no, key="s", now=NOON)
    assert bargaining.start_bargain(buyer_id=buyer, offer_no=offer.no, key="s", now=NOON).no == started.no
    for friend in friends:
        bargaining.cut_bargain(person_id=friend, code=started.code, now=NOON)
    assert [one[:2] for one in told()] == [(buyer, "bargain_cut"), (buyer, "bargain_cut"), (buyer, "bargain_floor")]
    assert told()[-1][2]["price_fen"] == 4_000
    about = rows.query("SELECT DISTINCT object FROM messages_personal WHERE kind LIKE 'bargain%%'", [])
    assert about == [(started.code,)]  # what the bargain's page is opened by
    placed = place_order(
        buyer_id=buyer,
        visitor="",
        wanted=Wanted(((sku, 1),), bargain=started.no),
        key="p",
        now=NOON + timedelta(hours=1),
    )
    assert placed["payable_fen"] == 4_000
    assert queries.bargain_of(buyer_id=buyer, no=started.no).used_at == NOON + timedelta(hours=1)
    books.check()
    offer_bargain.stop_bargain_offer(merchant_id=shop, no=offer.no, actor=OPERATOR_SHELL, now=NOON)
