"""A real `tuike up` in a home of its own, for tests."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tests import database
from tests.ports import give_back, take_port
from tests.waiting import LONGEST_SECONDS, until
from tuike.runtime import home as homes
from tuike.runtime import postgres, procs
from tuike.runtime.house import recorded


class Product:
    """One home in a folder with a space in its name, and the `tuike up` that runs there."""

    def __init__(self, **environment: str):
        self.root = Path(tempfile.mkdtemp(prefix="tuike up "))
        self.root.chmod(0o711)
        self.home = homes.at(self.root)
        self.port, self.sandbox_port, self.live_port = take_port(), take_port(), take_port()
        self.environment = self._clean() | {
            "TUIKE_HOME": str(self.root),
            "PORT": str(self.port),
            "TUIKE_SANDBOX_PORT": str(self.sandbox_port),
            "TUIKE_LIVE_PORT": str(self.live_port),
            "TUIKE_LANG": "en",
            "TUIKE_WEB_WORKERS": "1",
            "TUIKE_MALL": "0",
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    @staticmethod
    def _clean() -> dict[str, str]:
        named = ("TUIKE_", "DATABASE_", "WECHAT", "DJANGO_", "PYTEST_", "PORT")
        return {name: value for name, value in os.environ.items() if not name.startswith(named)}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "tuike.doors.cli.main", *words]

    def tuike(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, output and errors together."""
        return subprocess.run(
            self.command(*words),
            env=self.environment | environment,
            cwd=database.CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )

    def start(self) -> "Product":
        self.lines.clear()
        self.process = subprocess.Popen(
            self.command("up", "--no-demo"),
            env=self.environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()
        return self

    def _read(self, process) -> None:
        with process.stdout as lines:
            for line in lines:
                self.lines.append(line)

    def ready(self) -> "Product":
        until(lambda: self.said("ready in") or self.process.poll() is not None, what="ready")
        assert self.said("ready in"), self.text
        return self

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def said(self, words: str) -> bool:
        return words in self.text

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body; (0, reason) when nobody answers."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            asked.request("GET", path)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()
        except OSError as problem:
            return 0, str(problem)
        except http.client.HTTPException as problem:
            return 0, str(problem)
        finally:
            asked.close()

    def all_well(self) -> bool:
        status, body = self.get("/readyz")
        return status == 200 and all(check["ok"] for check in json.loads(body)["checks"].values())

    def pid(self, name: str) -> int | None:
        return recorded(self.root).get("programs", {}).get(name, {}).get("pid")

    def processes(self) -> list[int]:
        """Return everything that this home runs, database servers too."""
        mine = []
        for pid in procs.pids():
            if str(self.root) in (procs.command(pid) + procs.environment(pid).get("TUIKE_HOME", "")) and procs.alive(
                pid
            ):
                mine.append(pid)
        return [pid for pid in mine if pid != os.getpid()]

    def signal(self, number: int) -> int:
        """Send a signal to the supervisor and return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(LONGEST_SECONDS)
        self.reader.join(LONGEST_SECONDS)
        return code

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
        for pid in self.processes():
            procs.send(pid, signal.SIGKILL)
        postgres.remove(self.home)
        shutil.rmtree(self.root, ignore_errors=True)
        give_back(self.port, self.sandbox_port, self.live_port)
