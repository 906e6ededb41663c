"""Somebody shares a product: a promoter with their own ticket, everybody else plainly."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tuike.attribution import queries as attribution
from tuike.attribution import service as links
from tuike.attribution.types import BlockedByShop, LinkFacts, Target
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.db.retry import retry
from tuike.flows import claiming
from tuike.kit.days import day_of
from tuike.library import queries as library
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

PAGE = "pages/product/product"


@dataclass(frozen=True, slots=True)
class Share:
    """What goes onto a share card. `code` is the short code of the sharer's own ticket, "" for a plain one."""

    title: str
    picture: str
    path: str
    code: str


@retry
def share_product(*, product_no: str, person_id: int | None, now: datetime) -> Share:
    """Return a product's share card. Where the person is a promoter who may promote it now and has a place, it carries
    a link of the place that they made first: one link a product and natural day (docs/rules.md §4).

    Raises:
        NotFound: no such product, or not on sale.
    """
    product, _ = catalog.shop_skus(product_id=catalog.id_of(product_no))
    with transaction.atomic(durable=True):
        link = None if person_id is None else _own_link(product, person_id, now)
    query = f"no={product.product_no}" + (f"&c={link.code}" if link else "")
    picture = product.pictures[0] if product.pictures else ""
    return Share(product.title, picture, f"{PAGE}?{query}", link.code if link else "")


def _own_link(product: ProductFacts, person_id: int, now: datetime) -> LinkFacts | None:
    """Return the link of the person's first promoter who may promote the product now, None where nobody may."""
    shop = parties.merchant_facts([product.merchant_id])[product.merchant_id]
    promoters = [seat.party.id for seat in parties.seats_of(person_id) if seat.party.kind is PartyKind.PROMOTER]
    if not promoters or claiming.why_not_promotable([product.product_id], {shop.id: shop}, now):
        return None
    facts = parties.promoter_facts(promoters)
    for promoter_id in promoters:
        may = facts[promoter_id].certified and not facts[promoter_id].suspended
        places = attribution.places_of(promoter_id=promoter_id) if may else []
        if not places or shop.source not in library.accepted(promoter_id=promoter_id):
            continue
        pid = places[-1].pid
        target = Target(merchant_id=shop.id, product_id=product.product_id)
        key = f"share:{pid}:{product.product_id}:{day_of(now):%y%m%d}"
        try:
            return links.make_links(promoter_id=promoter_id, pid=pid, targets=[target], key=key, now=now)[0]
        except BlockedByShop:
            continue
    return None
