"""Two desks of a shop pack the same order at once: no piece leaves twice."""

from functools import partial

import pytest

from tests.make import catalog as make_catalog
from tests.make import orders as make
from tests.make.racers import at_once, durable
from tuike.db import rows
from tuike.orders import queries, service
from tuike.orders.service import parcels

RACERS, LEFT = 12, 5


def packed(order):
    """Send one piece each in twelve threads at once; return each one's outcome."""

    def send(i):
        service.ship(
            merchant_id=order.merchant_id,
            order_no=order.no,
            carrier="SF",
            tracking_no=f"SF{i}",
            now=make.NOW,
            pieces={1: 1},
        )
        return "won"

    return at_once([durable(partial(send, i)) for i in range(RACERS)])


def pieces_of(order):
    """Return what the line counts, and what is in the parcels."""
    counted = make.again(order).lines[0].shipped_quantity
    return counted, sum(sum(parcel.pieces.values()) for parcel in queries.parcels_of(order.id))


@pytest.fixture
def order(committed_db):
    sku = make_catalog.sku_of(make_catalog.product(merchant_id=make_catalog.shop()))
    return make.paid(make.draft(make.line(sku, quantity=LEFT)))


def test_no_piece_leaves_twice(order):
    assert sorted(packed(order)) == ["more_than_left"] * (RACERS - LEFT) + ["won"] * LEFT
    assert pieces_of(order) == (LEFT, LEFT)
    assert [parcel.no for parcel in queries.parcels_of(order.id)] == list(range(1, LEFT + 1))


def test_control_without_the_clause_the_database_refuses_but_without_a_name(order, monkeypatch):
    clause = "AND l.shipped_quantity + l.unsent_quantity + p.quantity <= l.quantity"
    assert clause in parcels._PACK
    monkeypatch.setattr(parcels, "_PACK", parcels._PACK.replace(clause, ""))
    assert sorted(packed(order)) == ["IntegrityError"] * (RACERS - LEFT) + ["won"] * LEFT


def test_control_without_clause_and_constraint_more_leaves_than_was_bought(order, monkeypatch, owner_sql):
    clause = "AND l.shipped_quantity + l.unsent_quantity + p.quantity <= l.quantity"
    monkeypatch.setattr(parcels, "_PACK", parcels._PACK.replace(clause, ""))
    owner_sql("ALTER TABLE orders_line DROP CONSTRAINT orders_line_shipped")
    try:
        assert packed(order) == ["won"] * RACERS
        assert pieces_of(order) == (RACERS, RACERS)
    finally:
        rows.run("DELETE FROM orders_parcel_line")
        rows.run("UPDATE orders_line SET shipped_quantity = 0")
        owner_sql(
            "ALTER TABLE orders_line ADD CONSTRAINT orders_line_shipped"
            " CHECK (shipped_quantity >= 0 AND shipped_quantity <= quantity - unsent_quantity)"
        )
