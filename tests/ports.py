"""Ports for what tests start: two test processes of this machine, of one checkout or of several, never hold the same.

What a test takes stays its own while nobody listens there: between two starts, or before the first. Each port has a
name in Linux's abstract socket namespace, as wide as the ports themselves, which forgets what a dead process held.
"""

import itertools
import os
import socket

_PORTS = range(20_000, 32_000)  # below those from which outgoing connections take theirs
_start = os.getpid() * 101 % len(_PORTS)
_next = itertools.cycle(itertools.chain(_PORTS[_start:], _PORTS[:_start]))
_held: dict[int, socket.socket] = {}


def take_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on; it is this process's until it ends or gives it back."""
    for port in itertools.islice(_next, len(_PORTS)):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0tuike-tests-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:  # another test's, or somebody's who knows nothing of tests
            name.close()
            continue
        _held[port] = name
        return port
    raise AssertionError("no port is free")


def give_back(*ports: int) -> None:
    """Let others have the ports; what isn't held is no matter."""
    for port in ports:
        if port in _held:
            _held.pop(port).close()
