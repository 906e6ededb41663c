"""The fraud bench: the same seed is the same world, and what it tells apart stays within the goals."""

import random

import pytest

from bench.fraud import abuse
from bench.fraud.__main__ import Tally, made
from bench.fraud.play import play
from bench.fraud.through import through
from bench.fraud.world import Shop, World


def test_a_seed_is_a_world():
    one, again, other = made(3), made(3), made(4)
    assert [sold.trace for sold in one.sold] == [sold.trace for sold in again.sold]
    assert [sold.trace for sold in one.sold] != [sold.trace for sold in other.sold]
    kinds = {sold.kind for sold in one.sold if sold.abuse}
    assert len(kinds) == 10
    assert not kinds & {sold.kind for sold in one.sold if not sold.abuse}


@pytest.mark.slow
def test_abuse_is_told_from_honest_business():
    world, tally = made(42), Tally()
    tally.add(world, play(world))
    abused, honest = tally.part(tally.orders, abuse_=True), tally.part(tally.orders, abuse_=False)
    found, wrong = tally.part(tally.held, abuse_=True), tally.part(tally.held, abuse_=False)
    assert abused > 500
    assert honest > 5_000
    assert found * 100 >= 93 * abused
    assert found * 100 >= 90 * (found + wrong)
    assert tally.part(tally.held_fen, abuse_=False) * 200 <= tally.part(tally.fen, abuse_=False)
    assert tally.cuts[True, False] == 0


@pytest.mark.slow
@pytest.mark.usefixtures("committed_db")
def test_the_product_scores_and_holds_what_the_bench_says():
    """A small world: the tables' way of reading books and the bench's are one, and a rule holds what is high."""
    world = World(random.Random(5))
    world.shops = [Shop(world.new_id(), 9_000, 20) for _ in range(3)]
    world.people = [world.person() for _ in range(600)]
    for kind in (abuse.click_injection, abuse.self_ring, abuse.referral_ring, abuse.brushing, abuse.hidden_place):
        kind(world)
    found, played = through(world), play(world)
    assert found.high == played.held.keys()
    assert len(found.held) > 100 and found.held < found.high
    assert found.missed == frozenset()
