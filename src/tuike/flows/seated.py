"""Who of some persons still sits in a party: whoever left gets no more mail of it."""

from collections.abc import Iterable

from tuike.parties import queries as parties


def of(*, party_id: int, person_ids: Iterable[int]) -> list[int]:
    """Return those of the persons who sit there, in order."""
    wanted = set(person_ids)
    if not wanted:
        return []
    seats = parties.administrators_of([party_id]).get(party_id, [])
    return sorted(one.person_id for one in seats if one.person_id in wanted)
