"""Who and what brought it: an owner's figures of a span by promoter, product, category, place, campaign, shop or
leader, the best first (docs/rules.md §8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.db import rows
from tuike.figures import queries as figures
from tuike.figures.types import By, Figures, Owner, Span, Top
from tuike.insight.boards.behind import dimensions, of_group
from tuike.insight.boards.tiles import KINDS, span_days
from tuike.insight.boards.types import LEADER, MERCHANT, Behind
from tuike.kit import days
from tuike.kit.errors import NotFound

MOST = 10
"""Rows that are shown; the others stand in one row."""
ORDERS = ("paid", "estimated", "orders", "clicks")
"""By what the best are the best, the usual one first."""

_PARTIES = "SELECT id, no, name, '', '' FROM parties_party WHERE id = ANY(%s)"
NAMES = {
    "product": "SELECT id, no, title, '', coalesce(regexp_replace(pictures[1], '^/media/', ''), '')"
    " FROM catalog_product WHERE id = ANY(%s)",
    "place": "SELECT id, pid, name, '', '' FROM attribution_place WHERE id = ANY(%s)",
    "category": "SELECT id, id::text, name, name_en, '' FROM catalog_category WHERE id = ANY(%s)",
    "campaign": "SELECT id, no, name, '', '' FROM plans_campaign WHERE id = ANY(%s)",
    **dict.fromkeys(("promoter", "merchant", "leader"), _PARTIES),
}
"""What is named → (id, public number, name, English name, picture)."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One of the best: its number and names (both empty where there is none), figures, part of all that was paid."""

    no: str
    name: str
    name_en: str
    picture: str
    figures: Figures
    paid_bps: int | None
    behind: Behind


@dataclass(frozen=True, slots=True)
class Contributions:
    """The best, all others together, and when they were counted."""

    rows: tuple[Contribution, ...]
    rest: Figures
    counted_at: datetime | None


def contributions(*, owner: Owner, owner_id: int, by: str, span: int, order: str, now: datetime) -> Contributions:
    """Return the best of the last `span` days, today included.

    Raises:
        NotFound: a dimension that this owner's figures may not be broken down by, or no such order.
    """
    kind = KINDS[owner]
    if by not in dimensions(kind) or order not in ORDERS:
        raise NotFound
    found = figures.top(
        owner=owner, owner_id=owner_id, by=By(by), span=Span(span), today=days.day_of(now), order=order, limit=MOST
    )
    first, last = span_days(span, now)
    paid_fen = sum(one.figures.paid_fen for one in found.rows) + found.rest.paid_fen
    names = _named(kind, by, found.rows)
    return Contributions(
        tuple(
            Contribution(
                *names.get(one.id, ("", "", "", "")),
                one.figures,
                one.figures.paid_fen * 10_000 // paid_fen if paid_fen else None,
                of_group(by, names.get(one.id, ("",))[0], kind, first, last),
            )
            for one in found.rows
        ),
        found.rest,
        found.counted_at,
    )


def _named(kind: str, by: str, tops: Sequence[Top]) -> dict[int, tuple[str, str, str, str]]:
    """Return number, name, English name and picture by id; what a promoter calls a place is its own affair."""
    found = rows.planned(NAMES[by], [[one.id for one in tops]]) if tops else []
    hidden = by == "place" and kind in (MERCHANT, LEADER)
    return {id_: (no, no if hidden else name, name_en, picture) for id_, no, name, name_en, picture in found}
