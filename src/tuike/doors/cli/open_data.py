"""`tuike open-data`: the books as Parquet files, for one's own analysis."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tuike.audit.types import OPERATOR_SHELL
from tuike.doors.cli import product
from tuike.doors.web import open_data
from tuike.flows.write_open_data import ask_open_data
from tuike.insight.open_data import lake
from tuike.insight.open_data.check import check as checked
from tuike.kit import clock
from tuike.open_data import queries
from tuike.open_data.types import Problem, RunShown, RunState
from tuike.runtime.words import say

FAILED = 1
AT_WORK = 3

PROBLEMS = {
    Problem.DISK_FULL: say("磁盘空间不足，先腾出空间再运行", "the disk is full: make room, then run it again"),
    Problem.DIFFERS: say("文件与账本不符，请运行 tuike verify", "a file differs from the books: run tuike verify"),
    Problem.GIVEN_UP: say("写出进程多次中断", "its writers died"),
    Problem.OTHER: say("出错", "it failed"),
}

app = typer.Typer(
    help=say("开放数据：供自行分析的 Parquet 文件。", "Open data: Parquet files for your own analysis."),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(
    help=say(
        "写出开放数据。\n\n"
        "在一个一致的快照上读取，只重写有变化的日子；全部写好并与账本核对后一次性生效，中断不留下半份。"
        "每天凌晨也会自动运行。\n\n"
        "例：tuike open-data write；tuike open-data write --all\n\n"
        "退出码：0 完成，1 失败，3 另一个进程正在写，4 数据库未运行。",
        "Write the open data.\n\n"
        "Reads one consistent snapshot and writes the days anew that changed; all of it takes effect at once, after "
        "it was checked against the books, and a killed run leaves nothing half. It also runs by itself each night.\n\n"
        "For example: tuike open-data write; tuike open-data write --all\n\n"
        "Exit codes: 0 done, 1 it failed, 3 another process is writing, 4 the database isn't running.",
    )
)
def write(
    everything: Annotated[bool, typer.Option("--all", help=say("全部重写", "write every day anew"))] = False,
) -> None:
    """Ask for a run, write it here, and say what came of it."""
    product.use()
    run_id = ask_open_data(everything=everything, actor=OPERATOR_SHELL, now=clock.now())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar, _asked_to_stop() as stopping:
        task = bar.add_task(say("写出", "writing"), total=None)
        while run := open_data.write_next(
            told=lambda done, whole: bar.update(task, completed=done, total=whole), stopping=stopping
        ):
            if run.id == run_id or _found(run.id).open:
                break
    _say(_found(run_id))


@app.command(
    help=say(
        "核对开放数据。\n\n"
        "重读每个文件：与清单一致；没有变化的日子与账本现在的合计一致。\n\n"
        "退出码：0 相符，1 不符或还没有写过，4 数据库未运行。",
        "Check the open data.\n\n"
        "Reads each file again: it is what the manifest says, and where nothing of a day changed since, what the books "
        "say now.\n\n"
        "Exit codes: 0 it holds, 1 it doesn't or was never written, 4 the database isn't running.",
    )
)
def check() -> None:
    """Compare the files with their manifest and the books; exit 1 when something differs."""
    product.use()
    found = checked(open_data.root())
    if found is None:
        product.stop(FAILED, say("还没有写过：tuike open-data write", "never written yet: tuike open-data write"))
    for one in found.findings:
        typer.echo(f"✗ {one.object}: {one.what}")
    typer.echo(
        say(
            f"{found.files} 个文件，{found.rows:,} 行；与账本核对 {found.compared} 个，其后有变化 {found.changed} 个",
            f"{found.files} files, {found.rows:,} rows; {found.compared} compared with the books, {found.changed}"
            " changed since",
        )
    )
    if found.findings:
        raise typer.Exit(FAILED)


@app.command(hidden=True)
def work() -> None:
    """Write every run that waits: what the worker starts as a process of its own, so that its memory is given back."""
    product.use()
    with _asked_to_stop() as stopping:
        while not stopping() and (run := open_data.write_next(stopping=stopping)):
            if _found(run.id).open:
                break  # given back: stopped, or another one is at it


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Let the caller know when this process is asked to stop: what is being written is given back then."""
    asked = threading.Event()
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _found(run_id: int) -> RunShown:
    return next(one for one in queries.latest(limit=50) if one.id == run_id)


def _say(run: RunShown) -> None:
    if run.state is RunState.FAILED:
        words = PROBLEMS[run.problem or Problem.OTHER]
        product.stop(FAILED, f"{words}{say('：', ': ')}{run.detail}" if run.detail else words)
    if run.outcome is None:
        product.stop(AT_WORK, say("另一个进程正在写，稍后会完成", "another process is writing; it ends by itself"))
    one = run.outcome
    typer.echo(
        say(
            f"第 {one.edition} 版：新写 {one.files} 个文件（{one.rows:,} 行，{one.days} 天），"
            f"共 {one.all_files} 个文件，{one.all_bytes:,} 字节",
            f"edition {one.edition}: {one.files} files written anew ({one.rows:,} rows, {one.days} days),"
            f" {one.all_files} files, {one.all_bytes:,} bytes",
        )
    )
    typer.echo(str(lake.current(open_data.root()) or open_data.root()))
