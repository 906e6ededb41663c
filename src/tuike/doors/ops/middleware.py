"""Answers the probes before anything else looks at the request.

A probe comes from the machine itself or from a balancer, by address and without TLS: it must not be turned away
because of its host name or sent to https, and it opens no session.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from tuike.doors.ops import views

_VIEWS = {"/healthz": views.healthz, "/readyz": views.readyz, "/metrics": views.metrics}


class Probes:
    """Answers `/healthz`, `/readyz` and `/metrics`; stands right after the request log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe, hand everything else on."""
        view = _VIEWS.get(request.path_info)
        if view is None:
            return self._get_response(request)
        request.route_name = f"ops:{view.__name__}"  # type: ignore[attr-defined]
        return view(request)
