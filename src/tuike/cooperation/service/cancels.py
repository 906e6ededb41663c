"""Cancelling a cooperation: filed by the shop, at once or for the leader to decide (docs/rules.md §9)."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.cooperation import queries, rules
from tuike.cooperation.service import telling
from tuike.cooperation.service.locking import locked
from tuike.cooperation.types import (
    CancelOpenAlready,
    CancelState,
    Changed,
    EndCause,
    EnrolmentNotActive,
    EnrolmentOver,
    EnrolmentShown,
    EnrolmentState,
    NoOpenCancel,
    Outcome,
)
from tuike.db import rows

_FILE = """
    INSERT INTO cooperation_cancel
        (enrolment_id, asked_at, asked_by, gross_orders, base_orders, state, decided_at)
    VALUES (%(enrolment)s, %(now)s, %(by)s, %(gross)s, %(base)s, %(state)s, %(decided)s)
"""
_REFUSE_EXTENSION = """
    UPDATE cooperation_extension SET state = 'refused', decided_at = %s, decided_by = %s
    WHERE enrolment_id = %s AND state = 'open'
"""
_DECIDE = """
    UPDATE cooperation_cancel SET state = %s, decided_at = %s, decided_by = %s
    WHERE enrolment_id = %s AND state = 'open'
"""


@transaction.atomic
def ask_cancel(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> Changed:
    """File a shop's wish to end a cooperation; after 30 days below the base it ends at once, else the leader decides.

    An open wish of the leader's to extend is thereby refused. What was counted then is kept with it.

    Raises:
        NotFound: not an enrolment of the shop. EnrolmentNotActive: not passed yet. EnrolmentOver: it has ended.
        CancelOpenAlready: the leader is deciding on one.
    """
    [one] = locked(nos=[no], merchant_id=merchant_id, now=now)
    require_running(one, now)
    if one.cancel is not None and one.cancel.state is CancelState.OPEN:
        raise CancelOpenAlready
    gross, base = one.gross_orders, one.base_orders
    outcome = rules.on_cancel(one.applied_at, now, gross_orders=gross, base_orders=base)
    at_once = outcome is Outcome.AT_ONCE
    if rows.run(_REFUSE_EXTENSION, [now, actor.person_id, one.enrolment_id]):
        telling.tell("extension_refused", [one], now)
    rows.run(
        _FILE,
        {
            "enrolment": one.enrolment_id,
            "now": now,
            "by": actor.person_id,
            "gross": gross,
            "base": base,
            "state": (CancelState.AT_ONCE if at_once else CancelState.OPEN).value,
            "decided": now if at_once else None,
        },
    )
    facts = {"outcome": outcome.value, "gross_orders": gross, "base_orders": base}
    audit.record(actor=actor, action="cooperation.cancel", object_=no, facts=facts, now=now)
    if at_once:
        return end(one, EndCause.AT_ONCE, "cancelled_at_once", now)
    return _told("cancel_asked", one, now)


@transaction.atomic
def decide_cancel(*, leader_id: int, no: str, agree: bool, actor: Actor, now: datetime) -> Changed:
    """Let the leader agree to the end of a cooperation, or refuse: then it goes on, and the shop may file again.

    Raises:
        NotFound: not in an activity of the leader. EnrolmentNotActive, EnrolmentOver: see `ask_cancel`.
        NoOpenCancel: nothing to decide, or decided before.
    """
    [one] = locked(nos=[no], leader_id=leader_id, now=now)
    require_running(one, now)
    state = CancelState.AGREED if agree else CancelState.REFUSED
    if not rows.run(_DECIDE, [state.value, now, actor.person_id, one.enrolment_id]):
        raise NoOpenCancel
    facts = {"decision": state.value}
    audit.record(actor=actor, action="cooperation.decide_cancel", object_=no, facts=facts, now=now)
    if agree:
        return end(one, EndCause.AGREED, "cancel_agreed", now)
    return _told("cancel_refused", one, now)


def require_running(one: EnrolmentShown, now: datetime) -> None:
    """Refuse what is asked of a cooperation that isn't running at `now`.

    Raises:
        EnrolmentNotActive: not passed yet. EnrolmentOver: it has ended.
    """
    if one.over(now):
        raise EnrolmentOver
    if one.state is EnrolmentState.APPLIED:
        raise EnrolmentNotActive


def end(one: EnrolmentShown, cause: EndCause, kind: str, now: datetime) -> Changed:
    """End a locked cooperation at `now`."""
    moved = rows.run(
        "UPDATE cooperation_enrolment SET state = 'ended', ended_at = %s, end_cause = %s"
        " WHERE id = %s AND state = 'active'",
        [now, cause.value, one.enrolment_id],
    )
    if not moved:
        raise EnrolmentOver
    return Changed(_told(kind, one, now).enrolment, ended_at=now)


def _told(kind: str, one: EnrolmentShown, now: datetime) -> Changed:
    shown = queries.enrolments_by_id([one.enrolment_id])[one.enrolment_id]
    telling.tell(kind, [shown], now)
    return Changed(shown)
