"""Rows as they come out of the database, into one Parquet file a day, in row groups; and what a file adds up to.

Only whoever writes or checks files loads this: the library behind it takes memory.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from tuike.insight.open_data import lake
from tuike.insight.open_data.shapes import Kind, Table

GROUP = 65_536
"""Rows of a row group: what is held in memory before it is compressed."""
BLOCK = 1 << 21
"""Bytes of text that are read at once."""
RESERVE = 512 << 20
"""Bytes of the disk that an export leaves free: the database needs them more."""

# One thread: each further one keeps memory of its own, and the machine's other processors are the business's.
pa.set_cpu_count(1)
pa.set_io_thread_count(1)

_TYPES = {
    Kind.INT64: pa.int64(),
    Kind.INT32: pa.int32(),
    Kind.BOOL: pa.bool_(),
    Kind.STRING: pa.string(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}


class NoRoom(Exception):
    """Too little of the disk would be left; `free` bytes are."""

    def __init__(self, free: int) -> None:
        super().__init__(f"{free >> 20} MB of the disk are free, an export leaves {RESERVE >> 20} MB")
        self.free = free


class Stopped(Exception):
    """Whoever asked doesn't want it any more."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """A day's file: its rows, sums by the measures' names as read back from it, size and digest."""

    rows: int
    sums: dict[str, int]
    size: int
    sha256: str


def schema(table: Table) -> pa.Schema:
    """Return the Parquet schema of a table."""
    return pa.schema([pa.field(one.name, _TYPES[one.kind]) for one in table.columns])


def write_days(
    *, table: Table, copied: Iterator[Any], edition: Path, told: Callable[[int], None], stopping: Callable[[], bool]
) -> Iterator[tuple[date, Wrote]]:
    """Write a file for each day of rows that come in the order of days, and say of each what it holds once it is there.

    `told` hears how many rows were written.

    Raises:
        NoRoom: the disk is about to be full.
        Stopped: `stopping` said so.
    """
    out: _File | None = None
    for day, rows in _by_day(table, copied):
        if stopping():
            raise Stopped
        if out is not None and out.day != day:
            yield out.day, out.close()
            out = None
        if out is None:
            out = _File(table, edition, day)
        out.add(rows)
        told(rows.num_rows)
    if out is not None:
        yield out.day, out.close()


def said_by(path: Path, table: Table) -> tuple[int, dict[str, int]]:
    """Return how many rows a file has and what its measures add up to, read row group by row group."""
    sums = {name: 0 for name, _ in table.measures}
    columns = sorted({name.removeprefix("abs:") for name in sums})
    with pq.ParquetFile(path) as opened:
        if opened.schema_arrow != schema(table):
            raise ValueError(f"{path.parent.parent.name} {path.parent.name}: another schema")
        for group in range(opened.num_row_groups):
            read = opened.read_row_group(group, columns=columns)
            for name in sums:
                column = read.column(name.removeprefix("abs:"))
                sums[name] += pc.sum(pc.abs(column) if name.startswith("abs:") else column).as_py() or 0
        return opened.metadata.num_rows, sums


class _File:
    """A day's file while it is written."""

    def __init__(self, table: Table, edition: Path, day: date) -> None:
        self.table, self.day = table, day
        self.path = lake.file_of(edition, table.name, day)
        self.path.parent.mkdir(mode=0o750, parents=True)
        self.waiting: list[pa.RecordBatch] = []
        self.many = 0
        facts = {b"tuike.table": table.name.encode(), b"tuike.day": day.isoformat().encode()}
        self.schema = schema(table)
        self.part = self.path.with_suffix(".part")
        self.out = pq.ParquetWriter(self.part, self.schema.with_metadata(facts), compression="zstd")

    def add(self, rows: pa.RecordBatch) -> None:
        """Take rows, and write a row group once there are enough."""
        self.waiting.append(rows)
        self.many += rows.num_rows
        if self.many >= GROUP:
            self._flush()

    def close(self) -> Wrote:
        """Write what waits, bring the file to the disk under its name, and say what is in it."""
        self._flush()
        self.out.close()
        os.chmod(self.part, 0o640)
        lake.sync(self.part)
        self.part.rename(self.path)
        rows, sums = said_by(self.path, self.table)
        return Wrote(rows, sums, self.path.stat().st_size, lake.sha256(self.path))

    def _flush(self) -> None:
        if not self.many:
            return
        free = shutil.disk_usage(self.path.parent).free
        if free < RESERVE:
            raise NoRoom(free)
        batch = pa.Table.from_batches(self.waiting, self.schema)
        self.out.write_table(batch, row_group_size=GROUP)
        self.waiting, self.many = [], 0


class _Text:
    """What the database sends, as a file that is read in blocks."""

    closed = False

    def __init__(self, pieces: Iterator[Any]) -> None:
        self.pieces = pieces
        self.rest = bytearray()

    def read(self, wanted: int = -1) -> bytes:
        """Return up to so many bytes; nothing at the end."""
        rest = self.rest
        while wanted < 0 or len(rest) < wanted:
            piece = next(self.pieces, None)
            if piece is None:
                break
            rest += piece
        end = len(rest) if wanted < 0 else wanted
        given = bytes(memoryview(rest)[:end])
        del rest[:end]
        return given

    def readable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Nothing to do: the database's side is closed by whoever opened it."""


def _by_day(table: Table, copied: Iterator[Any]) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Yield (day, rows of it) as they come: of one day perhaps several times in a row."""
    types: Mapping[str, pa.DataType] = {one.name: _TYPES[one.kind] for one in table.columns}
    reader = pc_csv.open_csv(
        pa.PythonFile(_Text(copied), mode="r"),
        read_options=pc_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=["day", *types]),
        parse_options=pc_csv.ParseOptions(newlines_in_values=True),
        convert_options=pc_csv.ConvertOptions(
            column_types={"day": pa.date32(), **types},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
            timestamp_parsers=[pc_csv.ISO8601],
        ),
    )
    for batch in reader:
        runs = pc.run_end_encode(batch.column(0))
        values = batch.select(list(types))
        begin = 0
        for end, day in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
            yield day, values.slice(begin, end - begin)
            begin = end
