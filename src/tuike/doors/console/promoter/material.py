"""Promoting a product: rules and place asked for, then all there is to copy and download, by where it is used."""

from typing import Any

from django.http import HttpResponse

from tuike.attribution import queries as attribution
from tuike.attribution.types import (
    BadCustomizeInfo,
    BadPlaceName,
    BadWording,
    PlaceNameTaken,
    PlaceNotFound,
    TooManyPlaces,
)
from tuike.catalog import queries as catalog
from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.promoter.library import SOURCES
from tuike.doors.console.text import T
from tuike.flows import draw_poster, make_material, promote_products, word_material
from tuike.insight import shelf
from tuike.kit.errors import NotFound, Refusal
from tuike.kit.money import yuan
from tuike.library import queries as library
from tuike.library.types import RulesNotAccepted

FIELD = (BadCustomizeInfo, BadPlaceName, PlaceNameTaken, PlaceNotFound, RulesNotAccepted, TooManyPlaces)
_PNG = b"\x89PNG"
_KEPT = "private, max-age=3600"
NEW = "+"
"""The choice of a place that is still to be made."""


def promote(request: Any, *, product_no: str) -> HttpResponse:
    """Ask for the place (and, once a source, for the rules), then make the material and show it."""
    asker = request.asker
    if request.method == "GET":
        return _form(request, product_no)
    pid, new_place = place_of(request)
    try:
        made = promote_products.promote_products(
            promoter_id=asker.party_id,
            product_ids=[catalog.id_of(product_no)],
            pid=pid,
            new_place=new_place,
            accept=request.POST.get("accept") == "1",
            customize_info=request.POST.get("info", ""),
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
        )
    except FIELD as refusal:
        return _form(request, product_no, refusal)
    return drawn(request, made)


def show(request: Any, *, code: str) -> HttpResponse:
    """Show material again as it is kept; a POST asks WeChat for what it couldn't give before."""
    if request.method == "GET":
        kept = make_material.kept_material(promoter_id=request.asker.party_id, codes=[code])
        return drawn(request, make_material.Made(tuple(kept), ()))
    return drawn(
        request, make_material.material_of(promoter_id=request.asker.party_id, code=code, now=request.asker.now)
    )


def wording(request: Any, *, code: str) -> HttpResponse:
    """Keep the wording as one's own, or bring the generated one back; answers with the field as it is then."""
    asker = request.asker
    context: dict[str, Any] = {"code": code}
    if request.POST.get("reset") == "1":
        context |= {"text": word_material.reset_wording(promoter_id=asker.party_id, code=code), "own": False}
        return answers.toast(_worded(request, context), T("已恢复系统文案", "The generated wording is back"))
    text = request.POST.get("wording", "").replace("\r\n", "\n")
    try:
        told = word_material.save_wording(promoter_id=asker.party_id, code=code, text=text, now=asker.now)
    except BadWording as refusal:
        return _worded(request, context | {"text": text, "own": True, "problem": refusal}, status=422)
    return answers.toast(_worded(request, context | {"text": told, "own": True}), T("已存为我的文案", "Saved as yours"))


def poster(request: Any, *, code: str) -> HttpResponse:
    """Send the poster."""
    asker = request.asker
    data = draw_poster.draw_poster(promoter_id=asker.party_id, code=code, zh=asker.zh)
    ending = "png" if data.startswith(_PNG) else "jpg"
    return _picture(data, f"poster-{code}.{ending}", request)


def code_image(request: Any, *, code: str) -> HttpResponse:
    """Send the mini-program code.

    Raises:
        NotFound: WeChat gives none now, or not for this shop.
    """
    [one] = make_material.kept_material(promoter_id=request.asker.party_id, codes=[code])
    data = draw_poster.code_of(one)
    if not data:
        raise NotFound
    return _picture(data, f"code-{code}.{'png' if data.startswith(_PNG) else 'jpg'}", request)


def place_of(request: Any) -> tuple[str, str]:
    """Return which place a form chose, and the name of the one to make; one of both is empty."""
    chosen = request.POST.get("place", "")
    if chosen == NEW:
        return "", request.POST.get("new_place", "").strip() or " "
    return chosen[:40], ""


def _form(request: Any, product_no: str, problem: Refusal | None = None) -> HttpResponse:
    asker = request.asker
    shown = shelf.one(product_no=product_no, promoter_id=asker.party_id, now=asker.now)
    accepted = library.accepted(promoter_id=asker.party_id)
    source = shown.shop.source
    context = {
        "shown": shown,
        "places": attribution.places_of(promoter_id=asker.party_id),
        "missing": [] if source in accepted else [(source, SOURCES[source], shelf.source_terms(source))],
        "problem": problem,
        "typed": request.POST,
        "about": type(problem).__name__,
    }
    return answers.dialog(request, "console/promoter/promote.html", context, status=200 if problem is None else 422)


def drawn(request: Any, made: make_material.Made) -> HttpResponse:
    """Show material that was made."""
    [one] = made.items
    place = {place.place_id: place for place in attribution.places_of(promoter_id=request.asker.party_id)}
    facts = [T("店铺", "Shop"), T("标题", "Title"), T("价格", "Price")]
    price = "" if one.price_fen is None else yuan(one.price_fen)
    told = [(words, value) for words, value in zip(facts, (one.shop, one.title, price), strict=True) if value]
    context = {
        "one": one,
        "code": one.link.code,
        "place": place.get(one.link.place_id),
        "missing": made.missing,
        "facts": told,
        "all_facts": "\n".join(value for _, value in told),
        "text": one.wording,
        "own": one.own_wording,
        "picture": one.picture if one.picture.startswith("/media/") else "",
        "ours": one.source == "mini_store",
    }
    return answers.dialog(request, "console/promoter/material.html", context)


def _worded(request: Any, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return answers.dialog(request, "console/promoter/material_wording.html", context, status=status)


def _picture(data: bytes, name: str, request: Any) -> HttpResponse:
    kind = "image/png" if data.startswith(_PNG) else "image/jpeg"
    answer = HttpResponse(data, content_type=kind)
    answer.headers["Cache-Control"] = _KEPT
    if request.GET.get("save") == "1":
        answer.headers["Content-Disposition"] = answers.attachment(name)
    return answer
