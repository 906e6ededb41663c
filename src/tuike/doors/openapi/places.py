"""A promoter's places: list, add, rename, delete (docs/rules.md §4)."""

from datetime import datetime, timedelta
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import StringConstraints

from tuike.apps.types import Scope
from tuike.attribution import service as places_of
from tuike.doors.openapi.callers import Needs, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import Body, IdempotencyKey, Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.insight.lists.promoter_places import PLACES
from tuike.kit import clock, days
from tuike.kit.errors import Invalid
from tuike.parties.types import PartyKind

router = Router(tags=["places"])
FIGURES_DAYS = 30
LIST = Rows(
    name="Place",
    says="A promotion place with what came by it in the last 30 natural days.",
    listing=PLACES,
    rename={"clicks": "clicks_30d", "orders": "orders_30d", "paid": "paid_30d", "earned": "estimated_30d"},
)


class PlaceName(Body):
    """The name of a place: 1 to 20 visible characters, unique among the promoter's."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class PlaceShown(Schema):
    """A place. `pid` stays when it gets another name."""

    pid: str
    name: str
    created_at: datetime
    deleted_at: datetime | None


@router.get("/places", response=answers(LIST.page), auth=Needs(Scope.PLACES_READ, PartyKind.PROMOTER))
def list_places(request: HttpRequest, query: Query[LIST.query]) -> object:
    """List the places with their figures."""
    since = days.day_of(clock.now()) - timedelta(days=FIGURES_DAYS - 1)
    return LIST.read(query, {"party": party_id(request), "since": since.isoformat()})


@router.post("/places", response=answers(PlaceShown, 201), auth=Needs(Scope.PLACES_WRITE, PartyKind.PROMOTER))
def add_place(request: HttpRequest, body: PlaceName, key: IdempotencyKey) -> object:
    """Add a place."""
    name, now = _visible(body.name), clock.now()
    return once(
        request,
        key,
        PlaceShown,
        lambda: places_of.add_place(promoter_id=party_id(request), name=name, key=key, now=now),
        status=201,
    )


@router.put("/places/{pid}", response=answers(PlaceShown), auth=Needs(Scope.PLACES_WRITE, PartyKind.PROMOTER))
def rename_place(request: HttpRequest, pid: Number, body: PlaceName, key: IdempotencyKey) -> object:
    """Give a place another name; its `pid` and its material stay."""
    name, now = _visible(body.name), clock.now()
    return once(
        request,
        key,
        PlaceShown,
        lambda: places_of.rename_place(promoter_id=party_id(request), pid=pid, name=name, key=key, now=now),
    )


@router.delete("/places/{pid}", response=answers(PlaceShown), auth=Needs(Scope.PLACES_WRITE, PartyKind.PROMOTER))
def delete_place(request: HttpRequest, pid: Number, key: IdempotencyKey) -> object:
    """Delete a place: no new material for it; its old material still earns."""
    now = clock.now()
    return once(
        request,
        key,
        PlaceShown,
        lambda: places_of.delete_place(promoter_id=party_id(request), pid=pid, key=key, now=now),
    )


def _visible(name: str) -> str:
    if not name.strip().isprintable():
        raise Invalid(field="name", reason_zh="含有不可见字符", reason_en="has invisible characters")
    return name
