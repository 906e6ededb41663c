"""Reports: subscribed to by each person for themselves, looked at before, read again; the mails about them."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.alerts import queries
from tuike.alerts.types import Rhythm, SendingState
from tuike.doors.console import answers
from tuike.doors.console.text import T, Tag
from tuike.doors.web import mails
from tuike.doors.web.soon import soon
from tuike.flows import confirm_email, keep_alerts
from tuike.flows.confirm_email import NoEmail
from tuike.gateways import mail
from tuike.insight import reports
from tuike.kit import clock
from tuike.kit.errors import Invalid, Refusal
from tuike.people import queries as people

RHYTHMS = {Rhythm.DAILY: T("日报", "Daily"), Rhythm.WEEKLY: T("周报", "Weekly")}
WEEKDAYS = (
    T("周一", "Monday"),
    T("周二", "Tuesday"),
    T("周三", "Wednesday"),
    T("周四", "Thursday"),
    T("周五", "Friday"),
    T("周六", "Saturday"),
    T("周日", "Sunday"),
)
STATES = {
    SendingState.WAITING: Tag(T("待发送", "waiting"), "blue"),
    SendingState.SENDING: Tag(T("发送中", "being sent"), "blue"),
    SendingState.SENT: Tag(T("已送达服务器", "sent"), "green"),
    SendingState.FAILED: Tag(T("发送失败", "failed"), "red"),
    SendingState.UNKNOWN: Tag(T("未确认", "not confirmed"), "amber"),
}
WHY = {
    "no_address": T("没有已验证的邮箱", "no confirmed e-mail address"),
    "no_seat": T("已不在该主体中", "no seat in this party any more"),
    "not_configured": T("平台未配置邮件服务器", "the operator has set up no mail server"),
    "cut_off": T("发送时中断，可能已送达", "cut off while it was sent; it may have arrived"),
    "timeout": T("邮件服务器没有应答", "the mail server didn't answer"),
    "hung_up": T("邮件服务器断开了连接", "the mail server hung up"),
    "no_trust": T("邮件服务器的证书不可信", "the mail server's certificate can't be trusted"),
    "no_tls": T("邮件服务器不支持加密或登录", "the mail server knows no encryption or no sign-in"),
    "unreachable": T("连接不上邮件服务器", "the mail server can't be reached"),
}
AGAIN = (SendingState.FAILED, SendingState.UNKNOWN)


def page(request: Any) -> HttpResponse:
    """Show what the person subscribed to, what was written, and what became of the mails."""
    asker = request.asker
    whose = {"person_id": asker.person.id, "party_id": asker.party_id}
    subscribed = queries.subscriptions_of(**whose)
    context = {
        "tab": "reports",
        "rhythms": [
            {
                "rhythm": one.value,
                "name": words,
                "one": subscribed.get(one),
                "weekday": WEEKDAYS[(subscribed[one].weekday or 1) - 1] if one in subscribed else None,
            }
            for one, words in RHYTHMS.items()
        ],
        "editions": [(one, RHYTHMS[one.rhythm]) for one in queries.editions_of(**whose)],
        "sendings": [
            {"one": one, "state": STATES[one.state], "why": _why(one.why), "again": one.state in AGAIN}
            for one in queries.sendings_of(**whose)
        ],
        "address": people.email_of(asker.person.id, now=clock.real_now()),
        "mails": mail.configured(),
    }
    return render(request, "console/alerts/reports.html", context)


def subscribe(request: Any) -> HttpResponse:
    """Ask when a report is wished, and keep it."""
    asker, rhythm = request.asker, _rhythm(request.GET.get("rhythm", "") or request.POST.get("rhythm", ""))
    held = queries.subscriptions_of(person_id=asker.person.id, party_id=asker.party_id).get(rhythm)
    if request.method == "GET":
        weekday, hour, by_mail = (held.weekday, held.hour, held.mail) if held else (1, 8, True)
        return _form(request, rhythm, {"weekday": str(weekday or 1), "hour": str(hour), "mail": by_mail}, held=held)
    typed = {"weekday": request.POST.get("weekday", ""), "hour": request.POST.get("hour", "")}
    try:
        keep_alerts.subscribe(
            party_id=asker.party_id, person_id=asker.person.id, rhythm=rhythm, weekday=_number(typed["weekday"]),
            hour=_number(typed["hour"]), mail=bool(request.POST.get("mail")), now=asker.now,
        )  # fmt: skip
    except Invalid as refusal:
        return _form(request, rhythm, typed | {"mail": request.POST.get("mail")}, held=held, problem=refusal)
    return answers.to(request, answers.url(request, "alert-reports"), toast=T("已订阅", "You are subscribed"))


def unsubscribe(request: Any) -> HttpResponse:
    """Write the person no such report any more."""
    asker = request.asker
    keep_alerts.unsubscribe(
        party_id=asker.party_id, person_id=asker.person.id, rhythm=_rhythm(request.POST.get("rhythm", ""))
    )
    return answers.to(request, answers.url(request, "alert-reports"), toast=T("已退订", "You are unsubscribed"))


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a report as it was written."""
    found = queries.edition(person_id=request.asker.person.id, party_id=request.asker.party_id, no=no)
    return _report(request, found.rhythm, found.first, found.last, found.content, made_at=found.made_at, no=no)


def picture(request: Any, *, no: str) -> HttpResponse:
    """Draw the picture of a report."""
    found = queries.edition(person_id=request.asker.person.id, party_id=request.asker.party_id, no=no)
    return HttpResponse(mails.picture(found.content), content_type="image/png")


def preview(request: Any) -> HttpResponse:
    """Show the report that would be written now."""
    rhythm = _rhythm(request.GET.get("rhythm", ""))
    first, last = queries.period(rhythm, request.asker.now)
    return _report(request, rhythm, first, last, reports.content(request.asker.party, rhythm, first, last))


def preview_picture(request: Any) -> HttpResponse:
    """Draw the picture of the report that would be written now."""
    rhythm = _rhythm(request.GET.get("rhythm", ""))
    first, last = queries.period(rhythm, request.asker.now)
    content = reports.content(request.asker.party, rhythm, first, last)
    return HttpResponse(mails.picture(content), content_type="image/png")


def trial(request: Any) -> HttpResponse:
    """Send the person a trial mail at once."""
    asker = request.asker
    back = answers.url(request, "alert-reports")
    try:
        confirm_email.send_trial(
            person_id=asker.person.id,
            compose=lambda address: mails.trial(address, asker.party, language=asker.person.language),
            real_now=clock.real_now(),
        )
    except NoEmail as refusal:
        account = reverse("console:account-email")
        return answers.to(request, account, toast=refusal.sentence(asker.person.language), kind="bad")
    return answers.to(request, back, toast=T("测试邮件已发出，请查收", "The trial mail was sent; look into your mails"))


def again(request: Any, *, sending_id: int) -> HttpResponse:
    """Send a mail once more that failed, or of which nobody knows."""
    asker = request.asker
    keep_alerts.send_again(party_id=asker.party_id, person_id=asker.person.id, sending_id=sending_id, now=asker.now)
    soon("send_mails")
    return answers.to(request, answers.url(request, "alert-reports"), toast=T("将重新发送", "It is sent again"))


def _report(
    request: Any, rhythm: Rhythm, first: date, last: date, content: Any, *, made_at: Any = None, no: str = ""
) -> HttpResponse:
    context = {
        "tab": "reports",
        "title": mails.title_of(rhythm, first, last, request.asker.party.name),
        "report": mails.shown(content),
        "summary": T(content["said_zh"], content["said_en"]),
        "picture": answers.url(request, "alert-picture", no=no)
        if no
        else f"{answers.url(request, 'alert-preview-picture')}?rhythm={rhythm}",
        "made_at": made_at,
    }
    return render(request, "console/alerts/report.html", context)


def _form(
    request: Any, rhythm: Rhythm, typed: dict[str, Any], *, held: Any, problem: Refusal | None = None
) -> HttpResponse:
    context = {
        "rhythm": rhythm.value,
        "name": RHYTHMS[rhythm],
        "typed": typed,
        "held": held,
        "weekdays": [(str(number), words) for number, words in enumerate(WEEKDAYS, 1)],
        "hours": [str(hour) for hour in queries.HOURS],
        "address": people.email_of(request.asker.person.id, now=clock.real_now()),
        "problem": problem,
    }
    return answers.dialog(request, "console/alerts/subscribe.html", context, status=422 if problem else 200)


def _rhythm(text: str) -> Rhythm:
    return Rhythm.WEEKLY if text == Rhythm.WEEKLY else Rhythm.DAILY


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1


def _why(why: str) -> T | None:
    if not why:
        return None
    if why.startswith("smtp_"):
        return T("邮件服务器拒收（{n}）", "the mail server refused it ({n})").fill(n=why.removeprefix("smtp_"))
    return WHY.get(why, T("邮件服务器出错", "something went wrong with the mail server"))
