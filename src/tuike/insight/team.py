"""The promoters below one: who they are, since when, what was sold through them lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.figures import queries as figures
from tuike.figures.types import Owner
from tuike.kit.days import day_of
from tuike.parties import queries as parties

LATELY_DAYS = 90
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Member:
    """A promoter below; `sales_fen` is what was paid through their promotion in the last 90 natural days."""

    no: str
    name: str
    level: int
    joined_at: datetime
    sales_fen: int


@dataclass(frozen=True, slots=True)
class TeamShown:
    """Those below, the nearest first; `total` counts all."""

    recruiter: str
    total: int
    members: tuple[Member, ...]


def team(*, promoter_id: int, now: datetime) -> TeamShown:
    """Return who stands below a promoter, at most three levels down (docs/rules.md §1)."""
    below = parties.recruits_of(promoter_id)
    above = parties.promoter_facts([promoter_id])[promoter_id].line[:1]
    shown = below[:MOST_SHOWN]
    ids = [one for _, one in shown]
    names = parties.refs([*ids, *above])
    since = dict(rows.query("SELECT id, created_at FROM parties_party WHERE id = ANY(%s)", [ids]))
    today = day_of(now)
    sold = figures.paid_of(
        owner=Owner.PROMOTER, owner_ids=ids, first=today - timedelta(days=LATELY_DAYS - 1), last=today
    )
    return TeamShown(
        recruiter=names[above[0]].name if above else "",
        total=len(below),
        members=tuple(Member(names[x].no, names[x].name, level, since[x], sold.get(x, 0)) for level, x in shown),
    )
