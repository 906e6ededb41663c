"""Makers of thresholds, looks at them, and reports: by the module's own verbs."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from tuike.alerts import queries, service
from tuike.alerts.types import Compare, Look, Measured, Rhythm, ThresholdShown, Unit, Wish

NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)
"""4 March 2026, a Wednesday, noon in Shanghai."""
ABOVE = Wish("paid", 1, Compare.ABOVE, 100_00)


def threshold(
    party_id: int, wish: Wish = ABOVE, *, person_id: int = 7, mail: bool = False, now: datetime = NOON
) -> ThresholdShown:
    """Return a threshold that somebody set."""
    with transaction.atomic():
        no = service.set_threshold(party_id=party_id, person_id=person_id, wish=wish, mail=mail, now=now)
    return queries.threshold(party_id=party_id, no=no)


def measured(value: int | None, before: int | None = None, *, at: datetime = NOON) -> Measured:
    """Return a figure that was read."""
    return Measured(value, before, Unit.FEN, "成交金额", "Paid", date(2026, 3, 4), date(2026, 3, 4), at)


def looks(value: int, *, over: bool, at: datetime = NOON) -> list[Look]:
    """Return that every threshold was seen at a value."""
    seen = measured(value, at=at)
    return [Look(one, seen, over) for one in service.to_look_at(now=NOON)]


def content(**more: Any) -> dict[str, Any]:
    """Return the content of a small report."""
    return {
        "party": "好物小店",
        "tiles": [
            {"key": "paid", "zh": "成交金额", "en": "Paid", "unit": "fen", "value": 123_45, "before": 100_00,
             "change_bps": 2345},
            {"key": "conversion", "zh": "转化率", "en": "Conversion", "unit": "bps", "value": None, "before": None,
             "change_bps": None},
        ],
        "tops": [
            {"by": "product", "rows": [{"name": "<茶>", "name_en": "<茶>", "paid_fen": 123_45, "orders": 2}]},
            {"by": "promoter", "rows": []},
        ],
        "days": [{"day": f"2026-03-{n:02d}", "paid_fen": n * 1000, "orders": n} for n in range(1, 4)],
        "watermark": NOON.isoformat(),
        "said_zh": "成交金额 ¥123.45",
        "said_en": "paid ¥123.45",
        **more,
    }  # fmt: skip


def subscribed(
    party_id: int, person_id: int, *, rhythm: Rhythm = Rhythm.DAILY, mail: bool = True, now: datetime = NOON
):
    """Subscribe a person to a party's report at eight."""
    with transaction.atomic():
        service.subscribe(
            party_id=party_id, person_id=person_id, rhythm=rhythm, weekday=1 if rhythm is Rhythm.WEEKLY else None,
            hour=8, mail=mail, now=now,
        )  # fmt: skip
    return queries.subscriptions_of(person_id=person_id, party_id=party_id)[rhythm]
