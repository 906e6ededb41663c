"""What a board shows of an owner: its commission by role and status, the best, cohorts, until when it is counted."""

from datetime import date
from operator import add

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

    An order of several promoters is one of each, and one of the whole: the rest is never less than nothing.
    """
    owner, by, span, order = Owner(owner), By(by), Span(span), Order(order)
    first, last = span.of(today)
    if by is By.CATEGORY:
        place = 1 + SPANNED.index(_COLUMN[order])
        found = _by_category(_best(owner, owner_id, By.PRODUCT, span, today))
        found = sorted(found, key=lambda one: (-one[place], one[0]))[:limit]
    else:
        found = _best(owner, owner_id, by, span, today, f"ORDER BY {_COLUMN[order]} DESC, object_id LIMIT {int(limit)}")
    best = [Top(one, Figures(**dict(zip(SPANNED, values, strict=True)))) for one, *values in found]
    whole = total(owner=owner, owner_id=owner_id, first=first, last=last)
    return Tops(best, rules.rest_of(whole, [one.figures for one in best]), watermark().at)


def _best(owner: Owner, owner_id: int, by: By, span: Span, today: date, most: str = "") -> list[tuple]:  # noqa: PLR0917
    kept = rows.planned(
        "SELECT 1 FROM figures_kept WHERE kind = %s AND owner_id = %s AND day = %s", [owner.value, owner_id, today]
    )
    some = " + ".join(SPANNED)
    if kept and by.value != owner.value:
        found = rows.query(
            f"SELECT object_id, {', '.join(SPANNED)} FROM figures_span"
            f" WHERE kind = %s AND owner_id = %s AND by = %s AND span = %s AND {some} > 0 {most}",
            [owner.value, owner_id, by.value, int(span)],
        )
    else:
        mine = "true" if owner is Owner.ALL else f"f.{whose(owner)} = %s"
        found = rows.query(
            f"SELECT * FROM (SELECT f.{by.value}_id AS object_id, {summed(owner, by)} FROM figures_day f"
            f" WHERE {mine} AND f.day BETWEEN %s AND %s AND f.{by.value}_id > 0 GROUP BY 1) AS summed"
            f" WHERE {some} > 0 {most}",
            [*([] if owner is Owner.ALL else [owner_id]), *span.of(today)],
        )
    return found


def _by_category(products: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return products' figures by the category in which each stands now."""
    category_of = catalog.category_ids([one for one, *_ in products])
    found: dict[int, tuple[int, ...]] = {}
    for one, *values in products:
        if one in category_of:
            before = found.get(category_of[one])
            found[category_of[one]] = tuple(map(add, before, values)) if before else tuple(values)
    return [(category, *values) for category, values in found.items()]


def cohorts(*, owner: Owner, owner_id: int, months: int) -> list[CohortOf]:
    """Return the promoters by the month of their first paid order, in the last so many months, with the months since.

    Of a merchant: the promoters who brought it orders; of a leader: those who did so in its activities.
    """
    source = {
        Owner.ALL: "SELECT promoter_id, month, paid_fen FROM figures_month WHERE merchant_id = %s AND orders > 0",
        Owner.MERCHANT: "SELECT promoter_id, month, paid_fen FROM figures_month WHERE merchant_id = %s AND orders > 0",
        Owner.PROMOTER: "SELECT promoter_id, month, paid_fen FROM figures_month"
        " WHERE merchant_id = 0 AND promoter_id = %s AND orders > 0",
        Owner.LEADER: "SELECT promoter_id, date_trunc('month', day)::date AS month, sum(paid_fen)::bigint AS paid_fen"
        " FROM figures_day WHERE leader_id = %s AND promoter_id > 0 GROUP BY 1, 2 HAVING sum(led_orders) > 0",
    }[owner]
    found = rows.query(
        f"""
        WITH monthly AS MATERIALIZED ({source}),
        joined AS (SELECT promoter_id, min(month) AS first FROM monthly GROUP BY 1),
        sizes AS (SELECT first, count(*) AS promoters FROM joined GROUP BY 1),
        last AS (SELECT max(month) AS month FROM monthly)
        SELECT j.first, m.month, z.promoters, count(*), sum(m.paid_fen)::bigint
        FROM joined j JOIN sizes z USING (first) JOIN monthly m USING (promoter_id), last
        WHERE j.first > last.month - make_interval(months => %s) GROUP BY 1, 2, 3 ORDER BY 1, 2
        """,
        [0 if owner is Owner.ALL else owner_id, months],
    )
    return [CohortOf(*one) for one in found]


def watermark() -> Watermark:
    """Return until when the figures equal the books: everything told up to then is counted."""
    return Watermark(*outbox.standing(consumer=CONSUMER))
