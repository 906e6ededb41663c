"""The live boards' process under load: `python -m bench.live [--streams 500] [--orders 40]`.

Makes a data home of its own and starts the process as `tuike up` does. So many streams are opened over loopback, ten of a person, a quarter
each at the operator's desk, a shop's, a promoter's and a leader's board. Printed are the process's memory (with its children, resident) before
and after, the processor's time while nothing happens and while orders come, and how long after its commit an order was told to each stream.
"""

import argparse
import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import ground
from bench.web import free_port, until_answers

OF_ONE = 10
IDLE_SECONDS = 10
GOAL_MB, GOAL_SECONDS = 150, 2.0
_ORDERS = re.compile(rb'event: state\ndata: .*?"orders": (\d+)')


@dataclass
class Stream:
    """An open stream: when it was told of how many orders."""

    kind: str
    at: dict[int, float] = field(default_factory=dict)
    marks: int = 0
    writer: asyncio.StreamWriter | None = None


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--orders", type=int, default=40)
    given = parser.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    with ground.database():
        sold, seats = _made(given.streams)
        with _living() as (port, process):
            asyncio.run(_run(port, process, seats, sold, given.orders))


def _made(streams: int) -> tuple[object, list[tuple[str, str, str]]]:
    """Return the alliance that sells, and (kind, party, cookie) of each stream."""
    from tests.make import alliance as make
    from tests.make import parties as make_parties
    from tuike.kit import clock
    from tuike.parties.types import Role
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    now = clock.now()
    sold = make.alliance()
    make.touch(sold, leader=True, now=now)
    parties = [make_parties.operator(), sold.shop, sold.promoter, sold.leader]
    seats = []
    for n in range(streams // OF_ONE):
        party = parties[n % 4]
        person = make_parties.seated(party, Role.ADMIN).person_id
        token = people.open_session(person_id=person, kind=SessionKind.CONSOLE, now=now)
        seats += [(party.kind.value, party.no, f"tuike_console={token}")] * OF_ONE
    return sold, seats


@contextmanager
def _living() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    port = free_port()
    figures = Path(os.environ["TUIKE_HOME"]) / "metrics"
    figures.mkdir(exist_ok=True)
    words = ("--interface", "asginl", "tuike.config.asgi:application", "--host", "127.0.0.1", "--port", str(port))
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "--no-ws", "--http", "1", "--workers", "1", "--log-level", "error"],
        env=os.environ | {"TUIKE_PROCESS": "live", "PROMETHEUS_MULTIPROC_DIR": str(figures)},
        start_new_session=True,
    )
    try:
        until_answers(port)
        yield port, process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def _run(port: int, process: "subprocess.Popen[bytes]", seats: list, sold: object, orders: int) -> None:
    first = {kind: (kind, no, cookie) for kind, no, cookie in seats}  # one of each kind first: what every start costs
    streams = [await _open(port, *one) for one in first.values()]
    await _all(streams, lambda one: 0 in one.at)
    before = _resident_mb(process.pid)
    rest = [one for kind in first for one in [seat for seat in seats if seat[0] == kind][1:]]
    streams += await asyncio.gather(*(_open(port, *one) for one in rest))
    await _all(streams, lambda one: 0 in one.at)
    began, spent = time.monotonic(), _processor(process.pid)
    await asyncio.sleep(IDLE_SECONDS)
    idle = (_processor(process.pid) - spent) / (time.monotonic() - began)
    began, spent, committed = time.monotonic(), _processor(process.pid), {}
    for number in range(1, orders + 1):
        committed[number] = await asyncio.to_thread(_sell, sold)
        await asyncio.sleep(0.05)
    await _all(streams, lambda one: orders in one.at)
    busy = (_processor(process.pid) - spent) / (time.monotonic() - began)
    after = _resident_mb(process.pid)
    waits = [_seen(one, number) - at for one in streams for number, at in committed.items()]
    waits.sort()
    p50, p99 = statistics.median(waits), waits[len(waits) * 99 // 100]
    print(
        f"{len(streams)} streams: {before:.0f} MB with one of each kind, {after:.0f} MB with all: +{after - before:.0f}"
        f" MB (≤ {GOAL_MB})"
    )
    print(
        f"commit → told: p50 {p50:.2f} s, p99 {p99:.2f} s, most {waits[-1]:.2f} s (≤ {GOAL_SECONDS})"
        f" over {len(waits):,}"
    )
    print(
        f"processor: {idle:.1%} of a core while idle, {busy:.1%} while {orders} orders came in"
        f" {time.monotonic() - began:.0f} s"
    )
    for one in streams:
        assert one.writer
        one.writer.close()


def _sell(sold: object) -> float:
    from django.db import connection

    from tests.make import alliance as make
    from tuike.kit import clock

    try:
        make.bought(sold, now=clock.now())
        return time.monotonic()
    finally:
        connection.close()


def _seen(stream: Stream, number: int) -> float:
    """Return when a stream was told of so many orders or more: of several at once it is told once."""
    return min(at for orders, at in stream.at.items() if orders >= number)


async def _open(port: int, kind: str, no: str, cookie: str) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /live/{kind}/{no} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
    await writer.drain()
    stream = Stream(kind, writer=writer)
    stream.task = asyncio.create_task(_read(stream, reader))  # type: ignore[attr-defined]
    return stream


async def _read(stream: Stream, reader: asyncio.StreamReader) -> None:
    kept = b""
    while chunk := await reader.read(65_536):
        now = time.monotonic()
        kept = (kept + chunk)[-65_536:]
        for orders in _ORDERS.findall(kept):
            stream.at.setdefault(int(orders), now)
        kept = kept[kept.rfind(b"\n\n") :]


async def _all(streams: list[Stream], known: object) -> None:
    async with asyncio.timeout(120):
        while not all(known(one) for one in streams):  # type: ignore[operator]
            await asyncio.sleep(0.05)


def _family(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [pid, *(int(one) for one in found.stdout.split())]


def _resident_mb(pid: int) -> float:
    lines = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in _family(pid)]
    return sum(int(re.search(r"^Rss:\s+(\d+)", text, re.M)[1]) for text in lines) / 1024  # type: ignore[index]


def _processor(pid: int) -> float:
    ticks = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
