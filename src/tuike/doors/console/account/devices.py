"""Where a person is signed in: every running session, each of which can be ended."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers
from tuike.doors.console.text import T, Tag
from tuike.people import queries as persons
from tuike.people import service as people
from tuike.people.types import SessionKind

KINDS = {
    SessionKind.CONSOLE: Tag(T("工作台", "console"), "blue"),
    SessionKind.STOREFRONT: Tag(T("小程序", "mini-program")),
}


def page(request: HttpRequest) -> HttpResponse:
    """List the sessions, the one that asks marked."""
    asker = request.asker  # type: ignore[attr-defined]
    here = persons.session_of(asker.token)
    found = persons.sessions_of(asker.person.id, now=asker.now)
    shown = [{"session": one, "here": one.id == here, "kind": KINDS[one.kind]} for one in found]
    others = sum(1 for one in found if one.kind is SessionKind.CONSOLE and one.id != here)
    return render(request, "console/account/devices.html", {"tab": "devices", "sessions": shown, "others": others})


def revoke(request: HttpRequest) -> HttpResponse:
    """End one session, or (without an id) every console session but this one."""
    asker = request.asker  # type: ignore[attr-defined]
    chosen = request.POST.get("session", "")
    if chosen:
        session_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0
        people.revoke_session(person_id=asker.person.id, session_id=session_id, now=asker.now)
    else:
        people.revoke_others(person_id=asker.person.id, token=asker.token, now=asker.now)
    words = T("已退出所选登录", "Signed out there")
    return answers.to(request, reverse("console:account-devices"), toast=words)
