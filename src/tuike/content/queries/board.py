"""The board as who reads it, who wrote it, and the operator see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tuike.content.types import ComplaintShown, PostCategory, PostKind, PostShown, RemarkShown, Seen, TalkShown
from tuike.db import rows
from tuike.kit import grams
from tuike.kit.errors import NotFound

_POST = """
    SELECT p.id, p.no, p.person_id, w.nickname, p.kind, p.category, p.title, p.text, p.pictures, p.city, p.state,
           p.reason, (SELECT count(*) FROM content_talk t WHERE t.post_id = p.id), p.posted_at, p.expires_at
    FROM content_post p JOIN people_person w ON w.id = p.person_id
"""
_SEEN = "p.state = 'shown' AND p.expires_at >= %s"
_TALK = """
    SELECT t.id, t.no, p.no, p.title, w.id, w.nickname, t.owner_id = %(me)s, t.last_text, t.last_at,
           CASE WHEN t.owner_id = %(me)s THEN t.owner_unread ELSE t.asker_unread END,
           EXISTS (SELECT 1 FROM content_shut s WHERE s.person_id = %(me)s AND s.other_id = w.id)
    FROM content_talk t JOIN content_post p ON p.id = t.post_id
    JOIN people_person w ON w.id = CASE WHEN t.owner_id = %(me)s THEN t.asker_id ELSE t.owner_id END
    WHERE (t.owner_id = %(me)s OR t.asker_id = %(me)s)
"""


def posts_found(
    *,
    now: datetime,
    kind: PostKind | None = None,
    category: PostCategory | None = None,
    city: str = "",
    words: str = "",
    before: str = "",
    limit: int = 20,
) -> list[PostShown]:
    """Return posts that anybody may see, newest first; `before` is the number of the last one seen."""
    holds, params = [_SEEN], list[Any]([now])
    for column, value in (("kind", kind), ("category", category), ("city", city)):
        if value:
            holds.append(f"p.{column} = %s")
            params.append(str(value))
    if terms := grams.terms(words):
        holds.append("p.grams @> %s::text[]")
        params.append(grams.needed(terms))
        for term in grams.loose(terms):
            holds.append("strpos(p.words, %s) > 0")
            params.append(term)
    return _page(" AND ".join(holds), params, before, limit)


def my_posts(*, person_id: int, before: str = "", limit: int = 20) -> list[PostShown]:
    """Return a person's own posts wherever they stand, newest first."""
    return _page("p.person_id = %s", [person_id], before, limit)


def post_shown(*, no: str, person_id: int | None, now: datetime) -> PostShown:
    """Return a post that may be seen, or one's own.

    Raises:
        NotFound: no such post, or not to be seen.
    """
    found = _posts("p.no = %s", [no], 1)
    if not found:
        raise NotFound
    [post] = found
    if post.person_id != person_id and (post.state is not Seen.SHOWN or post.expires_at < now):
        raise NotFound
    return post


def posts_waiting(*, queue: str = "pending", before: str = "", limit: int = 20) -> list[PostShown]:
    """Return posts in a state, for the operator, newest first."""
    return _page("p.state = %s", [queue], before, limit)


def talks_of(*, person_id: int, limit: int = 50) -> list[TalkShown]:
    """Return a person's talks, the latest first."""
    found = rows.query(f"{_TALK} ORDER BY t.last_at DESC, t.id DESC LIMIT %(limit)s", {"me": person_id, "limit": limit})
    return [TalkShown(*row) for row in found]


def talk_of(*, person_id: int, no: str) -> TalkShown:
    """Return a talk of a person's.

    Raises:
        NotFound: not one of theirs.
    """
    found = rows.query(f"{_TALK} AND t.no = %(no)s", {"me": person_id, "no": no})
    if not found:
        raise NotFound
    return TalkShown(*found[0])


def remarks_of(*, person_id: int, talk_id: int, before: int | None = None, limit: int = 50) -> list[RemarkShown]:
    """Return a talk's messages, the latest first; that the talk is the person's the caller has looked at."""
    found = rows.query(
        "SELECT id, person_id = %s, text, at FROM content_remark WHERE talk_id = %s AND (%s::bigint IS NULL OR id < %s)"
        " ORDER BY id DESC LIMIT %s",
        [person_id, talk_id, before, before, limit],
    )
    return [RemarkShown(*row) for row in found]


def unread_of(person_id: int) -> int:
    """Return how many messages of the board a person hasn't read."""
    return int(
        rows.query(
            "SELECT coalesce(sum(CASE WHEN owner_id = %(me)s THEN owner_unread ELSE asker_unread END), 0)"
            " FROM content_talk WHERE owner_id = %(me)s OR asker_id = %(me)s",
            {"me": person_id},
        )[0][0]
    )


def complaints_waiting(*, limit: int = 50) -> list[ComplaintShown]:
    """Return what persons reported and nobody decided, oldest first."""
    found = rows.query(
        "SELECT c.id, c.post_id, w.nickname, c.reason, c.at FROM content_complaint c"
        " JOIN people_person w ON w.id = c.person_id WHERE c.decided_at IS NULL ORDER BY c.id LIMIT %s",
        [limit],
    )
    posts = {one.id: one for one in _posts("p.id = ANY(%s)", [[row[1] for row in found]], limit)}
    return [ComplaintShown(id_, posts[post_id], *rest) for id_, post_id, *rest in found]


def _page(condition: str, params: Sequence[Any], before: str, limit: int) -> list[PostShown]:
    values = list(params)
    if before:
        condition += " AND p.id < (SELECT id FROM content_post WHERE no = %s)"
        values.append(before)
    return _posts(condition, values, limit)


def _posts(condition: str, params: Sequence[Any], limit: int) -> list[PostShown]:
    limit = max(1, min(limit, 100))
    found = rows.query(f"{_POST} WHERE {condition} ORDER BY p.id DESC LIMIT {limit}", params)
    return [_read(row) for row in found]


def _read(row: Sequence[Any]) -> PostShown:
    id_, no, person_id, name, kind, category, title, text, pictures, city, state, *rest = row
    return PostShown(
        id_,
        no,
        person_id,
        name,
        PostKind(kind),
        PostCategory(category),
        title,
        text,
        tuple(pictures),
        city,
        Seen(state),
        *rest,
    )
