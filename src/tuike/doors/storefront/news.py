"""Messages to the person who is signed in, and which of them the phone may show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Before, Body, Id, IdempotencyKey, Limit
from tuike.doors.storefront.paging import decoded, encoded
from tuike.doors.web.said import said
from tuike.flows import agree_messages
from tuike.kit import clock
from tuike.messages import queries
from tuike.messages import service as messages
from tuike.messages.types import PersonalShown, Thread

router = Router(auth=signed_in, tags=["messages"])
THREADS = {
    Thread.ORDERS: ("订单与物流", "Orders"),
    Thread.GIFTS: ("优惠与互动", "Offers and games"),
    Thread.BOARD: ("供求消息", "Supply and demand"),
    Thread.WORK: ("推广与经营", "Promoting and selling"),
}
ThreadName = Annotated[Thread | None, Query(description="Only this thread.")]
_Templates = Annotated[
    list[Annotated[str, StringConstraints(min_length=20, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]],
    Field(max_length=10),
]


class PersonalMessage(Schema):
    """A message. `page` and `object` say which screen shows more: order, refund, review, coupons, bargain, red_packet,
    points, member, shop, post, work, withdrawal."""

    id: int
    kind: str
    thread: str
    text: str
    page: str
    object: str
    at: datetime
    read: bool


class MessageThread(Schema):
    """A thread with its latest message; `unread` is 99 at most."""

    thread: str
    title: str
    unread: int
    latest: PersonalMessage | None


class Messages(Schema):
    """A page of messages, the latest first, with all threads and what is unread in all."""

    unread: int
    threads: list[MessageThread]
    items: list[PersonalMessage]
    next: str


class ReadUpTo(Body):
    """What was read: a thread or all, up to a message or all of them."""

    thread: Annotated[str, StringConstraints(pattern=r"^(orders|gifts|board|work)$")] | None = None
    upto: Id | None = None


class Unread(Schema):
    """How many are unread, 99 at most."""

    unread: int


class SubscriptionAnswer(Body):
    """What `wx.requestSubscribeMessage` came back with: template ids that were accepted, and that were rejected."""

    accepted: _Templates = Field(default_factory=list)
    rejected: _Templates = Field(default_factory=list)


@router.get("/messages", response=answers.answers(Messages))
def personal(request: HttpRequest, thread: ThreadName = None, before: Before = "", limit: Limit = 20) -> object:
    """List the person's messages, and how their threads stand."""
    who = person(request).id
    found = queries.personal_of(person_id=who, thread=thread, before=decoded(before) if before else None, limit=limit)
    threads = queries.threads_of(person_id=who)
    return {
        "unread": queries.unread_of(who),
        "threads": [
            {
                "thread": one.thread.value,
                "title": said(*THREADS[one.thread]),
                "unread": one.unread,
                "latest": _one(one.latest) if one.latest else None,
            }
            for one in threads
        ],
        "items": _all(found),
        "next": encoded(found[-1].id if len(found) == limit else None),
    }


@router.post("/messages/read", response=answers.answers(Unread))
def read(request: HttpRequest, body: ReadUpTo) -> object:
    """Note that messages were read."""
    who = person(request).id
    thread = Thread(body.thread) if body.thread else None
    messages.read_personal(person_id=who, thread=thread, upto=body.upto, now=clock.now())
    return {"unread": queries.unread_of(who)}


@router.post("/subscriptions", response=answers.answers(Unread))
def subscribe(request: HttpRequest, body: SubscriptionAnswer, key: IdempotencyKey) -> object:
    """Keep what the person answered when the phone asked: a yes is good for one more message of the template."""
    who = person(request).id
    agree_messages.agree_messages(
        person_id=who, accepted=body.accepted, rejected=body.rejected, key=key, now=clock.now()
    )
    return {"unread": queries.unread_of(who)}


def _all(found: Sequence[PersonalShown]) -> list[dict[str, Any]]:
    return [_one(one) for one in found]


def _one(one: PersonalShown) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "thread": one.thread.value,
        "text": said(one.zh, one.en),
        "page": one.page,
        "object": one.object,
        "at": one.at,
        "read": one.read,
    }
