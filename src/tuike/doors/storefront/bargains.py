"""Bargains: what can be bargained for, one's own, and the page that friends come to."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from tuike.catalog import queries as catalog
from tuike.catalog.types import SkuFacts
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in
from tuike.doors.storefront.kinds import Before, Code, IdempotencyKey, Limit, Number
from tuike.flows import cut_bargain as cutting
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.kit.names import masked_name
from tuike.marketing import queries as marketing
from tuike.marketing.types import Bargain, BargainOffer, BargainState
from tuike.parties import queries as parties
from tuike.people import queries as people

router = Router()
ShopNo = Annotated[str, Query(max_length=40, pattern=r"^[0-9A-Za-z]*$", description="Offers of this shop only.")]
ProductNo = Annotated[str, Query(max_length=40, pattern=r"^[0-9A-Za-z]*$", description="Offers of this product only.")]


class BargainGoods(Schema):
    """What is bargained for: one piece of a product's choice."""

    sku_id: int
    product_no: str
    title: str
    spec: str
    picture: str


class BargainOfferShown(Schema):
    """What can be bargained for: from `price_fen` (the price of now) down to `floor_fen` by `cuts_needed` cuts within
    `hours`; `floor_only`: bought at the floor only. `mine` is the code of the caller's bargain that runs."""

    no: str
    shop: answers.Shop
    goods: BargainGoods
    price_fen: int
    floor_fen: int
    cuts_needed: int
    hours: int
    stock: int
    left: int
    limit_each: int
    owner_cuts: bool
    floor_only: bool
    state: str
    starts_at: datetime
    ends_at: datetime
    mine: str


class BargainOffers(Schema):
    """A page of offers, newest first."""

    items: list[BargainOfferShown]
    next: str


class BargainShown(Schema):
    """A bargain: `price_now_fen` is reached after `cut_count` of `cuts_needed` cuts. `state`: `running`, `reached` (at
    its floor), `used`, `over`. `no` goes along with an order (`bargain`), for whoever started it."""

    no: str
    code: str
    offer_no: str
    shop: answers.Shop
    goods: BargainGoods
    price_fen: int
    floor_fen: int
    price_now_fen: int
    cut_fen: int
    cut_count: int
    cuts_needed: int
    floor_only: bool
    can_buy: bool
    state: str
    started_at: datetime
    ends_at: datetime


class Bargains(Schema):
    """A page of the buyer's bargains, newest first."""

    items: list[BargainShown]
    next: str


class BargainCutShown(Schema):
    """A friend's cut; the name is masked."""

    name: str
    amount_fen: int
    at: datetime


class BargainProof(Schema):
    """How anybody can check a bargain: `digest` is the SHA-256 of `seed` and was shown from the start; the seed and all
    its cuts are shown when no cut can come any more."""

    digest: str
    seed: str
    cuts: list[int]


class BargainPage(Schema):
    """What friends see: whose it is (masked), how far it is, who cut, and whether the caller can cut."""

    bargain: BargainShown
    owner: str
    mine: bool
    can_cut: bool
    cut_by_me_fen: int
    cuts: list[BargainCutShown]
    proof: BargainProof


@router.get("/bargain-offers", response=answers.answers(BargainOffers), auth=anybody, tags=["bargains"])
def bargain_offers(
    request: HttpRequest, shop: ShopNo = "", product: ProductNo = "", before: Before = "", limit: Limit = 20
) -> object:
    """List what can be bargained for now, of the mall, a shop or a product."""
    now = clock.now()
    party = parties.find(shop) if shop else None
    if shop and party is None:
        raise NotFound
    product_id = catalog.id_of(product) if product else None
    found = marketing.open_offers(
        now=now, merchant_id=party.id if party else None, product_id=product_id, before=before, limit=limit
    )
    items = _offers(request, found, now)
    return {"items": items, "next": found[-1].no if len(found) == limit else ""}


@router.get("/bargain-offers/{no}", response=answers.answers(BargainOfferShown), auth=anybody, tags=["bargains"])
def bargain_offer(request: HttpRequest, no: Number) -> object:
    """Show one offer."""
    return _offers(request, [marketing.offer_by_no(no)], clock.now())[0]


@router.post(
    "/bargain-offers/{no}/bargains", response=answers.answers(BargainShown, 201), auth=signed_in, tags=["bargains"]
)
def start_bargain(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Start a bargain; where one of this offer runs, it is that one."""
    now = clock.now()
    started = cutting.start_bargain(buyer_id=person(request).id, offer_no=no, key=key, now=now)
    return Status(201, _bargains([started], now)[0])


@router.get("/bargains", response=answers.answers(Bargains), auth=signed_in, tags=["bargains"])
def my_bargains(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the buyer's bargains."""
    found = marketing.bargains_of(buyer_id=person(request).id, before=before, limit=limit)
    return {"items": _bargains(found, clock.now()), "next": found[-1].no if len(found) == limit else ""}


@router.get("/bargains/{code}", response=answers.answers(BargainPage), auth=anybody, tags=["bargains"])
def bargain_page(request: HttpRequest, code: Code) -> object:
    """Show the page that a bargain's code was shared for."""
    who = maybe_person(request)
    return _page(marketing.bargain_by_code(code), who.id if who else None)


@router.post("/bargains/{code}/cuts", response=answers.answers(BargainPage, 201), auth=signed_in, tags=["bargains"])
def cut_bargain(request: HttpRequest, code: Code) -> object:
    """Cut a friend's bargain, once: a second cut is refused by name, so this needs no key."""
    who = person(request).id
    cutting.cut_bargain(person_id=who, code=code, now=clock.now())
    return Status(201, _page(marketing.bargain_by_code(code), who))


def _offers(request: HttpRequest, found: Collection[BargainOffer], now: datetime) -> list[dict[str, Any]]:
    who = maybe_person(request)
    running = (
        marketing.running_bargains(buyer_id=who.id, offer_ids=[one.offer_id for one in found], now=now) if who else {}
    )
    skus = catalog.sku_facts(one.sku_id for one in found)
    shops = parties.refs({one.merchant_id for one in found})
    return [
        {
            "no": one.no,
            "shop": shops[one.merchant_id],
            "goods": _goods(skus[one.sku_id]),
            "price_fen": skus[one.sku_id].price_fen,
            **{name: getattr(one, name) for name in ("floor_fen", "cuts_needed", "hours", "stock", "limit_each")},
            **{name: getattr(one, name) for name in ("owner_cuts", "floor_only", "starts_at", "ends_at")},
            "left": one.stock - one.taken,
            "state": str(one.phase(now)),
            "mine": running[one.no].code if one.no in running else "",
        }
        for one in found
    ]


def _bargains(found: Collection[Bargain], now: datetime) -> list[dict[str, Any]]:
    skus = catalog.sku_facts(one.sku_id for one in found)
    shops = parties.refs({one.merchant_id for one in found})
    return [_bargain(one, skus, shops, now) for one in found]


def _bargain(one: Bargain, skus: Mapping[int, SkuFacts], shops: Mapping[int, Any], now: datetime) -> dict[str, Any]:
    state = one.state(now)
    buyable = state is BargainState.REACHED or (state is BargainState.RUNNING and not one.floor_only)
    names = ("no", "code", "offer_no", "price_fen", "floor_fen", "price_now_fen", "cut_fen", "cut_count")
    return {name: getattr(one, name) for name in (*names, "cuts_needed", "floor_only", "started_at", "ends_at")} | {
        "shop": shops[one.merchant_id],
        "goods": _goods(skus[one.sku_id]),
        "can_buy": buyable,
        "state": str(state),
    }


def _goods(sku: SkuFacts) -> dict[str, Any]:
    return {name: getattr(sku, name) for name in BargainGoods.model_fields}


def _page(one: Bargain, who: int | None) -> dict[str, Any]:
    now = clock.now()
    cuts = marketing.cuts_of(one)
    names = people.refs({one.buyer_id, *(cut.person_id for cut in cuts)})
    mine = one.buyer_id == who
    shown = _bargains([one], now)[0]
    own_cut = next((cut.amount_fen for cut in cuts if cut.person_id == who), 0)
    proof = marketing.proof_of(one, now)
    return {
        "bargain": shown if mine else shown | {"no": "", "can_buy": False},
        "owner": masked_name(names[one.buyer_id].nickname if one.buyer_id in names else ""),
        "mine": mine,
        "can_cut": not mine and not own_cut and one.state(now) is BargainState.RUNNING,
        "cut_by_me_fen": own_cut,
        "cuts": [
            {
                "name": masked_name(names[cut.person_id].nickname if cut.person_id in names else ""),
                "amount_fen": cut.amount_fen,
                "at": cut.at,
            }
            for cut in cuts
        ],
        "proof": {"digest": one.digest, "seed": proof.seed if proof else "", "cuts": proof.cuts if proof else []},
    }
