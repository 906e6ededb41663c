"""Shops choose promoters for targeted plans, and promoters ask and answer: each step under its caller's key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.idempotency import service as idempotency
from tuike.matching import queries as requests_of
from tuike.matching import service as matching
from tuike.matching.types import NewRequest, RequestShown
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import NotCertified, Suspended
from tuike.plans import queries as plans_of
from tuike.plans import service as plans
from tuike.plans.types import MemberState, NewTargetedPlan, PlanPart, TargetedPlanChange, TargetedPlanShown

PARTS = {
    PlanPart.NAME: ("名称", "name"),
    PlanPart.NOTE: ("说明", "description"),
    PlanPart.END: ("结束时间", "end"),
    PlanPart.RATES: ("商品与佣金率", "products and rates"),
}
"""What of a plan changed, as those who are in it are told."""


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: the shop or the promoter, the person, when, under which key."""

    party_id: int
    actor: Actor
    now: datetime
    key: str | None = None


@retry
def create_plan(*, plan: NewTargetedPlan, by: By) -> TargetedPlanShown:
    """Make a targeted plan; the same key again gives the same one.

    Raises:
        Invalid, StartsInPast, NotFound, BelowPublicRate, AboveCeiling: see plans.create_plan.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        return {"no": plans.create_plan(merchant_id=by.party_id, plan=plan, actor=by.actor, now=by.now).no}

    content = [plan.name, plan.note, plan.starts_at.isoformat(), plan.ends_at.isoformat(), sorted(plan.rates.items())]
    with transaction.atomic(durable=True):
        scope = f"merchant:{by.party_id}:create_plan"
        made = idempotency.once(scope=scope, key=by.key or "", content=content, now=by.now, work=work)
        return plans_of.targeted_plan(merchant_id=by.party_id, no=made["no"])


@retry
def change_plan(*, no: str, change: TargetedPlanChange, by: By) -> None:
    """Change a plan's words, end, or rates for times to come; who is in it is told what changed and from when.

    Raises:
        NotFound, PlanOver, Invalid, BelowPublicRate, AboveCeiling: see plans.change_plan.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        done = plans.change_plan(merchant_id=by.party_id, no=no, change=change, actor=by.actor, now=by.now)
        if not done.parts:
            return
        later = {PlanPart.END, PlanPart.RATES} & set(done.parts)
        facts = {
            "name": done.plan.name,
            "no": no,
            "from_at": (done.from_at if later else by.now).isoformat(),
            "what_zh": "、".join(PARTS[part][0] for part in done.parts),
            "what_en": ", ".join(PARTS[part][1] for part in done.parts),
        }
        inside = plans_of.members_of(plan_id=done.plan.plan_id, states=[MemberState.ACCEPTED])
        told = [(who, facts, no) for who in sorted(member.promoter_id for member in inside)]
        messages.tell_many(kind="plan_changed", told=told, now=by.now)

    content = {
        "no": no,
        "name": change.name,
        "note": change.note,
        "ends_at": change.ends_at.isoformat(),
        "rates": sorted(change.rates.items()),
    }
    _once(by, "change_plan", content, work)


@retry
def stop_plan(*, no: str, by: By) -> None:
    """Stop a plan from the next midnight on.

    Raises:
        NotFound, PlanOver: see plans.stop_plan. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        plans.stop_plan(merchant_id=by.party_id, no=no, actor=by.actor, now=by.now)

    _once(by, "stop_plan", {"no": no}, work)


@retry
def decide(*, no: str, promoter_ids: Sequence[int], accept: bool, reason: str, by: By) -> None:
    """Take applicants in, or turn them away; they are told.

    Raises:
        NotFound, NotOfferedSo, PlanOver, TooManyInPlan, AboveCeiling, Invalid: see plans.decide.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        plans.decide(
            merchant_id=by.party_id,
            no=no,
            promoter_ids=promoter_ids,
            accept=accept,
            reason=reason,
            actor=by.actor,
            now=by.now,
        )
        plan = plans_of.targeted_plan(merchant_id=by.party_id, no=no)
        facts = {"name": plan.name, "no": no, "reason": reason.strip() or "—"}
        kind = "plan_accepted" if accept else "plan_rejected"
        messages.tell_many(kind=kind, told=[(one, facts, no) for one in sorted(set(promoter_ids))], now=by.now)

    _once(by, "decide_plan", {"no": no, "who": sorted(promoter_ids), "accept": accept, "reason": reason}, work)


@retry
def invite(*, no: str, promoter_ids: Sequence[int], message: str, by: By) -> None:
    """Invite promoters into a plan; those who are new to it are told.

    Raises:
        NotFound, PlanOver, TooManyInPlan, Invalid: see plans.invite. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        invited = plans.invite(
            merchant_id=by.party_id, no=no, promoter_ids=promoter_ids, message=message, actor=by.actor, now=by.now
        )
        plan = plans_of.targeted_plan(merchant_id=by.party_id, no=no)
        shop = parties.refs([by.party_id])[by.party_id].name
        facts = {"name": plan.name, "shop": shop, "no": no}
        messages.tell_many(kind="plan_invited", told=[(one, facts, no) for one in invited], now=by.now)

    _once(by, "invite", {"no": no, "who": sorted(promoter_ids), "message": message}, work)


@retry
def remove_member(*, no: str, promoter_id: int, reason: str, by: By) -> None:
    """Take a promoter out of a plan from the next midnight on; it is told.

    Raises:
        NotFound, NotOfferedSo, Invalid: see plans.remove_member. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        _remove(no, promoter_id, reason, by)

    _once(by, "remove_member", {"no": no, "who": promoter_id, "reason": reason}, work)


@retry
def remove_members(*, no: str, promoter_ids: Sequence[int], reason: str, by: By) -> None:
    """Take promoters out of a plan from the next midnight on, all or none; each is told.

    Raises:
        NotFound, NotOfferedSo, Invalid: see plans.remove_member. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        for promoter_id in sorted(set(promoter_ids)):
            _remove(no, promoter_id, reason, by)

    _once(by, "remove_members", {"no": no, "who": sorted(promoter_ids), "reason": reason}, work)


@retry
def apply_by_code(*, code: str, message: str, by: By) -> TargetedPlanShown:
    """Let a promoter apply who came by the invite link, and return the plan; the shop is told.

    Raises:
        NotFound: nothing has this code. NotCertified, Suspended: it may not promote now.
        PlanOver, NotOfferedSo, Invalid: see plans.apply. KeyMalformed, KeyUsedForOther: the key.
    """
    plan = plans_of.plan_by_code(code)
    _once(by, "apply", {"code": code, "message": message}, lambda: _apply(plan, message, by))
    return plan


@retry
def apply_to_request(*, request_no: str, message: str, by: By) -> None:
    """Let a promoter apply who found the shop's request; the shop is told.

    Raises:
        NotFound: no such request. RequestOver, BelowLevel: see matching.check_application.
        NotCertified, Suspended, PlanOver, NotOfferedSo, Invalid: see `apply_by_code`.
        KeyMalformed, KeyUsedForOther: the key.
    """
    request = requests_of.request_by_no(request_no)

    def work() -> None:
        matching.check_application(request=request, promoter_id=by.party_id, now=by.now)
        _apply(plans_of.plans_by_id([request.plan_id])[0], message, by)

    _once(by, "apply", {"request": request_no, "message": message}, work)


@retry
def answer_invitation(*, no: str, accept: bool, by: By) -> None:
    """Let an invited promoter come in, or decline; the shop is told.

    Raises:
        NotFound: not invited by such a plan. NotCertified, Suspended: it may not promote now.
        NotOfferedSo, PlanOver, TooManyInPlan, AboveCeiling: see plans.answer_invitation.
        KeyMalformed, KeyUsedForOther: the key.
    """
    plan, _ = plans_of.plan_of_promoter(promoter_id=by.party_id, no=no)

    def work() -> None:
        name = _promoting(by.party_id)
        plans.answer_invitation(plan=plan, promoter_id=by.party_id, accept=accept, actor=by.actor, now=by.now)
        facts = {"name": plan.name, "promoter": name, "no": no}
        kind = "plan_joined" if accept else "plan_declined"
        messages.tell(party_id=plan.merchant_id, kind=kind, facts=facts, object_=no, now=by.now)

    _once(by, "answer_invitation", {"no": no, "accept": accept}, work)


@retry
def publish_request(*, plan_no: str, request: NewRequest, by: By) -> RequestShown:
    """Publish a request for promoters for one of the shop's plans; the same key again gives the same one.

    Raises:
        NotFound: not a plan of the shop. Invalid, PlanOver, RequestOpenAlready: see matching.publish.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        plan = plans_of.targeted_plan(merchant_id=by.party_id, no=plan_no)
        return {"no": matching.publish(plan=plan, request=request, actor=by.actor, now=by.now).no}

    content = [plan_no, request.title, request.text, request.min_level, sorted(request.category_ids)]
    content.append(request.open_until.isoformat())
    with transaction.atomic(durable=True):
        scope = f"merchant:{by.party_id}:publish_request"
        made = idempotency.once(scope=scope, key=by.key or "", content=content, now=by.now, work=work)
        return requests_of.request_of(merchant_id=by.party_id, no=made["no"])


@retry
def close_request(*, no: str, by: By) -> None:
    """Take no more applications.

    Raises:
        NotFound, RequestOver: see matching.close. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        matching.close(merchant_id=by.party_id, no=no, actor=by.actor, now=by.now)

    _once(by, "close_request", {"no": no}, work)


@retry
def write_card(*, listed: bool, words: tuple[str, str], category_ids: tuple[int, ...], by: By) -> None:
    """Write a promoter's card (`words`: name, introduction) and whether shops may find it.

    Raises:
        Invalid, ContactInCard, NotFound: see matching.write_card. KeyMalformed, KeyUsedForOther: the key.
    """
    name, intro = words
    content = {"listed": listed, "name": name, "intro": intro, "categories": sorted(category_ids)}
    _once(
        by,
        "write_card",
        content,
        lambda: matching.write_card(
            promoter_id=by.party_id,
            listed=listed,
            name=name,
            intro=intro,
            category_ids=category_ids,
            actor=by.actor,
            now=by.now,
        ),
    )


@retry
def count_cards(*, before: datetime, now: datetime) -> int:
    """Count the figures of a batch of listed cards that were counted before `before`; return how many."""
    with transaction.atomic(durable=True):
        return matching.count_cards(before=before, now=now)


def _remove(no: str, promoter_id: int, reason: str, by: By) -> None:
    from_ = plans.remove_member(
        merchant_id=by.party_id, no=no, promoter_id=promoter_id, reason=reason, actor=by.actor, now=by.now
    )
    plan = plans_of.targeted_plan(merchant_id=by.party_id, no=no)
    facts = {"name": plan.name, "no": no, "from_at": from_.isoformat(), "reason": reason.strip() or "—"}
    messages.tell(party_id=promoter_id, kind="plan_removed", facts=facts, object_=no, now=by.now)


def _apply(plan: TargetedPlanShown, message: str, by: By) -> None:
    name = _promoting(by.party_id)
    plans.apply(plan=plan, promoter_id=by.party_id, message=message, now=by.now)
    facts = {"name": plan.name, "promoter": name, "no": plan.no}
    messages.tell(party_id=plan.merchant_id, kind="plan_applied", facts=facts, object_=plan.no, now=by.now)


def _promoting(promoter_id: int) -> str:
    """Return the name of a promoter who may promote.

    Raises:
        NotCertified, Suspended: it may not.
    """
    facts = parties.promoter_facts([promoter_id])[promoter_id]
    if not facts.certified:
        raise NotCertified
    if facts.suspended:
        raise Suspended(reason="—")
    return facts.name


def _once(by: By, verb: str, content: Mapping[str, Any], work: Any) -> None:
    """Do `work` once per key; a second time it is done already."""
    keyed(
        scope=f"party:{by.party_id}:{verb}",
        key=by.key,
        content=dict(content),
        now=by.now,
        work=lambda: work() and None,
        again=lambda: None,
    )
