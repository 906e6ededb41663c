"""Dimensions of who took part: place, promoter, payee, leader."""

from functools import partial

from tuike.db import rows
from tuike.insight.explorer import parts
from tuike.insight.explorer.rows import CLAIMED, PAID, PARTY, SELLER, SOLD
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
MANY = 2_000
"""Sales of one promoter whose ids are still written out."""
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
        f"p.name ILIKE %(like)s{only}",
        hint=("推广位 ID 或名称；- 为无", "place's id or name; - for none"),
        empty=f"({id_sql}) IS NULL",
        find=partial(_placed, only),
    )
    found = "LEFT JOIN attribution_place {at} ON {at}.id = {key}"
    group = Group(id_sql, parts.by("place"), found, "{at}.name", "{at}.pid")
    column = Column("place", words, name, also={"under": mark})
    return Dimension("place", words, (column,), (one,), {"place": (words, group)}, askers)


def _placed(only: str, text: str) -> parts.Found | None:
    """Find a place by its id. It is of one promoter: among the promoter's claims its own are near."""
    found = rows.query("SELECT id, promoter_id FROM attribution_place WHERE pid = %s", [text])
    if not found:
        return None
    exact = f"c.place_id = %(found_id)s AND c.promoter_id = %(found_promoter)s{only}"
    return exact, {"found_id": found[0][0], "found_promoter": found[0][1]}


def _sold(text: str) -> parts.Found | None:
    """Find who brought sales: few by their ids, many along the claims; a reached target has an award, no claim."""
    found = parts.finder("parties_party: id", "")(text)
    if not found or not found[1]:
        return found
    claims, awards = (
        [one for (one,) in rows.query(f"{statement} WHERE promoter_id = %s LIMIT {MANY + 1}", [found[1]["found_id"]])]
        for statement in ("SELECT id FROM attribution_claim", "SELECT sale_id FROM rewards_award")
    )
    if len(claims) + len(awards) <= MANY:
        return "a.sale_id = ANY(%(found_sales)s::bigint[])", {"found_sales": claims + awards}
    return (SOLD if awards else CLAIMED), found[1]


def _promoter() -> Dimension:
    words = ("推客", "Promoter")
    filters, groups = parts.numbered("promoter", words, find=_sold, name="y.name", id_sql=SELLER, join=PARTY)
    column = Column("promoter", words, "y.name", also={"under": "y.no"})
    return Dimension("promoter", words, (column,), filters, groups, usual=EVERYBODY - {PROMOTER})


def _payee() -> Dimension:
    words, id_sql = ("收款方", "Payee"), "nullif(a.payee_id, 0)"
    filters, groups = parts.numbered(
        "payee", words, find=parts.finder("parties_party: id, kind", PAID), name="e.name", id_sql=id_sql, join=PARTY
    )
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
        find=parts.finder("parties_party: id", "c.leader_id = %(found_id)s"),
        name="d.name",
        id_sql="c.leader_id",
        join=PARTY,
    )
    column = Column("leader", words, "d.name", also={"under": "d.no"})
    return Dimension("leader", words, (column,), filters, groups, EVERYBODY - {LEADER})
