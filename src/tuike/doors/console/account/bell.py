"""The bell: news of the party for the seat that asks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch

from tuike.doors.console import answers
from tuike.doors.console.text import T
from tuike.messages import queries, service
from tuike.messages.types import MessageShown

A_PAGE, A_MENU = 30, 8


def page(request: HttpRequest) -> HttpResponse:
    """List all news, the latest first."""
    before = _id(request.GET.get("before", ""))
    found = _found(request, before=before, limit=A_PAGE + 1)
    older = found[A_PAGE - 1]["message"].id if len(found) > A_PAGE else None
    context = {"news": found[:A_PAGE], "older": older, "before": before}
    return render(request, "console/account/bell.html", context)


def menu(request: HttpRequest) -> HttpResponse:
    """Show the latest news under the bell."""
    return render(request, "console/parts/bell_menu.html", {"news": _found(request, before=None, limit=A_MENU)})


def seen(request: HttpRequest) -> HttpResponse:
    """Note that one piece of news (or all) was seen, and lead to what it is about."""
    asker = request.asker  # type: ignore[attr-defined]
    message_id = _id(request.POST.get("message", ""))
    service.see(party_id=asker.party_id, person_id=asker.person.id, message_id=message_id, now=asker.now)
    leads = answers.url(request, "bell")
    if message_id is not None:
        found = _found(request, before=message_id + 1, limit=1)
        leads = next((one["url"] for one in found if one["message"].id == message_id and one["url"]), leads)
        return answers.to(request, leads)
    return answers.to(request, leads, toast=T("已全部标为已读", "All marked as read"))


def _found(request: HttpRequest, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    asker = request.asker  # type: ignore[attr-defined]
    found = queries.of_party(
        party_id=asker.party_id, person_id=asker.person.id, role=asker.role.value, before=before, limit=limit
    )
    return [{"message": one, "words": T(one.zh, one.en), "url": _leads(request, one)} for one in found]


def _leads(request: HttpRequest, message: MessageShown) -> str:
    """Return the address of what a piece of news is about, empty when the seat can't go there."""
    asker = request.asker  # type: ignore[attr-defined]
    if not message.page or not asker.may(f"{asker.party.kind}-{message.page}"):
        return ""
    try:
        return answers.url(request, message.page, **message.path_args)
    except NoReverseMatch:
        return ""


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
