"""All calls of this door, in the order of the documents."""

from tuike.doors.union import places, products, tokens

CALLS = (*tokens.CALLS, *places.CALLS, *products.CALLS)
"""A family of calls adds its own here."""
