"""The rows of the explorer of accruals, for each kind of party that asks. Scope: `party`, the asking party's id."""

from tuike.insight.explorer import dimensions
from tuike.insight.explorer.rows import FROM
from tuike.insight.explorer.types import LEADER, MERCHANT, OPERATOR, PROMOTER
from tuike.insight.lists.types import Column, Filter, Listing

SCOPES = {
    PROMOTER: "a.payee_kind = 'promoter' AND a.payee_id = %(party)s",
    MERCHANT: "a.merchant_id = %(party)s AND a.funder <> 'platform'",
    LEADER: "a.payee_kind = 'leader' AND a.payee_id = %(party)s",
    OPERATOR: "true",
}
"""Whose rows: what pays the promoter or the leader, what the merchant (or an offer that it funded) pays, everything."""

# The newest first, each along an index that there is: of a payee by booking, of a shop by order line, of all by id.
_ORDERED = {
    PROMOTER: Column("newest", ("最新记账", "Latest"), "a.accrued_at", kind="time"),
    MERCHANT: Column("newest", ("最新商品行", "Latest line"), "a.sale_id", kind="count"),
    LEADER: Column("newest", ("最新记账", "Latest"), "a.accrued_at", kind="time"),
    OPERATOR: Column("newest", ("最新编号", "Latest"), "a.id", kind="count"),
}


_FIRST = ("paid_at", "state", "role", "product")
"""Filters that are seen at once."""


def _seen(one: Filter) -> int:
    return _FIRST.index(one.key) if one.key in _FIRST else len(_FIRST)


def _listing(asker: str) -> Listing:
    own = dimensions.of(asker)
    by = _ORDERED[asker]
    newest = Column(by.key, by.heading, by.sql, by.kind, sort=True, filled=True, export=False, shown=False)
    return Listing(
        name=f"accruals_{asker}",
        sql_from=FROM,
        scope_sql=SCOPES[asker],
        id_sql="a.id",
        default_sort="-newest",
        columns=(*(column for one in own for column in one.columns), newest),
        filters=tuple(sorted((one for dimension in own for one in dimension.filters), key=_seen)),
    )


OF_PROMOTER = _listing(PROMOTER)
OF_MERCHANT = _listing(MERCHANT)
OF_LEADER = _listing(LEADER)
OF_OPERATOR = _listing(OPERATOR)
EVERY = {PROMOTER: OF_PROMOTER, MERCHANT: OF_MERCHANT, LEADER: OF_LEADER, OPERATOR: OF_OPERATOR}
"""By who asks."""
