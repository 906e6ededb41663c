"""Runs several programs as one product: starts, watches, starts again, stops, and leaves nothing behind.

Each program is the leader of a session of its own, so a Ctrl-C at the terminal reaches the supervisor alone and the
order of stopping is kept.
"""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from tuike.runtime import postgres, procs
from tuike.runtime.home import Home
from tuike.runtime.house import Emit, House
from tuike.runtime.words import say

_TICK_SECONDS = 0.1
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 30.0
_STEADY_SECONDS = 10.0
_TRIES_BEFORE_READY = 4


class StepFailed(Exception):
    """A step before the start ended with an error; `code` is its exit code."""

    def __init__(self, *, name: str, code: int):
        self.name, self.code = name, code
        super().__init__(f"{name} ended with exit code {code}")


class NeverReady(Exception):
    """A program died again and again before the product was ready for the first time."""


class Stopped(Exception):
    """Somebody asked to stop while the start was still under way."""


class Service(Protocol):
    """Something that runs: a program, or the embedded database."""

    name: str

    @property
    def pid(self) -> int | None:
        """Return the number of its process, None while there is none."""

    def start(self) -> None:
        """Start it; raises when that fails."""

    def died(self) -> str | None:
        """Return in words how it ended, None while it runs."""

    def stop(self) -> None:
        """Stop it in bounded time, with everything that it started."""


@dataclass(kw_only=True)
class Program:
    """A program that the supervisor starts, in a session of its own, reading its lines."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    emit: Emit
    stop_seconds: float = 10.0
    _running: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _reader: threading.Thread | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Return the number of its process, None while there is none."""
        return self._running.pid if self._running and self._running.poll() is None else None

    @property
    def code(self) -> int | None:
        """Return its exit code (negative: the signal that ended it), None while it runs or was never started."""
        return self._running.poll() if self._running else None

    def start(self) -> None:
        """Start the program."""
        self._running = subprocess.Popen(  # noqa: S603 the words come from this package, no shell reads them
            self.argv,
            env=dict(self.env),
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=procs.leash(),  # noqa: PLW1509 loads nothing after the fork
        )
        assert self._running.stdout is not None
        self._reader = threading.Thread(target=_pump, args=(self.name, self._running.stdout, self.emit), daemon=True)
        self._reader.start()

    def died(self) -> str | None:
        """Return in words how it ended, None while it runs; what it left of itself is ended too."""
        code = self._running.poll() if self._running else 0
        if code is None:
            return None
        self._sweep()
        return say(f"被信号 {-code} 终止", f"killed by signal {-code}") if code < 0 else f"exit {code}"

    def stop(self) -> None:
        """Ask it to stop, wait at most `stop_seconds`, then kill it and whatever is left of its session."""
        if self._running is None:
            return
        if self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                self.emit(self.name, say("没有按时停止，强制结束", "did not stop in time, killed"))
                self._running.kill()
                self._running.wait()
        self._sweep()
        if self._reader:
            self._reader.join(2)

    def _sweep(self) -> None:
        """End the processes that a killed program left behind: they hold its port."""
        if self._running:
            left = procs.members(self._running.pid)
            if left:
                procs.end(left, seconds=2)


@dataclass(kw_only=True)
class Task(Program):
    """A program that has an end: it is not started again, however it ends."""

    def died(self) -> str | None:
        """Return None: that it ended is no reason to do anything but to end what it left of itself."""
        super().died()
        return None


@dataclass(kw_only=True)
class Database:
    """The embedded database. One that ran already when we came is left running when we go."""

    home: Home
    emit: Emit
    adopt: int | None = None  # the number of a database that an earlier supervisor of this home started and lost
    name: str = "postgres"
    cluster: postgres.Cluster | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Return the number of the database's first process, None while there is none."""
        return self.cluster.pid if self.cluster and self.cluster.alive() else None

    @property
    def ours(self) -> bool:
        """Return whether stopping it is up to us."""
        return self.cluster is not None and (not self.cluster.attached or self.cluster.pid == self.adopt)

    def start(self) -> None:
        """Start the cluster, or attach to it where it runs."""
        self.cluster = postgres.start(self.home)

    def died(self) -> str | None:
        """Return in words that it is gone, None while it runs."""
        return None if self.pid else say("数据库进程不在了", "the database's process is gone")

    def stop(self) -> None:
        """Stop the cluster if we started it."""
        if self.cluster and self.ours:
            self.cluster.stop()


def _pump(name: str, stream: IO[bytes], emit: Emit) -> None:
    with stream:
        for raw in stream:
            emit(name, raw.decode(errors="replace").rstrip("\n"))


def step(
    name: str, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, emit: Emit, halt: threading.Event
) -> float:
    """Run a program to its end and return the seconds it took.

    Raises:
        StepFailed: it ended with another exit code than 0.
        Stopped: `halt` was set meanwhile; the program is ended.
    """
    began = time.monotonic()
    program = Program(name=name, argv=argv, env=env, cwd=cwd, emit=emit)
    program.start()
    while program.code is None:
        if halt.wait(0.02):
            program.stop()
            raise Stopped
    program.stop()
    if program.code:
        raise StepFailed(name=name, code=program.code)
    return time.monotonic() - began


@dataclass
class _Watch:
    """How one service has fared: when it started, when it may start again."""

    service: Service
    started_at: float = 0.0
    wait: float = _FIRST_WAIT
    again_at: float | None = None
    deaths: int = 0


class Supervisor:
    """Keeps services running until `halt` is set; what was added last is stopped first."""

    def __init__(self, *, house: House, emit: Emit, halt: threading.Event):
        self._watched: list[_Watch] = []
        self._house, self._emit, self._halt = house, emit, halt
        self.ready = False

    @property
    def services(self) -> list[Service]:
        """Return the services in the order in which they start."""
        return [watch.service for watch in self._watched]

    def add(self, service: Service) -> None:
        """Watch one more service from now on; start it if it doesn't run yet."""
        watch = _Watch(service, started_at=time.monotonic())
        self._watched.append(watch)
        if service.pid:
            self._record()
        else:
            self._start(watch)

    def until_ready(self, is_ready: Callable[[], bool], *, waiting: Callable[[float], None]) -> None:
        """Watch until `is_ready()`; calls `waiting(seconds)` on each turn.

        Raises:
            NeverReady: a program died several times.
            Stopped: `halt` was set meanwhile.
        """
        began = time.monotonic()
        while not is_ready():
            waiting(time.monotonic() - began)
            self._turn()
        self.ready = True

    def watch(self) -> None:
        """Start again what dies, until `halt` is set."""
        with contextlib.suppress(Stopped):
            while True:
                self._turn()

    def stop(self) -> None:
        """Stop everything, what started last first."""
        for service in reversed(self.services):
            if service.pid:
                self._emit(service.name, say("停止", "stopping"))
            service.stop()

    def _record(self) -> None:
        running = {service.name: service.pid for service in self.services if service.pid}
        owned = any(isinstance(service, Database) and service.ours for service in self.services)
        self._house.write(running, owns_database=owned)

    def _turn(self) -> None:
        for watch in self._watched:
            self._look(watch)
        if self._halt.wait(_TICK_SECONDS):
            raise Stopped

    def _look(self, watch: _Watch) -> None:
        tick = time.monotonic()
        if watch.again_at is not None:
            if tick >= watch.again_at:
                self._start(watch)
            return
        reason = watch.service.died()
        if reason is not None:
            self._fell(watch, reason)

    def _fell(self, watch: _Watch, reason: str) -> None:
        tick = time.monotonic()
        watch.wait = _FIRST_WAIT if tick - watch.started_at > _STEADY_SECONDS else watch.wait
        watch.deaths += 1
        name = watch.service.name
        if not self.ready and watch.deaths >= _TRIES_BEFORE_READY:
            raise NeverReady(f"{name}: {reason}")
        self._emit(
            name, say(f"{reason}，{watch.wait:.1f} 秒后重新启动", f"{reason}; starting it again in {watch.wait:.1f} s")
        )
        watch.again_at = tick + watch.wait
        watch.wait = min(watch.wait * 2, _LONGEST_WAIT)

    def _start(self, watch: _Watch) -> None:
        watch.again_at, watch.started_at = None, time.monotonic()
        try:
            watch.service.start()
        except Exception as problem:  # whatever it is, it is said and tried again later
            self._fell(watch, str(problem) or type(problem).__name__)
        else:
            self._emit(watch.service.name, say(f"启动，进程 {watch.service.pid}", f"started, pid {watch.service.pid}"))
        self._record()
