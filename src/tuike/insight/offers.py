"""Offers for targets as their pages show them: what would pay for one, how far a promoter is, with the proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode
from tuike.db import rows
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties import queries as parties
from tuike.parties.types import Source
from tuike.rewards import queries as rewards
from tuike.rewards.types import OfferShown

MOST_SALES = 100
"""Sales of a proof that are shown one by one."""


@dataclass(frozen=True, slots=True)
class Funding:
    """Which account pays for an offer, and what stands on it in fen: available, prepaid or promotion."""

    purpose: str
    left_fen: int


@dataclass(frozen=True, slots=True)
class ProofLine:
    """A sale that an award was counted from, as it stands now: what of it was given back since is told, too."""

    order_no: str
    title: str
    quantity: int
    paid_fen: int
    refunded_quantity: int
    refunded_fen: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """An award with what it was counted from; `counted_then` is what was left when it was taken back."""

    no: str
    amount_fen: int
    counted: int
    reached_at: datetime
    taken_back_at: datetime | None
    counted_then: int | None
    lines: tuple[ProofLine, ...]


@dataclass(frozen=True, slots=True)
class Reaching:
    """An offer as a promoter sees it: whose it is, how far the promoter is, and since when it has its award."""

    offer: OfferShown
    maker: str
    counted: int
    award_no: str
    budget_left: bool

    @property
    def percent(self) -> int:
        """Return how much of the target is reached, 100 at most."""
        return min(100, self.counted * 100 // self.offer.target)

    @property
    def missing(self) -> int:
        """Return what the target still takes."""
        return max(0, self.offer.target - self.counted)


_AWARDS = """
    SELECT a.no, a.amount_fen, a.counted, a.reached_at, a.taken_back_at, a.counted_then, a.sale_ids
    FROM rewards_award a WHERE a.offer_id = %s AND a.promoter_id = %s ORDER BY a.id DESC LIMIT 20
"""
_SALES = """
    SELECT s.id, s.order_no, coalesce(p.title, ''), s.quantity, s.paid_fen, s.refunded_quantity, s.refunded_fen,
        s.paid_at
    FROM commission_sale s LEFT JOIN catalog_product p ON p.id = s.product_id WHERE s.id = ANY(%s) ORDER BY s.id
"""
_OWN = """
    SELECT o.id, coalesce(g.counted, 0), coalesce(a.no, ''), o.granted_fen + o.reward_fen <= o.budget_fen
    FROM rewards_offer o
    LEFT JOIN rewards_progress g ON g.offer_id = o.id AND g.promoter_id = %(promoter)s
    LEFT JOIN rewards_award a ON a.offer_id = o.id AND a.promoter_id = %(promoter)s AND a.taken_back_at IS NULL
    WHERE o.state IN ('published', 'closed') AND o.id = ANY(%(offers)s)
"""
_HAD = """
    SELECT offer_id FROM rewards_progress WHERE promoter_id = %s ORDER BY at DESC LIMIT %s
"""


def funding(*, merchant_id: int | None) -> Funding:
    """Return what pays for an offer of a shop or (None) of the operator, and what there is (docs/rules.md §3)."""
    if merchant_id is None:
        account = chart.platform("promotion")
        return Funding("promotion", ledger.balances(refs=[account]).get(account.path, 0))
    source = parties.merchant_facts([merchant_id])[merchant_id].source
    purpose = "available" if source is Source.MINI_STORE else "prepaid"
    account = chart.merchant(merchant_id, purpose)
    return Funding(purpose, ledger.balances(refs=[account]).get(account.path, 0))


def account_fen(offer_id: int) -> int:
    """Return what stands on an offer's own account."""
    account = chart.reward(offer_id)
    return ledger.balances(refs=[account]).get(account.path, 0)


def proofs(*, offer_id: int, promoter_id: int) -> list[Proof]:
    """Return a promoter's awards of an offer, the latest first, each with the sales that it was counted from."""
    awards = rows.query(_AWARDS, [offer_id, promoter_id])
    wanted = sorted({sale for *_, sales in awards for sale in sales[:MOST_SALES]})
    lines = {id_: ProofLine(*line) for id_, *line in rows.query(_SALES, [wanted])} if wanted else {}
    return [
        Proof(*facts, lines=tuple(lines[sale] for sale in sales[:MOST_SALES] if sale in lines))
        for *facts, sales in awards
    ]


def reaching(*, promoter_id: int, now: datetime) -> list[Reaching]:
    """Return the offers that a promoter may reach at `now`, those that end first, then the ones it had to do with."""
    open_ = rewards.open_offers(at=now)
    had = [id_ for (id_,) in rows.query(_HAD, [promoter_id, 50])]
    known = {one.offer_id for one in open_}
    older = rewards.offers_by_id(id_ for id_ in had if id_ not in known)
    return _reached(promoter_id, [*open_, *sorted(older.values(), key=lambda one: one.ends_at, reverse=True)])


def reaching_one(*, promoter_id: int, no: str, now: datetime) -> Reaching | None:
    """Return one of the offers of `reaching` by its number."""
    return next((one for one in reaching(promoter_id=promoter_id, now=now) if one.offer.no == no), None)


def titles(product_ids: Sequence[int]) -> list[str]:
    """Return the titles of an offer's products; where they are of several shops, with the shop's name."""
    found = rows.query(
        "SELECT p.title, m.name FROM catalog_product p JOIN parties_party m ON m.id = p.merchant_id"
        " WHERE p.id = ANY(%s) ORDER BY p.id LIMIT 50",
        [list(product_ids)],
    )
    several = len({shop for _, shop in found}) > 1
    return [f"{title} · {shop}" if several else title for title, shop in found]


def categories(category_ids: Sequence[int]) -> list[CategoryNode]:
    """Return an offer's categories."""
    found = catalog.category_nodes(category_ids)
    return [found[id_] for id_ in category_ids if id_ in found]


def _reached(promoter_id: int, offers: Sequence[OfferShown]) -> list[Reaching]:
    ids = [one.offer_id for one in offers]
    own = {id_: rest for id_, *rest in rows.query(_OWN, {"promoter": promoter_id, "offers": ids})} if ids else {}
    makers = parties.merchant_facts({one.merchant_id for one in offers if one.merchant_id is not None})
    return [
        Reaching(one, makers[one.merchant_id].name if one.merchant_id is not None else "", *own[one.offer_id])
        for one in offers
        if one.offer_id in own
    ]
