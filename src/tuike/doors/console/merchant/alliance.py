"""The shop in the alliance: what is done and missing, opening and closing, its source, its prepaid balance."""

from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.problems import beside
from tuike.doors.console.text import T, money_shown, when_shown
from tuike.flows import start_payment
from tuike.gateways.types import Channel, Refused, Unreachable
from tuike.insight import merchant_standing
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import AppidTaken, Source
from tuike.payments import queries as payments
from tuike.payments.types import IntentState
from tuike.settings import service as settings

SOURCES = {
    Source.MINI_STORE: T("商城小店：在本平台商城销售", "Mall shop: sells in this alliance's mall"),
    Source.MINI_PROGRAM: T(
        "自有小程序：在商家自己的小程序销售，订单上报", "Own mini-program: sells there and reports its orders"
    ),
}
AMOUNTS = (10_000, 50_000, 100_000, 500_000)


def page(request: HttpRequest) -> HttpResponse:
    """Show where the shop stands and what is missing; open or close the alliance."""
    asker = who(request)
    merchant = parties.merchant_facts([asker.party_id])[asker.party_id]
    steps = merchant_standing.steps(merchant_id=asker.party_id, now=asker.now)
    source = merchant.source.value
    context = {
        "merchant": merchant,
        "open": merchant.open_at(asker.now),
        "opening": merchant.opened_from is not None and merchant.opened_from > asker.now,
        "closing": merchant.closed_from is not None
        and merchant.closed_from > asker.now
        and merchant.open_at(asker.now),
        "midnight": next_midnight(asker.now),
        "steps": steps,
        "source": SOURCES[merchant.source],
        "external": merchant.source is Source.MINI_PROGRAM,
        "settle_days": settings.get(f"settle_days.{source}"),
        "floor_fen": settings.get("price_floor_fen"),
        "may": asker.may("merchant-alliance-open", "POST"),
        "may_name": merchant.source is Source.MINI_PROGRAM and asker.may("merchant-alliance-appid", "POST"),
    }
    return render(request, "console/merchant/alliance.html", context)


def begin(request: HttpRequest) -> HttpResponse:
    """Open the alliance from the next midnight on."""
    asker = who(request)
    at = parties_of.open_alliance(merchant_id=asker.party_id, actor=asker.actor, now=asker.now)
    words = T("已开通，{at} 起商品进入选品库", "Opened; the products enter the library at {at}").fill(at=when_shown(at))
    return answers.to(request, answers.url(request, "alliance"), toast=words)


def end(request: HttpRequest) -> HttpResponse:
    """Close the alliance from the next midnight on."""
    asker = who(request)
    at = parties_of.close_alliance(merchant_id=asker.party_id, actor=asker.actor, now=asker.now)
    words = T("已取消开通", "The opening is cancelled")
    if at is not None:
        words = T("将于 {at} 关闭，此前的订单照常结算", "It closes at {at}; orders placed before settle as ever").fill(
            at=when_shown(at)
        )
    return answers.to(request, answers.url(request, "alliance"), toast=words)


def appid(request: HttpRequest) -> HttpResponse:
    """Ask for the AppID of the mini-program in which an external shop sells, and keep it."""
    asker = who(request)
    merchant = parties.merchant_facts([asker.party_id])[asker.party_id]
    if merchant.source is not Source.MINI_PROGRAM:
        raise NotFound
    template = "console/merchant/alliance_appid.html"
    if request.method == "GET":
        return answers.dialog(request, template, {"typed": merchant.appid})
    typed = request.POST.get("appid", "").strip()[:40]
    try:
        parties_of.set_appid(merchant_id=asker.party_id, appid=typed, actor=asker.actor, now=asker.now)
    except (Invalid, AppidTaken) as refusal:
        context = {"typed": typed, "errors": beside(refusal, {AppidTaken: "appid"})}
        return answers.dialog(request, template, context, status=422)
    said = T("已保存，新的推广素材使用该小程序", "Saved; material shows this mini-program from now on")
    return answers.to(request, answers.url(request, "alliance"), toast=said)


def prepaid(request: HttpRequest) -> HttpResponse:
    """Show the prepaid balance of an external shop, what waits for it, and the top-ups; a mall shop needs none."""
    asker = who(request)
    merchant = parties.merchant_facts([asker.party_id])[asker.party_id]
    external = merchant.source is Source.MINI_PROGRAM
    context = {
        "merchant": merchant,
        "external": external,
        "balance": merchant_standing.prepaid(merchant_id=asker.party_id, now=asker.now) if external else None,
        "amounts": AMOUNTS,
        "may": external and asker.may("merchant-prepaid-pay", "POST"),
    }
    return render(request, "console/merchant/prepaid.html", context)


def pay(request: HttpRequest) -> HttpResponse:
    """Start a top-up: a code to be scanned and paid in WeChat."""
    asker = who(request)
    merchant = parties.merchant_facts([asker.party_id])[asker.party_id]
    if merchant.source is not Source.MINI_PROGRAM:
        raise NotFound
    try:
        fen = reading.fen(request.POST.get("other", "").strip() or request.POST.get("amount", ""), field="amount_fen")
        started = start_payment.start_top_up(
            merchant_id=asker.party_id,
            amount_fen=fen,
            openid="",
            mode=Channel.NATIVE,
            key=asker_key(request),
            now=asker.now,
        )
    except Refusal as refusal:
        return _failed(request, reading.problems(refusal), refusal.status)
    except (Unreachable, Refused):
        words = T("支付暂时不可用，请稍后再试", "Payment is not available now; try again later")
        return _failed(request, {"form": str(words)}, 503)
    address = str(started.prepared.get("code_url", ""))
    context: dict[str, Any] = {
        "started": started,
        "code": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        "address": address,
        "cashier": address.startswith("http"),
    }
    return answers.dialog(request, "console/merchant/pay.html", context)


def paid(request: HttpRequest, no: str) -> HttpResponse:
    """Say whether a top-up of the shop has been paid; asked again and again while the code is shown."""
    asker = who(request)
    intent = payments.intents_by_no([no]).get(no)
    if intent is None or not intent.purpose.startswith(f"top_up:{asker.party_id}:"):
        raise NotFound
    if intent.state is IntentState.PAID:
        words = T("已到账 {amount}", "{amount} arrived").fill(amount=money_shown(intent.amount_fen))
        return answers.to(request, answers.url(request, "prepaid"), toast=words)
    over = intent.state is not IntentState.OPEN or intent.expires_at <= asker.now
    return render(request, "console/merchant/paid.html", {"intent": intent, "over": over})


def _failed(request: HttpRequest, errors: dict[str, str], status: int) -> HttpResponse:
    answer = answers.dialog(request, "console/merchant/pay.html", {"errors": errors}, status=422)
    if status == 503:
        answer.headers["Retry-After"] = "30"
    return answer
