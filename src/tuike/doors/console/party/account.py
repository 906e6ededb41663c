"""The party's account: what was certified, the AppID, and the AppSecret, reset by a scan and shown once."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import access, answers
from tuike.doors.console.party import scanning
from tuike.doors.console.party.certification import KINDS
from tuike.doors.console.text import T
from tuike.messages import queries as news
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import PartyKind, Role


def page(request: Any) -> HttpResponse:
    """Show the party's account."""
    asker = request.asker
    merchant = (
        parties.merchant_facts([asker.party_id]).get(asker.party_id) if asker.party.kind is PartyKind.MERCHANT else None
    )
    manages = asker.role is Role.SUPER_ADMIN
    context = {
        "facts": service.certified_facts(party_id=asker.party_id) if manages else None,
        "kinds": KINDS,
        "shop": merchant,
        "appid": parties.appid_of(asker.party_id),
        "secret_since": parties.secret_since(asker.party_id),
        "integrates": asker.may(f"{asker.party.kind}-credentials", "GET"),
        "news": _news(request),
    }
    return render(request, "console/party/account.html", context)


def notices(request: Any) -> HttpResponse:
    """Keep which kinds of news the person wants to see of this party."""
    asker = request.asker
    wanted = set(request.POST.getlist("kind"))
    muted = [one["name"] for one in _news(request) if one["name"] not in wanted]
    messages.mute(party_id=asker.party_id, person_id=asker.person.id, kinds=muted)
    return answers.done(T("通知设置已保存", "The notice settings were saved"))


def _news(request: Any) -> list[dict[str, Any]]:
    """Return the kinds of news that concern the asker's seat: those whose page this kind of party has."""
    asker = request.asker
    muted = news.muted_by(party_id=asker.party_id, person_id=asker.person.id)
    return [
        {"name": name, "words": T(*news.sample(kind)), "urgent": kind.urgent, "on": kind.urgent or name not in muted}
        for name, kind in news.kinds_of(asker.role.value).items()
        if not kind.page or f"{asker.party.kind}-{kind.page}" in access.ACCESS
    ]


def secret(request: Any) -> HttpResponse:
    """Explain the reset; on POST show the code that confirms it."""
    asker = request.asker
    if request.method == "GET":
        return answers.dialog(request, "console/party/secret.html", {"since": parties.secret_since(asker.party_id)})
    ticket = service.ask_for_secret(
        party_id=asker.party_id,
        asker=scanning.asker_of(request),
        place=scanning.place_of(request),
        actor=asker.actor,
        now=asker.now,
    )
    return _waiting(request, ticket)


def secret_state(request: Any) -> HttpResponse:
    """Say where the confirmation stands; make the new secret when it is there, and show it this once."""
    asker, ticket = request.asker, scanning.ticket_in(request)
    if not scanning.box(request, ticket).confirmed:
        return _waiting(request, ticket)
    fresh = service.make_secret(
        party_id=asker.party_id,
        ticket=ticket,
        asker=scanning.asker_of(request),
        actor=asker.actor,
        now=asker.now,
    )
    answer = answers.dialog(request, "console/party/secret_shown.html", {"fresh": fresh})
    return scanning.in_dialog(answer)


def _waiting(request: Any, ticket: str) -> HttpResponse:
    return scanning.waiting(
        request,
        scanning.box(request, ticket),
        poll=answers.url(request, "secret-state"),
        again=answers.url(request, "secret"),
        title=T("重置 AppSecret", "Reset the AppSecret"),
        lead=T(
            "请超级管理员用小程序扫码确认。确认后旧密钥立即失效，新密钥只显示一次。",
            "The super administrator confirms it by a scan. The old secret is dead at once; the new one is shown once.",
        ),
    )
