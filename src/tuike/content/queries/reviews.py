"""Reviews as buyers, shops and the operator see them."""

from collections.abc import Iterable, Sequence
from typing import Any

from tuike.content.rules.moderation import average_tenths
from tuike.content.types import Around, FollowUpShown, ReviewShown, ReviewTotals, Seen, Waiting
from tuike.db import rows
from tuike.kit.errors import NotFound

_REVIEW = """
    SELECT r.id, r.no, r.line_id, r.order_no, r.buyer_id, p.nickname, r.merchant_id, r.product_id, g.no, g.title,
           r.spec, r.score, r.text, r.pictures, r.anonymous, r.state, r.reason, r.written_at, r.answer, r.answered_at,
           r.hide_asked, r.hide_asked_at, f.text, f.pictures, f.state, f.written_at
    FROM content_review r JOIN people_person p ON p.id = r.buyer_id JOIN catalog_product g ON g.id = r.product_id
    LEFT JOIN content_follow_up f ON f.review_id = r.id
"""


def reviews_of_product(*, product_id: int, before: str = "", limit: int = 20) -> list[ReviewShown]:
    """Return reviews of a product that are shown, newest first; `before` is the number of the last one seen."""
    return _page("r.product_id = %s AND r.state = 'shown'", [product_id], before, limit)


def around_product(*, merchant_id: int, product_id: int, limit: int) -> Around:
    """Return what stands around a product on its page, in one query: its shop's picture, how many reviews are shown and
    their average, the newest of them."""
    newest = f"{_REVIEW} WHERE r.product_id = %(product)s AND r.state = 'shown' ORDER BY r.id DESC LIMIT %(limit)s"
    found = rows.query(
        f"""
        SELECT coalesce(g.picture, ''), coalesce(s.reviews, 0), coalesce(s.scores, 0), n.*
        FROM (VALUES (1)) AS one (one)
        LEFT JOIN content_page g ON g.merchant_id = %(merchant)s
        LEFT JOIN content_review_sum s ON s.product_id = %(product)s
        LEFT JOIN LATERAL ({newest}) n ON true
        """,
        {"merchant": merchant_id, "product": product_id, "limit": limit},
    )
    picture, reviews, scores = found[0][:3]
    totals = ReviewTotals(reviews, average_tenths(reviews, scores)) if reviews else ReviewTotals(0, 0)
    return Around(picture, totals, tuple(_read(row[3:]) for row in found if row[3] is not None))


def reviews_of_lines(line_ids: Iterable[int]) -> dict[int, ReviewShown]:
    """Return by line its review, wherever it stands: for who wrote it."""
    found = rows.query(f"{_REVIEW} WHERE r.line_id = ANY(%s)", [sorted(set(line_ids))])
    return {one.line_id: one for one in map(_read, found)}


def totals_of(product_id: int) -> ReviewTotals:
    """Return how many reviews of a product are shown and their average."""
    found = rows.planned("SELECT reviews, scores FROM content_review_sum WHERE product_id = %s", [product_id])
    return ReviewTotals(found[0][0], average_tenths(*found[0])) if found else ReviewTotals(0, 0)


def reviews_for_desk(
    *, merchant_id: int | None = None, queue: str = "", before: str = "", limit: int = 20
) -> list[ReviewShown]:
    """Return a shop's reviews (None: everybody's, for the operator), newest first.

    `queue` narrows: `pending` waits itself or by what was added, `to_hide` its shop wants hidden, `unanswered`, or a
    state. A shop sees none that waits or was rejected.
    """
    holds, params = ["true"], list[Any]()
    if merchant_id is not None:
        holds.append("r.merchant_id = %s AND r.state IN ('shown', 'hidden')")
        params.append(merchant_id)
    match queue:
        case "pending":
            holds.append("(r.state = 'pending' OR f.state = 'pending')")
        case "to_hide":
            holds.append("r.hide_asked_at IS NOT NULL")
        case "unanswered":
            holds.append("r.state = 'shown' AND r.answered_at IS NULL")
        case "shown" | "rejected" | "hidden":
            holds.append("r.state = %s")
            params.append(queue)
    return _page(" AND ".join(holds), params, before, limit)


def review_for_desk(*, no: str, merchant_id: int | None = None) -> ReviewShown:
    """Return one review for a shop that it is about (None: for the operator).

    Raises:
        NotFound: no such review, or of another shop's goods.
    """
    found = rows.query(f"{_REVIEW} WHERE r.no = %s", [no])
    shown = [one for one in map(_read, found) if merchant_id in (None, one.merchant_id)]
    if not shown or (merchant_id is not None and shown[0].state not in {Seen.SHOWN, Seen.HIDDEN}):
        raise NotFound
    return shown[0]


def waiting() -> Waiting:
    """Return how much waits for the operator."""
    return Waiting(
        *rows.query(
            """
            SELECT (SELECT count(*) FROM content_review WHERE state = 'pending')
                   + (SELECT count(*) FROM content_follow_up WHERE state = 'pending'),
                   (SELECT count(*) FROM content_review WHERE hide_asked_at IS NOT NULL),
                   (SELECT count(*) FROM content_post WHERE state = 'pending'),
                   (SELECT count(*) FROM content_complaint WHERE decided_at IS NULL)
            """
        )[0]
    )


def _page(condition: str, params: Sequence[Any], before: str, limit: int) -> list[ReviewShown]:
    after, values = "", list(params)
    if before:
        after = " AND r.id < (SELECT id FROM content_review WHERE no = %s)"
        values.append(before)
    limit = max(1, min(limit, 100))
    return [
        _read(row) for row in rows.query(f"{_REVIEW} WHERE {condition}{after} ORDER BY r.id DESC LIMIT {limit}", values)
    ]


def _read(row: Sequence[Any]) -> ReviewShown:
    *own, text, pictures, state, written_at = row
    own[13], own[15] = tuple(own[13]), Seen(own[15])
    added = None if text is None else FollowUpShown(text, tuple(pictures), Seen(state), written_at)
    return ReviewShown(*own, added)
