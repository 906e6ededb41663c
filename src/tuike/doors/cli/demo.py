"""`tuike demo`: loads the demo alliance, and says who is in it. Imports Django only when a command needs it."""

import contextlib
import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tuike.config import env
from tuike.doors.cli.story.people import CAST
from tuike.doors.cli.story.phone import SandboxSilent, put_on_phone
from tuike.kit import clock
from tuike.runtime import home as homes
from tuike.runtime.house import recorded
from tuike.runtime.words import english, say

FAILED, REFUSED_IN_PRODUCTION = 1, 5
SANDBOX_PATIENCE = 30.0
_OUTCOMES = {
    "loaded": ("演示联盟载入完成", "the demo alliance is loaded"),
    "there": (
        "演示联盟已载入；tuike demo who 查看人物",
        "the demo alliance is here; tuike demo who shows who is in it",
    ),
    "other": ("这里已有自己的联盟，未载入演示数据", "an alliance of your own is here: the demo was not loaded"),
    "busy": ("演示联盟正在由另一个进程载入", "another process is loading the demo alliance"),
    "working": (
        "后台任务正在运行，会与载入的历史相互影响：请停止产品，再 make run（会自动载入）",
        "the worker is running and would act on the history: stop the product, then make run, which loads it",
    ),
}

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "演示联盟：载入，查看人物，按真实 HTTP 走一遍从点击到提现。",
        "The demo alliance: load it, see who is in it, walk one order from click to payout over HTTP.",
    ),
)


@app.command(
    "load",
    help=say(
        "载入演示联盟：约 70 天的历史，含所有状态。\n\n"
        "再次运行不做任何事；中断后再次运行会接着载入；已有自己的联盟时不载入。\n\n"
        "退出码：0 已载入或无需载入，1 未能载入，4 数据库未运行，5 生产环境拒绝。",
        "Load the demo alliance: some 70 days of history, with every state.\n\n"
        "Run again it does nothing; cut off, it goes on; where an alliance of your own is, nothing is loaded.\n\n"
        "Exit codes: 0 loaded or nothing to do, 1 not loaded, 4 the database isn't running, 5 refused in production.",
    ),
)
def load() -> None:
    """Load the story, unless it is there."""
    marker = _story("marker")
    if marker.told() or marker.others():
        typer.echo(say(*_OUTCOMES["there" if marker.told() else "other"]))
        return
    if env.sandbox_on():
        _phone()
    console, media = Console(highlight=False), env.home().root / "media"
    with _bar(console) as report:
        outcome = str(_story("load").load_here(now=clock.now(), media=media, report=report))
    _ours(media)
    said = say(*_OUTCOMES[outcome])
    if outcome in {"busy", "working"}:
        _stop(FAILED, said)
    typer.echo(said)
    if outcome == "loaded":
        _who(console)


@app.command(
    "journey",
    help=say(
        "按真实 HTTP 走一遍：点击、下单、支付、发货、收货、27 天后结算、提现、退款追回；每步打印账目。\n\n"
        "会把开发时钟往前拨 27 天；可以反复运行。\n\n"
        "退出码：0 全部完成且账目相符，1 某一步没有做到，4 数据库未运行，5 生产环境拒绝。",
        "Walk one order over HTTP against the running product: click, order, payment, parcel, receipt, settling 27 "
        "days later, withdrawal, money back and claw-back; the books after each step.\n\n"
        "Moves the development clock 27 days on; may be run again and again.\n\n"
        "Exit codes: 0 all came true and the books hold, 1 a step didn't, 4 the database isn't running, 5 refused in "
        "production.",
    ),
)
def journey() -> None:
    """Walk one order from the click to the payout and the money back."""
    walking = _story("journey")
    if not env.sandbox_on():
        _stop(FAILED, say("需要沙箱（TUIKE_SANDBOX=1）", "this needs the sandbox (TUIKE_SANDBOX=1)"))
    try:
        walking.Journey(sandbox=env.sandbox_base(), console=Console(highlight=False)).walk()
    except (walking.WentWrong, SandboxSilent, ConnectionError) as problem:
        _stop(FAILED, say(f"✗ 没有做到：{problem}", f"✗ it didn't come true: {problem}"))


@app.command("who", help=say("演示联盟里有谁、从哪里看起。", "Who is in the demo alliance, and where to look."))
def who() -> None:
    """Print the people of the story and where to look."""
    _story("who")
    _who(Console(highlight=False))


def _who(console: Console) -> None:
    table = Table(title=say("演示联盟的人物", "People of the demo alliance"), title_justify="left")
    for column in (say("姓名", "name"), say("手机号", "phone"), say("是谁", "who")):
        table.add_column(column)
    for one in CAST:
        table.add_row(one.name, one.phone, one.en if english() else one.zh)
    console.print(table)
    for label, address in _story("who").where_to_look():
        console.print(f"{label}  {address}", soft_wrap=True)


@contextlib.contextmanager
def _bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, nothing elsewhere."""
    words = TextColumn(say("载入演示联盟", "loading the demo alliance"))
    columns = (words, BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, all_: bar.update(task, completed=done, total=all_)


def _phone() -> None:
    try:
        put_on_phone(env.sandbox_base(), CAST, patience=SANDBOX_PATIENCE)
    except SandboxSilent as problem:
        _stop(
            FAILED,
            say(
                f"沙箱没有响应（{problem}）；用 make run 启动，或设置 TUIKE_SANDBOX=0 不用沙箱",
                f"the sandbox doesn't answer ({problem}); start it with make run, or do without: TUIKE_SANDBOX=0",
            ),
        )


def _story(name: str) -> ModuleType:
    """Set Django up and return a module of the story that needs it; refuses production."""
    if env.production():
        words = say(
            "拒绝（demo_in_production）：生产环境不载入演示数据", "refused (demo_in_production): not in production"
        )
        _stop(REFUSED_IN_PRODUCTION, words)
    _where_it_runs()
    importlib.import_module("tuike.doors.cli.product").use()
    return importlib.import_module(f"tuike.doors.cli.story.{name}")


def _where_it_runs() -> None:
    """Let addresses be those of the product that runs in this home, where nobody says otherwise."""
    port = recorded(env.home().root).get("port")
    if port and "PORT" not in os.environ:
        os.environ["PORT"] = str(port)


def _ours(media: Path) -> None:
    """Let what root drew belong to whom the home belongs."""
    for path in (media, *media.rglob("*")) if media.is_dir() else ():
        homes.give(path, like=media.parent)


def _stop(code: int, sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
