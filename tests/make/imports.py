"""Makers of files of order history: made-up rows of a foreign shop, and the mapping that reads them."""

import csv
import gzip
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows.import_orders import Imported, import_orders, try_import
from tuike.imports.service import read_mapping
from tuike.imports.types import Mapping
from tuike.parties.types import PartyRef, Source

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HEADER = ("bill", "item", "name", "pieces", "when", "each", "who", "land")

MAPPING = """
[file]
encoding = "utf-8"
delimiter = ","
fold_codes = true

[columns]
order = "bill"
code = "item"
title = "name"
quantity = "pieces"
placed_at = "when"
price = "each"
customer = "who"

[time]
format = "%Y-%m-%d %H:%M:%S"
zone = "Europe/London"

[money]
currency = "GBP"
rate = "9.125"

[cancellation]
order_prefixes = ["C"]

[adjustment]
order_prefixes = ["A"]
codes = ["M"]
patterns = ["TEST\\\\d+"]

[freight]
codes = ["POST"]

[received]
days_after_paid = 7

[catalog]
category = "家居/礼品"

[rates]
written_at = 2020-01-01T12:00:00+08:00
default_bps = 1000
tier2_bps = 200

[claims]
promoters = [{promoters}]
nobody_bps = 0
seed = "t"

[prepaid]
top_up = "{top_up}"
paid_at = 2020-01-01T12:00:00+08:00
reference = "B1"
"""


@dataclass(frozen=True)
class Shop:
    """A shop outside the mall, and two promoters: the second was recruited by the first."""

    party: PartyRef
    recruiter: PartyRef
    promoter: PartyRef

    def mapping(self, text: str = MAPPING, *, both: bool = False, top_up: str = "1000.00") -> Mapping:
        """Return the mapping that reads the made-up files for this shop, for the recruited promoter (or for both)."""
        listed = [self.promoter.no, *([self.recruiter.no] if both else [])]
        promoters = ", ".join(f'"{no}"' for no in listed)
        return read_mapping(text.replace("{promoters}", promoters).replace("{top_up}", top_up).encode())


def shop() -> Shop:
    """Return a shop outside the mall with its promoters."""
    recruiter, promoter = make_parties.promoter_line(2)
    return Shop(make_parties.merchant(source=Source.MINI_PROGRAM), recruiter, promoter)


def text_of(rows: Iterable[Iterable[object]], *, header: Iterable[str] = HEADER, ends: str = "\n") -> str:
    """Return rows as CSV under the header of the made-up shop."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator=ends)
    writer.writerow(header)
    writer.writerows(rows)
    return made.getvalue()


def file_of(folder: Path, rows: Iterable[Iterable[object]], *, name: str = "orders.csv", **rest: object) -> Path:
    """Write rows to a file: gzip where the name says so."""
    path = folder / name
    content = text_of(rows, **rest).encode()  # type: ignore[arg-type]
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def run(one: Shop, path: Path, mapping: Mapping | None = None, *, dry: bool = False, **rest: object) -> Imported:
    """Import a file for the shop (or only try it)."""
    verb = try_import if dry else import_orders
    return verb(
        path=path,
        mapping=mapping or one.mapping(),
        merchant_no=one.party.no,
        actor=OPERATOR_SHELL,
        now=rest.pop("now", NOW),  # type: ignore[arg-type]
        **rest,  # type: ignore[arg-type]
    )
