"""A person asks to come into the network with a promoter of theirs, and takes that back (docs/rules.md §1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import decide_applications
from tuike.flows.keyed import keyed
from tuike.kit.errors import Forbidden, NotFound
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import ApplicationNeeded, ApplicationOpen, ApplicationShown
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, PromoterState, Role
from tuike.people import service as people

_MAY = frozenset({PromoterState.JOINING, PromoterState.RETIRED})


@retry
def file_application(
    *, person_id: int, promoter_id: int, answers: Mapping[str, Any], actor: Actor, now: datetime, key: str | None = None
) -> ApplicationShown:
    """File an application by the form in force; where a rule decides at once, it is decided. The same key files nothing
    again.

    Raises:
        NotFound: not a promoter of the person's. Forbidden: another seat than the super administrator's.
        ApplicationNeeded: nobody has to apply now.
        ApplicationOpen: one is under review, or the promoter is in.
        PersonBanned, AppliedTooSoon, Invalid, UnknownFile: see network.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> str:
        people.hold_person(person_id=person_id)
        own(person_id, promoter_id)
        form = queries.form_needed()
        if form is None:
            raise ApplicationNeeded
        network.check_free_to_join(person_id=person_id, form=form, now=now)
        if parties.promoter_facts([promoter_id])[promoter_id].state not in _MAY:
            raise ApplicationOpen
        filed = network.file_application(
            person_id=person_id, promoter_id=promoter_id, form=form, given=answers, actor=actor, now=now
        )
        decide_applications.judge([filed.no], now)
        return filed.no

    def again() -> str:
        found = queries.last_application(promoter_id)
        if found is None:
            raise NotFound
        return found.no

    scope = f"person:{person_id}:apply_to_network"
    content = [promoter_id, dict(answers)]
    no = keyed(scope=scope, key=key, content=content, now=now, work=work, again=again)
    return queries.application(no)


@retry
def withdraw_application(*, person_id: int, no: str, actor: Actor, now: datetime) -> ApplicationShown:
    """Take an application back; a deposit that was paid for it goes back at once.

    Raises:
        ApplicationClosed: no such application of the person's under review.
    """

    def work() -> ApplicationShown:
        people.hold_person(person_id=person_id)
        done = network.withdraw_application(no=no, person_id=person_id, actor=actor, now=now)
        network.hold_deposit(promoter_id=done.promoter_id, at_once=True, now=now)
        return done

    return keyed(scope="", key=None, content=None, now=now, work=work, again=work)


def own(person_id: int, promoter_id: int) -> None:
    """Refuse whoever isn't a promoter's super administrator.

    Raises:
        NotFound: no seat in it. Forbidden: another seat.
    """
    seat = parties.seat_of(person_id, promoter_id)
    if seat is None or seat.party.kind is not PartyKind.PROMOTER:
        raise NotFound
    if seat.role is not Role.SUPER_ADMIN:
        raise Forbidden
