"""A process that is our child, or one that we only found: waited for and signalled without hitting a stranger."""

import atexit
import os
import select
import signal
import subprocess
from dataclasses import dataclass


@dataclass
class Process:
    """A handle on one process. It can't be mixed up with a later one of the same number."""

    pid: int
    _child: subprocess.Popen[bytes] | None = None
    _fd: int | None = None
    _code: int | None = None

    @classmethod
    def child(cls, child: subprocess.Popen[bytes]) -> "Process":
        """Return the handle on our own child; it is remembered so that it may outlive us without complaint."""
        _children.append(child)
        return cls(child.pid, child)

    @classmethod
    def of(cls, pid: int) -> "Process":
        """Return the handle on a process that somebody else started."""
        try:
            return cls(pid, None, os.pidfd_open(pid))
        except ProcessLookupError:
            return cls(pid, None, None, -1)

    def __del__(self) -> None:
        """Close the handle."""
        if self._fd is not None:
            os.close(self._fd)

    def wait(self, timeout: float | None) -> int | None:
        """Wait up to `timeout` seconds and return the exit code (−1: not ours, unknown), None while it runs."""
        if self._child is not None:
            try:
                return self._child.wait(timeout)
            except subprocess.TimeoutExpired:
                return None
        if self._code is None and self._fd is not None:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            if poll.poll(None if timeout is None else int(timeout * 1000)):
                self._code = -1
        return self._code

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; return False when the process has already ended."""
        if self.wait(0) is not None:
            return False
        try:
            if self._fd is not None:
                signal.pidfd_send_signal(self._fd, number)
            else:
                os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


_children: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    """Let children outlive us: Popen would complain of each one when it is thrown away."""
    for child in _children:
        if child.poll() is None:
            child.returncode = 0
