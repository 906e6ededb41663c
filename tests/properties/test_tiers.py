"""Tiers of the operator and of a shop over days, against an oracle that knows who wrote what for which day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import catalog
from tests.make import plans as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.parties.types import Source
from tuike.plans import service
from tuike.plans.types import AboveCeiling, TierNotAllowed
from tuike.settings import service as settings_of

pytestmark = pytest.mark.django_db
BASE = datetime(2027, 3, 1, 4, 0, tzinfo=UTC)
_rate = st.sampled_from((None, 100, 250, 900))
_own = st.sampled_from((None, 0, 100, 300))
_step = st.tuples(
    st.integers(0, 5),
    st.sampled_from((2, 3)),
    st.one_of(st.tuples(st.just("own"), _own), st.tuples(st.just("all"), _rate)),
)


@given(st.lists(_step, max_size=10))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_shops_own_tier_decides_and_the_operators_holds_where_it_set_none(steps):
    settings_of.change(name="max_paid_tiers", value=3, actor=OPERATOR_SHELL, now=make.EARLY)
    leaf = catalog.category()
    shop = catalog.shop(source=Source.MINI_PROGRAM)
    product = catalog.product(merchant_id=shop, category_id=leaf, now=make.EARLY)
    base = BASE + timedelta(days=1000 * rows.query("SELECT count(*) FROM parties_merchant")[0][0])
    for tier in (2, 3):  # what an earlier example left
        service.set_overall_tiers(tier_bps={tier: None}, actor=OPERATOR_SHELL, now=base - timedelta(days=2))
    make.main_product(shop, product, 1000, now=base - timedelta(days=2))
    book = {("own", 2): None, ("own", 3): None, ("all", 2): None, ("all", 3): None}
    for day in range(7):
        at = base + timedelta(days=day)
        expected = {
            tier: rate
            for tier in (2, 3)
            if (rate := book["own", tier] if book["own", tier] is not None else book["all", tier])
        }
        found = make.terms(product, at=at, promoter_id=None)
        assert {tier: rate.rate_bps for tier, rate in found.tier_bps.items()} == expected
        for n, (on, tier, (whose, rate)) in enumerate(sorted(steps, key=lambda step: step[0])):
            if on == day:
                now = at + timedelta(seconds=n)
                if whose == "own":
                    make.distribution(shop, {tier: rate}, now=now)
                else:
                    service.set_overall_tiers(tier_bps={tier: rate}, actor=OPERATOR_SHELL, now=now)
                book[whose, tier] = rate


@pytest.mark.usefixtures("db")
def test_the_operators_tiers_count_in_every_worst_case_and_refuse_what_goes_beyond():
    make.benchmark(500)
    leaf = catalog.category()
    shop = catalog.shop()
    product = catalog.product(merchant_id=shop, category_id=leaf, price_fen=10_000, now=make.EARLY)
    day = make.EARLY + timedelta(days=2)
    make.main_product(shop, product, 8000, now=day)
    before = rows.query("SELECT count(*) FROM plans_rate")
    with pytest.raises(AboveCeiling):
        service.set_overall_tiers(tier_bps={2: 1001}, actor=OPERATOR_SHELL, now=day)
    with pytest.raises(TierNotAllowed):
        service.set_overall_tiers(tier_bps={3: 100}, actor=OPERATOR_SHELL, now=day)
    assert rows.query("SELECT count(*) FROM plans_rate") == before
    service.set_overall_tiers(tier_bps={2: 800}, actor=OPERATOR_SHELL, now=day)
    later = day + timedelta(days=1)
    with pytest.raises(AboveCeiling):
        make.main_product(shop, product, 8201, now=later)
    make.distribution(shop, {2: 0}, now=later)  # its own 0: nothing is paid, and there is room again
    make.main_product(shop, product, 9000, now=later)
    assert make.terms(product, at=later + timedelta(days=1)).tier_bps == {}
    with pytest.raises(AboveCeiling):  # without its own row the operator's would hold
        make.distribution(shop, {2: None}, now=later)
    books.check("rates")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("value", [0, 4, "3"])
def test_the_database_knows_the_laws_three_tiers(value):
    from django.db import IntegrityError, transaction
    from psycopg.types.json import Jsonb

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.run(
            "INSERT INTO settings_value (name, value, at) VALUES ('max_paid_tiers', %s, %s)", [Jsonb(value), make.EARLY]
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.run(
            "INSERT INTO plans_rate (layer, scope, lookup, rate_bps, bonus_fen, service_bps, valid, written_at)"
            " VALUES ('tier', 'tier:0:4', 'tier:0:4', 100, 0, 0, 'empty', %s)",
            [make.EARLY],
        )
