"""What the contract says, as arithmetic of instants and counts; floors of activities; the words for it. Pure."""

from tuike.cooperation.rules.contract import (
    ANSWER_DAYS,
    REVIEW_DAYS,
    answer_in_time,
    can_cancel,
    lapses_at,
    on_cancel,
    review_until,
)
from tuike.cooperation.rules.floors import below, floor_for
from tuike.cooperation.rules.words import filed, label, notes

__all__ = [
    "ANSWER_DAYS",
    "REVIEW_DAYS",
    "answer_in_time",
    "below",
    "can_cancel",
    "filed",
    "floor_for",
    "label",
    "lapses_at",
    "notes",
    "on_cancel",
    "review_until",
]
