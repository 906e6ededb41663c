"""What every benchmark stands on: a cluster and a database of its own, Django on it, and figures as medians."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("TUIKE_BENCH_HOME") or ROOT / "var" / "bench")


@contextmanager
def database(*, again: bool = False) -> Iterator[None]:
    """Run Django on a fresh database of a cluster under `var/bench`, as the product's own role.

    `again` takes the database as the last run left it: to measure anew without writing everything anew.
    """
    os.environ["TUIKE_HOME"] = str(HOME)
    os.environ["TUIKE_SANDBOX"] = "0"
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tuike.config.settings"
    sys.path.insert(0, str(ROOT / "src"))
    from tuike.runtime import garbage, postgres
    from tuike.runtime import home as homes

    home = homes.find()
    cluster = postgres.start(home)
    try:
        if not again:
            _recreate(postgres.url(home, role="owner", database="postgres"))
        prepare = [sys.executable, "-m", "tuike.db.prepare"]
        subprocess.run(prepare, env={**os.environ, "TUIKE_DB_ROLE": "owner"}, check=True)
        import django

        django.setup()
        garbage.settle()  # as the processes of the product do
        from tuike.db import ids

        ids._blocks.clear()  # a fresh database counts from one again; this process may have worked on the last one
        yield
        from django.db import connections

        connections.close_all()
    finally:
        if not cluster.attached:
            cluster.stop()


def owner_url() -> str:
    """Return the address of the benchmark's database for its owner."""
    from tuike.runtime import home as homes
    from tuike.runtime import postgres

    return postgres.url(homes.find(), role="owner")


def _recreate(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS tuike WITH (FORCE)")
        connection.execute("CREATE DATABASE tuike")


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def told(name: str, values: list[float], unit: str, *, limit: str = "") -> None:
    """Print a figure as median (min–max) of its runs."""
    middle = statistics.median(values)
    spread = f"{min(values):,.0f}–{max(values):,.0f}" if middle >= 10 else f"{min(values):.2f}–{max(values):.2f}"
    shown = f"{middle:,.0f}" if middle >= 10 else f"{middle:.2f}"
    print(f"{name:<58}{shown:>12} {unit:<10} ({spread}, {len(values)} runs) {limit}", flush=True)


def peak_mb() -> int:
    """Return this process's peak memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
