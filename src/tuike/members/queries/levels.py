"""Reads of the ladder, and of where members stand on it."""

from collections.abc import Iterable

from tuike.db import rows
from tuike.members import rules
from tuike.members.types.facts import LevelTerms, Standing


def ladder() -> list[LevelTerms]:
    """Return the steps of the ladder, the lowest first."""
    found = rows.query(
        "SELECT name_zh, name_en, growth_needed, multiplier_bps, benefits_zh, benefits_en FROM members_level"
        " ORDER BY growth_needed"
    )
    return [
        LevelTerms(
            name_zh=row[0],
            name_en=row[1],
            growth_needed=row[2],
            multiplier_bps=row[3],
            benefits_zh=row[4],
            benefits_en=row[5],
        )
        for row in found
    ]


def standings(person_ids: Iterable[int]) -> dict[int, Standing]:
    """Return where persons stand; who never bought anything stands at the foot."""
    wanted = sorted(set(person_ids))
    steps = ladder()
    grown = dict(rows.query("SELECT person_id, growth FROM members_member WHERE person_id = ANY(%s)", [wanted]))
    return {person_id: rules.standing(grown.get(person_id, 0), steps) for person_id in wanted}


def bought_fen(person_ids: Iterable[int]) -> dict[int, int]:
    """Return person → fen that they paid for lines of orders and that didn't go back; who bought nothing is missing."""
    found = rows.query(
        "SELECT person_id, sum(paid_fen - refunded_fen)::bigint FROM members_purchase WHERE person_id = ANY(%s)"
        " GROUP BY person_id",
        [sorted(set(person_ids))],
    )
    return dict(found)


def standing_of(person_id: int) -> Standing:
    """Return where a person stands."""
    return standings([person_id])[person_id]
