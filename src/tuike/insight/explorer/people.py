"""Dimensions of who took part: place, promoter, payee, leader."""

from tuike.insight.explorer import parts
from tuike.insight.explorer.rows import NO, PAID, PARTY, SELLER, SOLD
from tuike.insight.explorer.states import PAYEES
from tuike.insight.explorer.types import (
    EVERYBODY,
    LEADER,
    MERCHANT,
    OPERATOR,
    PROMOTER,
    Dimension,
    Group,
)
from tuike.insight.lists.types import Column, Filter

_BOTH = frozenset({MERCHANT, OPERATOR})
_OWN = "c.promoter_id = %(party)s"


def dimensions() -> tuple[Dimension, ...]:
    """Return them, in the order of their columns."""
    own = _place(
        frozenset({PROMOTER}),
        id_sql=f"CASE WHEN {_OWN} THEN c.place_id END",
        name=f"CASE WHEN {_OWN} THEN p.name END",
        mark=f"CASE WHEN {_OWN} THEN nullif(c.customize_info, '') END",
        only=f" AND {_OWN}",
    )
    of_any = _place(_BOTH, id_sql="c.place_id", name="p.name", mark="nullif(c.customize_info, '')")
    return (own, of_any, _promoter(), _payee(), _kind_of_payee(), _leader())


def _place(askers: frozenset[str], *, id_sql: str, name: str, mark: str, only: str = "") -> Dimension:
    """Return the place; a promoter's own alone: a recruiter sees who sold, not by which place (docs/rules.md §1)."""
    words = ("推广位", "Place")
    one = Filter(
        "place",
        words,
        f"(p.pid = %(value)s OR p.name ILIKE %(like)s){only}",
        hint=("推广位 ID 或名称；- 为无", "place's id or name; - for none"),
        empty=f"({id_sql}) IS NULL",
    )
    found = "LEFT JOIN attribution_place {at} ON {at}.id = {key}"
    group = Group(id_sql, parts.by("place"), found, "{at}.name", "{at}.pid")
    column = Column("place", words, name, also={"under": mark})
    return Dimension("place", words, (column,), (one,), {"place": (words, group)}, askers)


def _promoter() -> Dimension:
    words = ("推客", "Promoter")
    filters, groups = parts.numbered("promoter", words, exact=SOLD, name="y.name", id_sql=SELLER, join=PARTY)
    column = Column("promoter", words, "y.name", also={"under": "y.no"})
    return Dimension("promoter", words, (column,), filters, groups, usual=EVERYBODY - {PROMOTER})


def _payee() -> Dimension:
    words, id_sql = ("收款方", "Payee"), "nullif(a.payee_id, 0)"
    filters, groups = parts.numbered("payee", words, exact=PAID, name="e.name", id_sql=id_sql, join=PARTY)
    name = "CASE WHEN a.payee_kind = 'platform' THEN 'Tuike' ELSE e.name END"
    column = Column("payee", words, name, also={"under": "e.no"})
    return Dimension("payee", words, (column,), filters, groups, _BOTH, frozenset({OPERATOR}))


def _kind_of_payee() -> Dimension:
    words = ("收款方类型", "Kind of payee")
    return Dimension("payee_kind", words, *parts.stated("payee_kind", words, "a.payee_kind", PAYEES), _BOTH)


def _leader() -> Dimension:
    words = ("团长", "Leader")
    filters, groups = parts.numbered(
        "leader",
        words,
        exact=f"c.leader_id = ({NO.format('id')})",
        name="d.name",
        id_sql="c.leader_id",
        join=PARTY,
    )
    column = Column("leader", words, "d.name", also={"under": "d.no"})
    return Dimension("leader", words, (column,), filters, groups, EVERYBODY - {LEADER})
