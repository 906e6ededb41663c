"""What goes into the feed, and what is read from it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """An object of a party that changed."""

    party_id: int
    kind: str
    object: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UpdateShown:
    """A place in a party's feed: which object stands there, and when it changed."""

    seq: int
    kind: str
    object: str
    at: datetime
