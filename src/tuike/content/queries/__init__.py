"""Reads of what people see in the mall, one file a kind."""

from tuike.content.queries.board import (
    complaints_waiting,
    my_posts,
    post_shown,
    posts_found,
    posts_waiting,
    remarks_of,
    talk_of,
    talks_of,
    unread_of,
)
from tuike.content.queries.pages import page_of
from tuike.content.queries.reviews import (
    around_product,
    review_for_desk,
    reviews_for_desk,
    reviews_of_lines,
    reviews_of_product,
    totals_of,
    waiting,
)
from tuike.content.queries.switches import offered, require
from tuike.content.queries.words import blocked_words, hot_words

__all__ = [
    "around_product",
    "blocked_words",
    "complaints_waiting",
    "hot_words",
    "my_posts",
    "offered",
    "page_of",
    "post_shown",
    "posts_found",
    "posts_waiting",
    "remarks_of",
    "require",
    "review_for_desk",
    "reviews_for_desk",
    "reviews_of_lines",
    "reviews_of_product",
    "talk_of",
    "talks_of",
    "totals_of",
    "unread_of",
    "waiting",
]
