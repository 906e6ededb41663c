"""`tuike db`: where the database is, how it is, and psql into it."""

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, NoReturn, TypeVar

import typer

from tuike.runtime import home as homes
from tuike.runtime import postgres
from tuike.runtime.errors import Unusable
from tuike.runtime.words import say

_TARGET = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGPASSWORD")
T = TypeVar("T")

UNUSABLE = 1
NOT_RUNNING = 4  # psql itself ends with 0 to 3

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "数据库：地址、psql、启动、停止、状态。设置了 DATABASE_URL 时 url 和 psql 指向它。",
        "The database: address, psql, start, stop, status. Where DATABASE_URL is set, url and psql mean that one.",
    ),
)


class Role(StrEnum):
    """As whom to connect."""

    APP = "app"
    OWNER = "owner"
    SUPERUSER = "superuser"


@app.command("url", help=say("打印数据库地址。", "Print the database's address."))
def url(
    role: Annotated[
        Role, typer.Option(help=say("产品、迁移或超级用户的角色", "role of the product, of migrations, or superuser"))
    ] = Role.APP,
) -> None:
    """Print the address for a role; starts nothing."""
    typer.echo(_given(role) or _tried(lambda: postgres.url(homes.find(), role=role.value)))


@app.command(
    "psql",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    help=say(
        "以内嵌数据库超级用户 postgres 运行 psql：tuike db psql -- -c 'SELECT 1'。"
        "参数、标准输入和退出码原样传递；数据库未运行时退出 4。",
        "Run psql as the embedded cluster's superuser postgres: tuike db psql -- -c 'SELECT 1'. Arguments, standard "
        "input and exit code are passed through; exit code 4 when the database isn't running.",
    ),
)
def psql(context: typer.Context) -> None:
    """Become psql. A database named in the arguments (`-d`) wins over ours."""
    home = homes.find()
    given = _given(Role.OWNER)
    if not given and not _tried(lambda: postgres.status(home)).ready:
        _stop(
            NOT_RUNNING,
            say("数据库没有运行：先 tuike up 或 tuike db start", "not running: tuike up, or tuike db start"),
        )
    program = _tried(lambda: postgres.psql(home))
    # Where to connect goes by environment, so that every argument stays the caller's.
    inherited = {name: value for name, value in os.environ.items() if name not in _TARGET}
    sys.stdout.flush()
    arguments = [*(["-d", given] if given else []), *context.args]
    # psql takes our place, so that standard input, signals and the exit code are its own.
    os.execve(program, [program, *arguments], inherited | ({} if given else _target(home)))  # noqa: S606 found, not given


@app.command(
    "start",
    help=say("启动内嵌数据库并让它留在后台。", "Start the embedded database and leave it running."),
)
def start() -> None:
    """Start or attach; the server outlives this command."""
    cluster = _tried(lambda: postgres.start(homes.find()))
    if cluster.attached:
        typer.echo(say(f"已在运行，进程 {cluster.pid}", f"ran already, process {cluster.pid}"))
    else:
        typer.echo(say(f"已启动，进程 {cluster.pid}", f"started, process {cluster.pid}"))


@app.command(
    "stop", help=say("停止内嵌数据库（断开所有连接）。", "Stop the embedded database (cuts every connection).")
)
def stop() -> None:
    """Stop cleanly, whoever started it."""
    stopped = _tried(lambda: postgres.stop(homes.find()))
    typer.echo(say("已停止", "stopped") if stopped else say("本来就没有运行", "wasn't running"))


@app.command(
    "status", help=say("内嵌数据库是否运行、在哪里；未运行退出 4。", "Whether and where it runs; exit code 4 when not.")
)
def status() -> None:
    """Print how the embedded cluster is."""
    how = _tried(lambda: postgres.status(homes.find()))
    if how.ready:
        typer.echo(say(f"运行中，进程 {how.pid}", f"running, process {how.pid}"))
    elif how.running:
        typer.echo(say(f"正在启动或恢复，进程 {how.pid}", f"starting or recovering, process {how.pid}"))
    else:
        typer.echo(say("没有运行", "not running"))
    made = how.version or say("尚未建立", "not made yet")
    typer.echo(f"{say('版本', 'version')}  {made}")
    typer.echo(f"{say('数据', 'data')}  {how.data}")
    typer.echo(f"{say('套接字', 'socket')}  {how.socket_dir}")
    typer.echo(f"{say('日志', 'log')}  {how.log}")
    if not how.ready:
        raise typer.Exit(NOT_RUNNING)


def _given(role: Role) -> str | None:
    """Return the address that the environment gives for a role; None means the embedded cluster."""
    product = os.environ.get("DATABASE_URL")
    if not product:
        return None
    return product if role is Role.APP else os.environ.get("DATABASE_OWNER_URL") or product


def _target(home: homes.Home) -> dict[str, str]:
    where = postgres.status(home)
    return {
        "PGHOST": str(where.socket_dir),
        "PGPORT": str(postgres.PORT),
        "PGUSER": "postgres",
        "PGDATABASE": postgres.DATABASE,
    }


def _tried(action: Callable[[], T]) -> T:
    """Return what `action` returns; end the command with its words when the machine doesn't allow it."""
    try:
        return action()
    except Unusable as error:
        _stop(UNUSABLE, str(error))


def _stop(code: int, sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
