"""Bringing figures up to what was told: the days it touches are counted anew, and what is made of them follows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from tuike.db import rows
from tuike.figures.service import sources
from tuike.figures.service.months import follow_months
from tuike.figures.service.spans import follow_spans
from tuike.figures.service.writing import Moved, put, sum_up
from tuike.kit import days

LATE = timedelta(seconds=30)
"""How long after its instant a click may be written and still be counted with its fellows."""
SALES = (*sources.SALES, "commission")
_MERCHANT, _PROMOTER, _LEADER = (sources.KEYS.index(f"{one}_id") for one in ("merchant", "promoter", "leader"))


def count(
    *,
    order_nos: Iterable[str] = (),
    sale_ids: Iterable[int] = (),
    accrual_ids: Iterable[int] = (),
    now: datetime,
) -> int:
    """Count the days anew on which these were paid; return how many merchants' days those were (docs/rules.md §8).

    All statements have to see one state of the books: the caller's transaction is repeatable read.
    """
    touched: dict[date, list[int]] = defaultdict(list)
    for day, merchant_id in _touched(order_nos, sale_ids, accrual_ids):
        touched[day].append(merchant_id)
    moved: list[Moved] = []
    for day, merchants in sorted(touched.items()):
        moved += put(
            sources.sold("s.merchant_id = ANY(%(merchants)s) AND s.paid_at >= %(begin)s AND s.paid_at < %(end)s"),
            sources.PARAMS | _edges(day) | {"merchants": sorted(merchants)},
            SALES,
        )
    _follow(moved, now)
    return sum(map(len, touched.values()))


def _touched(order_nos: Iterable[str], sale_ids: Iterable[int], accrual_ids: Iterable[int]) -> list[tuple[date, int]]:
    found: set[tuple[date, int]] = set()
    for condition, values in (
        ("s.order_no = ANY(%s)", sorted(set(order_nos))),
        ("s.id = ANY(%s)", sorted(set(sale_ids))),
        ("s.id IN (SELECT sale_id FROM commission_accrual WHERE id = ANY(%s))", sorted(set(accrual_ids))),
    ):
        if values:
            found.update(
                rows.query(
                    f"SELECT DISTINCT {sources.DAY}, s.merchant_id FROM commission_sale s WHERE {condition}", [values]
                )
            )
    return sorted(found)


def count_clicks(*, now: datetime) -> int:
    """Count clicks, visitors and shares until half a minute ago; days that are over once more as a whole.

    A click that was written late is in its day then. Returns how many rows changed.
    """
    until = now - LATE
    held = rows.query("SELECT until, whole_until FROM figures_clicks WHERE id = 1 FOR UPDATE")
    if held:
        begin, whole = held[0]
    else:
        first = rows.query(
            "SELECT least((SELECT min(at) FROM attribution_click), (SELECT min(at) FROM attribution_share))"
        )[0][0]
        begin = days.start_of(days.day_of(first or until))
        whole = days.day_of(begin) - timedelta(days=1)
        rows.run("INSERT INTO figures_clicks (id, until, whole_until) VALUES (1, %s, %s)", [begin, whole])
    if until <= begin:
        return 0
    over = days.day_of(until) - timedelta(days=1)
    moved: list[Moved] = []
    while whole < over:
        whole += timedelta(days=1)
        moved += put(sources.visited(only_fresh=False), _edges(whole), sources.CLICKS)
        begin = max(begin, days.start_of(whole + timedelta(days=1)))
    today = {"begin": days.start_of(over + timedelta(days=1)), "since": begin, "end": until}
    moved += put(sources.visited(only_fresh=True), today, sources.CLICKS)
    rows.run("UPDATE figures_clicks SET until = %s, whole_until = %s WHERE id = 1", [until, whole])
    _follow(moved, now)
    return len(moved)


def _follow(moved: Sequence[Moved], now: datetime) -> None:
    """Bring sums, spans and months up to the rows that changed."""
    changed: dict[date, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in moved:
        of = changed[one[0]]
        of["merchant"].add(one[_MERCHANT])
        of["promoter"].update({one[_PROMOTER]} - {0})
        of["leader"].update({one[_LEADER]} - {0})
    for day, ids in sorted(changed.items()):
        sum_up(where="f.day = %(day)s", params={"day": day}, ids={kind: sorted(some) for kind, some in ids.items()})
    follow_spans(moved=moved, today=days.day_of(now))
    follow_months(moved=moved)


def _edges(day: date) -> dict[str, datetime]:
    return {"begin": days.start_of(day), "end": days.start_of(day + timedelta(days=1))}
