"""A go-between on the way to PostgreSQL that cuts a connection exactly at a COMMIT."""

import contextlib
import socket
import tempfile
import threading
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from django.db import connections


class When(Enum):
    """On which side of the server's work the cut is."""

    BEFORE = "the commit doesn't reach the server"
    AFTER = "the server has committed, and its answer doesn't reach us"


class GoBetween:
    """Listens on a unix socket of its own and hands everything on, until it is armed and a COMMIT comes."""

    def __init__(self, folder: Path, host: str, port: int) -> None:
        self.folder, self._host, self._port = folder, host, port
        self.cuts = 0
        self._armed: When | None = None
        self._deaf, self._answered = threading.Event(), threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{port}"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, when: When) -> None:
        """Cut at the next COMMIT, once."""
        self._answered.clear()
        self._armed = when

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = self._server()
                back = threading.Thread(target=self._back, args=(server, client), daemon=True)
                back.start()
                threading.Thread(target=self._forth, args=(client, server), daemon=True).start()

    def _server(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                when = self._armed if b"COMMIT\0" in data else None
                if when is None:
                    server.sendall(data)
                    continue
                self._armed = None
                if when is When.AFTER:
                    self._deaf.set()
                    server.sendall(data)
                    assert self._answered.wait(60), "the server says nothing to a COMMIT"
                self.cuts += 1
                break
        _end(client, server)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                if self._deaf.is_set():  # the answer to the COMMIT: it happened, and nobody hears of it
                    self._answered.set()
                    self._deaf.clear()
                    return
                client.sendall(data)
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextlib.contextmanager
def between() -> Iterator[GoBetween]:
    """Let Django's connection of this thread go through a go-between, until the block ends."""
    told = connections["default"].settings_dict
    folder = Path(tempfile.mkdtemp(prefix="tk-", dir="/tmp"))
    former = told["HOST"]
    stands = GoBetween(folder, former, int(told["PORT"] or 5432))
    connections["default"].close()
    told["HOST"] = str(folder)
    try:
        yield stands
    finally:
        connections["default"].close()
        told["HOST"] = former
        stands.close()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
