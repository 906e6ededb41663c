"""Seats that are offered to the person's own phone number: look, accept, decline."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers
from tuike.doors.console.text import T
from tuike.parties import queries as parties
from tuike.parties import service


def page(request: Any) -> HttpResponse:
    """Show what is offered; as a piece for the page of seats, which draws nothing where nothing is."""
    asker = request.asker
    context = {
        "invitations": parties.invitations_for(asker.person.id, now=asker.now),
        "roles": answers.ROLES,
    }
    template = "console/party/invitations_piece.html" if answers.by_htmx(request) else "console/party/invitations.html"
    return render(request, template, context)


def accept(request: Any, *, code: str) -> HttpResponse:
    """Take the seat."""
    asker = request.asker
    service.accept_invitation(code=code, actor=asker.actor, now=asker.now)
    said = T("您已加入，可以进入工作台", "You have a seat there now")
    return answers.to(request, reverse("console:seats"), toast=said)


def decline(request: Any, *, code: str) -> HttpResponse:
    """Say no."""
    service.decline_invitation(code=code, actor=request.asker.actor, now=request.asker.now)
    return answers.to(request, reverse("console:seats"), toast=T("已拒绝邀请", "The invitation was declined"))
