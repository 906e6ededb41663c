"""A run of payouts is killed with SIGKILL at every point between mark and record: real processes, a rail over HTTP."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.db import transaction

from tests.make import settlement as make
from tests.make.settlement import NOW, check, shown, stand
from tuike.parties.types import Rail
from tuike.settlement.types import WithdrawalState

RUN = """
import json, os, sys, urllib.request
from datetime import datetime

import django

django.setup()
from django.db import transaction

from tuike.flows import run_payouts as flow
from tuike.gateways.payouts import Outcome, OutcomeState
from tuike.settlement.types import Rail

base, now, stop, marked = sys.argv[1], datetime.fromisoformat(sys.argv[2]), sys.argv[3], sys.argv[4]
http = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(path):
    with http.open(f"{base}{path}", data=b"", timeout=60) as answer:
        return json.load(answer)


class Bank:
    def send(self, payout):
        if stop == "before":
            call("/hang")
        said = self.heard(call(f"/send/{payout.payout_no}/{payout.amount_fen}"))
        if stop == "after":
            call("/hang")
        return said

    def ask(self, no):
        return self.heard(call(f"/ask/{no}"))

    def heard(self, said):
        return Outcome(payout_no=said["no"], state=OutcomeState(said["state"]), reference="R")


def run():
    return flow.run_payouts(rails={Rail.SANDBOX: Bank()}, now=now)


if marked == "no":  # the control: mark, call and record in one transaction
    class Open:
        def __init__(self, *_, **__): pass
        def __enter__(self): return self
        def __exit__(self, *_): return False

    flow.transaction = type("T", (), {"atomic": Open})
    with transaction.atomic():
        done = run()
else:
    done = run()
print(json.dumps({"busy": done.busy, "sent": done.sent, "asked": done.asked}))
"""


class Bank:
    """A bank that pays as often as it is told to; it can be made to hang."""

    def __init__(self):
        self.paid, self.asked = [], []
        self.reached, self.hanging = threading.Event(), False

    def answer(self, path):
        verb, _, rest = path.removeprefix("/").partition("/")
        no, _, fen = rest.partition("/")
        if verb == "send":
            self.paid.append((no, int(fen)))
        if verb == "ask":
            self.asked.append(no)
        if self.hanging and verb in ("send", "hang"):
            self.reached.set()
            time.sleep(60)
        known = any(one == no for one, _ in self.paid)
        return {"no": no, "state": "paid" if known else "not_sent"}


@pytest.fixture
def bank():
    """The bank and its address."""
    it = Bank()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = json.dumps(it.answer(self.path)).encode()
            with contextlib.suppress(OSError):  # whoever asked may be dead
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    it.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield it
    server.shutdown()
    server.block_on_close = False
    server.server_close()
    thread.join(5)


def command(bank, *, minutes, stop="", marked="yes"):
    at = (NOW + timedelta(minutes=minutes)).isoformat()
    return [sys.executable, "-c", RUN, bank.base, at, stop, marked]


def killed(bank, db_env, tmp_path, **how):
    """Start a run and kill it where it hangs."""
    with (tmp_path / "run.log").open("w") as log:
        process = subprocess.Popen(command(bank, minutes=0, **how), env=db_env, stdout=log, stderr=log)
        try:
            assert bank.reached.wait(60), Path(log.name).read_text()
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
    assert process.returncode == -signal.SIGKILL
    bank.hanging = False


def run_again(bank, db_env, *, minutes=1, **how):
    """Run until the killed one's session is gone from the server, and return what the run did."""
    for _ in range(200):
        done = subprocess.run(
            command(bank, minutes=minutes, **how), env=db_env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        if not said["busy"]:
            return said
        time.sleep(0.05)
    raise AssertionError("the lock of the killed run stays")


def waiting():
    party = make.payee(1_000, rail=Rail.SANDBOX)
    with transaction.atomic():
        return party, make.approved(party, 1_000, fee_fen=100)


@pytest.mark.parametrize("stop", ["before", "during", "after"])
def test_killed_between_mark_and_record_it_is_paid_once(committed_db, db_env, bank, tmp_path, stop):
    party, no = waiting()
    bank.hanging = True
    killed(bank, db_env, tmp_path, stop=stop)
    assert shown(no).state is WithdrawalState.SENDING
    assert stand(party, "available", "leaving") == {"available": 0, "leaving": 1_000}
    assert run_again(bank, db_env) == {"busy": False, "sent": 0, "asked": 1}
    assert (bank.paid, bank.asked) == ([(no, 900)], [no])
    assert (shown(no).state, stand(party, "leaving")) == (WithdrawalState.PAID, {"leaving": 0})
    assert run_again(bank, db_env, minutes=60) == {"busy": False, "sent": 0, "asked": 0}
    check()


def test_control_without_the_mark_it_is_paid_twice(committed_db, db_env, bank, tmp_path):
    _, no = waiting()
    bank.hanging = True
    killed(bank, db_env, tmp_path, stop="during", marked="no")
    assert shown(no).state is WithdrawalState.APPROVED
    run_again(bank, db_env, marked="no")
    assert bank.paid == [(no, 900), (no, 900)]
