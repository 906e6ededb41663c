"""An operator looks at somebody's party as its people see it: read-only, for half an hour, after a logged act.

The browser carries a signed note of person and party; the guard believes it only while the person still holds a seat of
the operator. Whoever opens the look records it in the audit log first.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse

from tuike.doors.console import sessions
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, PartyRef, SeatShown

COOKIE = "tuike_look"
LASTS = timedelta(minutes=30)
_SALT = "tuike.console.look"


def begin(answer: HttpResponse, *, person_id: int, party: PartyRef, now: datetime) -> HttpResponse:
    """Let the browser look at `party` from now on; one party at a time. The caller has recorded the act."""
    note = signing.dumps([person_id, party.id, int((now + LASTS).timestamp())], salt=_SALT)
    return sessions.set_cookie(answer, COOKIE, note, max_age=int(LASTS.total_seconds()))


def end(answer: HttpResponse) -> HttpResponse:
    """Stop looking."""
    answer.delete_cookie(COOKIE, path="/", samesite="Lax")
    return answer


def seat_of_looker(request: HttpRequest, person_id: int, party: PartyRef, *, now: datetime) -> SeatShown | None:
    """Return the operator's seat by which a person looks at a party now, None when they don't."""
    note = request.COOKIES.get(COOKIE, "")
    if not note or party.kind is PartyKind.OPERATOR:
        return None
    try:
        who, which, until = signing.loads(note, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if (who, which) != (person_id, party.id) or now.timestamp() > until:
        return None
    seats = parties.seats_of(person_id)
    return next((seat for seat in seats if seat.party.kind is PartyKind.OPERATOR), None)
