"""Who acted: the actor that a door hands down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person in a party's seat, a job, or the command line; `request_id` ties rows to the log."""

    kind: str
    person_id: int | None = None
    party_id: int | None = None
    role: str = ""
    request_id: str = ""


SYSTEM = Actor(kind="job")
"""What the product does by itself on a schedule."""

OPERATOR_SHELL = Actor(kind="cli")
"""A person at the machine's own command line."""


@dataclass(frozen=True, slots=True)
class ActShown:
    """An act as it stands in the log; `link` is its place in the chain, once it is sealed."""

    id: int
    at: datetime
    actor: Actor
    action: str
    object: str
    facts: dict[str, Any]
    digest: bytes
    link: int | None
