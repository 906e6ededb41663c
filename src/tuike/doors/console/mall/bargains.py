"""A shop's bargain offers: the list, a new one, one with its figures, stop."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.marketing import picking
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T, Tag, when_shown
from tuike.flows import offer_bargain
from tuike.insight.lists import gifts as listed
from tuike.kit.errors import Refusal
from tuike.marketing import queries as bargains
from tuike.marketing.queries import OfferFigures
from tuike.marketing.types import NewBargainOffer
from tuike.parties.types import MallFunction

FIELDS = ("sku", "floor", "cuts", "hours", "stock", "limit", "starts_at", "ends_at", "owner_cuts", "floor_only")
PHASES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in listed.OFFER_PHASES.items()}
_NONE = OfferFigures(0, 0, 0)


def page(request: Any) -> HttpResponse:
    """List the offers."""
    return lists.show(
        request,
        listed.BARGAIN_OFFERS,
        scope={"merchant": request.asker.party_id, "now": request.asker.now.isoformat()},
        title=T("砍价", "Bargains"),
        lead=T(
            "买家邀请好友砍价，以砍到的价格购买；差价由本店承担。",
            "Friends cut the price and the buyer pays what is reached; the shop bears the difference.",
        ),
        acts="console/mall/bargains_acts.html",
        row="console:merchant-bargain",
        row_key="title__no",
        empty=(
            T("还没有砍价活动", "No bargain offer yet"),
            T("选一个规格，定底价、刀数和时长，买家就能发起砍价。", "Choose a SKU, its floor, cuts and hours."),
        ),
        extra={"on": bool(bargains.shops_offering(MallFunction.BARGAINS, [request.asker.party_id]))},
    )


def new(request: Any) -> HttpResponse:
    """Choose a product, then its choice and the terms; or make the offer that was typed."""
    if request.method == "GET":
        shown = {"starts_at": when_shown(request.asker.now), "cuts": "10", "hours": "24", "limit": "1"}
        return _form(request, shown | {"owner_cuts": "1"}, request.GET.getlist("product"), None)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        offer_bargain.create_bargain_offer(
            merchant_id=request.asker.party_id,
            offer=_read(typed),
            actor=request.asker.actor,
            key=asker_key(request),
            now=request.asker.now,
        )
    except Refusal as refusal:
        return _form(request, typed, request.POST.getlist("product"), refusal)
    return answers.to(request, answers.url(request, "bargains"), toast=T("砍价活动已创建", "The offer was made"))


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one offer: its terms and what it has come to."""
    asker = request.asker
    offer = bargains.offer_of(merchant_id=asker.party_id, no=no)
    context = {
        "offer": offer,
        "sku": catalog.sku_facts([offer.sku_id])[offer.sku_id],
        "phase": PHASES[offer.phase(asker.now).value],
        "figures": bargains.offer_figures([offer.offer_id]).get(offer.offer_id, _NONE),
        "running": offer.phase(asker.now).value in {"coming", "open", "sold_out"},
        "may": asker.may("merchant-bargain-stop", "POST"),
    }
    return answers.drawer(request, "console/mall/bargain.html", context)


def stop(request: Any, *, no: str) -> HttpResponse:
    """Let nobody start any more."""
    offer_bargain.stop_bargain_offer(
        merchant_id=request.asker.party_id, no=no, actor=request.asker.actor, now=request.asker.now
    )
    return answers.done(
        T("已停止，进行中的砍价可继续到结束", "Stopped; bargains that run go on to their end"), refresh="list-changed"
    )


def _form(request: Any, typed: dict[str, str], products: list[str], refusal: Refusal | None) -> HttpResponse:
    found = picking.picked(request, products[:1])
    skus = catalog.skus_of([one.product.product_id for one in found])
    context = {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "picked": found,
        "skus": [(str(sku.sku_id), sku) for sku in next(iter(skus.values()), ())],
    }
    return render(request, "console/mall/bargain_form.html", context, status=422 if refusal else 200)


def _read(typed: dict[str, str]) -> NewBargainOffer:
    """Return the offer that was typed.

    Raises:
        Invalid: a field that can't be read.
    """
    return NewBargainOffer(
        sku_id=reading.whole(typed["sku"], field="sku"),
        floor_fen=reading.fen(typed["floor"], field="floor_fen"),
        cuts_needed=reading.whole(typed["cuts"], field="cuts_needed"),
        hours=reading.whole(typed["hours"], field="hours"),
        stock=reading.whole(typed["stock"], field="stock"),
        limit_each=reading.whole(typed["limit"], field="limit_each"),
        starts_at=reading.instant(typed["starts_at"], field="starts_at"),
        ends_at=reading.instant(typed["ends_at"], field="ends_at"),
        owner_cuts=typed["owner_cuts"] == "1",
        floor_only=typed["floor_only"] == "1",
    )
