"""A promoter's selection set: products put in and taken out, and all of it asked for as one file of material."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.attribution import queries as attribution
from tuike.attribution.types import NothingToPromote, PlaceNotFound
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db.retry import retry
from tuike.exports.types import ExportShown
from tuike.flows.make_exports import ask_export
from tuike.flows.promote_products import ready_to_promote
from tuike.library import queries as library_of
from tuike.library import service as library
from tuike.library.types import MOST_CHOSEN
from tuike.parties import queries as parties


@retry
def change_selection(*, promoter_id: int, product_ids: Sequence[int] | None, into: bool, now: datetime) -> int:
    """Put products into the set, or take them (None: all) out of it; return how many it holds then. Twice is once.

    Raises:
        NotInLibrary, SetFull: see library.choose.
    """
    with transaction.atomic(durable=True):
        if into:
            return library.choose(promoter_id=promoter_id, product_ids=product_ids or (), now=now)
        return library.drop(promoter_id=promoter_id, product_ids=product_ids)


def ask_pack(
    *,
    promoter_id: int,
    person_id: int,
    pid: str,
    new_place: str,
    accept: bool,
    zh: bool,
    actor: Actor,
    key: str,
    now: datetime,
) -> ExportShown:
    """Ask for the material of everything in the set that stands in the library, at one place; a job makes it.

    Raises:
        NothingToPromote: nothing of the set stands in the library.
        RulesNotAccepted, BadPlaceName, PlaceNameTaken, TooManyPlaces, PlaceNotFound: see promote_products.
        TooManyExports: five files of this person are still to come.
    """
    chosen = library_of.chosen(promoter_id=promoter_id)
    there = library_of.cards_of(product_ids=chosen, now=now)
    wanted = [id_ for id_ in reversed(chosen) if id_ in there]
    if not wanted:
        raise NothingToPromote(most=MOST_CHOSEN)
    shops = parties.merchant_facts(catalog.merchants_of(wanted).values())
    sources = sorted({shop.source for shop in shops.values()})
    made = ready_to_promote(
        promoter_id=promoter_id, sources=sources, accept=accept, new_place=new_place, actor=actor, key=key, now=now
    )
    if not made and pid not in {one.pid for one in attribution.places_of(promoter_id=promoter_id)}:
        raise PlaceNotFound
    return ask_export(
        actor=actor,
        party_id=promoter_id,
        person_id=person_id,
        kind="zip",
        title=("选品车素材", "Material of the selection set"),
        what={"pid": made or pid, "products": wanted, "zh": zh},
        at_once=False,
        key=key,
        now=now,
    )
