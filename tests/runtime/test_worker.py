"""How a turn of the worker ends decides whether it begins anew or the process ends."""

import asyncio
import threading

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from tests.make.racers import aside
from tuike.doors.jobs import worker


def _ends_with(monkeypatch, *endings):
    left = list(endings)

    async def turn():
        raise left.pop(0)

    monkeypatch.setattr(worker, "_turn", turn)
    monkeypatch.setattr(worker, "_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", lambda *_: None)  # the main thread's only
    return left


def test_it_outlives_the_database_s_absence_and_ends_by_a_fault_of_its_own(monkeypatch):
    left = _ends_with(monkeypatch, psycopg.OperationalError("away"), ConnectionError("away"), KeyError("a fault"))
    with pytest.raises(KeyError):
        aside(lambda: asyncio.run(worker._work()))
    assert left == []


def test_as_many_jobs_run_at_once_as_are_taken(monkeypatch):
    _ends_with(monkeypatch)
    jobs = settings.PROCRASTINATE_WORKER_DEFAULTS["concurrency"]
    meeting = threading.Barrier(jobs)  # who has no thread of its own never comes

    async def turn():
        await asyncio.gather(*[sync_to_async(meeting.wait, thread_sensitive=False)(20) for _ in range(jobs)])
        raise KeyError("they met")

    monkeypatch.setattr(worker, "_turn", turn)
    with pytest.raises(KeyError, match="they met"):
        aside(lambda: asyncio.run(worker._work()))
