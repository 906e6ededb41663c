"""The operator decides a batch of what waits: one transaction, and of each row whether it was decided now or before."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.content.service import board, reviews
from tuike.content.types import Decided, Queue, Seen
from tuike.db import rows
from tuike.db.retry import retry

LOCK = {
    Queue.REVIEWS: "SELECT id FROM content_review WHERE no = ANY(%s) ORDER BY id FOR UPDATE",
    Queue.HIDING: "SELECT id FROM content_review WHERE no = ANY(%s) ORDER BY id FOR UPDATE",
    Queue.POSTS: "SELECT id FROM content_post WHERE no = ANY(%s) ORDER BY id FOR UPDATE",
    Queue.COMPLAINTS: "SELECT id FROM content_complaint WHERE id::text = ANY(%s) ORDER BY id FOR UPDATE",
}
"""Whoever decides rows holds them, in the order of ids; who comes second then sees what was decided."""

# What names a row, where it stands, and two facts of the queue. Reviews: waits (by itself or for what was added to it),
# waits by itself. To hide: is seen, its shop asks for it. Posts: waits, is seen. Reports: waits.
_LOOK = {
    Queue.REVIEWS: "SELECT r.no, CASE WHEN r.state = 'pending' THEN r.state ELSE coalesce(f.state, r.state) END,"
    " r.state = 'pending' OR coalesce(f.state, '') = 'pending', r.state = 'pending' FROM content_review r"
    " LEFT JOIN content_follow_up f ON f.review_id = r.id WHERE r.no = ANY(%s)",
    Queue.HIDING: "SELECT no, state, state = 'shown', hide_asked_at IS NOT NULL FROM content_review WHERE no = ANY(%s)",
    Queue.POSTS: "SELECT no, state, state = 'pending', state = 'shown' FROM content_post WHERE no = ANY(%s)",
    Queue.COMPLAINTS: "SELECT c.id::text, p.state, c.decided_at IS NULL, false FROM content_complaint c"
    " JOIN content_post p ON p.id = c.post_id WHERE c.id::text = ANY(%s)",
}


@retry
@transaction.atomic
def decide_queue(
    *,
    queue: Queue,
    nos: Sequence[str],
    shown: bool,
    reason: str = "",
    was: Seen = Seen.PENDING,
    actor: Actor,
    now: datetime,
) -> list[Decided]:
    """Pass (`shown`) or reject the rows of a queue that still stand there, all in one transaction, and return of each,
    in the order of `nos`, whether it was decided now and where it stands.

    Rows that somebody else decided meanwhile, or that are gone, stay as they are and hold up no other. `was`: where
    the posts of the list stood, waiting or shown. Reports are named by their id.

    Raises:
        Invalid: who rejects or hides says why.
    """
    wanted = list(dict.fromkeys(nos))
    rows.query(LOCK[queue], [wanted])
    found = {no: (waits, other) for no, _, waits, other in rows.query(_LOOK[queue], [wanted])}
    reason = "" if shown else reviews.reason_given(reason)
    if queue is Queue.REVIEWS:
        moved = _reviews(found, shown=shown, reason=reason, actor=actor, now=now)
    elif queue is Queue.HIDING:
        moved = [no for no, (seen, asked) in found.items() if (asked if shown else seen)]
        for no in moved:
            reviews.hide_review(no=no, hidden=not shown, reason=reason, actor=actor, now=now)
    elif queue is Queue.POSTS:
        moved = [no for no, (waits, seen) in found.items() if (seen if was is Seen.SHOWN else waits)]
        board.decide_posts(nos=moved, shown=shown, reason=reason, actor=actor, now=now)
    else:
        moved = [no for no, (waits, _) in found.items() if waits]
        for no in sorted(moved, key=int):
            board.decide_complaint(complaint_id=int(no), upheld=not shown, reason=reason, actor=actor, now=now)
    stands = {no: Seen(state) for no, state, *_ in rows.query(_LOOK[queue], [wanted])}
    return [Decided(no, now=no in set(moved), state=stands.get(no)) for no in wanted]


def _reviews(
    found: dict[str, tuple[bool, bool]], *, shown: bool, reason: str, actor: Actor, now: datetime
) -> list[str]:
    """Decide what of reviews waits: the review itself, else what was added to it; return whose."""
    themselves = [no for no, (_, itself) in found.items() if itself]
    added = [no for no, (waits, itself) in found.items() if waits and not itself]
    if themselves:
        reviews.decide_reviews(nos=themselves, shown=shown, reason=reason, actor=actor, now=now)
    if added:
        reviews.decide_additions(nos=added, shown=shown, reason=reason, actor=actor, now=now)
    return themselves + added
