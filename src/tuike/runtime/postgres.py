"""The embedded PostgreSQL server: starts it or attaches to it, stops it, says how it is (docs/decisions/0002)."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from tuike.runtime import account as accounts
from tuike.runtime import binaries as programs
from tuike.runtime import cluster_init, place, server_config
from tuike.runtime.account import Account
from tuike.runtime.binaries import Binaries
from tuike.runtime.errors import Unusable
from tuike.runtime.home import Home, give
from tuike.runtime.place import PORT, Place
from tuike.runtime.process import Process

Role = Literal["app", "owner", "superuser"]
_NAMES = {"app": "tuike_app", "owner": "tuike_owner", "superuser": "postgres"}
DATABASE = "tuike"

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of `postgres.log` before it becomes `postgres.log.1`; together at most twice that."""
_ORPHANS_WAIT = 5.0
"""Seconds that backends of a killed server get to notice before they are ended."""
_HELD_WAIT = 15.0
"""Seconds after which whoever still holds the data folder is taken for a stranger."""


@dataclass
class Cluster:
    """A running server. `attached`: it ran before us, so that it isn't ours to stop unless asked."""

    home: Home
    pid: int
    attached: bool
    socket_dir: Path
    _process: Process

    def alive(self) -> bool:
        """Return whether the server still runs; keeps the log within bounds on the way."""
        trim_log(self.home)
        return self._process.wait(0) is None

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait up to `timeout` seconds (None: for ever) and return the exit code, None while the server runs.

        Negative like `subprocess`: −9 was killed. −1 when it ended but wasn't our child.
        """
        return self._process.wait(timeout)

    def stop(self, timeout: float = 30.0) -> None:
        """Shut down cleanly: open transactions are rolled back, clients cut, everything is on disk afterwards.

        Raises:
            Unusable: it didn't end in `timeout` seconds, nor when ended at once.
        """
        for how, seconds in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10.0)):
            if self._process.send(how) and self._process.wait(seconds) is None:
                continue
            return
        raise Unusable(zh=f"数据库进程 {self.pid} 没有停止。", en=f"The database process {self.pid} doesn't stop.")


@dataclass(frozen=True)
class Status:
    """How a cluster is. `pid` None: not running; `ready`: it accepts connections; `version` None: never made."""

    running: bool
    ready: bool
    pid: int | None
    version: int | None
    data: Path
    socket_dir: Path
    log: Path


def url(home: Home, *, role: Role = "app", database: str = DATABASE) -> str:
    """Return the address of `database` for `role` over the unix socket. Computes only; starts nothing."""
    host = quote(str(place.look(home).sockets), safe="/")
    return f"postgresql://{_NAMES[role]}@/{database}?host={host}&port={PORT}"


def log_file(home: Home) -> Path:
    """Return where the server writes its log."""
    return home.logs / "postgres.log"


def status(home: Home) -> Status:
    """Return how the cluster of `home` is; starts nothing."""
    where = place.look(home)
    pid = _running(where)
    ready = pid is not None and cluster_init.answers(url(home, role="superuser", database="postgres"))
    return Status(pid is not None, ready, pid, where.version, where.data, where.sockets, log_file(home))


def psql(home: Home) -> str:
    """Return the path of the psql that fits the cluster of `home`.

    Raises:
        Unusable: there is none.
    """
    return programs.find(major=place.look(home).version).program("psql")


def start(home: Home, *, timeout: float = 300.0) -> Cluster:
    """Return the running cluster of `home`, ready with roles, database and extensions; start or make it if need be.

    A started server is a direct child in a session of its own: the caller can wait on it, Ctrl-C doesn't reach it, and
    it outlives the caller unless stopped. Several callers at once: one starts, the others attach. `timeout` bounds
    each wait in seconds; recovery after a crash counts into it.

    Raises:
        Unusable: says what is wrong with the machine and what to do.
    """
    home.make()
    with _alone(home, timeout):
        account = accounts.choose(place.look(home).data)
        where = place.settle(home, account)
        users = server_config.users(where, account, accounts.me())
        process = _attach(home, where, users, timeout)
        attached = process is not None
        if process is None:
            found = programs.find(major=where.version)
            found = programs.runnable(found, account, store=where.base)
            server_config.write(where, users=users)
            if where.version is None:
                cluster_init.make(where, account, found)
            process = _launch(home, where, account, found, timeout)
        cluster_init.prepare(url(home, role="superuser", database="postgres"), database=DATABASE)
    return Cluster(home, process.pid, attached, where.sockets, process)


def stop(home: Home, *, timeout: float = 30.0) -> bool:
    """Stop the cluster of `home` whoever started it; return whether it was running.

    Raises:
        Unusable: it doesn't end.
    """
    where = place.look(home)
    pid = _running(where)
    if pid is None:
        return False
    Cluster(home, pid, True, where.sockets, Process.of(pid)).stop(timeout)
    return True


def remove(home: Home) -> None:
    """Stop the cluster of `home` and delete it with its data, wherever it lies. There is no way back."""
    stop(home)
    where = place.look(home)
    if where.sockets.parent != where.base:
        shutil.rmtree(where.sockets, ignore_errors=True)
    shutil.rmtree(where.base, ignore_errors=True)
    if home.pg.is_symlink():
        home.pg.unlink()


def trim_log(home: Home, *, limit: int = LOG_LIMIT) -> None:
    """Keep the log within bounds: past `limit` bytes it is copied aside and emptied (the server appends)."""
    log = log_file(home)
    try:
        if log.stat().st_size > limit:
            shutil.copy2(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
    except FileNotFoundError:
        pass


@contextlib.contextmanager
def _alone(home: Home, timeout: float) -> Iterator[None]:
    """Hold the home's start lock: a second start waits and then finds the server running."""
    lock = os.open(home.root / "pg.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unusable(
                        zh=f"另一个进程一直在启动 {home.root} 的数据库。",
                        en=f"Another process has been starting the database of {home.root} all the time.",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def _running(where: Place) -> int | None:
    """Return the pid of the live server of this data folder, None if there is none (or only a stale pid file)."""
    lines = _pid_file(where)
    if not lines or not lines[0].strip().lstrip("-").isdigit():
        return None
    pid = abs(int(lines[0]))
    # A recycled pid belongs to another program, a zombie has no command line. (The working folder would tell more,
    # but root in a container may not look at other accounts' processes.)
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    return pid if os.fsencode(where.data) in command and b"-D" in command else None


def _pid_file(where: Place) -> list[str]:
    try:
        return (where.data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_ready(where: Place) -> bool:
    lines = _pid_file(where)
    return len(lines) > 7 and lines[7].strip() == "ready"


def _attach(home: Home, where: Place, users: list[str], timeout: float) -> Process | None:
    """Return the server that already runs once it is ready; None when none runs or the one there was ended."""
    pid = _running(where)
    if pid is None:
        return None
    process = Process.of(pid)
    if server_config.write(where, users=users):
        process.send(signal.SIGHUP)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.wait(0) is not None:
            return None
        if _is_ready(where) and cluster_init.answers(url(home, role="superuser", database="postgres")):
            return process
        time.sleep(0.05)
    raise Unusable(
        zh=f"数据库进程 {pid} 在运行，但 {timeout:.0f} 秒内不接受连接；见 {log_file(home)}。",
        en=f"The database process {pid} runs but accepts no connection within {timeout:.0f} s; see {log_file(home)}.",
    )


def _launch(home: Home, where: Place, account: Account, found: Binaries, timeout: float) -> Process:
    """Start the server as our child and wait until it accepts connections (recovery included)."""
    began = time.monotonic()
    while True:
        guard = _guard(where)
        if guard is not None:
            _clear_stale(where)
            offset = _log_size(home)
            process = Process.child(_spawn(home, where, account, found, guard))
            if _comes_up(where, process, began + timeout):
                return process
            if "pre-existing shared memory block" not in _log_since(home, offset):
                raise _failed(home, f"exit {process.wait(0)}", offset)
        waited = time.monotonic() - began
        if waited > _HELD_WAIT:
            raise Unusable(
                zh=f"数据文件夹 {where.data} 正被另一个数据库进程使用（也许在另一个容器里）。",
                en=f"The data folder {where.data} is in use by another server (perhaps in another container).",
            )
        # Backends of a killed server are still there; most end by themselves within moments.
        if waited > _ORPHANS_WAIT:
            _end_orphans(where, account)
        time.sleep(0.1)


def _comes_up(where: Place, process: Process, deadline: float) -> bool:
    """Wait until the server is ready; False when it ended (it is told to when the deadline has passed)."""
    while process.wait(0.02) is None:
        if _is_ready(where) and _running(where) == process.pid:
            return True
        if time.monotonic() > deadline:
            process.send(signal.SIGINT)
            process.wait(10)
            return False
    return False


def _guard(where: Place) -> int | None:
    """Take the lock that every process of the server inherits; None while one of an earlier server holds it.

    It also keeps out a second container over the same folder, where process numbers say nothing.
    """
    guard = os.open(where.base / "server.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(guard)
        return None
    return guard


def _spawn(home: Home, where: Place, account: Account, found: Binaries, guard: int) -> subprocess.Popen[bytes]:
    """Start the server with its log open and the `guard` in its hands, which leaves ours."""
    trim_log(home, limit=LOG_LIMIT // 4)
    log = os.open(log_file(home), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        give(log_file(home), like=home.root)
        return subprocess.Popen(  # noqa: S603 a program of our choice
            [found.program("postgres"), *server_config.arguments(where)],
            cwd="/",
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC", "LC_MESSAGES": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            umask=0o077,
            start_new_session=True,
            pass_fds=[guard],
            **account.spawn(),
        )
    finally:
        os.close(log)
        os.close(guard)


def _clear_stale(where: Place) -> None:
    """Remove the pid files of a server that is proven gone: a zombie or a recycled pid would keep the new one out.

    The interlock that matters stays: the server itself refuses while processes of the old one hold its shared memory.
    """
    if _running(where) is None:
        for stale in (where.data / "postmaster.pid", where.sockets / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)


def _end_orphans(where: Place, account: Account) -> None:
    """End what works in the data folder although its server is gone (asked as the account: only it may look)."""
    script = 'for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd")" = "$1" ] && echo "${p#/proc/}"; done; true'
    command = ["/bin/sh", "-c", script, "sh", str(where.data)]
    for pid in map(int, account.run(command).stdout.split()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _log_size(home: Home) -> int:
    try:
        return log_file(home).stat().st_size
    except FileNotFoundError:
        return 0


def _log_since(home: Home, offset: int) -> str:
    with log_file(home).open("rb") as log:
        log.seek(offset if offset <= _log_size(home) else 0)
        return log.read().decode(errors="replace")


def _failed(home: Home, how: str, offset: int) -> Unusable:
    tail = "\n".join(_log_since(home, offset).splitlines()[-8:])
    return Unusable(
        zh=f"PostgreSQL 没有启动（{how}），日志 {log_file(home)}：\n{tail}",
        en=f"PostgreSQL didn't start ({how}); the log {log_file(home)} ends with:\n{tail}",
    )
