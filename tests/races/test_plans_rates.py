"""Two writers on one scope, twenty reservations on one budget: real threads and commits, each with its control."""

import threading
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.make import catalog
from tests.make import plans as make
from tests.make.racers import at_once, durable, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.plans import queries, service
from tuike.plans.service import budgets, writing
from tuike.plans.types import Layer, ReserveAsk

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)


def together(count, work):
    """Run `work(i)` in threads that start at once, each in a transaction; return what each one said."""
    return at_once([durable(partial(work, i)) for i in range(count)])


def write_main(shop, product):
    def write(i):
        rates = {product: 1000 + i}
        service.set_main_products(merchant_id=shop, rates=rates, actor=OPERATOR_SHELL, now=NOW)
        return "written"

    return write


@pytest.fixture
def shop_and_product(committed_db):
    make.benchmark(500)
    shop = catalog.shop()
    return shop, catalog.product(merchant_id=shop)


def test_writers_on_one_scope_queue_and_the_last_wins(shop_and_product):
    shop, product = shop_and_product
    make.main_product(shop, product, 900)
    assert together(8, write_main(shop, product)) == ["written"] * 8
    found = rows.query("SELECT rate_bps, isempty(valid) FROM plans_rate WHERE layer = 'main' ORDER BY id")
    assert [empty for _, empty in found] == [False] + [True] * 7 + [False]
    assert make.terms(product, at=MIDNIGHT).rate_bps == found[-1][0]


def test_control_without_the_lock_writers_fail_without_a_name(shop_and_product, monkeypatch):
    shop, product = shop_and_product
    make.main_product(shop, product, 900)
    monkeypatch.setattr(writing, "lock_merchant", lambda merchant_id: None)
    insert, first = writing.insert, threading.Semaphore(1)

    def when_another_waits(*args, **kwargs):
        # The old rate is closed, the new one isn't written yet: another writer waits to close the same old rate.
        if first.acquire(blocking=False):
            assert wait_till_waited_for()
        return insert(*args, **kwargs)

    monkeypatch.setattr(writing, "insert", when_another_waits)
    outcomes = together(4, write_main(shop, product))
    assert "written" in outcomes and set(outcomes) - {"written"}
    assert set(outcomes) <= {"written", "IntegrityError", "OperationalError"}


def floors_race(shop, product, category):
    def write(i):
        if i % 2:
            return bool(make.main_product(shop, product, 1000, now=NOW))
        return bool(make.category_rate(shop, category, 2000, now=NOW))

    return together(2, write)


def below_its_floor(product, shop):
    shown = queries.merchant_rates(merchant_id=shop, at=MIDNIGHT)
    rates = {row.layer: row.rate_bps for row in shown if row.begins == MIDNIGHT}
    return rates.get(Layer.MAIN, 9999) < rates.get(Layer.CATEGORY, 0)


def test_a_main_product_never_slips_under_a_category_rate_of_the_same_moment(committed_db):
    make.benchmark(500)
    for _ in range(4):
        shop, category = catalog.shop(), catalog.category()
        product = catalog.product(merchant_id=shop, category_id=category)
        outcomes = floors_race(shop, product, category)
        assert outcomes[0] is True and outcomes[1] in (True, "not_above_category")
        assert not below_its_floor(product, shop)


def test_control_without_the_lock_it_slips_under(committed_db, monkeypatch):
    make.benchmark(500)
    monkeypatch.setattr(writing, "lock_merchant", lambda merchant_id: None)
    read = threading.Barrier(2)
    change_rates = writing.change_rates

    def after_both_have_read(*args, **kwargs):
        read.wait(timeout=60)
        return change_rates(*args, **kwargs)

    shop, category = catalog.shop(), catalog.category()
    product = catalog.product(merchant_id=shop, category_id=category)
    monkeypatch.setattr(writing, "change_rates", after_both_have_read)
    assert floors_race(shop, product, category) == [True, True]
    assert below_its_floor(product, shop)


def reserve_race(shop):
    campaign = make.campaign(shop, 1000, now=NOW, budget_fen=1000)

    def reserve(i):
        return len(service.reserve(asks=[ReserveAsk(i + 1, campaign, 300)], now=NOW))

    outcomes = together(20, reserve)
    return outcomes, queries.campaigns(merchant_id=shop)[0].reserved_fen


def test_a_budget_is_never_overshot(shop_and_product):
    shop, _ = shop_and_product
    outcomes, reserved = reserve_race(shop)
    assert sorted(outcomes) == [0] * 17 + [1] * 3 and reserved == 900
    assert rows.query("SELECT sum(amount_fen), count(*) FROM plans_reservation") == [(900, 3)]


CLAUSE = "AND (budget_fen IS NULL OR reserved_fen + %(amount)s <= budget_fen)"


def test_control_without_the_clause_the_database_refuses_without_a_name(shop_and_product, monkeypatch):
    assert CLAUSE in budgets._TAKE
    monkeypatch.setattr(budgets, "_TAKE", budgets._TAKE.replace(CLAUSE, ""))
    outcomes, reserved = reserve_race(shop_and_product[0])
    assert outcomes.count("IntegrityError") == 17 and reserved == 900


def test_control_without_clause_and_constraint_it_is_overshot(shop_and_product, owner_sql, monkeypatch):
    monkeypatch.setattr(budgets, "_TAKE", budgets._TAKE.replace(CLAUSE, ""))
    owner_sql("ALTER TABLE plans_campaign DROP CONSTRAINT plans_campaign_budget")
    try:
        outcomes, reserved = reserve_race(shop_and_product[0])
        assert outcomes == [1] * 20 and reserved == 6000
    finally:
        owner_sql("UPDATE plans_campaign SET reserved_fen = 0")
        owner_sql(
            "ALTER TABLE plans_campaign ADD CONSTRAINT plans_campaign_budget"
            " CHECK (budget_fen IS NULL OR reserved_fen <= budget_fen)"
        )


def test_reservations_and_releases_cross_without_deadlock(shop_and_product):
    shop, _ = shop_and_product
    one, two = (make.campaign(shop, 1000, now=NOW, budget_fen=100_000) for _ in range(2))

    def work(i):
        asks = [ReserveAsk(2 * i + 1, one, 300), ReserveAsk(2 * i + 2, two, 300)]
        service.reserve(asks=asks if i % 2 else asks[::-1], now=NOW)
        if i % 3 == 0:
            service.release(releases=[(2 * i + 2, None), (2 * i + 1, 100)])
        return "done"

    assert together(20, work) == ["done"] * 20
    held = rows.query("SELECT sum(amount_fen - released_fen) FROM plans_reservation")[0][0]
    assert held == sum(c.reserved_fen for c in queries.campaigns(merchant_id=shop))
