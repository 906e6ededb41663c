"""Reviews: written once a line, added to once, decided on, answered, hidden."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.content.models import BlockedWord, FollowUp, Review
from tuike.content.rules import moderation
from tuike.content.service.numbers import next_id
from tuike.content.service.pictures import use_pictures
from tuike.content.types import AlreadyReviewed, AlreadySaid, NewReview, NotShown, ReviewedLine, Seen
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.settings import service as settings

LONGEST = 500

# Reviews are locked in id order; what a product's sum gains or loses is of the rows that this statement moved.
_MOVE = """
    WITH held AS (SELECT id FROM content_review WHERE no = ANY(%(nos)s) ORDER BY id FOR UPDATE)
    UPDATE content_review r
    SET state = %(to)s, reason = %(reason)s, hide_asked = '', hide_asked_at = NULL
    FROM held WHERE r.id = held.id AND r.state = ANY(%(from)s)
    RETURNING r.product_id, r.score, r.no
"""
_SUM = """
    INSERT INTO content_review_sum AS s (product_id, reviews, scores)
    SELECT product_id, sum(many), sum(score)
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS w (product_id, many, score)
    GROUP BY product_id ORDER BY product_id
    ON CONFLICT (product_id) DO UPDATE SET reviews = s.reviews + EXCLUDED.reviews, scores = s.scores + EXCLUDED.scores
"""
_TAKE_OFF = """
    UPDATE content_review_sum s SET reviews = s.reviews - w.many, scores = s.scores - w.score
    FROM (SELECT product_id, sum(many)::int AS many, sum(score)::int AS score
          FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS w (product_id, many, score) GROUP BY 1) w
    WHERE s.product_id = w.product_id
"""


def blocked() -> list[str]:
    """Return the words with which no text passes by itself."""
    return list(BlockedWord.objects.values_list("text", flat=True))


@transaction.atomic
def write_review(*, buyer_id: int, line: ReviewedLine, review: NewReview, now: datetime) -> str:
    """Keep a buyer's review of a line and return its number; it is shown at once where the rule lets it
    (setting `review_auto_pass`; docs/rules.md §10). That the line is the buyer's and received the caller has looked at.

    Raises:
        AlreadyReviewed: the line has one.
        PictureUnknown: a picture that the buyer didn't hand in.
        Invalid: score or text.
    """
    if not 1 <= review.score <= 5:
        raise Invalid(field="score", reason_zh="评分须为 1 到 5", reason_en="a score is 1 to 5")
    text = _text(review.text, least=0)
    use_pictures(person_id=buyer_id, pictures=review.pictures)
    state = _first(text, review.pictures)
    id_ = next_id("content_review")
    no = number("E", id_, now)
    try:
        with transaction.atomic():
            Review.objects.create(
                id=id_,
                no=no,
                line_id=line.line_id,
                order_no=line.order_no,
                buyer_id=buyer_id,
                merchant_id=line.merchant_id,
                product_id=line.product_id,
                spec=line.spec,
                score=review.score,
                text=text,
                pictures=list(review.pictures),
                anonymous=review.anonymous,
                state=state.value,
                written_at=now,
            )
    except IntegrityError as error:
        if "line_id" not in str(error):
            raise
        raise AlreadyReviewed from error
    if state is Seen.SHOWN:
        rows.run(_SUM, [[line.product_id], [1], [review.score]])
    return no


@transaction.atomic
def add_to_review(*, buyer_id: int, no: str, text: str, pictures: Sequence[str], now: datetime) -> None:
    """Let a buyer add something to their review, once.

    Raises:
        NotFound: not the buyer's. AlreadySaid: something was added. NotShown: the review was rejected or hidden.
        PictureUnknown, Invalid: see write_review.
    """
    found = Review.objects.filter(no=no, buyer_id=buyer_id).values_list("id", "state").first()
    if found is None:
        raise NotFound
    if found[1] in {Seen.REJECTED, Seen.HIDDEN}:
        raise NotShown
    text = _text(text, least=1)
    use_pictures(person_id=buyer_id, pictures=pictures)
    made = rows.query(
        "INSERT INTO content_follow_up (review_id, text, pictures, state, reason, written_at)"
        " VALUES (%s, %s, %s, %s, '', %s) ON CONFLICT (review_id) DO NOTHING RETURNING review_id",
        [found[0], text, list(pictures), _first(text, pictures).value, now],
    )
    if not made:
        raise AlreadySaid


@transaction.atomic
def answer_review(*, merchant_id: int, no: str, text: str, actor: Actor, now: datetime) -> None:
    """Let a shop answer a review that is shown, once, and tell the buyer, whom it leads to the reviews of the order.

    Raises:
        NotFound: not about the shop's goods. NotShown: it isn't shown. AlreadySaid: it is answered. Invalid: text.
    """
    text = _text(text, least=1)
    found = (
        Review.objects.select_for_update(of=("self",))
        .filter(no=no, merchant_id=merchant_id)
        .values_list("id", "state", "answered_at", "buyer_id", "product__title", "order_no")
        .first()
    )
    if found is None:
        raise NotFound
    id_, state, answered_at, buyer_id, title, order_no = found
    if state != Seen.SHOWN:
        raise NotShown
    if answered_at is not None:
        raise AlreadySaid
    Review.objects.filter(id=id_).update(answer=text, answered_at=now)
    audit.record(actor=actor, action="review.answer", object_=no, facts={"answer": text}, now=now)
    facts = {"shop": parties.refs([merchant_id])[merchant_id].name, "title": title}
    messages.tell_person(person_id=buyer_id, kind="review_answered", facts=facts, object_=order_no, now=now)


@transaction.atomic
def ask_to_hide(*, merchant_id: int, no: str, reason: str, actor: Actor, now: datetime) -> None:
    """Let a shop ask the operator to hide a review that is shown; it stays until the operator decides.

    Raises:
        NotFound: not about the shop's goods. NotShown: it isn't shown. Invalid: reason.
    """
    reason = reason_given(reason)
    if not Review.objects.filter(no=no, merchant_id=merchant_id).exists():
        raise NotFound
    asked = Review.objects.filter(no=no, merchant_id=merchant_id, state=Seen.SHOWN.value)
    if not asked.update(hide_asked=reason, hide_asked_at=now):
        raise NotShown
    audit.record(actor=actor, action="review.ask_to_hide", object_=no, facts={"reason": reason}, now=now)


@transaction.atomic
def decide_reviews(*, nos: Sequence[str], shown: bool, reason: str = "", actor: Actor, now: datetime) -> int:
    """Pass or reject reviews that wait, or show hidden and rejected ones after all; return how many changed.

    Raises:
        NotFound: a number of nothing.
        Invalid: a rejection says why.
    """
    reason = "" if shown else reason_given(reason)
    to = Seen.SHOWN if shown else Seen.REJECTED
    moved = _move(nos, to, reason, actor, now)
    if shown:
        rows.run(_SUM, _changed(moved))
    return len(moved)


@transaction.atomic
def hide_review(*, no: str, hidden: bool, reason: str = "", actor: Actor, now: datetime) -> None:
    """Hide a review that is shown, with a reason; or leave it, against what its shop asked for (`hidden` False).

    Raises:
        NotFound: no such review. NotShown: it isn't shown. Invalid: reason.
    """
    if hidden:
        moved = _move([no], Seen.HIDDEN, reason_given(reason), actor, now)
        if not moved:
            raise NotShown
        rows.run(_TAKE_OFF, _changed(moved))
        return
    if not Review.objects.filter(no=no).exists():
        raise NotFound
    if not Review.objects.filter(no=no).exclude(hide_asked_at=None).update(hide_asked="", hide_asked_at=None):
        raise NotShown
    audit.record(actor=actor, action="review.keep", object_=no, facts={}, now=now)


@transaction.atomic
def decide_additions(*, nos: Sequence[str], shown: bool, reason: str = "", actor: Actor, now: datetime) -> int:
    """Pass or reject what was added to reviews (by the reviews' numbers) and waits; return how many changed.

    Raises:
        Invalid: a rejection says why.
    """
    reason = "" if shown else reason_given(reason)
    to = Seen.SHOWN if shown else Seen.REJECTED
    waiting = FollowUp.objects.filter(review__no__in=nos, state=Seen.PENDING.value).order_by("review_id")
    moved = list(waiting.select_for_update(of=("self",)).values_list("review_id", "review__no"))
    FollowUp.objects.filter(review_id__in=[id_ for id_, _ in moved]).update(state=to.value, reason=reason)
    acts = [(no, {"addition": to.value, "reason": reason}) for _, no in moved]
    audit.record_many(actor=actor, action="review.decide", acts=acts, now=now)
    return len(moved)


def _move(nos: Sequence[str], to: Seen, reason: str, actor: Actor, now: datetime) -> list[tuple[int, int, str]]:
    """Let reviews stand at `to` that may come there from where they stand; return their (product, score, number)."""
    wanted = sorted(set(nos))
    if Review.objects.filter(no__in=wanted).count() < len(wanted):
        raise NotFound
    params = {"nos": wanted, "to": to.value, "reason": reason, "from": [one.value for one in Seen if to in one.exits]}
    moved = rows.query(_MOVE, params)
    acts = [(no, {"state": to.value, "reason": reason}) for _, _, no in moved]
    audit.record_many(actor=actor, action="review.decide", acts=acts, now=now)
    return moved


def _changed(moved: Sequence[tuple[int, int, str]]) -> list[list[int]]:
    return [[product for product, _, _ in moved], [1] * len(moved), [score for _, score, _ in moved]]


def _first(text: str, pictures: Sequence[str]) -> Seen:
    by_rule = settings.get("review_auto_pass") == 1
    return moderation.first_state([text], blocked() if by_rule else [], by_rule=by_rule, has_pictures=bool(pictures))


def _text(text: str, *, least: int) -> str:
    text = text.strip()
    if not least <= len(text) <= LONGEST:
        raise Invalid(
            field="text",
            reason_zh=f"须为 {least} 到 {LONGEST} 个字符",
            reason_en=f"it has {least} to {LONGEST} characters",
        )
    return text


def reason_given(reason: str) -> str:
    """Return why something is rejected or hidden.

    Raises:
        Invalid: nothing, or more than 200 characters.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= 200:
        raise Invalid(
            field="reason", reason_zh="请填写原因，最多 200 字", reason_en="say why, in at most 200 characters"
        )
    return reason
