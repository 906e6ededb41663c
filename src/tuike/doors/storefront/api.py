"""The API: its parts, its description, its pages."""

import json
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.parser import Parser

from tuike.doors.storefront import buying, coupons, finance, problems, promoting, scans, selling, sessions, shop

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}


class _Pages(DocsBase):
    """The description as a page; everything on it comes from this server."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        context = {"openapi": self.get_openapi_url(api, kwargs), "zh": problems.chinese()}
        answer = render(request, "storefront/docs.html", context)
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            " connect-src 'self'; frame-ancestors 'none'"
        )
        return answer


class _Json(Parser):
    """JSON as it is meant: an object, no name twice, no NaN, not deeper than anything here needs."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's object.

        Raises:
            ValueError: it isn't one.
        """
        found = json.loads(request.body, object_pairs_hook=_once, parse_constant=_refused)
        if not isinstance(found, dict):
            raise TypeError("not an object")
        return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name comes twice")
    return made


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


api = NinjaAPI(
    title="Tuike · 推客",
    version=version("tuike"),
    description=(
        "商城、推客与资金接口。金额均为整数分（`_fen`），比例均为万分之一整数（`_bps`），时间为 UTC。\n\n"
        "The mall's, promoters' and money's API. Amounts are whole fen (`_fen`), rates whole ten-thousandths (`_bps`),"
        " instants UTC.\n\n"
        "Writes carry an `Idempotency-Key`: the same key with the same content does nothing a second time and answers"
        " with what was made, or with how it stands now; with other content it is refused. Refusals are"
        ' `{"code", "message"}`; the message follows `Accept-Language` (zh, en).'
    ),
    docs=_Pages(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=_Json(),
)
problems.install(api)
api.add_router("/storefront/sessions", sessions.router)
api.add_router("/storefront", shop.router)
api.add_router("/storefront", buying.router)
api.add_router("/storefront", coupons.router)
api.add_router("/storefront/scans", scans.router)
api.add_router("/storefront/merchant", selling.router)
api.add_router("/storefront/promoter", promoting.router)
api.add_router("/storefront/finance", finance.router)


@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Serve what the description's page needs, out of the installed package."""
    if name == "start.js":
        return HttpResponse(_START, content_type="text/javascript")
    if name not in ASSETS:
        raise Http404
    answer = HttpResponse(_read(name), content_type=f"{ASSETS[name]}; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for addresses below /api/ that don't exist."""
    return problems.by_status(404)


@cache
def _read(name: str) -> bytes:
    return resources.files("ninja").joinpath("static", "ninja", name).read_bytes()


_START = """
const at = document.getElementById("api");
SwaggerUIBundle({ url: at.dataset.openapi, domNode: at, deepLinking: true, persistAuthorization: false,
  defaultModelsExpandDepth: 0, docExpansion: "list", validatorUrl: null });
"""
