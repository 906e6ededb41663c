"""What imported orders stand on: the shop, its products, its rates as they would have been written, money paid in."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.catalog import queries as catalog
from tuike.catalog import service as products
from tuike.catalog.types import NewProduct, NewSku
from tuike.flows import prepaid
from tuike.imports import queries as imports
from tuike.imports.types import BadImportPromoter, FileRef, Mapping
from tuike.orders.types import NotAnExternalShop
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, PartyKind, Source
from tuike.plans import service as plans


def shop(merchant_no: str) -> MerchantFacts:
    """Return the shop that a file is imported for.

    Raises:
        NotFound: no merchant has this number.
        NotAnExternalShop: it sells in our mall.
    """
    party = parties.shop(merchant_no)
    merchant = parties.merchant_facts([party.id])[party.id]
    if merchant.source is not Source.MINI_PROGRAM:
        raise NotAnExternalShop
    return merchant


def promoters(mapping: Mapping) -> list[int]:
    """Return the ids of the mapping's promoters, in its order.

    Raises:
        BadImportPromoter: one doesn't exist, isn't certified, or is suspended.
    """
    found = []
    for no in mapping.promoters:
        party = parties.find(no)
        facts = parties.promoter_facts([party.id]) if party and party.kind is PartyKind.PROMOTER else {}
        if party is None or party.id not in facts or facts[party.id].suspended or not facts[party.id].certified:
            raise BadImportPromoter(no=no)
        found.append(party.id)
    return found


def prepare(*, file: FileRef, merchant: MerchantFacts, mapping: Mapping, actor: Actor, now: datetime) -> None:
    """Make in the caller's transaction what the file's orders need and isn't there: products, rates, money paid in.

    Products are added as drafts without stock: what was sold once is not offered by that. Rates are written as the
    merchant would have written them at the mapping's instant; they hold from the next midnight on (docs/rules.md §3).

    Raises:
        WrittenOutOfOrder and others: see the verbs of plans.
        IntentReused: the top-up's reference was used for another amount.
    """
    category_id = _category(mapping.category, now)
    _add_products(file, category_id, actor, now)
    if mapping.rates is not None:
        at = mapping.rates.written_at
        if mapping.rates.category_bps is not None:
            rates = {category_id: mapping.rates.category_bps}
            plans.set_category_rates(merchant_id=merchant.id, rates=rates, actor=actor, now=at)
        tiers: dict[int, int | None] = dict(mapping.rates.tier_bps)
        if mapping.rates.default_bps is not None:
            tiers[1] = mapping.rates.default_bps
        if tiers:
            plans.set_distribution(merchant_id=merchant.id, tier_bps=tiers, actor=actor, now=at)
    if mapping.top_up is not None:
        prepaid.pay_in(
            merchant_id=merchant.id,
            amount_fen=mapping.top_up.amount_fen,
            reference=mapping.top_up.reference,
            key=f"bank:{mapping.top_up.reference}",
            paid_at=mapping.top_up.paid_at,
            now=now,
        )


def goods(merchant_id: int, codes: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Return (product id, SKU id, category id) by the shop's own product number."""
    found = catalog.ids_by_external_no(merchant_id=merchant_id, external_nos=codes)
    paths = catalog.category_paths(product_id for product_id, _ in found.values())
    return {code: (product_id, sku_id, paths[product_id][-1]) for code, (product_id, sku_id) in found.items()}


def _category(names: Sequence[str], now: datetime) -> int:
    """Return the category with this path of names; what is missing of it is added by the operator's own shell."""
    tree = {node.path: node for node in catalog.categories()}
    path: tuple[int, ...] = ()
    for name in names:
        below = (one for one in tree.values() if one.path[:-1] == path and one.name == name)
        known = next(below, None)
        parent = path[-1] if path else None
        path = (
            known.path
            if known
            else (*path, products.add_category(name=name, parent_id=parent, actor=OPERATOR_SHELL, now=now))
        )
    return path[-1]


def _add_products(file: FileRef, category_id: int, actor: Actor, now: datetime) -> None:
    wanted = imports.goods_of(file.id)
    known = catalog.ids_by_external_no(merchant_id=file.merchant_id, external_nos=[code for code, _, _ in wanted])
    new = [
        NewProduct(
            category_id=category_id,
            title=title,
            skus=(NewSku(price_fen=price_fen, free=0),),
            external_no=code,
        )
        for code, title, price_fen in wanted
        if code not in known
    ]
    if new:
        products.add_products(merchant_id=file.merchant_id, products=new, actor=actor, now=now)
