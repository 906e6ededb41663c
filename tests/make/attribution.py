"""Makers of attribution: places, links, touches, and the facts that a claim is asked with."""

import itertools
from datetime import UTC, datetime, timedelta

from tuike.attribution import queries, service
from tuike.attribution.types import (
    BindingPolicy,
    Buyer,
    Claim,
    ClaimAsk,
    Evidence,
    Led,
    LinkFacts,
    PlaceFacts,
    PromoterStanding,
    Target,
    Touched,
)
from tuike.parties.models import Merchant, Party, Promoter
from tuike.parties.types import BindingMode

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
"""1 March 2026, noon in Shanghai."""
VISITOR = "visitor0123456789"
_counter = itertools.count(1)


def bare_promoter(*, name: str = "推客", now: datetime = NOON) -> int:
    """Return a promoter's id: the rows that attribution's keys point at, and nothing more of a party."""
    party = Party.objects.create(no=f"AP{next(_counter)}", kind="promoter", name=name, created_at=now)
    Promoter.objects.create(party=party, subject_kind="individual")
    return party.pk


def bare_merchant(*, name: str = "小店", now: datetime = NOON) -> int:
    """Return a merchant's id, as bare as `bare_promoter`."""
    party = Party.objects.create(no=f"AM{next(_counter)}", kind="merchant", name=name, created_at=now)
    Merchant.objects.create(party=party, source="mini_store", subject_kind="individual")
    return party.pk


def place(*, promoter_id: int, name: str | None = None, now: datetime = NOON) -> PlaceFacts:
    """Return a new place of the promoter."""
    number = next(_counter)
    return service.add_place(promoter_id=promoter_id, name=name or f"推广位{number}", key=f"place-{number}", now=now)


def link(
    *,
    promoter_id: int,
    merchant_id: int,
    product_id: int | None = None,
    place_: PlaceFacts | None = None,
    now: datetime = NOON,
    **more: object,
) -> LinkFacts:
    """Return new material of the promoter, in a new place unless one is given."""
    place_ = place_ or place(promoter_id=promoter_id, now=now)
    leader = more.pop("leader", None)
    return service.make_links(
        promoter_id=promoter_id,
        pid=place_.pid,
        targets=[Target(merchant_id=merchant_id, product_id=product_id, leader=leader)],  # type: ignore[arg-type]
        key=f"link-{next(_counter)}",
        now=now,
        **more,  # type: ignore[arg-type]
    )[0]


def touch(
    *,
    link_: LinkFacts,
    now: datetime = NOON,
    buyer_id: int | None = None,
    visitor: str = "",
    policy: BindingPolicy | None = None,
) -> Touched:
    """Record a touch, of the visitor `VISITOR` unless a buyer or another is named."""
    if buyer_id is None and not visitor:
        visitor = VISITOR
    return service.touch(link=link_, now=now, buyer_id=buyer_id, visitor=visitor, policy=policy)


def ask(*, merchant_id: int, product_id: int = 1, **more: object) -> ClaimAsk:
    """Return the question for one order line."""
    number = next(_counter)
    facts: dict = {"line_id": 10_000_000 + number, "order_no": f"O{number}", **more}
    return ClaimAsk(merchant_id=merchant_id, product_id=product_id, **facts)


def claim(
    *asks: ClaimAsk,
    buyer_id: int,
    placed_at: datetime = NOON + timedelta(hours=1),
    visitor: str = "",
    promoters: dict[int, PromoterStanding] | None = None,
    binding: dict[int, BindingMode] | None = None,
    led: dict[tuple[str, int], Led] | None = None,
) -> list[Claim]:
    """Claim lines of one buyer as a flow would: everybody in the evidence is an ordinary promoter unless given."""
    found: Evidence = queries.evidence(buyer_id=buyer_id, visitor=visitor, asks=asks, placed_at=placed_at)
    return service.claim(
        asks=asks,
        evidence=found,
        buyer=Buyer(buyer_id=buyer_id),
        promoters={p: PromoterStanding(promoter_id=p) for p in found.promoter_ids} | (promoters or {}),
        binding=binding or {},
        placed_at=placed_at,
        led=led,
    )
