"""Working off reports is killed with SIGKILL at every statement of a list: nothing is lost, nothing done twice."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make.reports import PLACED, kept, order
from tuike.db import rows
from tuike.flows.take_reports import take_reports
from tuike.parties.types import Source

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.slow]
LATER = PLACED + timedelta(hours=1)
RUN = """
import os, signal, sys
from datetime import datetime

import django

django.setup()
from django.db import connection

from tuike.db import rows
from tuike.flows import take_reports as flow

left, apart = int(sys.argv[2]), sys.argv[3] == "apart"


def counted(execute, sql, params, many, context):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)


if apart:  # the control: what was done is committed before that it is done
    real = flow.inbox.finish

    def finish(*, ids, now):
        connection.connection.commit()
        real(ids=ids, now=now)

    flow.inbox.finish = finish
with connection.execute_wrapper(counted):
    print(flow.take_reports(now=datetime.fromisoformat(sys.argv[1]), limit=4))
"""


def worked(db_env, statements, mode="together"):
    """Work off in a process of its own that kills itself before its `statements`-th one; return whether it ended."""
    said = [sys.executable, "-c", RUN, LATER.isoformat(), str(statements), mode]
    done = subprocess.run(said, check=False, env=db_env, capture_output=True, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
    return done.returncode == 0


def reports():
    """Keep reports of which one can't be taken and three come later than others of the same orders."""
    one = make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)
    paid = {"paid_at": PLACED + timedelta(minutes=1)}
    said = [order(one, f"N{n}", **paid) for n in range(10)]
    said[5]["lines"] = [{"item": "nobody's", "quantity": 1, "price_fen": 1}]
    kept(one, said + [order(one, f"N{n}", **paid, refunds=[{"line_no": 1, "quantity": 1}]) for n in range(3)])


def standing():
    """Return how many orders there are, and of how many a report is done."""
    return rows.query(
        "SELECT (SELECT count(*) FROM orders_order),"
        " (SELECT count(DISTINCT external_no) FROM inbox_report WHERE state = 'done')"
    )[0]


def test_killed_at_every_statement_it_goes_on_where_it_stopped(db_env):
    reports()
    statements, kills = 1, 0
    while not worked(db_env, statements):
        kills += 1
        statements += 3
        orders, done = standing()
        assert orders == done, statements
    assert kills > 5
    assert take_reports(now=LATER) == {"done": 0, "refused": 0}
    assert rows.query("SELECT state, count(*) FROM inbox_report GROUP BY 1 ORDER BY 1") == [
        ("done", 12),
        ("refused", 1),
    ]
    assert rows.query("SELECT count(*), count(DISTINCT external_no) FROM orders_order") == [(9, 9)]
    assert rows.query("SELECT count(*), sum(refunded_fen)::bigint FROM commission_sale") == [(9, 30_000)]
    books.check()


def test_control_what_is_committed_apart_is_found_half_done(db_env):
    reports()
    statements, found = 20, False
    while not found and not worked(db_env, statements, "apart"):
        orders, done = standing()
        found = orders != done
        statements += 1
    assert found
