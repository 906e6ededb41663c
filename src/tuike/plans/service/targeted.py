"""Targeted plans: made, stopped, applied to; who is accepted gets a rate row for each product (docs/rules.md §3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number, random_code
from tuike.parties import queries as parties
from tuike.plans import queries, rules
from tuike.plans.models import TargetedPlan
from tuike.plans.service import targeting, writing
from tuike.plans.types import (
    MemberState,
    NewTargetedPlan,
    NotOfferedSo,
    PlanOver,
    StartsInPast,
    TargetedPlanShown,
    TooManyInPlan,
)

MAX_MEMBERS = 500
_MOVE = """
    INSERT INTO plans_targeted_member AS m (plan_id, promoter_id, state, since, applied_at, message, reason)
    SELECT %(plan)s, p.id, %(to)s, %(now)s, CASE WHEN %(to)s = 'applied' THEN %(now)s::timestamptz END, %(message)s, ''
    FROM unnest(%(promoters)s::bigint[]) AS p (id)
    ON CONFLICT (plan_id, promoter_id) DO UPDATE
    SET state = EXCLUDED.state, since = EXCLUDED.since, applied_at = EXCLUDED.applied_at,
        message = EXCLUDED.message, reason = ''
    WHERE m.state = ANY(%(from)s) RETURNING m.promoter_id
"""


@transaction.atomic
def create_plan(*, merchant_id: int, plan: NewTargetedPlan, actor: Actor, now: datetime) -> TargetedPlanShown:
    """Make a targeted plan and return it: nobody is in it yet. Each rate reaches the public rate that holds at the
    start; later it acts only while it does.

    Raises:
        Invalid: name, note, ends_at, rates. StartsInPast: it would start before it is written.
        NotFound: a product that isn't the merchant's.
        BelowPublicRate: carries the floor and the product's title.
        AboveCeiling: with tiers and the highest grade more than 90 % would be paid out.
    """
    targeting.check_words(plan)
    if plan.ends_at <= plan.starts_at:
        raise Invalid(field="ends_at", reason_zh="结束须晚于开始", reason_en="the end must be after the start")
    if plan.starts_at < now:
        raise StartsInPast
    writing.lock_merchant(merchant_id)
    targeting.check_floor(merchant_id, plan.rates, plan.starts_at)
    targeting.check_worst(merchant_id, plan.rates, plan.starts_at)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('plans_targeted', 'id'))")[0][0]
    made = TargetedPlan.objects.create(
        id=id_,
        no=number("T", id_, now),
        merchant_id=merchant_id,
        name=plan.name.strip(),
        note=plan.note.strip(),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        invite_code=random_code(12),
        created_at=now,
    )
    targeting.write_terms(id_, plan.rates, plan.starts_at)
    facts = {
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "rates": {str(product): bps for product, bps in sorted(plan.rates.items())},
    }
    audit.record(actor=actor, action="targeted.create", object_=made.no, facts=facts, now=now)
    shown = queries.targeted_plan(merchant_id=merchant_id, no=made.no)
    targeting.tell(shown, (), now)
    return shown


@transaction.atomic
def stop_plan(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> datetime:
    """Stop a plan from the next midnight on and return that instant: what promoters counted on today holds today.

    Raises:
        NotFound: not a plan of the merchant. PlanOver: it was stopped before, or ends by then by itself.
    """
    plan = targeting.locked(merchant_id, no)
    from_ = next_midnight(now)
    if plan.stopped_at is not None or plan.ends_at <= from_:
        raise PlanOver
    TargetedPlan.objects.filter(id=plan.plan_id).update(stopped_at=from_)
    rows.run(targeting.STOP, {"from": from_, "plan": plan.plan_id})
    audit.record(actor=actor, action="targeted.stop", object_=no, facts={"from": from_.isoformat()}, now=now)
    targeting.tell(plan, None, now)
    return from_


@transaction.atomic
def apply(*, plan: TargetedPlanShown, promoter_id: int, message: str = "", now: datetime) -> None:
    """Let a promoter ask to be in a plan; asked twice it is asked once. An invitation is thereby accepted by nobody:
    it is answered (`answer_invitation`).

    Raises:
        PlanOver: nothing to ask for any more. Invalid: the message. NotOfferedSo: invited, or in it, already.
    """
    message = targeting.text_of("message", message)
    targeting.check_open(plan, now)
    moved = _move(plan, [promoter_id], MemberState.APPLIED, message, now)
    if not moved and _state(plan, promoter_id) is not MemberState.APPLIED:
        raise NotOfferedSo


@transaction.atomic
def invite(
    *, merchant_id: int, no: str, promoter_ids: Sequence[int], message: str = "", actor: Actor, now: datetime
) -> list[int]:
    """Invite promoters into a plan and return those that were; who is invited, has applied or is in it is left alone.

    Raises:
        NotFound: not a plan of the merchant, or somebody who is no certified promoter.
        PlanOver, Invalid: see `apply`. TooManyInPlan: more than a plan may have.
    """
    message = targeting.text_of("message", message)
    plan = targeting.locked(merchant_id, no)
    targeting.check_open(plan, now)
    facts = parties.promoter_facts(promoter_ids)
    if any(one not in facts or not facts[one].certified or facts[one].suspended for one in promoter_ids):
        raise NotFound
    _check_room(plan, len(set(promoter_ids)), (MemberState.ACCEPTED, MemberState.INVITED))
    moved = _move(plan, promoter_ids, MemberState.INVITED, message, now)
    audit.record(actor=actor, action="targeted.invite", object_=no, facts={"promoters": moved}, now=now)
    return moved


@transaction.atomic
def answer_invitation(*, plan: TargetedPlanShown, promoter_id: int, accept: bool, actor: Actor, now: datetime) -> None:
    """Let an invited promoter come in, or decline.

    Raises:
        NotOfferedSo: not invited (any more). PlanOver: too late. TooManyInPlan: the plan is full.
        AboveCeiling: by now more than 90 % would be paid out.
    """
    plan = targeting.locked(plan.merchant_id, plan.no)
    to = MemberState.ACCEPTED if accept else MemberState.DECLINED
    targeting.check_open(plan, now)
    _answer(plan, [promoter_id], (MemberState.INVITED, to), "", now)
    if accept:
        _give(plan, [promoter_id], actor, now)
    facts = {"promoter": promoter_id, "state": str(to)}
    audit.record(actor=actor, action="targeted.answer", object_=plan.no, facts=facts, now=now)


@transaction.atomic
def decide(
    *,
    merchant_id: int,
    no: str,
    promoter_ids: Sequence[int],
    accept: bool,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Take promoters who applied into a plan, or turn them away with a reason. Its rates hold for them from its start,
    or from now on where that has passed. All or none.

    Raises:
        NotFound: not a plan of the merchant. NotOfferedSo: somebody hasn't applied, or was decided on already.
        PlanOver, TooManyInPlan, AboveCeiling: see `answer_invitation`. Invalid: the reason.
    """
    reason = targeting.text_of("reason", reason)
    plan = targeting.locked(merchant_id, no)
    to = MemberState.ACCEPTED if accept else MemberState.REJECTED
    targeting.check_open(plan, now)
    _answer(plan, promoter_ids, (MemberState.APPLIED, to), reason, now)
    if accept:
        _give(plan, promoter_ids, actor, now)
    facts = {"promoters": sorted(promoter_ids), "state": str(to), "reason": reason}
    audit.record(actor=actor, action="targeted.decide", object_=no, facts=facts, now=now)


@transaction.atomic
def remove_member(*, merchant_id: int, no: str, promoter_id: int, reason: str, actor: Actor, now: datetime) -> datetime:
    """Take a promoter out of a plan from the next midnight on, and return that instant.

    Raises:
        NotFound: not a plan of the merchant. NotOfferedSo: not in it. Invalid: the reason.
    """
    reason = targeting.text_of("reason", reason)
    plan = targeting.locked(merchant_id, no)
    _answer(plan, [promoter_id], (MemberState.ACCEPTED, MemberState.REMOVED), reason, now)
    from_ = next_midnight(now)
    lookups = [f"targeted:{promoter_id}:{product}" for product in {term.product_id for term in plan.terms}]
    rows.run(
        f"{targeting.STOP} AND lookup = ANY(%(lookups)s)", {"from": from_, "plan": plan.plan_id, "lookups": lookups}
    )
    facts = {"promoter": promoter_id, "from": from_.isoformat(), "reason": reason}
    audit.record(actor=actor, action="targeted.remove", object_=no, facts=facts, now=now)
    return from_


def _move(
    plan: TargetedPlanShown, promoter_ids: Iterable[int], to: MemberState, message: str, now: datetime
) -> list[int]:
    """Let promoters ask, or be asked: those who are new, or were turned away."""
    came = {
        "plan": plan.plan_id,
        "promoters": sorted(set(promoter_ids)),
        "to": to.value,
        "from": [state.value for state in MemberState if to in state.exits],
        "message": message,
        "now": now,
    }
    moved = sorted(promoter for (promoter,) in rows.query(_MOVE, came))
    if moved:
        targeting.tell(plan, moved, now)
    return moved


def _answer(
    plan: TargetedPlanShown,
    promoter_ids: Sequence[int],
    step: tuple[MemberState, MemberState],
    reason: str,
    now: datetime,
) -> None:
    """Move promoters from one state to another by compare-and-set, all or none."""
    from_, to = step
    if to is MemberState.ACCEPTED:
        _check_room(plan, len(set(promoter_ids)), (MemberState.ACCEPTED,))
    moved = rows.run(
        "UPDATE plans_targeted_member SET state = %s, since = %s, reason = %s"
        " WHERE plan_id = %s AND promoter_id = ANY(%s) AND state = %s",
        [to.value, now, reason, plan.plan_id, list(promoter_ids), from_.value],
    )
    if not promoter_ids or moved != len(set(promoter_ids)):
        raise NotOfferedSo
    targeting.tell(plan, promoter_ids, now)


def _check_room(plan: TargetedPlanShown, more: int, counted: Sequence[MemberState]) -> None:
    """Under the plan's lock: the count can't move meanwhile."""
    there = rows.query(
        "SELECT count(*) FROM plans_targeted_member WHERE plan_id = %s AND state = ANY(%s)",
        [plan.plan_id, [state.value for state in counted]],
    )[0][0]
    if there + more > MAX_MEMBERS:
        raise TooManyInPlan(most=MAX_MEMBERS)


def _state(plan: TargetedPlanShown, promoter_id: int) -> MemberState | None:
    found = rows.query(
        "SELECT state FROM plans_targeted_member WHERE plan_id = %s AND promoter_id = %s", [plan.plan_id, promoter_id]
    )
    return MemberState(found[0][0]) if found else None


def _give(plan: TargetedPlanShown, promoter_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Write the accepted promoters' rates: from the plan's start, from now, or from the midnight at which earlier ones
    of theirs end, whichever is latest."""
    writing.lock_merchant(plan.merchant_id)
    for rates in (plan.rates_at(now), plan.rates):
        targeting.check_worst(plan.merchant_id, rates, now)
    earlier = dict(
        rows.query(
            "SELECT split_part(scope, ':', 3)::bigint, max(upper(valid)) FROM plans_rate"
            " WHERE plan_id = %s AND NOT isempty(valid) AND upper(valid) > %s GROUP BY 1",
            [plan.plan_id, now],
        )
    )
    begins: dict[datetime, list[int]] = {}
    for promoter in sorted(set(promoter_ids)):
        begins.setdefault(max(plan.starts_at, now, earlier.get(promoter, now)), []).append(promoter)
    for begin, promoters in sorted(begins.items()):
        for from_, until, rates in rules.spans(plan.terms, begin=begin, until=plan.until()):
            changes = [
                targeting.row_for(plan, promoter, product, bps)
                for promoter in promoters
                for product, bps in sorted(rates.items())
            ]
            writing.insert(changes, from_=from_, until=until, actor=actor, now=now)
