"""The promoters below one: who they are, since when, what was sold through them lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.figures import queries as figures
from tuike.figures.types import Figures, Owner
from tuike.insight.hierarchy import grades_of
from tuike.kit.days import day_of
from tuike.parties import queries as parties
from tuike.parties.types import TreeNode

LATELY_DAYS = 90
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Member:
    """A promoter below; `sales_fen` and `orders` are what was paid through their promotion in the last 90 natural days,
    `recruits` how many they brought in themselves."""

    no: str
    name: str
    level: int
    joined_at: datetime
    sales_fen: int
    orders: int
    grade: str
    recruits: int


@dataclass(frozen=True, slots=True)
class TeamShown:
    """Those below, the nearest first; `total` counts all, `counts` those on each level."""

    recruiter: str
    total: int
    counts: tuple[int, ...]
    members: tuple[Member, ...]


def team(*, promoter_id: int, now: datetime) -> TeamShown:
    """Return who stands below a promoter, at most three levels down (docs/rules.md §1)."""
    below = parties.recruits_of(promoter_id, limit=MOST_SHOWN)
    counts = parties.count_below(promoter_id)
    above = parties.promoter_facts([promoter_id])[promoter_id].line[:1]
    ids = [one for _, one in below]
    names = parties.refs([*above])
    nodes = parties.tree_nodes(ids)
    today = day_of(now)
    sold = figures.sums_of(
        owner=Owner.PROMOTER, owner_ids=ids, first=today - timedelta(days=LATELY_DAYS - 1), last=today
    )
    grades = grades_of(ids, now)
    return TeamShown(
        recruiter=names[above[0]].name if above else "",
        total=sum(counts),
        counts=tuple(counts),
        members=tuple(_member(nodes[x], level, sold.get(x, Figures()), grades.get(x, "")) for level, x in below),
    )


def _member(node: TreeNode, level: int, sold: Figures, grade: str) -> Member:
    return Member(node.no, node.name, level, node.since, sold.paid_fen, sold.orders, grade, node.recruits)
