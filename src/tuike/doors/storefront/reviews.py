"""Reviews: what buyers say of what they received, and the pictures that they hand in."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from tuike.catalog import queries as catalog
from tuike.content import queries as content
from tuike.content.types import NewReview, ReviewShown, Seen
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Before, Body, IdempotencyKey, Limit, Number
from tuike.doors.web.kinds import PLAIN
from tuike.flows import put_picture as pictures_flow
from tuike.flows import review_purchase as reviewing
from tuike.kit import clock
from tuike.orders import queries as orders
from tuike.orders.types import OrderState
from tuike.parties.types import MallFunction

router = Router(tags=["reviews"])
Address = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^/media/[A-Za-z0-9_/.-]+$")]
Pictures = Annotated[list[Address], Field(max_length=9)]
SaidText = Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)]


class WrittenReview(Body):
    """A review: a score from 1 to 5, at most 500 characters, nine pictures handed in before."""

    score: Annotated[int, Field(strict=True, ge=1, le=5)]
    text: SaidText = ""
    pictures: Pictures = Field(default_factory=list)
    anonymous: bool = False


class WrittenAddition(Body):
    """What is added to a review, once."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=PLAIN)]
    pictures: Pictures = Field(default_factory=list)


class Addition(Schema):
    """What a buyer added later."""

    text: str
    pictures: list[str]
    written_at: datetime


class MallReview(Schema):
    """A review as everybody sees it; `buyer` is "" where the buyer stays unnamed."""

    no: str
    buyer: str
    score: int
    text: str
    pictures: list[str]
    spec: str
    written_at: datetime
    answer: str
    answered_at: datetime | None
    addition: Addition | None


class OwnReview(MallReview):
    """A review as who wrote it sees it. `state`: pending, shown, rejected, hidden, and why."""

    state: str
    reason: str
    anonymous: bool
    addition_state: str


class MallReviews(Schema):
    """A page of a product's reviews, newest first."""

    items: list[MallReview]
    next: str
    count: int
    average_tenths: int


class ReviewableLine(Schema):
    """A line of an order and its review, null where it has none; `may`: one can be written now."""

    line_no: int
    product_no: str
    title: str
    spec: str
    picture: str
    may: bool
    review: OwnReview | None


class ReviewableLines(Schema):
    """What of an order is or can be reviewed."""

    items: list[ReviewableLine]


class PutPicture(Schema):
    """The address of a picture that was handed in; it goes along with a review or a post."""

    address: str


@router.post("/pictures", response=answers.answers(PutPicture, 201), auth=signed_in)
def put_picture(request: HttpRequest, picture: File[UploadedFile]) -> object:
    """Hand in a picture (JPEG, PNG or WebP, at most 5 MB): drawn anew, without what the camera wrote into it."""
    raw = picture.read(pictures_flow.MOST_BYTES + 1)
    address = pictures_flow.put_picture(person_id=person(request).id, raw=raw, now=clock.now())
    return Status(201, {"address": address})


@router.get("/products/{no}/reviews", response=answers.answers(MallReviews), auth=None)
def of_product(request: HttpRequest, no: Number, before: Before = "", limit: Limit = 20) -> object:
    """List a product's reviews."""
    product, _ = catalog.shop_skus(product_id=catalog.id_of(no))
    content.require(MallFunction.REVIEWS, merchant_id=product.merchant_id)
    found = content.reviews_of_product(product_id=product.product_id, before=before, limit=limit)
    totals = content.totals_of(product.product_id)
    return {
        "items": [review_shown(one) for one in found],
        "next": found[-1].no if len(found) == limit else "",
        "count": totals.reviews,
        "average_tenths": totals.average_tenths,
    }


@router.get("/orders/{no}/reviews", response=answers.answers(ReviewableLines), auth=signed_in)
def of_order(request: HttpRequest, no: Number) -> object:
    """List an order's lines with their reviews."""
    order = orders.order_of_buyer(buyer_id=person(request).id, no=no)
    offered = content.offered(MallFunction.REVIEWS, merchant_id=order.merchant_id)
    written = content.reviews_of_lines([line.id for line in order.lines])
    products = catalog.product_facts([line.product_id for line in order.lines])
    may = offered and order.state is OrderState.COMPLETED
    return {
        "items": [
            {
                "line_no": line.no,
                "product_no": products[line.product_id].product_no,
                "title": line.title,
                "spec": line.spec,
                "picture": next(iter(products[line.product_id].pictures), ""),
                "may": may and line.id not in written,
                "review": _own(written[line.id]) if offered and line.id in written else None,
            }
            for line in order.lines
        ]
    }


@router.post("/orders/{no}/lines/{line_no}/review", response=answers.answers(OwnReview, 201), auth=signed_in)
def write(request: HttpRequest, no: Number, line_no: int, body: WrittenReview, key: IdempotencyKey) -> object:
    """Review a line of an order that was received."""
    review = NewReview(body.score, body.text, tuple(body.pictures), body.anonymous)
    made = reviewing.review_purchase(
        buyer_id=person(request).id, order_no=no, line_no=line_no, review=review, key=key, now=clock.now()
    )
    return Status(201, _own(made))


@router.post("/reviews/{no}/addition", response=answers.answers(OwnReview, 201), auth=signed_in)
def add(request: HttpRequest, no: Number, body: WrittenAddition, key: IdempotencyKey) -> object:
    """Add something to one's own review, once."""
    made = reviewing.add_to_review(
        buyer_id=person(request).id, no=no, text=body.text, pictures=body.pictures, key=key, now=clock.now()
    )
    return Status(201, _own(made))


def review_shown(one: ReviewShown) -> dict[str, Any]:
    """Return a review as everybody sees it."""
    added = one.follow_up if one.follow_up and one.follow_up.state is Seen.SHOWN else None
    return {
        "no": one.no,
        "buyer": "" if one.anonymous else _half(one.nickname),
        "score": one.score,
        "text": one.text,
        "pictures": one.pictures,
        "spec": one.spec,
        "written_at": one.written_at,
        "answer": one.answer,
        "answered_at": one.answered_at,
        "addition": added,
    }


def _own(one: ReviewShown) -> dict[str, Any]:
    return {
        **review_shown(one),
        "state": str(one.state),
        "reason": one.reason,
        "anonymous": one.anonymous,
        "addition": one.follow_up,
        "addition_state": str(one.follow_up.state) if one.follow_up else "",
    }


def _half(name: str) -> str:
    """Return a nickname that tells its owner and nobody else: its first and last character."""
    return name if len(name) < 2 else f"{name[0]}*" if len(name) == 2 else f"{name[0]}**{name[-1]}"
