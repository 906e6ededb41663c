"""What a board shows of an owner: its commission by role and status, the best, cohorts, until when it is counted."""

from datetime import date, timedelta

from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.figures import rules
from tuike.figures.queries.days import days
from tuike.figures.spans import SPANNED, summed, whose
from tuike.figures.types import (
    CONSUMER,
    By,
    CohortOf,
    CommissionOf,
    Figures,
    Order,
    Owner,
    Span,
    Top,
    Tops,
    Watermark,
)
from tuike.kit.days import start_of
from tuike.outbox import service as outbox

_COLUMN = {
    Order.ESTIMATED: "estimated_fen",
    Order.PAID: "paid_fen",
    Order.ORDERS: "orders",
    Order.CLICKS: "clicks",
}


def total(*, owner: Owner, owner_id: int, first: date, last: date) -> Figures:
    """Return an owner's figures of a span (both days included), summed up."""
    return sum((one.figures for one in days(owner=owner, owner_id=owner_id, first=first, last=last)), Figures())


def commission(*, owner: Owner, owner_id: int, first: date, last: date) -> list[CommissionOf]:
    """Return what was earned from sales paid in a span (both days included) by payee's kind, role and status.

    A promoter's and a leader's are what they earn themselves, a merchant's what it
    pays for (all but what the platform funds), everybody's what all payees get. Reached targets are among them.
    """
    found = rows.planned(
        "SELECT commission FROM figures_sum WHERE kind = %s AND owner_id = %s AND day BETWEEN %s AND %s",
        [owner.value, owner_id, first, last],
    )
    return rules.commission_of((counted for (counted,) in found), owner)


def top(
    *, owner: Owner, owner_id: int, by: By, span: Span, today: date, order: Order = Order.ESTIMATED, limit: int = 10
) -> Tops:
    """Return the best of an owner in a span that ends today, and what all others make up.

    Where spans are kept, the first minutes of a day show those that ended the day before; `counted_at` says so.
    An order of several promoters is one of each, and one of the whole: the rest is never less than nothing.
    """
    owner, by, span, order = Owner(owner), By(by), Span(span), Order(order)
    ends = _kept_until(owner, owner_id, by, today)
    if ends is not None and ends < today and span is Span.DAY:
        ends = None  # the first minutes of a day are few rows
    at, last = watermark().at, ends or today
    most = f"ORDER BY {_COLUMN[order]} DESC, object_id LIMIT {int(limit)}"
    found = _best(owner, owner_id, by, span, last, ends is not None, most)
    best = [Top(one, Figures(**dict(zip(SPANNED, values, strict=True)))) for one, *values in found]
    first, last = span.of(last)
    whole = total(owner=owner, owner_id=owner_id, first=first, last=last)
    counted_at = min(at, start_of(last + timedelta(days=1))) if at else None
    return Tops(best, rules.rest_of(whole, [one.figures for one in best]), counted_at)


def _kept_until(owner: Owner, owner_id: int, by: By, today: date) -> date | None:
    """Return on which day an owner's kept spans end, None where they are summed up from days.

    A day that has just turned has none yet: those of the day before stand until they are made.
    """
    found = rows.planned(
        "SELECT day FROM figures_kept WHERE kind = %s AND owner_id = %s AND day <= %s", [owner.value, owner_id, today]
    )
    return found[0][0] if found and by.value != owner.value else None


def _best(  # noqa: PLR0917
    owner: Owner, owner_id: int, by: By, span: Span, last: date, kept: bool, most: str
) -> list[tuple[int, ...]]:
    of = By.PRODUCT if by is By.CATEGORY else by
    if kept:
        parts = f"SELECT object_id, {', '.join(SPANNED)} FROM figures_span" + (
            " WHERE kind = %s AND owner_id = %s AND by = %s AND span = %s"
        )
        params = [owner.value, owner_id, of.value, int(span)]
    else:
        mine = "true" if owner is Owner.ALL else f"f.{whose(owner)} = %s"
        parts = (
            f"SELECT f.{of.value}_id AS object_id, {summed(owner, of)} FROM figures_day f"
            f" WHERE {mine} AND f.day BETWEEN %s AND %s AND f.{of.value}_id > 0 GROUP BY 1"
        )
        params = [*([] if owner is Owner.ALL else [owner_id]), *span.of(last)]
    if by is By.CATEGORY:
        # A product's category may change: each counts where it stands now.
        sums = ", ".join(f"sum(part.{name})::bigint AS {name}" for name in SPANNED)
        parts = (
            f"SELECT p.category_id AS object_id, {sums} FROM ({parts}) AS part"
            f" {catalog.with_category('part.object_id')} GROUP BY 1"
        )
    return rows.query(f"SELECT * FROM ({parts}) AS summed WHERE {' + '.join(SPANNED)} > 0 {most}", params)


def cohorts(*, owner: Owner, owner_id: int, months: int) -> list[CohortOf]:
    """Return the promoters by the month of their first paid order, in the last so many months, with the months since.

    Of a merchant: the promoters who brought it orders; of a leader: those who did so in its activities.
    """
    kind, cells = owner, "SELECT * FROM figures_cohort WHERE kind = %s AND owner_id = %s"
    if owner is Owner.PROMOTER:
        cells = (
            "SELECT min(month) OVER () AS joined, month, 1::bigint AS promoters, paid_fen FROM figures_month"
            " WHERE kind = %s AND owner_id = 0 AND promoter_id = %s"
        )
        kind = Owner.ALL
    found = rows.planned(
        f"""
        SELECT joined, month, began, promoters, paid_fen FROM (
            SELECT c.*, max(promoters) FILTER (WHERE month = joined) OVER (PARTITION BY joined) AS began,
                max(month) OVER () AS last
            FROM ({cells}) c
        ) AS cell WHERE joined > last - make_interval(months => %s::int) ORDER BY 1, 2
        """,
        [kind.value, 0 if owner is Owner.ALL else owner_id, months],
    )
    return [CohortOf(*one) for one in found]


def watermark() -> Watermark:
    """Return until when the figures equal the books: everything told up to then is counted."""
    return Watermark(*outbox.standing(consumer=CONSUMER))
