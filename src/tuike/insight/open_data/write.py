"""Writes the next edition: what changed anew, the rest as it was, all of it checked against the books."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.db import OperationalError

from tuike.insight.open_data import books, lake
from tuike.insight.open_data.shapes import Table
from tuike.insight.open_data.tables import TABLES, edition
from tuike.kit import days as natural
from tuike.open_data.types import Outcome

FORMAT = 1
"""The manifest's own edition."""


class Differs(Exception):
    """What was written isn't what the books say in the same snapshot."""


class DiskFull(Exception):
    """The disk is full, or would be soon; nothing of this edition is kept."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done for one table: days to write, files to keep, what the books say of each day.

    `whole`: every day that the books have is to be written.
    """

    table: Table
    said: dict[date, books.DayBooks]
    write: list[date]
    kept: dict[str, dict[str, Any]]
    whole: bool


def write(
    *,
    root: Path,
    keep_days: int,
    everything: bool,
    told: Callable[[int, int], None],
    stopping: Callable[[], bool],
    now: datetime,
) -> Outcome:
    """Write the next edition below `root` and put it in force; a failed or stopped one leaves the last one in force.

    Of tables of events, days older than `keep_days` (0: none) are left out. `everything`: no file is taken over.
    `told` hears rows done and rows to do.

    Raises:
        DiskFull: there is no room.
        Differs: a file doesn't add up to what the books say.
        lake.AtWork: another run is at it.
        parquet.Stopped: `stopping` said so.
    """
    with lake.alone(root):
        before = lake.current(root)
        facts = None if everything else lake.manifest(before)
        here = lake.begin(root)
        try:
            with books.reading() as snapshot:
                made = _edition(
                    here=here,
                    before=before,
                    facts=facts,
                    snapshot=snapshot,
                    keep_days=keep_days,
                    told=told,
                    stopping=stopping,
                    now=now,
                )
            return _published(root, here, *made)
        except Exception as error:
            lake.tidy(root)
            if _no_room(error):
                raise DiskFull(str(error)) from error
            raise


def _edition(
    *,
    here: Path,
    before: Path | None,
    facts: dict[str, Any] | None,
    snapshot: books.Snapshot,
    keep_days: int,
    told: Callable[[int, int], None],
    stopping: Callable[[], bool],
    now: datetime,
) -> tuple[dict[str, Any], list[int]]:
    """Write and take over the files; return the manifest, and (days, files, rows) written."""
    oldest = natural.day_of(now) - timedelta(days=keep_days) if keep_days else date.min
    newer_than = books.since(now=snapshot, before=books.from_json(facts["snapshot"]) if facts else None)
    plans = [_plan(table, before, facts, newer_than, oldest) for table in TABLES.values()]
    whole = sum(plan.said[day].rows for plan in plans for day in plan.write)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "read_at": now.isoformat(),
        "snapshot": books.as_json(snapshot),
        "ledger": books.ledger(),
        "events_from": oldest.isoformat(),
        "tables": {},
    }
    counted = [0, 0]
    done = [0]

    def more(rows: int) -> None:
        done[0] += rows
        told(done[0], whole)

    for plan in plans:
        for day in plan.kept:
            lake.keep(here=here, before=before or here, table=plan.table.name, day=date.fromisoformat(day))
        wrote = _write(plan, here, more, stopping)
        counted[0] += len(wrote)
        counted[1] += sum(one["rows"] for one in wrote.values())
        days = dict(sorted({**plan.kept, **wrote}.items()))
        manifest["tables"][plan.table.name] = {"edition": edition(plan.table), "days": days}
    written_days = {day for plan in plans for day in plan.write}
    return manifest, [len(written_days), *counted]


def _plan(
    table: Table, before: Path | None, facts: dict[str, Any] | None, newer_than: int | None, oldest: date
) -> _Plan:
    """Return which days of a table have to be written: new ones, changed ones, those whose file isn't as it was."""
    said = books.days(table, newer_than=newer_than)
    wanted = {day: one for day, one in said.items() if table.state or day >= oldest}
    last = ((facts or {}).get("tables") or {}).get(table.name) or {}
    known = last.get("days", {}) if last.get("edition") == edition(table) and newer_than is not None else {}
    kept = {}
    for day, one in wanted.items():
        was = known.get(day.isoformat())
        same = was and not one.newer and (was["rows"], was["sums"]) == (one.rows, one.sums)
        if was and same and _there(before, table, day, was):
            kept[day.isoformat()] = was
    days = [day for day in wanted if day.isoformat() not in kept]
    return _Plan(table, wanted, days, kept, len(days) == len(said))


def _there(before: Path | None, table: Table, day: date, was: dict[str, Any]) -> bool:
    if before is None:
        return False
    path = lake.file_of(before, table.name, day)
    return path.is_file() and path.stat().st_size == was["bytes"]


def _write(
    plan: _Plan, here: Path, told: Callable[[int], None], stopping: Callable[[], bool]
) -> dict[str, dict[str, Any]]:
    """Write the days of one table; return what the manifest says of each."""
    from tuike.insight.open_data import parquet  # noqa: PLC0415 it takes memory, and only this needs it

    wrote: dict[str, dict[str, Any]] = {}
    if not plan.write:
        return wrote
    with books.copied(plan.table, wanted=None if plan.whole else plan.write) as copied:
        written = parquet.write_days(table=plan.table, copied=copied, edition=here, told=told, stopping=stopping)
        for day, one in written:
            said = plan.said.get(day)
            if said is None or (one.rows, one.sums) != (said.rows, said.sums):
                raise Differs(f"{plan.table.name} {day}: wrote {one.rows} rows {one.sums}, the books say {said}")
            wrote[day.isoformat()] = {"rows": one.rows, "sums": one.sums, "bytes": one.size, "sha256": one.sha256}
    if missing := [day for day in plan.write if day.isoformat() not in wrote]:
        raise Differs(f"{plan.table.name}: nothing came of {missing[0]}")
    return wrote


def _published(root: Path, here: Path, manifest: dict[str, Any], counted: list[int]) -> Outcome:
    lake.publish(root, here, books.text_of(manifest))
    files = [one for table in manifest["tables"].values() for one in table["days"].values()]
    return Outcome(int(here.name), *counted, len(files), sum(one["bytes"] for one in files))


def _no_room(error: BaseException) -> bool:
    """Return whether it failed for want of room: ours, the system's, or the database's (sorting needs room, too)."""
    from tuike.insight.open_data import parquet  # noqa: PLC0415 as above

    if isinstance(error, OperationalError) and isinstance(error.__cause__, psycopg.errors.DiskFull):
        return True
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or isinstance(error, parquet.NoRoom | psycopg.errors.DiskFull)
