"""What stands around every call: HEAD and OPTIONS, headers of the answer, the line in the call log."""

import time
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tuike.apps.types import Allowance, App, CallFacts, Door
from tuike.doors.openapi import problems
from tuike.doors.web.calls import calls
from tuike.kit import clock

View = Callable[..., HttpResponseBase]


def framed(view: View, methods: Collection[str]) -> View:
    """Return a view of an address with everything around it; `methods`: those that the address takes."""
    allowed = ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        began, now = time.perf_counter(), clock.now()
        method = request.method or ""
        if method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": allowed})
        if method == "HEAD":
            request.asked_method, request.method = method, "GET"  # type: ignore[attr-defined]
        chunked = "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH")
        # A body whose length nobody says isn't read by WSGI: to go on would be to take it for an empty one.
        answer = problems.by_status(request, 411) if chunked else view(request, *args, **kwargs)
        if answer.status_code == 405:
            answer = problems.by_status(request, 405)
            answer.headers["Allow"] = allowed
        if method == "HEAD" and isinstance(answer, HttpResponse):
            answer.headers["Content-Length"] = str(len(answer.content))
            answer.content = b""
        limited(request, answer)
        app: App | None = getattr(request, "app", None)
        if app is not None:
            took = round((time.perf_counter() - began) * 1000)
            code = getattr(request, "refused", "")
            request_id = getattr(request, "request_id", "")
            status, path = answer.status_code, request.path
            calls.note(
                CallFacts(app.party.id, now, Door.API, method, path, status, code, took, request_id, app.token_tail)
            )
        return answer

    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return answered


def limited(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Say in the headers what is left of the app's calls in this minute."""
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None:
        answer.headers["RateLimit-Limit"] = str(allowance.limit)
        answer.headers["RateLimit-Remaining"] = str(allowance.left)
        answer.headers["RateLimit-Reset"] = str(allowance.resets_in)
    answer.headers.setdefault("Cache-Control", "no-store")
