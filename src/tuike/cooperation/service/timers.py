"""What ends by itself: extensions that nobody answered, cooperations whose period is over (docs/rules.md §9)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import SYSTEM
from tuike.cooperation import queries, rules
from tuike.cooperation.service import telling
from tuike.db import rows

BATCH = 500
"""Enrolments that are tended in one transaction."""
_WAIT = f"interval '{rules.ANSWER_DAYS * 86_400} seconds'"

_DUE = f"""
    SELECT id FROM cooperation_enrolment WHERE id IN (
        SELECT id FROM cooperation_enrolment WHERE state IN ('applied', 'active') AND ends_at <= %(now)s
        UNION SELECT enrolment_id FROM cooperation_extension WHERE state = 'open' AND asked_at < %(now)s - {_WAIT}
    ) ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE SKIP LOCKED
"""
# An answer at exactly three days counts, so it lapses behind that; a cooperation that ends by then closes it instead.
_LAPSE = f"""
    UPDATE cooperation_extension x SET state = 'lapsed', decided_at = x.asked_at + {_WAIT}
    FROM cooperation_enrolment e
    WHERE e.id = x.enrolment_id AND e.id = ANY(%(ids)s) AND x.state = 'open'
      AND x.asked_at + {_WAIT} < %(now)s AND x.asked_at + {_WAIT} < e.ends_at
    RETURNING x.enrolment_id
"""
_CLOSE = """
    UPDATE cooperation_{what} w SET state = 'closed', decided_at = e.ends_at
    FROM cooperation_enrolment e
    WHERE e.id = w.enrolment_id AND e.id = ANY(%(ids)s) AND w.state = 'open' AND e.ends_at <= %(now)s
"""
_END = """
    UPDATE cooperation_enrolment
    SET state = CASE state WHEN 'active' THEN 'ended' ELSE 'rejected' END, end_cause = 'period',
        ended_at = CASE state WHEN 'active' THEN ends_at END, decided_at = coalesce(decided_at, ends_at)
    WHERE id = ANY(%(ids)s) AND state IN ('applied', 'active') AND ends_at <= %(now)s
    RETURNING id
"""


def settle(enrolment_ids: Sequence[int], now: datetime) -> int:
    """Let what has run out by `now` be over for enrolments that the caller has locked; return how many things ended.

    It ends at its own instant, however late anybody looks, and once: each statement moves what is still open only.
    """
    asked = {"ids": sorted(enrolment_ids), "now": now}
    lapsed = sorted({id_ for (id_,) in rows.query(_LAPSE, asked)})
    for what in ("cancel", "extension"):
        rows.run(_CLOSE.format(what=what), asked)
    ended = sorted(id_ for (id_,) in rows.query(_END, asked))
    if not lapsed and not ended:
        return 0
    shown = queries.enrolments_by_id([*lapsed, *ended])
    telling.tell("extension_lapsed", [shown[id_] for id_ in lapsed], now)
    telling.tell("cooperation_ended", [shown[id_] for id_ in ended], now)
    for action, ids in (("extension.lapse", lapsed), ("enrolment.end", ended)):
        acts = [(shown[id_].no, {"ends_at": shown[id_].ends_at.isoformat()}) for id_ in ids]
        audit.record_many(actor=SYSTEM, action=action, acts=acts, now=now)
    return len(lapsed) + len(ended)


@transaction.atomic
def tend(*, now: datetime) -> int:
    """Let a batch of what has run out be over; return how many things ended. Enrolments that somebody has in hand are
    left for the next time; two workers share the rest."""
    ids = [id_ for (id_,) in rows.query(_DUE, {"now": now})]
    return settle(ids, now) if ids else 0
