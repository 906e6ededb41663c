"""Runs the checks on one consistent snapshot."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from tuike.insight.verify import (
    acts,
    appealed,
    bargains,
    buyers,
    commission,
    cooperation,
    coupons,
    earning,
    explorer,
    feed,
    figures,
    goods,
    judged,
    ledger,
    library,
    lines,
    members,
    money_in,
    network,
    overdue,
    parties,
    points,
    red_packets,
    rewards,
    settlement,
    standing,
)
from tuike.insight.verify.check import Check

SHOWN = 10
"""Offenders that are named per check."""

_SETTINGS = ("statement_timeout = 0", "work_mem = '64MB'", "jit = off")
"""Each check reads whole tables once: hashes should stay in memory, and compiling costs more than it gives."""

CHECKS: tuple[Check, ...] = (
    *ledger.CHECKS,
    *commission.CHECKS,
    *lines.CHECKS,
    *earning.CHECKS,
    *explorer.CHECKS,
    *money_in.CHECKS,
    *goods.CHECKS,
    *cooperation.CHECKS,
    *coupons.CHECKS,
    *bargains.CHECKS,
    *red_packets.CHECKS,
    *rewards.CHECKS,
    *judged.CHECKS,
    *appealed.CHECKS,
    *points.CHECKS,
    *members.CHECKS,
    *settlement.CHECKS,
    *standing.CHECKS,
    *parties.CHECKS,
    *network.CHECKS,
    *library.CHECKS,
    *figures.CHECKS,
    *buyers.CHECKS,
    *feed.CHECKS,
    *overdue.CHECKS,
)
NAMES = (*(check.name for check in CHECKS), "audit")
"""Every check by name, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that breaks a check: which object, and what is wrong with it."""

    object: str
    what: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found: rows looked at, their sum in fen where that says something, offenders (at most ten)."""

    name: str
    zh: str
    en: str
    rows: int
    sum_fen: int | None
    findings: tuple[Finding, ...]


def run(
    *, names: Iterable[str] = (), now: datetime | None = None, report: Callable[[Result], None] = lambda _: None
) -> list[Result]:
    """Run all checks (or those named) and return their results; `report` is called after each one.

    Without `now` what should have happened by then isn't looked at. Everything is read in one repeatable-read
    transaction, so that the product may go on booking meanwhile.
    """
    wanted = set(names)
    results = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            if not connection.in_atomic_block or len(connection.savepoint_ids) == 0:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for setting in _SETTINGS:
                cursor.execute(f"SET LOCAL {setting}")
            if now is not None:
                cursor.execute("SELECT set_config('tuike.now', %s, true)", [now.isoformat()])
        for check in CHECKS:
            if check.timed and now is None:
                continue
            if not wanted or check.name in wanted:
                results.append(_one(check))
                report(results[-1])
        if not wanted or "audit" in wanted:
            results.append(_audit())
            report(results[-1])
    return results


def _one(check: Check) -> Result:
    with connection.cursor() as cursor:
        cursor.execute(check.counted)
        rows, sum_fen = cursor.fetchone()
        cursor.execute(f"{check.broken} LIMIT {SHOWN}")
        found = tuple(Finding(str(one), str(what)) for one, what in cursor.fetchall())
    return Result(check.name, check.zh, check.en, rows, sum_fen, found)


def _audit() -> Result:
    rows, broken = acts.check(limit=SHOWN)
    return Result(
        "audit",
        "审计记录与其摘要、哈希链一致",
        "each audit row is as it was written, and the chain holds",
        rows,
        None,
        tuple(Finding(*one) for one in broken),
    )
