"""`tuike clock`: the development clock, an offset that web, worker and sandbox share."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tuike.config import env
from tuike.kit import clock, days
from tuike.runtime.words import say

REFUSED_IN_PRODUCTION = 5
REFUSED_BACKWARDS = 6
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_STEP = re.compile(r"^([+-])(\d{1,6})([smhdw])$")

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "开发用的时钟：把产品的时间往前拨（签名的时间不受影响），生产环境拒绝。",
        "The development clock: moves the product's time (never a signature's); refused in production.",
    ),
)


@app.command(
    "show",
    help=say("显示产品时间、真实时间和相差多少。", "Show the product's time, the real time, and the difference."),
)
def show() -> None:
    """Print both clocks and their difference."""
    _follow()
    offset = clock.offset_seconds()
    ahead = _ahead(offset)
    typer.echo(say(f"产品时间 {days.shown(clock.now())}", f"product {days.shown(clock.now())}"))
    typer.echo(say(f"真实时间 {days.shown(clock.real_now())}", f"real    {days.shown(clock.real_now())}"))
    typer.echo(say(f"相差     {ahead}", f"offset  {ahead}"))


@app.command(
    "set",
    context_settings={"ignore_unknown_options": True},  # `-3d` is a time here, not an option
    help=say(
        "拨到某个时间：+27d（从产品现在的时间起，单位 s m h d w），或 2026-12-01T00:00（北京时间）。"
        "只许往前，除非写 --back。",
        "Move it: +27d (from the product's present; s m h d w), or 2026-12-01T00:00 (Asia/Shanghai). "
        "Forwards only, unless --back is said.",
    ),
)
def set_(
    to: Annotated[str, typer.Argument(help="+27d | 2026-12-01T00:00")],
    back: Annotated[bool, typer.Option("--back", help=say("允许往回拨", "allow going back"))] = False,
) -> None:
    """Move the product's time to an instant or by a step."""
    path = _follow()
    now = clock.now()
    try:
        target = _target(to, now=now)
    except ValueError:
        _stop(
            2,
            say(f"看不懂 {to}：写 +27d 或 2026-12-01T00:00", f"can't read {to}: write +27d or 2026-12-01T00:00"),
        )
    if target < now and not back:
        _stop(
            REFUSED_BACKWARDS,
            say(
                f"拒绝（clock_backwards）：{days.shown(target)} 早于产品现在的 {days.shown(now)}；要往回拨请加 --back",
                f"refused (clock_backwards): {days.shown(target)} is before the product's present "
                f"{days.shown(now)}; say --back to go back",
            ),
        )
    _write(path, clock.offset_seconds() + round((target - now).total_seconds()))
    show()


@app.command(
    "reset", help=say("回到真实时间（往回拨，要写 --back）。", "Back to the real time (going back needs --back).")
)
def reset(
    back: Annotated[bool, typer.Option("--back", help=say("允许往回拨", "allow going back"))] = False,
) -> None:
    """Let the product's time be the real one again."""
    path = _follow()
    if clock.offset_seconds() > 0 and not back:
        _stop(
            REFUSED_BACKWARDS,
            say(
                "拒绝（clock_backwards）：回到真实时间就是往回拨；请加 --back",
                "refused (clock_backwards): the real time lies before the product's; say --back to go back",
            ),
        )
    path.unlink(missing_ok=True)
    clock.configure(path)
    show()


def _follow() -> Path:
    """Let this process's clock follow the shared file and return the file; ends the command in production."""
    if env.production():
        _stop(
            REFUSED_IN_PRODUCTION,
            say(
                "拒绝（clock_in_production）：生产环境的时钟不能拨动",
                "refused (clock_in_production): in production the clock can't be moved",
            ),
        )
    path = env.home().clock_file
    clock.configure(path)
    return path


def _target(to: str, *, now: datetime) -> datetime:
    step = _STEP.match(to)
    if step:
        sign, count, unit = step.groups()
        return now + timedelta(seconds=int(f"{sign}{count}") * _UNITS[unit])
    instant = datetime.fromisoformat(to)
    return instant if instant.tzinfo else instant.replace(tzinfo=days.SHANGHAI)


def _write(path: Path, seconds: int) -> None:
    """Replace the file at once: a reader sees the old offset or the new one, never half a number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(f"{seconds}\n")
    fresh.replace(path)
    clock.configure(path)


def _ahead(offset: int) -> str:
    sign = "-" if offset < 0 else "+"
    day, rest = divmod(abs(offset), 86_400)
    return f"{sign}{day}d {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def _stop(code: int, sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
