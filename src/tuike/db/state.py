"""A transaction that sees one state of the database from its first statement to its last."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from tuike.db import rows


@contextmanager
def one_state() -> Iterator[None]:
    """Begin a transaction of its own that is repeatable read; who changes the same rows meanwhile makes it fail.

    Inside the transaction that a test wraps around everything, isolation stays as that has it.
    """
    wrapped = connection.in_atomic_block
    with transaction.atomic(durable=True):
        if not wrapped:
            rows.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
