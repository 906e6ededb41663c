"""A buyer reviews what an order brought (docs/rules.md §10)."""

from collections.abc import Sequence
from datetime import datetime

from tuike.content import queries as content_of
from tuike.content import service as content
from tuike.content.types import NewReview, NotCompleted, ReviewedLine, ReviewShown
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.kit.errors import NotFound
from tuike.orders import queries as orders
from tuike.orders.types import OrderState
from tuike.parties.types import MallFunction


@retry
def review_purchase(
    *, buyer_id: int, order_no: str, line_no: int, review: NewReview, now: datetime, key: str | None = None
) -> ReviewShown:
    """Keep a buyer's review of a line of an order that was received, and return it as it stands.

    Raises:
        NotFound: not the buyer's order, or no such line in it.
        NotCompleted: the order isn't completed.
        FunctionOff: the mall or the shop has no reviews.
        AlreadyReviewed, PictureUnknown, Invalid: see content.write_review. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> ReviewShown:
        order = orders.order_of_buyer(buyer_id=buyer_id, no=order_no)
        line = next((one for one in order.lines if one.no == line_no), None)
        if line is None:
            raise NotFound
        if order.state is not OrderState.COMPLETED:
            raise NotCompleted
        content_of.require(MallFunction.REVIEWS, merchant_id=order.merchant_id)
        reviewed = ReviewedLine(line.id, order.no, order.merchant_id, line.product_id, line.spec)
        content.write_review(buyer_id=buyer_id, line=reviewed, review=review, now=now)
        return content_of.reviews_of_lines([line.id])[line.id]

    def again() -> ReviewShown:
        order = orders.order_of_buyer(buyer_id=buyer_id, no=order_no)
        line_id = next(one.id for one in order.lines if one.no == line_no)
        return content_of.reviews_of_lines([line_id])[line_id]

    said = {
        "order": order_no,
        "line": line_no,
        "score": review.score,
        "text": review.text,
        "pictures": list(review.pictures),
        "anonymous": review.anonymous,
    }
    return keyed(scope=f"buyer:{buyer_id}:review", key=key, content=said, now=now, work=work, again=again)


@retry
def add_to_review(
    *, buyer_id: int, no: str, text: str, pictures: Sequence[str], now: datetime, key: str | None = None
) -> ReviewShown:
    """Add something to a buyer's own review, once, and return the review as it stands.

    Raises:
        NotFound, AlreadySaid, NotShown, PictureUnknown, Invalid: see content.add_to_review.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> ReviewShown:
        content.add_to_review(buyer_id=buyer_id, no=no, text=text, pictures=pictures, now=now)
        return content_of.review_for_desk(no=no)

    return keyed(
        scope=f"buyer:{buyer_id}:add_to_review",
        key=key,
        content={"review": no, "text": text, "pictures": list(pictures)},
        now=now,
        work=work,
        again=lambda: content_of.review_for_desk(no=no),
    )
