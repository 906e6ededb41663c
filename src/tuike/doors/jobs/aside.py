"""Work that takes much memory and time, in a process of its own: no money waits for it, its memory is given back.

It works on the same home and database, by what the environment says, and at a lower priority.
"""

import os
import subprocess
import sys

from tuike.doors.jobs import sending

LOOKS_EVERY_SECONDS = 0.5
STOPS_WITHIN_SECONDS = 5.0
LOWER = 10


def run(*words: str) -> int:
    """Run the command line with these words, and return how it ended; a worker that stops, stops it."""
    command = [sys.executable, "-P", "-m", "tuike.doors.cli.main", *words]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:  # noqa: S603 ours
        os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + LOWER)
        while True:
            try:
                return child.wait(LOOKS_EVERY_SECONDS)
            except subprocess.TimeoutExpired:
                if sending.STOPPING.is_set():
                    child.terminate()
                    try:
                        return child.wait(STOPS_WITHIN_SECONDS)
                    except subprocess.TimeoutExpired:
                        child.kill()
