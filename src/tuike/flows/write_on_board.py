"""A person writes on the board of supply and demand: posts, and messages about posts (docs/rules.md §10)."""

from datetime import datetime

from django.db import transaction

from tuike.content import queries as content_of
from tuike.content import service as content
from tuike.content.types import NewPost, PostShown, TalkShown
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.idempotency import service as idempotency
from tuike.parties.types import MallFunction


@retry
def put_post(*, person_id: int, no: str = "", post: NewPost, key: str, now: datetime) -> PostShown:
    """Put a post on the board, or (with `no`) write one's own anew; return it as it stands.

    Raises:
        FunctionOff: the mall has no board.
        TooManyPosts, NotFound, NotShown, PictureUnknown, Invalid: see content.post_on_board and change_post.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, str]:
        content_of.require(MallFunction.BOARD)
        if no:
            content.change_post(person_id=person_id, no=no, post=post, now=now)
            return {"no": no}
        return {"no": content.post_on_board(person_id=person_id, post=post, now=now)}

    said = {
        "no": no,
        "kind": post.kind.value,
        "category": post.category.value,
        "title": post.title,
        "text": post.text,
        "city": post.city,
        "pictures": list(post.pictures),
    }
    with transaction.atomic(durable=True):
        put = idempotency.once(scope=f"person:{person_id}:post", key=key, content=said, now=now, work=work)
        return content_of.post_shown(no=put["no"], person_id=person_id, now=now)


@retry
def say(*, person_id: int, post_no: str = "", talk_no: str = "", text: str, key: str, now: datetime) -> TalkShown:
    """Say something about a post to who wrote it, or in a talk; return the talk as it stands.

    Raises:
        FunctionOff: the mall has no board.
        NotFound, ShutOut, TooManyRemarks, Invalid: see content.remark. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, str]:
        content_of.require(MallFunction.BOARD)
        return {"no": content.remark(person_id=person_id, post_no=post_no, talk_no=talk_no, text=text, now=now)}

    said = {"post": post_no, "talk": talk_no, "text": text}
    with transaction.atomic(durable=True):
        kept = idempotency.once(scope=f"person:{person_id}:remark", key=key, content=said, now=now, work=work)
        return content_of.talk_of(person_id=person_id, no=kept["no"])


@retry
def close_post(*, person_id: int, no: str, key: str, now: datetime) -> PostShown:
    """Take one's own post off the board and return it.

    Raises:
        FunctionOff: the mall has no board. NotFound: not the person's. KeyMalformed, KeyUsedForOther: the key.
    """
    return keyed(
        scope=f"person:{person_id}:close_post",
        key=key,
        content={"post": no},
        now=now,
        work=lambda: _closed(person_id, no, now),
        again=lambda: content_of.post_shown(no=no, person_id=person_id, now=now),
    )


@retry
def report(*, person_id: int, post_no: str, reason: str, key: str, now: datetime) -> PostShown:
    """Report a post to the operator and return it.

    Raises:
        FunctionOff: the mall has no board. NotFound, AlreadySaid, Invalid: see content.complain.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> PostShown:
        content_of.require(MallFunction.BOARD)
        content.complain(person_id=person_id, post_no=post_no, reason=reason, now=now)
        return content_of.post_shown(no=post_no, person_id=person_id, now=now)

    return keyed(
        scope=f"person:{person_id}:report_post",
        key=key,
        content={"post": post_no, "reason": reason},
        now=now,
        work=work,
        again=lambda: content_of.post_shown(no=post_no, person_id=person_id, now=now),
    )


@retry
def read(*, person_id: int, talk_no: str, key: str, now: datetime) -> TalkShown:
    """Note that a person read a talk, and return it.

    Raises:
        FunctionOff: the mall has no board. NotFound: not one of theirs. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> TalkShown:
        content_of.require(MallFunction.BOARD)
        content.seen_talk(person_id=person_id, talk_no=talk_no)
        return content_of.talk_of(person_id=person_id, no=talk_no)

    return keyed(
        scope=f"person:{person_id}:read_talk",
        key=key,
        content={"talk": talk_no},
        now=now,
        work=work,
        again=lambda: content_of.talk_of(person_id=person_id, no=talk_no),
    )


@retry
def shut(*, person_id: int, talk_no: str, out: bool, key: str, now: datetime) -> TalkShown:
    """Want no messages of who is in a talk, or want them again; return the talk.

    Raises:
        FunctionOff: the mall has no board. NotFound: not one of theirs. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> TalkShown:
        content_of.require(MallFunction.BOARD)
        content.shut(person_id=person_id, talk_no=talk_no, out=out, now=now)
        return content_of.talk_of(person_id=person_id, no=talk_no)

    return keyed(
        scope=f"person:{person_id}:shut",
        key=key,
        content={"talk": talk_no, "out": out},
        now=now,
        work=work,
        again=lambda: content_of.talk_of(person_id=person_id, no=talk_no),
    )


def _closed(person_id: int, no: str, now: datetime) -> PostShown:
    content_of.require(MallFunction.BOARD)
    content.close_post(person_id=person_id, no=no)
    return content_of.post_shown(no=no, person_id=person_id, now=now)
