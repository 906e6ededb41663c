"""Makers of bargains and red packets: a shop that has them on, offers, packets, and buyers with a balance."""

from datetime import datetime, timedelta
from itertools import count

from django.db import transaction

from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.marketing import service
from tuike.marketing.types import Bargain, BargainOffer, NewBargainOffer, NewPacket, Packet
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

_numbers = count(1)
ON = (MallFunction.BARGAINS, MallFunction.RED_PACKETS)


def shop(*functions: MallFunction) -> int:
    """Return a certified shop of the mall in which these functions are on (bargains and red packets)."""
    shop_id = make_parties.merchant().id
    for function in functions or ON:
        parties.switch_function(merchant_id=shop_id, function=function, on=True, actor=SYSTEM, now=NOON)
    return shop_id


def person() -> int:
    """Return a person."""
    return make_people.person().id


def sku(shop_id: int, *, price_fen: int = 10_000, free: int = 100) -> int:
    """Return a choice of a new product of the shop, on sale."""
    return make_catalog.sku_of(make_catalog.product(merchant_id=shop_id, price_fen=price_fen, free=free))


def new_offer(sku_id: int, **changes: object) -> NewBargainOffer:
    """Down to ¥40 by five cuts within a day, ten pieces, the first cut one's own."""
    facts: dict = {
        "sku_id": sku_id,
        "floor_fen": 4_000,
        "cuts_needed": 5,
        "hours": 24,
        "stock": 10,
        "starts_at": NOON,
        "ends_at": NOON + timedelta(days=7),
    }
    return NewBargainOffer(**facts | changes)


def offer(shop_id: int | None = None, *, now: datetime = NOON, **changes: object) -> BargainOffer:
    """Return an offer of a shop (a new one) for a choice of ¥100."""
    shop_id = shop_id or shop()
    wanted = new_offer(sku(shop_id), **changes)
    return service.create_bargain_offer(merchant_id=shop_id, offer=wanted, actor=OPERATOR_SHELL, now=now)


def bargain(made: BargainOffer | None = None, *, buyer_id: int = 501, now: datetime = NOON) -> Bargain:
    """Return a bargain that a buyer started."""
    return service.start_bargain(offer_no=(made or offer()).no, buyer_id=buyer_id, now=now)


def cut_down(one: Bargain, *, to: int | None = None, now: datetime = NOON) -> None:
    """Let strangers cut until `to` cuts are made, or all."""
    for i in range(one.cut_count, one.cuts_needed if to is None else to):
        service.cut_bargain(code=one.code, person_id=900_000 + i, now=now)


def rich(buyer_id: int, fen: int = 10_000, *, now: datetime = NOON) -> int:
    """Let a buyer open a shop's red packet of one share, so that the balance has `fen`; return the buyer."""
    shop_id = funded_shop(fen)
    packet = service.send_shop_packet(merchant_id=shop_id, packet=lucky(fen, 1), actor=OPERATOR_SHELL, now=now)
    service.open_red_packet(code=packet.code, person_id=buyer_id, now=now)
    return buyer_id


def funded_shop(fen: int = 100_000) -> int:
    """Return a shop with money available. It comes from the platform's promotion, not from sales: `verify` is asked
    for what red packets and balances must be, not for how a shop came by its money."""
    shop_id = shop()
    move = Move(chart.platform("promotion"), chart.merchant(shop_id, "available"), fen)
    with transaction.atomic():
        draft = Draft(f"gift:{shop_id}:{next(_numbers)}", "adjustment", "gift", NOON, (move,))
        ledger.post(drafts=[draft], now=NOON)
    return shop_id


def lucky(total_fen: int = 1_000, shares: int = 10, **changes: object) -> NewPacket:
    """A lucky packet."""
    return NewPacket(total_fen=total_fen, shares=shares, **changes)


def packet(total_fen: int = 1_000, shares: int = 10, *, now: datetime = NOON) -> Packet:
    """Return a shop's open packet."""
    shop_id = funded_shop(total_fen)
    return service.send_shop_packet(merchant_id=shop_id, packet=lucky(total_fen, shares), actor=OPERATOR_SHELL, now=now)
