"""Where a text that people read stands."""

from dataclasses import dataclass
from enum import StrEnum


class Seen(StrEnum):
    """Whether a review or a post may be seen; `exits` says what may follow (docs/rules.md §10)."""

    PENDING = "pending"
    SHOWN = "shown"
    REJECTED = "rejected"
    HIDDEN = "hidden"
    CLOSED = "closed"

    @property
    def exits(self) -> "frozenset[Seen]":
        """Return the states that may follow this one."""
        return _EXITS[self]


_EXITS = {
    Seen.PENDING: frozenset({Seen.SHOWN, Seen.REJECTED, Seen.CLOSED}),
    Seen.SHOWN: frozenset({Seen.HIDDEN, Seen.PENDING, Seen.CLOSED}),
    Seen.REJECTED: frozenset({Seen.PENDING, Seen.SHOWN, Seen.CLOSED}),
    Seen.HIDDEN: frozenset({Seen.SHOWN, Seen.CLOSED}),
    Seen.CLOSED: frozenset({Seen.PENDING}),
}


class Queue(StrEnum):
    """What the operator decides: reviews with what was added to them, reviews to be hidden, posts, reports of posts."""

    REVIEWS = "reviews"
    HIDING = "hiding"
    POSTS = "posts"
    COMPLAINTS = "complaints"


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one row of a batch: decided `now`, or by somebody else before; `state` is where it stands (a
    report's post), None for what is gone."""

    no: str
    now: bool
    state: Seen | None
