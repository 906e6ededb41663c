"""The jobs: one flow each, drained; one of a kind waits; what a killed worker was at runs again."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from procrastinate.contrib.django import app

from tests.make.racers import aside
from tuike.db import rows
from tuike.doors.jobs import sending, tasks
from tuike.doors.web.soon import soon
from tuike.flows import close_unpaid, confirm_payments, receive_orders, run_payouts, send_refunds
from tuike.flows.confirm_payments import Confirmed
from tuike.flows.run_payouts import Ran

JOBS = {
    "answer_overdue",
    "ask_open_data",
    "ask_payments",
    "close_month",
    "close_unpaid",
    "confirm_payments",
    "confirm_refunds",
    "count_buyers",
    "count_directory",
    "count_landings",
    "count_sales",
    "decide_applications",
    "deliver_webhooks",
    "end_points",
    "follow_events",
    "forget_old",
    "make_exports",
    "make_reports",
    "mature",
    "move_grades",
    "receive_due",
    "record_payout_notices",
    "refresh_figures",
    "refresh_library",
    "reject_overdue",
    "remove_old_jobs",
    "retry_stalled",
    "return_deposits",
    "return_red_packets",
    "reward_buyers",
    "run_payouts",
    "score_open",
    "score_orders",
    "seal_audit",
    "send_mails",
    "send_messages",
    "send_refunds",
    "send_to_members",
    "take_reports",
    "tell_deadlines",
    "tell_overdue",
    "tend_cooperations",
    "tend_rewards",
    "tidy_board",
    "verify_books",
    "verify_daily",
    "verify_explorer",
    "watch_thresholds",
    "watch_today",
    "watch_yesterday",
    "write_open_data",
}

ALONE = {
    "close_month",
    "count_buyers",
    "deliver_webhooks",
    "end_points",
    "follow_events",
    "make_exports",
    "make_reports",
    "mature",
    "move_grades",
    "refresh_figures",
    "refresh_library",
    "reward_buyers",
    "score_orders",
    "send_mails",
    "send_messages",
    "send_to_members",
    "take_reports",
    "tend_cooperations",
    "tend_rewards",
    "verify_books",
    "watch_thresholds",
    "watch_today",
    "watch_yesterday",
    "write_open_data",
}
"""Jobs of which no second one starts while one runs."""


@pytest.fixture(autouse=True)
def _known() -> None:
    """Let the app know its jobs, by the paths that the worker takes them from."""
    app.perform_import_paths()


def _run(name: str) -> None:
    app.tasks[name].func(timestamp=0)


def _in_turn(*answers: Any) -> Callable[..., Any]:
    waiting = list(answers)
    return lambda **_: waiting.pop(0)


def test_every_job_has_a_schedule_and_waits_once():
    assert {name for name in app.tasks if "procrastinate" not in name} == JOBS
    scheduled = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert scheduled == JOBS
    assert all(app.tasks[name].queueing_lock == name for name in JOBS)
    assert {name for name in JOBS if app.tasks[name].lock} == ALONE


@pytest.mark.usefixtures("db")
def test_with_nothing_to_do_they_do_nothing(wechat, monkeypatch):
    monkeypatch.setattr(sending, "STAYS_SECONDS", 1)  # webhooks are looked for again until the minute is over
    for name in sorted(JOBS - {"retry_stalled", "remove_old_jobs", "ask_open_data"}):  # a night's export is asked for
        _run(name)
    assert rows.query("SELECT count(*) FROM ledger_transfer") == [(0,)]


def test_jobs_that_may_take_minutes_leave_room_for_those_that_book():
    assert settings.PROCRASTINATE_WORKER_DEFAULTS["concurrency"] >= len(ALONE) + 2


def test_they_drain_until_nothing_is_left(monkeypatch):
    monkeypatch.setattr(confirm_payments, "confirm_payments", _in_turn(Confirmed(3, 3), Confirmed(1, 1), Confirmed()))
    monkeypatch.setattr(send_refunds, "confirm_refunds", _in_turn(5, 2, 0))
    monkeypatch.setattr(close_unpaid, "close_unpaid", _in_turn(200, 1, 0))
    monkeypatch.setattr(receive_orders, "receive_due", _in_turn(1, 0))
    now = tasks.clock.now()
    assert tasks.confirm_paid(now) == {"notices": 4, "orders": 4, "accruals": 0, "cases": 0}
    assert tasks.confirm_refunded(now) == {"notices": 7}
    assert tasks.close_unpaid_due(now) == {"closed": 201}
    assert tasks.receive_due(now) == {"orders": 1}


def test_a_run_of_payouts_that_finds_another_one_lets_it_be(monkeypatch):
    monkeypatch.setattr(tasks.outside, "rails", dict)
    monkeypatch.setattr(run_payouts, "run_payouts", _in_turn(Ran(sent=2), Ran(busy=True)))
    assert tasks.run_payouts_due(tasks.clock.now()) == {"sent": 2, "asked": 0}


@pytest.mark.usefixtures("db")
def test_of_a_kind_one_waits():
    for _ in range(3):
        soon("confirm_payments")
    soon("mature")
    found = rows.query("SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY 1 ORDER BY 1")
    assert found == [("confirm_payments", 1), ("mature", 1)]


class _Manager:
    """A job manager that remembers."""

    def __init__(self, *stalled: Any) -> None:
        self.stalled, self.said = stalled, []

    async def get_stalled_jobs(self) -> Any:
        return self.stalled

    async def retry_job(self, job: Any) -> None:
        if job.waits:
            raise tasks.UniqueViolation(constraint_name="queueing_lock", queueing_lock="x")
        self.said.append(("retry", job.task_name))

    async def finish_job(self, job: Any, *, status: Any, delete_job: bool) -> None:
        self.said.append((status.value, job.task_name))


class _Job:
    def __init__(self, task_name: str, waits: bool) -> None:
        self.task_name, self.waits = task_name, waits


def test_a_killed_workers_jobs_run_again_unless_one_of_the_kind_waits():
    manager = _Manager(_Job("mature", False), _Job("confirm_payments", True))
    context: Any = type("Context", (), {"app": type("App", (), {"job_manager": manager})})
    aside(lambda: asyncio.run(tasks.retry_stalled.func(context, 0)))
    assert manager.said == [("retry", "mature"), ("failed", "confirm_payments")]
