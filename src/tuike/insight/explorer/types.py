"""What a dimension is: what it is called, how a row shows it, how it is filtered and grouped by, and who has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tuike.insight.lists.types import Column, Filter, Kind, Words
from tuike.kit.errors import Refusal

PROMOTER, MERCHANT, LEADER, OPERATOR = "promoter", "merchant", "leader", "operator"
EVERYBODY = frozenset({PROMOTER, MERCHANT, LEADER, OPERATOR})
"""Kinds of party that ask."""

MOST_GROUPS = 2
"""Dimensions by which rows are grouped at once."""

Asked = Mapping[str, str]
"""What an address asks for, by name."""


@dataclass(frozen=True, slots=True)
class Group:
    """How rows are brought together by a dimension.

    `sql` is the key of a row, NULL where it has none; `join` (with `{at}`, an alias of its own, and `{key}`) finds
    `label` and `no`, an expression each over that alias. `words` name keys that are states. `drill` returns what asks
    for a group's rows: of the number, or of the key where there is no number; None is the group of those without.
    """

    sql: str
    drill: Callable[[Any], Asked]
    join: str = ""
    label: str = ""
    no: str = ""
    kind: Kind = "text"
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of an accrual. `askers` have it; `usual` have its columns on their page before they choose any."""

    key: str
    words: Words
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    groups: Mapping[str, tuple[Words, Group]] = field(default_factory=dict)
    askers: frozenset[str] = EVERYBODY
    usual: frozenset[str] = frozenset()


class BadSlice(Refusal):
    """Columns or dimensions that this asker doesn't have, or more than two dimensions to group by."""

    code = "bad_slice"
    status = 422
    zh = "列或分组方式“{name}”无法使用，请重新选择"
    en = "The columns or groups “{name}” can't be used. Choose again."
