"""Counting everything anew, some days after another, beside a living system.

Each part is right by itself: a kill in between leaves days that are counted anew and days that stand as they were.
"""

from datetime import date, datetime, timedelta

from tuike.db import rows
from tuike.figures.service import sources
from tuike.figures.service.following import LATE, SALES
from tuike.figures.service.months import keep_months
from tuike.figures.service.spans import keep_spans
from tuike.figures.service.writing import sum_up, take_time
from tuike.kit import days


def begin_rebuild(*, now: datetime) -> list[date]:
    """Throw away what stands on days without any source, and return all days that there are, the first one first."""
    take_time()
    first = rows.query(
        "SELECT least((SELECT min(paid_at) FROM commission_sale), (SELECT min(at) FROM attribution_click),"
        " (SELECT min(at) FROM attribution_share))"
    )[0][0]
    latest = rows.query("SELECT max(paid_at) FROM commission_sale")[0][0]
    last = days.day_of(max(now, latest or now))
    begins = days.day_of(first) if first else last
    for table in ("figures_day", "figures_sum"):
        rows.run(f"DELETE FROM {table} WHERE day < %s OR day > %s", [begins, last])
    return [begins + timedelta(days=n) for n in range((last - begins).days + 1)] if first else []


def count_days(*, first: date, last: date, now: datetime) -> None:
    """Count some days (both included) anew from nothing, with their sums."""
    take_time()
    span = {"first": first, "last": last}
    begin, end = days.start_of(first), days.start_of(last + timedelta(days=1))
    until = _clicks_until(now)
    for table in ("figures_day", "figures_sum"):
        rows.run(f"DELETE FROM {table} WHERE day BETWEEN %(first)s AND %(last)s", span)
    keys, sales, clicks = ", ".join(sources.KEYS), ", ".join(SALES), ", ".join(sources.CLICKS)
    counted = sources.sold("s.paid_at >= %(begin)s AND s.paid_at < %(end)s")
    rows.run(
        f"INSERT INTO figures_day ({keys}, {sales}) SELECT {keys}, {sales} FROM ({counted}) AS counted"
        " ORDER BY merchant_id, day, promoter_id, place_id, product_id",
        sources.PARAMS | {"begin": begin, "end": end},
    )
    excluded = ", ".join(f"{one} = excluded.{one}" for one in sources.CLICKS)
    rows.run(
        f"INSERT INTO figures_day ({keys}, {clicks}) {sources.visited(only_fresh=False)}"
        " ON CONFLICT (merchant_id, day, promoter_id, place_id, product_id, leader_id, campaign_id)"
        f" DO UPDATE SET {excluded}",
        {"begin": begin, "end": min(end, max(begin, until))},
    )
    sum_up(where="f.day BETWEEN %(first)s AND %(last)s", params=span)


def end_rebuild(*, now: datetime) -> None:
    """Make anew what is made of the days: kept spans, promoters' months, and until when clicks are counted."""
    take_time()
    until = _clicks_until(now)
    rows.run(
        "INSERT INTO figures_clicks (id, until, whole_until) VALUES (1, %s, %s) ON CONFLICT DO NOTHING",
        [until, days.day_of(until) - timedelta(days=1)],
    )
    keep_spans(today=days.day_of(now))
    keep_months()


def _clicks_until(now: datetime) -> datetime:
    found: list[tuple[datetime]] = rows.query("SELECT until FROM figures_clicks WHERE id = 1")
    return found[0][0] if found else now - LATE
