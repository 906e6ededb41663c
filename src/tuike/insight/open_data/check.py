"""Compares the edition in force with its own manifest and with the books as they are now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tuike.insight.open_data import books, lake
from tuike.insight.open_data.shapes import Table
from tuike.insight.open_data.tables import TABLES


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that isn't what it should be: which one, and what is wrong."""

    object: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: files with their rows, how many were compared with the books, how many changed since."""

    read_at: str
    files: int
    rows: int
    compared: int
    changed: int
    findings: tuple[Finding, ...]


def check(root: Path) -> Checked | None:
    """Read every file of the edition in force again; None where there is none.

    Each must be the bytes that were written and add up to what the manifest says; where no row of its day changed
    since, also to what the books say now. A day that changed since waits for the next edition and is no finding.
    """
    edition = lake.current(root)
    facts = lake.manifest(edition)
    if edition is None or facts is None:
        return None
    findings: list[Finding] = []
    counted = {"files": 0, "rows": 0, "compared": 0, "changed": 0}
    for name in sorted(set(facts["tables"]) & set(TABLES)):
        for day, was in facts["tables"][name]["days"].items():
            counted["files"] += 1
            counted["rows"] += was["rows"]
            findings += _file(edition, TABLES[name], date.fromisoformat(day), was)
    with books.reading() as snapshot:
        newer_than = books.since(now=snapshot, before=books.from_json(facts["snapshot"]))
        for name, said in facts["tables"].items():
            if name in TABLES and newer_than is not None:
                findings += _books(TABLES[name], said["days"], newer_than, facts, counted)
    return Checked(facts["read_at"], *counted.values(), tuple(findings))


def _file(edition: Path, table: Table, day: date, was: dict[str, Any]) -> Iterator[Finding]:
    from tuike.insight.open_data import parquet  # noqa: PLC0415 it takes memory, and only this needs it

    path = lake.file_of(edition, table.name, day)
    about = f"{table.name} {day}"
    if not path.is_file():
        yield Finding(about, "the file is missing")
        return
    if lake.sha256(path) != was["sha256"]:
        yield Finding(about, "the file isn't the one that was written")
        return
    rows, sums = parquet.said_by(path, table)
    if (rows, sums) != (was["rows"], was["sums"]):
        yield Finding(about, f"holds {rows} rows {sums}, the manifest says {was['rows']} {was['sums']}")


def _books(
    table: Table, days: dict[str, dict[str, Any]], newer_than: int, facts: dict[str, Any], counted: dict[str, int]
) -> Iterator[Finding]:
    """Compare a table's days with the books, where no row changed since."""
    now = books.days(table, newer_than=newer_than)
    for day, was in days.items():
        said = now.get(date.fromisoformat(day))
        if said is not None and said.newer:
            counted["changed"] += 1
            continue
        counted["compared"] += 1
        if said is None:
            # Figures are counted anew by removing and adding: a day of nothing leaves no version to be seen.
            if table.name != "daily_figures":
                yield Finding(f"{table.name} {day}", "the books know no such day")
        elif (said.rows, said.sums) != (was["rows"], was["sums"]):
            yield Finding(
                f"{table.name} {day}", f"says {was['rows']} rows {was['sums']}, the books {said.rows} {said.sums}"
            )
    for day, said in now.items():
        cut = not table.state and day.isoformat() < facts["events_from"]
        if day.isoformat() not in days and not said.newer and not cut:
            yield Finding(f"{table.name} {day}", "the day isn't there")
