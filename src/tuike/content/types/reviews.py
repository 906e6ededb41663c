"""Reviews as they come in and as they are seen."""

from dataclasses import dataclass
from datetime import datetime

from tuike.content.types.states import Seen


@dataclass(frozen=True, slots=True)
class ReviewedLine:
    """A line of a completed order, as a review has to know it."""

    line_id: int
    order_no: str
    merchant_id: int
    product_id: int
    spec: str


@dataclass(frozen=True, slots=True)
class NewReview:
    """What a buyer says: a score from 1 to 5, at most 500 characters and nine of their pictures."""

    score: int
    text: str = ""
    pictures: tuple[str, ...] = ()
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class FollowUpShown:
    """What was added to a review later."""

    text: str
    pictures: tuple[str, ...]
    state: Seen
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewShown:
    """A review. `nickname` is the buyer's, whatever `anonymous` says: doors hide it."""

    id: int
    no: str
    line_id: int
    order_no: str
    buyer_id: int
    nickname: str
    merchant_id: int
    product_id: int
    product_no: str
    title: str
    spec: str
    score: int
    text: str
    pictures: tuple[str, ...]
    anonymous: bool
    state: Seen
    reason: str
    written_at: datetime
    answer: str
    answered_at: datetime | None
    hide_asked: str
    hide_asked_at: datetime | None
    follow_up: FollowUpShown | None


@dataclass(frozen=True, slots=True)
class ReviewTotals:
    """How many reviews of a product are shown, and their scores' average in tenths, rounded down (0 for none)."""

    reviews: int
    average_tenths: int


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a product on its page: its shop's picture ("" for none) and its newest reviews."""

    picture: str
    totals: ReviewTotals
    reviews: tuple[ReviewShown, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for the operator: reviews and additions, reviews to hide, posts, complaints."""

    reviews: int
    to_hide: int
    posts: int
    complaints: int
