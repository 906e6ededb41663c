"""Who calls: a person by bearer token, in the seat of a party where the verb is a party's."""

from collections.abc import Collection
from typing import cast

import structlog
from django.http import HttpRequest
from ninja.security import HttpBearer

from tuike.audit.types import Actor
from tuike.doors.storefront.problems import PartyNeeded
from tuike.doors.web import visitor as marks
from tuike.kit import clock
from tuike.kit.errors import Forbidden, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import NotCertified, PartyKind, Role, SeatShown, Suspended
from tuike.people import service as people
from tuike.people.types import PersonRef, SessionKind


class Bearer(HttpBearer):
    """A session of the storefront."""

    def authenticate(self, request: HttpRequest, token: str) -> PersonRef:
        """Return whose token it is.

        Raises:
            SessionOver: unknown, ended, revoked.
        """
        person = people.person_of(token=token, kind=SessionKind.STOREFRONT, now=clock.now())
        structlog.contextvars.bind_contextvars(person_id=person.id)
        return person


signed_in = Bearer()


def token_of(request: HttpRequest) -> str:
    """Return the token that came with the request of somebody who is signed in."""
    return request.headers["Authorization"].partition(" ")[2]


def anybody(request: HttpRequest) -> PersonRef | str:
    """Return the person whose token came, or `visitor` when none did."""
    return signed_in(request) or "visitor"


def person(request: HttpRequest) -> PersonRef:
    """Return the person who is signed in."""
    return cast(PersonRef, request.auth)  # type: ignore[attr-defined]


def maybe_person(request: HttpRequest) -> PersonRef | None:
    """Return the person who is signed in, if anybody is."""
    found = request.auth  # type: ignore[attr-defined]
    return found if isinstance(found, PersonRef) else None


def visitor_of(request: HttpRequest, header: str) -> str:
    """Return the visitor's mark: the header's, else the landing page's cookie, else empty."""
    return header or marks.found(request.headers.get("Cookie", ""))


def seat(request: HttpRequest, kind: PartyKind, party_no: str, roles: Collection[Role] | None = None) -> SeatShown:
    """Return the caller's seat in a party of the kind: the one that is named, or the only one.

    Raises:
        NotFound: no such seat; somebody else's party looks like none.
        PartyNeeded: several, and none is named.
        Forbidden: the seat's role isn't one of `roles`.
    """
    held = [one for one in parties.seats_of(person(request).id) if one.party.kind is kind]
    if party_no:
        held = [one for one in held if one.party.no == party_no]
    if not held:
        raise NotFound
    if len(held) > 1:
        raise PartyNeeded
    structlog.contextvars.bind_contextvars(party_id=held[0].party.id)
    if roles is not None and held[0].role not in roles:
        raise Forbidden
    return held[0]


def promoting(request: HttpRequest, party_no: str) -> SeatShown:
    """Return the caller's seat in a promoter that may promote now.

    Raises:
        NotFound, PartyNeeded: see `seat`. NotCertified, Suspended: the promoter may not act.
    """
    found = seat(request, PartyKind.PROMOTER, party_no)
    facts = parties.promoter_facts([found.party.id])[found.party.id]
    if not facts.certified:
        raise NotCertified
    if facts.suspended:
        raise Suspended(reason="—")
    return found


def acting(request: HttpRequest, sits: SeatShown) -> Actor:
    """Return the caller as the actor that the audit log names."""
    request_id = getattr(request, "request_id", "")
    return Actor("person", person(request).id, sits.party.id, sits.role.value, request_id)
