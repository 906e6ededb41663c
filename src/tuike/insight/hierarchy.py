"""Who recruited whom, page by page: children with how many they recruited, what was sold by way of them lately, their
grade. For the operator the whole tree, for a merchant its agents with all below, for a promoter three levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.figures import queries as figures
from tuike.figures.types import Figures, Owner
from tuike.kit.days import day_of
from tuike.kit.errors import NotFound
from tuike.network import queries as network
from tuike.parties import queries as parties
from tuike.parties.types import TREE_LEVELS, TreeNode

LATELY_DAYS = 30
_IN_SHOP = """
    SELECT promoter_id, sum(clicks)::bigint, sum(orders)::bigint, sum(paid_fen)::bigint, sum(refunded_fen)::bigint,
        sum(estimated_fen)::bigint, sum(settled_fen)::bigint
    FROM figures_day WHERE merchant_id = %(merchant)s AND promoter_id = ANY(%(ids)s)
        AND day BETWEEN %(first)s AND %(last)s
    GROUP BY promoter_id
"""
_GRADES = """
    SELECT substr(r.lookup, 7)::bigint, g.name FROM plans_rate r JOIN plans_grade g ON g.id = r.grade_id
    WHERE r.lookup = ANY(%s) AND r.valid @> %s::timestamptz
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose tree it is: a promoter's, a merchant's, or with neither the operator's."""

    promoter_id: int | None = None
    merchant_id: int | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A promoter in the tree with the last 30 natural days: orders and fen paid by way of it, estimated commission."""

    node: TreeNode
    grade: str
    lately: Figures


@dataclass(frozen=True, slots=True)
class TreePage:
    """Children of a node (none: the tops of the tree), and the id after which the next page begins, 0 at the end."""

    under: TreeNode | None
    items: tuple[Branch, ...]
    next_id: int


@dataclass(frozen=True, slots=True)
class TeamTotals:
    """How many stand below on each of three levels, and what was paid by way of them in 30 days. For information: a
    team's totals pay nothing (docs/rules.md §11)."""

    counts: tuple[int, ...]
    orders: int
    paid_fen: int


def tree_page(*, viewer: Viewer, under_no: str = "", after_id: int = 0, limit: int = 50, now: datetime) -> TreePage:
    """Return a page of the tree: of the viewer's own top, or of what stands under the promoter `under_no`.

    Raises:
        NotFound: no such promoter in the viewer's tree, or one at whose children a promoter's view has ended.
    """
    under = _seen(viewer, under_no) if under_no else None
    if under is not None:
        children = parties.tree_children(promoter_id=under.id, after_id=after_id, limit=limit)
    elif viewer.promoter_id is not None:
        under = parties.tree_nodes([viewer.promoter_id])[viewer.promoter_id]
        children = parties.tree_children(promoter_id=viewer.promoter_id, after_id=after_id, limit=limit)
    elif viewer.merchant_id is not None:
        own = network.agents_of(merchant_id=viewer.merchant_id, after_id=after_id, limit=limit)
        nodes = parties.tree_nodes(one for one, _ in own)
        children = [nodes[one] for one, _ in own]
    else:
        children = parties.tree_children(promoter_id=None, after_id=after_id, limit=limit)
    next_id = children[-1].id if len(children) == limit else 0
    return TreePage(under, tuple(branches(children, now, merchant_id=viewer.merchant_id)), next_id)


def search(
    *, viewer: Viewer, text: str, after: tuple[str, int] = ("", 0), limit: int = 50, now: datetime
) -> list[Branch]:
    """Return promoters of the viewer's tree by their number, or by how their name begins, by name."""
    said = text.strip()
    if not said:
        return []
    if viewer.promoter_id is not None:
        found = parties.search_tree(said, roots=[viewer.promoter_id], levels=TREE_LEVELS, after=after, limit=limit)
    elif viewer.merchant_id is not None:
        agents = network.agent_ids(viewer.merchant_id)
        found = parties.search_tree(said, roots=agents, after=after, limit=limit)
    else:
        found = parties.search_tree(said, after=after, limit=limit)
    return branches(found, now, merchant_id=viewer.merchant_id)


def path(*, viewer: Viewer, no: str) -> list[TreeNode]:
    """Return the way down to a promoter, from the top of what the viewer sees.

    Raises:
        NotFound: no such promoter in the viewer's tree.
    """
    way = parties.tree_path(_seen(viewer, no, last=True).id)
    if viewer.promoter_id is not None:
        start = [one.id for one in way].index(viewer.promoter_id)
        return way[start:]
    if viewer.merchant_id is not None:
        recruited = network.agent_merchants(one.id for one in way)
        start = next(i for i, one in enumerate(way) if recruited.get(one.id) == viewer.merchant_id)
        return way[start:]
    return way


def team_totals(*, promoter_id: int, now: datetime) -> TeamTotals:
    """Return how many stand below a promoter, three levels down, and what was sold by way of them in 30 days."""
    found = rows.query(
        """
        WITH RECURSIVE below (level, party_id) AS (
            SELECT 1, party_id FROM parties_promoter WHERE recruiter_id = %(id)s
            UNION ALL
            SELECT b.level + 1, c.party_id FROM below b JOIN parties_promoter c ON c.recruiter_id = b.party_id
            WHERE b.level < %(levels)s
        )
        SELECT b.level, count(*), coalesce(sum(s.orders), 0)::bigint, coalesce(sum(s.paid_fen), 0)::bigint
        FROM below b LEFT JOIN LATERAL (
            SELECT sum(orders) AS orders, sum(paid_fen) AS paid_fen FROM figures_sum
            WHERE kind = %(kind)s AND owner_id = b.party_id AND day BETWEEN %(first)s AND %(last)s
        ) s ON true
        GROUP BY b.level
        """,
        {"id": promoter_id, "levels": TREE_LEVELS, "kind": Owner.PROMOTER.value, **_span(now)},
    )
    by_level = {level: (count, orders, fen) for level, count, orders, fen in found}
    each = [by_level.get(level, (0, 0, 0)) for level in range(1, TREE_LEVELS + 1)]
    return TeamTotals(tuple(one[0] for one in each), sum(one[1] for one in each), sum(one[2] for one in each))


def branches(nodes: Sequence[TreeNode], now: datetime, *, merchant_id: int | None = None) -> list[Branch]:
    """Return promoters with their grade and what was sold by way of them in the last 30 natural days; for a merchant
    what they sold for it, nothing of other shops'."""
    ids = [one.id for one in nodes]
    if not ids:
        return []
    if merchant_id is None:
        sold = figures.sums_of(owner=Owner.PROMOTER, owner_ids=ids, **_span(now))
    else:
        sold = _in_shop(merchant_id, ids, now)
    grades = grades_of(ids, now)
    return [Branch(one, grades.get(one.id, ""), sold.get(one.id, Figures())) for one in nodes]


def grades_of(promoter_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Return promoter → the name of the grade that it has now; who has none is missing."""
    return dict(rows.query(_GRADES, [[f"grade:{one}" for one in promoter_ids], now]))


def _in_shop(merchant_id: int, ids: Sequence[int], now: datetime) -> dict[int, Figures]:
    found = rows.query(_IN_SHOP, {"merchant": merchant_id, "ids": list(ids), **_span(now)})
    return {
        one: Figures(
            clicks=clicks, orders=orders, paid_fen=paid, refunded_fen=back, estimated_fen=estimated, settled_fen=settled
        )
        for one, clicks, orders, paid, back, estimated, settled in found
    }


def _span(now: datetime) -> dict:
    today = day_of(now)
    return {"first": today - timedelta(days=LATELY_DAYS - 1), "last": today}


def _seen(viewer: Viewer, no: str, *, last: bool = False) -> TreeNode:
    """Return a promoter that the viewer sees; with `last` also one on the lowest level of a promoter's view."""
    found = parties.find(no)
    node = parties.tree_nodes([found.id]).get(found.id) if found is not None else None
    if node is None:
        raise NotFound
    if viewer.promoter_id is not None:
        way = (node.id, *parties.lines_of([node.id])[node.id])[: TREE_LEVELS + 1 if last else TREE_LEVELS]
        if viewer.promoter_id not in way:
            raise NotFound
    elif viewer.merchant_id is not None and node.id not in _of_merchant(viewer.merchant_id, [node.id]):
        raise NotFound
    return node


def _of_merchant(merchant_id: int, promoter_ids: Sequence[int]) -> set[int]:
    """Return which of these a merchant recruited, or stand below one whom it did."""
    lines = parties.lines_of(promoter_ids)
    agents = network.agent_merchants({one for id_, line in lines.items() for one in (id_, *line)})
    own = {one for one, merchant in agents.items() if merchant == merchant_id}
    return {id_ for id_, line in lines.items() if own & {id_, *line}}
