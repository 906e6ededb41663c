"""The short link under load: redirects a second with each click on disk before its 302, and what a kill loses.

`python -m bench.short_link` makes a data home of its own, starts PostgreSQL and granian, loads them from 32 clients and
prints the median of the runs, the ratio to a bare 302 of the same server, clicks in the table against answered 302s,
and the same count after web and database were killed under load.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import web
from tuike.runtime import home, postgres

CHECKOUT = Path(__file__).resolve().parents[1]
CLIENTS = 32
GOAL, GOAL_P99_MS = 12_000, 20.0
_DONE = """
done = function(summary, latency, requests)
  io.write(string.format('\\n{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"most":%d,"status":%d,"socket":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""

_SEED = """
import django
django.setup()
from tests.make import attribution as make
from tuike.kit import clock
print(make.link(promoter_id=make.bare_promoter(), merchant_id=make.bare_merchant(), now=clock.now()).code)
"""


@dataclass(frozen=True)
class Load:
    """What the clients saw: answers a second, latencies in ms, answers with 302, other answers, broken sockets."""

    per_second: float
    p50: float
    p99: float
    most: float
    answered: int
    refused: int
    broken: int


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=5)
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--workers", default=os.environ.get("TUIKE_WEB_WORKERS", "2"))
    words.add_argument("--threads", default=os.environ.get("TUIKE_WEB_THREADS", "16"))
    words.add_argument("--no-kill", action="store_true")
    told = words.parse_args()
    folder = _place()
    os.environ["TUIKE_HOME"] = str(folder / "home")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(name, None)
    try:
        with _database(), web.answering(workers=told.workers, threads=told.threads) as _:
            pass  # warm: caches of the machine, byte code, the schema
        _measure(told, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(told: argparse.Namespace, folder: Path) -> None:
    with _database() as cluster:
        path = f"/s/{_seed()}"
        print(f"short link · {CLIENTS} clients · workers {told.workers} · threads {told.threads} · {_client_name()}")
        with web.answering(workers=told.workers, threads=told.threads) as (port, _):
            _load(port, path, 1.0, folder)
            before = _clicks()
            runs = [_load(port, path, told.seconds, folder) for _ in range(told.runs)]
            rows = _clicks() - before
        with web.answering(workers=told.workers, threads=told.threads, app="bench.bare_302:application") as (port, _):
            _load(port, path, 1.0, folder)
            bare = [_load(port, path, told.seconds, folder) for _ in range(told.runs)]
        _report(runs, bare, rows)
        if not told.no_kill:
            _kill(told, path, folder, cluster.pid)


def _report(runs: list[Load], bare: list[Load], rows: int) -> None:
    rate, base = (statistics.median(run.per_second for run in some) for some in (runs, bare))
    p50, p99 = (statistics.median(getattr(run, name) for run in runs) for name in ("p50", "p99"))
    answered = sum(run.answered for run in runs)
    print(f"  redirects, click on disk  {rate:8,.0f}/s   p50 {p50:.1f} ms  p99 {p99:.1f} ms   (goal {GOAL:,}/s, 20 ms)")
    print(f"  bare 302, same server     {base:8,.0f}/s   p99 {statistics.median(r.p99 for r in bare):.1f} ms")
    print(f"  ratio to the bare 302     {rate / base:8.2f}")
    print(f"  runs                      {'  '.join(f'{run.per_second:,.0f}' for run in runs)}")
    lost = max(0, answered - rows)
    print(f"  answered 302s {answered:,}   clicks on disk {rows:,}   lost {lost}   other answers {_others(runs)}")
    reached = rate >= GOAL and p99 <= GOAL_P99_MS and not lost
    print(f"  goal {'reached' if reached else 'NOT reached'}")


def _others(runs: list[Load]) -> int:
    return sum(run.refused + run.broken for run in runs)


def _kill(told: argparse.Namespace, path: str, folder: Path, database: int) -> None:
    """Kill web and database under load, start both again, count."""
    before = _clicks()
    with contextlib.ExitStack() as stack:
        port, server = stack.enter_context(web.answering(workers=told.workers, threads=told.threads))
        client = _start_client(port, path, 8.0, folder)
        time.sleep(2)
        os.killpg(server.pid, signal.SIGKILL)
        os.kill(database, signal.SIGKILL)
        began = time.monotonic()
        stack.enter_context(_database(prepare=False))
        stack.enter_context(web.answering(workers=told.workers, threads=told.threads, port=port))
        back = time.monotonic() - began
        seen = _seen(client)
        rows = _clicks() - before
    print(f"  kill -9 of web and database under load: back after {back:.1f} s")
    print(f"  answered 302s {seen.answered:,}   clicks on disk {rows:,}   lost {max(0, seen.answered - rows)}")
    if rows < seen.answered:
        raise SystemExit("answered clicks were lost")


@contextlib.contextmanager
def _database(*, prepare: bool = True) -> Iterator:
    cluster = postgres.start(home.find())
    try:
        if prepare:
            subprocess.run(
                [sys.executable, "-m", "tuike.db.prepare"],
                check=True,
                cwd=CHECKOUT,
                env=os.environ | {"TUIKE_DB_ROLE": "owner"},
                stderr=subprocess.DEVNULL,
            )
        yield cluster
    finally:
        postgres.stop(home.find())


def _seed() -> str:
    """Make a promoter's link through the product's own verbs and return its code."""
    told = {"DJANGO_SETTINGS_MODULE": "tuike.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", _SEED],
        check=True,
        cwd=CHECKOUT,
        env=os.environ | told,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.strip()


def _clicks() -> int:
    with psycopg.connect(postgres.url(home.find())) as connection:
        row = connection.execute("SELECT count(*) FROM attribution_click").fetchone()
    return row[0] if row else 0


def _client_name() -> str:
    return "wrk" if shutil.which("wrk") else "asyncio client (wrk is not installed: it takes more of the machine)"


def _start_client(port: int, path: str, seconds: float, folder: Path) -> subprocess.Popen:
    if shutil.which("wrk"):
        script = folder / "done.lua"
        script.write_text(_DONE)
        whole = max(1, round(seconds))
        words = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{whole}s", "-s", str(script), f"http://127.0.0.1:{port}{path}"]
    else:
        words = [sys.executable, "-m", "bench.http_load", str(port), path, str(CLIENTS), str(seconds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, cwd=CHECKOUT, text=True)


def _seen(client: subprocess.Popen) -> Load:
    said, _ = client.communicate(timeout=120)
    found = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    return Load(
        per_second=(found["requests"] - found["status"]) / (found["micros"] / 1e6),
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        most=found["most"] / 1000,
        answered=found["requests"] - found["status"],
        refused=found["status"],
        broken=found["socket"],
    )


def _load(port: int, path: str, seconds: float, folder: Path) -> Load:
    return _seen(_start_client(port, path, seconds, folder))


def _place() -> Path:
    """Return a new folder that the database's own account can pass through."""
    (CHECKOUT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-short-link-", dir=CHECKOUT / "var"))
    folder.chmod(0o711)
    return folder


if __name__ == "__main__":
    main()
