"""Which touch earns an order line, or why none does (docs/rules.md §4). Pure: values in, values out."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tuike.attribution.types import (
    OUTDONE,
    WON,
    BindingFacts,
    BindingPolicy,
    Buyer,
    Claim,
    ClaimAsk,
    Evidence,
    Kind,
    Led,
    LinkFacts,
    PromoterStanding,
    Reason,
    TouchFacts,
)
from tuike.parties.types import BindingMode

PLACE_NAME = 20
CUSTOMIZE_INFO = 80
SHOWN_TOUCHES = 50
"""Touches whose verdict a claim keeps; a buyer with more has the rest counted."""

_VISITOR = re.compile(r"[0-9A-Za-z]{16,32}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all lines of one placement.

    `window` is how long before the order a touch may lie; `led` are by (activity number, product id) the
    enrolments in force when the order was placed: other material of leaders makes ordinary claims, without leader and
    service fee. `blocked` holds
    (merchant id, promoter id) of promoters whom a merchant had blocked by then.
    """

    placed_at: datetime
    window: timedelta
    binding: Mapping[int, BindingMode]
    led: Mapping[tuple[str, int], Led] = field(default_factory=dict)
    blocked: Set[tuple[int, int]] = frozenset()


def is_place_name(name: str) -> bool:
    """Return whether `name` (already stripped) may name a place: 1 to 20 visible characters."""
    return 1 <= len(name) <= PLACE_NAME and name.isprintable()


def is_customize_info(text: str) -> bool:
    """Return whether `text` may come back on orders: at most 80 visible characters."""
    return len(text) <= CUSTOMIZE_INFO and text.isprintable()


def is_wording(text: str, *, most: int) -> bool:
    """Return whether `text` may be handed out as wording: something, not too long, nothing in it that nobody sees."""
    return 0 < len(text) <= most and all(line.isprintable() for line in text.split("\n"))


def is_visitor(mark: str) -> bool:
    """Return whether `mark` is a visitor's mark as our doors make them: 16 to 32 letters and digits."""
    return _VISITOR.fullmatch(mark) is not None


def decide(
    ask: ClaimAsk, *, evidence: Evidence, buyer: Buyer, promoters: Mapping[int, PromoterStanding], terms: Terms
) -> Claim:
    """Return the claim of one line: the last valid touch, failing that a binding, failing that the reason.

    Whose touch wins is decided before whose purchase it is: a promoter's own purchase that doesn't earn is not handed
    on to the promoter of an earlier touch, and the same holds for a product that couldn't be promoted.
    """
    touches = sorted(
        (t for t in evidence.touches if t.merchant_id == ask.merchant_id),
        key=lambda t: (t.touched_at, t.touch_id),
        reverse=True,
    )
    verdicts = [_verdict(t, ask=ask, promoters=promoters, terms=terms) for t in touches]
    won = next((i for i, verdict in enumerate(verdicts) if verdict is None), None)
    facts = _facts(ask, touches, verdicts, won, terms)
    if won is not None:
        return _settle(ask, touches[won], Kind.MATERIAL, buyer=buyer, promoters=promoters, terms=terms, facts=facts)
    bound, why = _bound(ask, evidence.bindings.get(ask.merchant_id), promoters=promoters, terms=terms)
    if bound is not None:
        facts["binding"] = {"promoter": bound.promoter_id, "until": bound.until.isoformat(), "verdict": why or WON}
        if bound.released_by:
            facts["binding"]["released_by"] = bound.released_by
        if why is None:
            touch = replace(bound.touch, activity_no="")
            return _settle(ask, touch, Kind.BINDING, buyer=buyer, promoters=promoters, terms=terms, facts=facts)
    failed = [verdict for verdict in verdicts if verdict is not None]
    reason = max([Reason.NO_TOUCH, *failed, *([why] if why else [])], key=lambda r: r.telling)
    return _nobody(ask, reason, terms=terms, facts=facts)


def self_purchase(buyer: Buyer, promoter: PromoterStanding) -> str:
    """Return by what the buyer is the promoter (`person`, `administrator`, `phone`, `mark`), empty if they aren't the
    same."""
    if buyer.buyer_id in promoter.related_persons:
        return promoter.related_by or "person"
    return "mark" if buyer.marks & promoter.related_marks else ""


def binds_until(policy: BindingPolicy, touched_at: datetime) -> datetime | None:
    """Return the last instant of the protection that a touch gives, None where the merchant doesn't bind."""
    if policy.mode == BindingMode.OFF or policy.days <= 0:
        return None
    return touched_at + timedelta(days=policy.days)


def reported_touch(link: LinkFacts, *, at: datetime) -> TouchFacts:
    """Return a touch that an external shop reports with its order, by the link that its buyer came by at `at`."""
    return TouchFacts(
        touch_id=0,
        touched_at=at,
        link_id=link.link_id,
        place_id=link.place_id,
        promoter_id=link.promoter_id,
        merchant_id=link.merchant_id,
        product_id=link.product_id,
        expires_at=link.expires_at,
        activity_no=link.activity_no,
        customize_info=link.customize_info,
    )


def _verdict(
    touch: TouchFacts, *, ask: ClaimAsk, promoters: Mapping[int, PromoterStanding], terms: Terms
) -> Reason | None:
    """Return why this touch can't earn the line, None if it can. Checked from the least to the most telling.

    Both edges of the window are inclusive: a touch of the order's own instant, and one exactly a window before.
    """
    if touch.product_id is not None and touch.product_id != ask.product_id:
        return Reason.OTHER_PRODUCT
    if touch.touched_at > terms.placed_at:
        return Reason.TOUCH_AFTER_ORDER
    if terms.placed_at - touch.touched_at > terms.window:
        return Reason.WINDOW_PASSED
    if terms.placed_at >= touch.expires_at:
        return Reason.TICKET_EXPIRED
    return _standing(ask, touch.promoter_id, promoters=promoters, terms=terms)


def _standing(
    ask: ClaimAsk, promoter_id: int, *, promoters: Mapping[int, PromoterStanding], terms: Terms
) -> Reason | None:
    """Return why this promoter earns nothing of the line, whatever the buyer saw."""
    if promoters[promoter_id].suspended:
        return Reason.PROMOTER_SUSPENDED
    return Reason.PROMOTER_BLOCKED if (ask.merchant_id, promoter_id) in terms.blocked else None


def _bound(
    ask: ClaimAsk, binding: BindingFacts | None, *, promoters: Mapping[int, PromoterStanding], terms: Terms
) -> tuple[BindingFacts | None, Reason | None]:
    """Return the binding that the merchant's mode lets count, and why it doesn't earn the line, None if it does."""
    if binding is None or terms.binding.get(ask.merchant_id, BindingMode.OFF) == BindingMode.OFF:
        return None, None
    if binding.bound_at > terms.placed_at:
        return binding, Reason.TOUCH_AFTER_ORDER
    if terms.placed_at > binding.until:
        return binding, Reason.BINDING_EXPIRED
    return binding, _standing(ask, binding.promoter_id, promoters=promoters, terms=terms)


def _settle(
    ask: ClaimAsk,
    touch: TouchFacts,
    kind: Kind,
    *,
    buyer: Buyer,
    promoters: Mapping[int, PromoterStanding],
    terms: Terms,
    facts: dict[str, Any],
) -> Claim:
    if ask.not_promotable:
        return _nobody(ask, Reason.NOT_PROMOTABLE, terms=terms, facts=facts)
    same = self_purchase(buyer, promoters[touch.promoter_id])
    if same:
        facts["self_purchase_by"] = same
        if not ask.self_purchase_on:
            return _nobody(ask, Reason.SELF_PURCHASE_OFF, terms=terms, facts=facts)
    led = terms.led.get((touch.activity_no, ask.product_id))
    if touch.activity_no and led is None:
        facts["activity_ended"] = touch.activity_no
    facts["line"] = list(promoters[touch.promoter_id].line)
    if promoters[touch.promoter_id].stopped_above:
        facts["stopped_above"] = [[one, str(how)] for one, how in promoters[touch.promoter_id].stopped_above]
    return Claim(
        line_id=ask.line_id,
        order_no=ask.order_no,
        merchant_id=ask.merchant_id,
        kind=kind,
        made_at=terms.placed_at,
        promoter_id=touch.promoter_id,
        place_id=touch.place_id,
        link_id=touch.link_id,
        touch_id=touch.touch_id or None,
        leader_id=led.leader_id if led else None,
        activity_no=touch.activity_no if led else "",
        service_bps=led.service_bps if led else 0,
        enrolment_id=led.enrolment_id if led else None,
        self_purchase=bool(same),
        customize_info=touch.customize_info,
        facts=facts,
    )


def _nobody(ask: ClaimAsk, reason: Reason, *, terms: Terms, facts: dict[str, Any]) -> Claim:
    return Claim(
        line_id=ask.line_id,
        order_no=ask.order_no,
        merchant_id=ask.merchant_id,
        kind=Kind.NONE,
        made_at=terms.placed_at,
        reason=reason,
        facts=facts,
    )


def _facts(
    ask: ClaimAsk, touches: Sequence[TouchFacts], verdicts: Sequence[Reason | None], won: int | None, terms: Terms
) -> dict[str, Any]:
    """Return the evidence as it is kept: each touch with its own verdict, the latest first."""
    shown = [
        {
            "touch": touch.touch_id,
            "link": touch.link_id,
            "promoter": touch.promoter_id,
            "at": touch.touched_at.isoformat(),
            "verdict": str(verdict) if verdict else WON if i == won else OUTDONE,
        }
        for i, (touch, verdict) in enumerate(zip(touches, verdicts, strict=True))
    ]
    facts: dict[str, Any] = {
        "product": ask.product_id,
        "placed_at": terms.placed_at.isoformat(),
        "window_days": terms.window.days,
        "touches": shown[:SHOWN_TOUCHES],
    }
    if won is not None and won >= SHOWN_TOUCHES:
        facts["touches"].append(shown[won])
    if len(shown) > len(facts["touches"]):
        facts["touches_left_out"] = len(shown) - len(facts["touches"])
    if ask.not_promotable:
        facts["not_promotable"] = ask.not_promotable
    return facts
