"""Changes of what people read in the mall."""

from tuike.content.service.board import (
    change_post,
    close_post,
    complain,
    decide_complaint,
    decide_posts,
    expire_posts,
    post_on_board,
    remark,
    seen_talk,
    shut,
)
from tuike.content.service.deciding import decide_queue
from tuike.content.service.pages import describe_shop, edit_page, publish_page
from tuike.content.service.pictures import put_picture, use_pictures
from tuike.content.service.reviews import (
    add_to_review,
    answer_review,
    ask_to_hide,
    decide_additions,
    decide_reviews,
    hide_review,
    write_review,
)
from tuike.content.service.words import change_blocked_words, change_hot_words

__all__ = [
    "add_to_review",
    "answer_review",
    "ask_to_hide",
    "change_blocked_words",
    "change_hot_words",
    "change_post",
    "close_post",
    "complain",
    "decide_additions",
    "decide_complaint",
    "decide_posts",
    "decide_queue",
    "decide_reviews",
    "describe_shop",
    "edit_page",
    "expire_posts",
    "hide_review",
    "post_on_board",
    "publish_page",
    "put_picture",
    "remark",
    "seen_talk",
    "shut",
    "use_pictures",
    "write_review",
]
