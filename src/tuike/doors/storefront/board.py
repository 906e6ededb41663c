"""The board of supply and demand: what everybody reads, one's own posts, and talks about them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from tuike.content import queries as content
from tuike.content.types import MY_POSTS, NewPost, PostCategory, PostKind, PostShown, TalkShown
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in
from tuike.doors.storefront.kinds import Before, Body, IdempotencyKey, Limit, Number
from tuike.doors.storefront.reviews import Pictures
from tuike.doors.web.kinds import PLAIN
from tuike.doors.web.said import chinese
from tuike.flows import write_on_board as writing
from tuike.kit import clock
from tuike.parties.types import MallFunction

router = Router(tags=["board"])
Kind = Literal["supply", "demand"]
Category = Literal["goods", "stock", "service", "equipment", "partners", "jobs", "other"]
RemarkText = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=PLAIN)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN)]


class WrittenPost(Body):
    """What is offered or looked for."""

    kind: Kind
    category: Category
    title: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=PLAIN)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=PLAIN)]
    city: Annotated[str, StringConstraints(max_length=20, pattern=PLAIN)] = ""
    pictures: Pictures = Field(default_factory=list)


class Spoken(Body):
    """A message."""

    text: RemarkText


class Reported(Body):
    """Why a post is reported."""

    reason: Reason


class ShutWish(Body):
    """Whether messages of the other are unwanted from now on."""

    out: bool


class BoardCategory(Schema):
    """What posts can be about, in the reader's language."""

    key: str
    name: str


class BoardPost(Schema):
    """A post. `mine`: the caller wrote it."""

    no: str
    kind: str
    category: str
    category_name: str
    title: str
    text: str
    pictures: list[str]
    city: str
    by: str
    mine: bool
    posted_at: datetime
    expires_at: datetime


class BoardPosts(Schema):
    """A page of posts, newest first, and what they can be about."""

    items: list[BoardPost]
    next: str
    categories: list[BoardCategory]


class OwnPost(BoardPost):
    """One's own post. `state`: pending, shown, rejected, hidden, closed, and why; `talks`: how many asked."""

    state: str
    reason: str
    talks: int


class OwnPosts(Schema):
    """A page of one's own posts, how many may stand at once, and how many messages aren't read."""

    items: list[OwnPost]
    next: str
    most: int
    unread: int


class BoardTalk(Schema):
    """A talk. `mine`: about the caller's own post; `shut`: the caller wants no messages of the other."""

    no: str
    post_no: str
    title: str
    with_name: str
    mine: bool
    last_text: str
    last_at: datetime
    unread: int
    shut: bool


class BoardTalks(Schema):
    """The caller's talks, the latest first."""

    items: list[BoardTalk]
    unread: int


class BoardRemark(Schema):
    """A message."""

    id: int
    mine: bool
    text: str
    at: datetime


class BoardTalkPage(BoardTalk):
    """A talk with its messages, the latest first; `next` is "" at the beginning."""

    remarks: list[BoardRemark]
    next: str


class BoardQuery(Schema):
    """How the board is narrowed."""

    kind: Kind | None = None
    category: Category | None = None
    city: Annotated[str, Query(max_length=20, pattern=PLAIN)] = ""
    words: Annotated[str, Query(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    before: Before = ""
    limit: Limit = 20


@router.get("/posts", response=answers.answers(BoardPosts), auth=anybody)
def posts(request: HttpRequest, query: Query[BoardQuery]) -> object:
    """List what is offered and looked for."""
    content.require(MallFunction.BOARD)
    found = content.posts_found(
        now=clock.now(),
        kind=PostKind(query.kind) if query.kind else None,
        category=PostCategory(query.category) if query.category else None,
        city=query.city,
        words=query.words,
        before=query.before,
        limit=query.limit,
    )
    me = _me(request)
    return {
        "items": [_post(one, me) for one in found],
        "next": found[-1].no if len(found) == query.limit else "",
        "categories": [{"key": str(one), "name": one.sentence(_language())} for one in PostCategory],
    }


@router.get("/posts/{no}", response=answers.answers(BoardPost), auth=anybody)
def post(request: HttpRequest, no: Number) -> object:
    """Show a post."""
    content.require(MallFunction.BOARD)
    me = _me(request)
    return _post(content.post_shown(no=no, person_id=me, now=clock.now()), me)


@router.post("/posts", response=answers.answers(OwnPost, 201), auth=signed_in)
def put(request: HttpRequest, body: WrittenPost, key: IdempotencyKey) -> object:
    """Put something on the board; it is looked at before others see it."""
    me = person(request).id
    return Status(201, _own(writing.put_post(person_id=me, post=_new(body), key=key, now=clock.now())))


@router.put("/posts/{no}", response=answers.answers(OwnPost), auth=signed_in)
def change(request: HttpRequest, no: Number, body: WrittenPost, key: IdempotencyKey) -> object:
    """Write one's own post anew; it is looked at again."""
    me = person(request).id
    return _own(writing.put_post(person_id=me, no=no, post=_new(body), key=key, now=clock.now()))


@router.delete("/posts/{no}", response=answers.answers(OwnPost), auth=signed_in)
def close(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Take one's own post off the board."""
    return _own(writing.close_post(person_id=person(request).id, no=no, key=key, now=clock.now()))


@router.get("/me/posts", response=answers.answers(OwnPosts), auth=signed_in)
def mine(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List one's own posts, wherever they stand."""
    content.require(MallFunction.BOARD)
    me = person(request).id
    found = content.my_posts(person_id=me, before=before, limit=limit)
    return {
        "items": [_own(one) for one in found],
        "next": found[-1].no if len(found) == limit else "",
        "most": MY_POSTS,
        "unread": content.unread_of(me),
    }


@router.post("/posts/{no}/remarks", response=answers.answers(BoardTalk, 201), auth=signed_in)
def ask(request: HttpRequest, no: Number, body: Spoken, key: IdempotencyKey) -> object:
    """Say something about a post to who wrote it."""
    talk = writing.say(person_id=person(request).id, post_no=no, text=body.text, key=key, now=clock.now())
    return Status(201, _talk(talk))


@router.post("/posts/{no}/report", response=answers.answers(BoardPost, 201), auth=signed_in)
def report(request: HttpRequest, no: Number, body: Reported, key: IdempotencyKey) -> object:
    """Report a post to the operator."""
    me = person(request).id
    return Status(
        201, _post(writing.report(person_id=me, post_no=no, reason=body.reason, key=key, now=clock.now()), me)
    )


@router.get("/me/talks", response=answers.answers(BoardTalks), auth=signed_in)
def talks(request: HttpRequest) -> object:
    """List the caller's talks: the latest fifty."""
    content.require(MallFunction.BOARD)
    me = person(request).id
    return {"items": [_talk(one) for one in content.talks_of(person_id=me)], "unread": content.unread_of(me)}


@router.get("/me/talks/{no}", response=answers.answers(BoardTalkPage), auth=signed_in)
def talk(
    request: HttpRequest,
    no: Number,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before.")] = None,
) -> object:
    """Show a talk: its messages, fifty a page, the latest first."""
    content.require(MallFunction.BOARD)
    me = person(request).id
    found = content.talk_of(person_id=me, no=no)
    remarks = content.remarks_of(person_id=me, talk_id=found.id, before=before)
    return {**_talk(found), "remarks": remarks, "next": str(remarks[-1].id) if len(remarks) == 50 else ""}


@router.post("/me/talks/{no}/remarks", response=answers.answers(BoardTalk, 201), auth=signed_in)
def answer(request: HttpRequest, no: Number, body: Spoken, key: IdempotencyKey) -> object:
    """Say something in a talk."""
    found = writing.say(person_id=person(request).id, talk_no=no, text=body.text, key=key, now=clock.now())
    return Status(201, _talk(found))


@router.post("/me/talks/{no}/read", response=answers.answers(BoardTalk), auth=signed_in)
def read(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Note that the caller has read a talk."""
    return _talk(writing.read(person_id=person(request).id, talk_no=no, key=key, now=clock.now()))


@router.put("/me/talks/{no}/shut", response=answers.answers(BoardTalk), auth=signed_in)
def shut(request: HttpRequest, no: Number, body: ShutWish, key: IdempotencyKey) -> object:
    """Want no messages of the other, or want them again."""
    me = person(request).id
    return _talk(writing.shut(person_id=me, talk_no=no, out=body.out, key=key, now=clock.now()))


def _me(request: HttpRequest) -> int | None:
    who = maybe_person(request)
    return who.id if who else None


def _language() -> str:
    return "zh" if chinese() else "en"


def _new(body: WrittenPost) -> NewPost:
    kind, category = PostKind(body.kind), PostCategory(body.category)
    return NewPost(kind, category, body.title, body.text, tuple(body.pictures), body.city)


def _post(one: PostShown, me: int | None) -> dict[str, Any]:
    return {
        "no": one.no,
        "kind": str(one.kind),
        "category": str(one.category),
        "category_name": one.category.sentence(_language()),
        "title": one.title,
        "text": one.text,
        "pictures": one.pictures,
        "city": one.city,
        "by": one.nickname,
        "mine": one.person_id == me,
        "posted_at": one.posted_at,
        "expires_at": one.expires_at,
    }


def _own(one: PostShown) -> dict[str, Any]:
    return {**_post(one, one.person_id), "state": str(one.state), "reason": one.reason, "talks": one.talks}


def _talk(one: TalkShown) -> dict[str, Any]:
    return {
        "no": one.no,
        "post_no": one.post_no,
        "title": one.title,
        "with_name": one.with_name,
        "mine": one.mine,
        "last_text": one.last_text,
        "last_at": one.last_at,
        "unread": one.unread,
        "shut": one.shut,
    }
