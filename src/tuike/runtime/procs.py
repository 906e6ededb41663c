"""What Linux says about processes and ports: enough to know a process again before ending it."""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_STATE, _SESSION, _START = 0, 3, 19  # fields of /proc/PID/stat after the command's name
_LISTEN = "0A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A process that can be told from a later one with the same number.

    `ticks` is the start time in clock ticks since boot, `boot` the kernel's name for this boot.
    """

    pid: int
    ticks: int
    command: str
    boot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that listens on a port."""

    pid: int
    command: str


def _fields(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    return text[text.rindex(")") + 2 :].split()


def alive(pid: int) -> bool:
    """Return whether the process runs (a zombie doesn't)."""
    fields = _fields(pid)
    return fields is not None and fields[_STATE] not in "ZX"


def command(pid: int) -> str:
    """Return the command line with spaces between its words, empty when it can't be read."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def boot() -> str:
    """Return the kernel's name for this boot."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def mark(pid: int) -> Mark | None:
    """Return how to know this process again, None when it is gone."""
    fields = _fields(pid)
    return Mark(pid=pid, ticks=int(fields[_START]), command=command(pid), boot=boot()) if fields else None


def same(known: Mark) -> bool:
    """Return whether the marked process still runs: same boot, start time and command line."""
    return alive(known.pid) and mark(known.pid) == known


def pids() -> Iterator[int]:
    """Yield the number of every process."""
    for entry in os.listdir(_PROC):
        if entry.isdigit():
            yield int(entry)


def members(session: int) -> list[int]:
    """Return the processes of a session that run, its leader first."""
    found = [pid for pid in pids() if (f := _fields(pid)) and int(f[_SESSION]) == session and f[_STATE] not in "ZX"]
    return sorted(found, key=lambda pid: (pid != session, pid))


def session(pid: int) -> int | None:
    """Return the session that a process belongs to, which is its leader's number; None when it is gone."""
    fields = _fields(pid)
    return int(fields[_SESSION]) if fields else None


def environment(pid: int) -> dict[str, str]:
    """Return what the process was started with, empty when it may not be read."""
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    return dict(part.split("=", 1) for part in raw.decode(errors="replace").split("\0") if "=" in part)


def end(pids_: list[int], *, seconds: float) -> list[int]:
    """Ask processes to end, wait at most `seconds`, kill the rest by number; return those that had to be killed."""
    for pid in pids_:
        send(pid, signal.SIGTERM)
    left = wait_gone(pids_, seconds)
    for pid in left:
        send(pid, signal.SIGKILL)
    wait_gone(left, 5)
    return left


def send(pid: int, what: int) -> None:
    """Send a signal; a process that is gone already is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def wait_gone(pids_: list[int], seconds: float) -> list[int]:
    """Wait at most `seconds` until the processes are gone; return those that still run."""
    until = time.monotonic() + seconds
    left = [pid for pid in pids_ if alive(pid)]
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = [pid for pid in left if alive(pid)]
    return left


def holder(port: int) -> Holder | None:
    """Return who listens on a TCP port of this machine, None when nobody does or it is not ours to know."""
    inodes = set()
    for table in ("net/tcp", "net/tcp6"):
        with contextlib.suppress(OSError):
            for line in (_PROC / table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == _LISTEN and int(words[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add(f"socket:[{words[9]}]")
    for pid in pids() if inodes else ():
        with contextlib.suppress(OSError):
            for descriptor in (_PROC / str(pid) / "fd").iterdir():
                if os.readlink(descriptor) in inodes:
                    return Holder(pid=pid, command=command(pid))
    return None


def leash() -> Callable[[], None]:
    """Return what a child calls between fork and exec so that it is asked to end when its parent dies.

    The library is loaded here, before the fork: a child of a process with threads must not load anything.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent, sigterm = os.getpid(), int(signal.SIGTERM)

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, sigterm, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return bind
