"""What a checkout comes to: special prices, vouchers, points and freight, in this order (docs/rules.md §10).

Shared by the journeys that show a checkout and that place it, so that both say the same fen; not a journey itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tuike.catalog import queries as catalog
from tuike.catalog.types import NoSuchSku, ProductFacts, SkuFacts
from tuike.flows import couponing
from tuike.freight import queries as freight
from tuike.freight.types import FreightAsk, FreightQuote
from tuike.kit.money import allocate
from tuike.marketing import queries as marketing
from tuike.marketing.types import Item, Lowered
from tuike.orders.types import Address, DiscountFact, LineDraft, OrderDraft
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction, MerchantFacts
from tuike.settings import service as settings

POINTS = "points"
"""The kind of the discounts that points pay for; their source is `P` and the checkout's number."""
BARGAIN = "bargain"
POINTS_GOOD = "points_good"
SETTINGS = (
    "price_floor_fen",
    "touch_window_days",
    "unpaid_minutes",
    "mall_coupons",
    "mall_points",
    "points_cap_bps",
    "points_ratio",
    "phone_wish",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer wants: (SKU id, quantity) items, where to, a note to the shops (or by shop's number its own), the
    vouchers to use, how many points, whether the balance pays; a bargain or a good of the points mall by number
    instead of the items' prices. `expected_fen` is the sum that the buyer saw, goods and freight together.
    """

    items: tuple[tuple[int, int], ...]
    address: Address | None = None
    note: str = ""
    vouchers: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    address_no: str = ""
    points: int = 0
    use_balance: bool = False
    bargain: str = ""
    points_good: str = ""
    expected_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Special:
    """A price of its own for one SKU: a bargain's, or a good's of the points mall. `whole_fen` is for all pieces."""

    kind: str
    source: str
    sku_id: int
    whole_fen: int
    points: int = 0


@dataclass(frozen=True, slots=True)
class Goods:
    """What a checkout must know of what is in it."""

    skus: Mapping[int, SkuFacts]
    products: Mapping[int, ProductFacts]
    merchants: Mapping[int, MerchantFacts]
    said: Mapping[str, int]

    def offers(self, merchant_id: int, function: MallFunction) -> bool:
        """Return whether a function of the mall is on, for the mall and for the shop."""
        return bool(self.said[f"mall_{function.value}"]) and function in self.merchants[merchant_id].functions

    def item(self, merchant_id: int, line: LineDraft) -> Item:
        """Return a line as coupons see it."""
        return Item(
            merchant_id,
            line.product_id,
            self.products[line.product_id].category_path,
            left_of(line),
            self.offers(merchant_id, MallFunction.COUPONS),
        )


def gather(items: Sequence[tuple[int, int]]) -> Goods:
    """Return what is known of goods, by three queries."""
    skus, products = catalog.sale_facts([sku_id for sku_id, _ in items])
    merchants = parties.merchant_facts({one.merchant_id for one in skus.values()})
    return Goods(skus, products, merchants, settings.read(SETTINGS))


def left_of(line: LineDraft) -> int:
    """Return what is left to pay of a line after its discounts, in fen."""
    return line.price_fen * line.quantity - sum(one.amount_fen for one in line.discounts)


def drafts_of(
    items: Sequence[tuple[int, int]],
    goods: Goods,
    special: Special | None = None,
    notes: Mapping[str, str] | None = None,
) -> list[OrderDraft]:
    """Return one draft a shop at today's prices, a special one among them.

    Raises:
        NoSuchSku: an id that doesn't exist.
    """
    lines: dict[int, list[LineDraft]] = {}
    for sku_id, quantity in items:
        one = goods.skus.get(sku_id)
        if one is None:
            raise NoSuchSku(sku_id=sku_id)
        line = LineDraft(
            product_id=one.product_id,
            sku_id=sku_id,
            category_id=one.category_id,
            title=one.title,
            spec=one.spec,
            price_fen=one.price_fen,
            quantity=quantity,
        )
        lines.setdefault(one.merchant_id, []).append(_at_special(line, special))
    said = notes or {}
    return [
        OrderDraft(
            merchant_id=id_,
            source=goods.merchants[id_].source,
            lines=drafts,
            note=said.get(goods.merchants[id_].no, ""),
        )
        for id_, drafts in lines.items()
    ]


def lower_by_vouchers(drafts: Sequence[OrderDraft], used: Sequence[Lowered]) -> list[OrderDraft]:
    """Return the drafts with what vouchers take off each line, by its place in the checkout."""
    taken_off: dict[int, list[DiscountFact]] = {}
    for one in used:
        for i, part in one.parts.items():
            fact = DiscountFact(
                kind=couponing.KIND, source=one.voucher_no, amount_fen=part, funded_by=one.terms.funded_by
            )
            taken_off.setdefault(i, []).append(fact)
    return _with(drafts, taken_off)


def most_points(drafts: Sequence[OrderDraft], goods: Goods) -> int:
    """Return the most points that may lower a checkout: of the lines of shops that take points."""
    left = sum(_for_points(drafts, goods).values())
    return marketing.most_points(left, goods.said["points_cap_bps"], goods.said["points_ratio"])


def worth_their_price(points: int, goods: Goods) -> int:
    """Return how many of these points lower a price: those beyond the last whole fen stay the buyer's."""
    ratio = goods.said["points_ratio"]
    return marketing.points_for(marketing.points_worth(points, ratio), ratio)


def lower_by_points(drafts: Sequence[OrderDraft], goods: Goods, *, points: int, source: str) -> list[OrderDraft]:
    """Return the drafts with what points take off the lines of shops that take them, by largest remainder."""
    left = _for_points(drafts, goods)
    fen = marketing.points_worth(points, goods.said["points_ratio"])
    if not fen:
        return list(drafts)
    parts = allocate(fen, list(left.values()))
    spent = allocate(points, parts)
    return _with(
        drafts,
        {
            i: [DiscountFact(kind=POINTS, source=source, amount_fen=part, points=own)]
            for i, part, own in zip(left, parts, spent, strict=True)
            if part
        },
    )


def asks_of(drafts: Sequence[OrderDraft]) -> list[FreightAsk]:
    """Return what freight is asked for."""
    return [
        FreightAsk(
            merchant_id=draft.merchant_id,
            product_id=line.product_id,
            sku_id=line.sku_id,
            quantity=line.quantity,
            amount_fen=line.price_fen * line.quantity,
        )
        for draft in drafts
        for line in draft.lines
    ]


def with_freight(drafts: Sequence[OrderDraft], region_code: str) -> tuple[list[OrderDraft], Mapping[int, FreightQuote]]:
    """Return the drafts with their freight to a region, and why it is that.

    Raises:
        NotDeliverable, UnknownRegion: see freight.quote.
    """
    quotes = freight.quote(asks=asks_of(drafts), region_code=region_code)
    return [replace(draft, freight_fen=quotes[draft.merchant_id].fen) for draft in drafts], quotes


def payable_of(drafts: Sequence[OrderDraft]) -> int:
    """Return what is to be paid for a checkout, goods and freight, in fen."""
    return sum(draft.freight_fen + sum(left_of(line) for line in draft.lines) for draft in drafts)


def _at_special(line: LineDraft, special: Special | None) -> LineDraft:
    if special is None or special.sku_id != line.sku_id:
        return line
    minus = line.price_fen * line.quantity - special.whole_fen
    if minus <= 0:
        return line
    fact = DiscountFact(kind=special.kind, source=special.source, amount_fen=minus, points=special.points)
    return replace(line, discounts=(*line.discounts, fact))


def _for_points(drafts: Sequence[OrderDraft], goods: Goods) -> dict[int, int]:
    """Return what is left to pay of the lines that points may lower, by their place in the checkout."""
    lines = [(draft.merchant_id, line) for draft in drafts for line in draft.lines]
    return {i: left_of(line) for i, (shop, line) in enumerate(lines) if goods.offers(shop, MallFunction.POINTS)}


def _with(drafts: Sequence[OrderDraft], discounts: Mapping[int, Sequence[DiscountFact]]) -> list[OrderDraft]:
    at = iter(range(sum(len(draft.lines) for draft in drafts)))
    return [
        replace(
            draft,
            lines=[replace(line, discounts=(*line.discounts, *discounts.get(next(at), ()))) for line in draft.lines],
        )
        for draft in drafts
    ]
