"""An offer's budget under threads: it stops exactly; without the clause that guards it, it doesn't."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tests.make.racers import at_once, overlap
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import tend_rewards
from tuike.rewards import queries, service
from tuike.rewards.types import Count

RACERS = 12
CLAUSE = "AND state = 'published' AND granted_fen + reward_fen <= budget_fen"


def race(one):
    """Let every promoter reach the target at once, and threads grant at once; return what each of them granted."""
    offer = make_rewards.offer(one.shop.id, budget_fen=15_000)
    promoters = [make_parties.promoter(name=f"推客{n}", phone=f"1390000{n:04d}").id for n in range(20, 20 + RACERS)]
    counts = [Count(offer.offer_id, promoter, 3, (1,)) for promoter in promoters]
    service.note(counts=counts, now=make.NOON + timedelta(hours=1))

    def grant(i):
        due = queries.due(offer)[i]
        with transaction.atomic(durable=True):
            if not service.spend(offer.offer_id):
                return 0
            sale_id = tend_rewards.orders.take_sale_ids(1)[0]
            award = service.award(due=due, count=counts[i], sale_id=sale_id, now=make.NOON)
            sale = tend_rewards._sale(offer, award, counts[i], make.NOON)
            tend_rewards.commission.accrue_targets(sales=[sale], now=make.NOON)
            return 1

    return at_once([partial(grant, i) for i in range(RACERS)]), offer


@pytest.fixture
def one(committed_db):
    found = make.alliance()
    make_rewards.fund(found.shop.id, 15_000)
    return found


def test_a_budget_for_three_awards_pays_three(one):
    outcomes, offer = race(one)
    assert sorted(outcomes) == [0] * (RACERS - 3) + [1] * 3
    assert make_rewards.balance(offer.offer_id) == 0
    assert rows.query("SELECT count(*), sum(amount_fen) FROM commission_accrual WHERE role = 'bonus'") == [(3, 15_000)]
    books.check("offers", "pending", "accruals")


def test_control_without_the_clause_the_database_refuses_without_a_name(one, monkeypatch):
    assert CLAUSE in service._SPEND
    monkeypatch.setattr(service, "_SPEND", service._SPEND.replace(CLAUSE, ""))
    outcomes, _ = race(one)
    assert outcomes.count("IntegrityError") == RACERS - 3


def test_control_without_clause_and_constraint_more_is_granted_than_there_is(one, owner_sql, monkeypatch):
    monkeypatch.setattr(service, "_SPEND", service._SPEND.replace(CLAUSE, ""))
    owner_sql("ALTER TABLE rewards_offer DROP CONSTRAINT rewards_offer_budget")
    try:
        outcomes, _ = race(one)
        # The ledger's floor is what is left to stop it.
        assert outcomes.count(1) == 3 and sum(1 for one in outcomes if one not in (0, 1)) == RACERS - 3
        assert outcomes.count("IntegrityError") == 0
    finally:
        owner_sql("UPDATE rewards_offer SET granted_fen = 0")
        owner_sql(
            "ALTER TABLE rewards_offer ADD CONSTRAINT rewards_offer_budget"
            " CHECK (granted_fen >= 0 AND granted_fen <= budget_fen)"
        )


PUBLISHED = "AND state = 'published'"


def close_and_grant(one):
    """Let an offer be awarded while it is being closed; return what closing and awarding said, and the offer."""
    offer = make_rewards.offer(one.shop.id, budget_fen=15_000)
    count = Count(offer.offer_id, one.promoter.id, 3, (1,))
    service.note(counts=[count], now=make.NOON + timedelta(hours=1))
    (due,) = queries.due(offer)

    def close():
        service.close_offer(merchant_id=one.shop.id, no=offer.no, actor=OPERATOR_SHELL, now=make.NOON)
        return "closed"

    def grant():
        if not service.spend(offer.offer_id):
            return 0
        award = service.award(due=due, count=count, sale_id=7_000_000, now=make.NOON)
        sale = tend_rewards._sale(offer, award, count, make.NOON)
        tend_rewards.commission.accrue_targets(sales=[sale], now=make.NOON)
        return 1

    return overlap(close, grant), offer


def test_who_comes_while_an_offer_closes_gets_nothing_and_all_of_it_goes_back(one):
    said, offer = close_and_grant(one)
    assert said == ["closed", 0]
    assert make_rewards.balance(offer.offer_id) == 0
    shown = queries.offer(merchant_id=one.shop.id, no=offer.no)
    assert (shown.granted_fen, shown.returned_fen) == (0, 15_000)
    books.check("offers", "pending", "accruals")


def test_control_without_its_state_a_closed_offer_is_awarded_and_only_the_ledger_stops_it(one, monkeypatch):
    assert PUBLISHED in service._SPEND
    monkeypatch.setattr(service, "_SPEND", service._SPEND.replace(PUBLISHED, ""))
    said, _ = close_and_grant(one)
    assert said[0] == "closed"
    assert said[1] not in (0, 1)  # what it took of the budget isn't there any more: the account refuses
