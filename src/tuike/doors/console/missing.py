"""An address that nothing answers: a page in the person's language with the way back, not the server's bare words."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.defaults import page_not_found

from tuike.doors.console import answers
from tuike.kit.errors import NotFound


def page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: as a page to a person's browser, as Django's own line to programs."""
    if "text/html" not in request.headers.get("Accept", "") or request.path.startswith("/api/"):
        return HttpResponseNotFound(page_not_found(request, exception).content)
    return answers.sealed(answers.refused(request, NotFound()))  # type: ignore[return-value]
