"""Reads of offers: what a maker sees, what a promoter may reach, which offers a sale counts for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.rewards.types import AwardShown, Due, Measure, OfferShown, OfferState, ProgressShown, Sold

_OFFER = """
    SELECT o.id, o.no, o.merchant_id, o.name, o.measure, o.target, o.reward_fen, o.budget_fen, o.starts_at, o.ends_at,
           o.product_ids, o.state, o.granted_fen, o.returned_fen, o.category_ids, o.closed_at
    FROM rewards_offer o
"""
# Once an offer is closed only awards that live are still counted: they may be taken back, and nobody gets any more.
_CONCERNED = """
    SELECT DISTINCT o.id, s.promoter
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::bigint[])
        AS s (promoter, merchant, product, paid_at, category)
    JOIN rewards_offer o ON (o.merchant_id IS NULL OR o.merchant_id = s.merchant)
        AND o.starts_at <= s.paid_at AND s.paid_at < o.ends_at
        AND (cardinality(o.product_ids) = 0 OR s.product = ANY(o.product_ids))
        AND (cardinality(o.category_ids) = 0 OR s.category = ANY(o.category_ids))
    WHERE o.state = 'published' OR o.state = 'closed' AND EXISTS (
        SELECT 1 FROM rewards_award a
        WHERE a.offer_id = o.id AND a.promoter_id = s.promoter AND a.taken_back_at IS NULL)
    ORDER BY 1, 2
"""
_DUE = """
    SELECT p.promoter_id, p.reached_at FROM rewards_progress p
    WHERE p.offer_id = %s AND p.reached_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM rewards_award a
        WHERE a.offer_id = p.offer_id AND a.promoter_id = p.promoter_id AND a.taken_back_at IS NULL)
    ORDER BY p.reached_at, p.id
"""
_AWARD = """
    SELECT a.no, a.offer_id, a.promoter_id, a.sale_id, a.amount_fen, a.counted, a.reached_at, a.taken_back_at
    FROM rewards_award a
"""


def offers(*, merchant_id: int | None, after: int | None = None, limit: int = 20) -> list[OfferShown]:
    """Return a merchant's offers (None: the operator's), newest first; `after` is the last id of the page before."""
    return _offers(
        "WHERE o.merchant_id IS NOT DISTINCT FROM %s AND o.state <> 'deleted' AND (%s::bigint IS NULL OR o.id < %s)"
        " ORDER BY o.id DESC LIMIT %s",
        [merchant_id, after, after, max(1, min(limit, 100))],
    )


def offer(*, merchant_id: int | None, no: str) -> OfferShown:
    """Return a merchant's offer (None: the operator's).

    Raises:
        NotFound: not one of its maker's.
    """
    found = _offers("WHERE o.no = %s AND o.merchant_id IS NOT DISTINCT FROM %s", [no, merchant_id])
    if not found:
        raise NotFound
    return found[0]


def offers_by_id(offer_ids: Iterable[int]) -> dict[int, OfferShown]:
    """Return offers by id."""
    return {one.offer_id: one for one in _offers("WHERE o.id = ANY(%s)", [sorted(set(offer_ids))])}


def open_offers(*, at: datetime, limit: int = 100) -> list[OfferShown]:
    """Return the offers that any promoter may reach at `at`, those that end first: public."""
    return _offers(
        "WHERE o.state = 'published' AND o.starts_at <= %s AND o.ends_at > %s ORDER BY o.ends_at, o.id LIMIT %s",
        [at, at, limit],
    )


def concerned(sold: Sequence[Sold]) -> list[tuple[int, int]]:
    """Return which offers these sales count for: (offer, promoter)."""
    values = (
        (one.promoter_id, one.merchant_id, one.product_id, one.paid_at, category)
        for one in sold
        for category in one.categories or (None,)
    )
    return [tuple(row) for row in rows.query(_CONCERNED, rows.columns(values, 5))]


def due(offer: OfferShown) -> list[Due]:
    """Return who has reached an offer's target and has no award, in the order of reaching it."""
    return [Due(offer, promoter_id, at) for promoter_id, at in rows.query(_DUE, [offer.offer_id])]


def awards_of(*, offer_id: int, promoter_id: int | None = None) -> list[AwardShown]:
    """Return an offer's awards, in the order in which they were made; of one promoter where given."""
    return _awards(
        "WHERE a.offer_id = %s AND (%s::bigint IS NULL OR a.promoter_id = %s) ORDER BY a.id",
        [offer_id, promoter_id, promoter_id],
    )


def award_by_sale(sale_id: int) -> AwardShown | None:
    """Return the award that commission knows by this sale."""
    return next(iter(_awards("WHERE a.sale_id = %s", [sale_id])), None)


def progress(*, offer_id: int, promoter_id: int | None = None, limit: int = 100) -> list[ProgressShown]:
    """Return how far promoters are in an offer, who is farthest first; of one where given."""
    found = rows.query(
        "SELECT p.promoter_id, p.counted, p.reached_at, EXISTS (SELECT 1 FROM rewards_award a"
        " WHERE a.offer_id = p.offer_id AND a.promoter_id = p.promoter_id AND a.taken_back_at IS NULL)"
        " FROM rewards_progress p WHERE p.offer_id = %s AND (%s::bigint IS NULL OR p.promoter_id = %s)"
        " ORDER BY p.counted DESC, p.id LIMIT %s",
        [offer_id, promoter_id, promoter_id, limit],
    )
    return [ProgressShown(*row) for row in found]


def promoters_below(*, offer_id: int) -> list[int]:
    """Return who has sold something that an offer counts and holds no award."""
    found = rows.query(
        "SELECT p.promoter_id FROM rewards_progress p WHERE p.offer_id = %s AND p.counted > 0 AND NOT EXISTS ("
        "SELECT 1 FROM rewards_award a WHERE a.offer_id = p.offer_id AND a.promoter_id = p.promoter_id"
        " AND a.taken_back_at IS NULL) ORDER BY 1",
        [offer_id],
    )
    return [promoter_id for (promoter_id,) in found]


def to_close(*, ended_by: datetime) -> list[int]:
    """Return the published offers that ended by then, and closed ones: the latter may have got something back."""
    found = rows.query(
        "SELECT id FROM rewards_offer WHERE state = 'published' AND ends_at <= %s ORDER BY id LIMIT 500", [ended_by]
    )
    return [id_ for (id_,) in found]


def _offers(where: str, params: Sequence[object]) -> list[OfferShown]:
    # S608: the condition is one of this file's constants.
    return [
        OfferShown(
            *row[:4],
            Measure(row[4]),
            *row[5:10],
            tuple(row[10]),
            OfferState(row[11]),
            *row[12:14],
            tuple(row[14]),
            row[15],
        )
        for row in rows.query(f"{_OFFER} {where}", params)
    ]


def _awards(where: str, params: Sequence[object]) -> list[AwardShown]:
    return [AwardShown(*row) for row in rows.query(f"{_AWARD} {where}", params)]
