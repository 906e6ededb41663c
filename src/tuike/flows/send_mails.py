"""Mails about reports and alerts leave: mark, send, record. One that may have arrived isn't sent again by itself."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction

from tuike.alerts import service as alerts
from tuike.alerts.types import Leaving, SendingState
from tuike.db.retry import retry
from tuike.flows import seated
from tuike.gateways import mail as gateway
from tuike.gateways.mail import Mail, MailOutcome, MailState
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef
from tuike.people import queries as people
from tuike.people.types import PersonRef

log = structlog.get_logger(__name__)

Compose = Callable[[Leaving, PartyRef, PersonRef, str], Mail]
"""Returns the mail about an edition or a firing of a party, to a person at an address, in the person's language."""

_BECOMES = {
    MailState.SENT: SendingState.SENT,
    MailState.NOT_SENT: SendingState.WAITING,
    MailState.REFUSED: SendingState.FAILED,
    MailState.UNKNOWN: SendingState.UNKNOWN,
}


def send_mails(*, compose: Compose, now: datetime) -> int:
    """Send what is due, 20 at most, and return how many were taken (docs/rules.md §11).

    Each is marked before the server is called and recorded after it, one by one. Whoever dies in between leaves a mail
    of which nobody knows whether it arrived: it is shown as such to its person, who may let it be sent again. What the
    server certainly didn't take is tried again after 1, 5 and 30 minutes, 2 and 6 hours.
    """
    taken = _taken(now)
    persons = {one.person_id for one in taken}
    addresses, refs = people.addresses_of(persons), people.refs(persons)
    whose = parties.refs({one.party_id for one in taken})
    for one in taken:
        outcome = _sent(one, compose, whose[one.party_id], refs.get(one.person_id), addresses.get(one.person_id, ""))
        _record(one, outcome, now)
    return len(taken)


def _sent(one: Leaving, compose: Compose, party: PartyRef, person: PersonRef | None, address: str) -> MailOutcome:
    if person is None or not seated.of(party_id=party.id, person_ids=[one.person_id]):
        return MailOutcome(MailState.REFUSED, "no_seat")
    if not address:
        return MailOutcome(MailState.REFUSED, "no_address")
    outcome = gateway.send(compose(one, party, person, address))
    if outcome.state is not MailState.SENT:
        log.warning("mail_not_sent", sending=one.id, outcome=outcome.state.value, why=outcome.why, tries=one.tries)
    return outcome


@retry
def _taken(now: datetime) -> list[Leaving]:
    with transaction.atomic(durable=True):
        alerts.give_up_lost(now=now)
        return alerts.take_due(now=now)


@retry
def _record(one: Leaving, outcome: MailOutcome, now: datetime) -> None:
    with transaction.atomic(durable=True):
        alerts.record(sending_id=one.id, state=_BECOMES[outcome.state], why=outcome.why, tries=one.tries, now=now)
