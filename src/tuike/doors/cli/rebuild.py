"""`tuike rebuild`: what is counted, counted anew from its sources."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from typer import Typer

from tuike.doors.cli import product
from tuike.flows.refresh_figures import rebuild_figures, refresh_figures
from tuike.kit import clock
from tuike.runtime.words import say

app = Typer(
    help=say("重新统计。", "Count anew."),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(
    help=say(
        "从点击、订单、佣金重新统计全部数据看板。系统可照常运行，页面上的数据始终可看；"
        "可随时中断，已统计的日子有效，再次运行从头开始。\n\n"
        "例：tuike rebuild boards\n\n退出码：0 完成，4 数据库未运行",
        "Count all boards anew from clicks, sales and accruals. The system may run meanwhile, and pages show figures "
        "all the time; stop it when you like: days that were counted stay, the next run begins again.\n\n"
        "For example: tuike rebuild boards\n\nExit codes: 0 done, 4 the database isn't running",
    )
)
def boards() -> None:
    """Count everything anew, show how far it is, and say how much that was."""
    product.use()
    console = Console()
    shown = (TextColumn(say("已统计的日子", "days counted")), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*shown, console=console) as progress:
        task = progress.add_task("", total=None)
        days = rebuild_figures(
            now=clock.now(), report=lambda done, every: progress.update(task, completed=done, total=every)
        )
        refresh_figures(now=clock.now())
    console.print(say(f"重新统计了 {days} 天", f"{days} days counted anew"))


@app.callback()
def _rebuild() -> None:
    pass
