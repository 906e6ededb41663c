"""Pages of a party ask the database a bounded number of questions, however much they show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tuike.parties.types import Role

MOST = 15
PAGES = (
    "certification",
    "places",
    "orders",
    "administrators",
    "funds",
    "ledger",
    "withdrawals",
    "statements",
    "account",
)


@pytest.fixture
def busy(db):
    """A promoter with several places, orders, withdrawals and administrators."""
    one = make.alliance()
    make.touch(one)
    for hour in range(3):
        order = make.bought(one, pieces=(1, 1), now=make.NOON + timedelta(hours=hour))
        make.received(order, now=make.NOON + timedelta(days=1))
    make.matured(until=make.NOON + timedelta(days=40))
    make_parties.bank_account(one.promoter)
    make_settlement.asked(one.promoter, 200)
    for number in range(3):
        make_attribution.place(promoter_id=one.promoter.id, name=f"群{number}")
        make_parties.seated(one.promoter, Role.ADMIN)
    return one.promoter


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_few_questions(busy, sit, name):
    desk = sit(busy)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert desk.get(name).status_code == 200
    questions = [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(questions) <= MOST, "\n".join(questions)
