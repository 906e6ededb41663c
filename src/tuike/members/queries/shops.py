"""A shop's own view of its members: who bought or marked it, which are meant, tags, segments.

Members of a shop are persons with a paid order in it, and those who marked it; erased persons aren't.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.members.types.facts import Asked, MemberRow, SegmentShown, TagShown

_MEMBERS = """
    WITH bought AS (
        SELECT person_id, count(*) AS orders, sum(paid_fen - refunded_fen) AS paid_fen, max(paid_at) AS last_at
        FROM members_purchase WHERE merchant_id = %(merchant)s GROUP BY person_id
    ), marked AS (
        SELECT DISTINCT person_id FROM members_favourite WHERE merchant_id = %(merchant)s AND kind = 'shop'
    ), members AS (
        SELECT coalesce(b.person_id, k.person_id) AS person_id, coalesce(b.orders, 0) AS orders,
            coalesce(b.paid_fen, 0) AS paid_fen, b.last_at, k.person_id IS NOT NULL AS favourite
        FROM bought b FULL JOIN marked k ON k.person_id = b.person_id
    )
"""
_FROM = """
    FROM members m JOIN people_person p ON p.id = m.person_id AND p.erased_at IS NULL
    LEFT JOIN members_member g ON g.person_id = m.person_id
    WHERE (%(words)s = '' OR starts_with(lower(p.nickname), lower(%(words)s)) OR p.no = %(words)s
            OR p.id = %(phone_of)s)
        AND coalesce(g.growth, 0) >= %(growth)s AND m.paid_fen >= %(paid)s AND m.orders >= %(orders)s
        AND (%(since)s::timestamptz IS NULL OR m.last_at >= %(since)s)
        AND (%(not_since)s::timestamptz IS NULL OR m.last_at < %(not_since)s)
        AND (%(tag)s = '' OR EXISTS (
            SELECT FROM members_tagging x JOIN members_tag t ON t.id = x.tag_id
            WHERE t.merchant_id = %(merchant)s AND t.no = %(tag)s AND x.person_id = m.person_id))
"""
_CONSENTED = """
        AND (SELECT c.given FROM members_consent c WHERE c.person_id = m.person_id ORDER BY c.id DESC LIMIT 1)
"""


def shop_members(
    *, merchant_id: int, asked: Asked, now: datetime, phone_of: int | None = None, before: int | None = None, limit: int
) -> list[MemberRow]:
    """Return a page of a shop's members who are meant, those who came last to the mall first, after person `before`.

    `phone_of` is the person whose phone number was searched for.
    """
    found = rows.query(
        f"{_MEMBERS} SELECT m.person_id, coalesce(g.growth, 0), m.orders, m.paid_fen, m.last_at, m.favourite {_FROM}"
        " AND (%(before)s::bigint IS NULL OR m.person_id < %(before)s) ORDER BY m.person_id DESC LIMIT %(limit)s",
        _params(merchant_id, asked, now, phone_of) | {"before": before, "limit": limit},
    )
    return [_row(row) for row in found]


def shop_member(*, merchant_id: int, person_id: int) -> MemberRow:
    """Return one member of a shop.

    Raises:
        NotFound: no member of the shop.
    """
    asked = _params(merchant_id, Asked(), None, None)
    found = rows.query(
        f"{_MEMBERS} SELECT m.person_id, coalesce(g.growth, 0), m.orders, m.paid_fen, m.last_at, m.favourite {_FROM}"
        " AND m.person_id = %(person)s",
        asked | {"person": person_id},
    )
    if not found:
        raise NotFound
    return _row(found[0])


def count_meant(*, merchant_id: int, asked: Asked, now: datetime) -> tuple[int, int]:
    """Return how many of a shop's members are meant, and how many of these consented to hear from shops."""
    params = _params(merchant_id, asked, now, None)
    meant = rows.query(f"{_MEMBERS} SELECT count(*) {_FROM}", params)[0][0]
    reached = rows.query(f"{_MEMBERS} SELECT count(*) {_FROM} {_CONSENTED}", params)[0][0]
    return meant, reached


def meant_of(*, merchant_id: int, asked: Asked, now: datetime) -> list[int]:
    """Return the persons who are meant and consented to hear from shops."""
    found = rows.query(
        f"{_MEMBERS} SELECT m.person_id {_FROM} {_CONSENTED} ORDER BY 1", _params(merchant_id, asked, now, None)
    )
    return [row[0] for row in found]


def tags_of(merchant_id: int) -> list[TagShown]:
    """Return a shop's tags by name, with how many members have each."""
    found = rows.query(
        "SELECT t.no, t.name, count(x.id) FROM members_tag t LEFT JOIN members_tagging x ON x.tag_id = t.id"
        " WHERE t.merchant_id = %s GROUP BY t.id ORDER BY t.name",
        [merchant_id],
    )
    return [TagShown(*row) for row in found]


def tags_of_members(*, merchant_id: int, person_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the tags that a shop gave members, by person id."""
    found = rows.query(
        "SELECT x.person_id, array_agg(t.name ORDER BY t.name) FROM members_tagging x"
        " JOIN members_tag t ON t.id = x.tag_id WHERE t.merchant_id = %s AND x.person_id = ANY(%s) GROUP BY 1",
        [merchant_id, sorted(set(person_ids))],
    )
    return dict(found)


def segments_of(merchant_id: int) -> list[SegmentShown]:
    """Return a shop's segments by name."""
    return _segments("merchant_id = %s", [merchant_id])


def segment_of(*, merchant_id: int, no: str) -> SegmentShown:
    """Return a shop's segment.

    Raises:
        NotFound: not the shop's.
    """
    found = _segments("merchant_id = %s AND no = %s", [merchant_id, no])
    if not found:
        raise NotFound
    return found[0]


def _segments(condition: str, params: Sequence[Any]) -> list[SegmentShown]:
    found = rows.query(f"SELECT no, name, wanted::text FROM members_segment WHERE {condition} ORDER BY name", params)
    return [SegmentShown(no, name, Asked(**json.loads(wanted))) for no, name, wanted in found]


def _params(merchant_id: int, asked: Asked, now: datetime | None, phone_of: int | None) -> dict[str, Any]:
    within, without = asked.bought_within_days, asked.not_for_days
    return {
        "merchant": merchant_id,
        "words": asked.words.strip(),
        "phone_of": phone_of,
        "growth": asked.growth or 0,
        "paid": asked.paid_fen or 0,
        "orders": asked.orders or 0,
        "since": now - timedelta(days=within) if now and within is not None else None,
        "not_since": now - timedelta(days=without) if now and without is not None else None,
        "tag": asked.tag or "",
    }


def _row(row: Sequence[Any]) -> MemberRow:
    return MemberRow(
        person_id=row[0], growth=row[1], orders=row[2], paid_fen=int(row[3]), last_at=row[4], favourite=row[5]
    )
