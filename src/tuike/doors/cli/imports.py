"""`tuike import`: a shop's order history out of a file."""

import contextlib
import csv
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tuike.audit.types import OPERATOR_SHELL
from tuike.doors.cli import product
from tuike.imports.types import Reason
from tuike.kit import clock
from tuike.kit.errors import Refusal
from tuike.kit.money import yuan
from tuike.runtime.words import english, say

if TYPE_CHECKING:
    from tuike.flows.import_orders import Imported

REFUSED = 5

app = typer.Typer(
    no_args_is_help=True,
    help=say("导入历史数据。", "Import history."),
)

HELP = say(
    "从 CSV（或 gzip 压缩的 CSV）导入一个外部小程序商家的历史订单，并记账、计佣。\n\n"
    "映射文件（TOML）说明各列、币种汇率、取消单、运费、佣金率和推客分配，见 docs/user/import-orders.md。"
    "可随时中断，再次运行从断点继续；导完后再运行不会改变任何东西。"
    "未导入的行连同行号和原因写入 <文件>.rejected.csv。\n\n"
    "例：tuike import orders orders.csv.gz --mapping m.toml --merchant M2601… --dry-run\n\n"
    "退出码：0 完成，2 文件或映射看不懂，4 数据库未运行，5 拒绝（说明原因）。",
    "Import the order history of a shop with a mini-program of its own from CSV or gzip CSV, and book it with "
    "commission.\n\n"
    "The mapping (TOML) says which columns there are, currency and rate, how cancellations and postage are written, "
    "the rates and who promoted: docs/user/import-orders.md. Stop it any time and run it again, it goes on; once "
    "done, running it again changes nothing. Rows that aren't taken go to <FILE>.rejected.csv with line and "
    "reason.\n\n"
    "For example: tuike import orders orders.csv.gz --mapping m.toml --merchant M2601… --dry-run\n\n"
    "Exit codes: 0 done, 2 the file or the mapping can't be read, 4 the database isn't running, 5 refused, saying why.",
)

_STEPS = {
    "read": ("读取", "reading"),
    "sort": ("整理", "sorting"),
    "prepare": ("准备商品与佣金率", "products and rates"),
    "book": ("记账", "booking"),
}


@app.callback()
def _imports() -> None:
    """Keep `orders` a command of its own: there may be more to import."""


@app.command("orders", help=HELP)
def orders(
    file: Annotated[Path, typer.Argument(help=say("CSV 或 gzip 文件", "CSV or gzip"))],
    mapping: Annotated[Path, typer.Option(help=say("映射文件（TOML）", "mapping file (TOML)"))],
    merchant: Annotated[str, typer.Option(help=say("商家编号", "the merchant's number"))],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=say("只试不写", "say what would happen, write nothing"))
    ] = False,
    rejected: Annotated[
        Path | None, typer.Option(help=say("未导入行的文件，默认 <文件>.rejected.csv", "where rejected rows go"))
    ] = None,
) -> None:
    """Import a file of orders, or try it; print what it came to."""
    try:
        said = mapping.read_bytes()
    except OSError as error:
        product.stop(product.USAGE, say(f"无法读取 {mapping}：{error}", f"can't read {mapping}: {error}"))
    target = rejected or file.with_name(f"{file.name}.rejected.csv")
    if not os.access(target.parent, os.W_OK):
        product.stop(product.USAGE, say(f"不能写入 {target.parent}", f"can't write to {target.parent}"))
    product.use()
    from tuike.flows.import_orders import import_orders, try_import  # noqa: PLC0415 models need Django set up
    from tuike.imports.service import read_mapping  # noqa: PLC0415 the same

    began = time.perf_counter()
    try:
        with _bars() as report:
            done = (try_import if dry_run else import_orders)(
                path=file,
                mapping=read_mapping(said),
                merchant_no=merchant,
                actor=OPERATOR_SHELL,
                now=clock.now(),
                report=report,
                rejected=lambda rows: _write(target, rows),
            )
    except Refusal as refusal:
        unreadable = refusal.code in {"import_mapping_invalid", "import_file_unreadable"}
        sentence = refusal.sentence("en" if english() else "zh-hans")
        code = product.USAGE if unreadable else REFUSED
        product.stop(code, say(f"拒绝（{refusal.code}）：{sentence}", f"refused ({refusal.code}): {sentence}"))
    except OSError as error:
        product.stop(product.USAGE, say(f"无法写入 {target}：{error}", f"can't write {target}: {error}"))
    _tell(done, target, dry_run=dry_run, seconds=time.perf_counter() - began)


def _write(target: Path, rows: Iterable[tuple[int, str, Reason, int, int]]) -> None:
    """Write rejected rows at once: whoever reads the file finds the old one or the whole new one."""
    language = "en" if english() else "zh-hans"
    fresh = target.with_name(f".{target.name}.part")
    with fresh.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["line", "document", "reason", "sentence", "quantity", "matched"])
        for line, document, reason, quantity, matched in rows:
            out.writerow([line, _cell(document), reason.value, reason.sentence(language), quantity, matched])
    fresh.replace(target)


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _tell(done: "Imported", target: Path, *, dry_run: bool, seconds: float) -> None:
    plan, booked = done.planned, done.file.figures
    lines: list[tuple[str, str]] = [
        (say("导入编号", "import"), done.file.no),
        (say("订单", "orders"), f"{plan.orders if dry_run else booked.get('orders', 0):,}"),
        (say("商品行", "lines"), f"{plan.lines if dry_run else booked.get('lines', 0):,}"),
        (say("货款", "goods"), yuan(plan.goods_fen if dry_run else booked.get("goods_fen", 0))),
        (say("运费", "freight"), yuan(plan.freight_fen if dry_run else booked.get("freight_fen", 0))),
        (say("取消", "refunds"), yuan(plan.refund_fen if dry_run else booked.get("refund_fen", 0))),
    ]
    if not dry_run:
        net = booked.get("commission_fen", 0) - booked.get("returned_fen", 0)
        lines += [
            (say("佣金笔数", "accruals"), f"{booked.get('accruals', 0):,}"),
            (say("佣金（已扣取消）", "commission, refunds taken off"), yuan(net)),
            (say("等待预存款的销售", "sales that wait for prepaid money"), f"{booked.get('waiting', 0):,}"),
        ]
    lines.append((say("未导入的行", "rejected rows"), f"{sum(plan.rejected.values()):,}"))
    for name, count in plan.rejected.items():
        sentence = Reason(name).sentence("en" if english() else "zh-hans")
        lines.append((f"  {name}", f"{count:,}  {sentence}"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    lines += [
        (say("未导入行的文件", "rejected rows are in"), str(target)),
        (say("用时", "seconds"), f"{seconds:.1f}"),
        (say("内存峰值", "peak memory"), f"{memory} MB"),
    ]
    for name, value in lines:
        typer.echo(f"{name}\t{value}")
    if dry_run:
        typer.echo(say("只是试运行，没有写入任何东西", "a dry run: nothing was written"))
    elif not done.changed:
        typer.echo(say("该文件此前已导完，没有任何改变", "this file was imported before: nothing changed"))


@contextlib.contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each step on the terminal; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks: dict[str, object] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(say(*_STEPS[step]), total=total)
            progress.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        yield report
