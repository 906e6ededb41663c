"""What a list is made of, what it answers, and what it refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from tuike.kit.errors import Refusal

Words = tuple[str, str]
"""A text in Chinese and in English."""

Kind = Literal["text", "money", "rate", "time", "day", "count", "tag", "product", "person"]
"""How a column's values are shown: money is fen, rate is bps, time an instant, day a date, count a whole number."""

FilterKind = Literal["text", "choice", "days", "fen", "bps", "number"]

Choices = Sequence[tuple[str, Words]]

EMPTY = "-"
"""What asks a filter for the rows without a value."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `sql` is an expression over the listing's FROM; it is computed for the rows of a page only.

    `sort`: rows may be sorted by it; `filled` promises that it is never NULL then, so that an ordinary index serves.
    `total`: its sum is shown. `words` are a tag's states → (zh, en) or (zh, en, colour). `also` are further expressions
    that a row carries as `<key>__<name>`: `under` is a second line, `picture` an address (or a name below `/media/`),
    `copy` what a copy button gives; others are for a page's own templates.
    `shown=False` leaves it to the file, `export=False` to the page. `width` is a hint in pixels. `sum_sql` is what is
    summed instead of `sql` where the listing has a `whole_from`.
    """

    key: str
    heading: Words
    sql: str
    kind: Kind = "text"
    sort: bool = False
    filled: bool = False
    total: bool = False
    width: int | None = None
    export: bool = True
    shown: bool = True
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    sum_sql: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing to filter by; its condition is taken only when a value is asked for.

    text: `%(value)s`, and `%(like)s` / `%(prefix)s` with the pattern's own signs escaped. choice: `%(value)s`, one of
    `choices` (pairs, or a function of the scope); `conditions` gives single choices a condition of their own; with
    `many`, several values joined by commas are allowed and `%(value)s` is an array. days: `%(low)s` ≤ x < `%(high)s`,
    instants of whole days in Shanghai, asked as `<key>_from`, `<key>_to`. fen (typed as yuan), bps (typed as percent),
    number: `%(low)s` ≤ x ≤ `%(high)s`, asked as `<key>_min`, `<key>_max`. What isn't asked for is open at that end.
    `empty` is the condition of `-`, which asks for the rows that have no value (of days: as `<key>_from`).
    `find` looks a text up before rows are asked for: it returns the condition that stands instead of `sql` then, with
    what fills its holes (`%(found_id)s`); None: the text is no number.
    """

    key: str
    label: Words
    sql: str
    kind: FilterKind = "text"
    choices: Choices | Callable[[Mapping[str, Any]], Choices] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    many: bool = False
    hint: Words | None = None
    empty: str = ""
    find: Callable[[str], tuple[str, Mapping[str, Any]] | None] | None = None

    def choices_for(self, scope: Mapping[str, Any]) -> Choices:
        """Return the choices that this asker has."""
        return self.choices(scope) if callable(self.choices) else self.choices

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names under which its values are asked for."""
        if self.kind == "days":
            return (f"{self.key}_from", f"{self.key}_to")
        return (f"{self.key}_min", f"{self.key}_max") if self.kind in ("fen", "bps", "number") else (self.key,)


@dataclass(frozen=True, slots=True)
class Listing:
    """Where rows come from, whose they are, and what can be asked of them.

    `sql_from` is the text after FROM; `scope_sql` the condition with the scope's `%(names)s`, which holds always.
    `id_sql` is unique in it and a whole number (or text: `text_ids`). LEFT JOINs over unique columns cost nothing where
    a query doesn't need them. A percent sign in SQL is written twice. `tabs` is a choice filter shown as tabs.
    `whole_from` and `whole_scope` give the same rows for counts and sums, under the same names: all of them at once
    ask for another order than twenty do. `joins`, `whole_joins` (name → JOIN, what others need first) are taken where a
    statement names them.
    `grouped`: `sql_from` is a query that computes its rows from others; the scope and the filters stand in it where it
    says `{where}`, what they name of `joins` where it says `{joins}`, and a page reads what is shown together with the
    ids: computing twice would cost twice.
    """

    name: str
    sql_from: str
    scope_sql: str
    columns: tuple[Column, ...]
    id_sql: str
    default_sort: str
    filters: tuple[Filter, ...] = ()
    tabs: Filter | None = None
    page_size: int = 20
    text_ids: bool = False
    whole_from: str = ""
    whole_scope: str = ""
    whole_joins: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)
    grouped: bool = False

    def column(self, key: str) -> Column | None:
        """Return the column of that key."""
        return next((one for one in self.columns if one.key == key), None)

    @property
    def whole(self) -> "Listing":
        """Return the listing that counts and sums are asked of."""
        if not self.whole_from:
            return self
        return replace(self, sql_from=self.whole_from, scope_sql=self.whole_scope, joins=self.whole_joins)

    def needed_from(self, text: str) -> str:
        """Return the FROM with those of `joins` that a statement of this text names, directly or for another."""
        return " ".join([self.sql_from, *self.needed(text)])

    def needed(self, text: str) -> list[str]:
        """Return those of `joins` that a statement of this text names, directly or for another."""
        taken: list[str] = []
        for name, join in reversed(self.joins.items()):
            if f" {name}." in f" {text}".replace("(", " "):
                taken.insert(0, join)
                text = f"{text} {join}"
        return taken

    @property
    def all_filters(self) -> tuple[Filter, ...]:
        """Return every filter, the tabs included."""
        return self.filters if self.tabs is None else (*self.filters, self.tabs)

    @property
    def summed(self) -> tuple[Column, ...]:
        """Return the columns whose sums are shown."""
        return tuple(one for one in self.columns if one.total)

    def exported(self) -> tuple[Column, ...]:
        """Return the columns of its files."""
        return tuple(one for one in self.columns if one.export)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as dictionaries (`id`, the columns' keys, `<key>__<name>`), and the tokens of the pages beside them.

    `sort` is the sort in force (`-paid_at`); `values` what was asked for, by query name, as it was typed.
    """

    rows: tuple[dict[str, Any], ...]
    next: str | None
    previous: str | None
    sort: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Capped:
    """A count that stops at a bound: `n` rows, and perhaps `more`."""

    n: int
    more: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: the last row's sort value and id; `empty`: that value is NULL."""

    value: int | str | datetime | date | None
    id: int | str
    empty: bool
    forward: bool


class BadFilter(Refusal):
    """A value in the address is none that this list can be asked for."""

    code = "bad_filter"
    status = 422
    zh = "筛选条件“{name_zh}”的值无效，请修改后重试"
    en = "The value given for “{name_en}” can't be used. Change it and try again."

    def __init__(self, *, field: str, name: Words | None = None) -> None:
        self.field = field
        name_zh, name_en = name or (field, field)
        super().__init__(name_zh=name_zh, name_en=name_en)


class TooWide(Refusal):
    """The rows weren't found within the time that a page has: too many had to be looked through."""

    code = "too_wide"
    status = 422
    zh = "要翻看的记录太多，没有及时找完。请缩小时间范围，或选定商家、推客等条件后重试"
    en = "Too many records had to be looked through. Choose a shorter period, a shop or a promoter, and try again."
