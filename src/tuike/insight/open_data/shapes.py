"""What a table of the open data is: its columns with their types and words, and the SQL that reads it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The type of a column, in Parquet: `TIMESTAMP` counts microseconds in UTC."""

    INT64 = "int64"
    INT32 = "int32"
    BOOL = "bool"
    STRING = "string"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where it comes from, and what it says in both languages.

    Names that end in `_fen` are summed up in the manifest; `signed`: their absolute values are, too.
    """

    name: str
    kind: Kind
    sql: str
    zh: str
    en: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Each row lies in the day of one instant of its own that never moves (`day`: SQL of a date).

    `base` is the FROM clause that makes the rows, `more` joins what is only shown and never makes nor drops a row.
    `watched` are aliases of `base`: a version of one of their rows that an earlier reading couldn't see makes its day
    be written anew. What `more` joins never changes once it is there. `state`: rows say how something stands now; they
    are kept however old they are.
    """

    name: str
    zh: str
    en: str
    day: str
    day_zh: str
    day_en: str
    base: str
    more: str
    watched: tuple[str, ...]
    key: str
    columns: tuple[Column, ...]
    state: bool = False

    @property
    def measures(self) -> tuple[tuple[str, str], ...]:
        """Return (name, SQL) of what is summed up: each column in fen, of signed ones their absolute values as well."""
        found = []
        for one in self.columns:
            if one.name.endswith("_fen"):
                found.append((one.name, one.sql))
            if one.signed:
                found.append((f"abs:{one.name}", f"abs({one.sql})"))
        return tuple(found)


def i64(name: str, sql: str, zh: str, en: str, *, signed: bool = False) -> Column:
    """Return a column of whole numbers: fen, pieces, ids."""
    return Column(name, Kind.INT64, sql, zh, en, signed)


def i32(name: str, sql: str, zh: str, en: str) -> Column:
    """Return a column of small whole numbers: rates in ten-thousandths, counts."""
    return Column(name, Kind.INT32, sql, zh, en)


def text(name: str, sql: str, zh: str, en: str) -> Column:
    """Return a column of text."""
    return Column(name, Kind.STRING, sql, zh, en)


def at(name: str, sql: str, zh: str, en: str) -> Column:
    """Return a column of instants."""
    return Column(name, Kind.TIMESTAMP, sql, zh, en)


def flag(name: str, sql: str, zh: str, en: str) -> Column:
    """Return a column of yes or no."""
    return Column(name, Kind.BOOL, sql, zh, en)


def day_of(instant: str) -> str:
    """Return SQL of the natural day of an instant, in Asia/Shanghai."""
    return f"({instant} AT TIME ZONE 'Asia/Shanghai')::date"


def party(alias: str, party_id: str) -> str:
    """Return the join that names a party by its number."""
    return f"LEFT JOIN parties_party {alias} ON {alias}.id = {party_id}"
