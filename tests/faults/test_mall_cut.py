"""The connection ends exactly at the COMMIT of what moves a mall's money, on either side of it: done again, it is done
once. So it is for a process that is killed between marking, calling and recording."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, transaction

from tests import books
from tests.faults.cutting import GoBetween, When, between
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import mall
from tests.make import payments as make_payments
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import open_red_packet, packet_money, send_red_packet, start_payment
from tuike.flows.confirm_payments import confirm_answers, confirm_payments
from tuike.flows.place_order import Wanted, place_order
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.send_refunds import confirm_refunds
from tuike.gateways.types import Channel
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import queries as marketing
from tuike.payments import queries as payments_of
from tuike.payments import service as payments

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.parametrize("when", When)]
NOON = make.NOON


@pytest.fixture
def cut() -> Iterator[GoBetween]:
    with between() as stands:
        yield stands


def broken(cut: GoBetween, when: When, work: Callable[[], object]) -> None:
    """Do the work and lose the connection at its COMMIT."""
    cut.arm(when)
    with pytest.raises(OperationalError):
        work()
    assert cut.cuts == 1


def come(about: object) -> None:
    """Keep a notice of the provider."""
    with transaction.atomic():
        payments.keep_notice(channel="wechatpay", notice=make_payments.notice(about), now=NOON)  # type: ignore[arg-type]


def with_balance(buyer_id: int, fen: int) -> None:
    """Let a friend's packet, which was paid for, come to the buyer."""
    packet = send_red_packet.send_red_packet(
        buyer_id=make_people.person().id, packet=mall.lucky(fen, 1), from_balance=False, key="p", now=NOON
    )
    confirm_answers(facts=[paid_packet(packet)], now=NOON)
    open_red_packet.open_red_packet(person_id=buyer_id, code=packet.code, now=NOON)


def paid_packet(packet):
    intent = make_payments.intent(purpose=packet_money.purpose(packet.no), amount_fen=packet.total_fen, now=NOON)
    return make_payments.fact(intent.no, amount_fen=packet.total_fen, success_at=NOON, payer_openid="friend")


def in_packets() -> list[tuple]:
    return rows.query("SELECT balance_fen FROM ledger_account WHERE path LIKE 'redpacket:%%' ORDER BY id")


def test_a_packet_is_funded_once(committed_db, cut: GoBetween, when: When):
    packet = send_red_packet.send_red_packet(
        buyer_id=mall.person(), packet=mall.lucky(1_000, 4), from_balance=False, key="p", now=NOON
    )
    come(paid_packet(packet))
    broken(cut, when, lambda: confirm_payments(now=NOON))
    assert bool(in_packets()) is (when is When.AFTER)
    assert confirm_payments(now=NOON).notices == int(when is When.BEFORE)
    assert in_packets() == [(1_000,)]
    books.check()


def test_a_packet_out_of_the_balance_is_sent_once(committed_db, cut: GoBetween, when: When):
    buyer = mall.person()
    with_balance(buyer, 3_000)

    def send() -> str:
        return send_red_packet.send_red_packet(
            buyer_id=buyer, packet=mall.lucky(1_000, 4), from_balance=True, key="k", now=NOON
        ).no

    broken(cut, when, send)
    assert marketing.balance_of(buyer) == (2_000 if when is When.AFTER else 3_000)
    assert send() == send()
    assert marketing.balance_of(buyer) == 2_000
    books.check()


def test_a_share_is_opened_once(committed_db, cut: GoBetween, when: When):
    friend, buyer = mall.person(), mall.person()
    with_balance(buyer, 3_000)
    packet = send_red_packet.send_red_packet(
        buyer_id=buyer, packet=mall.lucky(1_000, 4), from_balance=True, key="k", now=NOON
    )

    def open_() -> int:
        return open_red_packet.open_red_packet(person_id=friend, code=packet.code, now=NOON).amount_fen

    broken(cut, when, open_)
    assert bool(marketing.balance_of(friend)) is (when is When.AFTER)
    assert open_() == open_() == marketing.balance_of(friend)
    books.check()


def test_a_refund_to_channel_and_balance_is_booked_once(committed_db, cut: GoBetween, when: When):
    one = make.alliance()
    with_balance(one.buyer_id, 1_000)
    wanted = Wanted(items=((make_catalog.sku_of(one.product_id), 1),), use_balance=True)

    placed = place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key="o", now=NOON)
    assert (placed["balance_fen"], placed["to_pay_fen"]) == (1_000, 4_990)
    intent = start_payment._open_checkout(one.buyer_id, placed["checkout_no"], "", Channel.NATIVE, NOON)
    fact = make_payments.fact(intent.no, amount_fen=4_990, success_at=NOON, payer_openid="nobody")
    confirm_answers(facts=[fact], now=NOON)
    order = placed["orders"][0]["no"]
    asked = ask_refund(buyer_id=one.buyer_id, order_no=order, lines=None, reason="", key="r", now=NOON)

    def approve() -> object:
        return approve_refund(no=asked["no"], merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=NOON, key="a")

    broken(cut, when, approve)
    assert marketing.balance_of(one.buyer_id) == (1_000 if when is When.AFTER else 0)
    approve()
    approve()
    [refund] = payments_of.refunds_of_intents([intent.no])
    assert (refund.amount_fen, marketing.balance_of(one.buyer_id)) == (4_990, 1_000)
    books.check()
    # The provider's word that it is paid, likewise.
    come(make_payments.refund_fact(refund, total_fen=4_990, success_at=NOON))
    cut.cuts = 0
    broken(cut, when, lambda: confirm_refunds(now=NOON))
    assert confirm_refunds(now=NOON) == int(when is When.BEFORE)
    held = [chart.clearing(refund.no), chart.merchant(one.shop.id, "held")]
    assert list(ledger.balances(refs=held).values()) == [0, 0]
    assert rows.query("SELECT state FROM orders_after_sale") == [("refunded",)]
    books.check()


def test_an_order_that_the_balance_pays_is_placed_and_paid_once(committed_db, cut: GoBetween, when: When):
    one = make.alliance()
    with_balance(one.buyer_id, 20_000)
    wanted = Wanted(items=((make_catalog.sku_of(one.product_id), 1),), use_balance=True)

    def place(key: str = "o") -> dict:
        return place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key=key, now=NOON)

    broken(cut, when, place)
    assert marketing.balance_of(one.buyer_id) == 20_000 - 5_990 * (when is When.AFTER)
    assert place() == place()
    assert marketing.balance_of(one.buyer_id) == 20_000 - 5_990
    books.check()
    # The control: under another key the lost call isn't known, and there is a second order.
    place("another")
    assert marketing.balance_of(one.buyer_id) == 20_000 - 2 * 5_990
