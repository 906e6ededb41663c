"""Promoters whom a merchant doesn't work with any more."""

from datetime import datetime

from django.db import transaction

from tuike.attribution.types import AlreadyBlocked, BlockReasonNeeded, NotBlocked
from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties

LONGEST_REASON = 200


@transaction.atomic
def block_promoter(*, merchant_id: int, promoter_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let nothing new be claimed by a promoter at a merchant, at once, and no new material be made (docs/rules.md §4).

    What was claimed before keeps its terms. The promoter can read the reason. Audited.

    Raises:
        BlockReasonNeeded: no reason, or one above 200 characters.
        NotFound: there is no such promoter or merchant.
        AlreadyBlocked: it holds already.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise BlockReasonNeeded
    promoter = _promoter(merchant_id, promoter_id)
    made = rows.query(
        "INSERT INTO attribution_block (merchant_id, promoter_id, reason, blocked_at, blocked_by)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (promoter_id, merchant_id) WHERE lifted_at IS NULL DO NOTHING"
        " RETURNING id",
        [merchant_id, promoter_id, reason, now, actor.person_id],
    )
    if not made:
        raise AlreadyBlocked
    facts = {"merchant": merchant_id, "reason": reason}
    audit.record(actor=actor, action="promoter.block", object_=promoter, facts=facts, now=now)


@transaction.atomic
def unblock_promoter(*, merchant_id: int, promoter_id: int, actor: Actor, now: datetime) -> None:
    """Work with a promoter again: orders placed from now on may be claimed. Audited.

    Raises:
        NotFound: there is no such promoter or merchant.
        NotBlocked: nothing holds.
    """
    promoter = _promoter(merchant_id, promoter_id)
    lifted = rows.run(
        "UPDATE attribution_block SET lifted_at = %s, lifted_by = %s"
        " WHERE merchant_id = %s AND promoter_id = %s AND lifted_at IS NULL",
        [now, actor.person_id, merchant_id, promoter_id],
    )
    if not lifted:
        raise NotBlocked
    audit.record(actor=actor, action="promoter.unblock", object_=promoter, facts={"merchant": merchant_id}, now=now)


def _promoter(merchant_id: int, promoter_id: int) -> str:
    found = parties.promoter_facts([promoter_id]).get(promoter_id)
    if found is None or not parties.merchant_facts([merchant_id]):
        raise NotFound
    return found.no
