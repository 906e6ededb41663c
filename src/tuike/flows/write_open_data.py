"""A run of the open data is asked for, taken, and recorded; a failed one becomes a case, which closes by itself."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import SYSTEM, Actor
from tuike.db.retry import retry
from tuike.open_data import service as runs
from tuike.open_data.types import Outcome, Problem, RunShown
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settings import service as settings

CASE = "open_data"
"""What the case is about: there is one set of files."""


@retry
def ask_open_data(*, everything: bool = False, actor: Actor, now: datetime) -> int:
    """Ask for a run and leave an act; while one is open it is that one. Return its id."""
    with transaction.atomic(durable=True):
        run_id, new = runs.ask(everything=everything, person_id=actor.person_id, now=now)
        if new:
            facts = {"everything": everything}
            audit.record(actor=actor, action="open_data.ask", object_=str(run_id), facts=facts, now=now)
        return run_id


@retry
def ask_nightly(*, now: datetime) -> int | None:
    """Ask for the night's run, unless the operator switched it off (setting `open_data_nightly`)."""
    with transaction.atomic(durable=True):
        if not settings.get("open_data_nightly"):
            return None
        return runs.ask(everything=False, person_id=None, now=now)[0]


@retry
def take_open_data(*, now: datetime) -> RunShown | None:
    """Take the next run to write; None when there is none. One whose writers all died is given up, with a case."""
    with transaction.atomic(durable=True):
        if runs.give_up(now=now):
            _open_case(Problem.GIVEN_UP, "", now)
        return runs.take(now=now)


@retry
def tell_open_data(*, run_id: int, done: int, whole: int | None, now: datetime) -> None:
    """Say how far a run is."""
    with transaction.atomic(durable=True):
        runs.progress(run_id=run_id, done=done, whole=whole, now=now)


@retry
def give_back_open_data(*, run_id: int) -> None:
    """Let go of a run that was stopped."""
    with transaction.atomic(durable=True):
        runs.give_back(run_id=run_id)


@retry
def record_open_data(*, run_id: int, outcome: Outcome, now: datetime) -> None:
    """Write down what a run wrote; a case that waited for it is closed."""
    with transaction.atomic(durable=True):
        runs.finish(run_id=run_id, outcome=outcome, now=now)
        note = f"written again: edition {outcome.edition}"
        risk.close_about(kinds=[CaseKind.OPEN_DATA], object_=CASE, note=note, actor=SYSTEM, now=now)


@retry
def record_open_data_failed(*, run_id: int, problem: Problem, detail: str, now: datetime) -> None:
    """Write down why a run couldn't end, and let a person look."""
    with transaction.atomic(durable=True):
        runs.fail(run_id=run_id, problem=problem, detail=detail, now=now)
        _open_case(problem, detail, now)


def keep_days() -> int:
    """Return how many days of events the files keep (setting `open_data_days`; 0: all)."""
    return settings.get("open_data_days")


def record_download(*, actor: Actor, table: str, day: str, edition: str, now: datetime) -> None:
    """Leave an act of a file that was taken: data leaves the product."""
    with transaction.atomic(durable=True):
        facts = {"table": table, "day": day, "edition": edition}
        audit.record(actor=actor, action="open_data.download", object_=f"{table}/{day}", facts=facts, now=now)


def _open_case(problem: Problem, detail: str, now: datetime) -> None:
    facts = {"problem": problem.value, "detail": detail[:200]}
    risk.open_cases(cases=[CaseFacts(CaseKind.OPEN_DATA, CASE, 0, facts)], now=now)
