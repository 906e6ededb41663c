"""The rows of the explorer of accruals, for each kind of party that asks. Scope: `party`, the asking party's id."""

from tuike.insight.explorer import dimensions
from tuike.insight.explorer.rows import ACCRUALS, JOINS
from tuike.insight.explorer.types import LEADER, MERCHANT, OPERATOR, PROMOTER
from tuike.insight.lists.types import Column, Filter, Listing

SCOPES = {
    PROMOTER: "a.payee_kind = 'promoter' AND a.payee_id = %(party)s",
    MERCHANT: "a.merchant_id = %(party)s AND a.funder <> 'platform'",
    LEADER: "a.payee_kind = 'leader' AND a.payee_id = %(party)s",
    OPERATOR: "true",
}
"""Whose rows: what pays the promoter or the leader, what the merchant (or an offer that it funded) pays, everything."""

# The newest first, each along an index that there is: a payee's by booking, a shop's and all by their sales' payment.
_ORDERED = {
    PROMOTER: Column("newest", ("最新记账", "Latest"), "a.accrued_at", kind="time"),
    MERCHANT: Column("newest", ("最新支付", "Latest paid"), "s.paid_at", kind="time"),
    LEADER: Column("newest", ("最新记账", "Latest"), "a.accrued_at", kind="time"),
    OPERATOR: Column("newest", ("最新支付", "Latest paid"), "s.paid_at", kind="time"),
}
# A page goes along the sales; sums leave them out where no filter asks for them.
_PAGED = {MERCHANT: " AND s.merchant_id = %(party)s", OPERATOR: " AND s.paid_at IS NOT NULL"}


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
        sql_from=ACCRUALS,
        joins=JOINS,
        scope_sql=SCOPES[asker] + _PAGED.get(asker, ""),
        id_sql="a.id",
        default_sort="-newest",
        columns=(*(column for one in own for column in one.columns), newest),
        whole_from=ACCRUALS,
        whole_scope=SCOPES[asker],
        whole_joins=JOINS,
        filters=tuple(sorted((one for dimension in own for one in dimension.filters), key=_seen)),
    )


OF_PROMOTER = _listing(PROMOTER)
OF_MERCHANT = _listing(MERCHANT)
OF_LEADER = _listing(LEADER)
OF_OPERATOR = _listing(OPERATOR)
EVERY = {PROMOTER: OF_PROMOTER, MERCHANT: OF_MERCHANT, LEADER: OF_LEADER, OPERATOR: OF_OPERATOR}
"""By who asks."""
