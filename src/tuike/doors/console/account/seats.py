"""Where a person sits: choose a seat, switch to another."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from tuike.doors.console import answers, nav
from tuike.doors.console.answers import ROLES
from tuike.parties import queries as parties
from tuike.parties.types import SeatShown


def page(request: HttpRequest) -> HttpResponse:
    """Show the person's seats; with a single one, go there."""
    seats = _shown(request)
    if len(seats) == 1 and seats[0]["url"] and not request.GET.get("all"):
        return answers.to(request, seats[0]["url"])
    return render(request, "console/account/seats.html", {"seats": seats})


def menu(request: HttpRequest) -> HttpResponse:
    """Show the same in the frame's menu."""
    return render(request, "console/parts/seats_menu.html", {"seats": _shown(request)})


def _shown(request: HttpRequest) -> list[dict[str, Any]]:
    held = parties.seats_of(request.asker.person.id)  # type: ignore[attr-defined]
    return [
        {"party": seat.party, "role": ROLES[seat.role], "console": nav.NAMES[seat.party.kind], "url": _url(seat)}
        for seat in held
    ]


def _url(seat: SeatShown) -> str:
    try:
        return reverse(f"console:{seat.party.kind}-home", kwargs={"party_no": seat.party.no})
    except NoReverseMatch:
        return ""
