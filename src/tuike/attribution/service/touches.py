"""Touches and the bindings that they make."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.attribution import rules
from tuike.attribution.types import BadVisitor, BindingPolicy, LinkFacts, Touched
from tuike.db import rows
from tuike.parties.types import BindingMode

_BIND = """
    INSERT INTO attribution_binding AS b (merchant_id, buyer_id, promoter_id, touch_id, bound_at, until, released_by)
    VALUES (%s, %s, %s, %s, %s, %s, '')
    ON CONFLICT (merchant_id, buyer_id) DO UPDATE
    SET promoter_id = excluded.promoter_id, touch_id = excluded.touch_id, bound_at = excluded.bound_at,
        until = excluded.until, released_at = NULL, released_by = ''
"""
_UNLESS_OUTDONE = {
    # The protection's last instant still protects; a touch that comes to light late never replaces a later one.
    # One that was released protects nobody from then on, but only from then on.
    BindingMode.FIRST: " WHERE b.until < excluded.bound_at OR b.released_at <= excluded.bound_at",
    BindingMode.LAST: (
        " WHERE (b.bound_at, b.touch_id) <= (excluded.bound_at, excluded.touch_id)"
        " AND (b.released_at IS NULL OR b.released_at <= excluded.bound_at)"
    ),
}


@transaction.atomic
def touch(
    *,
    link: LinkFacts,
    now: datetime,
    visitor: str = "",
    buyer_id: int | None = None,
    policy: BindingPolicy | None = None,
) -> Touched:
    """Record that a visitor or a buyer saw `link`'s material, and bind a buyer if the merchant's `policy` says so.

    Expired material is recorded too (it explains why nobody earned), but it binds nobody (docs/rules.md §4). A link is
    found by `queries.link_of`.

    Raises:
        BadVisitor: neither a buyer nor a well-formed visitor.
    """
    if (visitor or buyer_id is None) and not rules.is_visitor(visitor):
        raise BadVisitor
    touch_id = rows.query(
        "INSERT INTO attribution_touch (visitor, buyer_id, link_id, touched_at) VALUES (%s, %s, %s, %s) RETURNING id",
        [visitor, buyer_id, link.link_id, now],
    )[0][0]
    if buyer_id is not None and policy is not None and link.good_at(now):
        _bind(
            policy,
            merchant_id=link.merchant_id,
            buyer_id=buyer_id,
            promoter_id=link.promoter_id,
            touch_id=touch_id,
            touched_at=now,
        )
    return Touched(touch_id=touch_id, link=link, expired=not link.good_at(now))


@transaction.atomic
def merge_visitor(*, visitor: str, buyer_id: int, policies: Mapping[int, BindingPolicy]) -> int:
    """Move the touches of a visitor who logged in to the buyer, with the bindings they make; return how many.

    `policies` by merchant: see `queries.merchants_touched`. A touch that already is somebody's stays theirs.

    Raises:
        BadVisitor: the visitor's mark is malformed.
    """
    if not rules.is_visitor(visitor):
        raise BadVisitor
    moved = rows.query(
        "UPDATE attribution_touch t SET buyer_id = %s FROM attribution_link l"
        " WHERE t.visitor = %s AND t.buyer_id IS NULL AND l.id = t.link_id"
        " RETURNING t.touched_at, t.id, l.merchant_id, l.promoter_id, l.expires_at",
        [buyer_id, visitor],
    )
    for touched_at, touch_id, merchant_id, promoter_id, expires_at in sorted(moved):
        policy = policies.get(merchant_id)
        if policy is not None and touched_at < expires_at:
            _bind(
                policy,
                merchant_id=merchant_id,
                buyer_id=buyer_id,
                promoter_id=promoter_id,
                touch_id=touch_id,
                touched_at=touched_at,
            )
    return len(moved)


def _bind(
    policy: BindingPolicy, *, merchant_id: int, buyer_id: int, promoter_id: int, touch_id: int, touched_at: datetime
) -> None:
    until = rules.binds_until(policy, touched_at)
    if until is not None:
        statement = _BIND + _UNLESS_OUTDONE[policy.mode]
        rows.run(statement, [merchant_id, buyer_id, promoter_id, touch_id, touched_at, until])
