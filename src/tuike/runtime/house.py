"""The right to run in a home, and the record of what runs there.

What runs is written to `up.json`: a supervisor that was killed outright leaves no lock (the kernel drops it), and who
comes next ends what is left: only processes whose number, start time, command line and boot are those written down.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO

from tuike.runtime import procs
from tuike.runtime.home import give
from tuike.runtime.words import say

RUN_TAG = "TUIKE_RUN"
RECORD = "up.json"
_GUARD_SECONDS = 20.0

Emit = Callable[[str, str], None]


class AlreadyRuns(Exception):
    """Another supervisor works in this home; `pid` and `port` say which."""

    def __init__(self, *, pid: int | None, port: int | None):
        self.pid, self.port = pid, port
        super().__init__(f"already running: pid {pid}, port {port}")


def recorded(root: Path) -> dict:
    """Return what the last supervisor of this home wrote down, empty when there is nothing readable."""
    try:
        known = json.loads((root / RECORD).read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


class House:
    """The right to run in a home, and the record of what runs there.

    Raises:
        AlreadyRuns: on entering, when another supervisor holds it.
    """

    def __init__(self, root: Path, *, run: str, port: int):
        self._root, self._lock_path, self._record = root, root / "up.lock", root / RECORD
        self._run, self._port = run, port
        self._lock: IO[str] | None = None

    def __enter__(self) -> "House":
        lock = self._lock_path.open("a+")
        give(self._lock_path, like=self._lock_path.parent)
        until = time.monotonic() + _GUARD_SECONDS
        while not self._take(lock):
            known = recorded(self._root)
            pid = known.get("pid")
            # A recorded supervisor that is gone was killed; its guard holds the lock for moments, to clear up.
            if (pid and procs.alive(pid)) or time.monotonic() > until:
                lock.close()
                raise AlreadyRuns(pid=pid, port=known.get("port"))
            time.sleep(0.1)
        self._lock = lock
        return self

    @staticmethod
    def _take(lock: IO[str]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        self._record.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()

    def write(self, running: Mapping[str, int], *, owns_database: bool) -> None:
        """Write down what runs now, by name and number, so that it can be found if this process is killed."""
        known = {
            "pid": os.getpid(),
            "run": self._run,
            "port": self._port,
            "owns_database": owns_database,
            "programs": {name: asdict(mark) for name, pid in running.items() if (mark := procs.mark(pid))},
        }
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps(known, indent=1))
        give(fresh, like=self._record.parent)
        fresh.replace(self._record)

    def clear_leftovers(self, emit: Emit) -> int | None:
        """End what a killed supervisor left running; return the number of its database, which is kept, else None."""
        known, database, left = recorded(self._root), None, []
        for name, raw in (known.get("programs") or {}).items():
            former = procs.Mark(**raw)
            if name == "postgres":
                database = former.pid if known.get("owns_database") and procs.same(former) else None
                continue
            found = _left_of(former, run=str(known.get("run")))
            if found:
                emit(name, say(f"清理上次留下的进程 {found}", f"ending processes left from last time: {found}"))
                left += found
        procs.end(left, seconds=5)
        return database


def _left_of(former: procs.Mark, *, run: str) -> list[int]:
    """Return the processes of a recorded program that still run: the leader if it is the same, and its session."""
    if former.boot != procs.boot():
        return []
    left = procs.members(former.pid)
    if former.pid in left:
        return left if procs.same(former) else []
    return [pid for pid in left if procs.environment(pid).get(RUN_TAG) == run]
