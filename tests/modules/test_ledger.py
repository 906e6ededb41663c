"""Posting, rule by rule: what is refused, what a second call says, and what rows are written."""

from datetime import UTC, datetime

import pytest

from tests import books
from tuike.db import rows
from tuike.insight.verify import ledger
from tuike.kit.money import MAX_FEN
from tuike.ledger import chart, service
from tuike.ledger.types import BadMove, Draft, KeyReused, Move, NotEnough, OverCeiling

pytestmark = pytest.mark.usefixtures("db")
NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
WORLD, BANK, CLEARING = chart.outside("wechatpay"), chart.outside("bank"), chart.clearing("P1")
HELD, OWED, FEES = chart.merchant(7, "held"), chart.promoter(9, "owed"), chart.platform("fees")


def draft(*moves: Move, key: str = "T1") -> Draft:
    return Draft(key, "test", "a story", NOW, moves)


def post(*drafts: Draft) -> list[bool]:
    return [one.fresh for one in service.post(drafts=drafts, now=NOW)]


def stand() -> dict[str, int]:
    return {path: fen for path, fen in service.balances(refs=[WORLD, CLEARING, HELD, OWED, FEES]).items() if fen}


def test_entries_are_numbered_and_each_says_the_balance_and_version_that_it_made() -> None:
    assert post(draft(Move(WORLD, CLEARING, 9), Move(CLEARING, HELD, 4)), draft(Move(HELD, FEES, 1), key="T2")) == [
        True,
        True,
    ]
    assert rows.query(
        "SELECT t.key, e.no, a.path, e.owner, e.amount_fen, e.balance_fen, e.version FROM ledger_entry e"
        " JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transfer t ON t.id = e.transfer_id ORDER BY 1, 2"
    ) == [
        ("T1", 1, "outside:wechatpay", "outside", -9, -9, 1),
        ("T1", 2, "clearing:P1", "clearing", 9, 9, 1),
        ("T1", 3, "clearing:P1", "clearing", -4, 5, 2),
        ("T1", 4, "merchant:7:held", "merchant:7", 4, 4, 1),
        ("T2", 1, "merchant:7:held", "merchant:7", -1, 3, 2),
        ("T2", 2, "platform:fees", "platform", 1, 1, 1),
    ]
    assert rows.query("SELECT path, balance_fen, version FROM ledger_account ORDER BY path") == [
        ("clearing:P1", 5, 2),
        ("merchant:7:held", 3, 2),
        ("outside:wechatpay", -9, 1),
        ("platform:fees", 1, 1),
    ]
    books.check(*(one.name for one in ledger.CHECKS))


def test_the_same_key_is_one_transfer_in_one_call_and_in_two() -> None:
    one = draft(Move(WORLD, CLEARING, 9))
    assert post(one, one) == [True, False]
    first = service.post(drafts=[one], now=NOW)[0]
    assert (first.fresh, stand()) == (False, {"outside:wechatpay": -9, "clearing:P1": 9})
    assert rows.query("SELECT id FROM ledger_transfer") == [(first.transfer_id,)]


@pytest.mark.parametrize(
    "other", [draft(Move(WORLD, CLEARING, 8)), draft(Move(BANK, CLEARING, 9)), draft(Move(BANK, HELD, 9))]
)
def test_the_same_key_for_other_content_is_refused(other: Draft) -> None:
    one = draft(Move(WORLD, CLEARING, 9))
    with pytest.raises(KeyReused):
        post(one, other)
    post(one)
    with pytest.raises(KeyReused):
        post(draft(Move(WORLD, CLEARING, 1), key="T2"), other)
    assert stand() == {"outside:wechatpay": -9, "clearing:P1": 9}
    assert rows.query("SELECT count(*) FROM ledger_entry") == [(2,)]


@pytest.mark.parametrize(
    "moves",
    [
        (),
        (Move(WORLD, CLEARING, 0),),
        (Move(WORLD, CLEARING, -1),),
        (Move(WORLD, CLEARING, MAX_FEN + 1),),
        (Move(WORLD, WORLD, 1),),
        (Move(WORLD, chart.buyer(5, "points"), 1),),
        (Move(WORLD, CLEARING, 1), Move(CLEARING, CLEARING, 1)),
    ],
)
def test_what_is_no_booking_is_refused_before_anything_is_written(moves: tuple[Move, ...]) -> None:
    with pytest.raises(BadMove):
        post(draft(Move(WORLD, CLEARING, 1), key="T0"), draft(*moves))
    assert rows.query("SELECT count(*) FROM ledger_account") == [(0,)]


def test_the_smallest_and_the_largest_amount_are_booked() -> None:
    post(draft(Move(WORLD, CLEARING, 1), Move(WORLD, CLEARING, MAX_FEN)))
    assert stand() == {"outside:wechatpay": -MAX_FEN - 1, "clearing:P1": MAX_FEN + 1}


def test_a_floor_and_a_ceiling_hold_at_each_move_and_say_by_how_much() -> None:
    post(draft(Move(WORLD, CLEARING, 5), Move(CLEARING, HELD, 5)))
    with pytest.raises(NotEnough) as short:
        post(draft(Move(CLEARING, HELD, 2), Move(WORLD, CLEARING, 2), key="T2"))
    assert short.value.details == {"account": "clearing:P1", "missing_fen": 2}
    post(draft(Move(OWED, FEES, 3), key="T3"))
    with pytest.raises(OverCeiling) as over:
        post(draft(Move(WORLD, OWED, 4), key="T4"))
    assert over.value.details == {"account": "promoter:9:owed", "excess_fen": 1}
    post(draft(Move(WORLD, OWED, 3), key="T5"))


def test_locking_opens_what_is_missing_and_says_what_is_there() -> None:
    post(draft(Move(WORLD, CLEARING, 5)))
    assert service.lock(refs=[CLEARING, HELD, HELD]) == {"clearing:P1": 5, "merchant:7:held": 0}
    assert rows.query(
        "SELECT path, owner, unit, floor_fen, ceiling_fen FROM ledger_account ORDER BY id DESC LIMIT 1"
    ) == [("merchant:7:held", "merchant:7", "CNY", 0, None)]
    assert service.lock(refs=[]) == {} == service.balances(refs=[])
