"""What doors that describe themselves share: how JSON is read, the description's page and what the page needs."""

import json
from functools import cache
from importlib import resources
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.parser import Parser

from tuike.doors.web.said import said

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/api/docs/assets/favicon.png">
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
<style>body{{margin:0;background:#fff}}</style>
</head>
<body>
<div id="api" data-openapi="{address}"></div>
<noscript><p style="padding:2rem">{plain} <a href="{address}">{address}</a></p></noscript>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/docs/assets/start.js"></script>
</body>
</html>
"""
_START = """
const at = document.getElementById("api");
SwaggerUIBundle({ url: at.dataset.openapi, domNode: at, deepLinking: true, persistAuthorization: false,
  defaultModelsExpandDepth: 0, docExpansion: "list", validatorUrl: null });
"""


class NotJson(ValueError):
    """The content type isn't JSON's."""


class Pages(DocsBase):
    """The description as a page; everything on it comes from this server."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        page = format_html(
            _PAGE,
            language=said("zh-Hans", "en"),
            title=said("推客 · 接口文档", "Tuike · API"),
            plain=said("此页需要 JavaScript；接口描述见", "This page needs JavaScript; the description is at"),
            address=self.get_openapi_url(api, kwargs),
        )
        answer = HttpResponse(page)
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            " connect-src 'self'; frame-ancestors 'none'"
        )
        return answer


class Json(Parser):
    """JSON as it is meant: an object, no name twice, no NaN, not deeper than anything here needs."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's object.

        Raises:
            ValueError: it isn't one.
        """
        return read(request.body)


class DeclaredJson(Json):
    """The same, of bodies only that say they are JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's object.

        Raises:
            NotJson: the content type says something else. ValueError: it isn't one.
        """
        if request.content_type != "application/json":
            raise NotJson(request.content_type)
        return super().parse_body(request)


def read(body: bytes) -> dict[str, Any]:
    """Return the object that a body is.

    Raises:
        ValueError, TypeError, RecursionError: it isn't one.
    """
    found = json.loads(body, object_pairs_hook=_once, parse_constant=_refused)
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


@cache
def _read(name: str) -> bytes:
    return resources.files("ninja").joinpath("static", "ninja", name).read_bytes()
