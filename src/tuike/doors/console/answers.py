"""Answers of the consoles: toasts, redirects that htmx understands, refusals as pages or toasts, headers on all."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe

from tuike.doors.console import sessions
from tuike.doors.console.text import T, chinese
from tuike.kit.errors import Refusal
from tuike.parties.types import Role

TOAST_COOKIE = "tuike_toast"

ROLES = {
    Role.SUPER_ADMIN: T("超级管理员", "super administrator"),
    Role.ADMIN: T("管理员", "administrator"),
    Role.PRODUCT_MANAGER: T("商品管理员", "product manager"),
    Role.FINANCE: T("财务", "finance"),
    Role.OPERATOR: T("运营", "operator"),
    Role.AUDITOR: T("审计", "auditor"),
}


class SeeOther(HttpResponseRedirect):
    """After a write: go and look (303)."""

    status_code = 303


def url(request: HttpRequest, name: str, **path_args: Any) -> str:
    """Return the address of a page of the asker's party by its name without the kind: `url(request, "funds")`."""
    party = request.asker.party  # type: ignore[attr-defined]
    return reverse(f"console:{party.kind}-{name}", kwargs={"party_no": party.no, **path_args})


def by_htmx(request: HttpRequest) -> bool:
    """Return whether htmx asks for a piece of a page, not a person for a whole one."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def trigger(answer: HttpResponse, **events: Any) -> HttpResponse:
    """Let the browser raise events after this answer: `trigger(answer, **{"dialog-close": True})`."""
    already = json.loads(answer.headers.get("HX-Trigger", "{}"))
    answer.headers["HX-Trigger"] = json.dumps(already | events)
    return answer


def toast(answer: HttpResponse, words: T | str, *, kind: str = "good", close: bool = False) -> HttpResponse:
    """Show a short message beside whatever the answer changes; `kind` is `good`, `bad` or `plain`, `close` the dialog.

    For answers to htmx; after a redirect use `to(..., toast=...)`.
    """
    events: dict[str, Any] = {"toast": {"text": str(words), "kind": kind}}
    if close:
        events["dialog-close"] = True
    return trigger(answer, **events)


def done(words: T | str, *, refresh: str = "", close: bool = True) -> HttpResponse:
    """Answer a write by htmx that needs nothing drawn: a toast, the dialog closed, an event for lists to reload on.

    `refresh` is the event's name (`list-changed`); elements ask for it by `hx-trigger="list-changed from:body"`.
    """
    answer = HttpResponse(status=200)
    answer.headers["HX-Reswap"] = "none"
    if refresh:
        trigger(answer, **{refresh: True})
    return toast(answer, words, close=close)


def to(request: HttpRequest, url: str, *, toast: T | str | None = None, kind: str = "good") -> HttpResponse:
    """Send the browser to one of our own pages after a write, with a message that is shown there once."""
    if by_htmx(request):
        answer = HttpResponse(status=200)
        answer.headers["HX-Redirect"] = url
    else:
        answer = SeeOther(url)
    if toast is not None:
        packed = json.dumps({"text": str(toast), "kind": kind}, ensure_ascii=False).encode()
        note = base64.urlsafe_b64encode(packed).decode()
        sessions.set_cookie(answer, TOAST_COOKIE, note, max_age=30, http_only=False)
    return answer


def dialog(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with what goes into `#dialog` (a template that extends console/dialog.html)."""
    return render(request, template, dict(context or {}), status=status)


def drawer(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with what goes into `#drawer` (a template that extends console/drawer.html)."""
    return render(request, template, dict(context or {}), status=status)


def whole(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Put a dialog or drawer that was opened as a page of its own (a new tab, a reload) into the frame of one."""
    if request.method != "GET" or by_htmx(request) or not isinstance(answer, HttpResponse):
        return answer
    if answer.has_header("Content-Encoding"):  # packed: a page, never a piece
        return answer
    piece = answer.content.decode(answer.charset).lstrip() if answer["Content-Type"].startswith("text/html") else ""
    if not piece.startswith('<div class="dhead">'):
        return answer
    piece = re.sub(r"<h2 id=\"(dialog|drawer)-title\">(.*?)</h2>", r"<h1>\2</h1>", piece, count=1, flags=re.DOTALL)
    # Below a first heading stands a second one; the tag stays, by which it is drawn.
    piece = re.sub(r"<h([34])(?=[ >])", lambda tag: f'<h{tag[1]} aria-level="{int(tag[1]) - 1}"', piece)
    # What the template already drew, escaped by it.
    return render(request, "console/alone.html", {"piece": mark_safe(piece)}, status=answer.status_code)  # noqa: S308  # nosec B308 B703


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say a verb's no: a toast to htmx, which then draws nothing; a page with the way back to anybody else."""
    sentence = refusal.sentence("zh" if chinese() else "en")
    if by_htmx(request):
        answer = HttpResponse(sentence, status=refusal.status, content_type="text/plain; charset=utf-8")
        answer.headers["HX-Reswap"] = "none"
        return toast(answer, sentence, kind="bad")
    context = {"status": refusal.status, "sentence": sentence, "code": refusal.code}
    return render(request, "console/error.html", context, status=refusal.status)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead whoever isn't signed in to the sign-in, and back to where they were afterwards."""
    asked = request.get_full_path() if request.method in {"GET", "HEAD"} and not by_htmx(request) else ""
    url = reverse("console:sign-in")
    answer = to(request, f"{url}?{urlencode({'next': asked}, safe='/')}" if asked else url)
    if by_htmx(request):
        answer.status_code = 401
    return answer


def to_certification(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Lead a party that isn't certified to its certification; a write or a piece of a page gets the refusal."""
    kind, _, _ = getattr(request, "page_name", "").partition("-")
    asker = getattr(request, "asker", None)
    if request.method != "GET" or by_htmx(request) or asker is None or asker.maybe_seat is None:
        return refused(request, refusal)
    try:
        return SeeOther(reverse(f"console:{kind}-certification", kwargs={"party_no": asker.party.no}))
    except NoReverseMatch:
        return refused(request, refusal)


def sealed(answer: HttpResponseBase) -> HttpResponseBase:
    """Put the headers of a console on an answer: kept nowhere, framed nowhere, scripts of our own files only."""
    answer.headers.setdefault("Cache-Control", "private, no-store")
    answer.headers.setdefault("Content-Security-Policy", policy())
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer


def attachment(name: str) -> str:
    """Return a Content-Disposition by which a browser saves a file under a name that may be Chinese."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def policy(*, connect: str = "") -> str:
    """Return the Content-Security-Policy. Attributes may carry styles: charts and calendars place things by them.

    `connect`: an origin of ours beside this one that the page's scripts may ask.
    """
    ask = f" {connect}" if connect else ""
    cashier = f" {settings.SANDBOX_BASE}" if settings.SANDBOX_BASE else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';"
        f" img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{ask}; manifest-src 'self';"
        f" form-action 'self'{cashier}; base-uri 'none'; frame-ancestors 'none'"
    )
