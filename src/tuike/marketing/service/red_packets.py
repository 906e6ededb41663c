"""Red packets made, funded, opened, and what is left of them given back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.ids import number, random_code
from tuike.kit.money import yuan
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, Move, NotEnough
from tuike.marketing.models import Packet as Packets
from tuike.marketing.queries import red_packets as queries
from tuike.marketing.queries.switches import need_function
from tuike.marketing.rules import red_packets as rules
from tuike.marketing.rules.draws import SEED_BYTES
from tuike.marketing.service import days
from tuike.marketing.types.red_packets import (
    BalanceShort,
    NewPacket,
    Packet,
    PacketEmpty,
    PacketFenADay,
    PacketFunder,
    PacketNotUnpaid,
    PacketOver,
    PacketsADay,
    PacketState,
    Share,
    ShopFundsShort,
)
from tuike.parties.types import MallFunction
from tuike.settings import service as settings

# The packet's row is locked by the share that is counted, so the next share is nobody else's; a packet whose time is
# over is ended under the same lock.
_OPEN = """
    WITH counted AS (
        UPDATE marketing_packet p SET opened = p.opened + 1,
            opened_fen = p.opened_fen + (
                SELECT s.amount_fen FROM marketing_packet_share s WHERE s.packet_id = p.id AND s.nth = p.opened + 1
            ),
            state = CASE WHEN p.opened + 1 = p.shares THEN 'empty' ELSE p.state END,
            ended_at = CASE WHEN p.opened + 1 = p.shares THEN %(now)s ELSE p.ended_at END
        WHERE p.id = %(packet)s AND p.state = 'open' AND p.opened < p.shares AND p.ends_at > %(now)s
        RETURNING p.id, p.opened
    )
    UPDATE marketing_packet_share s SET person_id = %(person)s, opened_at = %(now)s FROM counted
    WHERE s.packet_id = counted.id AND s.nth = counted.opened RETURNING s.nth, s.amount_fen
"""
_FUND = """
    UPDATE marketing_packet SET state = 'open', funded_at = %(now)s, ends_at = %(until)s
    WHERE no = %(no)s AND state = 'unpaid' AND funder = 'payment' AND total_fen = %(fen)s RETURNING id
"""
_END = """
    UPDATE marketing_packet SET state = 'over', ended_at = %(now)s, returned_fen = total_fen - opened_fen
    WHERE id = ANY(%(ids)s) AND state = 'open' AND ends_at <= %(now)s
    RETURNING id, no, buyer_id, merchant_id, returned_fen
"""
_SHARE = {"packet_id": "bigint", "nth": "smallint", "amount_fen": "bigint"}


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that came in for a packet: its amount and the account on which it stands now."""

    amount_fen: int
    clearing_no: str
    paid_at: datetime


@transaction.atomic
def send_red_packet(*, buyer_id: int, packet: NewPacket, from_balance: bool, now: datetime) -> Packet:
    """Make a buyer's red packet: from the balance it is open at once, else once it is paid (docs/rules.md §10).

    All shares are drawn here, before anybody opens one. What a buyer sends counts on the day it is made.

    Raises:
        FunctionOff: the mall has no red packets now. Invalid: a field that makes no sense.
        PacketsADay, PacketFenADay: the day's limits. BalanceShort: the balance is smaller.
    """
    need_function(MallFunction.RED_PACKETS)
    said = settings.read(["red_packet_share_most_fen", "red_packet_fen_per_day"])
    rules.check_packet(packet, most_share_fen=said["red_packet_share_most_fen"])
    most_fen = said["red_packet_fen_per_day"]
    limit = ("red_packets_per_day", PacketsADay)
    fits = days.use_day(
        person_id=buyer_id, kind="red_packet", most=limit, amount_fen=packet.total_fen, most_fen=most_fen, now=now
    )
    if not fits:
        raise PacketFenADay(limit=yuan(most_fen))
    funder = PacketFunder.BALANCE if from_balance else PacketFunder.PAYMENT
    made = _make(packet, funder, now, buyer_id=buyer_id)
    if from_balance:
        _book_in(made, chart.buyer(buyer_id, "balance"), BalanceShort, now)
    return queries.packet_of(buyer_id=buyer_id, no=made.no)


@transaction.atomic
def send_shop_packet(*, merchant_id: int, packet: NewPacket, actor: Actor, now: datetime) -> Packet:
    """Make a shop's red packet out of what it has available; it is open at once. Nothing while the shop owes.

    Raises:
        FunctionOff: the shop has no red packets. Invalid: a field that makes no sense.
        ShopFundsShort: it has less, or owes something.
    """
    need_function(MallFunction.RED_PACKETS, merchant_id)
    rules.check_packet(packet, most_share_fen=settings.get("red_packet_share_most_fen"))
    available, owed = chart.merchant(merchant_id, "available"), chart.merchant(merchant_id, "owed")
    if ledger.lock(refs=[available, owed])[owed.path] < 0:
        raise ShopFundsShort
    made = _make(packet, PacketFunder.SHOP, now, merchant_id=merchant_id)
    _book_in(made, available, ShopFundsShort, now)
    facts = {"total_fen": packet.total_fen, "shares": packet.shares, "split": packet.split.value}
    audit.record(actor=actor, action="red_packet.send", object_=made.no, facts=facts, now=now)
    return queries.packet_of_shop(merchant_id=merchant_id, no=made.no)


def lock_unpaid(*, buyer_id: int, no: str, now: datetime) -> Packet:
    """Lock a buyer's packet that waits to be paid, until the caller's transaction ends.

    Raises:
        NotFound: not one of theirs. FunctionOff: the mall has no red packets now.
        PacketNotUnpaid: it is paid, or the time to pay it is over.
    """
    rows.query("SELECT id FROM marketing_packet WHERE no = %s AND buyer_id = %s FOR UPDATE", [no, buyer_id])
    found = queries.packet_of(buyer_id=buyer_id, no=no)
    need_function(MallFunction.RED_PACKETS)
    if found.state is not PacketState.UNPAID or now >= found.ends_at:
        raise PacketNotUnpaid
    return found


def fund_packets(*, paid: Mapping[str, Paid], now: datetime) -> list[str]:
    """Book payments to the packets that they are for, which are open from now on, in the caller's transaction; return
    the numbers of those that can't be funded any more, or don't exist: their money stays where it stands."""
    stray, drafts = [], []
    for no in sorted(paid):
        one = paid[no]
        names = {"no": no, "fen": one.amount_fen, "now": now, "until": now + rules.LIFE}
        found = rows.query(_FUND, names)
        if not found:
            stray.append(no)
            continue
        move = Move(chart.clearing(one.clearing_no), chart.red_packet(found[0][0]), one.amount_fen)
        drafts.append(Draft(f"red_packet:{no}", "red_packet", f"red_packet:{no}", one.paid_at, (move,)))
    ledger.post(drafts=drafts, now=now)
    return stray


def return_payments(*, refunds: Mapping[str, Paid], now: datetime) -> None:
    """Book payments that no packet could take to the refunds, by number, that give them back (event
    `red_packet_refund`), in the caller's transaction."""
    drafts = [
        Draft(
            f"red_packet_refund:{no}",
            "red_packet_refund",
            f"refund:{no}",
            now,
            (Move(chart.clearing(one.clearing_no), chart.clearing(no), one.amount_fen),),
        )
        for no, one in sorted(refunds.items())
    ]
    ledger.post(drafts=drafts, now=now)


def cancel_packets(*, nos: Sequence[str], now: datetime) -> int:
    """Cancel packets that nobody paid and nobody can pay any more; return how many."""
    return rows.run(
        "UPDATE marketing_packet SET state = 'cancelled', ended_at = %s WHERE no = ANY(%s) AND state = 'unpaid'",
        [now, sorted(set(nos))],
    )


def open_red_packet(*, code: str, person_id: int, now: datetime) -> Share:
    """Open a share of a packet: its fen are on the person's balance at once. Opened again it is the same share.

    Raises:
        NotFound: no such packet, or red packets are off. PacketEmpty: all are opened. PacketOver: its time is over.
    """
    packet = queries.packet_by_code(code)
    mine = queries.share_of(packet_id=packet.packet_id, person_id=person_id)
    if mine is not None:
        return mine
    try:
        with transaction.atomic():
            opened = rows.query(_OPEN, {"packet": packet.packet_id, "person": person_id, "now": now})
            if opened:
                nth, amount_fen = opened[0]
                _book_open(packet, nth, amount_fen, person_id, now)
                return Share(packet.no, nth, person_id, amount_fen, now)
    except IntegrityError:
        opened = []  # the person's other phone was first
    mine = queries.share_of(packet_id=packet.packet_id, person_id=person_id)
    if mine is not None:
        return mine
    raise PacketEmpty if queries.packet_by_code(code).state is PacketState.EMPTY else PacketOver


def end_packets(*, ids: Sequence[int], now: datetime) -> list[Packet]:
    """End open packets whose time is over, in the caller's transaction: what nobody opened goes back to its sender (a
    buyer's to the balance, a shop's to what it has available). Return those that were ended now."""
    rows.query("SELECT id FROM marketing_packet WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)])
    ended = rows.query(_END, {"ids": list(ids), "now": now})
    drafts = []
    for id_, no, buyer_id, merchant_id, fen in sorted(ended):
        sender = chart.merchant(merchant_id, "available") if merchant_id else chart.buyer(buyer_id, "balance")
        move = Move(chart.red_packet(id_), sender, fen)
        drafts.append(Draft(f"red_packet_return:{no}", "red_packet_return", f"red_packet:{no}", now, (move,)))
    ledger.post(drafts=drafts, now=now)
    return queries.packets_by_id(id_ for id_, *_ in ended)


def _make(
    packet: NewPacket,
    funder: PacketFunder,
    now: datetime,
    *,
    buyer_id: int | None = None,
    merchant_id: int | None = None,
) -> Packets:
    """Add a packet with its shares: drawn by the machine's own randomness, kept, and never drawn again."""
    unpaid = funder is PacketFunder.PAYMENT
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('marketing_packet', 'id'))")[0][0]
    made = Packets.objects.create(
        id=id_,
        no=number("H", id_, now),
        code=random_code(16),
        buyer_id=buyer_id,
        merchant_id=merchant_id,
        funder=funder.value,
        split=packet.split.value,
        total_fen=packet.total_fen,
        shares=packet.shares,
        greeting=packet.greeting,
        state=PacketState.UNPAID.value if unpaid else PacketState.OPEN.value,
        created_at=now,
        funded_at=None if unpaid else now,
        ends_at=now + (rules.TO_PAY if unpaid else rules.LIFE),
    )
    seed = secrets.token_bytes(SEED_BYTES)
    parts = rules.shares(total_fen=packet.total_fen, shares=packet.shares, split=packet.split, seed=seed)
    rows.insert("marketing_packet_share", _SHARE, [(id_, i + 1, part) for i, part in enumerate(parts)])
    return made


def _book_in(made: Packets, giver: AccountRef, short: type[BalanceShort] | type[ShopFundsShort], now: datetime) -> None:
    """Book the whole sum to the packet's account (event `red_packet`)."""
    move = Move(giver, chart.red_packet(made.id), made.total_fen)
    draft = Draft(f"red_packet:{made.no}", "red_packet", f"red_packet:{made.no}", now, (move,))
    try:
        with transaction.atomic():
            ledger.post(drafts=[draft], now=now)
    except NotEnough as error:
        raise short from error


def _book_open(packet: Packet, nth: int, amount_fen: int, person_id: int, now: datetime) -> None:
    move = Move(chart.red_packet(packet.packet_id), chart.buyer(person_id, "balance"), amount_fen)
    key = f"red_packet_open:{packet.no}:{nth}"
    ledger.post(drafts=[Draft(key, "red_packet_open", f"red_packet:{packet.no}", now, (move,))], now=now)
