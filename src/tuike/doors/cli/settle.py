"""`tuike settle`: everything that is due, at once."""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tuike.config import env
from tuike.doors.cli import product
from tuike.flows.mature_lines import Run, mature_lines
from tuike.insight.due import due_sales
from tuike.kit import clock, days
from tuike.kit.money import yuan
from tuike.runtime.words import say
from tuike.settlement.queries import matured_digest

NOT_YET = 5

HELP = say(
    "结算所有到期的商品行。\n\n"
    "佣金从待结算转为可提现，商家货款同时放出，先还欠款。分批提交，可随时中断，再次运行接着做；"
    "做完后再运行不会改变任何东西，摘要相同。\n\n"
    "例：tuike settle；tuike settle --at 2026-12-01T00:00（北京时间）；tuike settle --batch 10000\n\n"
    "退出码：0 完成，2 时间或批量看不懂，4 数据库未运行，5 生产环境拒绝结算尚未到来的时间。",
    "Settle everything that is due.\n\n"
    "Commission goes from pending to available, the shops' money with it, debts netted first. "
    "Each batch is committed by itself: stop it any time and run it again, it goes on. Once done, running it again "
    "changes nothing and gives the same digest.\n\n"
    "For example: tuike settle; tuike settle --at 2026-12-01T00:00 (Asia/Shanghai); tuike settle --batch 10000\n\n"
    "Exit codes: 0 done, 2 the time or the batch can't be read, 4 the database isn't running, 5 production refuses a "
    "time that hasn't come.",
)


def settle(
    at: Annotated[
        str,
        typer.Option(help=say("结算到这个时间为止（含），默认现在", "settle what is due by then; now if not given")),
    ] = "",
    batch: Annotated[
        int, typer.Option(min=1, max=200_000, help=say("每个事务的商品行数", "sales in one transaction"))
    ] = 50_000,
) -> None:
    """Mature what is due, with a bar, and print what was done and the digest of all that is matured by then."""
    now = clock.now() if env.production() else _now()
    until = _instant(at, now)
    if until > now and env.production():
        product.stop(
            NOT_YET,
            say(
                f"拒绝（settle_in_future）：{days.shown(until)} 还没有到",
                f"refused (settle_in_future): {days.shown(until)} hasn't come yet",
            ),
        )
    product.use()
    began = time.perf_counter()
    with _bar(due_sales(until)) as report:
        done = mature_lines(until=until, now=now, batch=batch, report=report)
    seconds = time.perf_counter() - began
    for name, value in (
        (say("结算至", "due until"), days.shown(until)),
        (say("批次", "batches"), f"{done.batches:,}"),
        (say("商品行", "sales"), f"{done.sales:,}"),
        (say("佣金", "accruals"), f"{done.accruals:,}"),
        (say("金额", "amount"), yuan(done.amount_fen)),
        (say("摘要", "digest"), matured_digest(until)),
        (say("用时", "seconds"), f"{seconds:.1f}"),
    ):
        typer.echo(f"{name}\t{value}")


def _now() -> datetime:
    clock.configure(env.home().clock_file)
    return clock.now()


def _instant(said: str, now: datetime) -> datetime:
    if not said:
        return now
    try:
        instant = datetime.fromisoformat(said)
    except ValueError:
        product.stop(
            product.USAGE, say(f"看不懂 {said}：写 2026-12-01T00:00", f"can't read {said}: write 2026-12-01T00:00")
        )
    return instant if instant.tzinfo else instant.replace(tzinfo=days.SHANGHAI)


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[Run], None]]:
    """Show a bar on the terminal while batches are settled; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(say("结算", "settling"), total=total)
        yield lambda done: progress.update(task, completed=done.sales)
