"""`tuike up`: the whole product as one command, in the foreground."""

import contextlib
import http.client
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuike.config import env
from tuike.runtime import home as homes
from tuike.runtime import procs
from tuike.runtime.errors import Unusable
from tuike.runtime.guard import GOODBYE
from tuike.runtime.house import RUN_TAG, AlreadyRuns, House
from tuike.runtime.supervisor import (
    Database,
    NeverReady,
    Program,
    StepFailed,
    Stopped,
    Supervisor,
    Task,
    step,
)
from tuike.runtime.words import say

FAILED, RUNS_ALREADY, PORT_TAKEN = 1, 3, 4
_COLOURS = dict.fromkeys(("prepare", "static", "demo", "mall"), "magenta")
_COLOURS |= {"tuike": "bold", "postgres": "blue", "sandbox": "yellow", "web": "green", "worker": "cyan", "live": "blue"}
_SAY_AGAIN_SECONDS = 15.0


class _PortTaken(Exception):
    """A port that we need is held by somebody else; the message says by whom when that can be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where this run listens and what its programs are told."""

    home: homes.Home
    run: str
    host: str
    port: int
    sandbox_port: int | None
    live_port: int | None
    embedded: bool
    notify_factor: str
    workers: int
    threads: int

    @property
    def base(self) -> str:
        """Return the address to look at from this machine."""
        return f"http://{self.seen_host}:{self.port}"

    @property
    def seen_host(self) -> str:
        """Return the address of the web process as this machine reaches it."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104 compared, not bound

    def environment(self, process: str, **more: str) -> Mapping[str, str]:
        """Return what a program of ours is started with."""
        told = {
            "TUIKE_HOME": str(self.home.root),
            "TUIKE_PROCESS": process,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "tuike.config.settings",
            "PROMETHEUS_MULTIPROC_DIR": str(_metrics_folder(self.home)),
            "PYTHONUNBUFFERED": "1",
            RUN_TAG: self.run,
        }
        if self.sandbox_port:
            told["TUIKE_SANDBOX_PORT"] = str(self.sandbox_port)
        if self.live_port:
            told["TUIKE_LIVE_PORT"] = str(self.live_port)
        return {**os.environ, **told, **more}


class Screen:
    """Prints lines with the name of who said them; safe to use from several threads."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)

    def emit(self, name: str, line: str) -> None:
        """Print one line that `name` said."""
        colour = _COLOURS.get(name, "")
        self.print(Text.assemble((f"{name:<8} │ ", colour), Text.from_ansi(line)))

    def print(self, what: Text | Table | str) -> None:
        """Print something; that nobody reads any more is no reason to stop the product."""
        try:
            self.console.print(what)
        except OSError:
            self.console = Console(file=open(os.devnull, "w"), highlight=False)  # noqa: SIM115 lives as long as we do


def up(
    port: Annotated[
        int | None, typer.Option(help=say("网站端口（PORT，默认 8000）", "port of the web (PORT, 8000)"))
    ] = None,
    demo: Annotated[bool, typer.Option(help=say("首次启动时载入演示联盟", "load the demo alliance once"))] = True,
) -> None:
    """Run the product until Ctrl-C or SIGTERM."""
    if port is not None:
        os.environ["PORT"] = str(port)
    screen, halt = Screen(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: halt.set())
    try:
        plan = _plan()
        with House(plan.home.root, run=plan.run, port=plan.port) as house, _guarded(plan):
            code = _Run(plan, house=house, screen=screen, halt=halt, demo=demo).go()
    except AlreadyRuns as known:
        where = f"http://127.0.0.1:{known.port}" if known.port else "?"
        screen.emit("tuike", say(f"已经在运行：{where}，进程 {known.pid}", f"runs already: {where}, pid {known.pid}"))
        code = RUNS_ALREADY
    except _PortTaken as taken:
        screen.emit("tuike", str(taken))
        code = PORT_TAKEN
    except ValueError as wrong:
        screen.emit("tuike", str(wrong))
        code = FAILED
    raise typer.Exit(code)


class _Run:
    """One run from the first step to the last process stopped."""

    def __init__(self, plan: Plan, *, house: House, screen: Screen, halt: threading.Event, demo: bool):
        self._plan, self._house, self._screen, self._halt, self._demo = plan, house, screen, halt, demo
        self._supervisor = Supervisor(house=house, emit=screen.emit, halt=halt)
        self._began = time.monotonic()
        self._answer: str = ""

    def go(self) -> int:
        """Start, watch, stop; return the exit code."""
        failed = self._keep()
        began = time.monotonic()
        self._supervisor.stop()
        took = time.monotonic() - began
        self._screen.emit("tuike", say(f"全部停止，用时 {took:.1f} 秒", f"everything stopped in {took:.1f} s"))
        return FAILED if failed else 0

    def _keep(self) -> bool:
        """Run until asked to stop; return whether it failed instead."""
        try:
            self._start()
            self._supervisor.watch()
        except Stopped:
            pass
        except (StepFailed, NeverReady, Unusable) as problem:
            advice = say("`tuike doctor` 会说明哪里不对", "`tuike doctor` says what is wrong")
            self._screen.emit("tuike", say(f"启动失败：{problem}。{advice}", f"could not start: {problem}. {advice}"))
            return True
        return False

    def _start(self) -> None:
        plan, emit = self._plan, self._screen.emit
        adopt = self._house.clear_leftovers(emit)
        for number in filter(None, (plan.port, plan.sandbox_port, plan.live_port)):
            _must_be_free("127.0.0.1" if number == plan.sandbox_port else plan.host, number)
        _fresh(_metrics_folder(plan.home))
        if plan.embedded:
            began = time.monotonic()
            database = Database(home=plan.home, emit=emit, adopt=adopt)
            database.start()
            self._supervisor.add(database)
            attached = say("（已在运行）", " (ran already)") if not database.ours else ""
            self._took("postgres", time.monotonic() - began, attached)
        self._step("prepare", "tuike.db.prepare", TUIKE_DB_ROLE="owner")
        self._step("static", "django", "collectstatic", "--noinput", "--clear", "--verbosity", "0")
        if plan.sandbox_port:
            where = ("--home", str(plan.home.sandbox), "--port", str(plan.sandbox_port))
            self._step("sandbox", "tuike_sandbox", "init", *where)
            self._program("sandbox", "tuike_sandbox", "serve", *where, "--notify-factor", plan.notify_factor)
        if self._demo and not env.production() and importlib.util.find_spec("tuike.doors.cli.demo"):
            self._step("demo", "tuike.doors.cli.main", "demo", "load")
        self._program("worker", "tuike.doors.jobs.worker")
        if plan.live_port:
            self._program("live", "granian", *_granian_live(plan))
        self._program("web", "granian", *_granian(plan))
        self._supervisor.until_ready(self._is_ready, waiting=self._waiting())
        self._table()
        if os.environ.get("TUIKE_MALL", "1") != "0":
            self._build_mall()

    def _step(self, name: str, module: str, *words: str, **more: str) -> None:
        plan = self._plan
        took = step(
            name,
            _python(module, *words),
            env=plan.environment(name, **more),
            cwd=plan.home.root,
            emit=self._screen.emit,
            halt=self._halt,
        )
        self._took(name, took)

    def _took(self, name: str, seconds: float, more: str = "") -> None:
        self._screen.emit(name, say(f"就绪，用时 {seconds:.1f} 秒{more}", f"done in {seconds:.1f} s{more}"))

    def _program(self, name: str, module: str, *words: str) -> None:
        argv, plan = _python(module, *words), self._plan
        self._supervisor.add(
            Program(name=name, argv=argv, env=plan.environment(name), cwd=plan.home.root, emit=self._screen.emit)
        )

    def _build_mall(self) -> None:
        """Let the mall's pages be built beside the running product; how far it is they say themselves at /m/."""
        argv, plan = ("nice", "-n", "10", *_python("tuike.runtime.mall_build", "h5")), self._plan
        env_ = plan.environment("mall")
        self._supervisor.add(Task(name="mall", argv=argv, env=env_, cwd=plan.home.root, emit=self._screen.emit))

    def _is_ready(self) -> bool:
        """Return whether the web says that every check is well and the sandbox takes connections."""
        try:
            self._answer = _unready(self._plan)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            self._answer = str(problem)
        return not self._answer

    def _waiting(self) -> Callable[[float], None]:
        said = _SAY_AGAIN_SECONDS

        def waiting(seconds: float) -> None:
            nonlocal said
            if seconds > said:
                said += _SAY_AGAIN_SECONDS
                self._screen.emit("tuike", say(f"还没就绪：{self._answer}", f"not ready yet: {self._answer}"))

        return waiting

    def _table(self) -> None:
        plan = self._plan
        table = Table(box=box.ROUNDED, show_header=False)
        rows = [(say("网站", "web"), plan.base), (say("商城（手机）", "mall (phone)"), f"{plan.base}/m/")]
        if plan.sandbox_port:
            rows.append((say("沙箱（代替微信）", "sandbox (plays WeChat)"), f"http://127.0.0.1:{plan.sandbox_port}"))
        rows.append((say("数据库", "database"), _database_words(plan)))
        rows.append((say("数据", "data"), str(plan.home.root)))
        rows.append((say("进程", "processes"), "  ".join(f"{s.name} {s.pid}" for s in self._supervisor.services)))
        rows.append((say("停止", "stop"), "Ctrl-C"))
        for row in rows:
            table.add_row(*row)
        self._screen.print(table)
        seconds = time.monotonic() - self._began
        self._screen.emit("tuike", say(f"就绪，用时 {seconds:.1f} 秒", f"ready in {seconds:.1f} s"))


@contextlib.contextmanager
def _guarded(plan: Plan) -> Iterator[None]:
    """Let a process wait beside us that clears up if we are killed; it holds the reading end of a pipe of ours."""
    guard = subprocess.Popen(  # noqa: S603 our own module
        (*_python("tuike.runtime.guard"), str(plan.home.root)),
        stdin=subprocess.PIPE,
        cwd=plan.home.root,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.communicate(GOODBYE)


def _plan() -> Plan:
    """Read the configuration of this run.

    Raises:
        ValueError: a port is not a number from 1 to 65535; the message says which.
    """
    port = _number("PORT", "8000", most=65_535)
    sandbox_port = _number("TUIKE_SANDBOX_PORT", str(port + 1), most=65_535) if env.sandbox_on() else None
    return Plan(
        home=homes.find().make(),
        run=uuid.uuid4().hex,
        host=os.environ.get("TUIKE_HOST", "127.0.0.1"),
        port=port,
        sandbox_port=sandbox_port,
        live_port=_number("TUIKE_LIVE_PORT", str(port + 2), most=65_535) if env.live_on() else None,
        embedded=not os.environ.get("DATABASE_URL"),
        notify_factor=os.environ.get("TUIKE_NOTIFY_FACTOR", "60"),
        workers=_number("TUIKE_WEB_WORKERS", "2", most=64),
        threads=_number("TUIKE_WEB_THREADS", "16", most=256),
    )


def _number(name: str, default: str, *, most: int) -> int:
    value = os.environ.get(name) or default
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= most:
        raise ValueError(
            say(f"{name}={value} 不是 1 到 {most} 的整数", f"{name}={value} is not a number from 1 to {most}")
        )
    return int(value)


def _python(module: str, *words: str) -> Sequence[str]:
    """Return how to run a module; -P keeps the folder that somebody stands in out of the import path."""
    return (sys.executable, "-P", "-m", module, *words)


def _granian(plan: Plan) -> Sequence[str]:
    return (
        *("--interface", "wsgi", "tuike.config.wsgi:application"),
        *("--host", plan.host, "--port", str(plan.port), "--no-ws", "--http", "1"),
        *("--workers", str(plan.workers), "--blocking-threads", str(plan.threads), "--backlog", "2048"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "6"),
        *("--log-level", "error"),
    )


def _granian_live(plan: Plan) -> Sequence[str]:
    return (
        *("--interface", "asginl", "tuike.config.asgi:application"),
        *("--host", plan.host, "--port", str(plan.live_port), "--no-ws", "--http", "1", "--backlog", "1024"),
        *(
            "--respawn-failed-workers",
            "--respawn-interval",
            "0.5",
            "--workers-kill-timeout",
            "3",
            "--log-level",
            "error",
        ),
    )


def _must_be_free(host: str, port: int) -> None:
    """Raise `_PortTaken` when somebody listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            found = procs.holder(port)
            who = (
                say(
                    f"被进程 {found.pid} 占用（{found.command[:80]}）",
                    f"is held by pid {found.pid} ({found.command[:80]})",
                )
                if found
                else f"({problem})"
            )
            raise _PortTaken(
                say(
                    f"端口 {host}:{port} {who}。换一个：PORT=9000 make run",
                    f"port {host}:{port} {who}. Choose another: PORT=9000 make run",
                )
            ) from None


def _unready(plan: Plan) -> str:
    """Ask the web process how it is; return what is not well, empty when all is."""
    asked = http.client.HTTPConnection(plan.seen_host, plan.port, timeout=5)
    try:
        asked.request("GET", "/readyz")
        answer = asked.getresponse()
        checks = json.loads(answer.read())["checks"]
    finally:
        asked.close()
    bad = [f"{name}: {found.get('detail', '')}" for name, found in checks.items() if not found["ok"]]
    if plan.sandbox_port:
        socket.create_connection(("127.0.0.1", plan.sandbox_port), timeout=1).close()
    return "; ".join(bad)


def _metrics_folder(home: homes.Home) -> Path:
    return home.root / "metrics"


def _fresh(folder: Path) -> None:
    """Empty the folder in which the processes count: figures begin anew with a run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)


def _database_words(plan: Plan) -> str:
    if plan.embedded:
        return say(f"内嵌 PostgreSQL，{plan.home.pg}", f"embedded PostgreSQL, {plan.home.pg}")
    return say("外部 PostgreSQL（DATABASE_URL）", "PostgreSQL at DATABASE_URL")
