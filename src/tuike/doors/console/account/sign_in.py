"""The way in: phone, password and code; or a code that is scanned with the mini-program. And the way out."""

import re
import secrets
from typing import Any
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tuike.doors.console import answers, sessions
from tuike.doors.console.text import T
from tuike.flows import enter_console
from tuike.kit import clock
from tuike.kit.errors import Refusal
from tuike.people import service as people
from tuike.people.types import CodeNeeded, PersonRef, ScanExpired, ScanState, UnknownScan

_ASKER = re.compile(r"[A-Za-z0-9_-]{40,64}")


def page(request: HttpRequest) -> HttpResponse:
    """Show both ways in; on POST try the password."""
    wanted = safe_next(request, request.POST.get("next", "") or request.GET.get("next", ""))
    if request.method == "POST":
        return _by_password(request, wanted)
    if request.asker is not None:  # type: ignore[attr-defined]
        return answers.to(request, wanted or reverse("console:seats"))
    answer = render(request, "console/account/sign_in.html", {"next": wanted, "tab": request.GET.get("by", "")})
    if not _asker(request):
        sessions.set_cookie(answer, sessions.ASKER_COOKIE, secrets.token_urlsafe(32), max_age=sessions.YEAR)
    return answer


def scan(request: HttpRequest) -> HttpResponse:
    """Open a challenge for this browser and show it as a QR code that watches for its confirmation."""
    asker = _asker(request)
    if not asker:
        return _fresh_page(request)
    people.allow_scan(address=sessions.address_of(request), now=clock.real_now())
    place = f"{sessions.device_of(request)} · {sessions.address_of(request)}"
    ticket = people.ask_scan(purpose=enter_console.SIGN_IN, place=place, asker=asker, now=clock.now())
    return render(request, "console/account/scan.html", _shown(request, ticket, ScanState.CREATED))


def scan_state(request: HttpRequest) -> HttpResponse:
    """Say where the challenge stands; when it is confirmed, sign in."""
    asker, ticket, now = _asker(request), request.POST.get("ticket", "")[:64], clock.now()
    if not asker:
        return _fresh_page(request)
    try:
        state = people.scan_state(ticket=ticket, asker=asker, now=now).state
        if state is ScanState.CONFIRMED:
            device = sessions.device_of(request)
            entered = enter_console.by_scan(ticket=ticket, asker=asker, device=device, now=now)
            wanted = safe_next(request, request.POST.get("next", ""))
            return _come_in(request, entered, wanted)
    except (ScanExpired, UnknownScan):
        return render(request, "console/account/scan.html", {"expired": True, "next": request.POST.get("next", "")})
    return render(request, "console/account/scan.html", _shown(request, ticket, state))


def leave(request: HttpRequest) -> HttpResponse:
    """Sign out: the session is dead, here and in the database."""
    people.revoke_token(token=request.asker.token, now=clock.now())  # type: ignore[attr-defined]
    answer = answers.to(request, reverse("console:sign-in"), toast=T("您已退出登录", "You are signed out"))
    return sessions.end(answer)


def safe_next(request: HttpRequest, url: str) -> str:
    """Return an address to go on to if it is a page of ours, else empty."""
    ours = url.startswith("/") and len(url) <= 2000
    return url if ours and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""


def _by_password(request: HttpRequest, wanted: str) -> HttpResponse:
    phone = request.POST.get("phone", "")[:40]
    now = clock.now()
    try:
        entered = enter_console.by_password(
            phone=phone,
            password=request.POST.get("password", "")[:200],
            code=request.POST.get("code", "")[:16],
            address=sessions.address_of(request),
            device=sessions.device_of(request),
            real_now=clock.real_now(),
            now=now,
        )
    except Refusal as refusal:
        context: dict[str, Any] = {
            "next": wanted,
            "tab": "password",
            "phone": phone,
            "problem": refusal,
            "code_needed": isinstance(refusal, CodeNeeded) or bool(request.POST.get("code")),
        }
        return render(request, "console/account/sign_in.html", context, status=422)
    return _come_in(request, entered, wanted)


def _come_in(request: HttpRequest, entered: enter_console.Entered, wanted: str) -> HttpResponse:
    """Let the browser keep the session; a language that was chosen before signing in becomes the person's."""
    _keep_language(request, entered.person)
    rotate_token(request)  # what was known of this browser's forms before is worth nothing now
    answer = answers.to(request, wanted or reverse("console:seats"))
    return sessions.begin(answer, entered.token)


def _keep_language(request: HttpRequest, person: PersonRef) -> None:
    chosen = request.COOKIES.get(sessions.LANGUAGE_COOKIE, "")
    if chosen in {"en", "zh-hans"} and chosen != person.language:
        people.rename(person_id=person.id, language=chosen)


def _fresh_page(request: HttpRequest) -> HttpResponse:
    """Reload the page for a browser that lost its mark."""
    return answers.to(request, reverse("console:sign-in"))


def _shown(request: HttpRequest, ticket: str, state: ScanState) -> dict[str, Any]:
    address = f"{settings.PUBLIC_BASE}/scan/{ticket}"
    return {
        "ticket": ticket,
        "state": state.value,
        "qr": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        "address": address,
        "phone": _phone(address),
        "next": safe_next(request, request.POST.get("next", "")),
    }


def _phone(address: str) -> str:
    """Return where the sandbox's phone scans the address; empty where WeChat is WeChat."""
    return f"{settings.SANDBOX_BASE}/sandbox/phone?{urlencode({'text': address})}" if settings.SANDBOX_BASE else ""


def _asker(request: HttpRequest) -> str:
    """Return the secret of this browser to which a challenge is bound, empty when it has none."""
    mark = request.COOKIES.get(sessions.ASKER_COOKIE, "")
    return mark if _ASKER.fullmatch(mark) else ""
