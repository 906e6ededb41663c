"""The link at the end of a mail: no more of its kind, by one press, signed in or not.

Asked for it shows a button, because programs open the links of mails before people do; mail programs that unsubscribe
by themselves (RFC 8058) post at once. The link is signed, and says nothing to anybody else.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from tuike.alerts.types import Rhythm
from tuike.doors.web import mails
from tuike.flows import keep_alerts
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.people import queries as people


@csrf_exempt  # whoever has the link may; a mail program sends no token
def page(request: Any, token: str) -> HttpResponse:
    """Ask once more, and end these mails."""
    said = mails.read_stop(token)
    if said is None:
        raise NotFound
    party_id, person_id, about = said
    party, person = parties.refs([party_id]).get(party_id), people.refs([person_id]).get(person_id)
    if party is None or person is None:
        raise NotFound
    rhythm = Rhythm(about) if about in {one.value for one in Rhythm} else None
    if request.method == "POST":
        keep_alerts.stop_mails(
            party_id=party_id, person_id=person_id, rhythm=rhythm, threshold_no="" if rhythm else about, now=clock.now()
        )
    with translation.override("zh-hans" if person.language.startswith("zh") else "en"):
        context = {"party": party, "rhythm": rhythm, "done": request.method == "POST"}
        return render(request, "console/alerts/stop.html", context)
