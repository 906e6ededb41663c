"""Promotion places: the list with what came by each, add, rename, delete with its consequence said."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from tuike.attribution import queries as attribution
from tuike.attribution import service
from tuike.attribution.types import BadPlaceName, PlaceFacts, PlaceNameTaken, PlaceNotFound, TooManyPlaces
from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T
from tuike.insight.lists.promoter_places import PLACES
from tuike.kit import days
from tuike.kit.errors import Refusal
from tuike.settings import service as settings

FIGURES_DAYS = 30
_FIELD = (BadPlaceName, PlaceNameTaken, TooManyPlaces)


def page(request: Any) -> HttpResponse:
    """List the promoter's places."""
    asker = request.asker
    since = days.day_of(asker.now) - timedelta(days=FIGURES_DAYS - 1)
    return lists.show(
        request,
        PLACES,
        scope={"party": asker.party_id, "since": since.isoformat()},
        title=T("推广位", "Promotion places"),
        lead=T(
            "每个推广位对应一个推广渠道（群、公众号、视频号……），数据分开统计。",
            "One place a channel (a group, an official account, a video channel…): each has figures of its own.",
        ),
        acts="console/promoter/places_acts.html",
        row_acts="console/promoter/place_acts.html",
        empty=(
            T("还没有推广位", "No promotion place yet"),
            T(
                "先新建一个推广位，才能生成推广素材、统计数据。",
                "Add one first: material is made for a place, and figures are counted by it.",
            ),
        ),
        extra=_room(asker.party_id),
    )


def add(request: Any) -> HttpResponse:
    """Ask for a name, and add the place."""
    if request.method == "GET":
        return _form(request, _room(request.asker.party_id))
    name = request.POST.get("name", "")
    try:
        service.add_place(promoter_id=request.asker.party_id, name=name, key=asker_key(request), now=request.asker.now)
    except _FIELD as refusal:
        return _form(request, _room(request.asker.party_id) | {"name": name}, refusal)
    return answers.done(T("推广位已新建", "The place was added"), refresh="list-changed")


def rename(request: Any, *, pid: str) -> HttpResponse:
    """Ask for another name, and give it."""
    place = _own(request, pid)
    if request.method == "GET":
        return _form(request, {"place": place, "name": place.name})
    name = request.POST.get("name", "")
    try:
        service.rename_place(
            promoter_id=request.asker.party_id, pid=pid, name=name, key=asker_key(request), now=request.asker.now
        )
    except _FIELD as refusal:
        return _form(request, {"place": place, "name": name}, refusal)
    return answers.done(T("名称已修改", "The name was changed"), refresh="list-changed")


def delete(request: Any, *, pid: str) -> HttpResponse:
    """Say what deleting means, and delete."""
    place = _own(request, pid)
    if request.method == "GET":
        return answers.dialog(request, "console/promoter/place_delete.html", {"place": place})
    service.delete_place(promoter_id=request.asker.party_id, pid=pid, key=asker_key(request), now=request.asker.now)
    return answers.done(T("推广位已删除", "The place was deleted"), refresh="list-changed")


def _room(promoter_id: int) -> dict[str, int]:
    return {
        "used": len(attribution.places_of(promoter_id=promoter_id)),
        "most": settings.get("places_per_promoter"),
    }


def _own(request: Any, pid: str) -> PlaceFacts:
    """Return the promoter's own place.

    Raises:
        PlaceNotFound: no such place of this promoter, or it was deleted.
    """
    found = attribution.places_of(promoter_id=request.asker.party_id)
    place = next((one for one in found if one.pid == pid), None)
    if place is None:
        raise PlaceNotFound
    return place


def _form(request: HttpRequest, context: dict[str, Any], problem: Refusal | None = None) -> HttpResponse:
    return answers.dialog(
        request, "console/promoter/place_form.html", context | {"problem": problem}, status=422 if problem else 200
    )
