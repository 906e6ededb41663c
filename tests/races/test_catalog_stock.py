"""Twenty orders for the last unit, with real threads and commits."""

from functools import partial

import pytest

from tests.make import catalog as make
from tests.make.racers import at_once, durable
from tuike.catalog.service import stock

RACERS = 20


def orders(items_of):
    """Take `items_of(i)` in twenty threads at once; return each one's outcome."""

    def take(i):
        stock.take_stock(items=items_of(i), source=f"C{i}", now=make.EARLY)
        return "won"

    return at_once([durable(partial(take, i)) for i in range(RACERS)])


def test_the_last_unit_is_sold_once(committed_db):
    sku = make.sku(free=1)
    outcomes = orders(lambda i: [(sku, 1)])
    assert sorted(outcomes) == ["sold_out"] * 19 + ["won"]
    assert make.stock(sku) == (0, 1)


def test_crossing_lists_queue_and_nothing_is_taken_in_part(committed_db):
    one, two = make.sku(free=15), make.sku(free=10)
    outcomes = orders(lambda i: [(one, 1), (two, 1)] if i % 2 else [(two, 1), (one, 1)])
    assert sorted(outcomes) == ["sold_out"] * 10 + ["won"] * 10
    assert (make.stock(one), make.stock(two)) == ((5, 10), (0, 10))


@pytest.fixture
def unguarded(committed_db, owner_sql, monkeypatch):
    """The same statement without the clause that looks at what is free."""
    assert "AND s.free >= w.quantity" in stock._TAKE
    monkeypatch.setattr(stock, "_TAKE", stock._TAKE.replace("AND s.free >= w.quantity", ""))
    yield
    owner_sql("DELETE FROM catalog_sku WHERE free < 0")


def test_control_without_the_clause_the_database_still_refuses_but_without_a_name(unguarded):
    sku = make.sku(free=1)
    outcomes = orders(lambda i: [(sku, 1)])
    assert sorted(outcomes) == ["IntegrityError"] * 19 + ["won"]


def test_control_without_clause_and_constraint_nineteen_units_too_many_are_sold(unguarded, owner_sql):
    sku = make.sku(free=1)
    owner_sql("ALTER TABLE catalog_sku DROP CONSTRAINT catalog_sku_free")
    try:
        outcomes = orders(lambda i: [(sku, 1)])
        assert make.stock(sku) == (-19, 20) and outcomes == ["won"] * 20
    finally:
        owner_sql("DELETE FROM catalog_sku WHERE free < 0")
        owner_sql("ALTER TABLE catalog_sku ADD CONSTRAINT catalog_sku_free CHECK (free >= 0)")
