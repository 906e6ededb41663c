"""A buyer or a shop sends a red packet: made, and funded at once where the money is in the books already."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.kit.errors import Forbidden, NotFound
from tuike.marketing import queries as packets
from tuike.marketing import service as marketing
from tuike.marketing.types import NewPacket, Packet
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role

MAY_SEND = frozenset({Role.SUPER_ADMIN, Role.FINANCE})
"""Which seats of a shop may send its money (docs/rules.md §10)."""


@retry
def send_red_packet(*, buyer_id: int, packet: NewPacket, from_balance: bool, key: str, now: datetime) -> Packet:
    """Make a buyer's packet; the same key again gives the same one. Not from the balance: it waits to be paid.

    Raises:
        FunctionOff, Invalid, PacketsADay, PacketFenADay, BalanceShort: see marketing.send_red_packet.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        made = marketing.send_red_packet(buyer_id=buyer_id, packet=packet, from_balance=from_balance, now=now)
        return {"no": made.no}

    content = asdict(packet) | {"from_balance": from_balance}
    with transaction.atomic(durable=True):
        scope = f"buyer:{buyer_id}:send_red_packet"
        made = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return packets.packet_of(buyer_id=buyer_id, no=made["no"])


@retry
def send_shop_packet(*, merchant_id: int, packet: NewPacket, actor: Actor, key: str, now: datetime) -> Packet:
    """Send a shop's packet out of what it has available, by a seat that reaches its money at this moment; the same key
    again gives the same one.

    Raises:
        NotFound: the person has no seat in the shop. Forbidden: the seat's role doesn't reach its money.
        FunctionOff, Invalid, ShopFundsShort: see marketing.send_shop_packet.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        return {"no": marketing.send_shop_packet(merchant_id=merchant_id, packet=packet, actor=actor, now=now).no}

    with transaction.atomic(durable=True):
        seat = parties.seat_of(actor.person_id, merchant_id) if actor.person_id is not None else None
        if seat is None or seat.party.kind is not PartyKind.MERCHANT:
            raise NotFound
        if seat.role not in MAY_SEND:
            raise Forbidden
        scope = f"merchant:{merchant_id}:send_red_packet"
        made = idempotency.once(scope=scope, key=key, content=asdict(packet), now=now, work=work)
        return packets.packet_of_shop(merchant_id=merchant_id, no=made["no"])
