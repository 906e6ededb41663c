"""Orders as external shops tell them, and what they say put into the words of orders and attribution.

Shared by what takes reports; not a journey itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tuike.attribution import queries as touches
from tuike.attribution import service as attribution
from tuike.attribution.types import BadTicket, Buyer, Claim, ClaimAsk, ClaimWish, Evidence, LinkFacts, LinkNotFound
from tuike.catalog import queries as catalog
from tuike.catalog.types import NotPromotable, ProductFacts, SkuFacts
from tuike.flows import claiming
from tuike.orders.types import DiscountFact, ExternalReport, LineDraft, OrderRef, ReportedGoodsUnknown
from tuike.parties.types import MerchantFacts
from tuike.people import queries as people
from tuike.settings import service as settings

_INSTANTS = ("placed_at", "paid_at", "shipped_at", "received_at", "touched_at")
_LATER = ("paid_at", "shipped_at", "received_at", "cancelled", "link", "touched_at", "openid")

PASSING = frozenset({NotPromotable.OUT_OF_STOCK, NotPromotable.PREPAID_SHORT})
"""What says nothing about an order that an external shop has already sold: its stock is not ours, and commission that
the prepaid balance can't pay waits (docs/rules.md §6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLine:
    """A line: the shop's own product number (or our SKU id), pieces, the price of one, discounts of this line alone."""

    item: str = ""
    sku_id: int | None = None
    quantity: int
    price_fen: int
    discounts: Sequence[DiscountFact] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRefund:
    """What has gone back of a line until now, all refunds together; no amount means: by quantity. Line 0 is freight.

    Totals, not steps: a report that comes twice, or late, takes nothing twice.
    """

    line_no: int
    quantity: int = 0
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedOrder:
    """An order. The sale never changes; instants, refunds and `cancelled` come when they are known.

    `link` is the ticket or short code that the buyer came with at `touched_at` (None: when the order was placed),
    `openid` the buyer in the shop's own mini-program, or `buyer_id` the person that they are here.
    """

    external_no: str
    placed_at: datetime
    lines: Sequence[ReportedLine]
    freight_fen: int = 0
    discounts: Sequence[DiscountFact] = ()
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    cancelled: bool = False
    refunds: Sequence[ReportedRefund] = ()
    link: str = ""
    touched_at: datetime | None = None
    openid: str = field(default="", repr=False)
    buyer_id: int | None = None


def from_json(said: Mapping[str, Any]) -> ReportedOrder:
    """Return a report as it was kept: fields by name, instants in ISO 8601; what is left out has its default."""
    known = dict(said)
    for name in _INSTANTS:
        if known.get(name):
            known[name] = datetime.fromisoformat(known[name])
    known["discounts"] = [DiscountFact(**one) for one in known.get("discounts", ())]
    known["lines"] = [
        ReportedLine(**(line | {"discounts": [DiscountFact(**one) for one in line.get("discounts", ())]}))
        for line in known["lines"]
    ]
    known["refunds"] = [ReportedRefund(**one) for one in known.get("refunds", ())]
    return ReportedOrder(**known)


def told_by(report: ExternalReport | ReportedOrder) -> ReportedOrder:
    """Return a report in the shop's words; one in ours is put into them."""
    if isinstance(report, ReportedOrder):
        return report
    return ReportedOrder(
        external_no=report.external_no,
        placed_at=report.placed_at,
        lines=[
            ReportedLine(
                sku_id=line.sku_id, quantity=line.quantity, price_fen=line.price_fen, discounts=tuple(line.discounts)
            )
            for line in report.lines
        ],
        freight_fen=report.freight_fen,
        discounts=tuple(report.order_discounts),
        paid_at=report.paid_at,
        shipped_at=report.shipped_at,
        received_at=report.received_at,
        buyer_id=report.buyer_id,
    )


def merged(reports: Sequence[ReportedOrder]) -> list[ReportedOrder]:
    """Return the reports, each with everything that the list says about its order: what one leaves out another says."""
    known: dict[str, dict[str, Any]] = {}
    for one in reports:
        before = known.setdefault(one.external_no, dict.fromkeys(_LATER))
        for name in _LATER:
            before[name] = before[name] or getattr(one, name)
        before["refunds"] = (*(before.get("refunds") or ()), *one.refunds)
    return [replace(one, **known[one.external_no]) for one in reports]


def external_reports(merchant: MerchantFacts, reports: Sequence[ReportedOrder]) -> list[ExternalReport]:
    """Return the reports as orders takes them, in order: products found by the shop's own numbers or SKU ids.

    Raises:
        ReportedGoodsUnknown: a line names nothing of this shop.
    """
    items = {line.item for one in reports for line in one.lines if line.sku_id is None}
    by_item = catalog.ids_by_external_no(merchant_id=merchant.id, external_nos=items)
    named = {line.sku_id for one in reports for line in one.lines if line.sku_id is not None}
    skus = catalog.sku_facts({*named, *(sku_id for _, sku_id in by_item.values())})
    persons = people.persons_of_openids({one.openid for one in reports if one.openid}, appid=merchant.appid)

    def draft(one: ReportedOrder, line: ReportedLine) -> LineDraft:
        sku_id = line.sku_id if line.sku_id is not None else by_item.get(line.item, (0, 0))[1]
        facts: SkuFacts | None = skus.get(sku_id)
        if facts is None or facts.merchant_id != merchant.id:
            raise ReportedGoodsUnknown(external_no=one.external_no, item=line.item or line.sku_id)
        return LineDraft(
            product_id=facts.product_id,
            sku_id=facts.sku_id,
            category_id=facts.category_id,
            title=facts.title,
            spec=facts.spec,
            price_fen=line.price_fen,
            quantity=line.quantity,
            discounts=tuple(line.discounts),
        )

    return [
        ExternalReport(
            external_no=one.external_no,
            placed_at=one.placed_at,
            lines=[draft(one, line) for line in one.lines],
            freight_fen=one.freight_fen,
            order_discounts=tuple(one.discounts),
            buyer_id=one.buyer_id or persons.get(one.openid),
            paid_at=one.paid_at,
            shipped_at=one.shipped_at,
            received_at=one.received_at,
        )
        for one in reports
    ]


def claim_lines(merchant: MerchantFacts, fresh: Sequence[OrderRef], reports: Sequence[ReportedOrder]) -> list[Claim]:
    """Decide and keep the claims of new orders: by the link that each one came with, and by what is known of its buyer
    where that is a person here (docs/rules.md §4). Budgets of campaigns are held as at any placement.

    A link that isn't ours earns nobody and refuses nothing: the sale has happened.
    """
    told = {one.external_no: one for one in reports}
    links = _links(list(told.values()))
    products = catalog.product_facts({line.product_id for order in fresh for line in order.lines})
    floor_fen = settings.get("price_floor_fen")
    nobody_blocked = not touches.blocks_of(merchant_id=merchant.id)
    wishes = []
    for order in fresh:
        one = told[order.external_no]
        reasons = _not_promotable(merchant, [products[line.product_id] for line in order.lines], floor_fen, order)
        asks = [
            ClaimAsk(
                line_id=line.id,
                order_no=order.no,
                merchant_id=merchant.id,
                product_id=line.product_id,
                not_promotable=reasons.get(line.product_id, ""),
            )
            for line in order.lines
        ]
        evidence = _evidence(order, asks, one, links.get(one.link))
        if nobody_blocked:
            evidence = replace(evidence, blocked=frozenset())
        if evidence.promoter_ids and order.buyer_id:
            asks = claiming.with_self_purchase(asks, [order], {merchant.id: merchant}, order.placed_at)
        wishes.append(
            ClaimWish(
                asks,
                evidence,
                Buyer(buyer_id=order.buyer_id or 0),
                order.placed_at,
                claiming.led(evidence, order.placed_at),
            )
        )
    made = attribution.claim_each(
        wishes=wishes,
        promoters=claiming.promoters_of({id_ for wish in wishes for id_ in wish.evidence.promoter_ids}),
        binding={merchant.id: merchant.binding_mode},
    )
    claiming.reserve_budgets(orders=fresh, claims=made, merchants={merchant.id: merchant})
    return made


def _links(reports: Sequence[ReportedOrder]) -> dict[str, LinkFacts]:
    found = {}
    for text, at in {one.link: one.placed_at for one in reports if one.link}.items():
        try:
            found[text] = touches.link_of(text, now=at)
        except (BadTicket, LinkNotFound):
            continue
    return found


def _not_promotable(
    merchant: MerchantFacts, products: Sequence[ProductFacts], floor_fen: int, order: OrderRef
) -> Mapping[int, str]:
    reasons = claiming.why_products_not(products, {merchant.id: merchant}, floor_fen, order.placed_at)
    return {product_id: reason for product_id, reason in reasons.items() if reason not in PASSING}


def _evidence(order: OrderRef, asks: Sequence[ClaimAsk], one: ReportedOrder, link: LinkFacts | None) -> Evidence:
    known = Evidence()
    if order.buyer_id:
        known = touches.evidence(buyer_id=order.buyer_id, visitor="", asks=asks, placed_at=order.placed_at)
    if link is None:
        return known
    touch = attribution.reported_touch(link, at=one.touched_at or order.placed_at)
    return Evidence(touches=(*known.touches, touch), bindings=known.bindings)
