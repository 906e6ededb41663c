"""Each list of the operator's desk answers rows, counts, sums and tabs, under each of its filters and sorts."""

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tests.make.appeals import appeal
from tuike.audit.types import SYSTEM
from tuike.commission import service as commission
from tuike.commission.types import Payee
from tuike.insight.lists import appeals, operator_books, operator_queues
from tuike.insight.lists import listing as lists
from tuike.insight.lists.types import Listing
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settlement import service as settlement
from tuike.settlement.types import Heard

LISTS = [
    one
    for module in (operator_queues, operator_books, appeals)
    for one in vars(module).values()
    if isinstance(one, Listing)
]
SCOPES = {
    "operator_held": {"now": make.NOON.isoformat(), "hours": 48},
    "operator_appeals": {"now": make.NOON.isoformat()},
    "operator_ledger_accounts": {"group": "promoter", "purpose": "available", "unit": "CNY"},
    "operator_ledger_entries": {"account": 0},
}
TRIED = {"days": "2026-01-01", "fen": "1.00", "bps": "5", "number": "1", "text": "100%_测试'"}


@pytest.fixture
def story(db):
    """One row at least in every list."""
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, now=make.NOON), now=make.NOON + make.timedelta(days=1))
    held = make.accruals(order)["direct"]
    commission.hold(accrual_ids=[held], reason="多单", actor=SYSTEM, now=make.NOON)
    appeal(one.promoter, held)
    risk.open_cases(cases=[CaseFacts(CaseKind.UNKNOWN_PAYOUT, "W1", 5)], now=make.NOON)
    party = make_settlement.payee(1_000)
    no = make_settlement.sending(party, 1_000).no
    settlement.record_outcomes(outcomes=[make_settlement.outcome(no, Heard.PAID)], now=make_settlement.NOW)
    settlement.ask_outcome(
        no=no,
        heard=Heard.RETURNED,
        happened_at=make_settlement.NOW + make.timedelta(days=1),
        reference="TP1",
        reason="退票",
        actor=make_settlement.FIRST,
        now=make_settlement.NOW + make.timedelta(days=2),
    )
    commission.ask_adjustment(
        payee=Payee("promoter", party.id), amount_fen=5, reason="补", sale_id=None, actor=make_settlement.FIRST,
        now=make.NOON,
    )  # fmt: skip
    make_parties.operator()
    account = make_settlement.rows.query(
        "SELECT id FROM ledger_account WHERE path = %s", [f"promoter:{party.id}:available"]
    )[0][0]
    return SCOPES | {"operator_ledger_entries": {"account": account}, "own_appeals": {"party": one.promoter.id}}


@pytest.mark.parametrize("listing", LISTS, ids=lambda one: one.name)
def test_a_list_answers_everything_it_can_be_asked(story, listing):
    scope = story.get(listing.name, {})
    page = lists.page(listing, scope, {})
    assert page.rows, "the story has a row for each list"
    counted = lists.count(listing, scope, {}, exact=True).n
    assert counted >= len(page.rows)
    for column in listing.summed:
        assert column.key in lists.totals(listing, scope, {})
    if listing.tabs:
        counts = lists.tab_counts(listing, scope, {})
        assert counts[""].n == counted
        assert sum(one.n for value, one in counts.items() if value) == counted, "each row is in one tab"
    for sort in [key for column in listing.columns if column.sort for key in (column.key, f"-{column.key}")]:
        assert len(lists.page(listing, scope, {"sort": sort}).rows) == len(page.rows)


@pytest.mark.parametrize("listing", LISTS, ids=lambda one: one.name)
def test_each_filter_of_a_list_is_a_condition(story, listing):
    scope = story.get(listing.name, {})
    for one in listing.all_filters:
        values = [value for value, _ in one.choices_for(scope)] if one.kind == "choice" else [TRIED[one.kind]]
        for key in one.keys:
            for value in values:
                assert lists.count(listing, scope, {key: value}).n >= 0
