"""Verbs of review rules."""

from tuike.review.rules import judge, problem
from tuike.review.service.hitting import keep_hits, take_overdue
from tuike.review.service.rulebook import change_rule, create_rule, delete_rule, move_rule, turn_rule

__all__ = [
    "change_rule",
    "create_rule",
    "delete_rule",
    "judge",
    "keep_hits",
    "move_rule",
    "problem",
    "take_overdue",
    "turn_rule",
]
