"""Red packets and buyers' balances in the database: funded, opened, given back, held, spent; and every no."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import mall
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.marketing import queries, service
from tuike.marketing.service import Paid
from tuike.marketing.types import (
    BalanceShort,
    PacketEmpty,
    PacketFenADay,
    PacketNotUnpaid,
    PacketOver,
    PacketsADay,
    PacketState,
    ShopFundsShort,
    SplitKind,
)
from tuike.parties import service as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.settings import service as setting

pytestmark = pytest.mark.usefixtures("db")
NOON = mall.NOON
OVER = NOON + timedelta(hours=24)
BUYER, OTHER = 501, 502


def stands(*refs) -> list[int]:
    found = ledger.balances(refs=refs)
    return [found[ref.path] for ref in refs]


def check() -> None:
    books.check("transfers", "balances", "floors", "units", "clearing", "red_packets", "buyer_balances")


def open_(packet, person_id: int, now=NOON):
    return service.open_red_packet(code=packet.code, person_id=person_id, now=now)


def send(buyer_id: int = BUYER, *, from_balance: bool = False, now=NOON, **packet):
    return service.send_red_packet(buyer_id=buyer_id, packet=mall.lucky(**packet), from_balance=from_balance, now=now)


def paid(packet, fen: int | None = None, now=NOON) -> list[str]:
    """Let the packet's payment come in."""
    fen = packet.total_fen if fen is None else fen
    came = Draft(
        f"payment:{packet.no}", "payment", "test", now, (Move(chart.outside("sandbox"), chart.clearing("PX"), fen),)
    )
    ledger.post(drafts=[came], now=now)
    return service.fund_packets(paid={packet.no: Paid(fen, "PX", now)}, now=now)


def test_a_packet_of_a_shop_is_opened_to_the_last_fen():
    shop = mall.funded_shop(1_000)
    packet = service.send_shop_packet(
        merchant_id=shop, packet=mall.lucky(1_000, 7, greeting="恭喜"), actor=OPERATOR_SHELL, now=NOON
    )
    account = chart.red_packet(packet.packet_id)
    assert stands(account, chart.merchant(shop, "available")) == [1_000, 0]
    shares = [open_(packet, 600 + i) for i in range(7)]
    assert [share.nth for share in shares] == list(range(1, 8))
    assert sum(share.amount_fen for share in shares) == 1_000
    assert [queries.balance_of(600 + i) for i in range(7)] == [share.amount_fen for share in shares]
    assert stands(account) == [0]
    ended = queries.packet_by_code(packet.code)
    assert (ended.state, ended.opened_fen, ended.ended_at) == (PacketState.EMPTY, 1_000, NOON)
    assert queries.shares_of(ended) == shares[::-1]
    with refused(PacketEmpty, "marketing_", "ledger_"):
        open_(packet, 700)
    assert service.end_packets(ids=[packet.packet_id], now=OVER) == []
    check()


def test_opened_again_it_is_the_same_share():
    packet = mall.packet()
    first = open_(packet, OTHER)
    assert open_(packet, OTHER, OVER) == first
    assert queries.balance_of(OTHER) == first.amount_fen
    assert queries.shares_got(person_id=OTHER) == [(first, queries.packet_by_code(packet.code))]


def test_what_nobody_opened_goes_back_to_the_shop():
    shop = mall.funded_shop(5_000)
    packet = service.send_shop_packet(merchant_id=shop, packet=mall.lucky(), actor=OPERATOR_SHELL, now=NOON)
    share = open_(packet, OTHER, OVER - timedelta(microseconds=1))
    with refused(PacketOver, "marketing_", "ledger_"):
        open_(packet, 700, OVER)
    assert service.end_packets(ids=[packet.packet_id], now=OVER - timedelta(microseconds=1)) == []
    assert [one.no for one in queries.due_packets(state=PacketState.OPEN, now=OVER)] == [packet.no]
    (ended,) = service.end_packets(ids=[packet.packet_id], now=OVER)
    assert (ended.state, ended.returned_fen) == (PacketState.OVER, 1_000 - share.amount_fen)
    assert stands(chart.merchant(shop, "available")) == [5_000 - share.amount_fen]
    assert service.end_packets(ids=[packet.packet_id], now=OVER) == []
    with refused(PacketOver, "marketing_", "ledger_"):
        open_(packet, 700, OVER)
    check()


def test_a_buyer_sends_from_the_balance_and_gets_the_rest_back():
    mall.rich(BUYER, 3_000)
    packet = send(from_balance=True, total_fen=2_000, shares=4)
    assert queries.balance_of(BUYER) == 1_000
    got = open_(packet, OTHER).amount_fen + open_(packet, BUYER).amount_fen
    assert queries.balance_of(BUYER) + queries.balance_of(OTHER) == 1_000 + got
    service.end_packets(ids=[packet.packet_id], now=OVER)
    assert queries.balance_of(BUYER) + queries.balance_of(OTHER) == 3_000
    with refused(BalanceShort, "marketing_", "ledger_"):
        send(from_balance=True, total_fen=3_001, shares=20)
    assert queries.packets_sent(buyer_id=BUYER)[0].no == packet.no
    check()


def test_a_packet_opens_when_its_payment_comes_in():
    packet = send(total_fen=900, shares=3, split=SplitKind.FIXED)
    assert packet.state is PacketState.UNPAID
    with refused(NotFound, "marketing_", "ledger_"):
        open_(packet, OTHER)
    assert paid(packet, now=NOON + timedelta(minutes=5)) == []
    funded = queries.packet_by_code(packet.code)
    assert (funded.state, funded.ends_at) == (PacketState.OPEN, NOON + timedelta(hours=24, minutes=5))
    assert [open_(packet, 600 + i).amount_fen for i in range(3)] == [300, 300, 300]
    check()


def test_a_packet_that_was_cancelled_or_asked_another_sum_takes_no_money():
    one, other = send(), send()
    assert service.cancel_packets(nos=[one.no], now=NOON) == 1
    assert service.cancel_packets(nos=[one.no], now=NOON) == 0
    assert paid(one) == [one.no]
    assert service.fund_packets(paid={other.no: Paid(999, "PX", NOON)}, now=NOON) == [other.no]
    assert service.fund_packets(paid={"H1": Paid(999, "PX", NOON)}, now=NOON) == ["H1"]
    assert stands(chart.clearing("PX")) == [1_000]
    unpaid = [queries.packet_of(buyer_id=BUYER, no=no).state for no in (one.no, other.no)]
    assert unpaid == [PacketState.CANCELLED, PacketState.UNPAID]


def test_only_what_waits_can_be_paid_and_only_in_time():
    packet = send()
    assert service.lock_unpaid(buyer_id=BUYER, no=packet.no, now=NOON).no == packet.no
    with refused(NotFound, "marketing_", "ledger_"):
        service.lock_unpaid(buyer_id=OTHER, no=packet.no, now=NOON)
    late = NOON + timedelta(minutes=30)
    with refused(PacketNotUnpaid, "marketing_", "ledger_"):
        service.lock_unpaid(buyer_id=BUYER, no=packet.no, now=late)
    paid(packet)
    with refused(PacketNotUnpaid, "marketing_", "ledger_"):
        service.lock_unpaid(buyer_id=BUYER, no=packet.no, now=NOON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": 0},
        {"shares": 101, "total_fen": 1_000},
        {"total_fen": 9, "shares": 10},
        {"total_fen": 200_001, "shares": 10},
        {"total_fen": 1_000, "shares": 3, "split": SplitKind.FIXED},
        {"greeting": "贺" * 31},
        {"greeting": "a\nb"},
    ],
)
def test_what_makes_no_sense_is_no_packet(wrong):
    with refused(Invalid, "marketing_", "ledger_"):
        send(**wrong)
    assert rows.query("SELECT count(*) FROM marketing_packet") == [(0,)]


def test_a_day_has_so_many_packets_and_so_much_in_them():
    setting.change(name="red_packet_fen_per_day", value=2_500, actor=SYSTEM, now=NOON)
    setting.change(name="red_packets_per_day", value=3, actor=SYSTEM, now=NOON)
    send(), send()
    with refused(PacketFenADay, "marketing_", "ledger_"):
        send()
    send(total_fen=500, shares=5)
    with refused(PacketsADay, "marketing_", "ledger_"):
        send(total_fen=1, shares=1)
    send(OTHER)
    send(now=NOON + timedelta(hours=12))
    assert service.forget_days(before=(NOON + timedelta(days=1)).date()) == 2


def test_a_shop_sends_what_it_has_and_nothing_while_it_owes():
    shop = mall.funded_shop(999)
    send = {"merchant_id": shop, "actor": OPERATOR_SHELL, "now": NOON}
    with refused(ShopFundsShort, "marketing_", "ledger_"):
        service.send_shop_packet(packet=mall.lucky(1_000), **send)
    moves = (Move(chart.merchant(shop, "owed"), chart.platform("advance"), 1),)
    ledger.post(drafts=[Draft("debt", "adjustment", "test", NOON, moves)], now=NOON)
    with refused(ShopFundsShort, "marketing_", "ledger_"):
        service.send_shop_packet(packet=mall.lucky(500), **send)
    assert stands(chart.merchant(shop, "available")) == [999]


def test_where_red_packets_are_off_they_are_nowhere():
    shop = mall.funded_shop(5_000)
    send_shop = {"merchant_id": shop, "packet": mall.lucky(), "actor": OPERATOR_SHELL, "now": NOON}
    packet = service.send_shop_packet(**send_shop)
    own = send()
    parties.switch_function(merchant_id=shop, function=MallFunction.RED_PACKETS, on=False, actor=SYSTEM, now=NOON)
    with refused(FunctionOff, "marketing_", "ledger_"):
        service.send_shop_packet(**send_shop)
    with refused(NotFound, "marketing_", "ledger_"):
        open_(packet, OTHER)
    send()
    setting.change(name="mall_red_packets", value=0, actor=SYSTEM, now=NOON)
    with refused(FunctionOff, "marketing_", "ledger_"):
        send()
    with refused(FunctionOff, "marketing_", "ledger_"):
        service.lock_unpaid(buyer_id=BUYER, no=own.no, now=NOON)
    paid(own)  # the money came in all the same
    with refused(NotFound, "marketing_", "ledger_"):
        open_(own, OTHER)
    service.end_packets(ids=[packet.packet_id, own.packet_id], now=OVER)
    assert (stands(chart.merchant(shop, "available")), queries.balance_of(BUYER)) == ([5_000], 1_000)
    check()


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 12), st.integers(0, 5_000), st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_opens_in_whatever_order_nothing_is_lost_or_made(openers, shares, more, by_balance):
    packet = mall.packet(shares + more, shares)
    people = {person: 800_000 + packet.packet_id * 10 + person for person in range(4)}
    for person in openers:
        if queries.packet_by_code(packet.code).open_at(NOON):
            open_(packet, people[person])
    service.end_packets(ids=[packet.packet_id], now=OVER)
    ended = queries.packets_by_id([packet.packet_id])[0]
    held = sum(queries.balance_of(person) for person in people.values())
    assert (held, ended.returned_fen) == (ended.opened_fen, ended.total_fen - ended.opened_fen)
    assert stands(chart.red_packet(packet.packet_id)) == [0]
    check()


def test_a_balance_is_held_released_spent_and_refunded():
    mall.rich(BUYER, 1_000)
    service.hold_balance(buyer_id=BUYER, amount_fen=600, checkout_no="C1", now=NOON)
    service.hold_balance(buyer_id=BUYER, amount_fen=300, checkout_no="C2", now=NOON)
    assert queries.balance_of(BUYER) == 100
    check()
    with refused(BalanceShort, "marketing_", "ledger_"), transaction.atomic():
        service.hold_balance(buyer_id=BUYER, amount_fen=101, checkout_no="C3", now=NOON)
    with refused(Invalid, "marketing_", "ledger_"), transaction.atomic():
        service.hold_balance(buyer_id=BUYER, amount_fen=0, checkout_no="C3", now=NOON)
    assert service.release_balance(checkout_nos=["C1", "C9"], now=NOON) == 1
    assert service.release_balance(checkout_nos=["C1"], now=NOON) == 0
    assert queries.balance_of(BUYER) == 700
    assert service.spend_balance(clearing={"C1": "P1", "C2": "P1"}, now=NOON) == {"C2": 300}
    assert service.spend_balance(clearing={"C2": "P1"}, now=NOON) == {}
    assert service.release_balance(checkout_nos=["C2"], now=NOON) == 0
    assert stands(chart.clearing("P1"), chart.clearing("C2")) == [300, 0]
    refund = {"checkout_no": "C2", "now": NOON}
    moves = (
        Move(chart.clearing("P1"), chart.clearing("R1"), 200),
        Move(chart.clearing("P1"), chart.clearing("R2"), 100),
    )
    ledger.post(drafts=[Draft("refunds", "refund", "test", NOON, moves)], now=NOON)
    service.refund_balance(amount_fen=200, refund_no="R1", **refund)
    service.refund_balance(amount_fen=200, refund_no="R1", **refund)
    with refused(Invalid, "marketing_", "ledger_"), transaction.atomic():
        ledger.post(
            drafts=[
                Draft("R9", "adjustment", "test", NOON, (Move(chart.platform("promotion"), chart.clearing("R9"), 1),))
            ],
            now=NOON,
        )
        service.refund_balance(amount_fen=1, refund_no="R9", **refund | {"checkout_no": "C1"})
    service.refund_balance(amount_fen=100, refund_no="R2", **refund)
    assert queries.balance_of(BUYER) == 1_000
    held = queries.balance_held(["C1", "C2", "C9"])
    assert [(h.state, h.refunded_fen) for h in (held["C1"], held["C2"])] == [("released", 0), ("spent", 300)]
    check()


def test_a_checkout_of_balance_alone_is_booked_from_its_own_number():
    mall.rich(BUYER, 1_000)
    service.hold_balance(buyer_id=BUYER, amount_fen=1_000, checkout_no="C1", now=NOON)
    assert service.spend_balance(clearing={"C1": "C1"}, now=NOON) == {"C1": 1_000}
    assert stands(chart.clearing("C1")) == [1_000]


def test_no_more_of_a_balance_goes_back_than_was_spent():
    mall.rich(BUYER, 1_000)
    service.hold_balance(buyer_id=BUYER, amount_fen=1_000, checkout_no="C1", now=NOON)
    refund = {"checkout_no": "C1", "amount_fen": 1_000, "refund_no": "C1", "now": NOON}
    with refused(Invalid, "marketing_", "ledger_"), transaction.atomic():
        service.refund_balance(**refund)
    service.spend_balance(clearing={"C1": "C1"}, now=NOON)
    moves = (Move(chart.platform("promotion"), chart.clearing("C1"), 1),)
    ledger.post(drafts=[Draft("more", "adjustment", "test", NOON, moves)], now=NOON)
    with refused(Invalid, "marketing_", "ledger_"), transaction.atomic():
        service.refund_balance(**refund | {"amount_fen": 1_001})
    service.refund_balance(**refund)
    assert queries.balance_of(BUYER) == 1_000
