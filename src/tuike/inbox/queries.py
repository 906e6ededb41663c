"""Reading batches and reports, by the merchant whose they are."""

import json
from collections.abc import Sequence

from tuike.db import rows
from tuike.inbox.types import MOST, BatchShown, ReportShown, ReportState, Why
from tuike.kit.errors import NotFound

_SHOWN = f"""
    SELECT b.no, r.id %% {MOST}, r.external_no, r.state, r.code, r.details::text, r.at, r.ended_at
    FROM inbox_report r JOIN inbox_batch b ON b.id = r.id / {MOST}
"""


def batch(*, merchant_id: int, no: str) -> BatchShown:
    """Return a batch with the reports of it that were refused.

    Raises:
        NotFound: not a batch of the merchant.
    """
    found = rows.query(
        "SELECT id, no, reports, fresh, at FROM inbox_batch WHERE merchant_id = %s AND no = %s", [merchant_id, no]
    )
    if not found:
        raise NotFound
    id_, no, reports, fresh, at = found[0]
    span = [id_ * MOST, id_ * MOST + MOST - 1]
    counts = dict(rows.query("SELECT state, count(*) FROM inbox_report WHERE id BETWEEN %s AND %s GROUP BY 1", span))
    refused = _shown("WHERE r.id BETWEEN %s AND %s AND r.state = 'refused' ORDER BY r.id", span)
    return BatchShown(no, reports, fresh, counts.get("waiting", 0), counts.get("done", 0), tuple(refused), at)


def reports_of_order(*, merchant_id: int, external_no: str, limit: int = 20) -> list[ReportShown]:
    """Return what a merchant has reported of an order, the latest first."""
    return _shown(
        "WHERE r.merchant_id = %s AND r.external_no = %s ORDER BY r.id DESC LIMIT %s", [merchant_id, external_no, limit]
    )


def waiting_count() -> int:
    """Return how many reports wait."""
    return rows.query("SELECT count(*) FROM inbox_report WHERE state = 'waiting'")[0][0]


def _shown(where: str, params: Sequence[object]) -> list[ReportShown]:
    shown = []
    for no, place, external_no, state, code, details, at, ended_at in rows.query(_SHOWN + where, params):
        said = json.loads(details)
        why = Why(code, said["zh"], said["en"], said["about"]) if code else None
        shown.append(ReportShown(no, place, external_no, ReportState(state), why, at, ended_at))
    return shown
