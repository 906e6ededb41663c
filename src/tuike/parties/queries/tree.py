"""Who stands below whom."""

from tuike.db import rows


def recruits_of(promoter_id: int, *, levels: int = 3) -> list[tuple[int, int]]:
    """Return who stands below a promoter as (level, promoter id), at most `levels` down."""
    return rows.query(
        """
        SELECT level, party_id
        FROM (SELECT party_id, array_position(line, %(id)s::bigint) AS level FROM parties_promoter
              WHERE line @> ARRAY[%(id)s::bigint]) AS below
        WHERE level <= %(levels)s ORDER BY level, party_id
        """,
        {"id": promoter_id, "levels": levels},
    )
