"""Rows of parties as the shapes that cross the border."""

from tuike.parties.types import (
    PartyKind,
    PartyRef,
)


def ref(row: tuple) -> PartyRef:
    """Return the party of a row of id, no, kind and name."""
    return PartyRef(row[0], row[1], PartyKind(row[2]), row[3])
