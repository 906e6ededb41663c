"""Bargains and red packets under many hands at once: real threads, real commits, each with a control that fails."""

from datetime import timedelta
from itertools import count

import pytest

from tests import books
from tests.make import mall
from tests.make.racers import Meeting, at_once, durable, gate, race
from tuike.db import rows
from tuike.flows import cut_bargain, open_red_packet
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft
from tuike.marketing import queries, service
from tuike.marketing.service import bargains as bargains_of
from tuike.marketing.service import red_packets as packets_of
from tuike.marketing.types import PacketState

NOON = mall.NOON
OVER = NOON + timedelta(hours=24)
FRIENDS = 30
SHARES = 10
numbers = count(1)


def balances(people) -> list[int]:
    return [queries.balance_of(person) for person in people]


def open_(code: str, person_id: int):
    return durable(lambda: service.open_red_packet(code=code, person_id=person_id, now=NOON).amount_fen)


def test_thirty_friends_open_ten_shares_that_sum_to_the_fen(committed_db):
    packet = mall.packet(1_001, SHARES)
    people = range(700, 700 + FRIENDS)
    said = at_once([open_(packet.code, person) for person in people])
    won = [fen for fen in said if isinstance(fen, int)]
    assert (len(won), sum(won)) == (SHARES, 1_001)
    assert [one for one in said if not isinstance(one, int)] == ["red_packet_empty"] * (FRIENDS - SHARES)
    assert sorted(fen for fen in balances(people) if fen) == sorted(won)
    ended = queries.packet_by_code(packet.code)
    assert (ended.state, ended.opened) == (PacketState.EMPTY, SHARES)
    books.check("red_packets", "buyer_balances", "balances", "floors", "transfers")


UNCOUNTED = """
    UPDATE marketing_packet_share s SET person_id = %(person)s, opened_at = %(now)s
    WHERE s.packet_id = %(packet)s AND s.nth = (
        SELECT min(nth) FROM marketing_packet_share, {all_have_looked}
        WHERE packet_id = %(packet)s AND person_id IS NULL
    )
    RETURNING s.nth, s.amount_fen
"""
"""Opening as it would be without the packet's row being counted: look for a free share, then take it."""


def test_control_a_share_that_is_looked_for_and_then_taken_goes_to_several(committed_db, monkeypatch):
    """The same race: all find the same share, and only the ledger's key keeps it from being paid twice."""
    packet = mall.packet(1_001, SHARES)
    with gate(6) as all_have_looked:
        monkeypatch.setattr(packets_of, "_OPEN", UNCOUNTED.format(all_have_looked=all_have_looked))
        said = at_once([open_(packet.code, 700 + i) for i in range(6)])
    assert said.count("transfer_key_reused") == 5


def test_one_person_with_two_phones_opens_one_share(committed_db):
    packet = mall.packet(1_000, SHARES)
    said = at_once([open_(packet.code, 700)] * 8)
    assert len(set(said)) == 1
    assert queries.balance_of(700) == said[0]
    assert queries.packet_by_code(packet.code).opened == 1
    books.check("red_packets", "buyer_balances")


def test_control_without_the_constraint_each_phone_opens_a_share(committed_db, owner_sql, monkeypatch):
    packet = mall.packet(1_000, SHARES)
    look, all_have_looked = packets_of.queries.share_of, Meeting(8)

    def looked(**whose):
        found = look(**whose)
        all_have_looked.come()
        return found

    monkeypatch.setattr(packets_of.queries, "share_of", looked)
    owner_sql("ALTER TABLE marketing_packet_share DROP CONSTRAINT marketing_share_once")
    try:
        said = at_once([open_(packet.code, 700)] * 8)
        assert (queries.packet_by_code(packet.code).opened, queries.balance_of(700)) == (8, sum(said))
    finally:
        rows.run("UPDATE marketing_packet_share SET person_id = NULL, opened_at = NULL")
        owner_sql(
            "ALTER TABLE marketing_packet_share ADD CONSTRAINT marketing_share_once UNIQUE (packet_id, person_id)"
        )


def test_the_last_share_opens_or_returns_and_never_both(committed_db):
    """Opening and ending at the same instant, twelve times: one of them takes what is left, whole."""
    ends = set()
    for i in range(12):
        packet = mall.packet(100, 1)
        person = 710 + i
        service_end = durable(lambda p=packet: len(service.end_packets(ids=[p.packet_id], now=OVER)))
        opening = durable(
            lambda p=packet, who=person: (
                service.open_red_packet(code=p.code, person_id=who, now=OVER - timedelta(microseconds=1)).amount_fen
            )
        )
        opened, ended = at_once([opening, service_end])
        ends.add(ended)
        assert (opened, ended) in {(100, 0), ("red_packet_over", 1)}
        back = ledger.balances(refs=[chart.merchant(packet.merchant_id, "available")])
        assert queries.balance_of(person) + sum(back.values()) == 100
    books.check("red_packets", "buyer_balances", "balances", "floors")


@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_give_back_the_rest_once(committed_db, monkeypatch, guarded):
    """Without `state = 'open'` what was given back would be given back again; the account's floor is the second
    keeper, and says no without the packet's name."""
    if not guarded:
        assert "AND state = 'open'" in packets_of._END
        monkeypatch.setattr(packets_of, "_END", packets_of._END.replace("AND state = 'open'", ""))
        monkeypatch.setattr(packets_of, "Draft", lambda key, *rest: Draft(f"{key}:{next(numbers)}", *rest))
    packet = mall.packet(100, 2)
    opened = open_(packet.code, 700)()
    said = at_once([durable(lambda: len(service.end_packets(ids=[packet.packet_id], now=OVER)))] * 2)
    assert sorted(said, key=str) == ([0, 1] if guarded else [1, "not_enough"])
    shop = chart.merchant(packet.merchant_id, "available")
    assert ledger.balances(refs=[shop]) == {shop.path: 100 - opened}


def test_one_friend_with_two_phones_cuts_once(committed_db):
    made = mall.bargain(mall.offer(cuts_needed=10))
    before = made.cut_count
    outcomes = race(8, lambda i: durable(lambda: service.cut_bargain(code=made.code, person_id=700, now=NOON))())
    assert sorted(outcomes) == ["CutAlready"] * 7 + ["won"]
    assert queries.bargain_by_code(made.code).cut_count == before + 1
    assert rows.query("SELECT count FROM marketing_day_use WHERE person_id = 700") == [(1,)]
    books.check("bargains")


def test_control_without_the_constraint_clause_the_database_still_refuses_but_without_a_name(committed_db, monkeypatch):
    assert "ON CONFLICT (bargain_id, person_id) DO NOTHING" in bargains_of._ADD_CUT
    plain = bargains_of._ADD_CUT.replace("ON CONFLICT (bargain_id, person_id) DO NOTHING", "")
    monkeypatch.setattr(bargains_of, "_ADD_CUT", plain)
    made = mall.bargain(mall.offer(cuts_needed=10))
    outcomes = race(4, lambda i: durable(lambda: service.cut_bargain(code=made.code, person_id=700, now=NOON))())
    assert sorted(outcomes) == ["IntegrityError"] * 3 + ["won"]


def test_many_friends_cut_to_the_floor_and_not_below(committed_db):
    made = mall.bargain(mall.offer(cuts_needed=8))
    outcomes = race(20, lambda i: durable(lambda: service.cut_bargain(code=made.code, person_id=700 + i, now=NOON))())
    assert sorted(outcomes) == ["BargainAtFloor"] * 13 + ["won"] * 7
    done = queries.bargain_by_code(made.code)
    assert (done.price_now_fen, done.at_floor) == (4_000, True)
    books.check("bargains")


def test_control_a_cut_that_isnt_counted_under_the_lock_goes_below_or_fails_without_a_name(committed_db, monkeypatch):
    assert "AND cut_count < cuts_needed" in bargains_of._CUT
    monkeypatch.setattr(bargains_of, "_CUT", bargains_of._CUT.replace("AND cut_count < cuts_needed", ""))
    made = mall.bargain(mall.offer(cuts_needed=8))
    outcomes = race(20, lambda i: durable(lambda: service.cut_bargain(code=made.code, person_id=700 + i, now=NOON))())
    assert "BargainAtFloor" not in outcomes
    assert outcomes.count("IntegrityError") == 13


def used(no: str, buyer_id: int):
    return durable(lambda: service.use_bargain(no=no, buyer_id=buyer_id, now=NOON))


def test_the_last_pieces_of_an_offer_are_bought_once(committed_db):
    offer = mall.offer(stock=3)
    made = [mall.bargain(offer, buyer_id=800 + i) for i in range(10)]
    outcomes = race(10, lambda i: used(made[i].no, made[i].buyer_id)())
    assert sorted(outcomes) == ["BargainSoldOut"] * 7 + ["won"] * 3
    assert queries.offer_by_no(offer.no).taken == 3
    books.check("bargains")


def test_control_without_the_clause_the_stock_is_held_by_the_constraint_alone(committed_db, monkeypatch):
    assert "AND f.taken < f.stock" in bargains_of._USE
    monkeypatch.setattr(bargains_of, "_USE", bargains_of._USE.replace("AND f.taken < f.stock", ""))
    offer = mall.offer(stock=3)
    made = [mall.bargain(offer, buyer_id=800 + i) for i in range(6)]
    outcomes = race(6, lambda i: used(made[i].no, made[i].buyer_id)())
    assert sorted(outcomes) == ["IntegrityError"] * 3 + ["won"] * 3


def test_a_bargain_is_bought_by_one_of_many_checkouts(committed_db):
    made = mall.bargain()
    assert sorted(race(8, lambda i: used(made.no, made.buyer_id)())) == ["BargainOver"] * 7 + ["won"]


def test_control_a_bargain_that_the_statement_doesnt_mark_is_bought_by_all(committed_db, monkeypatch):
    monkeypatch.setattr(bargains_of, "_USE", bargains_of._USE.replace("AND b.used_at IS NULL ", ""))
    made = mall.bargain()
    assert race(6, lambda i: used(made.no, made.buyer_id)()) == ["won"] * 6


def test_started_from_two_phones_it_is_one_bargain(committed_db):
    offer = mall.offer(limit_each=5)
    works = [durable(lambda: service.start_bargain(offer_no=offer.no, buyer_id=801, now=NOON).no)] * 6
    assert len(set(at_once(works))) == 1


@pytest.mark.parametrize("guarded", [True, False])
def test_one_day_one_limit_over_many_bargains(committed_db, monkeypatch, guarded):
    """A friend cuts twelve bargains at once with ten a day; the control counts before it writes and lets more by."""
    from tuike.marketing.service import days

    offer = mall.offer(stock=20)
    made = [mall.bargain(offer, buyer_id=800 + i) for i in range(12)]
    if not guarded:
        meeting = Meeting(12)

        def unguarded(*, person_id, kind, most, now, **_):
            meeting.come()
            if days.used_count(person_id=person_id, kind=kind, day=now.date()) >= 10:
                raise most[1](limit=10)

        monkeypatch.setattr(days, "use_day", unguarded)
    outcomes = race(12, lambda i: durable(lambda: service.cut_bargain(code=made[i].code, person_id=700, now=NOON))())
    assert outcomes.count("won") == (10 if guarded else 12)


def test_friends_at_the_doors_open_and_cut_all_at_once(committed_db):
    """The journeys as the doors call them, with what they tell: nothing deadlocks, all adds up."""
    packet = mall.packet(900, 6)
    made = mall.bargain(mall.offer(cuts_needed=7))
    people = [mall.person() for _ in range(6)]
    opening = [lambda p=p: open_red_packet.open_red_packet(person_id=p, code=packet.code, now=NOON) for p in people]
    cutting = [lambda p=p: cut_bargain.cut_bargain(person_id=p, code=made.code, now=NOON) for p in people]
    said = at_once(opening + cutting)
    assert [one for one in said if isinstance(one, str)] == []
    assert sum(balances(people)) == 900
    assert queries.bargain_by_code(made.code).price_now_fen == 4_000
    books.check("red_packets", "buyer_balances", "bargains", "balances", "floors", "transfers")
