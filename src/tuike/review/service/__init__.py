"""Verbs of review rules."""

from tuike.review.rules import asked_again, asks_score, fulfilled, judge, possible, problem
from tuike.review.service.hitting import keep_hits, take_overdue
from tuike.review.service.rulebook import change_rule, create_rule, delete_rule, move_rule, turn_rule

__all__ = [
    "asked_again",
    "asks_score",
    "change_rule",
    "create_rule",
    "delete_rule",
    "fulfilled",
    "judge",
    "keep_hits",
    "move_rule",
    "possible",
    "problem",
    "take_overdue",
    "turn_rule",
]
