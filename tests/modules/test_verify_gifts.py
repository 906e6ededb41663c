"""What the database's owner changes about bargains, red packets and balances behind the product's back is named by
verify."""

import pytest

from tests.make import mall
from tuike.db import rows
from tuike.flows.place_order import Wanted, place_order
from tuike.insight import verify
from tuike.marketing import service

CHECKS = ("bargains", "red_packets", "buyer_balances", "clearing")
BUYER = 501
_SHARE = "WHERE packet_id = {packet} AND nth ="

# check, a part of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "bargains",
        "of",
        "UPDATE marketing_bargain SET cut_fen = cut_fen + 1 WHERE no = '{bargain}'",
        "UPDATE marketing_bargain SET cut_fen = cut_fen - 1 WHERE no = '{bargain}'",
    ),
    (
        "bargains",
        "there are 1",
        "UPDATE marketing_bargain SET cut_count = cut_count + 1 WHERE no = '{bargain}'",
        "UPDATE marketing_bargain SET cut_count = cut_count - 1 WHERE no = '{bargain}'",
    ),
    (
        "bargains",
        "says 2 sold, 1 bargains were bought",
        "UPDATE marketing_bargain_offer SET taken = taken + 1",
        "UPDATE marketing_bargain_offer SET taken = taken - 1",
    ),
    (
        "bargains",
        "is unused and lowers 1 orders",
        "UPDATE marketing_bargain SET used_at = NULL WHERE no = '{bought}'",
        "UPDATE marketing_bargain SET used_at = lower(time) WHERE no = '{bought}'",
    ),
    (
        "red_packets",
        "of 1000 in 10 has 1001 in 10",
        f"UPDATE marketing_packet_share SET amount_fen = amount_fen + 1 {_SHARE} 9",
        f"UPDATE marketing_packet_share SET amount_fen = amount_fen - 1 {_SHARE} 9",
    ),
    (
        "red_packets",
        "is of other content",
        f"UPDATE marketing_packet_share SET person_id = 999 {_SHARE} 1",
        f"UPDATE marketing_packet_share SET person_id = {BUYER} {_SHARE} 1",
    ),
    (
        "buyer_balances",
        "should be",
        f"UPDATE marketing_packet_share SET person_id = 999 {_SHARE} 1",
        f"UPDATE marketing_packet_share SET person_id = {BUYER} {_SHARE} 1",
    ),
    (
        "red_packets",
        "is missing",
        f"UPDATE marketing_packet_share SET person_id = 999, opened_at = now() {_SHARE} 9",
        f"UPDATE marketing_packet_share SET person_id = NULL, opened_at = NULL {_SHARE} 9",
    ),
    (
        "red_packets",
        "is for nothing",
        "UPDATE marketing_packet SET funded_at = NULL WHERE id = {packet}",
        "UPDATE marketing_packet SET funded_at = created_at WHERE id = {packet}",
    ),
    (
        "red_packets",
        "holds",
        "UPDATE ledger_account SET balance_fen = balance_fen + 1 WHERE path = 'redpacket:{packet}'",
        "UPDATE ledger_account SET balance_fen = balance_fen - 1 WHERE path = 'redpacket:{packet}'",
    ),
    (
        "red_packets",
        "unopened 0",
        "UPDATE marketing_packet SET state = 'cancelled' WHERE id = {packet}",
        "UPDATE marketing_packet SET state = 'open' WHERE id = {packet}",
    ),
    (
        "buyer_balances",
        "should be",
        "UPDATE marketing_balance_hold SET amount_fen = amount_fen + 1",
        "UPDATE marketing_balance_hold SET amount_fen = amount_fen - 1",
    ),
    (
        "clearing",
        "in flight 0",
        "UPDATE marketing_balance_hold SET state = 'released'",
        "UPDATE marketing_balance_hold SET state = 'held'",
    ),
]


def findings() -> list[tuple[str, str]]:
    return [(result.name, found.what) for result in verify.run(names=CHECKS) for found in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    packet = mall.packet()
    service.open_red_packet(code=packet.code, person_id=BUYER, now=mall.NOON)
    service.hold_balance(buyer_id=BUYER, amount_fen=1, checkout_no="C1", now=mall.NOON)
    offer = mall.offer()
    running, bought = mall.bargain(offer, buyer_id=mall.person()), mall.bargain(offer, buyer_id=mall.person())
    wanted = Wanted(((offer.sku_id, 1),), bargain=bought.no)
    place_order(buyer_id=bought.buyer_id, visitor="", wanted=wanted, key="k", now=mall.NOON)
    named = {"packet": packet.packet_id, "bargain": running.no, "bought": bought.no}
    assert findings() == []
    for check, what, change, undo in TAMPERED:
        owner_sql(change.format(**named))
        assert [said for name, said in findings() if name == check and what in said], (check, what, findings())
        owner_sql(undo.format(**named))
        assert findings() == [], undo
    assert rows.query("SELECT count(*) FROM marketing_balance_hold WHERE state = 'held'") == [(1,)]
