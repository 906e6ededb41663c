"""The product's own processes for tests of whole stories: web and worker, on a sandbox, over real HTTP."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import give_back, take_port
from tests.sandbox_process import Sandbox
from tests.waiting import until


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def call(
    method: str, url: str, body: object = None, *, headers: Mapping[str, str] | None = None, raw: bytes | None = None
) -> Answer:
    """One HTTP call that follows no redirect and raises for no status."""
    data = raw if raw is not None else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    try:
        with opener.open(request, timeout=60) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as problem:
        with problem:
            return Answer(problem.code, problem.headers, problem.read())


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Product:
    """Web and worker on one database; `base` is the web's address."""

    env: dict[str, str]
    port: int
    log: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The web's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start `web`, `worker` or `live`."""
        argv = {
            "web": [
                *("granian", "--interface", "wsgi", "tuike.config.wsgi:application", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--no-ws", "--http", "1", "--workers", "1", "--blocking-threads", "8"),
                *("--log-level", "error"),
            ],
            "worker": ["tuike.doors.jobs.worker"],
            "live": [
                *("granian", "--interface", "asginl", "tuike.config.asgi:application", "--host", "127.0.0.1"),
                *("--port", self.env["TUIKE_LIVE_PORT"], "--no-ws", "--http", "1", "--log-level", "error"),
            ],
        }[name]
        with self.log.open("ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-P", "-m", *argv],
                env={"TUIKE_PROCESS": name, **self.env},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def stop(self, name: str, *, signal_number: int = signal.SIGTERM) -> None:
        """End a process with everything in its session."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(15)

    def ready(self, *, worker: bool = True) -> bool:
        """Whether the web answers, and sees the worker's heartbeat."""
        try:
            checks = call("GET", f"{self.base}/readyz").json()["checks"]
        except (OSError, ValueError):
            return False
        return checks["database"]["ok"] and (checks["worker"]["ok"] or not worker)


@contextlib.contextmanager
def product(db_env: Mapping[str, str], sandbox: Sandbox, folder: Path, *, worker: bool = True) -> Iterator[Product]:
    """Web and (unless told not to) worker running on the test's database and the sandbox, until the block ends."""
    port, live_port = take_port(), take_port()
    env = {
        **db_env,
        **sandbox.env,
        "PORT": str(port),
        "TUIKE_SANDBOX_PORT": str(sandbox.port),
        "TUIKE_LIVE_PORT": str(live_port),
        "TUIKE_CLOCK_FILE": str(sandbox.clock_file),
        "DJANGO_SETTINGS_MODULE": "tuike.config.settings",
        "TUIKE_PUBLIC_BASE": f"http://127.0.0.1:{port}",
    }
    made = Product(env, port, folder / "product.log")
    try:
        made.start("web")
        if worker:
            made.start("worker")
        until(lambda: made.ready(worker=worker), what="web and worker to be ready")
        yield made
    except BaseException:
        print(made.log.read_text(errors="replace")[-8000:])  # noqa: T201 pytest shows it with the failure
        raise
    finally:
        for name in list(made.processes):
            made.stop(name)
        give_back(port, live_port)
