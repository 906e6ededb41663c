"""What `tuike up` is made of: programs, the record, the clean-up, the waiting between two starts."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, replace

import pytest

from tests.waiting import until
from tuike.runtime import procs
from tuike.runtime.house import AlreadyRuns, House, recorded
from tuike.runtime.supervisor import (
    NeverReady,
    Program,
    StepFailed,
    Stopped,
    Supervisor,
    Task,
    step,
)

SLEEP = (sys.executable, "-S", "-c", "import time; print('up', flush=True); time.sleep(300)")
STUBBORN = (
    sys.executable,
    "-S",
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)",
)
WITH_CHILD = (
    sys.executable,
    "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(300)']);"
    " print('up', flush=True); time.sleep(300)",
)


@pytest.fixture
def said():
    return []


@pytest.fixture
def program(tmp_path, said):
    made = []

    def make(argv=SLEEP, name="web", **more):
        emit = lambda who, line: said.append((who, line))  # noqa: E731
        one = Program(name=name, argv=argv, env=dict(os.environ), cwd=tmp_path, emit=emit, **more)
        made.append(one)
        return one

    yield make
    for one in made:
        one.stop_seconds = 0.1
        one.stop()


def started(one, said):
    one.start()
    until(lambda: (one.name, "up") in said, what="its first line")
    return one.pid


def house(root, run="run"):
    return House(root, run=run, port=1)


def test_a_program_that_ignores_the_request_is_killed(program, said):
    one = program(STUBBORN, stop_seconds=0.2)
    pid = started(one, said)
    one.stop()
    assert not procs.alive(pid)
    assert any("killed" in line or "强制" in line for _, line in said)


def test_what_a_killed_program_left_of_itself_is_ended(program, said):
    one = program(WITH_CHILD)
    pid = started(one, said)
    [child] = [member for member in procs.members(pid) if member != pid]
    os.kill(pid, signal.SIGKILL)
    reason = until(one.died, what="its end")
    assert "9" in reason
    assert not procs.alive(child)


def test_a_program_that_never_lives_ends_the_start(program, tmp_path):
    failing = program((sys.executable, "-S", "-c", "raise SystemExit(7)"))
    with house(tmp_path) as held:
        supervisor = Supervisor(house=held, emit=lambda *_: None, halt=threading.Event())
        supervisor.add(failing)
        with pytest.raises(NeverReady, match="web: exit 7"):
            supervisor.until_ready(lambda: False, waiting=lambda _: None)


@pytest.mark.parametrize("code", [0, 7])
def test_a_task_that_ended_is_not_started_again_and_ends_nothing(tmp_path, code):
    lines: list[str] = []
    argv = (sys.executable, "-S", "-c", f"print('ran', flush=True); raise SystemExit({code})")
    emit = lambda who, line: lines.append(line)  # noqa: E731
    task = Task(name="mall", argv=argv, env=dict(os.environ), cwd=tmp_path, emit=emit)
    halt, turns = threading.Event(), iter(range(6))
    with house(tmp_path) as held:
        supervisor = Supervisor(house=held, emit=lambda *_: None, halt=halt)
        supervisor.add(task)
        until(lambda: "ran" in lines and task.code == code, what="its end")
        supervisor.until_ready(lambda: next(turns) == 5, waiting=lambda _: None)
        supervisor.stop()
    assert lines.count("ran") == 1


def test_a_program_that_dies_is_started_again(program, said, tmp_path):
    halt = threading.Event()
    with house(tmp_path) as held:
        supervisor = Supervisor(house=held, emit=lambda *_: None, halt=halt)
        one = program()
        supervisor.add(one)
        supervisor.until_ready(lambda: ("web", "up") in said, waiting=lambda _: None)
        first = one.pid
        os.kill(first, signal.SIGKILL)
        supervisor.until_ready(lambda: one.pid not in (None, first), waiting=lambda _: None)
        assert recorded(tmp_path)["programs"]["web"]["pid"] == one.pid
        supervisor.stop()
        assert one.pid is None


def test_a_step_reports_its_exit_code(tmp_path, said):
    argv = (sys.executable, "-S", "-c", "print('no'); raise SystemExit(3)")
    emit = lambda who, line: said.append((who, line))  # noqa: E731
    with pytest.raises(StepFailed) as failed:
        step("prepare", argv, env=dict(os.environ), cwd=tmp_path, emit=emit, halt=threading.Event())
    assert failed.value.code == 3
    assert ("prepare", "no") in said


def test_a_step_is_ended_by_a_stop(tmp_path):
    halt = threading.Event()
    threading.Timer(0.3, halt.set).start()
    with pytest.raises(Stopped):
        step("prepare", SLEEP, env=dict(os.environ), cwd=tmp_path, emit=lambda *_: None, halt=halt)


def test_a_home_has_one_supervisor(tmp_path):
    with house(tmp_path) as first:
        first.write({}, owns_database=False)
        with pytest.raises(AlreadyRuns) as refused, house(tmp_path):
            pass
        assert refused.value.pid == os.getpid()
    with house(tmp_path):
        pass


def record(root, marked, **more):
    known = {"pid": 1, "run": "old", "port": 1, "owns_database": True, "programs": {"web": asdict(marked)}} | more
    (root / "up.json").write_text(json.dumps(known))


def bystander():
    return subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.parametrize(
    ("change", "ended"),
    [
        ({}, True),
        ({"ticks": 1}, False),  # the number was given to another process since
        ({"command": "another program"}, False),
        ({"boot": "before the restart of the machine"}, False),
    ],
)
def test_only_the_recorded_process_itself_is_ended(tmp_path, change, ended):
    stranger = bystander()
    try:
        record(tmp_path, replace(procs.mark(stranger.pid), **change))
        with house(tmp_path) as held:
            held.clear_leftovers(lambda *_: None)
        assert procs.alive(stranger.pid) is not ended
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(("run", "ended"), [("old", True), ("another", False)])
def test_a_dead_leaders_session_is_ended_only_when_it_carries_the_runs_name(tmp_path, run, ended):
    leader = subprocess.Popen(
        WITH_CHILD, stdout=subprocess.PIPE, start_new_session=True, env={**os.environ, "TUIKE_RUN": run}
    )
    leader.stdout.readline()
    leader.stdout.close()
    marked = procs.mark(leader.pid)
    [child] = [member for member in procs.members(leader.pid) if member != leader.pid]
    leader.kill()
    leader.wait()
    try:
        record(tmp_path, marked)
        with house(tmp_path) as held:
            held.clear_leftovers(lambda *_: None)
        assert procs.alive(child) is not ended
    finally:
        procs.send(child, signal.SIGKILL)


def test_an_unreadable_record_is_no_obstacle(tmp_path):
    (tmp_path / "up.json").write_text("{half")
    with house(tmp_path) as held:
        assert held.clear_leftovers(lambda *_: None) is None
