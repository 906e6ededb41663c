"""Keeping reports, giving them out in order, and writing down what became of them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.inbox.types import MOST, Kept, Told, TooManyReports, Waiting, Why
from tuike.kit.ids import number

KEPT = timedelta(days=30)
"""How long reports that have ended are kept."""
_REPORT = {
    "id": "bigint",
    "merchant_id": "bigint",
    "external_no": "text",
    "content": "jsonb",
    "digest": "bytea",
    "state": "text",
    "code": "text",
    "details": "jsonb",
    "at": "timestamptz",
}
# One probe of the index per merchant, however many of its reports wait.
_NEXT = """
    SELECT merchant_id FROM inbox_report WHERE state = 'waiting' AND merchant_id > %s ORDER BY merchant_id LIMIT 1
"""


def keep(*, merchant_id: int, reports: Sequence[Told], now: datetime) -> Kept:
    """Keep a batch of reports in the caller's transaction, and return its number.

    A report that says the same as an earlier one of its order that wasn't refused is no new work: it is counted only.

    Raises:
        TooManyReports: none, or more than 1,000.
    """
    if not 1 <= len(reports) <= MOST:
        raise TooManyReports(most=MOST)
    known = {
        (external_no, bytes(digest))
        for external_no, digest in rows.query(
            "SELECT external_no, digest FROM inbox_report"
            " WHERE merchant_id = %s AND external_no = ANY(%s) AND state <> 'refused'",
            [merchant_id, [one.external_no for one in reports]],
        )
    }
    batch_id = rows.query("SELECT nextval('inbox_batch_ids')")[0][0]
    fresh = []
    for place, one in enumerate(reports):
        if (one.external_no, one.digest) not in known:
            known.add((one.external_no, one.digest))
            id_ = batch_id * MOST + place
            fresh.append((id_, merchant_id, one.external_no, one.content, one.digest, "waiting", "", "{}", now))
    no = number("RB", batch_id, now)
    rows.run(
        "INSERT INTO inbox_batch (id, no, merchant_id, reports, fresh, at) VALUES (%s, %s, %s, %s, %s, %s)",
        [batch_id, no, merchant_id, len(reports), len(fresh), now],
    )
    rows.insert("inbox_report", _REPORT, fresh)
    return Kept(no, len(reports), len(fresh))


def next_merchant(*, after: int) -> int | None:
    """Return the next merchant, by id, of whom a report waits."""
    found = rows.query(_NEXT, [after])
    return found[0][0] if found else None


def take(*, merchant_id: int, limit: int, ids: Sequence[int] | None = None) -> list[Waiting]:
    """Lock a merchant's oldest reports that wait (of `ids` alone, where they are given) and return them in order."""
    found = rows.query(
        "SELECT id, content::text FROM inbox_report WHERE merchant_id = %(merchant)s AND state = 'waiting'"
        " AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s)) ORDER BY id LIMIT %(limit)s FOR UPDATE",
        {"merchant": merchant_id, "ids": None if ids is None else list(ids), "limit": limit},
    )
    return [Waiting(id_, json.loads(content)) for id_, content in found]


def finish(*, ids: Sequence[int], now: datetime) -> None:
    """Write down that reports were worked off, in the transaction that did it."""
    rows.run("UPDATE inbox_report SET state = 'done', ended_at = %s WHERE id = ANY(%s)", [now, list(ids)])


def refuse(*, report_id: int, why: Why, now: datetime) -> tuple[int, str] | None:
    """Write down why a report couldn't be taken; return its shop and its order's number there.

    One that has ended stays as it is: None.
    """
    details = {"zh": why.zh, "en": why.en, "about": why.details}
    found = rows.query(
        "UPDATE inbox_report SET state = 'refused', code = %s, details = %s, ended_at = %s"
        " WHERE id = %s AND state = 'waiting' RETURNING merchant_id, external_no",
        [why.code, json.dumps(details), now, report_id],
    )
    return found[0] if found else None


def forget_old(*, now: datetime) -> int:
    """Remove reports that ended over 30 days ago, and batches of which nothing is left; return how many reports."""
    until = now - KEPT
    gone = rows.run("DELETE FROM inbox_report WHERE at < %s AND ended_at < %s", [until, until])
    rows.run(
        "DELETE FROM inbox_batch b WHERE at < %s AND NOT EXISTS"
        " (SELECT FROM inbox_report r WHERE r.id BETWEEN b.id * %s AND b.id * %s + %s)",
        [until, MOST, MOST, MOST - 1],
    )
    return gone
