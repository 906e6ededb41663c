"""Confirming by scan inside a console: the code in a dialog, where it stands, and what happens once it is confirmed."""

from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import sessions
from tuike.doors.console.text import T
from tuike.people import service as people
from tuike.people.types import ScanExpired, ScanState

_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Box:
    """A code as it is drawn: `state` is a ScanState or `expired`; `who` says whose phone it waits for."""

    ticket: str
    state: str
    qr: str
    address: str
    who: T | None = None
    name: str = "ticket"

    @property
    def confirmed(self) -> bool:
        """Return whether somebody has said yes on the phone."""
        return self.state == ScanState.CONFIRMED

    @property
    def over(self) -> bool:
        """Return whether nothing can come of it any more."""
        return self.state in ("expired", ScanState.DECLINED, ScanState.USED)


def asker_of(request: Any) -> str:
    """Return the secret of this browser to which a challenge is bound: its session."""
    return request.asker.token


def place_of(request: Any) -> str:
    """Return where a challenge is asked from, for the person with the phone to judge."""
    return f"{sessions.device_of(request)} · {sessions.address_of(request)}"


def ticket_in(request: Any, name: str = "ticket") -> str:
    """Return the ticket that a waiting page sent along."""
    return request.POST.get(name, "")[:_LONGEST]


def box(request: Any, ticket: str, *, who: T | None = None, name: str = "ticket") -> Box:
    """Return a challenge of this browser as it stands now.

    Raises:
        UnknownScan: not one of this browser's.
    """
    try:
        state = people.scan_state(ticket=ticket, asker=asker_of(request), now=request.asker.now).state.value
    except ScanExpired:
        state = "expired"
    address = f"{settings.PUBLIC_BASE}/scan/{ticket}"
    qr = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
    return Box(ticket, state, qr, address, who, name)


def waiting(request: Any, *boxes: Box, poll: str, again: str, title: T, lead: T, **hidden: str) -> HttpResponse:
    """Answer with the dialog that shows codes and asks `poll` every two seconds, sending `hidden` along.

    `again` is where a fresh code is asked for when one has run out; a poll draws only the codes anew.
    """
    context = {
        "boxes": boxes,
        "poll": poll,
        "again": again,
        "title": title,
        "lead": lead,
        "hidden": hidden,
        "over": any(one.over for one in boxes),
        "phone": f"{settings.SANDBOX_BASE}/sandbox/phone" if settings.SANDBOX_BASE else "",
    }
    polled = request.headers.get("HX-Target") == "scan"
    return render(request, "console/party/scan_boxes.html" if polled else "console/party/scan.html", context)


def in_dialog(answer: HttpResponse) -> HttpResponse:
    """Let a poll's answer take the place of the whole dialog."""
    answer.headers["HX-Retarget"] = "#dialog"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer
