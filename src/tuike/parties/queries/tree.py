"""Who stands below whom, and above: pages by key over the index of recruiters, never the whole tree."""

from collections.abc import Collection, Iterable

from tuike.db import rows
from tuike.parties.types import TREE_LEVELS, LineChangeShown, TreeNode

_NODE = """
    SELECT r.party_id, p.no, p.name, r.recruiter_id, coalesce(r.recruited_at, p.created_at),
        CASE WHEN r.standing = 'active' AND p.suspended_at IS NOT NULL THEN 'frozen' ELSE r.standing END,
        (SELECT count(*) FROM parties_promoter c WHERE c.recruiter_id = r.party_id), cardinality(r.line)
    FROM parties_promoter r JOIN parties_party p ON p.id = r.party_id
"""
_TEAM = """
    WITH RECURSIVE team (level, party_id) AS (
        SELECT 0, unnest(%(roots)s::bigint[])
        UNION
        SELECT t.level + 1, c.party_id FROM team t JOIN parties_promoter c ON c.recruiter_id = t.party_id
        WHERE %(levels)s::int IS NULL OR t.level < %(levels)s
    )
"""
_IN_TEAM = """
    JOIN (SELECT DISTINCT party_id FROM team WHERE %(levels)s::int IS NULL OR level > 0) team
        ON team.party_id = r.party_id
"""
_BELOW = """
    WITH RECURSIVE below (level, party_id) AS (
        SELECT 1, party_id FROM parties_promoter WHERE recruiter_id = %(id)s
        UNION ALL
        SELECT b.level + 1, c.party_id FROM below b JOIN parties_promoter c ON c.recruiter_id = b.party_id
        WHERE b.level < %(levels)s
    )
"""


def recruits_of(promoter_id: int, *, levels: int = TREE_LEVELS, limit: int | None = None) -> list[tuple[int, int]]:
    """Return who stands below a promoter as (level, promoter id), at most `levels` down, the nearest first."""
    return rows.query(
        _BELOW + "SELECT level, party_id FROM below ORDER BY level, party_id LIMIT %(limit)s",
        {"id": promoter_id, "levels": levels, "limit": limit},
    )


def count_below(promoter_id: int, *, levels: int = TREE_LEVELS) -> list[int]:
    """Return how many stand below a promoter on each of `levels` levels, the nearest first."""
    found = dict(
        rows.query(_BELOW + "SELECT level, count(*) FROM below GROUP BY level", {"id": promoter_id, "levels": levels})
    )
    return [found.get(level, 0) for level in range(1, levels + 1)]


def tree_children(*, promoter_id: int | None, after_id: int = 0, limit: int = 50) -> list[TreeNode]:
    """Return a page of those whom a promoter recruited (None: of those whom no promoter did), by id after `after_id`,
    each with how many it recruited itself."""
    above = "r.recruiter_id IS NULL" if promoter_id is None else "r.recruiter_id = %(above)s"
    found = rows.query(
        f"{_NODE} WHERE {above} AND r.party_id > %(after)s ORDER BY r.party_id LIMIT %(limit)s",
        {"above": promoter_id, "after": after_id, "limit": limit},
    )
    return [TreeNode(*row) for row in found]


def tree_nodes(promoter_ids: Iterable[int]) -> dict[int, TreeNode]:
    """Return promoters as they stand in the tree, by id."""
    found = rows.query(f"{_NODE} WHERE r.party_id = ANY(%s)", [list(promoter_ids)])
    return {row[0]: TreeNode(*row) for row in found}


def tree_path(promoter_id: int) -> list[TreeNode]:
    """Return the way from the top of the tree down to a promoter, which stands last; empty for no promoter."""
    found = rows.query("SELECT line FROM parties_promoter WHERE party_id = %s", [promoter_id])
    way = [*reversed(found[0][0]), promoter_id] if found else []
    nodes = tree_nodes(way)
    return [nodes[one] for one in way]


def search_tree(
    text: str,
    *,
    roots: Collection[int] | None = None,
    levels: int | None = None,
    after: tuple[str, int] = ("", 0),
    limit: int = 50,
) -> list[TreeNode]:
    """Return promoters whose number is `text`, or whose name begins with it, by name after (name, id) `after`.

    `roots`: only these with all below them; or, with `levels`, only who stands so many levels below them at most.
    """
    begins = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    said = {"no": text, "begins": begins, "roots": list(roots or ()), "levels": levels, "name": after[0]}
    inside, beside = ("", "") if roots is None else (_TEAM, _IN_TEAM)
    found = rows.query(f"{inside}{_NODE}{beside} WHERE p.kind = 'promoter' AND p.no = %(no)s", said)
    if after != ("", 0):
        found = []  # who has the number stands on the first page
    found += rows.query(
        f"{inside}{_NODE}{beside} WHERE p.kind = 'promoter' AND p.name COLLATE \"C\" LIKE %(begins)s AND p.no <> %(no)s"
        ' AND (p.name COLLATE "C", p.id) > (%(name)s, %(id)s) ORDER BY p.name COLLATE "C", p.id LIMIT %(limit)s',
        said | {"id": after[1], "limit": limit - len(found)},
    )
    return [TreeNode(*row) for row in found]


def lines_of(promoter_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return promoter → who stands above, nearest first: the up-lines of many orders at once."""
    found = rows.query("SELECT party_id, line FROM parties_promoter WHERE party_id = ANY(%s)", [list(promoter_ids)])
    return {party_id: tuple(line) for party_id, line in found}


def line_changes(promoter_id: int, *, limit: int = 50) -> list[LineChangeShown]:
    """Return under whom a promoter stood and came, the last change first."""
    found = rows.query(
        "SELECT nth, giver_id, taker_id, at, person_id, reason FROM parties_line_change WHERE promoter_id = %s"
        " ORDER BY nth DESC LIMIT %s",
        [promoter_id, limit],
    )
    return [LineChangeShown(*row) for row in found]
