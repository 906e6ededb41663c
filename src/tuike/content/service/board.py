"""The board: posts, who talks about them, who wants no more of whom, and what is reported."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.content.models import Complaint, Post, Remark, Shut, Talk
from tuike.content.rules import moderation
from tuike.content.service.numbers import next_id
from tuike.content.service.pictures import use_pictures
from tuike.content.service.reviews import blocked
from tuike.content.types import (
    MY_POSTS,
    AlreadySaid,
    NewPost,
    NotShown,
    Seen,
    ShutOut,
    TooManyPosts,
    TooManyRemarks,
)
from tuike.db import rows
from tuike.kit import grams
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.messages import service as messages
from tuike.people import queries as people
from tuike.settings import service as settings

STANDS = timedelta(days=30)
"""How long a post is seen (docs/rules.md §10); the edge counts."""

REMARKS = 30
REMARKS_IN = timedelta(minutes=10)
NEW_TALKS = 20
NEW_TALKS_IN = timedelta(days=1)
_LOCK_POSTS, _LOCK_REMARKS = 7_312, 7_313


@transaction.atomic
def post_on_board(*, person_id: int, post: NewPost, now: datetime) -> str:
    """Keep a post and return its number; it is seen once it passed (setting `post_auto_pass`; docs/rules.md §10).

    Raises:
        TooManyPosts: 20 of the person's stand or wait.
        PictureUnknown: a picture that the person didn't hand in.
        Invalid: title, text, city.
    """
    values = _values(person_id, post)
    _lock(_LOCK_POSTS, person_id)
    if _standing(person_id, now) >= MY_POSTS:
        raise TooManyPosts(most=MY_POSTS)
    id_ = next_id("content_post")
    no = number("B", id_, now)
    Post.objects.create(id=id_, no=no, person_id=person_id, posted_at=now, expires_at=now + STANDS, **values)
    return no


@transaction.atomic
def change_post(*, person_id: int, no: str, post: NewPost, now: datetime) -> None:
    """Write a post anew: it is looked at again, and then seen for another 30 days.

    Raises:
        NotFound: not the person's. NotShown: the operator hid it.
        TooManyPosts, PictureUnknown, Invalid: see post_on_board.
    """
    values = _values(person_id, post)
    _lock(_LOCK_POSTS, person_id)
    stands = Post.objects.select_for_update().filter(no=no, person_id=person_id).first()
    if stands is None:
        raise NotFound
    if stands.state == Seen.HIDDEN:
        raise NotShown
    counted = stands.state in {Seen.PENDING, Seen.SHOWN} and stands.expires_at >= now
    if _standing(person_id, now) - counted >= MY_POSTS:
        raise TooManyPosts(most=MY_POSTS)
    Post.objects.filter(id=stands.id).update(**values, reason="", posted_at=now, expires_at=now + STANDS)


@transaction.atomic
def close_post(*, person_id: int, no: str) -> None:
    """Take one's own post off the board; one that is off already stays so.

    Raises:
        NotFound: not the person's.
    """
    if not Post.objects.filter(no=no, person_id=person_id).update(state=Seen.CLOSED.value):
        raise NotFound


def expire_posts(*, now: datetime) -> int:
    """Close posts that were seen for their 30 days, and return how many."""
    over = Post.objects.filter(state=Seen.SHOWN.value, expires_at__lt=now)
    return over.update(state=Seen.CLOSED.value)


@transaction.atomic
def decide_posts(*, nos: Sequence[str], shown: bool, reason: str = "", actor: Actor, now: datetime) -> int:
    """Pass or reject posts that wait, hide those that are seen, show hidden ones again; tell who wrote them.

    Returns how many changed.

    Raises:
        NotFound: a number of nothing.
        Invalid: a rejection says why.
    """
    reason = "" if shown else _reason(reason)
    found = list(Post.objects.select_for_update().filter(no__in=nos).order_by("id"))
    if len(found) < len(set(nos)):
        raise NotFound
    moved = []
    for post in found:
        to = Seen.SHOWN if shown else Seen.HIDDEN if post.state == Seen.SHOWN else Seen.REJECTED
        if to in Seen(post.state).exits:
            moved.append((post, to))
            Post.objects.filter(id=post.id).update(state=to.value, reason=reason)
    acts = [(post.no, {"state": to.value, "reason": reason}) for post, to in moved]
    audit.record_many(actor=actor, action="post.decide", acts=acts, now=now)
    kind = "post_approved" if shown else "post_rejected"
    facts = {} if shown else {"reason": reason}
    told = [(post.person_id, {"title": post.title, **facts}, post.no) for post, _ in moved]
    messages.tell_persons(kind=kind, told=told, now=now)
    return len(moved)


@transaction.atomic
def remark(*, person_id: int, post_no: str = "", talk_no: str = "", text: str, now: datetime) -> str:
    """Say something in a talk, or (with `post_no`) begin one about a post with who wrote it; return the talk's number.

    The other is told. A talk goes on when its post is gone; none begins about a post that isn't seen.

    Raises:
        NotFound: no such post to be seen, one's own post, or not a talk of the person's.
        ShutOut: one of the two shut the other out.
        TooManyRemarks: 30 in ten minutes, or 20 talks begun in a day.
        Invalid: text.
    """
    text = _text("text", text, 500)
    _lock(_LOCK_REMARKS, person_id)
    lately = Remark.objects.filter(person_id=person_id, at__gt=now - REMARKS_IN).count()
    if lately >= REMARKS:
        raise TooManyRemarks
    talk = _begun(person_id, post_no, now) if post_no else _talk(person_id, talk_no)
    other = talk.asker_id if talk.owner_id == person_id else talk.owner_id
    if Shut.objects.filter(Q(person_id=other, other_id=person_id) | Q(person_id=person_id, other_id=other)).exists():
        raise ShutOut
    Remark.objects.create(talk=talk, person_id=person_id, text=text, at=now)
    unread = "asker_unread" if other == talk.asker_id else "owner_unread"
    Talk.objects.filter(id=talk.id).update(last_text=text, last_at=now, **{unread: F(unread) + 1})
    name = people.refs([person_id])[person_id].nickname
    facts = {"name": name or "—", "title": talk.post.title, "text": text[:60]}
    messages.tell_person(person_id=other, kind="board_message", facts=facts, object_=talk.no, now=now)
    return talk.no


@transaction.atomic
def seen_talk(*, person_id: int, talk_no: str) -> None:
    """Note that a person read a talk.

    Raises:
        NotFound: not one of theirs.
    """
    talk = _talk(person_id, talk_no)
    unread = "owner_unread" if talk.owner_id == person_id else "asker_unread"
    Talk.objects.filter(id=talk.id).update(**{unread: 0})


@transaction.atomic
def shut(*, person_id: int, talk_no: str, out: bool, now: datetime) -> None:
    """Want no messages of who is in a talk, or want them again; what stands so already stays.

    Raises:
        NotFound: not a talk of the person's.
    """
    talk = _talk(person_id, talk_no)
    other = talk.asker_id if talk.owner_id == person_id else talk.owner_id
    if out:
        Shut.objects.bulk_create([Shut(person_id=person_id, other_id=other, at=now)], ignore_conflicts=True)
    else:
        Shut.objects.filter(person_id=person_id, other_id=other).delete()


@transaction.atomic
def complain(*, person_id: int, post_no: str, reason: str, now: datetime) -> None:
    """Report a post to the operator; each person a post once.

    Raises:
        NotFound: no such post to be seen. AlreadySaid: the person reported it. Invalid: reason.
    """
    reason = _reason(reason)
    post_id = _seen(post_no, now).id
    try:
        with transaction.atomic():
            Complaint.objects.create(post_id=post_id, person_id=person_id, reason=reason, at=now)
    except IntegrityError as error:
        if "content_complaint_once" not in str(error):
            raise
        raise AlreadySaid from error


@transaction.atomic
def decide_complaint(*, complaint_id: int, upheld: bool, reason: str = "", actor: Actor, now: datetime) -> None:
    """Uphold a report, which hides its post, or put it aside.

    Raises:
        NotFound: no such report. NotShown: it was decided. Invalid: who hides says why.
    """
    found = Complaint.objects.filter(id=complaint_id).values_list("post__no", flat=True).first()
    if found is None:
        raise NotFound
    if not Complaint.objects.filter(id=complaint_id, decided_at=None).update(decided_at=now, upheld=upheld):
        raise NotShown
    facts = {"post": found, "upheld": upheld}
    audit.record(actor=actor, action="complaint.decide", object_=str(complaint_id), facts=facts, now=now)
    if upheld:
        decide_posts(nos=[found], shown=False, reason=reason, actor=actor, now=now)


def _begun(person_id: int, post_no: str, now: datetime) -> Talk:
    post = _seen(post_no, now)
    if post.person_id == person_id:
        raise NotFound
    stands = Talk.objects.select_related("post").filter(post=post, asker_id=person_id).first()
    if stands is not None:
        return stands
    begun = Remark.objects.filter(person_id=person_id, at__gt=now - NEW_TALKS_IN, talk__asker_id=person_id)
    if begun.values("talk_id").distinct().count() >= NEW_TALKS:
        raise TooManyRemarks
    id_ = next_id("content_talk")
    talk = Talk(id=id_, no=number("T", id_, now), post=post, owner_id=post.person_id, asker_id=person_id, last_at=now)
    talk.save(force_insert=True)
    return talk


def _talk(person_id: int, talk_no: str) -> Talk:
    own = Q(owner_id=person_id) | Q(asker_id=person_id)
    found = Talk.objects.select_related("post").filter(own, no=talk_no).first()
    if found is None:
        raise NotFound
    return found


def _seen(post_no: str, now: datetime) -> Post:
    found = Post.objects.filter(no=post_no, state=Seen.SHOWN.value, expires_at__gte=now).first()
    if found is None:
        raise NotFound
    return found


def _standing(person_id: int, now: datetime) -> int:
    states = [Seen.PENDING.value, Seen.SHOWN.value]
    return Post.objects.filter(person_id=person_id, state__in=states, expires_at__gte=now).count()


def _values(person_id: int, post: NewPost) -> dict[str, object]:
    title, text = _text("title", post.title, 40), _text("text", post.text, 1000)
    city = post.city.strip()
    if len(city) > 20:
        raise Invalid(field="city", reason_zh="最多 20 个字符", reason_en="at most 20 characters")
    use_pictures(person_id=person_id, pictures=post.pictures)
    by_rule = settings.get("post_auto_pass") == 1
    words = blocked() if by_rule else []
    state = moderation.first_state([title, text, city], words, by_rule=by_rule, has_pictures=bool(post.pictures))
    looked_for = grams.normal(f"{title} {text} {city}")
    return {
        "kind": post.kind.value,
        "category": post.category.value,
        "title": title,
        "text": text,
        "city": city,
        "pictures": list(post.pictures),
        "words": looked_for,
        "grams": grams.grams(looked_for),
        "state": state.value,
    }


def _text(field: str, text: str, most: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= most:
        raise Invalid(field=field, reason_zh=f"须为 1 到 {most} 个字符", reason_en=f"it has 1 to {most} characters")
    return text


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= 200:
        raise Invalid(
            field="reason", reason_zh="请填写原因，最多 200 字", reason_en="say why, in at most 200 characters"
        )
    return reason


def _lock(kind: int, person_id: int) -> None:
    """Let a person's own parallel requests queue: two at once can't both be the last that is allowed."""
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [kind, person_id % 2**31])
