"""The product library as a promoter sees it: cards with the own rate, coupons, what is put aside; a product in full."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode, NotPromotable, ProductFacts, ShopSku
from tuike.kit.errors import NotFound
from tuike.library import queries as library
from tuike.library.types import Card, OwnRate, Wanted
from tuike.marketing import queries as marketing
from tuike.marketing.types import CouponShown
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, Source
from tuike.settings import service as settings


@dataclass(frozen=True, slots=True)
class Shown:
    """A product on the shelf. `card` is None where it doesn't stand in the library now; `why` says why not, None for
    what only waits for its midnight."""

    product: ProductFacts
    shop: MerchantFacts
    card: Card | None
    own: OwnRate
    coupons: tuple[CouponShown, ...]
    chosen: bool
    why: NotPromotable | None = None

    @property
    def picture(self) -> str:
        """Return the first picture's address, empty for none of ours: pages show no picture from elsewhere."""
        first = self.product.pictures[0] if self.product.pictures else ""
        return first if first.startswith("/media/") else ""

    @property
    def better(self) -> bool:
        """Return whether the promoter gets more than what everybody sees."""
        return self.card is not None and self.own.rate_bps > self.card.rate_bps


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the library for one promoter."""

    items: tuple[Shown, ...]
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """How a source settles and pays now (docs/rules.md §8)."""

    source: Source
    settle_days: int
    withdraw_min_fen: int
    withdraw_fee_fen: int
    tax_bps: int
    platform_fee_bps: int
    material_days: int
    touch_window_days: int


@dataclass(frozen=True, slots=True)
class Preview:
    """A product in full, with the path of its category and the terms of its source."""

    shown: Shown
    skus: tuple[ShopSku, ...]
    categories: tuple[CategoryNode, ...]
    terms: SourceTerms


def shelf(wanted: Wanted, *, promoter_id: int, now: datetime, mark: str = "", limit: int = 20) -> Shelf:
    """Return a page of the library with what this promoter gets; six questions for any page.

    Raises:
        BadPage: the mark is none of ours.
    """
    page = library.find(wanted, now=now, mark=mark, limit=limit)
    by_id = {card.product_id: card for card in page.cards}
    shown = _shown(list(by_id), by_id, promoter_id, set(library.chosen(promoter_id=promoter_id)), now)
    return Shelf(tuple(shown), page.after, page.before)


def selection(*, promoter_id: int, now: datetime) -> list[Shown]:
    """Return a promoter's selection set, the latest first; what left the library says why."""
    ids = library.chosen(promoter_id=promoter_id)
    return _shown(ids, library.cards_of(product_ids=ids, now=now), promoter_id, set(ids), now)


def one(*, product_no: str, promoter_id: int, now: datetime, chosen: Collection[int] = ()) -> Shown:
    """Return a product that is or was listed as a card, with what this promoter gets; `chosen` is its selection set.

    Raises:
        NotFound: there is no such product, or it was never listed.
    """
    product_id = catalog.id_of(product_no)
    cards = library.cards_of(product_ids=[product_id], now=now)
    shown = _shown([product_id], cards, promoter_id, chosen, now)[0]
    if shown.product.listed_from is None:
        raise NotFound
    return shown


def preview(*, product_no: str, promoter_id: int, now: datetime) -> Preview:
    """Return a product that is or was listed, as a promoter sees it.

    Raises:
        NotFound: there is no such product, or it was never listed.
    """
    chosen = set(library.chosen(promoter_id=promoter_id))
    shown = one(product_no=product_no, promoter_id=promoter_id, now=now, chosen=chosen)
    product_id = shown.product.product_id
    nodes = {node.category_id: node for node in catalog.categories()}
    return Preview(
        shown=shown,
        skus=catalog.skus_of([product_id]).get(product_id, ()),
        categories=tuple(nodes[id_] for id_ in shown.product.category_path),
        terms=source_terms(shown.shop.source),
    )


def source_terms(source: Source) -> SourceTerms:
    """Return how a source settles and pays now."""
    names = [f"{name}.{source}" for name in ("settle_days", "withdraw_min_fen", "withdraw_fee_fen")]
    found = settings.read([*names, "tax_bps", "platform_fee_bps", "material_days", "touch_window_days"])
    return SourceTerms(source, *found.values())


def curated(*, now: datetime) -> list[tuple[Shown, datetime]]:
    """Return the operator's curated list in its order, with since when each stands on it; rates are the public ones."""
    picks = library.picks()
    ids = [id_ for id_, _ in picks]
    shown = _shown(ids, library.cards_of(product_ids=ids, now=now), None, set(), now)
    return [(one, at) for one, (_, at) in zip(shown, picks, strict=True)]


def _shown(
    ids: Sequence[int], cards: dict[int, Card], promoter_id: int | None, chosen: Collection[int], now: datetime
) -> list[Shown]:
    products = catalog.product_facts(ids)
    shops = parties.merchant_facts({one.merchant_id for one in products.values()})
    own = library.own_rates(products.values(), shops, promoter_id=promoter_id, now=now)
    coupons = marketing.coupons_of_products(products.values(), now)
    missing = [products[id_] for id_ in ids if id_ not in cards]
    why = catalog.promotability(missing, shops, settings.get("price_floor_fen"), now) if missing else {}
    return [
        Shown(
            product=products[id_],
            shop=shops[products[id_].merchant_id],
            card=cards.get(id_),
            own=own[id_],
            coupons=coupons.get(id_, ()),
            chosen=id_ in chosen,
            why=why.get(id_),
        )
        for id_ in ids
    ]
