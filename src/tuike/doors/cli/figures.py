"""`tuike figures`: the daily figures, counted anew."""

from rich.console import Console
from typer import Typer

from tuike.doors.cli import product
from tuike.flows.refresh_figures import rebuild_figures, refresh_figures
from tuike.kit import clock
from tuike.runtime.words import say

app = Typer(
    help=say("每日数据。", "The daily figures."),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(
    help=say(
        "清空每日数据并从点击、订单、佣金重新统计。期间页面上的数据可能不全；可随时中断，再次运行接着做。\n\n"
        "退出码：0 完成，4 数据库未运行",
        "Throw the daily figures away and count them anew from clicks, sales and accruals. Pages may show less "
        "meanwhile; stop it any time, the worker goes on.\n\nExit codes: 0 done, 4 the database isn't running",
    )
)
def rebuild() -> None:
    """Count everything anew and say how much that was."""
    product.use()
    days = rebuild_figures()
    done = refresh_figures(now=clock.now())
    Console().print(
        say(f"重新统计了 {max(days, done['days'])} 个商家日", f"{max(days, done['days'])} merchants' days counted anew")
    )


@app.callback()
def _figures() -> None:
    pass
