"""`/healthz`, `/readyz`, `/metrics`."""

import hmac
import ipaddress
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from tuike.doors.ops import figures, state


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process answers at all; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when requests can be served, else 503; each check with its words.

    A worker that is late is said (`"ok": false`) but takes no web process out of service: its work waits, clicks don't.
    """
    checks = state.checks()
    ready = all(check.ok for check in checks if check.needed)
    body = {
        "ready": ready,
        "checks": {c.name: {"ok": c.ok, "needed": c.needed, "detail": c.detail} for c in checks},
    }
    answer = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=200 if ready else 503, content_type="application/json"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all figures, to this machine itself or to whoever has the token."""
    if not (_token_fits(request) or _from_here(request)):
        return HttpResponse("refused (metrics_not_yours)\n", status=403, content_type="text/plain")
    return HttpResponse(figures.text(), content_type=CONTENT_TYPE_LATEST)


def _token_fits(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _from_here(request: HttpRequest) -> bool:
    """Return whether the caller is this machine; what a proxy hands on comes from elsewhere."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
