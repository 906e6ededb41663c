"""The score of each order of a promoter's book: which signals fire, and what they come to together."""

from collections.abc import Iterable

from tuike.scoring.rules.signals import Reading
from tuike.scoring.types import MOST, Book, Found, Limits, Score

FLOORS = Limits()
"""What is odd where nobody knows yet what is usual."""


def judge(book: Book, limits: Limits = FLOORS) -> dict[str, Score]:
    """Return the score of every order of a promoter's book, by its number (docs/rules.md §11)."""
    reading = Reading(book, limits)
    return {trace.order_no: combine(reading.about(trace)) for trace in book.traces}


def combine(findings: Iterable[Found]) -> Score:
    """Return the score of what was found: each finding takes its share of the doubt that the heavier ones left.

    In thousandths, each step rounded down: the fraction stays with the order.
    """
    ordered = tuple(sorted(findings, key=lambda one: (-one.points, one.signal, one.value, one.threshold)))
    left = MOST
    for one in ordered:
        left -= left * one.points // MOST
    return Score(MOST - left, ordered)
