"""A connection of its own, outside Django's, for the one path where Django's costs too much: prepared statements, each
a transaction by itself, parameters and answers as text.

psycopg's low level is used because a group of clicks is one call to libpq, with Python's lock given up while it waits.
"""

import psycopg
from psycopg import pq

_OPTIONS = "-c synchronous_commit=on -c statement_timeout=2s -c lock_timeout=1s"
_GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class WireBroken(Exception):
    """The database can't be reached, or the connection to it ended; what was under way may or may not have happened."""


class WireRefused(Exception):
    """The database answered with an error; nothing happened. `sqlstate` says which."""

    def __init__(self, *, sqlstate: str, message: str):
        self.sqlstate = sqlstate
        super().__init__(f"{sqlstate} {message}")


class Wire:
    """One connection, used by one thread at a time; opened at the first use and again after it broke."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection | None = None
        self._prepared: set[str] = set()

    def run(self, name: str, statement: bytes, params: list[bytes]) -> list[tuple[bytes | None, ...]]:
        """Run `statement` (prepared once a connection as `name`); when this returns, it is durable.

        Raises:
            WireBroken: no connection, or it ended; the next call tries a new one.
            WireRefused: the database refused the statement.
        """
        link = self._open()
        if name not in self._prepared:
            self._check(link, link.prepare(name.encode(), statement))
            self._prepared.add(name)
        result = self._check(link, link.exec_prepared(name.encode(), params))
        return [tuple(result.get_value(i, j) for j in range(result.nfields)) for i in range(result.ntuples)]

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._prepared.clear()

    def _open(self) -> pq.abc.PGconn:
        if self._connection is None:
            try:
                self._connection = psycopg.connect(
                    self._conninfo, autocommit=True, connect_timeout=2, tcp_user_timeout=2000, options=_OPTIONS
                )
            except psycopg.Error as error:
                raise WireBroken(str(error)) from error
        return self._connection.pgconn

    def _check(self, link: pq.abc.PGconn, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in _GOOD:
            return result
        state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        message = result.error_message.decode(errors="replace").strip() if result.error_message else ""
        # 57P: the server is shutting down or starting; 08: the connection is at fault. No state: it is simply gone.
        if link.status != pq.ConnStatus.OK or not state or state[:3] == "57P" or state[:2] == "08":
            self.close()
            raise WireBroken(message)
        raise WireRefused(sqlstate=state, message=message)
