"""Boards equal the books: random business, crashes and replays, each figure against a recomputation of its own."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError

from tests import books
from tests.faults.cutting import When, between
from tests.properties.boards_world import World, compare
from tuike.db import rows
from tuike.figures.service import spans
from tuike.flows.refresh_figures import rebuild_figures, refresh_figures
from tuike.outbox import service as outbox

SEED = 7


class Killed(Exception):
    """The process ended here."""


@contextmanager
def killed(monkeypatch) -> Iterator[None]:
    """End the consumer between its count and its commit."""
    with monkeypatch.context() as patch:

        def stop(*_: object, **__: object) -> None:
            raise Killed

        patch.setattr(outbox, "horizon", stop)
        with pytest.raises(Killed):
            yield


def standing() -> list[tuple]:
    """Return everything that is counted."""
    return [
        rows.query(f"SELECT to_jsonb(t) - 'id' FROM figures_{table} t ORDER BY (to_jsonb(t) - 'id')::text")
        for table in ("day", "sum", "span", "month", "cohort", "kept", "clicks")
    ]


def replayed(draw: random.Random) -> None:
    """Put the consumer back to some event that it has read before."""
    found = rows.query("SELECT txid, id FROM outbox_event ORDER BY txid, id")
    txid, event_id = draw.choice(found)
    rows.run("UPDATE outbox_consumer SET txid = %s, event_id = %s WHERE name = 'figures'", [txid, event_id])


def disturbed(world: World, draw: random.Random, monkeypatch) -> None:
    """Refresh with what goes wrong in a system that lives: a kill, a cut at the commit, events read again."""
    before = standing()
    trouble = draw.choice(("killed", When.BEFORE, When.AFTER, "replayed", "nothing"))
    if trouble == "killed":
        with killed(monkeypatch):
            refresh_figures(now=world.now)
        assert standing() == before
    elif isinstance(trouble, When):
        with between() as stands:
            rows.query("SELECT 1")
            stands.arm(trouble)
            with pytest.raises(OperationalError):
                refresh_figures(now=world.now)
            assert stands.cuts == 1
        if trouble is When.BEFORE:
            assert standing() == before
    elif trouble == "replayed":
        refresh_figures(now=world.now)
        replayed(draw)
    refresh_figures(now=world.now)


def test_each_step_equals_the_books_whatever_crashes_or_is_read_again(committed_db, monkeypatch):
    monkeypatch.setattr(spans, "MANY", 3)  # spans are kept for everybody who sells a little
    world, draw = World(SEED), random.Random(SEED)
    for _ in range(4):
        world.day(acts=7)
        disturbed(world, draw, monkeypatch)
        assert compare(world, spans=[draw.choice(list(spans.Span))]) > 100
    counted = standing()
    rebuild_figures(now=world.now)
    assert standing() == counted
    refresh_figures(now=world.now)
    assert standing() == counted
    books.check("figures", "figures_earned", "figures_commission", "figures_sums", "figures_clicks", "figures_shares")


def test_a_topic_that_is_not_read_is_found(committed_db, monkeypatch):
    """The control: were settlings not read, the comparison would say so."""
    from tuike.flows import refresh_figures as flow

    world = World(SEED)
    world.day(acts=14)
    refresh_figures(now=world.now)
    compare(world, spans=[spans.Span.WEEK], tops=False)
    with monkeypatch.context() as patch:
        patch.setattr(flow, "_named", lambda events: {"order_nos": []})
        world.day(acts=14)
        refresh_figures(now=world.now)
    with pytest.raises(AssertionError):
        compare(world, spans=[spans.Span.WEEK], tops=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 23])
def test_sixty_days_of_business_with_crashes_and_replays(committed_db, monkeypatch, seed):
    monkeypatch.setattr(spans, "MANY", 40)
    world, draw = World(seed), random.Random(seed)
    compared = 0
    for number in range(60):
        world.day(acts=draw.randrange(2, 9))
        disturbed(world, draw, monkeypatch)
        if number % 10 == 9:
            compared += compare(world)
        elif number % 3 == 0:
            compared += compare(world, spans=[spans.Span.MONTH], tops=False)
    assert compared > 5_000
    books.check()
    counted = standing()
    rebuild_figures(now=world.now)
    assert standing() == counted
