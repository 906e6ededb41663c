"""`GET /m/…`: files of the build under their hashed names, the app's one page for everything else."""

import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tuike.doors.mall.words import WORDS
from tuike.doors.web import visitor
from tuike.runtime import mall

ASSETS, STATIC = "assets/", "static/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; media-src 'self'; manifest-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""The app's styles are set on elements (`unsafe-inline`); its scripts are files of the build alone."""
_PACKED = (("br", ".br"), ("gzip", ".gz"))
_LOG_SHOWN = 20


class Served(NamedTuple):
    """A file as it goes out: its bytes, type, and how they are packed (empty: not)."""

    body: bytes
    kind: str
    packed: str


@require_safe
def serve(request: HttpRequest, name: str = "") -> HttpResponse:
    """Return a file of the build, the app's page for its own addresses, or, without a build, what is going on (503)."""
    root = mall.home()
    build = mall.built(root)
    if build is None:
        return _waiting(request, mall.read(root))
    if name.startswith((ASSETS, STATIC)):
        return _file(request, build, name)
    return _app(request, build)


def _file(request: HttpRequest, build: Path, name: str) -> HttpResponse:
    """Return a file; one that the build before had, too, since a page that is open still asks for it."""
    for folder in (build, *_others(build)):
        if (found := _read(str(folder), name, _accepted(request))) is not None:
            break
    else:
        raise Http404
    answer = HttpResponse(found.body, content_type=found.kind)
    age = "public, max-age=31536000, immutable" if name.startswith(ASSETS) else "public, max-age=86400"
    answer.headers["Cache-Control"] = age
    return _packed(answer, found)


def _app(request: HttpRequest, build: Path) -> HttpResponse:
    """Return the app's page; a visitor without a mark gets one, by which a promoter's material is remembered."""
    found = _read(str(build), "index.html", _accepted(request))
    if found is None:
        raise Http404
    answer = _packed(HttpResponse(found.body, content_type=found.kind), found)
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["ETag"] = f'W/"{build.name}"'
    known = get_conditional_response(request, etag=f'W/"{build.name}"', response=answer)
    answer = known if isinstance(known, HttpResponse) else answer
    if not visitor.found(request.headers.get("Cookie", "")):
        answer.headers["Set-Cookie"] = visitor.set_cookie(visitor.fresh(), secure=settings.PRODUCTION)
        answer.headers["Cache-Control"] = "no-store"  # the mark is this visitor's alone
    return answer


def _packed(answer: HttpResponse, found: Served) -> HttpResponse:
    if found.packed:
        answer.headers["Content-Encoding"] = found.packed
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _accepted(request: HttpRequest) -> str:
    """Return the packings of ours that the browser takes, the smallest first, with commas between."""
    taken = request.headers.get("Accept-Encoding", "").lower()
    return ",".join(kind for kind, _ in _PACKED if kind in taken)


def _others(build: Path) -> list[Path]:
    return [one for one in build.parent.iterdir() if one.is_dir() and one != build and "." not in one.name]


@lru_cache(maxsize=512)
def _read(folder: str, name: str, packings: str) -> Served | None:
    """Return a file of a build, which never changes; None when there is none or it lies elsewhere."""
    root = Path(folder).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file() or path.suffix in dict(_PACKED).values():
        return None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    for packing, ending in _PACKED:
        smaller = path.with_name(path.name + ending)
        if packing in packings.split(",") and smaller.is_file():
            return Served(smaller.read_bytes(), kind, packing)
    return Served(path.read_bytes(), kind, "")


def _waiting(request: HttpRequest, state: mall.State) -> HttpResponse:
    chinese = (get_language() or "zh").lower().startswith("zh")
    words = WORDS["zh" if chinese else "en"]
    going = state.step in (mall.NEVER, mall.INSTALLING, mall.BUILDING)
    context = {
        "w": words,
        "what": words[state.step],
        "more": state.zh if chinese else state.en,
        "going": going,
        "log": [] if settings.PRODUCTION else state.log[-_LOG_SHOWN:],
        "failed": state.step == mall.FAILED,
    }
    answer = render(request, "mall/waiting.html", context, status=503)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    if going:
        answer.headers["Retry-After"] = answer.headers["Refresh"] = "3"
    return answer
