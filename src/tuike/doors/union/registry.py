"""All calls of this door, in the order of the documents."""

from tuike.doors.union import places, tokens

CALLS = (*tokens.CALLS, *places.CALLS)
"""A family of calls adds its own here."""
