"""What a board shows of an owner: its commission by role and status, the best, cohorts, until when it is counted."""

from collections.abc import Callable
from datetime import date, timedelta

from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.figures.queries.days import days
from tuike.figures.types import (
    CONSUMER,
    By,
    CohortOf,
    CommissionOf,
    Figures,
    Order,
    Owner,
    Span,
    Status,
    Top,
    Tops,
    Watermark,
)
from tuike.kit import days as calendar
from tuike.outbox import service as outbox

_STATUS = """CASE WHEN a.state IN ('waiting', 'pending') AND a.review = 'held' THEN 'held' ELSE a.state END"""
_WHOSE = {
    Owner.ALL: "TRUE",
    Owner.MERCHANT: "a.merchant_id = %(owner)s",
    Owner.PROMOTER: "a.payee_kind = 'promoter' AND a.payee_id = %(owner)s",
    Owner.LEADER: "a.payee_kind = 'leader' AND a.payee_id = %(owner)s",
}
_CLAIMED = {
    Owner.ALL: "TRUE",
    Owner.MERCHANT: "s.merchant_id = %(owner)s",
    Owner.PROMOTER: "c.promoter_id = %(owner)s",
    Owner.LEADER: "c.leader_id = %(owner)s",
}
_BY = {
    By.PROMOTER: "c.promoter_id",
    By.PRODUCT: "s.product_id",
    By.PLACE: "c.place_id",
    By.CAMPAIGN: "(s.terms->>'campaign_id')::bigint",
    By.MERCHANT: "s.merchant_id",
    By.LEADER: "c.leader_id",
}
_MEASURE: dict[Order, Callable[[Figures], int]] = {
    Order.ESTIMATED: lambda one: one.estimated_fen,
    Order.PAID: lambda one: one.paid_fen,
    Order.ORDERS: lambda one: one.orders,
    Order.CLICKS: lambda one: one.clicks,
}


def total(*, owner: Owner, owner_id: int, first: date, last: date) -> Figures:
    """Return an owner's figures of a span (both days included), summed up."""
    return sum((one.figures for one in days(owner=owner, owner_id=owner_id, first=first, last=last)), Figures())


def commission(*, owner: Owner, owner_id: int, first: date, last: date) -> list[CommissionOf]:
    """Return what was earned from sales paid in a span (both days included) by payee's kind, role and status.

    A promoter's and a leader's are what they earn themselves, a merchant's and everybody's what all payees get.
    """
    found = rows.query(
        f"""
        SELECT a.payee_kind, a.role, {_STATUS}, count(*), sum(a.amount_fen)::bigint
        FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE {_WHOSE[owner]} AND s.paid_at >= %(begin)s AND s.paid_at < %(end)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        _edges(owner_id, first, last),
    )
    return [CommissionOf(kind, role, Status(status), many, fen) for kind, role, status, many, fen in found]


def top(
    *, owner: Owner, owner_id: int, by: By, span: Span, today: date, order: Order = Order.ESTIMATED, limit: int = 10
) -> Tops:
    """Return the best of an owner in a span that ends today, and what all others make up."""
    first, last = Span(span).of(today)
    if by is By.CATEGORY:
        best = _by_category(_best(owner, owner_id, By.PRODUCT, first, last))
    else:
        best = _best(owner, owner_id, by, first, last)
    best.sort(key=lambda one: (-_MEASURE[Order(order)](one.figures), one.id))
    best = best[:limit]
    whole = total(owner=owner, owner_id=owner_id, first=first, last=last)
    return Tops(best, whole - sum((one.figures for one in best), Figures()), watermark().at)


def _best(owner: Owner, owner_id: int, by: By, first: date, last: date) -> list[Top]:
    found = rows.query(
        f"""
        SELECT {_BY[by]}, count(DISTINCT s.order_no), sum(s.paid_fen)::bigint, sum(s.refunded_fen)::bigint,
            coalesce(sum(e.estimated), 0)::bigint, coalesce(sum(e.settled), 0)::bigint
        FROM commission_sale s JOIN attribution_claim c ON c.id = s.id AND c.promoter_id > 0
        LEFT JOIN LATERAL (
            SELECT sum(a.amount_fen) AS estimated, sum(a.amount_fen) FILTER (WHERE a.state = 'settled') AS settled
            FROM commission_accrual a WHERE a.sale_id = s.id AND a.state <> 'cancelled' AND {_WHOSE[owner]}
        ) e ON true
        WHERE {_CLAIMED[owner]} AND s.kind = 'goods' AND s.paid_at >= %(begin)s AND s.paid_at < %(end)s
            AND {_BY[by]} > 0
        GROUP BY 1
        """,
        _edges(owner_id, first, last),
    )
    return [
        Top(one, Figures(orders=many, paid_fen=paid, refunded_fen=back, estimated_fen=earned, settled_fen=settled))
        for one, many, paid, back, earned, settled in found
    ]


def _by_category(products: list[Top]) -> list[Top]:
    """Return products' figures by the category in which each stands now."""
    paths = catalog.category_paths([one.id for one in products])
    found: dict[int, Figures] = {}
    for one in products:
        if one.id in paths:
            category = paths[one.id][-1]
            found[category] = found.get(category, Figures()) + one.figures
    return [Top(category, figures) for category, figures in found.items()]


def cohorts(*, owner: Owner, owner_id: int, months: int) -> list[CohortOf]:
    """Return the promoters by the month of their first paid order, in the last so many months, with the months since.

    Of a merchant: the promoters who brought it orders.
    """
    whose = {Owner.MERCHANT: "AND merchant_id = %s", Owner.PROMOTER: "AND promoter_id = %s"}.get(owner, "AND 0 = %s")
    found = rows.query(
        f"""
        WITH monthly AS (
            SELECT promoter_id, date_trunc('month', day)::date AS month, sum(paid_fen) AS paid_fen
            FROM figures_day WHERE promoter_id > 0 {whose} GROUP BY 1, 2 HAVING sum(orders) > 0
        ), joined AS (SELECT promoter_id, min(month) AS first FROM monthly GROUP BY 1),
        sizes AS (SELECT first, count(*) AS promoters FROM joined GROUP BY 1),
        last AS (SELECT max(month) AS month FROM monthly)
        SELECT j.first, m.month, z.promoters, count(*), sum(m.paid_fen)::bigint
        FROM joined j JOIN sizes z USING (first) JOIN monthly m USING (promoter_id), last
        WHERE j.first > last.month - make_interval(months => %s) GROUP BY 1, 2, 3 ORDER BY 1, 2
        """,
        [owner_id, months],
    )
    return [CohortOf(*one) for one in found]


def watermark() -> Watermark:
    """Return until when the figures equal the books: everything told up to then is counted."""
    return Watermark(*outbox.standing(consumer=CONSUMER))


def _edges(owner_id: int, first: date, last: date) -> dict[str, object]:
    end = calendar.start_of(last + timedelta(days=1))
    return {"owner": owner_id, "begin": calendar.start_of(first), "end": end}
