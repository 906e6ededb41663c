"""The explorer of accruals: who sees what, groups that add up to rows and rows to the ledger, to the fen."""

import re
from itertools import combinations

import pytest

from tests import books
from tests.make import explored
from tuike.commission.types import AccrualState
from tuike.db import rows
from tuike.insight import verify
from tuike.insight.explorer import dimensions, people, slices
from tuike.insight.explorer.types import EVERYBODY, BadSlice
from tuike.insight.lists import accruals, listing
from tuike.insight.lists.listing import BadFilter

pytestmark = pytest.mark.usefixtures("db")
ASKERS = sorted(EVERYBODY)
SUMS = ("first", "amount")


@pytest.fixture
def story():
    return explored.story()


def party_of(story, asker):
    return {
        "promoter": story.one.promoter, "merchant": story.one.shop, "leader": story.one.leader,
        "operator": story.operator,
    }[asker]  # fmt: skip


def scope_of(story, asker):
    return {"party": party_of(story, asker).id}


def everything(one, scope, asked=None):
    """Return all rows of a listing, page after page."""
    found, asked = [], dict(asked or {})
    while True:
        page = listing.page(one, scope, asked)
        found += page.rows
        if not page.next:
            return found
        asked["after"] = page.next


@pytest.mark.parametrize("asker", ASKERS)
def test_rows_are_the_askers_own_and_come_once(story, asker):
    scope, one = scope_of(story, asker), accruals.EVERY[asker]
    own = {
        "promoter": "payee_kind = 'promoter' AND payee_id = %(party)s",
        "merchant": "merchant_id = %(party)s AND funder <> 'platform'",
        "leader": "payee_kind = 'leader' AND payee_id = %(party)s",
        "operator": "%(party)s > 0",
    }[asker]
    wanted = rows.query(f"SELECT id, amount_fen, first_fen FROM commission_accrual WHERE {own}", scope)
    found = everything(one, scope)
    assert sorted(row["id"] for row in found) == sorted(row[0] for row in wanted)
    assert len(found) > 3
    assert listing.totals(one, scope, {}) == {
        "amount": sum(row[1] for row in wanted),
        "first": sum(row[2] for row in wanted),
    }


@pytest.mark.parametrize("asker", ASKERS)
def test_groups_by_every_dimension_add_up_and_open_exactly_their_rows(story, asker):
    scope, base = scope_of(story, asker), accruals.EVERY[asker]
    whole = listing.totals(base, scope, {})
    count = listing.count(base, scope, {}, exact=True).n
    for key in dimensions.groups_of(asker):
        groups = everything(slices.grouped(asker, [key]), scope)
        assert sum(row["n"] for row in groups) == count, key
        for one in SUMS:
            assert sum(row[one] for row in groups) == whole[one], key
        for row in groups:
            asked = slices.drill(asker, [key], row)
            assert listing.count(base, scope, asked, exact=True).n == row["n"], (key, asked)
            assert listing.totals(base, scope, asked) == {one: row[one] for one in SUMS}, (key, asked)


def test_groups_by_two_dimensions_open_exactly_their_rows(story):
    scope, base = scope_of(story, "operator"), accruals.OF_OPERATOR
    for keys in combinations(("product", "role", "state", "activity", "settled_at_month", "paid_at_day", "payee"), 2):
        for row in everything(slices.grouped("operator", keys), scope):
            asked = slices.drill("operator", keys, row)
            assert listing.count(base, scope, asked, exact=True).n == row["n"], (keys, asked)
            assert listing.totals(base, scope, asked) == {one: row[one] for one in SUMS}, (keys, asked)


def test_groups_keep_to_filters_sort_by_sums_and_page(story):
    scope = scope_of(story, "operator")
    one = slices.grouped("operator", ["paid_at_day", "role"])
    assert len(everything(one, scope)) > 8
    small = slices.replace(one, page_size=3)
    for sort in ("-amount", "n", "-first", "settled", "g1", "-g1"):
        found = everything(small, scope, {"sort": sort})
        assert [row["id"] for row in found] == [row["id"] for row in everything(one, scope, {"sort": sort})]
        assert len({row["id"] for row in found}) == len(found)
    amounts = [row["amount"] for row in everything(small, scope)]
    assert amounts == sorted(amounts, reverse=True)
    settled = everything(one, scope, {"state": "settled"})
    assert settled and all(row["settled"] == row["amount"] and row["pending"] == 0 for row in settled)
    assert listing.totals(one, scope, {"state": "settled"})["n"] == sum(row["n"] for row in settled)
    assert listing.count(one, scope, {"state": "settled"}).n == len(settled)


def test_totals_by_payee_are_the_ledgers_accounts(story):
    groups = everything(slices.grouped("operator", ["payee"]), scope_of(story, "operator"))
    named = {row["g1__key"]: row for row in groups}
    for party in (story.one.promoter, story.one.recruiter, story.one.leader):
        path = f"{party.kind}:{party.id}:pending"
        [(pending,)] = rows.query("SELECT balance_fen FROM ledger_account WHERE path = %s", [path])
        [(waiting,)] = rows.query(
            "SELECT coalesce(sum(amount_fen), 0)::bigint FROM commission_accrual WHERE payee_id = %s AND state = %s",
            [party.id, AccrualState.WAITING.value],
        )
        assert named[party.no]["pending"] - waiting == pending > 0
    books.check()


def test_verify_names_the_payee_whose_totals_differ(story):
    [fine] = verify.run(names=["explorer"])
    assert fine.findings == () and fine.rows > 10
    assert fine.sum_fen == rows.query("SELECT sum(amount_fen)::bigint FROM commission_accrual")[0][0]
    rows.run(
        "UPDATE commission_accrual SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM commission_accrual"
        " WHERE payee_kind = 'leader' AND state = 'pending')"
    )
    [found] = verify.run(names=["explorer"])
    assert [one.object for one in found.findings] == [f"leader:{story.one.leader.id}"]


def test_a_promoter_sees_no_place_of_others_and_a_shop_not_what_others_pay(story):
    recruiter = {"party": story.one.recruiter.id}
    found = everything(accruals.OF_PROMOTER, recruiter, {"role": "tier2"})
    assert found and all(row["place"] is None and row["place__under"] is None for row in found)
    assert {row["promoter"] for row in found} == {story.one.promoter.name}
    assert not {"payee", "funder"} & {one.key for one in dimensions.of("promoter")}
    assert not {"place", "payee"} & {one.key for one in dimensions.of("leader")}
    places = everything(slices.grouped("promoter", ["place"]), recruiter, {"role": "tier2"})
    assert [row["g1"] for row in places] == [None]


def test_what_an_asker_has_not_is_refused_by_name():
    for keys in (["payee"], ["place", "place"], ["place", "role", "state"], [], ["'; drop"]):
        with pytest.raises(BadSlice):
            slices.grouped("promoter", keys)
    with pytest.raises(BadSlice):
        slices.chosen("leader", ["place"])
    with pytest.raises(BadFilter):
        listing.page(accruals.OF_OPERATOR, {"party": 1}, {"role": "nobody"})


def test_columns_are_those_chosen_in_the_order_of_the_dimensions(story):
    one = slices.chosen("merchant", ["state", "layer"])
    assert [column.key for column in one.columns if column.shown] == ["order_no", "layer", "state"]
    assert [column.key for column in one.exported()] == ["order_no", "layer", "state"]
    found = everything(one, scope_of(story, "merchant"))
    assert {row["layer"] for row in found} == {"category", "leader", None}  # a target has none


def test_numbers_find_one_names_find_some(story):
    scope = scope_of(story, "operator")
    promoter = story.one.promoter
    by_no = everything(accruals.OF_OPERATOR, scope, {"promoter": promoter.no})
    by_name = everything(accruals.OF_OPERATOR, scope, {"promoter": promoter.name[-2:]})
    assert by_no and [row["id"] for row in by_no] == [row["id"] for row in by_name]
    accrual = by_no[0]["id"]
    assert [row["id"] for row in everything(accruals.OF_OPERATOR, scope, {"no": f"A{accrual}"})] == [accrual]
    for odd in ("%", "_", "A", "A99999999999999999999", "'", "\\"):
        assert everything(accruals.OF_OPERATOR, scope, {"no": odd}) == []
        everything(accruals.OF_OPERATOR, scope, {"category_no": odd, "activity": odd, "place": odd})


@pytest.mark.parametrize("asker", ASKERS)
def test_a_promoter_of_few_sales_and_of_many_has_the_same_rows(story, asker, monkeypatch):
    scope, one = scope_of(story, asker), accruals.EVERY[asker]
    if "promoter" not in dimensions.groups_of(asker):
        pytest.skip("has no such dimension")
    asked = {"promoter": story.one.promoter.no}
    few = [row["id"] for row in everything(one, scope, asked)]
    sums = listing.totals(one, scope, asked)
    monkeypatch.setattr(people, "MANY", 0)
    assert [row["id"] for row in everything(one, scope, asked)] == few != []
    assert listing.totals(one, scope, asked) == sums
    nobody = {"promoter": "P2026010199999"}
    assert everything(one, scope, nobody) == [] and listing.count(one, scope, nobody).n == 0


def test_a_place_is_found_by_its_id_or_by_a_part_of_its_name(story):
    scope, one = scope_of(story, "merchant"), accruals.OF_MERCHANT
    [(pid, name)] = rows.query(
        "SELECT p.pid, p.name FROM attribution_place p JOIN attribution_claim c ON c.place_id = p.id"
        " WHERE c.merchant_id = %(party)s GROUP BY p.id ORDER BY count(*) DESC LIMIT 1",
        scope,
    )
    by_id = [row["id"] for row in everything(one, scope, {"place": pid})]
    assert by_id and set(by_id) <= {row["id"] for row in everything(one, scope, {"place": name[:2]})}


def test_every_state_has_its_rows_and_what_is_settled_has_a_matured_sale(story):
    scope, one = scope_of(story, "operator"), accruals.OF_OPERATOR
    found = rows.query("SELECT state, count(*) FROM commission_accrual GROUP BY 1")
    assert {state for state, _ in found} >= {"pending", "settled"}
    for state, many in found:
        assert listing.count(one, scope, {"state": state}, exact=True).n == many
    assert listing.count(one, scope, {"state": "settled,pending"}, exact=True).n == sum(
        many for state, many in found if state in ("settled", "pending")
    )


@pytest.mark.parametrize("asker", ASKERS)
def test_joins_that_nothing_names_are_not_taken(asker, monkeypatch):
    told, ask = [], rows.query
    monkeypatch.setattr(rows, "query", lambda said, *params: told.append(said) or ask(said, *params))
    listing.totals(accruals.EVERY[asker], {"party": 1}, {})
    listing.count(accruals.EVERY[asker], {"party": 1}, {})
    assert told and not [said for said in told if "JOIN" in said]
    listing.totals(accruals.EVERY[asker], {"party": 1}, {"category_no": "7"})
    assert re.findall(r"JOIN (\w+)", told[-1]) == ["orders_line"]
    listing.totals(accruals.EVERY[asker], {"party": 1}, {"product": "茶"})
    assert re.findall(r"JOIN (\w+)", told[-1]) == ["commission_sale", "orders_line", "catalog_product"]
