"""The console's cookie: a token of people, of which the database knows only the digest."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tuike.people import service as people
from tuike.people.types import PersonRef, SessionKind, SessionOver

COOKIE = "tuike_console"
ASKER_COOKIE = "tuike_asker"
LANGUAGE_COOKIE = "django_language"
LONGEST = 12 * 3600
YEAR = 365 * 86_400


def person_of(token: str, *, now: datetime) -> PersonRef | None:
    """Return whose running console session the token is, None for none."""
    if not token or len(token) > 128:
        return None
    try:
        return people.person_of(token=token, kind=SessionKind.CONSOLE, now=now)
    except SessionOver:
        return None


def begin(answer: HttpResponse, token: str) -> HttpResponse:
    """Let the browser keep the session."""
    return set_cookie(answer, COOKIE, token, max_age=LONGEST)


def end(answer: HttpResponse) -> HttpResponse:
    """Let the browser forget the session."""
    answer.delete_cookie(COOKIE, path="/", samesite="Lax")
    return answer


def set_cookie(answer: HttpResponse, name: str, value: str, *, max_age: int, http_only: bool = True) -> HttpResponse:
    """Set a cookie of ours: never sent by foreign pages, over HTTPS only in production."""
    answer.set_cookie(
        name, value, max_age=max_age, path="/", secure=settings.PRODUCTION, httponly=http_only, samesite="Lax"
    )
    return answer


def address_of(request: HttpRequest) -> str:
    """Return the network address that a request came from.

    Behind `TUIKE_PROXIES` proxies of ours it is what the outermost of them saw; what a visitor writes into the header
    stands further left and counts for nothing.
    """
    came_by = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if 0 < settings.PROXIES <= len(came_by) and came_by[-settings.PROXIES]:
        return came_by[-settings.PROXIES][:60]
    return str(request.META.get("REMOTE_ADDR", ""))


def device_of(request: HttpRequest) -> str:
    """Return a short name of the browser for the list of sessions, out of what it says of itself."""
    said = request.headers.get("User-Agent", "")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    browser = next((name for mark, name in _BROWSERS if mark in said), "")
    return " · ".join(part for part in (browser, system) if part) or "—"


_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
