"""Where goods go and who brings them: regions to choose from, carriers, the parcels of an order."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Number
from tuike.doors.web.said import said
from tuike.freight import queries as freight
from tuike.freight.types import CARRIERS
from tuike.orders import queries as orders
from tuike.orders.types import OrderRef, Parcel

router = Router(tags=["sending"])
_DAY = 86_400


class Regions(Schema):
    """Provinces, each `[code, name, [cities]]`; a city is the same with its districts, a district `[code, name]`.

    A parcel goes to a district: its six digits are an address's `region_code`. A city without districts has itself as
    the only one.
    """

    items: list[Any]


class CarrierShown(Schema):
    """A carrier; `pattern` is what its numbers look like, as a hint for a form."""

    code: str
    name: str
    pattern: str


class Carriers(Schema):
    """The carriers that the mall knows, in the order in which they are offered."""

    items: list[CarrierShown]


class PieceSent(Schema):
    """Pieces of a line in a parcel."""

    line_no: int
    title: str
    spec: str
    picture: str
    quantity: int


class ParcelSent(answers.Parcel):
    """A parcel with what is in it."""

    lines: list[PieceSent]


class Proof(Schema):
    """What the shop gave when it marked the order received; `picture` is empty for none."""

    text: str
    picture: str


class ParcelsSent(Schema):
    """An order's parcels, oldest first. `left`: pieces that haven't left yet; `receive_by` is set once all have."""

    order_no: str
    state: str
    items: list[ParcelSent]
    left: int
    receive_by: datetime | None
    proof: Proof | None


@router.get("/regions", response=answers.answers(Regions), auth=None)
def regions(request: HttpRequest) -> HttpResponse:
    """Return all regions, to be kept: `ETag` says when they changed."""
    body, tag = _regions()
    fresh = request.headers.get("If-None-Match", "") == tag
    answer = HttpResponse(status=304) if fresh else HttpResponse(body, content_type="application/json; charset=utf-8")
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={_DAY}"
    return answer


@router.get("/carriers", response=answers.answers(Carriers), auth=None)
def carriers(request: HttpRequest) -> object:
    """List the carriers."""
    return {"items": [{"code": one.code, "name": said(one.zh, one.en), "pattern": one.pattern} for one in CARRIERS]}


@router.get("/orders/{no}/parcels", response=answers.answers(ParcelsSent), auth=signed_in)
def order_parcels(request: HttpRequest, no: Number) -> object:
    """Show where an order of the buyer is: its parcels with what is in each, and what hasn't left yet."""
    order = orders.order_of_buyer(buyer_id=person(request).id, no=no)
    products = catalog.product_facts({line.product_id for line in order.lines})
    lines = {
        line.no: {
            "line_no": line.no,
            "title": line.title,
            "spec": line.spec,
            "picture": next(iter(products[line.product_id].pictures), ""),
        }
        for line in order.lines
    }
    parcels = orders.parcels_of(order.id)
    shown = [
        one | {"lines": [lines[line_no] | {"quantity": pieces} for line_no, pieces in parcel.pieces.items()]}
        for one, parcel in zip(shown_parcels(parcels), parcels, strict=True)
    ]
    return {
        "order_no": order.no,
        "state": order.state,
        "items": shown,
        "left": _left(order),
        "receive_by": order.receive_by,
        "proof": orders.receipt_proof_of(order.id),
    }


def shown_parcels(parcels: Sequence[Parcel]) -> list[dict[str, Any]]:
    """Return parcels as an order shows them, with the carrier's name in the caller's language."""
    shown = []
    for one in parcels:
        known = freight.carrier_named(one.carrier)
        shown.append(
            {
                "no": one.no,
                "carrier": said(known.zh, known.en) if known else one.carrier,
                "carrier_code": known.code if known else "",
                "tracking_no": one.tracking_no,
                "shipped_at": one.shipped_at,
                "pieces": [{"line_no": no, "quantity": quantity} for no, quantity in one.pieces.items()],
            }
        )
    return shown


def _left(order: OrderRef) -> int:
    return sum(orders.left_to_ship(line) for line in order.lines)


@cache
def _regions() -> tuple[str, str]:
    body = f'{{"items":{freight.regions_json()}}}'
    return body, f'"{sha256(body.encode()).hexdigest()[:20]}"'
