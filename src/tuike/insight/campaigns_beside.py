"""Which campaigns run at the same time as one and may be for the same products, and which of them wins there."""

from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.plans.types import CampaignShown, NewCampaign

MOST = 20


@dataclass(frozen=True, slots=True)
class Beside:
    """A campaign at the same time. `wins` where both apply: "this" campaign or the "other"."""

    no: str
    name: str
    rate_bps: int
    starts_at: datetime
    ends_at: datetime
    by_operator: bool
    wins: str


_SAME_TIME = """
    SELECT c.id, c.no, c.name, c.rate_bps, c.starts_at, least(c.ends_at, c.stopped_at), c.merchant_id IS NULL,
        array_remove(array_agg(r.product_id), NULL), array_remove(array_agg(r.category_id), NULL), max(r.id)
    FROM plans_campaign c JOIN plans_rate r ON r.campaign_id = c.id AND r.layer = 'campaign'
    WHERE (c.merchant_id = %(merchant)s OR c.merchant_id IS NULL) AND c.id <> %(but)s AND NOT isempty(r.valid)
        AND r.valid && tstzrange(greatest(%(from)s, %(now)s), %(until)s)
    GROUP BY c.id ORDER BY c.id DESC LIMIT %(most)s
"""
_OWN = "SELECT product_id, category_id, id FROM plans_rate WHERE campaign_id = %s AND layer = 'campaign'"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a campaign is for, without either: everything; and its latest row."""

    products: frozenset[int]
    categories: frozenset[int]
    last: int

    @property
    def width(self) -> int:
        """Return 0 for products, 1 for categories, 2 for everything: the narrower wins."""
        return 0 if self.products else 1 if self.categories else 2


def campaigns_beside(*, merchant_id: int, campaign: CampaignShown | NewCampaign, now: datetime) -> list[Beside]:
    """Return the campaigns of a shop and of the operator that run while this one does and may be for the same
    products, the later ones first; what a new one competes with is told before it is published (docs/rules.md §3)."""
    ends = campaign.ends_at
    if isinstance(campaign, CampaignShown):
        id_ = campaign.campaign_id
        own = rows.query(_OWN, [id_])
        mine = _Scope(
            frozenset(product for product, _, _ in own if product),
            frozenset(category for _, category, _ in own if category),
            max((row for *_, row in own), default=0),
        )
        ends = min(ends, campaign.stopped_at or ends)
    else:
        id_, mine = 0, _Scope(frozenset(campaign.product_ids), frozenset(campaign.category_ids), 2**62)
    if ends <= max(now, campaign.starts_at):
        return []
    span = {"from": campaign.starts_at, "until": ends, "now": now}
    found = rows.query(_SAME_TIME, {"merchant": merchant_id, "but": id_, "most": MOST, **span})
    others = [(row[1:7], _Scope(frozenset(row[7]), frozenset(row[8]), row[9])) for row in found]
    paths = catalog.category_paths(sorted({one for _, scope in [((), mine), *others] for one in scope.products}))
    tree = {node.category_id: node.path for node in catalog.categories()}
    return [Beside(*facts, _wins(mine, scope)) for facts, scope in others if _meet(mine, scope, paths, tree)]


def _wins(mine: _Scope, other: _Scope) -> str:
    """Return who wins where both apply: a product's over a category's over all, then the row written later."""
    if mine.width != other.width:
        return "this" if mine.width < other.width else "other"
    return "this" if mine.last > other.last else "other"


def _meet(one: _Scope, other: _Scope, paths: dict[int, tuple[int, ...]], tree: dict[int, tuple[int, ...]]) -> bool:
    """Return whether a product can be in both."""
    if 2 in (one.width, other.width):
        return True
    if one.width == other.width == 0:
        return bool(one.products & other.products)
    if one.width == other.width == 1:
        under = {id_ for id_, path in tree.items() if one.categories & set(path)}
        return any(under & {id_ for id_, path in tree.items() if category in path} for category in other.categories)
    products, categories = (one.products or other.products), (one.categories or other.categories)
    return any(categories & set(paths.get(product, ())) for product in products)
