"""Reading the counted days of one owner."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from tuike.db import rows
from tuike.figures.rules import oddities
from tuike.figures.types import BEFORE, Day, DayOf, Figures, Finding, Owner, Peers, Top, Totals

_SUMS = (
    "clicks, orders, all_orders, paid_fen, refunded_fen, all_paid_fen, estimated_fen, settled_fen, visitors, shares,"
    " received_orders, settled_orders, all_refunded_fen"
)
_BY = {"product": "product_id", "place": "place_id", "promoter": "promoter_id", "merchant": "merchant_id"}
_ORDER = {"estimated": "7 DESC", "paid": "5 DESC", "orders": "3 DESC", "clicks": "2 DESC"}


def days(*, owner: Owner, owner_id: int, first: date, last: date) -> list[DayOf]:
    """Return each day from `first` to `last` (both included) with its figures; a day without any has zeros."""
    found = {
        day: Figures(*values)
        for day, *values in rows.planned(
            f"SELECT day, {_SUMS} FROM figures_sum WHERE kind = %s AND owner_id = %s AND day BETWEEN %s AND %s",
            [owner.value, owner_id, first, last],
        )
    }
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [DayOf(day, found.get(day, Figures())) for day in every]


def paid_of(*, owner: Owner, owner_ids: Collection[int], first: date, last: date) -> dict[int, int]:
    """Return owner → fen paid for what they promoted or sold in a span (both days included), before refunds."""
    found = rows.query(
        "SELECT owner_id, sum(paid_fen) FROM figures_sum WHERE kind = %s AND owner_id = ANY(%s)"
        " AND day BETWEEN %s AND %s GROUP BY owner_id",
        [owner.value, list(owner_ids), first, last],
    )
    return {one: int(fen) for one, fen in found}


def sums_of(*, owner: Owner, owner_ids: Collection[int], first: date, last: date) -> dict[int, Figures]:
    """Return owner → figures of a span (both days included), in one query; who has none is missing."""
    summed = ", ".join(f"sum({name.strip()})::bigint" for name in _SUMS.split(","))
    found = rows.query(
        f"SELECT owner_id, {summed} FROM figures_sum WHERE kind = %s AND owner_id = ANY(%s) AND day BETWEEN %s AND %s"
        " GROUP BY owner_id",
        [owner.value, list(owner_ids), first, last],
    )
    return {one: Figures(*values) for one, *values in found}


def best(
    *, by: str, owner: Owner, owner_id: int, first: date, last: date, order: str = "estimated", limit: int = 5
) -> list[Top]:
    """Return the best products, places, promoters or merchants (`by`) of an owner in a span, the best first.

    `order`: by `estimated` commission, `paid` amount, `orders` or `clicks`.
    """
    column = _BY[by]
    whose = {Owner.MERCHANT: "merchant_id = %(owner)s AND", Owner.PROMOTER: "promoter_id = %(owner)s AND"}.get(
        owner, ""
    )
    counted = "orders" if owner is Owner.PROMOTER or by in ("promoter", "place") else "promoted_orders"
    found = rows.query(
        f"""
        SELECT {column}, sum(clicks), sum({counted}), 0, sum(paid_fen) FILTER (WHERE promoter_id > 0),
            sum(refunded_fen) FILTER (WHERE promoter_id > 0), sum(estimated_fen), sum(settled_fen)
        FROM figures_day WHERE {whose} day BETWEEN %(first)s AND %(last)s AND {column} > 0
        GROUP BY {column} HAVING sum(clicks) + sum(orders) + sum(estimated_fen) > 0
        ORDER BY {_ORDER[order]} NULLS LAST, 2 DESC, 1 LIMIT %(limit)s
        """,
        {"owner": owner_id, "first": first, "last": last, "limit": limit},
    )
    return [
        Top(
            one,
            Figures(
                clicks=int(clicks), orders=int(orders), paid_fen=int(paid or 0), refunded_fen=int(refunded or 0),
                estimated_fen=int(estimated), settled_fen=int(settled),
            ),
        )
        for one, clicks, orders, _, paid, refunded, estimated, settled in found
    ]  # fmt: skip


def of_places(*, promoter_id: int, first: date, last: date) -> Mapping[int, Figures]:
    """Return place → figures of a promoter's places in a span."""
    found = best(by="place", owner=Owner.PROMOTER, owner_id=promoter_id, first=first, last=last, limit=1000)
    return {one.id: one.figures for one in found}


def totals_before(*, after: int, until: int, day: date, span: int) -> list[Totals]:
    """Return the sums of the `span` days before a day of each promoter with an id in (after, until]."""
    found = rows.query(
        """
        SELECT owner_id, sum(clicks) FILTER (WHERE day < %(day)s), sum(orders) FILTER (WHERE day < %(day)s),
            sum(paid_fen) FILTER (WHERE day < %(day)s), sum(refunded_fen) FILTER (WHERE day < %(day)s),
            sum(clicks) FILTER (WHERE day = %(day)s)
        FROM figures_sum WHERE kind = 'promoter' AND owner_id > %(after)s AND owner_id <= %(until)s
            AND day BETWEEN %(first)s AND %(day)s GROUP BY owner_id
        """,
        {"after": after, "until": until, "day": day, "first": day - timedelta(days=span)},
    )
    return [Totals(owner, *(int(value or 0) for value in values)) for owner, *values in found]


def odd_days(
    *, after: int, until: int, day: date, peers: Mapping[int, Peers], nobody: Peers, whole: bool
) -> dict[int, list[Finding]]:
    """Return promoter → what is odd about its day, of those with an id in (after, until]; who has nothing is missing.

    `peers` are those of each promoter (`nobody` of whom has none); of a day that isn't `whole`, nothing is too little.
    """
    first = day - timedelta(days=BEFORE)
    found = rows.query(
        "SELECT owner_id, day, clicks, orders, paid_fen, refunded_fen FROM figures_sum WHERE kind = 'promoter'"
        " AND owner_id > %s AND owner_id <= %s AND day BETWEEN %s AND %s",
        [after, until, first, day],
    )
    counted: dict[int, dict[date, Day]] = {}
    for owner, at, *values in found:
        counted.setdefault(owner, {})[at] = Day(*values)
    every = [first + timedelta(days=n) for n in range(BEFORE)]
    odd = {
        owner: oddities(
            before=[of.get(at, Day()) for at in every],
            day=of.get(day, Day()),
            peers=peers.get(owner, nobody),
            whole=whole,
        )
        for owner, of in counted.items()
    }
    return {owner: findings for owner, findings in odd.items() if findings}


def landings(*, begin: datetime, end: datetime) -> list[tuple[int, int, int, int]]:
    """Return by promoter and place how often short links were answered from `begin` until before `end`, and how many of
    these landed: of a link never more than were clicked, since material is seen in other ways, too."""
    return rows.query(
        """
        WITH clicked AS (
            SELECT promoter_id, link_id, count(*) AS many FROM attribution_click
            WHERE at >= %(begin)s AND at < %(end)s GROUP BY 1, 2
        ), landed AS (
            SELECT link_id, count(*) AS many FROM attribution_touch
            WHERE touched_at >= %(begin)s AND touched_at < %(end)s GROUP BY 1
        )
        SELECT c.promoter_id, k.place_id, sum(c.many)::bigint, sum(least(c.many, coalesce(l.many, 0)))::bigint
        FROM clicked c JOIN attribution_link k ON k.id = c.link_id LEFT JOIN landed l USING (link_id)
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {"begin": begin, "end": end},
    )
