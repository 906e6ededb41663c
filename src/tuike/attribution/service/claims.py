"""Claims: made at placement, one per order line, and kept for ever."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.attribution import queries, rules
from tuike.attribution.types import Buyer, Claim, ClaimAsk, ClaimWish, Evidence, Led, PromoterStanding
from tuike.db import rows
from tuike.parties.types import BindingMode
from tuike.settings import service as settings

_CLAIM = {
    "id": "bigint",
    "order_no": "text",
    "merchant_id": "bigint",
    "kind": "text",
    "made_at": "timestamptz",
    "reason": "text",
    "promoter_id": "bigint",
    "place_id": "bigint",
    "link_id": "bigint",
    "touch_id": "bigint",
    "leader_id": "bigint",
    "activity_no": "text",
    "service_bps": "int",
    "enrolment_id": "bigint",
    "self_purchase": "bool",
    "customize_info": "text",
    "facts": "jsonb",
}


@transaction.atomic(savepoint=False)
def claim(
    *,
    asks: Sequence[ClaimAsk],
    evidence: Evidence,
    buyer: Buyer,
    promoters: Mapping[int, PromoterStanding],
    binding: Mapping[int, BindingMode],
    placed_at: datetime,
    led: Mapping[tuple[str, int], Led] | None = None,
    window_days: int | None = None,
) -> list[Claim]:
    """Decide and keep who earns each line, or the reason why nobody does (docs/rules.md §4); in the asks' order.

    `evidence` comes from `queries.evidence`; `promoters` must hold everybody in `evidence.promoter_ids`; `binding` is
    each merchant's mode (none = off); `led` are of `evidence.led_by` the enrolments in force at `placed_at`;
    `window_days` is the setting of that name, where the caller has read it. A line that has a claim keeps it: the
    second call returns what the first one decided.
    """
    wish = ClaimWish(asks, evidence, buyer, placed_at, led or {})
    return claim_each(wishes=[wish], promoters=promoters, binding=binding, window_days=window_days)


@transaction.atomic(savepoint=False)
def claim_each(
    *,
    wishes: Sequence[ClaimWish],
    promoters: Mapping[int, PromoterStanding],
    binding: Mapping[int, BindingMode],
    window_days: int | None = None,
) -> list[Claim]:
    """Do what `claim` does for the lines of several placements, each with its own buyer and evidence; in their order.

    Where the evidence doesn't say who is blocked it is looked up, one question for each placement.
    """
    return add_claims(claims=foresee(wishes=wishes, promoters=promoters, binding=binding, window_days=window_days))


def foresee(
    *,
    wishes: Sequence[ClaimWish],
    promoters: Mapping[int, PromoterStanding],
    binding: Mapping[int, BindingMode],
    window_days: int | None = None,
) -> list[Claim]:
    """Return what `claim_each` would decide, and keep nothing."""
    window = timedelta(days=settings.get("touch_window_days") if window_days is None else window_days)
    decided: list[Claim] = []
    for wish in wishes:
        met, blocked = wish.evidence.promoter_ids, wish.evidence.blocked
        if blocked is None:
            blocked = queries.blocked(promoter_ids=met, at=wish.placed_at) if met else frozenset()
        terms = rules.Terms(
            placed_at=wish.placed_at,
            window=window,
            binding=binding,
            led=wish.led,
            blocked=blocked,
        )
        decided += [
            rules.decide(ask, evidence=wish.evidence, buyer=wish.buyer, promoters=promoters, terms=terms)
            for ask in wish.asks
        ]
    return decided


@transaction.atomic(savepoint=False)
def add_claims(*, claims: Sequence[Claim]) -> list[Claim]:
    """Keep claims that were decided elsewhere (imported history, corrections before payment) and return what stands.

    A line that has a claim keeps it. In order.
    """
    new = {c.line_id: c for c in claims}
    # Few are nearly always new, and the insert says which aren't; many are cheaper to copy, which can't say it.
    standing = queries.claims_of(new) if len(new) >= rows.COPIED else {}
    new = {line_id: c for line_id, c in new.items() if line_id not in standing}
    if len(new) >= rows.COPIED:
        # Many at once come with orders that this transaction has made: no twin can claim lines that it can't see.
        rows.insert("attribution_claim", _CLAIM, [_row(c) for c in new.values()])
    else:
        suffix = "ON CONFLICT (id) DO NOTHING RETURNING id"
        fresh = {id_ for (id_,) in rows.insert("attribution_claim", _CLAIM, map(_row, new.values()), suffix=suffix)}
        standing |= queries.claims_of(new.keys() - fresh) if len(fresh) < len(new) else {}
    return [standing.get(c.line_id) or new[c.line_id] for c in claims]


def _row(claim_: Claim) -> tuple:
    return (
        claim_.line_id,
        claim_.order_no,
        claim_.merchant_id,
        str(claim_.kind),
        claim_.made_at,
        str(claim_.reason or ""),
        claim_.promoter_id,
        claim_.place_id,
        claim_.link_id,
        claim_.touch_id,
        claim_.leader_id,
        claim_.activity_no,
        claim_.service_bps,
        claim_.enrolment_id,
        claim_.self_purchase,
        claim_.customize_info,
        json.dumps(dict(claim_.facts), ensure_ascii=False),
    )
