"""Reads of red packets, their shares, and buyers' balances."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing.queries import switches
from tuike.marketing.rules import red_packets as rules
from tuike.marketing.types.red_packets import (
    BalanceHeld,
    NewPacket,
    Packet,
    PacketFunder,
    PacketState,
    Share,
    SplitKind,
)
from tuike.parties.types import MallFunction
from tuike.settings import service as settings

_PACKET = """
    SELECT p.id, p.no, p.code, p.buyer_id, p.merchant_id, p.funder, p.split, p.total_fen, p.shares, p.opened,
           p.opened_fen, p.returned_fen, p.greeting, p.state, p.created_at, p.funded_at, p.ends_at, p.ended_at
    FROM marketing_packet p
"""
_SHARE = """
    SELECT p.no, s.nth, s.person_id, s.amount_fen, s.opened_at
    FROM marketing_packet_share s JOIN marketing_packet p ON p.id = s.packet_id
"""


def packet_of(*, buyer_id: int, no: str) -> Packet:
    """Return a packet that a buyer sent, whatever has become of it.

    Raises:
        NotFound: not one of theirs.
    """
    return _one("WHERE p.buyer_id = %(buyer)s AND p.no = %(no)s", {"buyer": buyer_id, "no": no})


def packet_of_shop(*, merchant_id: int, no: str) -> Packet:
    """Return a packet that a shop sent.

    Raises:
        NotFound: not one of the shop's.
    """
    return _one("WHERE p.merchant_id = %(merchant)s AND p.no = %(no)s", {"merchant": merchant_id, "no": no})


def packet_by_code(code: str) -> Packet:
    """Return the packet that a code was shared for, once money stands behind it.

    Raises:
        NotFound: there is none, it was never paid, or red packets are off (for the mall, or for the shop that sent it).
    """
    found = _one("WHERE p.code = %(code)s AND p.funded_at IS NOT NULL", {"code": code})
    if not offered(found.merchant_id):
        raise NotFound
    return found


def offered(merchant_id: int | None) -> bool:
    """Return whether red packets are on: for the mall, and for the shop where one sends."""
    if merchant_id is None:
        return switches.mall_offers(MallFunction.RED_PACKETS)
    return bool(switches.shops_offering(MallFunction.RED_PACKETS, [merchant_id]))


def packets_sent(*, buyer_id: int, before: str = "", limit: int = 20) -> list[Packet]:
    """Return the packets that a buyer sent, newest first; `before` is the last number of the page before."""
    return _packets(
        "WHERE p.buyer_id = %(buyer)s AND (%(before)s = '' OR p.id < (SELECT b.id FROM marketing_packet b"
        " WHERE b.no = %(before)s AND b.buyer_id = %(buyer)s)) ORDER BY p.id DESC LIMIT %(limit)s",
        {"buyer": buyer_id, "before": before, "limit": max(1, min(limit, 100))},
    )


def shares_got(*, person_id: int, before: str = "", limit: int = 20) -> list[tuple[Share, Packet]]:
    """Return the shares that a person opened, with their packets, newest first; `before` is the last packet's number
    of the page before."""
    found = _shares(
        "WHERE s.person_id = %(person)s AND (%(before)s = '' OR (s.opened_at, s.id) < (SELECT b.opened_at, b.id"
        " FROM marketing_packet_share b JOIN marketing_packet q ON q.id = b.packet_id"
        " WHERE q.no = %(before)s AND b.person_id = %(person)s))"
        " ORDER BY s.opened_at DESC, s.id DESC LIMIT %(limit)s",
        {"person": person_id, "before": before, "limit": max(1, min(limit, 100))},
    )
    packets = {one.no: one for one in _packets("WHERE p.no = ANY(%(nos)s)", {"nos": [s.packet_no for s in found]})}
    return [(one, packets[one.packet_no]) for one in found]


def shares_of(packet: Packet) -> list[Share]:
    """Return who opened how much of a packet, the latest first: at most a hundred."""
    return _shares(
        "WHERE s.packet_id = %(packet)s AND s.person_id IS NOT NULL ORDER BY s.nth DESC", {"packet": packet.packet_id}
    )


def share_of(*, packet_id: int, person_id: int) -> Share | None:
    """Return what a person opened of a packet."""
    found = _shares(
        "WHERE s.packet_id = %(packet)s AND s.person_id = %(person)s", {"packet": packet_id, "person": person_id}
    )
    return found[0] if found else None


def balance_of(buyer_id: int) -> int:
    """Return a buyer's balance in fen: what red packets brought and no order holds."""
    account = chart.buyer(buyer_id, "balance")
    return ledger.balances(refs=[account])[account.path]


def balance_held(checkout_nos: Iterable[str]) -> dict[str, BalanceHeld]:
    """Return what of balances stands in for checkouts, by checkout; those without are missing."""
    found = rows.query(
        "SELECT checkout_no, buyer_id, amount_fen, refunded_fen, state FROM marketing_balance_hold"
        " WHERE checkout_no = ANY(%s)",
        [sorted(set(checkout_nos))],
    )
    return {row[0]: BalanceHeld(*row) for row in found}


def check_new_packet(packet: NewPacket) -> None:
    """Refuse a packet that nobody could send, before anything is asked of the books.

    Raises:
        Invalid: a field that makes no sense.
    """
    rules.check_packet(packet, most_share_fen=settings.get("red_packet_share_most_fen"))


def due_packets(*, state: PacketState, now: datetime, limit: int = 200) -> list[Packet]:
    """Return packets whose time is over: to be paid (`unpaid`), or to be opened (`open`)."""
    return _packets(
        "WHERE p.state = %(state)s AND p.state IN ('unpaid', 'open') AND p.ends_at <= %(now)s"
        " ORDER BY p.ends_at, p.id LIMIT %(limit)s",
        {"state": state.value, "now": now, "limit": limit},
    )


def packets_by_id(ids: Iterable[int]) -> list[Packet]:
    """Return packets by id."""
    return _packets("WHERE p.id = ANY(%(ids)s) ORDER BY p.id", {"ids": sorted(set(ids))})


def _one(where: str, params: Mapping) -> Packet:
    found = _packets(where, params)
    if not found:
        raise NotFound
    return found[0]


def _packets(where: str, params: Mapping) -> list[Packet]:
    return [
        Packet(*row[:5], PacketFunder(row[5]), SplitKind(row[6]), *row[7:13], PacketState(row[13]), *row[14:])
        for row in rows.query(_PACKET + where, params)
    ]


def _shares(where: str, params: Mapping) -> list[Share]:
    return [Share(*row) for row in rows.query(_SHARE + where, params)]
