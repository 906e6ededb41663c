"""A promoter's software gets material for products of one source, each with a note of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.attribution import queries as attribution
from tuike.attribution.types import PlaceNotFound, Target
from tuike.catalog import queries as catalog
from tuike.catalog.types import NotPromotable, ProductFacts
from tuike.flows import claiming
from tuike.flows.make_material import Material
from tuike.flows.promote_products import promote_targets
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, Source


@dataclass(frozen=True, slots=True)
class Wish:
    """A product that material is wanted for. `appid`, where given, is an AppID of its shop; `customize_info` comes back
    in orders."""

    product_id: int
    appid: str = ""
    customize_info: str = ""


@dataclass(frozen=True, slots=True)
class Generated:
    """A wished product; `material` is None while its shop's prepaid balance is exhausted."""

    product_id: int
    material: Material | None


def generate_material(
    *, promoter_id: int, pid: str, wishes: Sequence[Wish], source: Source, key: str, now: datetime
) -> list[Generated]:
    """Make material for products of `source` at a place, in order; the same key is the same material.

    Nothing is made for a shop whose prepaid balance is exhausted (docs/rules.md §2); what can't be promoted for another
    reason refuses all.

    Raises:
        NotFound: no such product of this source, or not of the shop with this AppID.
        PlaceNotFound, RulesNotAccepted, CannotBePromoted: see promote_targets, and what else it refuses.
    """
    products = catalog.product_facts({wish.product_id for wish in wishes})
    shops = parties.merchant_facts({one.merchant_id for one in products.values()})
    _check(wishes, products, shops, source)
    reasons = claiming.why_not_promotable(list(products), shops, now)
    short = {id_ for id_, reason in reasons.items() if reason == NotPromotable.PREPAID_SHORT}
    targets = [
        Target(products[wish.product_id].merchant_id, wish.product_id, customize_info=wish.customize_info)
        for wish in wishes
        if wish.product_id not in short
    ]
    made: list[Material] = []
    if targets:
        found = promote_targets(
            promoter_id=promoter_id, pid=pid, targets=targets, customize_info="", key=key, now=now
        )  # fmt: skip
        made = list(found.items)
    elif pid not in {place.pid for place in attribution.places_of(promoter_id=promoter_id)}:
        raise PlaceNotFound
    waiting = iter(made)
    return [Generated(wish.product_id, None if wish.product_id in short else next(waiting)) for wish in wishes]


def _check(
    wishes: Sequence[Wish], products: dict[int, ProductFacts], shops: dict[int, MerchantFacts], source: Source
) -> None:
    """Refuse what isn't a product of the source, or not of the shop that was named.

    Raises:
        NotFound: so it is.
    """
    named = parties.by_appid({wish.appid for wish in wishes if wish.appid})
    for wish in wishes:
        product = products.get(wish.product_id)
        if product is None or shops[product.merchant_id].source is not source:
            raise NotFound
        if wish.appid and named.get(wish.appid) != product.merchant_id:
            raise NotFound
