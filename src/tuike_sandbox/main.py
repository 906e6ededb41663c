"""Entry point of the sandbox: `init`, `serve`, `control`."""

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

from aiohttp import web

from tuike_sandbox import app, home, logs
from tuike_sandbox.clock import Clock
from tuike_sandbox.store import Store
from tuike_sandbox.world import World


def default_home() -> Path:
    """`<TUIKE_HOME>/sandbox`, by default `var/sandbox` of the working folder."""
    return Path(os.environ.get("TUIKE_HOME", "var")) / "sandbox"


def default_port() -> int:
    """TUIKE_SANDBOX_PORT, else the product's PORT plus one."""
    own = os.environ.get("TUIKE_SANDBOX_PORT")
    return int(own) if own else int(os.environ.get("PORT", "8000")) + 1


def _clock(place: Path) -> Clock:
    named = os.environ.get("TUIKE_CLOCK_FILE")
    return Clock(Path(named) if named else place.parent / "clock.offset")


async def serve(world: World, *, host: str, port: int) -> None:
    """Run until SIGTERM or SIGINT, then stop cleanly. Says where it listens once it does."""
    runner = web.AppRunner(app.create(world), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await web.TCPSite(runner, host, port, reuse_address=True).start()
        sys.stderr.write(f"sandbox ready on {world.base}\n")
        sys.stderr.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
    logs.event("stopped")


def _serve(options: argparse.Namespace) -> int:
    place = Path(options.home).resolve()
    try:
        loopback = ipaddress.ip_address(options.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        sys.stderr.write(f"refused: {options.host} is not a loopback address; the sandbox stays on this machine\n")
        return 2
    if os.environ.get("TUIKE_ENV") == "production":
        sys.stderr.write("refused: this is production (TUIKE_ENV); the sandbox has no business here\n")
        return 2
    if options.notify_factor < 1:
        sys.stderr.write("refused: --notify-factor is at least 1\n")
        return 2
    try:
        identity = home.load(place)
    except home.NotInitialised as problem:
        sys.stderr.write(f"refused: {problem}; run init first\n")
        return 2
    shown = f"[{options.host}]" if ":" in options.host else options.host
    world = World(
        identity=identity,
        store=Store(place / "sandbox.db"),
        clock=_clock(place),
        base=f"http://{shown}:{options.port}",
        shop_base=os.environ.get("TUIKE_PUBLIC_BASE", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"),
        notify_factor=options.notify_factor,
    )
    logs.capture()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(world, host=options.host, port=options.port))
    except OSError as problem:
        sys.stderr.write(f"refused: can't listen on port {options.port}: {problem.strerror}\n")
        return 2
    return 0


def _init(options: argparse.Namespace) -> int:
    env_file = home.initialise(Path(options.home).resolve(), port=options.port)
    sys.stdout.write(f"{env_file}\n")
    return 0


def _control(options: argparse.Namespace) -> int:
    """Pass one control on to a running sandbox and show its answer."""
    wish: dict[str, object] = {}
    for pair in options.values:
        name, _, value = pair.partition("=")
        try:
            wish[name] = json.loads(value)
        except ValueError:
            wish[name] = value  # bare text needs no quotes
    request = urllib.request.Request(
        f"http://127.0.0.1:{options.port}/sandbox/control/{options.verb}",
        data=json.dumps(wish).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            reply, code = json.load(answer), 0
    except urllib.error.HTTPError as problem:
        reply, code = json.load(problem), 1
    except OSError as problem:
        reply, code = {"error": f"no sandbox on port {options.port}: {problem}"}, 1
    sys.stdout.write(json.dumps(reply, ensure_ascii=False, indent=2) + "\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tuike-sandbox", description="Stands in for WeChat's servers on this machine. No real money moves."
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    init = verbs.add_parser("init", help="make keys and ids once, write sandbox.env")
    run = verbs.add_parser("serve", help="run the sandbox")
    steer = verbs.add_parser("control", help="steer a running sandbox: control pay out_trade_no=T1")
    for verb in (init, run):
        verb.add_argument("--home", default=str(default_home()), help="data folder (default: %(default)s)")
    for verb in (init, run, steer):
        verb.add_argument("--port", type=int, default=default_port(), help="port (default: %(default)s)")
    run.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    run.add_argument("--notify-factor", type=float, default=60.0, help="how many times faster notices are repeated")
    steer.add_argument("verb", help="for example login_code, pay, fault, journal, reset")
    steer.add_argument("values", nargs="*", metavar="NAME=VALUE", help="VALUE is JSON or bare text")
    init.set_defaults(run=_init)
    run.set_defaults(run=_serve)
    steer.set_defaults(run=_control)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit code (0 done, 1 a control was refused, 2 not started)."""
    options = _parser().parse_args(arguments)
    return int(options.run(options))
