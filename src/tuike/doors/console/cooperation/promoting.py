"""What a promoter promotes by way of leaders' activities: the products, the terms, material with place and activity."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.attribution import queries as attribution
from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import EnrolmentShown
from tuike.doors.console import answers, lists
from tuike.doors.console.cooperation import shared
from tuike.doors.console.keys import asker_key
from tuike.doors.console.marketing.shared import filtered_by
from tuike.doors.console.promoter import material
from tuike.doors.console.promoter.library import SOURCES
from tuike.doors.console.text import T
from tuike.flows import promote_products
from tuike.insight import led_goods, shelf
from tuike.insight.lists import contract
from tuike.kit.errors import Refusal
from tuike.kit.money import share
from tuike.library import queries as library
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind


def page(request: Any) -> HttpResponse:
    """List the products of activities that are open to the promoter."""
    asker = request.asker
    return lists.show(
        request,
        contract.LED_PRODUCTS,
        scope={"party": asker.party_id, "now": asker.now.isoformat(), "categories": filtered_by()},
        title=T("活动商品", "Products of activities"),
        lead=T(
            "团长招商活动中的商品：用这里生成的素材推广，按活动佣金率计佣。专属活动只对团长指定的推客开放。",
            "Products of leaders' activities: material that is made here pays the activity's rate. Exclusive ones are"
            " open to named promoters.",
        ),
        row="console:promoter-led-product",
        row_key="product__no",
        export=False,
        template="console/cooperation/led_products.html",
        empty=(
            T("暂时没有活动商品", "No product right now"),
            T("团长与商家达成合作后，商品会出现在这里。", "Products come here once leaders and shops agree."),
        ),
    )


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one product with its terms, and the shop's contact where the shop shows it to promoters."""
    asker = request.asker
    one = led_goods.led_product(no=no, promoter_id=asker.party_id, now=asker.now)
    product = catalog.product_facts([one.product_id])[one.product_id]
    names = parties.refs([one.merchant_id, one.leader_id])
    activity = cooperation_of.activity(one.activity_id)
    context = {
        "one": one,
        "product": product,
        "picture": next((one for one in product.pictures[:1] if one.startswith("/media/")), ""),
        "shop": names[one.merchant_id].name,
        "leader": names[one.leader_id].name,
        "activity": activity,
        "kind": shared.KINDS[activity.kind.value],
        "earn_fen": share(product.min_price_fen, bps=one.rate_bps),
        "contact": cooperation_of.contact_of_enrolment(no=no, promoter=True, now=asker.now),
        "leader_contact": cooperation_of.contact_of_activity(no=one.activity_no),
        "may": asker.may("promoter-led-promote", "POST"),
    }
    return answers.drawer(request, "console/cooperation/led_product.html", context)


def promote(request: Any, *, no: str) -> HttpResponse:
    """Ask for the place, then make material that carries the place and the activity, and show it."""
    asker = request.asker
    one = led_goods.led_product(no=no, promoter_id=asker.party_id, now=asker.now)
    if request.method == "GET":
        return _form(request, one)
    pid, new_place = material.place_of(request)
    try:
        made = promote_products.promote_products(
            promoter_id=asker.party_id,
            product_ids=[one.product_id],
            pid=pid,
            new_place=new_place,
            accept=request.POST.get("accept") == "1",
            customize_info=request.POST.get("info", ""),
            activity_no=one.activity_no,
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
        )
    except material.FIELD as refusal:
        return _form(request, one, refusal)
    return material.drawn(request, made)


def arrive(request: Any, *, no: str) -> HttpResponse:
    """Lead who came by a leader's link to the activity's products in the promoter's console."""
    found = cooperation_of.open_activity(no=no, now=request.asker.now)
    seats = [one for one in parties.seats_of(request.asker.person.id) if one.party.kind is PartyKind.PROMOTER]
    urls = [
        (one.party, reverse("console:promoter-led-products", kwargs={"party_no": one.party.no}) + f"?q={found.no}")
        for one in seats
    ]
    if len(urls) == 1:
        return answers.SeeOther(urls[0][1])
    return render(request, "console/marketing/join_as.html", {"seats": urls})


def _form(request: Any, one: EnrolmentShown, problem: Refusal | None = None) -> HttpResponse:
    asker = request.asker
    product = catalog.product_facts([one.product_id])[one.product_id]
    shown = shelf.one(product_no=product.product_no, promoter_id=asker.party_id, now=asker.now)
    accepted, source = library.accepted(promoter_id=asker.party_id), shown.shop.source
    context = {
        "one": one,
        "shown": shown,
        "earn_fen": share(product.min_price_fen, bps=one.rate_bps),
        "places": attribution.places_of(promoter_id=asker.party_id),
        "missing": [] if source in accepted else [(source, SOURCES[source], shelf.source_terms(source))],
        "problem": problem,
        "typed": request.POST,
        "about": type(problem).__name__,
    }
    return answers.dialog(
        request, "console/cooperation/led_promote.html", context, status=200 if problem is None else 422
    )
