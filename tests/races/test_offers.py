"""Offers for targets under two hands at once, each guard with its control (docs/rules.md §3, §7).

The second one always begins when the first has done its work and not committed it (`overlap`).
"""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import rewards as make_rewards
from tests.make.racers import at_once, overlap, without
from tests.races.test_activities import acts, codes, dropped
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.tend_rewards import tend_rewards
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.rewards import queries, service
from tuike.rewards.types import Count, OfferState

HAD = {"actor": OPERATOR_SHELL, "now": make.NOON}
HOUR = timedelta(hours=1)
LOCK = {"clause": "FOR UPDATE", "within": "FROM rewards_offer"}
FUND = 10_000


@pytest.fixture
def one(committed_db):
    found = make.alliance()
    make_rewards.fund(found.shop.id, 3 * FUND)
    return found


# Published, deleted


def published_and(one, second):
    """Publish a draft and do something else with it at once; return both, and where it stands."""
    mine = {"merchant_id": one.shop.id, "no": make_rewards.draft(one.shop.id)} | HAD
    works = {"publish": lambda: service.publish_offer(**mine), "delete": lambda: service.delete_offer(**mine)}
    said = codes(overlap(works["publish"], works[second]))
    offer_id, state = rows.query("SELECT id, state FROM rewards_offer")[0]
    return said, OfferState(state), make_rewards.balance(offer_id)


SECOND = pytest.mark.parametrize("second", ["publish", "delete"])


@SECOND
def test_an_offer_is_published_once_and_then_stays(one, second):
    assert published_and(one, second) == ([None, "offer_not_draft"], OfferState.PUBLISHED, FUND)
    assert acts("offer.publish") == 1


def test_control_without_the_lock_it_is_published_twice(one, monkeypatch):
    without(monkeypatch, **LOCK)
    assert published_and(one, "publish") == ([None, None], OfferState.PUBLISHED, FUND), "the ledger's key funds it once"
    assert acts("offer.publish") == 2


def test_control_without_the_lock_a_funded_offer_is_deleted_with_its_money(one, monkeypatch):
    without(monkeypatch, **LOCK)
    assert published_and(one, "delete") == ([None, None], OfferState.DELETED, FUND)


# Closed, spent, awarded


def closed_and_spent(one):
    """Close an offer and take an award's part of it at once; return both, and what it holds and has given back."""
    offer = make_rewards.offer(one.shop.id)
    said = overlap(
        lambda: service.close_offers(offer_ids=[offer.offer_id], now=make.NOON + 20 * HOUR),
        lambda: service.spend(offer.offer_id),
    )
    return said, rows.query("SELECT granted_fen, returned_fen FROM rewards_offer")[0]


def test_nothing_is_spent_of_what_is_closed(one):
    assert closed_and_spent(one) == ([1, False], (0, FUND))


def test_control_without_the_state_it_is_spent_and_gone(one, monkeypatch):
    without(monkeypatch, "AND state = 'published'", within="SET granted_fen = granted_fen + reward_fen")
    assert closed_and_spent(one) == ([1, True], (5_000, FUND))


def closed_twice(one, *, closed_before):
    """Close an offer in two workers; return the transfers of each, what went back, and the account.

    `closed_before`: it is closed, and one award that was taken back stands on its account.
    """
    offer = make_rewards.offer(one.shop.id)

    def close():
        return service.close_offers(offer_ids=[offer.offer_id], now=make.NOON + 20 * HOUR)

    if closed_before:
        close()
        move = Move(chart.outside("sandbox"), chart.reward(offer.offer_id), 5_000)
        ledger.post(drafts=[Draft("back", "payment", "test", make.NOON, (move,))], now=make.NOON)
    said = overlap(close, close)
    return said, rows.query("SELECT returned_fen, returns FROM rewards_offer")[0], make_rewards.balance(offer.offer_id)


@pytest.mark.parametrize(("closed_before", "gone"), [(False, (FUND, 1)), (True, (FUND + 5_000, 2))])
def test_what_is_left_goes_back_once(one, closed_before, gone):
    assert closed_twice(one, closed_before=closed_before) == ([1, 0], gone, 0)


def test_control_without_the_offers_and_the_accounts_lock_it_is_noted_twice(one, monkeypatch):
    """Either lock alone holds; behind both the ledger's key moves the money once."""
    without(monkeypatch, **LOCK)
    monkeypatch.setattr(service.ledger, "lock", lambda *, refs: ledger.balances(refs=refs))
    monkeypatch.setattr(service, "_check_owes_nothing", lambda merchant_id, fund: None)
    assert closed_twice(one, closed_before=True) == ([1, 1], (FUND + 10_000, 3), 0)


def reached(one):
    """Return an offer of which a promoter has reached the target and was awarded."""
    offer = make_rewards.offer(one.shop.id)
    count = Count(offer.offer_id, one.promoter.id, 3, (1,))
    service.note(counts=[count], now=make.NOON + HOUR)
    return offer, count


def awarded_twice(one):
    offer, count = reached(one)
    [due] = queries.due(offer)

    def award(sale_id):
        return service.award(due=due, count=count, sale_id=sale_id, now=make.NOON + HOUR).no

    said = overlap(lambda: award(901), lambda: award(902))
    return said[1], rows.query("SELECT count(*) FROM rewards_award WHERE taken_back_at IS NULL")[0][0]


def test_a_promoter_has_one_award_alive(one):
    assert awarded_twice(one) == ("IntegrityError", 1)


def test_control_without_the_index_it_has_two(one, owner_sql):
    with dropped(owner_sql, "rewards_award", "rewards_award_one_alive"):
        assert awarded_twice(one)[1] == 2


def taken_back_twice(one):
    offer, count = reached(one)
    [due] = queries.due(offer)
    assert service.spend(offer.offer_id)
    service.award(due=due, count=count, sale_id=901, now=make.NOON + HOUR)
    rows.run("UPDATE rewards_offer SET granted_fen = budget_fen")
    service.note(counts=[Count(offer.offer_id, one.promoter.id, 2, ())], now=make.NOON + 2 * HOUR)
    take = lambda: len(service.take_back_lost(offer_ids=[offer.offer_id], now=make.NOON + 2 * HOUR))  # noqa: E731
    return overlap(take, take), rows.query("SELECT granted_fen FROM rewards_offer")[0][0]


def test_an_award_is_taken_back_once(one):
    assert taken_back_twice(one) == ([1, 0], 5_000)


def test_control_without_the_old_state_the_budget_gets_it_twice(one, monkeypatch):
    without(monkeypatch, "AND a.taken_back_at IS NULL", within="UPDATE rewards_award")
    assert taken_back_twice(one) == ([1, 1], 0)


def test_two_workers_that_follow_one_sale_award_once(one):
    make_rewards.offer(one.shop.id)
    make.touch(one, now=make.NOON + HOUR)
    make.bought(one, pieces=(3,), now=make.NOON + HOUR)
    make_events.readable()
    said = at_once([lambda: tend_rewards(now=make.NOON + 2 * HOUR)] * 2)
    assert [answer for answer in said if isinstance(answer, str)] == []
    assert rows.query("SELECT count(*), sum(amount_fen) FROM rewards_award") == [(1, 5_000)]
    assert rows.query("SELECT count(*), sum(amount_fen) FROM commission_accrual WHERE role = 'bonus'") == [(1, 5_000)]
    assert rows.query("SELECT granted_fen FROM rewards_offer") == [(5_000,)]
