"""A promoter promotes out of the library: accepts the source's rules, chooses or makes a place, gets the material."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from tuike.attribution import service as attribution
from tuike.attribution.types import LeaderTerms, Target
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation
from tuike.cooperation.types import NotInActivity
from tuike.db.retry import retry
from tuike.flows.make_material import Made, make_material
from tuike.kit.errors import NotFound
from tuike.library import queries as library_of
from tuike.library import service as library
from tuike.library.types import RulesNotAccepted
from tuike.parties import queries as parties
from tuike.parties.types import Source

SOURCES = {
    Source.MINI_STORE: ("商城商品", "mall products"),
    Source.MINI_PROGRAM: ("小程序商品", "mini-program products"),
}


def promote_products(
    *,
    promoter_id: int,
    product_ids: Sequence[int],
    pid: str,
    new_place: str = "",
    accept: bool = False,
    customize_info: str = "",
    activity_no: str = "",
    actor: Actor,
    key: str,
    now: datetime,
) -> Made:
    """Make material for products at a place (or a new one of the name `new_place`); the same key is the same material.
    With `activity_no` it is led by that activity.

    The rules of each product's source must have been accepted, once a source; `accept` says that they are now
    (docs/rules.md §8).

    Raises:
        NotFound: no such product. RulesNotAccepted: the rules of a source weren't accepted.
        BadPlaceName, PlaceNameTaken, TooManyPlaces: the new place. NotForThisPromoter, NotInActivity: see `led_by`.
        And what make_material refuses.
    """
    merchants = catalog.merchants_of(product_ids)
    if len(merchants) < len(set(product_ids)):
        raise NotFound
    targets = [Target(merchant_id=merchants[id_], product_id=id_) for id_ in dict.fromkeys(product_ids)]
    targets = led_by(activity_no, targets, promoter_id=promoter_id, now=now)
    shops = parties.merchant_facts(merchants.values())
    sources = sorted({shop.source for shop in shops.values()})
    made = ready_to_promote(
        promoter_id=promoter_id, sources=sources, accept=accept, new_place=new_place, actor=actor, key=key, now=now
    )
    return make_material(
        promoter_id=promoter_id,
        pid=made or pid,
        targets=targets,
        customize_info=customize_info,
        key=key,
        now=now,
    )


def promote_targets(
    *, promoter_id: int, pid: str, targets: Sequence[Target], customize_info: str, key: str, now: datetime
) -> Made:
    """Make material for products and whole shops at a place, once the rules of their sources are accepted.

    Raises:
        RulesNotAccepted: names the first source whose rules weren't (docs/rules.md §8). And what make_material refuses.
    """
    shops = parties.merchant_facts({target.merchant_id for target in targets})
    check_accepted(promoter_id=promoter_id, sources=sorted({shop.source for shop in shops.values()}))
    return make_material(
        promoter_id=promoter_id, pid=pid, targets=targets, customize_info=customize_info, key=key, now=now
    )


def targets_of(*, product_nos: Sequence[str], shop_nos: Sequence[str]) -> list[Target]:
    """Return what public numbers stand for: the products, then the whole shops.

    Raises:
        NotFound: one stands for nothing.
    """
    product_ids = [catalog.id_of(no) for no in product_nos]
    merchants = catalog.merchants_of(product_ids)
    found = [Target(merchant_id=merchants[product_id], product_id=product_id) for product_id in product_ids]
    return [*found, *(Target(merchant_id=parties.shop(no).id) for no in shop_nos)]


def led_by(activity_no: str, targets: Sequence[Target], *, promoter_id: int, now: datetime) -> list[Target]:
    """Return the targets as a leader's activity leads them; without one, as they are (docs/rules.md §9).

    Raises:
        NotFound: there is no such activity. NotForThisPromoter: it is open to others.
        NotInActivity: a product isn't in it now, or a whole shop.
    """
    if not activity_no:
        return list(targets)
    found = []
    for target in targets:
        if target.product_id is None:
            raise NotInActivity
        one = cooperation.enrolment_for_material(
            activity_no=activity_no, product_id=target.product_id, promoter_id=promoter_id, now=now
        )
        found.append(replace(target, leader=LeaderTerms(leader_id=one.leader_id, activity_no=activity_no)))
    return found


def check_accepted(*, promoter_id: int, sources: Sequence[Source]) -> None:
    """Refuse to promote what a source sells before its rules were accepted.

    Raises:
        RulesNotAccepted: names the first source.
    """
    accepted = library_of.accepted(promoter_id=promoter_id)
    for source in sources:
        if source not in accepted:
            zh, en = SOURCES[source]
            raise RulesNotAccepted(source_zh=zh, source_en=en)


@retry
def ready_to_promote(
    *,
    promoter_id: int,
    sources: Sequence[Source],
    accept: bool,
    new_place: str,
    actor: Actor,
    key: str,
    now: datetime,
) -> str:
    """Accept and make the place, both or neither; return the new place's pid, empty for none."""
    with transaction.atomic(durable=True):
        if accept:
            for source in sources:
                library.accept_rules(promoter_id=promoter_id, source=source, actor=actor, now=now)
        check_accepted(promoter_id=promoter_id, sources=sources)
        if not new_place:
            return ""
        return attribution.add_place(promoter_id=promoter_id, name=new_place, key=f"{key}-place", now=now).pid


@retry
def accept_rules(*, promoter_id: int, source: Source, actor: Actor, now: datetime) -> None:
    """Keep that a promoter accepted how a source settles and pays."""
    with transaction.atomic(durable=True):
        library.accept_rules(promoter_id=promoter_id, source=source, actor=actor, now=now)
