"""`tuike`: the product's command line."""

import typer

from tuike.doors.cli import clock, db, demo, doctor, imports, look, open_data, rebuild, settle, up
from tuike.runtime.words import say

app = typer.Typer(
    name="tuike",
    help=say("推客：小程序商城的自建分销联盟。", "Tuike: a self-hosted affiliate alliance for mini-program shops."),
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a traceback must not print what a variable holds
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(
    "up",
    help=say(
        "启动全部：数据库、网站、后台任务、沙箱；Ctrl-C 停止全部。退出码：1 启动失败，3 已在运行，4 端口被占用。",
        "Run everything: database, web, worker, sandbox; Ctrl-C stops it all. "
        "Exit codes: 1 it didn't start, 3 it runs already, 4 a port is taken.",
    ),
)(up.up)
app.command(
    "doctor",
    help=say(
        "体检：用话说明哪里不对、怎么办。没有问题退出 0，否则 1。",
        "Say in words what is wrong and what to do. Exit code 0 when nothing is, else 1.",
    ),
)(doctor.doctor)
app.command("verify", help=look.VERIFY_HELP)(look.verify)
app.command("explain", help=look.EXPLAIN_HELP)(look.explain)
app.command("why-not", help=look.WHY_NOT_HELP)(look.why_not)
app.command("settle", help=settle.HELP)(settle.settle)
app.add_typer(imports.app, name="import")
app.add_typer(rebuild.app, name="rebuild")
app.add_typer(open_data.app, name="open-data")
app.add_typer(clock.app, name="clock")
app.add_typer(db.app, name="db")
app.add_typer(demo.app, name="demo")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
