"""The curated pool (好物联盟): shops apply with products, the operator decides (docs/rules.md §9)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.cooperation.service.texts import reason_of
from tuike.cooperation.types import InPoolAlready, PoolDecided, PoolState
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.messages import service as messages

_TYPES = {
    "merchant_id": "bigint",
    "product_id": "bigint",
    "state": "text",
    "reason": "text",
    "applied_at": "timestamptz",
}
_ONCE = "ON CONFLICT (product_id) WHERE state IN ('applied', 'listed') DO NOTHING RETURNING product_id"


@transaction.atomic
def apply_to_pool(*, merchant_id: int, product_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Apply for the pool with products of a shop, all or none.

    Raises:
        NotFound: not a product of the shop. InPoolAlready: one is in it, or applied for.
    """
    wanted = sorted(set(product_ids))
    products = catalog.product_facts(wanted)
    if not wanted or any(id_ not in products or products[id_].merchant_id != merchant_id for id_ in wanted):
        raise NotFound
    made = [(merchant_id, id_, PoolState.APPLIED.value, "", now) for id_ in wanted]
    new = {id_ for (id_,) in rows.insert("cooperation_pool", _TYPES, made, suffix=_ONCE)}
    if known := [id_ for id_ in wanted if id_ not in new]:
        raise InPoolAlready(title=products[known[0]].title)
    acts: list[tuple[str, dict]] = [(products[id_].product_no, {}) for id_ in wanted]
    audit.record_many(actor=actor, action="pool.apply", acts=acts, now=now)


@transaction.atomic
def decide_pool(*, application_ids: Sequence[int], accept: bool, reason: str = "", actor: Actor, now: datetime) -> None:
    """Take products into the pool, or turn them away with a reason; all or none. The shops are told.

    Raises:
        PoolDecided: one doesn't wait for a decision. Invalid: no reason for turning away, or too long a one.
    """
    to = PoolState.LISTED if accept else PoolState.REJECTED
    text = reason_of(reason, needed=not accept)
    _move(application_ids, from_=[PoolState.APPLIED], to=to, reason=text, actor=actor, now=now)


@transaction.atomic
def remove_from_pool(
    *, application_ids: Sequence[int], reason: str, merchant_id: int | None = None, actor: Actor, now: datetime
) -> None:
    """Take products out of the pool, or applications back (with `merchant_id`: by their shop); all or none.

    Raises:
        PoolDecided: one isn't in it, or not the shop's. Invalid: the reason.
    """
    text = reason_of(reason, needed=merchant_id is None)
    from_ = [PoolState.APPLIED, PoolState.LISTED]
    to = PoolState.REMOVED
    _move(application_ids, from_=from_, to=to, reason=text, actor=actor, now=now, merchant_id=merchant_id)


def _move(
    application_ids: Sequence[int],
    *,
    from_: Sequence[PoolState],
    to: PoolState,
    reason: str,
    actor: Actor,
    now: datetime,
    merchant_id: int | None = None,
) -> None:
    found = rows.query(
        "UPDATE cooperation_pool SET state = %s, reason = %s, decided_at = %s, decided_by = %s"
        " WHERE id = ANY(%s) AND state = ANY(%s) AND (%s::bigint IS NULL OR merchant_id = %s)"
        " RETURNING merchant_id, product_id",
        [
            to.value,
            reason,
            now,
            actor.person_id,
            list(application_ids),
            [one.value for one in from_],
            merchant_id,
            merchant_id,
        ],
    )
    if not found or len(found) != len(set(application_ids)):
        raise PoolDecided
    products = catalog.product_facts([id_ for _, id_ in found])
    told = []
    for owner, id_ in sorted(found):
        facts = {"product": products[id_].title, "no": products[id_].product_no, "reason": reason or "—"}
        told.append((owner, facts, products[id_].product_no))
    messages.tell_many(kind=f"pool_{to.value}", told=told, now=now)
    acts = [(no, {"reason": reason}) for _, _, no in told]
    audit.record_many(actor=actor, action=f"pool.{to.value}", acts=acts, now=now)
