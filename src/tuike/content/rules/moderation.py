"""Which texts pass by themselves."""

from collections.abc import Iterable

from tuike.content.types import Seen
from tuike.kit.grams import normal


def packed(text: str) -> str:
    """Return a text's letters and digits in normal form, nothing between them: a word split by dots is the word."""
    return "".join(c for c in normal(text) if c.isalnum())


def blocked_word(texts: Iterable[str], words: Iterable[str]) -> str:
    """Return the first of the blocked words (packed) that one of the texts holds, "" for none."""
    whole = "\n".join(packed(text) for text in texts)
    return next((word for word in words if word and word in whole), "")


def first_state(texts: Iterable[str], words: Iterable[str], *, by_rule: bool, has_pictures: bool) -> Seen:
    """Return where a new text begins: shown where the rule lets it pass (`by_rule`), else it waits for a person.

    No rule looks at pictures: a text with some of them waits (docs/rules.md §10).
    """
    if not by_rule or has_pictures or blocked_word(texts, words):
        return Seen.PENDING
    return Seen.SHOWN


def average_tenths(reviews: int, scores: int) -> int:
    """Return the average score in tenths, rounded down; 0 for no review."""
    return scores * 10 // reviews if reviews else 0
