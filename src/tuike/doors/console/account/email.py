"""The person's e-mail address: said, confirmed by a code, removed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers
from tuike.doors.console.text import T
from tuike.doors.web import mails
from tuike.flows import confirm_email
from tuike.flows.confirm_email import MailNotSent
from tuike.gateways import mail
from tuike.kit import clock
from tuike.kit.errors import Refusal
from tuike.people import queries as people
from tuike.people.types import BadEmail, LockedOut, WrongEmailCode


def page(request: Any) -> HttpResponse:
    """Show the address; on POST send a code to another one."""
    asker = request.asker
    if request.method == "GET":
        return _page(request)
    address = request.POST.get("address", "")[:300]
    try:
        confirm_email.ask_email(
            person_id=asker.person.id,
            address=address,
            compose=lambda to, digits: mails.code(to, digits, language=asker.person.language),
            real_now=clock.real_now(),
        )
    except (BadEmail, LockedOut, MailNotSent) as refusal:
        return _page(request, address=address, problem=refusal)
    return answers.to(request, _here(), toast=T("验证码已发送，请查收邮件", "The code was sent; look into your mails"))


def confirm(request: Any) -> HttpResponse:
    """Take the code."""
    asker = request.asker
    try:
        confirm_email.confirm_email(
            person_id=asker.person.id, code=request.POST.get("code", "")[:16], actor=asker.actor,
            real_now=clock.real_now(),
        )  # fmt: skip
    except (WrongEmailCode, LockedOut) as refusal:
        return _page(request, code_problem=refusal)
    return answers.to(request, _here(), toast=T("邮箱已验证", "The address is confirmed"))


def remove(request: Any) -> HttpResponse:
    """Forget the address."""
    confirm_email.remove_email(person_id=request.asker.person.id, actor=request.asker.actor, now=request.asker.now)
    return answers.to(request, _here(), toast=T("邮箱已删除，不再发送邮件", "The address is gone; no mails any more"))


def _page(
    request: Any, *, address: str = "", problem: Refusal | None = None, code_problem: Refusal | None = None
) -> HttpResponse:
    wrong = problem or code_problem
    context = {
        "tab": "email",
        "email": people.email_of(request.asker.person.id, now=clock.real_now()),
        "typed": address,
        "problem": problem,
        "code_problem": code_problem,
        "mails": mail.configured(),
    }
    return render(request, "console/account/email.html", context, status=wrong.status if wrong else 200)


def _here() -> str:
    return reverse("console:account-email")
