"""`GET /`: what runs here."""

import platform
from importlib.metadata import version

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tuike.doors.front.words import WORDS
from tuike.kit import clock, days

_DAY = 86_400


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show versions, clock and sandbox, and lead on. Needs no database, so that it also answers without one."""
    asked = request.GET.get("lang") or get_language() or ""
    words = WORDS["zh" if asked.lower().startswith("zh") else "en"]
    ahead = clock.offset_seconds()
    context = {
        "w": words,
        "now": days.shown(clock.now()),
        "ahead": _shown(ahead, words) if ahead else "",
        "production": settings.PRODUCTION,
        "sandbox": settings.SANDBOX_BASE,
        "versions": [
            ("Tuike", version("tuike")),
            ("Python", platform.python_version()),
            ("Django", django.get_version()),
            ("granian", version("granian")),
            ("Procrastinate", version("procrastinate")),
        ],
    }
    answer = render(request, "front/page.html", context)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'none';"
        " connect-src 'self'; img-src data:; frame-ancestors 'none'"
    )
    return answer


def _shown(seconds: int, words: dict[str, str]) -> str:
    whole, rest = divmod(abs(seconds), _DAY)
    sign = "+" if seconds > 0 else "−"
    return f"{sign}{whole} {words['days']} {rest // 3600:02d}:{rest % 3600 // 60:02d}"
