"""Decisions about alerts that are computable from values: what is over, which hours are quiet, when a report is due."""

from datetime import date, datetime, timedelta

from tuike.alerts.types import SPANS, Compare, Rhythm, Unit, Wish
from tuike.kit import days, money
from tuike.kit.errors import Invalid

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
"""How long a mail that the server didn't take rests before it is tried again; then it is given up."""
MOST = money.MAX_FEN
"""The largest bound on an amount or a number."""
MOST_CHANGE = 1_000_000
"""The largest bound on a change, in ten-thousandths: a hundredfold."""
HOURS = range(24)


def check(wish: Wish) -> None:
    """Refuse a wish that can't be watched for (docs/rules.md §11).

    Raises:
        Invalid: the span, the bound or the quiet hours.
    """
    if wish.span not in SPANS:
        raise Invalid(field="span", reason_zh="请选择页面上的时间范围", reason_en="choose one of the spans")
    most = money.BPS if wish.compare is Compare.FALLS else MOST_CHANGE if wish.compare.relative else MOST
    if not (0 if wish.compare is Compare.ABOVE else 1) <= wish.bound <= most:
        raise Invalid(field="bound", reason_zh="数值超出可设置的范围", reason_en="the value is out of range")
    quiet = (wish.quiet_from, wish.quiet_until)
    if (None in quiet and quiet != (None, None)) or not {*quiet} <= {None, *HOURS}:
        raise Invalid(field="quiet", reason_zh="请选择起止两个整点", reason_en="choose two full hours")
    if wish.quiet_from is not None and wish.quiet_from == wish.quiet_until:
        raise Invalid(field="quiet", reason_zh="起止不能相同", reason_en="the two must differ")


def quiet(wish: Wish, now: datetime) -> bool:
    """Whether nothing is looked at now."""
    if wish.quiet_from is None or wish.quiet_until is None:
        return False
    hour = now.astimezone(days.SHANGHAI).hour
    if wish.quiet_from < wish.quiet_until:
        return wish.quiet_from <= hour < wish.quiet_until
    return hour >= wish.quiet_from or hour < wish.quiet_until


def over(wish: Wish, *, value: int | None, before: int | None) -> bool | None:
    """Whether a figure has crossed a threshold; None where nothing can be said: no figure, or nothing before it.

    Exactly at the bound it hasn't. A change is held against the bound without rounding.
    """
    if value is None:
        return None
    if wish.compare is Compare.ABOVE:
        return value > wish.bound
    if wish.compare is Compare.BELOW:
        return value < wish.bound
    if before is None or before <= 0:
        return None
    moved = (value - before) * money.BPS
    return moved > wish.bound * before if wish.compare is Compare.RISES else -moved > wish.bound * before


def shown(value: int | None, unit: Unit) -> str:
    """Return a figure as a person reads it."""
    if value is None:
        return "—"
    said = {Unit.FEN: money.yuan, Unit.BPS: money.percent, Unit.COUNT: lambda number: f"{number:,}"}[unit](value)
    return said.replace("-", "−")


def said(wish: Wish, unit: Unit) -> tuple[str, str]:
    """Return what a threshold says in words, Chinese and English: `高于 ¥1,000.00`, `above ¥1,000.00`."""
    bound = money.percent(wish.bound) if wish.compare.relative else shown(wish.bound, unit)
    return {
        Compare.ABOVE: (f"高于 {bound}", f"above {bound}"),
        Compare.BELOW: (f"低于 {bound}", f"below {bound}"),
        Compare.RISES: (f"较上期上涨超过 {bound}", f"up by more than {bound} on the period before"),
        Compare.FALLS: (f"较上期下降超过 {bound}", f"down by more than {bound} on the period before"),
    }[wish.compare]


def over_days(wish: Wish) -> tuple[str, str]:
    """Return the days that a threshold looks over in words."""
    if wish.span == 1:
        return ("昨日", "yesterday") if wish.compare.whole else ("今日", "today")
    if wish.compare.whole:
        return f"截至昨日的 {wish.span} 天", f"the {wish.span} days up to yesterday"
    return f"近 {wish.span} 天", f"the last {wish.span} days"


def looked_until(wish: Wish, now: datetime) -> datetime:
    """Return the instant as of which a figure is asked for: now, or the last one of yesterday where days are whole."""
    if not wish.compare.whole:
        return now
    return days.start_of(days.day_of(now)) - timedelta(seconds=1)


def period(rhythm: Rhythm, now: datetime) -> tuple[date, date]:
    """Return the days of the latest report at an instant: yesterday, or the last whole week from Monday to Sunday."""
    today = days.day_of(now)
    if rhythm is Rhythm.DAILY:
        return today - timedelta(days=1), today - timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(days=7), monday - timedelta(days=1)


def next_at(rhythm: Rhythm, weekday: int | None, hour: int, *, after: datetime) -> datetime:
    """Return the first instant after `after` at which a report is due (docs/rules.md §11)."""
    day = days.day_of(after)
    while True:
        due = days.start_of(day) + timedelta(hours=hour)
        if due > after and (rhythm is Rhythm.DAILY or day.isoweekday() == weekday):
            return due
        day += timedelta(days=1)


def rest(tries: int) -> timedelta | None:
    """Return how long a mail rests after so many tries that the server didn't take; None: it is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
