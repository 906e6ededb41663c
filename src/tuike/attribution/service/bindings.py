"""Bindings given up: by the merchant, who is on record with a reason, or by the buyer."""

from datetime import datetime

from django.db import transaction

from tuike.attribution.types import NotBound
from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows

_RELEASE = """
    UPDATE attribution_binding SET released_at = %(now)s, released_by = %(by)s
    WHERE merchant_id = %(merchant)s AND {which} AND released_at IS NULL AND until >= %(now)s AND bound_at <= %(now)s
    RETURNING id, promoter_id
"""


@transaction.atomic
def release_by_merchant(*, merchant_id: int, binding_id: int, reason: str, actor: Actor, now: datetime) -> int:
    """Let a merchant give a buyer's binding up: for orders from `now` on it has run out (docs/rules.md §4). Audited.
    Returns the promoter's id.

    Raises:
        NotBound: the merchant has no such binding that holds.
    """
    said = {"merchant": merchant_id, "id": binding_id, "by": "merchant", "now": now}
    found = rows.query(_RELEASE.format(which="id = %(id)s"), said)
    if not found:
        raise NotBound
    facts = {"merchant": merchant_id, "promoter": found[0][1], "reason": reason}
    audit.record(actor=actor, action="binding.release", object_=str(binding_id), facts=facts, now=now)
    return found[0][1]


@transaction.atomic
def release_by_buyer(*, merchant_id: int, buyer_id: int, now: datetime) -> int:
    """Let a buyer give up being bound at a merchant, as `release_by_merchant` does; returns the promoter's id.

    Raises:
        NotBound: the buyer isn't bound there now.
    """
    said = {"merchant": merchant_id, "buyer": buyer_id, "by": "buyer", "now": now}
    found = rows.query(_RELEASE.format(which="buyer_id = %(buyer)s"), said)
    if not found:
        raise NotBound
    return found[0][1]
