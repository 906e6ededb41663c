"""Money of each kind of party, and a leader's orders: what the API says is what the consoles say."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import sit  # noqa: F401 a fixture
from tests.doors.openapi.answers import refused
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tuike.flows import close_month
from tuike.insight import funds
from tuike.insight.lists import listing
from tuike.insight.lists.merchant_orders import PROMOTED
from tuike.insight.lists.party_funds import LEDGER
from tuike.insight.lists.promoter_orders import ORDERS
from tuike.kit import clock, days

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def settled(one):
    """An order by the leader's activity, received and settled, and a second that waits."""
    then = clock.now() - timedelta(days=60)
    make.touch(one, leader=True, now=then)
    order = make.received(make.bought(one, pieces=(2,), now=then), now=then + timedelta(hours=2))
    make.matured(until=clock.now())
    make.touch(one, now=clock.now())
    make.bought(one, now=clock.now())
    return order


@pytest.mark.parametrize("kind", ["promoter", "shop", "leader"])
def test_funds_are_what_the_account_has(kind, one, settled, software):
    party = getattr(one, kind)
    caller = software(party)
    shown = caller.get(f"/{party.kind.value}/funds").json()
    stands = funds.balances(party)
    for purpose in ("available", "pending", "held", "leaving", "prepaid", "deposit"):
        assert shown[f"{purpose}_fen"] == stands.get(purpose, 0), purpose
    assert shown["available_fen"] > 0 and shown["owed_fen"] == 0
    assert (shown["coming"] is None) == (kind == "shop")
    assert sum(purse["available_fen"] for purse in shown["purses"]) == shown["available_fen"]


@pytest.mark.parametrize("kind", ["promoter", "shop", "leader"])
def test_the_ledger_is_paged_without_gaps_or_repeats(kind, one, settled, software):
    party = getattr(one, kind)
    caller = software(party)
    seen, after = [], ""
    while True:
        page = caller.get(f"/{party.kind.value}/ledger?limit=2&after={after}").json()
        assert len(page["items"]) <= 2
        seen += page["items"]
        after = page["next"]
        if not after:
            break
    whole = listing.page(LEDGER, {"owner": f"{party.kind.value}:{party.id}"}, {}).rows
    assert [row["amount_fen"] for row in seen] == [row["amount"] for row in whole]
    assert [row["balance_fen"] for row in seen] == [row["balance"] for row in whole]
    available = [row["balance_fen"] for row in seen if row["account"] == "available"]
    assert available[0] == funds.balances(party)["available"]


@pytest.mark.parametrize("kind", ["promoter", "shop", "leader"])
def test_statements_add_up(kind, one, settled, software):
    party = getattr(one, kind)
    month = days.month_of(clock.now() - timedelta(days=20))
    first = days.start_of(month)
    close_month.close_month(
        month=(first - timedelta(days=1)).astimezone(days.SHANGHAI).date().replace(day=1), now=clock.now()
    )
    caller = software(party)
    found = caller.get(f"/{party.kind.value}/statements").json()["items"]
    for one_month in found:
        shown = caller.get(f"/{party.kind.value}/statements/{one_month['month']}").json()
        assert shown["opening_fen"] + shown["in_fen"] - shown["out_fen"] == shown["closing_fen"]
        assert sum(row["amount_fen"] for row in shown["bookings"]) == shown["in_fen"] - shown["out_fen"]
    for nothing in ("1999-01", "now", "2026-13", "2026-1"):
        refused(caller.get(f"/{party.kind.value}/statements/{nothing}"), 404, "not_found")


def test_withdrawals_show_their_steps(software, one):
    payee = make_settlement.payee(50_000, name="推客小钱", phone="13900000066")
    no = make_settlement.asked(payee, 20_000)
    caller = software(payee)
    [row] = caller.get("/promoter/withdrawals?state=open&amount_fen_min=20000").json()["items"]
    assert (row["no"], row["amount_fen"], row["state"]) == (no, 20_000, "requested")
    assert caller.get("/promoter/withdrawals?amount_fen_min=20001").json()["items"] == []
    assert caller.get(f"/promoter/withdrawals/{no}").json()["steps"][0]["at"]
    refused(software(one.promoter).get(f"/promoter/withdrawals/{no}"), 404, "unknown_withdrawal")


def test_a_leader_sees_its_orders_and_fees(software, one, settled):
    caller = software(one.leader)
    [line] = caller.get("/leader/orders").json()["items"]
    wanted = (settled.no, one.activities[one.product_id], one.promoter.no)
    assert (line["order_no"], line["activity_no"], line["promoter_no"]) == wanted
    [fee] = caller.get("/leader/accruals").json()["items"]
    assert fee["final_fen"] == line["commission_fen"] == 400 and fee["state"] == "settled"
    assert caller.get(f"/leader/orders/{settled.no}").json()["items"] == [line]
    told = caller.get(f"/leader/orders/{settled.no}/explain").json()["items"]
    assert told[0]["holds"]
    assert caller.get(f"/leader/accruals/{fee['no']}/explain").json()["holds"]
    stranger = software(make_parties.leader(name="团长阿明"))
    for path in (f"/leader/orders/{settled.no}", f"/leader/orders/{settled.no}/explain"):
        refused(stranger.get(path), 404, "not_found")
    refused(stranger.get(f"/leader/accruals/{fee['no']}/explain"), 404, "unknown_number")


def test_figures_are_those_of_the_consoles(software, one, settled, sit):  # noqa: F811
    """Sums and rows of both lists; and what the pages print is what the API says."""
    rows = software(one.promoter).get("/promoter/accruals?limit=200").json()["items"]
    scope = {"party": one.promoter.id}
    assert [row["final_fen"] for row in rows] == [row["final"] for row in listing.page(ORDERS, scope, {}).rows]
    assert sum(row["final_fen"] for row in rows) == listing.totals(ORDERS, scope, {})["final"]
    page = sit(one.promoter).get("orders").content.decode()
    assert {_yuan(row["final_fen"]) for row in rows} <= set(re.findall(r"¥[\d,]+\.\d\d", page))
    lines = software(one.shop).get("/merchant/promoted-lines?limit=200").json()["items"]
    totals = listing.totals(PROMOTED, {"merchant": one.shop.id}, {})
    assert sum(line["commission_fen"] for line in lines) == totals["commission"]
    assert sum(line["paid_fen"] for line in lines) == totals["paid"]
    shown = sit(one.promoter).get("funds").content.decode()
    assert _yuan(software(one.promoter).get("/promoter/funds").json()["available_fen"]) in shown


def _yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"
