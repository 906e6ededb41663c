"""Answers outside every page: an address that nothing answers, a form without the token of our own pages.

Each in the person's language with the way back, not the server's bare words.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.defaults import page_not_found

from tuike.doors.console import answers
from tuike.kit.errors import NotFound, Refusal


class PageTooOld(Refusal):
    """The form isn't one of our own pages', or the page stood open for too long."""

    code = "page_too_old"
    status = 403
    zh = "页面已过期，请刷新后重试"
    en = "This page is too old; reload it and try again."


def page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: as a page to a person's browser, as Django's own line to programs."""
    if "text/html" not in request.headers.get("Accept", "") or request.path.startswith("/api/"):
        return HttpResponseNotFound(page_not_found(request, exception).content)
    return answers.sealed(answers.refused(request, NotFound()))  # type: ignore[return-value]


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a write without the token of our own pages; `reason` is Django's, for the log alone."""
    return answers.sealed(answers.refused(request, PageTooOld()))  # type: ignore[return-value]
