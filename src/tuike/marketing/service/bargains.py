"""Bargain offers made and stopped; bargains started, cut, used at placement, given back when an order closes."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.catalog.types import NotOnSale
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.kit.ids import number, random_code
from tuike.marketing.models import BargainOffer as Offers
from tuike.marketing.queries import bargains as queries
from tuike.marketing.queries.switches import need_function
from tuike.marketing.rules import bargains as rules
from tuike.marketing.rules.draws import SEED_BYTES
from tuike.marketing.service import days
from tuike.marketing.types.bargains import (
    Bargain,
    BargainAboveFloor,
    BargainAtFloor,
    BargainLimit,
    BargainNotOpen,
    BargainOffer,
    BargainOfferPhase,
    BargainOver,
    BargainSoldOut,
    BargainState,
    Cut,
    CutAlready,
    CutsADay,
    NewBargainOffer,
    OwnBargain,
)
from tuike.parties.types import MallFunction

# A person's bargains of an offer are counted under the offer's lock, so they are numbered without a gap.
_START = """
    INSERT INTO marketing_bargain (id, no, code, offer_id, buyer_id, nth, price_fen, floor_fen, cuts_needed, seed,
        cut_count, cut_fen, time)
    SELECT %(id)s, %(no)s, %(code)s, %(offer)s, %(buyer)s, count(*) + 1, %(price)s, %(floor)s, %(cuts)s, %(seed)s,
        0, 0, tstzrange(%(now)s, %(until)s)
    FROM marketing_bargain WHERE offer_id = %(offer)s AND buyer_id = %(buyer)s HAVING count(*) < %(limit)s
    RETURNING id
"""
# The bargain's row is locked by the cut that is counted: cuts come one after the other, each has its place.
_CUT = """
    UPDATE marketing_bargain SET cut_count = cut_count + 1, cut_fen = cut_fen + 1
    WHERE id = %s AND cut_count < cuts_needed AND used_at IS NULL AND time @> %s::timestamptz
    RETURNING cut_count, seed, price_fen, floor_fen, cuts_needed
"""
_ADD_CUT = """
    INSERT INTO marketing_bargain_cut (bargain_id, nth, person_id, amount_fen, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (bargain_id, person_id) DO NOTHING RETURNING nth
"""
_USE = """
    WITH used AS (
        UPDATE marketing_bargain b SET used_at = %(now)s FROM marketing_bargain_offer f
        WHERE b.no = %(no)s AND b.buyer_id = %(buyer)s AND b.used_at IS NULL AND b.time @> %(now)s::timestamptz
            AND f.id = b.offer_id AND (b.cut_count = b.cuts_needed OR NOT f.floor_only)
        RETURNING b.offer_id
    ), taken AS (
        UPDATE marketing_bargain_offer f SET taken = taken + 1 FROM used
        WHERE f.id = used.offer_id AND f.taken < f.stock RETURNING f.id
    )
    SELECT (SELECT count(*) FROM used), (SELECT count(*) FROM taken)
"""
_GIVE_BACK = """
    WITH back AS (
        UPDATE marketing_bargain SET used_at = NULL WHERE no = ANY(%s) AND used_at IS NOT NULL RETURNING offer_id
    ), given AS (
        UPDATE marketing_bargain_offer f SET taken = f.taken - b.count
        FROM (SELECT offer_id, count(*) FROM back GROUP BY 1) b WHERE f.id = b.offer_id
    )
    SELECT count(*) FROM back
"""


@transaction.atomic
def create_bargain_offer(*, merchant_id: int, offer: NewBargainOffer, actor: Actor, now: datetime) -> BargainOffer:
    """Make an offer to bargain for one of the shop's choices; its terms never change (docs/rules.md §10).

    Raises:
        FunctionOff: the shop has no bargains.
        NotFound: a choice that isn't the shop's. NotOnSale: it isn't on sale.
        Invalid: a field that makes no sense.
    """
    need_function(MallFunction.BARGAINS, merchant_id)
    sku = catalog.sku_facts([offer.sku_id]).get(offer.sku_id)
    if sku is None or sku.merchant_id != merchant_id:
        raise NotFound
    if not sku.on_sale:
        raise NotOnSale(sku_id=sku.sku_id, title=sku.title)
    rules.check_offer(offer, price_fen=sku.price_fen, now=now)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('marketing_bargain_offer', 'id'))")[0][0]
    made = Offers.objects.create(
        id=id_,
        no=number("BO", id_, now),
        merchant_id=merchant_id,
        product_id=sku.product_id,
        sku_id=sku.sku_id,
        floor_fen=offer.floor_fen,
        cuts_needed=offer.cuts_needed,
        hours=offer.hours,
        stock=offer.stock,
        limit_each=offer.limit_each,
        owner_cuts=offer.owner_cuts,
        floor_only=offer.floor_only,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        created_at=now,
    )
    facts = {"sku_id": sku.sku_id, "price_fen": sku.price_fen, "floor_fen": offer.floor_fen, "stock": offer.stock}
    audit.record(actor=actor, action="bargain.create", object_=made.no, facts=facts, now=now)
    return queries.offer_of(merchant_id=merchant_id, no=made.no)


@transaction.atomic
def stop_bargain_offer(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> BargainOffer:
    """Let nobody start any more, at once; bargains that run go on to their end.

    Raises:
        NotFound: not an offer of the shop.
        BargainNotOpen: it is over, or was stopped before.
    """
    stopped = rows.run(
        "UPDATE marketing_bargain_offer SET stopped_at = %s"
        " WHERE merchant_id = %s AND no = %s AND stopped_at IS NULL AND ends_at > %s",
        [now, merchant_id, no, now],
    )
    offer = queries.offer_of(merchant_id=merchant_id, no=no)
    if not stopped:
        raise BargainNotOpen
    audit.record(actor=actor, action="bargain.stop", object_=no, facts={"taken": offer.taken}, now=now)
    return offer


@transaction.atomic
def start_bargain(*, offer_no: str, buyer_id: int, now: datetime) -> Bargain:
    """Start a bargain from the choice's price of this moment, or return the buyer's that runs.

    The seed of all its cuts is drawn here, and kept. Where the offer says so, the first cut is made at once.

    Raises:
        NotFound: no such offer, or the shop has no bargains now.
        BargainNotOpen, BargainSoldOut, BargainLimit: what it isn't started for. NotOnSale: the choice isn't sold.
    """
    offer = queries.offer_by_no(offer_no)
    rows.query("SELECT id FROM marketing_bargain_offer WHERE id = %s FOR UPDATE", [offer.offer_id])
    running = queries.running_bargains(buyer_id=buyer_id, offer_ids=[offer.offer_id], now=now)
    if running:
        return running[offer_no]
    offer = queries.offer_by_no(offer_no)
    phase = offer.phase(now)
    if phase is not BargainOfferPhase.OPEN:
        raise BargainSoldOut if phase is BargainOfferPhase.SOLD_OUT else BargainNotOpen
    sku = catalog.sku_facts([offer.sku_id])[offer.sku_id]
    if not sku.on_sale:
        raise NotOnSale(sku_id=sku.sku_id, title=sku.title)
    if not rules.can_be_cut(price_fen=sku.price_fen, floor_fen=offer.floor_fen, cuts_needed=offer.cuts_needed):
        raise BargainNotOpen
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('marketing_bargain', 'id'))")[0][0]
    names = {"id": id_, "no": number("B", id_, now), "code": random_code(12), "offer": offer.offer_id}
    names |= {"buyer": buyer_id, "price": sku.price_fen, "floor": offer.floor_fen, "cuts": offer.cuts_needed}
    names |= {"seed": secrets.token_bytes(SEED_BYTES), "now": now, "until": now + timedelta(hours=offer.hours)}
    if not rows.query(_START, names | {"limit": offer.limit_each}):
        raise BargainLimit(limit=offer.limit_each)
    if offer.owner_cuts:
        _cut(id_, buyer_id, now)
    return queries.bargain_of(buyer_id=buyer_id, no=str(names["no"]))


@transaction.atomic
def cut_bargain(*, code: str, person_id: int, now: datetime) -> Cut:
    """Cut a friend's bargain, once, by the amount that its seed has for this place in the row.

    Raises:
        NotFound: no such bargain, or the shop has no bargains now. OwnBargain: it is the person's.
        CutAlready: the person has cut it. CutsADay: as many as one may cut today.
        BargainOver, BargainAtFloor: it can't be cut any more.
    """
    bargain = queries.bargain_by_code(code)
    if bargain.buyer_id == person_id:
        raise OwnBargain
    made = _cut(bargain.bargain_id, person_id, now)
    if made is None:
        fresh = queries.bargain_by_code(code)
        if any(cut.person_id == person_id for cut in queries.cuts_of(fresh)):
            raise CutAlready
        raise BargainAtFloor if fresh.state(now) is BargainState.REACHED else BargainOver
    days.use_day(person_id=person_id, kind="cut", most=("bargain_cuts_per_day", CutsADay), now=now)
    return made


def use_bargain(*, no: str, buyer_id: int, now: datetime) -> None:
    """Use a buyer's bargain for what is being placed, and take a piece of its offer, in the caller's transaction.

    The one statement that marks it is the check that it is the buyer's, unused, in time and, where the offer sells at
    its floor only, at its floor: it is bought once.

    Raises:
        NotFound: not one of theirs. FunctionOff: the shop has no bargains now.
        BargainOver, BargainAboveFloor: it can't be bought now. BargainSoldOut: no piece of the offer is left.
    """
    bargain = queries.bargain_of(buyer_id=buyer_id, no=no)
    need_function(MallFunction.BARGAINS, bargain.merchant_id)
    used, taken = rows.query(_USE, {"no": no, "buyer": buyer_id, "now": now})[0]
    if not used:
        fresh = queries.bargain_of(buyer_id=buyer_id, no=no)
        raise BargainAboveFloor if fresh.state(now) is BargainState.RUNNING else BargainOver
    if not taken:
        raise BargainSoldOut


def give_back_bargains(nos: Iterable[str]) -> int:
    """Give bargains back whose order came to nothing, with the time that is left, and return how many; their pieces
    are the offer's again."""
    return rows.query(_GIVE_BACK, [sorted(set(nos))])[0][0]


def _cut(bargain_id: int, person_id: int, now: datetime) -> Cut | None:
    """Make the next cut; None, and nothing is changed, where none can be made or the person has made one."""
    with transaction.atomic():
        counted = rows.query(_CUT, [bargain_id, now])
        if not counted:
            return None
        nth, seed, price_fen, floor_fen, needed = counted[0]
        amounts = rules.cuts(seed=bytes(seed), price_fen=price_fen, floor_fen=floor_fen, cuts_needed=needed)
        amount_fen = amounts[nth - 1]
        if not rows.query(_ADD_CUT, [bargain_id, nth, person_id, amount_fen, now]):
            transaction.set_rollback(True)
            return None
        rows.run("UPDATE marketing_bargain SET cut_fen = %s WHERE id = %s", [sum(amounts[:nth]), bargain_id])
    return Cut(nth, person_id, amount_fen, now)
