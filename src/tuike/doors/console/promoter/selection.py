"""The selection set: products put aside, promoted together as one file."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.attribution import queries as attribution
from tuike.attribution.types import BadPlaceName, PlaceNameTaken, PlaceNotFound, TooManyPlaces
from tuike.catalog import queries as catalog
from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.party import exports
from tuike.doors.console.promoter.library import SOURCES, why_words
from tuike.doors.console.promoter.material import place_of
from tuike.doors.console.text import T
from tuike.doors.web.soon import soon
from tuike.flows import change_selection
from tuike.insight import shelf
from tuike.kit.errors import Refusal
from tuike.library import queries as library
from tuike.library.types import MOST_CHOSEN, RulesNotAccepted

_FIELD = (BadPlaceName, PlaceNameTaken, TooManyPlaces, PlaceNotFound, RulesNotAccepted)


def page(request: Any) -> HttpResponse:
    """Show the set: what each product is and pays now, what left the library and why."""
    return render(request, "console/promoter/selection.html", _set(request))


def change(request: Any, *, product_no: str) -> HttpResponse:
    """Put a product in, or take it out; answers with the button as it is then."""
    asker = request.asker
    product_id = catalog.id_of(product_no)
    into = request.POST.get("into") == "1"
    held = change_selection.change_selection(
        promoter_id=asker.party_id, product_ids=[product_id], into=into, now=asker.now
    )
    words = T("已加入选品车", "Put into the selection set") if into else T("已移出选品车", "Taken out of the set")
    if request.POST.get("from") == "set":
        return answers.toast(render(request, "console/promoter/selection_table.html", _set(request)), words)
    context = {"product_no": product_no, "chosen": into, "held": held, "oob": True}
    return answers.toast(render(request, "console/promoter/library_choose.html", context), words)


def clear(request: Any) -> HttpResponse:
    """Empty the set."""
    change_selection.change_selection(
        promoter_id=request.asker.party_id, product_ids=None, into=False, now=request.asker.now
    )
    words = T("选品车已清空", "The selection set is empty")
    return answers.toast(render(request, "console/promoter/selection_table.html", _set(request)), words)


def pack(request: Any) -> HttpResponse:
    """Ask for a place, then for a file of material for everything in the set: made by a job, shown as it goes."""
    asker = request.asker
    if request.method == "GET":
        return _form(request)
    pid, new_place = place_of(request)
    try:
        export = change_selection.ask_pack(
            promoter_id=asker.party_id,
            person_id=asker.person.id,
            pid=pid,
            new_place=new_place,
            accept=request.POST.get("accept") == "1",
            zh=asker.zh,
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
        )
    except _FIELD as refusal:
        return _form(request, refusal)
    soon("make_exports")
    return exports.shown(request, export)


def _form(request: Any, problem: Refusal | None = None) -> HttpResponse:
    asker = request.asker
    products = [one for one in shelf.selection(promoter_id=asker.party_id, now=asker.now) if one.card]
    accepted = library.accepted(promoter_id=asker.party_id)
    missing = sorted({one.shop.source for one in products} - accepted)
    context = {
        "count": len(products),
        "places": attribution.places_of(promoter_id=asker.party_id),
        "missing": [(one, SOURCES[one], shelf.source_terms(one)) for one in missing],
        "problem": problem,
        "about": type(problem).__name__,
        "typed": request.POST,
    }
    return answers.dialog(
        request, "console/promoter/selection_pack.html", context, status=200 if problem is None else 422
    )


def _set(request: Any) -> dict[str, Any]:
    asker = request.asker
    items = shelf.selection(promoter_id=asker.party_id, now=asker.now)
    there = [one for one in items if one.card]
    return {
        "items": [{"shown": one, "why": why_words(one)} for one in items],
        "there": len(there),
        "gone": len(items) - len(there),
        "most": MOST_CHOSEN,
    }
