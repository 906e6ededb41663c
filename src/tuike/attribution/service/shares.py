"""Shares: material that its promoter copied, downloaded or posted."""

from datetime import datetime

from tuike.attribution.types import LinkNotFound, ShareKind, Surface
from tuike.db import rows
from tuike.kit.errors import Invalid

LONGEST_KEY = 80


def record_share(*, promoter_id: int, code: str, kind: ShareKind, surface: Surface, key: str, now: datetime) -> bool:
    """Note that a promoter shared material of its own; return whether that is new: a key counts once, the first time.

    Each statement that counts shares reads them by their instant (docs/rules.md §4).

    Raises:
        LinkNotFound: the code isn't of this promoter's material.
        Invalid: no key, or longer than 80 characters.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(field="key", reason_zh="须为 1 至 80 个可见字符", reason_en="takes 1 to 80 visible characters")
    found = rows.query(
        """
        WITH material AS (
            SELECT id, promoter_id, place_id, merchant_id, product_id FROM attribution_link
            WHERE code = %(code)s AND promoter_id = %(promoter)s
        ), added AS (
            INSERT INTO attribution_share (link_id, promoter_id, place_id, merchant_id, product_id, kind, surface, key,
                at)
            SELECT id, promoter_id, place_id, merchant_id, product_id, %(kind)s, %(surface)s, %(key)s, %(now)s
            FROM material ON CONFLICT (promoter_id, key) DO NOTHING RETURNING id
        )
        SELECT (SELECT count(*) FROM material), (SELECT count(*) FROM added)
        """,
        {
            "code": code,
            "promoter": promoter_id,
            "kind": kind.value,
            "surface": surface.value,
            "key": key,
            "now": now,
        },
    )
    if not found[0][0]:
        raise LinkNotFound
    return bool(found[0][1])
