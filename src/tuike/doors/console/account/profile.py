"""The person: nickname, language, theme."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers, sessions
from tuike.doors.console.text import T
from tuike.people import queries as persons
from tuike.people import service as people


def page(request: HttpRequest) -> HttpResponse:
    """Show the person and what they chose; on POST take it."""
    asker = request.asker  # type: ignore[attr-defined]
    if request.method == "POST":
        language = "en" if request.POST.get("language") == "en" else "zh-hans"
        people.rename(person_id=asker.person.id, nickname=_nickname(request), language=language)
        answer = answers.to(request, reverse("console:account-profile"), toast=_saved(language))
        return sessions.set_cookie(answer, sessions.LANGUAGE_COOKIE, language, max_age=sessions.YEAR)
    context = {"person": asker.person, "phone": persons.phone_of(asker.person.id), "tab": "profile"}
    return render(request, "console/account/profile.html", context)


def _nickname(request: HttpRequest) -> str:
    """Return the nickname without what isn't to be seen."""
    return "".join(sign for sign in request.POST.get("nickname", "") if sign.isprintable())


def _saved(language: str) -> str:
    return T("已保存", "Saved").say(language != "en")
