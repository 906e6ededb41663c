"""`tuike verify`, `tuike explain`, `tuike why-not`: the books looked at, changing nothing."""

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tuike.config import env
from tuike.doors.cli import product, receipts
from tuike.insight import verify as checks
from tuike.insight import why_not as reasons
from tuike.insight.explain import UnknownNumber
from tuike.insight.explain import explain as explained
from tuike.insight.verify import Result
from tuike.kit import clock
from tuike.kit.money import yuan
from tuike.runtime.words import english, say

BROKEN = 1
NOT_FOUND = 3

VERIFY_HELP = say(
    "逐项重算全部账目。\n\n"
    "转账、余额、佣金、结算、提现、归属、审计链……列出行数、金额和最先发现的问题（每项最多 10 条）。"
    "在一个一致的快照上只读运行，产品可同时记账。\n\n"
    "例：tuike verify；tuike verify --only balances --only audit；tuike verify --json\n\n"
    "退出码：0 全部相符，1 有不符，2 没有这项核对，4 数据库未运行。",
    "Recompute all of the books.\n\n"
    "Transfers, balances, accruals, settling, withdrawals, claims, the audit chain and more: prints rows, sums and the "
    "first offenders (ten per check). Reads one consistent snapshot; the product may go on booking meanwhile.\n\n"
    "For example: tuike verify; tuike verify --only balances --only audit; tuike verify --json\n\n"
    "Exit codes: 0 everything holds, 1 something doesn't, 2 no such check, 4 the database isn't running.",
)
EXPLAIN_HELP = say(
    "像小票一样说明一个编号。\n\n"
    "买了什么、谁带来的、按哪条佣金率、每一步怎么算、退款扣回了多少、何时结算、现在在哪里。"
    "每笔佣金当场按留存事实重算核对。\n\n"
    "编号可以是：订单号、外部订单号、佣金 A<编号>、提现、退款、售后、调整、结算批次、"
    "月账单（<主体编号>-2026-03）、记账编号。\n\n"
    "例：tuike explain O26030200000001；tuike explain A42；tuike explain withdrawal:W26030200000001\n\n"
    "退出码：0 已说明且核对相符，1 核对不符，3 没有这个编号，4 数据库未运行。",
    "Explain a number like a receipt.\n\n"
    "What was bought, who brought the buyer, which rate and why, each step of the computation, what refunds took back, "
    "when it settles and where it stands. Every accrual is recomputed on the spot.\n\n"
    "Numbers: orders, external orders, accruals A<id>, withdrawals, refunds, after-sales, adjustments, settlement "
    "batches, monthly statements (<party>-2026-03), transfer keys.\n\n"
    "For example: tuike explain O26030200000001; tuike explain A42; tuike explain withdrawal:W26030200000001\n\n"
    "Exit codes: 0 explained and it holds, 1 it doesn't recompute, 3 no such number, 4 the database isn't running.",
)
WHY_NOT_HELP = say(
    "为什么不是我？\n\n"
    "订单每一行收到过哪些触达、每次触达的判定、由哪条规则决定。"
    "加 --promoter 推客编号 时，只显示该推客可以看到的内容，不透露其他推客。\n\n"
    "例：tuike why-not O26030200000001；tuike why-not O26030200000001 --promoter R26030200000007\n\n"
    "退出码：0 已说明，3 没有这个订单（或与该推客无关），4 数据库未运行。",
    "Why not me?\n\n"
    "Which touches reached each line of an order, the verdict on each, and the rule that decided. With "
    "--promoter and a promoter's number it says only what that promoter may know, never who earned instead.\n\n"
    "For example: tuike why-not O26030200000001; tuike why-not O26030200000001 --promoter R26030200000007\n\n"
    "Exit codes: 0 explained, 3 no such order (or nothing of that promoter's), 4 the database isn't running.",
)
_LATE = say(
    "同时列出现在应已发生而没有发生的事（供运行中的产品使用）",
    "also name what should have happened by now and hasn't (for a product that runs)",
)
_JSON = say("输出 JSON，供程序读取", "print JSON, for programs")


def verify(
    only: Annotated[
        list[str] | None,
        typer.Option(help=say("只核对这一项，可多次给出", "only this check; may be given several times")),
    ] = None,
    late: Annotated[bool, typer.Option("--late", help=_LATE)] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
) -> None:
    """Run the checks and print each result as it comes; exit 1 when something is broken."""
    product.use()
    wanted = list(only or ())
    unknown = sorted(set(wanted) - set(checks.NAMES))
    if unknown:
        product.stop(
            product.USAGE,
            say(f"没有这项核对：{unknown[0]}。可选：", f"no such check: {unknown[0]}. There are: ")
            + ", ".join(checks.NAMES),
        )
    if late or wanted:
        clock.configure(None if env.production() else env.home().clock_file)
    now = clock.now() if late or wanted else None
    began = time.perf_counter()
    if as_json:
        results = checks.run(names=wanted, now=now)
        typer.echo(json.dumps(_as_json(results), ensure_ascii=False, indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        results = checks.run(names=wanted, now=now, report=lambda result: _print(console, result))
        _summary(console, results, time.perf_counter() - began)
    if any(result.findings for result in results):
        raise typer.Exit(BROKEN)


def explain(
    no: Annotated[
        str, typer.Argument(help=say("订单、佣金、提现、退款等编号", "a number of anything in the alliance"))
    ],
    as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
) -> None:
    """Print the receipt of a number; exit 1 when something in it doesn't recompute."""
    product.use()
    try:
        found = explained(no)
    except UnknownNumber as refusal:
        product.stop(NOT_FOUND, refusal.sentence(language()))
    if as_json:
        typer.echo(receipts.as_json(found))
    else:
        for i, receipt in enumerate(found):
            if i:
                typer.echo()
            receipts.show(receipt, language())
    if not all(receipt.holds for receipt in found):
        raise typer.Exit(BROKEN)


def why_not(
    order: Annotated[str, typer.Argument(help=say("订单号或外部订单号", "an order's number, ours or the shop's"))],
    promoter: Annotated[
        str, typer.Option(help=say("以这位推客的眼光看（推客编号）", "as this promoter may see it (its number)"))
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
) -> None:
    """Print why an order's lines earn who they earn."""
    product.use()
    try:
        receipt = reasons.why_not(order, promoter_no=promoter)
    except UnknownNumber as refusal:
        product.stop(NOT_FOUND, refusal.sentence(language()))
    if as_json:
        typer.echo(receipts.as_json([receipt]))
    else:
        receipts.show(receipt, language())


def language() -> str:
    """Return the language of the person at the command line."""
    return "en" if english() else "zh-hans"


def _print(console: Console, result: Result) -> None:
    sign, colour = ("✗", "bold red") if result.findings else ("✓", "green")
    fen = yuan(result.sum_fen) if result.sum_fen is not None else ""
    rows = say(f"{result.rows:,} 行", f"{result.rows:,} rows")
    console.print(
        Text.assemble((f"{sign} {result.name:<13}", colour), f"{rows:>16}  {fen:>20}  ", say(result.zh, result.en))
    )
    for found in result.findings:
        console.print(Text(f"    {found.object}: {found.what}", "red"))


def _summary(console: Console, results: list[Result], seconds: float) -> None:
    broken = [result.name for result in results if result.findings]
    rows = sum(result.rows for result in results)
    told = say(
        f"{len(results)} 项核对，{rows:,} 行，{seconds:.1f} 秒",
        f"{len(results)} checks, {rows:,} rows, {seconds:.1f} s",
    )
    if broken:
        console.print(
            Text(say(f"不符：{', '.join(broken)}（{told}）", f"broken: {', '.join(broken)} ({told})"), "bold red")
        )
    else:
        console.print(Text(say(f"全部相符（{told}）", f"everything holds ({told})"), "bold green"))


def _as_json(results: list[Result]) -> dict:
    return {
        "holds": not any(result.findings for result in results),
        "checks": [
            {
                "name": result.name,
                "what": {"zh": result.zh, "en": result.en},
                "rows": result.rows,
                "sum_fen": result.sum_fen,
                "findings": [{"object": found.object, "what": found.what} for found in result.findings],
            }
            for result in results
        ],
    }
