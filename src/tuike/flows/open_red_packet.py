"""Friends open a red packet; what nobody opened in time goes back to its sender."""

from datetime import datetime, timedelta

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import packet_money
from tuike.kit.days import day_of
from tuike.kit.names import masked_name
from tuike.marketing import queries as packets
from tuike.marketing import service as marketing
from tuike.marketing.types import PacketState, Share
from tuike.messages import service as messages
from tuike.payments import queries as payments
from tuike.payments.types import IntentState
from tuike.people import queries as people

DAYS_KEPT = timedelta(days=30)
"""How long is kept what persons did on a day."""
_NEVER_PAID = frozenset({IntentState.CLOSED, IntentState.LATE, IntentState.MISMATCHED})


@retry
def open_red_packet(*, person_id: int, code: str, now: datetime) -> Share:
    """Open a share, and tell a buyer who sent it; opened again it is the same share.

    Raises:
        NotFound, PacketEmpty, PacketOver: see marketing.open_red_packet.
    """
    with transaction.atomic(durable=True):
        share = marketing.open_red_packet(code=code, person_id=person_id, now=now)
        packet = packets.packet_by_code(code)
        if share.opened_at == now and packet.buyer_id not in (None, person_id):
            friend = people.refs([person_id]).get(person_id)
            facts = {"name": masked_name(friend.nickname if friend else ""), "amount_fen": share.amount_fen}
            messages.tell_person(
                person_id=packet.buyer_id or 0, kind="red_packet_opened", facts=facts, object_=packet.no, now=now
            )
        return share


@retry
def return_red_packets(*, now: datetime, limit: int = 200) -> int:
    """End packets whose time is over and return how many: those open give back what nobody opened, those unpaid are
    cancelled once nobody can pay them any more."""
    with transaction.atomic(durable=True):
        due = packets.due_packets(state=PacketState.OPEN, now=now, limit=limit)
        ended = marketing.end_packets(ids=[one.packet_id for one in due], now=now)
        for one in ended:
            if one.buyer_id is not None:
                facts = {"amount_fen": one.returned_fen}
                messages.tell_person(
                    person_id=one.buyer_id, kind="red_packet_returned", facts=facts, object_=one.no, now=now
                )
        unpaid = [one.no for one in packets.due_packets(state=PacketState.UNPAID, now=now, limit=limit)]
        intents = payments.intents_of([packet_money.purpose(no) for no in unpaid])
        open_ = {packet_money.no_of(p) for p, intent in intents.items() if intent.state not in _NEVER_PAID}
        cancelled = marketing.cancel_packets(nos=[no for no in unpaid if no not in open_], now=now)
        marketing.forget_days(before=day_of(now - DAYS_KEPT))
        return len(ended) + cancelled
