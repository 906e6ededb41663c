"""Telling of what became of withdrawals."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role
from tuike.settlement.types import WithdrawalState


def tell(moved: Iterable[tuple[str, int, WithdrawalState]], *, now: datetime) -> None:
    """Put one `withdrawal.changed` per (number, party, state it is in now) into the outbox."""
    told = [(no, {"party_id": party_id, "state": str(state)}) for no, party_id, state in moved]
    if told:
        outbox.put(topic="withdrawal.changed", events=told, now=now)


_PERSONAL = {
    "withdrawal_waiting_user": "withdrawal_to_confirm",
    "withdrawal_paid": "withdrawal_arrived",
    "withdrawal_returned": "withdrawal_came_back",
}
"""What the party's super administrator is told on the phone, by what stands under the console's bell."""


def tell_owners(news: Sequence[tuple[str, tuple[int, dict, str]]], *, now: datetime) -> None:
    """Tell super administrators of payouts that moved: (kind of news, (party, facts, number)) each.

    Only promoters have their withdrawals on the phone: other parties' messages lead nowhere there.
    """
    concerned = [one for one in news if one[0] in _PERSONAL]
    seats = parties.administrators_of({party_id for _, (party_id, _, _) in concerned}) if concerned else {}
    owners = {
        party_id: seat.person_id for party_id, some in seats.items() for seat in some if seat.role is Role.SUPER_ADMIN
    }
    known = parties.refs(owners)
    phone = {party_id for party_id, party in known.items() if party.kind is PartyKind.PROMOTER}
    for kind in sorted({kind for kind, _ in concerned}):
        mine = [one for said, one in concerned if said == kind and one[0] in owners]
        told = [(owners[party_id], facts, no if party_id in phone else "") for party_id, facts, no in mine]
        messages.tell_persons(kind=_PERSONAL[kind], told=told, now=now)
