"""Who acted: the actor that a door hands down."""

from dataclasses import dataclass


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
