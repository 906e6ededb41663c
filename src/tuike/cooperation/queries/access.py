"""To whom the contract's functions are open."""

from collections.abc import Iterable
from datetime import datetime

from tuike.db import rows
from tuike.settings import service as settings

SETTING = "cooperation_open"
"""1: open to all; 0: to named parties."""


def access_open(party_ids: Iterable[int]) -> set[int]:
    """Return the parties of these to whom the contract's functions are open (docs/rules.md §9)."""
    wanted = set(party_ids)
    if settings.get(SETTING):
        return wanted
    found = rows.query(
        "SELECT party_id FROM cooperation_access WHERE party_id = ANY(%s) AND closed_at IS NULL", [sorted(wanted)]
    )
    return {party_id for (party_id,) in found}


def functions_open(party_id: int) -> bool:
    """Return whether the contract's functions are open to a party."""
    return party_id in access_open([party_id])


def parties_opened() -> list[tuple[int, datetime]]:
    """Return the parties that the operator opened the functions to by name, and since when, the latest first."""
    return [
        (party_id, at)
        for party_id, at in rows.query(
            "SELECT party_id, opened_at FROM cooperation_access WHERE closed_at IS NULL ORDER BY id DESC"
        )
    ]
