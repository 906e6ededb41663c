"""A running sandbox for tests: a real process on a free port, and a listener that takes its notices.

from tests.sandbox_process import sandbox_process, notice_listener

@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory):
    with sandbox_process(tmp_path_factory.mktemp("sandbox") / "sandbox") as running:
        yield running

@pytest.fixture
def sandbox(sandbox_server):
    sandbox_server.reset()
    return sandbox_server
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.ports import give_back, take_port

SOURCES = Path(__file__).resolve().parents[1] / "src"


class ControlRefused(Exception):
    """A control answered 4xx; `status` and the error text."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(f"{status}: {error}")
        self.status, self.error = status, error


@dataclass
class Sandbox:
    """One sandbox: its home folder, its process, and the environment that points a product at it."""

    home: Path
    port: int
    notify_factor: float = 60.0
    process: subprocess.Popen[str] | None = None
    log_lines: list[str] = field(default_factory=list)
    _reader: threading.Thread | None = None

    @property
    def base(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What sandbox.env says: WECHAT_* and WECHATPAY_* names."""
        lines = (self.home / "sandbox.env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def public_keys(self) -> dict[str, str]:
        """Platform public keys: id → PEM text, in the order key 1, key 2."""
        pairs = (pair.split("=", 1) for pair in self.env["WECHATPAY_PUBLIC_KEYS"].split(","))
        return {key_id: Path(file).read_text(encoding="utf-8") for key_id, file in pairs}

    @property
    def private_key(self) -> str:
        """The merchant's private key as PEM text."""
        return Path(self.env["WECHATPAY_PRIVATE_KEY_FILE"]).read_text(encoding="utf-8")

    @property
    def clock_file(self) -> Path:
        """Whole seconds of offset; both sides read it."""
        return self.home.parent / "clock.offset"

    def move_clock(self, seconds: int) -> None:
        """Set the business clock `seconds` ahead of the real one."""
        fresh = self.clock_file.with_suffix(".fresh")
        fresh.write_text(f"{seconds}\n", encoding="ascii")
        fresh.replace(self.clock_file)  # at once: nobody reads half of it

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(SOURCES), "TUIKE_CLOCK_FILE": str(self.clock_file)}

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tuike_sandbox", *words, "--port", str(self.port)]

    def init(self) -> None:
        """Make keys, ids and sandbox.env (again)."""
        subprocess.run(
            self._command("init", "--home", str(self.home)),
            check=True,
            env=self._environment(),
            capture_output=True,
            timeout=60,
        )

    def start(self) -> None:
        """Start the process and wait for its ready line."""
        command = self._command("serve", "--home", str(self.home), "--notify-factor", str(self.notify_factor))
        self.process = subprocess.Popen(
            command, env=self._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process, ready), daemon=True)
        self._reader.start()
        if not ready.wait(60) or self.process.poll() is not None:
            self.stop()
            raise AssertionError("the sandbox didn't start:\n" + "\n".join(self.log_lines[-20:]))

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.log_lines.append(line.rstrip("\n"))
            if line.startswith("sandbox ready on "):
                ready.set()
        ready.set()

    def stop(self, *, signal_number: int = signal.SIGTERM) -> int:
        """End the process (SIGKILL to see what a crash leaves); returns its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(10)
        if self._reader:
            self._reader.join(5)
        if self.process.stderr:
            self.process.stderr.close()
        self.process = None
        return code

    def control(self, verb: str, **wish: object) -> dict:
        """One control; raises ControlRefused on 4xx."""
        request = urllib.request.Request(
            f"{self.base}/sandbox/control/{verb}",
            data=json.dumps(wish).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as problem:
            with problem:
                raise ControlRefused(problem.code, json.load(problem).get("error", "")) from None

    def reset(self) -> None:
        """Forget orders, people's codes, faults, settings and the clock's offset."""
        self.clock_file.unlink(missing_ok=True)
        self.control("reset")

    def openid(self, index: int = 0) -> str:
        """The openid of one of the first people."""
        return self.control("people")["people"][index]["openid"]

    def login_code(self, openid: str = "") -> str:
        """A fresh login code."""
        return self.control("login_code", **({"openid": openid} if openid else {}))["code"]


@contextlib.contextmanager
def sandbox_process(home: Path, *, notify_factor: float = 60.0) -> Iterator[Sandbox]:
    """A sandbox with fresh keys in `home`, running until the block ends."""
    sandbox = Sandbox(home=home, port=take_port(), notify_factor=notify_factor)
    try:
        sandbox.init()
        sandbox.start()
        yield sandbox
    finally:
        sandbox.stop()
        give_back(sandbox.port)


@dataclass
class Notice:
    """One POST as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class NoticeListener:
    """Takes notices on a free port. `answers` are used up one by one, then `answer` for good."""

    url: str
    received: list[Notice] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    answer: int = 204

    def wait(self, count: int, *, seconds: float = 60.0) -> list[Notice]:
        """The notices as soon as there are at least `count`; AssertionError when they don't come."""
        deadline = time.monotonic() + seconds
        while len(self.received) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.received)} notices came, {count} were awaited")
            time.sleep(0.01)
        return list(self.received)


@contextlib.contextmanager
def notice_listener(path: str = "/notify") -> Iterator[NoticeListener]:
    """A real HTTP server on loopback that keeps every notice posted to it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status = listener.answers.pop(0) if listener.answers else listener.answer
            listener.received.append(Notice(self.path, dict(self.headers.items()), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = NoticeListener(url=f"http://127.0.0.1:{server.server_address[1]}{path}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
