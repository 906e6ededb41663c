"""Opening a promoter, a shop or a leader of one's own."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T
from tuike.flows import open_party
from tuike.kit.errors import Refusal
from tuike.parties.types import PartyRef, Source, SubjectKind

OPENED = T("已开通，请继续完成认证", "It is open; go on with the certification")


def promoter(request: HttpRequest) -> HttpResponse:
    """Show the form of a promoter; on POST open one."""

    def write(asker: Any, form: dict[str, str]) -> PartyRef:
        return open_party.open_promoter(
            person_id=asker.person.id,
            name=form["name"],
            subject_kind=_subject(form),
            recruiter_no=form["recruiter"].strip(),
            key=asker_key(request),
            actor=asker.actor,
            now=asker.now,
        )

    return _handle(request, "console/account/open_promoter.html", write)


def merchant(request: HttpRequest) -> HttpResponse:
    """Show the form of a shop; on POST open one."""

    def write(asker: Any, form: dict[str, str]) -> PartyRef:
        return open_party.open_merchant(
            person_id=asker.person.id,
            name=form["name"],
            source=Source.MINI_PROGRAM if form["source"] == Source.MINI_PROGRAM else Source.MINI_STORE,
            subject_kind=_subject(form),
            appid=form["appid"].strip(),
            key=asker_key(request),
            actor=asker.actor,
            now=asker.now,
        )

    return _handle(request, "console/account/open_merchant.html", write)


def leader(request: HttpRequest) -> HttpResponse:
    """Show the form of a leader; on POST open one."""

    def write(asker: Any, form: dict[str, str]) -> PartyRef:
        return open_party.open_leader(
            person_id=asker.person.id, name=form["name"], key=asker_key(request), actor=asker.actor, now=asker.now
        )

    return _handle(request, "console/account/open_leader.html", write)


def _handle(request: HttpRequest, template: str, write: Callable[[Any, dict[str, str]], PartyRef]) -> HttpResponse:
    names = ("name", "subject", "recruiter", "source", "appid", "key")
    form = {name: request.POST.get(name, "")[:80] for name in names}
    problem = None
    if request.method == "POST":
        try:
            party = write(request.asker, form)  # type: ignore[attr-defined]
            return answers.to(request, _first_page(party), toast=OPENED)
        except Refusal as refusal:
            problem = refusal
    context = {"form": form, "problem": problem, "field": problem.details.get("field") if problem else ""}
    return render(request, template, context, status=422 if problem else 200)


def _subject(form: dict[str, str]) -> SubjectKind:
    return SubjectKind.ENTERPRISE if form["subject"] == SubjectKind.ENTERPRISE else SubjectKind.INDIVIDUAL


def _first_page(party: PartyRef) -> str:
    try:
        return reverse(f"console:{party.kind}-certification", kwargs={"party_no": party.no})
    except NoReverseMatch:
        return reverse("console:seats") + "?all=1"
