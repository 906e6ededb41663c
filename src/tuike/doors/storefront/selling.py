"""A shop's seat: parcels, receipts with proof, refunds decided."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field, StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import acting, seat, signed_in
from tuike.doors.storefront.kinds import Body, IdempotencyKey, Number, PartyNo, Quantity
from tuike.doors.web.soon import soon
from tuike.flows import receive_orders, refund_order, return_goods, ship_order
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.parties.types import PartyKind, Role

router = Router(auth=signed_in, tags=["merchant"])
ORDERS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
REFUNDS = ORDERS | {Role.FINANCE}
"""Which seats of a shop handle orders, and which decide on money back (docs/rules.md §1)."""
ParcelNo = Annotated[int, Path(ge=1, le=1000, description="The order's first parcel is 1.")]
_PLAIN = r"^[^\x00-\x1f\x7f]*$"


class PiecePacked(Body):
    """Pieces of a line, by its number in the order."""

    line_no: Annotated[int, Field(strict=True, ge=1, le=1000)]
    quantity: Quantity


class ParcelName(Body):
    """Whose parcel it is, and its number. `carrier` is a code of the list, or a name."""

    carrier: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_PLAIN)]
    tracking_no: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_PLAIN)]


class Shipment(ParcelName):
    """A parcel. No `pieces`: all that is left. `whole`: no further parcel comes."""

    pieces: Annotated[list[PiecePacked], Field(min_length=1, max_length=100)] | None = None
    whole: bool = False


class ProofGiven(Body):
    """What the carrier says of the delivery; `picture` is an address below /media/."""

    proof: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)]
    picture: Annotated[str, StringConstraints(max_length=120, pattern=r"^(/media/[0-9A-Za-z_./-]+)?$")] = ""


class Rejection(Body):
    """Why not; the buyer reads it."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)]


class GoodsSeen(Body):
    """Whether the goods that came back can be sold again."""

    restock: bool


@router.post("/orders/{no}/shipments", response=answers.answers(answers.Order, 201))
def ship(request: HttpRequest, no: Number, body: Shipment, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Ship: the first parcel moves the order on, further ones are added."""
    sits = seat(request, PartyKind.MERCHANT, party, ORDERS)
    shipped = ship_order.ship_order(
        merchant_id=sits.party.id,
        order_no=no,
        carrier=body.carrier,
        tracking_no=body.tracking_no,
        key=key,
        now=clock.now(),
        pieces=_pieces(body),
        whole=body.whole,
    )
    return Status(201, shipped)


@router.put("/orders/{no}/shipments/{parcel}", response=answers.answers(answers.Order))
def correct_parcel(  # noqa: PLR0917 the framework passes them by name
    request: HttpRequest, no: Number, parcel: ParcelNo, body: ParcelName, key: IdempotencyKey, party: PartyNo = ""
) -> object:
    """Correct a parcel's carrier and number, within 24 hours of when it was entered."""
    sits = seat(request, PartyKind.MERCHANT, party, ORDERS)
    return ship_order.correct_parcel(
        merchant_id=sits.party.id,
        order_no=no,
        no=parcel,
        carrier=body.carrier,
        tracking_no=body.tracking_no,
        actor=acting(request, sits),
        key=key,
        now=clock.now(),
    )


@router.post("/orders/{no}/shipping-end", response=answers.answers(answers.Order))
def end_shipping(request: HttpRequest, no: Number, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Say that no further parcel comes: receipt confirms itself from now on."""
    sits = seat(request, PartyKind.MERCHANT, party, ORDERS)
    return ship_order.end_shipping(
        merchant_id=sits.party.id, order_no=no, actor=acting(request, sits), key=key, now=clock.now()
    )


@router.post("/orders/{no}/receipt", response=answers.answers(answers.Order))
def receive(request: HttpRequest, no: Number, body: ProofGiven, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Mark a shipped order received, with the carrier's proof; recorded with who did it."""
    sits = seat(request, PartyKind.MERCHANT, party, ORDERS)
    return receive_orders.receive_for_buyer(
        merchant_id=sits.party.id,
        order_no=no,
        proof=body.proof,
        picture=body.picture,
        actor=acting(request, sits),
        key=key,
        now=clock.now(),
    )


@router.post("/refunds/{no}/approval", response=answers.answers(answers.Refund))
def approve(request: HttpRequest, no: Number, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Say yes: the money goes back to the buyer, commission follows; where goods are to come back, they come first."""
    sits = seat(request, PartyKind.MERCHANT, party, REFUNDS)
    approved = refund_order.approve_refund(
        no=no, merchant_id=sits.party.id, actor=acting(request, sits), key=key, now=clock.now()
    )
    soon("send_refunds")
    return approved


@router.post("/refunds/{no}/receipt", response=answers.answers(answers.Refund))
def receive_goods(
    request: HttpRequest, no: Number, body: GoodsSeen, key: IdempotencyKey, party: PartyNo = ""
) -> object:
    """Confirm that goods came back: the money goes to the buyer."""
    sits = seat(request, PartyKind.MERCHANT, party, REFUNDS)
    received = return_goods.receive_goods(
        no=no,
        merchant_id=sits.party.id,
        restock=body.restock,
        actor=acting(request, sits),
        key=key,
        now=clock.now(),
    )
    soon("send_refunds")
    return received


@router.post("/refunds/{no}/rejection", response=answers.answers(answers.Refund))
def reject(request: HttpRequest, no: Number, body: Rejection, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Say no, with a reason."""
    sits = seat(request, PartyKind.MERCHANT, party, REFUNDS)
    return refund_order.reject_refund(
        no=no,
        merchant_id=sits.party.id,
        reason=body.reason,
        actor=acting(request, sits),
        key=key,
        now=clock.now(),
    )


def _pieces(body: Shipment) -> dict[int, int] | None:
    """Return pieces by the number of their line.

    Raises:
        Invalid: a line comes twice.
    """
    if body.pieces is None:
        return None
    pieces = {one.line_no: one.quantity for one in body.pieces}
    if len(pieces) < len(body.pieces):
        raise Invalid(field="pieces", reason_zh="同一商品行只能出现一次", reason_en="each line may come once")
    return pieces
