"""Everything counted anew beside a system that lives: the minute's job steps aside, a kill leaves what stands right."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from typer.testing import CliRunner

from tests import books
from tests.make import alliance as make
from tests.make import racers
from tests.make.alliance import NOON
from tests.properties.boards_world import World, compare
from tests.properties.test_boards import standing
from tuike.db import rows
from tuike.doors.cli.main import app
from tuike.figures.types import Span
from tuike.flows import refresh_figures as flow
from tuike.flows.refresh_figures import rebuild_figures, refresh_figures
from tuike.outbox import service as outbox

pytestmark = pytest.mark.usefixtures("committed_db")
CHECKS = ("figures", "figures_earned", "figures_commission", "figures_sums", "figures_clicks", "figures_shares")


class Killed(Exception):
    """The process ended here."""


@pytest.fixture
def sold():
    """Return an alliance with an order that nothing has counted yet."""
    one = make.alliance()
    make.touch(one)
    make.bought(one, now=NOON)
    return one


def beside(work):
    """Do the work on a connection of its own and return what it says."""

    def run():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def asked_meanwhile(monkeypatch) -> list[dict[str, int]]:
    """Run a rebuild, and the minute's job while its days are counted; return what that one did."""
    count, said = flow.figures.count_days, []

    def counted(**given):
        count(**given)
        said.append(beside(lambda: refresh_figures(now=NOON)))

    with monkeypatch.context() as patch:
        patch.setattr(flow.figures, "count_days", counted)
        rebuild_figures(now=NOON)
    return said


def test_the_job_of_the_minute_steps_aside_at_once_and_goes_on_the_next_time(sold, monkeypatch):
    assert asked_meanwhile(monkeypatch) == [{"events": 0, "days": 0, "clicks": 0}]
    make.bought(sold, now=NOON)
    assert refresh_figures(now=NOON)["days"] == 1
    books.check(*CHECKS)


def test_were_the_place_not_kept_the_job_would_count_into_what_is_being_counted(sold, monkeypatch):
    """The control: it is the place that keeps the job away."""
    monkeypatch.setattr(flow.outbox, "keep_place", lambda **_: None)
    with monkeypatch.context() as patch:
        patch.setattr(flow.figures, "count_days", lambda **_: patch.seen.append(beside(_read)))
        patch.seen = []
        rebuild_figures(now=NOON)
        assert patch.seen == [True]


def _read() -> bool:
    return refresh_figures(now=NOON)["events"] > 0


def test_two_jobs_of_the_minute_at_once_count_each_thing_once(sold):
    said = racers.race(2, lambda _: refresh_figures(now=NOON))
    assert said == ["won", "won"]
    refresh_figures(now=NOON)
    books.check(*CHECKS)


def test_a_kill_midway_leaves_days_right_and_the_next_one_mends_the_rest(monkeypatch):
    world = World(3)
    for _ in range(3):
        world.day(acts=6)
    refresh_figures(now=world.now)
    right = standing()
    monkeypatch.setattr(flow, "STEP", 1)
    monkeypatch.setattr(flow, "AT_ONCE", 1)
    count, done = flow.figures.count_days, []

    def counted(**given):
        if done:
            raise Killed
        done.append(given["first"])
        count(**given)

    with monkeypatch.context() as patch:
        patch.setattr(flow.figures, "count_days", counted)
        with pytest.raises(Killed):
            rebuild_figures(now=world.now)
    assert len(done) == 1 and standing() == right
    rows.run("UPDATE figures_day SET orders = orders + 1, paid_fen = paid_fen + 1")
    rows.run("DELETE FROM figures_sum WHERE kind = 'promoter'")
    with pytest.raises(AssertionError):
        books.check(*CHECKS)
    rebuild_figures(now=world.now)
    assert standing() == right


def test_the_command_counts_everything_anew_and_says_how_much(sold, monkeypatch):
    for name, value in (("TUIKE_LANG", "en"), ("TUIKE_PROCESS", "test"), ("TUIKE_LOG_LEVEL", "WARNING")):
        monkeypatch.setenv(name, value)
    refresh_figures(now=NOON)
    right = standing()[0]
    rows.run("UPDATE figures_day SET paid_fen = paid_fen + 1")
    assert standing()[0] != right
    done = CliRunner().invoke(app, ["rebuild", "boards"])
    assert done.exit_code == 0, done.output
    assert "days counted anew" in done.stdout
    assert standing()[0] == right
    books.check(*CHECKS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 17])
def test_rebuilds_beside_business_and_the_job_of_the_minute_equal_the_books(monkeypatch, seed):
    monkeypatch.setattr(flow, "STEP", 1)
    world, over, rebuilt = World(seed), threading.Event(), []
    draw = random.Random(seed)
    for _ in range(3):
        world.day(acts=6)
    now = world.now

    def rebuild() -> None:
        try:
            while not over.is_set():
                rebuild_figures(now=now)
                rebuilt.append(1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(rebuild)
        try:
            for _ in range(6):
                world.day(acts=draw.randrange(3, 8))
                refresh_figures(now=world.now)
        finally:
            over.set()
        going.result()
    assert rebuilt
    later = world.now + timedelta(minutes=1)  # the last rebuild began on an earlier day: so do its spans until now
    refresh_figures(now=later)
    assert compare(world, spans=[Span.WEEK, Span.QUARTER]) > 100
    books.check(*CHECKS)
    assert outbox.standing(consumer="figures")[0] == later
