"""Reads of bargain offers, bargains and their cuts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.marketing.queries import switches
from tuike.marketing.rules import bargains as rules
from tuike.marketing.types.bargains import (
    Bargain,
    BargainAboveFloor,
    BargainLowersNothing,
    BargainOffer,
    BargainOver,
    BargainState,
    Cut,
)
from tuike.parties.types import MallFunction

_OFFER = """
    SELECT f.id, f.no, f.merchant_id, f.product_id, f.sku_id, f.floor_fen, f.cuts_needed, f.hours, f.stock, f.taken,
           f.limit_each, f.owner_cuts, f.floor_only, f.starts_at, f.ends_at, f.stopped_at, f.created_at
    FROM marketing_bargain_offer f
"""
_BARGAIN = """
    SELECT b.id, b.no, b.code, f.no, f.merchant_id, f.product_id, f.sku_id, b.buyer_id, b.price_fen, b.floor_fen,
           b.cuts_needed, f.floor_only, b.cut_count, b.cut_fen, encode(sha256(b.seed), 'hex'), lower(b.time),
           upper(b.time), b.used_at
    FROM marketing_bargain b JOIN marketing_bargain_offer f ON f.id = b.offer_id
"""
_OPEN = "f.stopped_at IS NULL AND f.starts_at <= %(now)s AND f.ends_at > %(now)s AND f.taken < f.stock"


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """What an offer has come to: bargains started, cuts made, bargains that were bought and are not given back."""

    started: int
    cuts: int
    bought: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What anybody can check a bargain with: the seed (hexadecimal) and all its cuts, first to last, in fen."""

    seed: str
    cuts: tuple[int, ...]


def offer_of(*, merchant_id: int, no: str) -> BargainOffer:
    """Return a shop's offer.

    Raises:
        NotFound: not one of the shop's.
    """
    found = _offers("WHERE f.merchant_id = %(merchant)s AND f.no = %(no)s", {"merchant": merchant_id, "no": no})
    if not found:
        raise NotFound
    return found[0]


def offer_by_no(no: str) -> BargainOffer:
    """Return an offer of a shop where bargains are on.

    Raises:
        NotFound: there is none.
    """
    found = _offers("WHERE f.no = %(no)s", {"no": no})
    if not found or not switches.shops_offering(MallFunction.BARGAINS, [found[0].merchant_id]):
        raise NotFound
    return found[0]


def open_offers(
    *, now: datetime, merchant_id: int | None = None, product_id: int | None = None, before: str = "", limit: int = 20
) -> list[BargainOffer]:
    """Return offers that can be started now, of all shops where bargains are on, newest first; of one shop, or one
    product, where that is said. `before` is the last number of the page before."""
    on = switches.shops_offering(MallFunction.BARGAINS, _shops_with_offers(now, merchant_id))
    if not on:
        return []
    return _offers(
        f"WHERE {_OPEN} AND (%(product)s::bigint IS NULL OR f.product_id = %(product)s) AND f.merchant_id = ANY(%(on)s)"
        " AND (%(before)s = '' OR f.id < (SELECT p.id FROM marketing_bargain_offer p WHERE p.no = %(before)s))"
        " ORDER BY f.id DESC LIMIT %(limit)s",
        {
            "now": now,
            "product": product_id,
            "before": before,
            "limit": max(1, min(limit, 100)),
            "on": sorted(on),
        },
    )


def offers_of_product(*, product_id: int, now: datetime) -> list[BargainOffer]:
    """Return a product's offers that can be started now, newest first, for a caller who knows that its shop has
    bargains on."""
    return _offers(
        f"WHERE {_OPEN} AND f.product_id = %(product)s ORDER BY f.id DESC LIMIT 20", {"now": now, "product": product_id}
    )


def bargain_of(*, buyer_id: int, no: str) -> Bargain:
    """Return a buyer's own bargain.

    Raises:
        NotFound: not one of theirs.
    """
    found = _bargains("WHERE b.buyer_id = %(buyer)s AND b.no = %(no)s", {"buyer": buyer_id, "no": no})
    if not found:
        raise NotFound
    return found[0]


def bargain_by_code(code: str) -> Bargain:
    """Return the bargain that a code was shared for, of a shop where bargains are on.

    Raises:
        NotFound: there is none.
    """
    found = _bargains("WHERE b.code = %(code)s", {"code": code})
    if not found or not switches.shops_offering(MallFunction.BARGAINS, [found[0].merchant_id]):
        raise NotFound
    return found[0]


def bargains_of(*, buyer_id: int, before: str = "", limit: int = 20) -> list[Bargain]:
    """Return a buyer's bargains, newest first, of shops where bargains are on."""
    found = _bargains(
        "WHERE b.buyer_id = %(buyer)s AND (%(before)s = '' OR b.id < (SELECT p.id FROM marketing_bargain p"
        " WHERE p.no = %(before)s AND p.buyer_id = %(buyer)s)) ORDER BY b.id DESC LIMIT %(limit)s",
        {"buyer": buyer_id, "before": before, "limit": max(1, min(limit, 100))},
    )
    on = switches.shops_offering(MallFunction.BARGAINS, {one.merchant_id for one in found})
    return [one for one in found if one.merchant_id in on]


def running_bargains(*, buyer_id: int, offer_ids: Sequence[int], now: datetime) -> dict[str, Bargain]:
    """Return a buyer's bargains whose time runs, by the number of their offer."""
    found = _bargains(
        "WHERE b.buyer_id = %(buyer)s AND b.offer_id = ANY(%(offers)s) AND b.time @> %(now)s::timestamptz",
        {"buyer": buyer_id, "offers": list(offer_ids), "now": now},
    )
    return {one.offer_no: one for one in found}


def cuts_of(bargain: Bargain) -> list[Cut]:
    """Return the cuts of a bargain, the latest first: at most a hundred."""
    return [
        Cut(*row)
        for row in rows.query(
            "SELECT nth, person_id, amount_fen, at FROM marketing_bargain_cut WHERE bargain_id = %s ORDER BY nth DESC",
            [bargain.bargain_id],
        )
    ]


def proof_of(bargain: Bargain, now: datetime) -> Proof | None:
    """Return what a bargain can be checked with, once no cut can come any more; None before."""
    if not bargain.settled(now):
        return None
    seed = bytes(rows.query("SELECT seed FROM marketing_bargain WHERE id = %s", [bargain.bargain_id])[0][0])
    cuts = rules.cuts(
        seed=seed, price_fen=bargain.price_fen, floor_fen=bargain.floor_fen, cuts_needed=bargain.cuts_needed
    )
    return Proof(seed.hex(), cuts)


def bargain_for_checkout(*, buyer_id: int, no: str, now: datetime) -> tuple[int, int]:
    """Return the SKU that a buyer's bargain is for and the price in fen that it has reached.

    Raises:
        NotFound: not one of theirs. FunctionOff: the shop has no bargains now.
        BargainOver: it was used, or its time is over. BargainAboveFloor: it sells at the floor only.
        BargainLowersNothing: the choice is sold for that, or less, to everybody.
    """
    found = bargain_of(buyer_id=buyer_id, no=no)
    switches.need_function(MallFunction.BARGAINS, found.merchant_id)
    if found.state(now) in (BargainState.USED, BargainState.OVER):
        raise BargainOver
    if found.floor_only and not found.at_floor:
        raise BargainAboveFloor
    if catalog.sku_facts([found.sku_id])[found.sku_id].price_fen <= found.price_now_fen:
        raise BargainLowersNothing
    return found.sku_id, found.price_now_fen


def offer_figures(offer_ids: Iterable[int]) -> Mapping[int, OfferFigures]:
    """Return the figures of offers; one without a bargain is missing."""
    found = rows.query(
        "SELECT offer_id, count(*), coalesce(sum(cut_count), 0)::bigint, count(used_at) FROM marketing_bargain"
        " WHERE offer_id = ANY(%s) GROUP BY 1",
        [list(offer_ids)],
    )
    return {id_: OfferFigures(*figures) for id_, *figures in found}


def _shops_with_offers(now: datetime, merchant_id: int | None) -> list[int]:
    if merchant_id is not None:
        return [merchant_id]
    found = rows.query(f"SELECT DISTINCT f.merchant_id FROM marketing_bargain_offer f WHERE {_OPEN}", {"now": now})
    return [id_ for (id_,) in found]


def _offers(where: str, params: Mapping) -> list[BargainOffer]:
    return [BargainOffer(*row) for row in rows.query(_OFFER + where, params)]


def _bargains(where: str, params: Mapping) -> list[Bargain]:
    return [Bargain(*row) for row in rows.query(_BARGAIN + where, params)]
