"""Promoters who sold for the shop: figures over a span, one of them, blocking and working together again."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from tuike.attribution import queries as attribution
from tuike.attribution import service as attribution_of
from tuike.attribution.types import BlockReasonNeeded
from tuike.doors.console import answers, lists
from tuike.doors.console.guard import Asker
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.insight.lists import merchant_promoters
from tuike.kit.days import day_of
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, PartyRef

SPANS = {
    "7": T("近 7 天", "7 days"),
    "30": T("近 30 天", "30 days"),
    "90": T("近 90 天", "90 days"),
    "3650": T("全部", "All"),
}


def page(request: HttpRequest) -> HttpResponse:
    """Show the promoters with their figures."""
    asker = who(request)
    span = request.GET.get("span", "30")
    if span not in SPANS:
        raise NotFound
    return lists.show(
        request,
        merchant_promoters.LISTING,
        scope=_scope(asker, int(span)),
        title=T("合作推客", "Promoters"),
        lead=T(
            "为您带来成交的推客。停止合作后，其新订单不再归属，此前的订单照常结算。",
            "Who sold for you. A blocked one earns nothing on new orders; what was claimed before settles as ever.",
        ),
        top="console/merchant/spans.html",
        row="console:merchant-promoter",
        row_key="name__no",
        empty=(
            T("这段时间没有推客成交", "Nobody sold for you in this time"),
            T("设置有吸引力的佣金率，或发布推广需求。", "Attractive rates help; so does a promotion request."),
        ),
        extra={"spans": [(key, words, key == span) for key, words in SPANS.items()]},
    )


def _scope(asker: Asker, days: int) -> dict[str, Any]:
    today = day_of(asker.now)
    first = today - timedelta(days=days - 1)
    return {"merchant": asker.party_id, "first": first.isoformat(), "last": today.isoformat()}


def drawer(request: HttpRequest, no: str) -> HttpResponse:
    """Show one promoter: what it may be known by, and every block there was."""
    asker = who(request)
    promoter = _promoter(asker, no)
    blocks = [one for one in attribution.blocks_of(merchant_id=asker.party_id) if one.promoter_id == promoter.id]
    context = {
        "promoter": promoter,
        "blocks": blocks,
        "blocked": any(one.lifted_at is None for one in blocks),
        "may": asker.may("merchant-promoter-block", "POST"),
        "errors": {},
    }
    return answers.drawer(request, "console/merchant/promoter.html", context)


def block(request: HttpRequest, no: str) -> HttpResponse:
    """Block a promoter with a reason."""
    asker = who(request)
    promoter = _promoter(asker, no)
    try:
        attribution_of.block_promoter(
            merchant_id=asker.party_id,
            promoter_id=promoter.id,
            reason=request.POST.get("reason", ""),
            actor=asker.actor,
            now=asker.now,
        )
    except BlockReasonNeeded as refusal:
        context = {
            "promoter": promoter,
            "blocks": (),
            "blocked": False,
            "may": True,
            "errors": reading.problems(refusal),
        }
        return answers.drawer(request, "console/merchant/promoter.html", context, status=422)
    return answers.done(T("已停止合作，新订单不再归属", "Blocked: nothing new is claimed"), refresh="list-changed")


def unblock(request: HttpRequest, no: str) -> HttpResponse:
    """Work with a promoter again."""
    asker = who(request)
    attribution_of.unblock_promoter(
        merchant_id=asker.party_id, promoter_id=_promoter(asker, no).id, actor=asker.actor, now=asker.now
    )
    return answers.done(T("已恢复合作", "You work together again"), refresh="list-changed")


def _promoter(asker: Asker, no: str) -> PartyRef:
    """Return a promoter that the shop has dealt with; of any other it learns nothing, whatever number is asked for."""
    found = parties.find(no)
    if found is None or found.kind is not PartyKind.PROMOTER:
        raise NotFound
    if not attribution.has_dealt(merchant_id=asker.party_id, promoter_id=found.id):
        raise NotFound
    return found
