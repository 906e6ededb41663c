"""The account that withdrawals go to: bound by the super administrator, who proves anew by a scan who they are."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import answers
from tuike.doors.console.party import scanning
from tuike.doors.console.party.funds import RAILS
from tuike.doors.console.problems import beside
from tuike.doors.console.text import T
from tuike.kit.errors import Invalid, Refusal
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import Rail
from tuike.settings import service as limits

_FIELDS = ("rail", "holder", "bank", "number")
_TITLE = T("确认收款账户", "Confirm the payout account")


def form(request: Any) -> HttpResponse:
    """Ask for the account; on POST look at it and show the code that confirms it."""
    typed = _typed(request)
    if request.method == "GET":
        return _form(request, typed)
    try:
        rail = _rail(typed["rail"])
        service.check_account(rail=rail, holder=typed["holder"], number=typed["number"], bank=typed["bank"])
    except Invalid as refusal:
        return _form(request, typed, refusal)
    asker = request.asker
    ticket = service.ask_to_bind(
        party_id=asker.party_id,
        asker=scanning.asker_of(request),
        place=scanning.place_of(request),
        actor=asker.actor,
        now=asker.now,
    )
    return _waiting(request, ticket, typed)


def state(request: Any) -> HttpResponse:
    """Say where the confirmation stands; bind the account when it is there."""
    typed, ticket = _typed(request), scanning.ticket_in(request)
    box = scanning.box(request, ticket)
    if not box.confirmed:
        return _waiting(request, ticket, typed)
    asker = request.asker
    bound = service.bind_scanned(
        party_id=asker.party_id,
        rail=_rail(typed["rail"]),
        holder=typed["holder"],
        number=typed["number"],
        bank=typed["bank"],
        ticket=ticket,
        asker=scanning.asker_of(request),
        actor=asker.actor,
        now=asker.now,
    )
    said = T("收款账户已绑定，待平台验证", "The account was bound; the operator verifies it")
    if bound.verified_at is not None:
        said = T("收款账户已绑定", "The account was bound")
    return answers.to(request, answers.url(request, "funds"), toast=said)


def _waiting(request: Any, ticket: str, typed: dict[str, str]) -> HttpResponse:
    url = {
        name: reverse(f"console:{_kind(request)}-{name}", args=[request.asker.party.no])
        for name in ("bank", "bank-state")
    }
    return scanning.waiting(
        request,
        scanning.box(request, ticket),
        poll=url["bank-state"],
        again=url["bank"],
        title=_TITLE,
        lead=T(
            "请超级管理员用小程序扫码确认。确认后立即生效，其他管理员会收到通知。",
            "The super administrator confirms it by a scan. It holds at once; the other seats are told.",
        ),
        **typed,
    )


def _kind(request: Any) -> str:
    return request.asker.party.kind.value


def _typed(request: Any) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip()[:80] for name in _FIELDS}


def _rail(text: str) -> Rail:
    if text not in {rail.value for rail in _offered()}:
        raise Invalid(field="rail", reason_zh="请选择收款方式", reason_en="choose how it is paid")
    return Rail(text)


def _offered() -> list[Rail]:
    """Return the ways in which money can leave in this installation."""
    offered = [Rail.BANK]
    if limits.mall_appid():
        offered.append(Rail.WECHAT)
    return offered if settings.PRODUCTION else [*offered, Rail.SANDBOX]


def _form(request: Any, typed: dict[str, str], problem: Refusal | None = None) -> HttpResponse:
    current = parties.bank_account_of(request.asker.party_id)
    context = {
        "offered": [
            (rail.value, RAILS[rail], rail.value == (typed["rail"] or _offered()[0].value)) for rail in _offered()
        ],
        "typed": typed,
        "current": current,
        "hours": limits.get("bank_cool_down_hours"),
        "errors": beside(problem) if problem else {},
    }
    return answers.dialog(request, "console/party/bank.html", context, status=422 if problem else 200)
