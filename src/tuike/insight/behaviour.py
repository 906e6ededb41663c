"""What promoters do and what comes of it: shares, clicks, visitors, orders, by promoter, place and product.

Days that are over are read from the daily figures, today from what was recorded: it is as old as the question.
A visitor counts once a day for a place and a product; an order once for a promoter, at its first line
(docs/rules.md §4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tuike.db import rows
from tuike.kit import days

SPANS = (1, 7, 30)
"""Days that may be asked for; today is the last of them."""
TREND = 30
BOARD = 10

_LED = (
    "EXISTS (SELECT 1 FROM cooperation_enrolment e JOIN cooperation_activity a ON a.id = e.activity_id"
    " WHERE a.leader_id = %(owner)s AND e.product_id = {0}.product_id AND e.state IN ('active', 'ended')"
    " AND {1} >= (e.starts_at AT TIME ZONE 'Asia/Shanghai')::date"
    " AND {1} <= (coalesce(e.ended_at, e.ends_at) AT TIME ZONE 'Asia/Shanghai')::date)"
)
_WHOSE = {
    "operator": "true",
    "merchant": "{0}.merchant_id = %(owner)s",
    "promoter": "{0}.promoter_id = %(owner)s",
    "leader": _LED,
}
"""Kind of party → what a row must be to be its own; `{0}` has promoter, merchant and product, `{1}` is the day."""

_BASE = """
    SELECT f.day, f.merchant_id, f.promoter_id, f.place_id, f.product_id, f.shares, f.clicks, f.visitors, f.orders,
        f.paid_fen, f.refunded_fen
    FROM figures_day f
    WHERE f.promoter_id > 0 AND f.day >= %(first)s::date AND f.day < %(today)s::date AND {of_figures}
    UNION ALL
    SELECT %(today)s::date, l.merchant_id, l.promoter_id, l.place_id, coalesce(l.product_id, 0), 0, count(*),
        count(DISTINCT k.visitor), 0, 0, 0
    FROM attribution_click k JOIN attribution_link l ON l.id = k.link_id
    WHERE k.at >= %(begin)s::timestamptz AND {of_link} GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT %(today)s::date, s.merchant_id, s.promoter_id, s.place_id, coalesce(s.product_id, 0), count(*), 0, 0, 0, 0, 0
    FROM attribution_share s WHERE s.at >= %(begin)s::timestamptz AND {of_share} GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT %(today)s::date, o.merchant_id, o.promoter_id, o.place_id, o.product_id, 0, 0, 0, (o.line = 1)::int,
        o.paid_fen, o.refunded_fen
    FROM (
        SELECT s.merchant_id, c.promoter_id, coalesce(c.place_id, 0) AS place_id,
            coalesce(s.product_id, 0) AS product_id, s.paid_fen, s.refunded_fen,
            row_number() OVER (PARTITION BY s.order_no, c.promoter_id ORDER BY s.id) AS line
        FROM commission_sale s JOIN attribution_claim c ON c.id = s.id AND c.kind <> 'none' AND c.promoter_id > 0
        WHERE s.kind = 'goods' AND s.paid_at >= %(begin)s::timestamptz
    ) o WHERE {of_order}
"""
MEASURES = ("shares", "clicks", "visitors", "orders", "paid_fen", "refunded_fen")
_SUMS = ", ".join(f"coalesce(sum(b.{name}), 0)::bigint AS {name}" for name in MEASURES)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Sums of some days, today as it is now."""

    shares: int = 0
    clicks: int = 0
    visitors: int = 0
    orders: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0

    @property
    def conversion_bps(self) -> int | None:
        """Return orders per click in ten-thousandths, rounded down; None without clicks."""
        return self.orders * 10_000 // self.clicks if self.clicks else None

    @property
    def refund_bps(self) -> int | None:
        """Return what was refunded of what was paid in ten-thousandths, rounded down; None where nothing was paid."""
        return self.refunded_fen * 10_000 // self.paid_fen if self.paid_fen else None


@dataclass(frozen=True, slots=True)
class OfDay:
    """One day of a trend."""

    day: date
    figures: Behaviour


@dataclass(frozen=True, slots=True)
class Best:
    """One of the top performers: public number, name, and its figures."""

    no: str
    name: str
    figures: Behaviour


def base_sql(kind: str) -> str:
    """Return the rows (day, ids, measures) that a party of `kind` sees; its parameters are those of `scope`."""
    whose = _WHOSE[kind]
    return _BASE.format(
        of_figures=whose.format("f", "f.day"),
        of_link=whose.format("l", "%(today)s::date"),
        of_share=whose.format("s", "%(today)s::date"),
        of_order=whose.format("o", "%(today)s::date"),
    )


def scope(*, owner_id: int, span: int, now: datetime, promoter_id: int = 0, place_id: int = 0) -> dict[str, Any]:
    """Return the parameters of `base_sql`: whose, the last `span` days with today, one promoter or place only."""
    today = days.day_of(now)
    return {
        "owner": owner_id,
        "first": (today - timedelta(days=span - 1)).isoformat(),
        "today": today.isoformat(),
        "begin": days.start_of(today).isoformat(),
        "promoter": promoter_id,
        "place": place_id,
    }


NARROWED = "(%(promoter)s = 0 OR b.promoter_id = %(promoter)s) AND (%(place)s = 0 OR b.place_id = %(place)s)"


def sums(kind: str, asked: Mapping[str, Any]) -> Behaviour:
    """Return the sums of a scope."""
    found = rows.query(f"SELECT {_SUMS} FROM ({base_sql(kind)}) b WHERE {NARROWED}", asked)
    return Behaviour(*found[0])


def trend(kind: str, asked: Mapping[str, Any]) -> list[OfDay]:
    """Return each day of a scope, the oldest first; a day without anything has zeros."""
    found = {
        day: Behaviour(*values)
        for day, *values in rows.query(
            f"SELECT b.day, {_SUMS} FROM ({base_sql(kind)}) b WHERE {NARROWED} GROUP BY b.day", asked
        )
    }
    first, last = date.fromisoformat(asked["first"]), date.fromisoformat(asked["today"])
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [OfDay(day, found.get(day, Behaviour())) for day in every]


_NAMED = {
    "promoter": ("promoter_id", "parties_party p ON p.id = t.one", "p.no, p.name"),
    "product": ("product_id", "catalog_product p ON p.id = t.one", "p.no, p.title"),
}


def board(kind: str, by: str, asked: Mapping[str, Any]) -> list[Best]:
    """Return the top promoters or products (`by`) of a scope: the most orders, then the most paid, then clicks."""
    column, join, named = _NAMED[by]
    found = rows.query(
        f"""
        SELECT {named}, t.* FROM (
            SELECT {_SUMS}, b.{column} AS one FROM ({base_sql(kind)}) b WHERE {NARROWED} AND b.{column} > 0
            GROUP BY b.{column} HAVING sum(b.orders) > 0
            ORDER BY sum(b.orders) DESC, sum(b.paid_fen) DESC, sum(b.clicks) DESC, b.{column} LIMIT {BOARD}
        ) t JOIN {join} ORDER BY t.orders DESC, t.paid_fen DESC, t.clicks DESC, t.one
        """,
        asked,
    )
    return [Best(no, name, Behaviour(*values[: len(MEASURES)])) for no, name, *values in found]


def has_worked(kind: str, *, owner_id: int, promoter_id: int, now: datetime) -> bool:
    """Return whether a promoter ever made material for what the party has, or brought something of it."""
    whose = _WHOSE[kind]
    today = days.day_of(now)
    found = rows.query(
        f"""
        SELECT EXISTS (SELECT 1 FROM attribution_link l WHERE l.promoter_id = %(promoter)s
                AND {whose.format("l", "%(today)s::date")})
            OR EXISTS (SELECT 1 FROM figures_day f WHERE f.promoter_id = %(promoter)s AND {whose.format("f", "f.day")})
        """,
        {"owner": owner_id, "promoter": promoter_id, "today": today},
    )
    return bool(found[0][0])


def place(pid: str) -> tuple[int, int, str] | None:
    """Return (place, promoter, name) of a place, a deleted one too: its material still works."""
    found = rows.query("SELECT id, promoter_id, name FROM attribution_place WHERE pid = %s", [pid])
    return found[0] if found else None
