"""Waits beside a supervisor and clears up if that one is killed: `python -m tuike.runtime.guard HOME`.

Programs end by themselves when their parent dies; the database server doesn't (it runs as another account). The guard
reads its standard input, a pipe on which the supervisor says goodbye; a pipe that ends without it means a kill.
"""

import sys
from pathlib import Path

from tuike.runtime import home as homes
from tuike.runtime import postgres, procs
from tuike.runtime.house import AlreadyRuns, House, recorded

GOODBYE = b"bye"


def main(root: str) -> None:
    """Wait for the end of the supervisor; end what it left running, the database last."""
    if sys.stdin.buffer.read() == GOODBYE:
        return
    home = homes.at(Path(root))
    known = recorded(home.root)
    if not known.get("programs"):
        return
    procs.wait_gone([known["pid"]], 5)  # its pipes close some moments before it is gone
    if procs.alive(known["pid"]):
        return  # the next supervisor has written itself down already
    try:
        with House(home.root, run="guard", port=0) as house:
            database = house.clear_leftovers(_emit)
            if database:
                _emit("postgres", f"stopping {database}")
                postgres.stop(home)
    except AlreadyRuns:
        return  # the next supervisor was quicker: clearing up is its work now


def _emit(name: str, line: str) -> None:
    sys.stderr.write(f"{name:<8} │ {line}\n")


if __name__ == "__main__":
    main(sys.argv[1])
