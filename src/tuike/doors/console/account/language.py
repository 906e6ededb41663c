"""The switch of languages: remembered with the person, and with the browser for pages before the sign-in."""

from django.http import HttpRequest, HttpResponse

from tuike.doors.console import answers, sessions
from tuike.doors.console.account.sign_in import safe_next
from tuike.people import service as people


def switch(request: HttpRequest) -> HttpResponse:
    """Take the other language and go back to the page."""
    language = "en" if request.POST.get("language", "") == "en" else "zh-hans"
    asker = request.asker  # type: ignore[attr-defined]
    if asker is not None:
        people.rename(person_id=asker.person.id, language=language)
    answer = answers.to(request, safe_next(request, request.POST.get("next", "")) or "/")
    return sessions.set_cookie(answer, sessions.LANGUAGE_COOKIE, language, max_age=sessions.YEAR)
