"""The curated pool (好物联盟): shops apply with products, the operator takes them in or out (docs/rules.md §9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.catalog.types import CannotBePromoted, NotPromotable
from tuike.cooperation import service as cooperation
from tuike.db.retry import retry
from tuike.flows import claiming
from tuike.flows.cooperating import once
from tuike.flows.keyed import keyed
from tuike.flows.target_promoters import By
from tuike.parties import queries as parties


@retry
def apply_to_pool(*, product_ids: Sequence[int], by: By) -> None:
    """Apply for the pool with products of a shop, all or none.

    Raises:
        NotFound, InPoolAlready: see cooperation.apply_to_pool. CannotBePromoted: a product, and why.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        cooperation.apply_to_pool(merchant_id=by.party_id, product_ids=product_ids, actor=by.actor, now=by.now)
        reasons = claiming.why_not_promotable(list(product_ids), parties.merchant_facts([by.party_id]), by.now)
        for id_, reason in sorted(reasons.items()):
            why, title = NotPromotable(reason), catalog.product_facts([id_])[id_].title
            raise CannotBePromoted(title=title, reason_zh=why.sentence("zh"), reason_en=why.sentence("en"))
        return {}

    once(by, "apply_to_pool", sorted(product_ids), work)


@retry
def take_back(*, application_ids: Sequence[int], by: By) -> None:
    """Take a shop's own products out of the pool, or its applications back.

    Raises:
        PoolDecided: one isn't in it, or not the shop's. CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        cooperation.remove_from_pool(
            application_ids=application_ids, reason="", merchant_id=by.party_id, actor=by.actor, now=by.now
        )
        return {}

    once(by, "take_back_from_pool", sorted(application_ids), work)


@retry
def decide_pool(
    *, application_ids: Sequence[int], accept: bool, reason: str, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """Take products into the pool, or turn them away with a reason.

    Raises:
        PoolDecided, Invalid: see cooperation.decide_pool. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        cooperation.decide_pool(application_ids=application_ids, accept=accept, reason=reason, actor=actor, now=now)

    content = [sorted(application_ids), accept, reason]
    keyed(scope="operator:decide_pool", key=key, content=content, now=now, work=work, again=lambda: None)


@retry
def remove_from_pool(
    *, application_ids: Sequence[int], reason: str, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """Take products out of the pool with a reason.

    Raises:
        PoolDecided, Invalid: see cooperation.remove_from_pool. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        cooperation.remove_from_pool(application_ids=application_ids, reason=reason, actor=actor, now=now)

    content = [sorted(application_ids), reason]
    keyed(scope="operator:remove_from_pool", key=key, content=content, now=now, work=work, again=lambda: None)
