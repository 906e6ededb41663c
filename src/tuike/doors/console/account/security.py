"""Password and second factor of a person's consoles."""

import base64
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers, sessions
from tuike.doors.console.text import T
from tuike.flows import secure_account
from tuike.kit import clock
from tuike.kit.errors import Refusal
from tuike.people import queries as persons
from tuike.people import service as people
from tuike.people.types import WeakPassword, WrongPassword


def page(request: HttpRequest) -> HttpResponse:
    """Show what guards the account."""
    return _page(request)


def password(request: HttpRequest) -> HttpResponse:
    """Set or change the password; every other console session ends."""
    asker = request.asker  # type: ignore[attr-defined]
    fresh = request.POST.get("password", "")[:200]
    if fresh != request.POST.get("again", "")[:200]:
        return _page(request, again_problem=True)
    try:
        token = secure_account.change_password(
            person_id=asker.person.id,
            current=request.POST.get("current", "")[:200],
            password=fresh,
            device=sessions.device_of(request),
            actor=asker.actor,
            real_now=clock.real_now(),
            now=asker.now,
        )
    except WeakPassword as refusal:
        return _page(request, password_problem=refusal)
    except WrongPassword as refusal:
        return _page(request, current_problem=refusal)
    words = T("密码已设置，其他设备上的登录已退出", "The password is set; other devices are signed out")
    return sessions.begin(answers.to(request, reverse("console:account-security"), toast=words), token)


def start_factor(request: HttpRequest) -> HttpResponse:
    """Show a fresh secret as a QR code, once, with the field for its first code."""
    asker = request.asker  # type: ignore[attr-defined]
    enrolment = people.start_second_factor(person_id=asker.person.id, now=asker.now)
    return _factor_dialog(request, enrolment.secret, enrolment.uri)


def confirm_factor(request: HttpRequest) -> HttpResponse:
    """Put the second factor in force by its first code."""
    asker = request.asker  # type: ignore[attr-defined]
    try:
        people.confirm_second_factor(
            person_id=asker.person.id, code=request.POST.get("code", "")[:16], actor=asker.actor, now=clock.real_now()
        )
    except Refusal as refusal:
        secret, uri = request.POST.get("secret", "")[:64], request.POST.get("uri", "")[:400]
        return _factor_dialog(request, secret, uri, problem=refusal)
    words = T("动态验证码已启用", "The authenticator is in use")
    return answers.to(request, reverse("console:account-security"), toast=words)


def remove_factor(request: HttpRequest) -> HttpResponse:
    """Take the second factor away with one of its codes."""
    asker = request.asker  # type: ignore[attr-defined]
    try:
        people.remove_second_factor(
            person_id=asker.person.id, code=request.POST.get("code", "")[:16], actor=asker.actor, now=clock.real_now()
        )
    except Refusal as refusal:
        return _page(request, factor_problem=refusal)
    words = T("动态验证码已关闭", "The authenticator is no longer in use")
    return answers.to(request, reverse("console:account-security"), toast=words)


def _page(request: HttpRequest, **problems: Any) -> HttpResponse:
    person = request.asker.person  # type: ignore[attr-defined]
    context = {
        "tab": "security",
        "phone": persons.phone_of(person.id),
        "has_password": persons.has_password(person.id),
        "has_factor": persons.has_second_factor(person.id),
        **problems,
    }
    return render(request, "console/account/security.html", context, status=422 if problems else 200)


def _factor_dialog(request: HttpRequest, secret: str, uri: str, *, problem: Refusal | None = None) -> HttpResponse:
    context = {
        "secret": secret,
        "uri": uri,
        "shown": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "qr": _qr(secret, uri),
        "problem": problem,
    }
    status = 422 if problem else 200
    return answers.dialog(request, "console/account/factor.html", context, status=status)


def _qr(secret: str, uri: str) -> str:
    """Return the QR code of an `otpauth://` address, empty for anything else that a form may have brought back."""
    try:
        base64.b32decode(secret)
    except ValueError:
        return ""
    return segno.make(uri, error="m").svg_data_uri(scale=4, border=2) if uri.startswith("otpauth://") else ""
