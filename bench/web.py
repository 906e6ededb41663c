"""The product's web server for a benchmark, started as `tuike up` starts it."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def answering(
    *,
    workers: str = "2",
    threads: str = "16",
    app: str = "tuike.config.wsgi:application",
    port: int | None = None,
) -> Iterator[tuple[int, subprocess.Popen]]:
    """Run granian on the data home of the environment until the block ends; gives its port and its process."""
    port = port or free_port()
    figures = Path(os.environ["TUIKE_HOME"]) / "metrics"  # counted as in the running product
    figures.mkdir(exist_ok=True)
    web = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", app, "--host", "127.0.0.1", "--port", str(port)),
            *("--no-ws", "--http", "1", "--workers", workers, "--blocking-threads", threads),
            *("--backlog", "2048", "--log-level", "error"),
        ],
        cwd=CHECKOUT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tuike.config.settings", "PORT": str(port), "TUIKE_PROCESS": "web"}
        | {"PROMETHEUS_MULTIPROC_DIR": str(figures)},
        start_new_session=True,
    )
    try:
        until_answers(port)
        yield port, web
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(web.pid, signal.SIGTERM)
        try:
            web.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait()


def until_answers(port: int) -> None:
    """Wait until the server answers; ends the benchmark when it doesn't."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asked.request("HEAD", "/s/nothing")
            asked.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            asked.close()
    raise SystemExit("the server did not answer")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
