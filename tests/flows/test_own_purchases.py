"""A promoter who buys sees what it earns back, pays the whole price, and gets just that."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.preview_checkout import Looked, preview_checkout
from tuike.plans import service as plans
from tuike.plans.types import SelfScope

pytestmark = pytest.mark.usefixtures("db")
LATER = make.NOON + timedelta(hours=1)


def person_of(one):
    found = rows.query(
        "SELECT person_id FROM parties_seat WHERE party_id = %s AND role = 'super_admin'", [one.promoter.id]
    )
    return found[0][0]


def seen(one, buyer_id, *, pieces=1, at=LATER):
    looked = Looked(items=((make_catalog.sku_of(one.product_id), pieces),))
    found = preview_checkout(buyer_id=buyer_id, visitor="", looked=looked, now=at)
    return found, found.shops[0].lines[0].own


def test_the_effective_price_is_what_the_booking_leaves_and_the_whole_price_is_charged():
    one = make.alliance()
    me = person_of(one)
    make.touch(one, buyer_id=me, now=make.NOON)
    found, own = seen(one, me, pieces=2)
    assert (own.rate_bps, own.earns_fen, own.effective_fen) == (300, 359, 11_980 - 359)
    assert found.payable_fen == 11_980
    order = make.bought(one, pieces=(2,), buyer_id=me, now=LATER)
    assert order.payable_fen == 11_980
    assert rows.query("SELECT role, amount_fen FROM commission_accrual") == [("self", 359)]
    assert rows.query("SELECT facts->>'self_purchase_by' FROM attribution_claim") == [("person",)]
    books.check()


def test_who_is_no_promoter_or_came_by_anothers_material_sees_none():
    one = make.alliance()
    make.touch(one, now=make.NOON)
    assert seen(one, one.buyer_id)[1] is None
    me = person_of(one)
    assert seen(one, me)[1] is None  # without material there is no claim
    make.touch(one, buyer_id=me, now=make.NOON)
    other = make.of(one, one.recruiter)
    make.touch(other, buyer_id=me, now=make.NOON + timedelta(minutes=1))
    assert seen(one, me)[1] is None


def test_where_the_shop_pays_nothing_on_it_there_is_nothing_to_see():
    one = make.alliance()
    plans.set_self_purchase(
        merchant_id=one.shop.id, rates={(SelfScope.PRODUCT, one.product_id): 0}, actor=OPERATOR_SHELL, now=make.NOON
    )
    me, day = person_of(one), make.next_day()
    make.touch(one, buyer_id=me, now=day)
    assert seen(one, me, at=day + timedelta(hours=1))[1] is None
    assert rows.query("SELECT count(*) FROM attribution_claim") == [(0,)]


@given(st.integers(0, 9_000), st.integers(1, 9), st.integers(100, 99_999))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_seen_is_what_is_booked_at_any_rate_and_price(bps, pieces, price):
    one = make.alliance(price_fen=price)
    day = make.next_day()
    plans.set_self_purchase(
        merchant_id=one.shop.id, rates={(SelfScope.ALL, 0): bps}, actor=OPERATOR_SHELL, now=make.NOON
    )
    me = person_of(one)
    make.touch(one, buyer_id=me, now=day)
    own = seen(one, me, pieces=pieces, at=day + timedelta(minutes=1))[1]
    whole = price * pieces
    expected = whole * bps // 10_000
    assert (own.earns_fen, own.effective_fen) == (expected, whole - expected) if bps else own is None
    order = make.bought(one, pieces=(pieces,), buyer_id=me, now=day + timedelta(minutes=2))
    booked = rows.query(
        "SELECT coalesce(sum(amount_fen), 0) FROM commission_accrual WHERE sale_id = %s", [order.lines[0].id]
    )
    assert booked == [(expected,)]


@pytest.mark.parametrize(
    ("how", "made"),
    [
        (
            "administrator",
            "UPDATE parties_seat SET role = 'admin' WHERE party_id = %(party)s AND person_id = %(person)s",
        ),
        (
            "phone",
            "UPDATE parties_seat SET removed_at = now() WHERE party_id = %(party)s AND person_id = %(person)s",
        ),
    ],
)
def test_the_claim_keeps_by_what_the_buyer_is_the_promoter(how, made):
    one = make.alliance()
    me = person_of(one)
    rows.run(made, {"party": one.promoter.id, "person": me})
    if how == "phone":
        index = rows.query("SELECT phone_index FROM parties_certification WHERE party_id = %s", [one.promoter.id])[0][0]
        rows.run(
            "INSERT INTO people_phone (person_id, blind_index, sealed, verified_at) VALUES (%s, %s, '', now())"
            " ON CONFLICT DO NOTHING",
            [me, index],
        )
    make.touch(one, buyer_id=me, now=make.NOON)
    make.placed(one, buyer_id=me, now=LATER)
    assert rows.query("SELECT facts->>'self_purchase_by', self_purchase FROM attribution_claim") == [(how, True)]
