"""A member leaves: personal data is erased, the books stay (docs/rules.md §11)."""

from datetime import datetime

from django.db import transaction

from tuike.alerts import service as alerts
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import queries as marketing_of
from tuike.marketing import service as marketing
from tuike.members import service as members
from tuike.members.types import AccountHasMoney, AccountInCharge, AccountUnderway, GoodsLeft
from tuike.messages import service as messages
from tuike.orders import queries as orders_of
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.people import service as people

_PROMOTERS = ("pending", "available", "leaving", "owed", "deposit")


@retry
def close_account(*, person_id: int, give_up: bool, actor: Actor, now: datetime) -> None:
    """Erase a person: addresses, phone, identities, favourites, products seen, tags, messages, reports, names
    and sessions.

    `give_up`: the person has said in words that balance and points that are left may go. Orders and bookings stay,
    under a number that names nobody; so do a party's own data, which the party needs.

    Raises:
        UnknownPerson: no such person, or erased.
        AccountUnderway: an order is unpaid or underway, an after-sale is open, or a red packet of theirs still is.
        AccountInCharge: the person sits in a shop, with a leader or with the operator.
        AccountHasMoney: a promoter of theirs has earnings, a deposit, debts or a withdrawal that runs.
        GoodsLeft: balance or points are left, and `give_up` isn't said.
    """
    with transaction.atomic(durable=True):
        people.hold_person(person_id=person_id)
        if orders_of.underway_of(buyer_id=person_id):
            raise AccountUnderway
        if marketing_of.packets_underway(buyer_id=person_id):
            raise AccountUnderway
        _check_seats(person_id)
        balance, points = marketing_of.balance_of(person_id), marketing_of.points_of(person_id, now=now)
        if (balance or points) and not give_up:
            raise GoodsLeft(balance=f"{balance // 100}.{balance % 100:02d}", points=points)
        marketing.give_up_balance(buyer_id=person_id, now=now)
        marketing.give_up_points(buyer_id=person_id, now=now)
        members.erase_member(person_id=person_id)
        alerts.forget_person(person_id=person_id)
        messages.forget_personal(person_id=person_id, now=now)
        people.erase_person(person_id=person_id, actor=actor, now=now)


def _check_seats(person_id: int) -> None:
    for seat in parties.seats_of(person_id):
        if seat.party.kind is not PartyKind.PROMOTER:
            raise AccountInCharge(party=seat.party.name)
        accounts = [chart.promoter(seat.party.id, purpose) for purpose in _PROMOTERS]
        if any(ledger.balances(refs=accounts).values()):
            raise AccountHasMoney(party=seat.party.name)
