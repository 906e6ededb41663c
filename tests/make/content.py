"""Makers of reviews, posts and pictures."""

import io
import itertools
from datetime import UTC, datetime

from PIL import Image

from tests.make import catalog as make_catalog
from tests.make import people as make_people
from tuike.content import service
from tuike.content.types import NewPost, NewReview, PostCategory, PostKind, ReviewedLine

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
_lines = itertools.count(1)


def picture_bytes(*, size: tuple[int, int] = (400, 300), colour: str = "red", kind: str = "JPEG") -> bytes:
    """Return a picture as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def line(*, product_id: int | None = None, merchant_id: int | None = None) -> ReviewedLine:
    """Return a line of a completed order that no other test's order has."""
    from tuike.catalog import queries as catalog

    product_id = product_id or make_catalog.product(merchant_id=merchant_id)
    owner = catalog.merchants_of([product_id])[product_id]
    number = next(_lines)
    return ReviewedLine(10**9 + number, f"O{number:08d}", owner, product_id, "红色")


def review(
    *,
    buyer_id: int | None = None,
    line_: ReviewedLine | None = None,
    score: int = 5,
    text: str = "很好用",
    **rest: object,
) -> str:
    """Write a review and return its number."""
    return service.write_review(
        buyer_id=buyer_id or make_people.person().id,
        line=line_ or line(),
        review=NewReview(score=score, text=text, **rest),
        now=NOON,
    )


def new_post(**rest: object) -> NewPost:
    """Return a post to put on the board."""
    values = {
        "kind": PostKind.SUPPLY,
        "category": PostCategory.GOODS,
        "title": "供应龙井茶叶",
        "text": "产地直发，量大从优。",
        "city": "杭州",
    } | rest
    return NewPost(**values)


def post(*, person_id: int | None = None, now: datetime = NOON, **rest: object) -> str:
    """Put a post on the board and return its number; it waits."""
    return service.post_on_board(person_id=person_id or make_people.person().id, post=new_post(**rest), now=now)
