"""Extending a cooperation: asked by the leader, answered by the shop within three days (docs/rules.md §9)."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.cooperation import queries, rules
from tuike.cooperation.service import telling
from tuike.cooperation.service.cancels import require_running
from tuike.cooperation.service.locking import locked
from tuike.cooperation.types import (
    AnswerTooLate,
    CancelOpenAlready,
    CancelState,
    EnrolmentShown,
    ExtensionOpenAlready,
    ExtensionShown,
    ExtensionState,
    ExtensionTooShort,
    NoOpenExtension,
)
from tuike.db import rows
from tuike.kit.days import shown

_ASK = """
    INSERT INTO cooperation_extension (enrolment_id, asked_at, asked_by, old_ends_at, new_ends_at, state)
    VALUES (%s, %s, %s, %s, %s, 'open')
"""
_ANSWER = """
    UPDATE cooperation_extension SET state = %s, decided_at = %s, decided_by = %s
    WHERE enrolment_id = %s AND state = 'open'
"""


@transaction.atomic
def ask_extension(*, leader_id: int, no: str, ends_at: datetime, actor: Actor, now: datetime) -> EnrolmentShown:
    """Ask the shop for a later end of a cooperation.

    Raises:
        NotFound: not in an activity of the leader. EnrolmentNotActive: not passed yet. EnrolmentOver: it has ended.
        ExtensionTooShort: not after the present end. ExtensionOpenAlready: one waits for an answer.
        CancelOpenAlready: the shop wants to leave; that is decided first.
    """
    [one] = locked(nos=[no], leader_id=leader_id, now=now)
    require_running(one, now)
    if one.cancel is not None and one.cancel.state is CancelState.OPEN:
        raise CancelOpenAlready
    if _open(one) is not None:
        raise ExtensionOpenAlready
    if ends_at <= one.ends_at:
        raise ExtensionTooShort(until=shown(one.ends_at))
    rows.run(_ASK, [one.enrolment_id, now, actor.person_id, one.ends_at, ends_at])
    facts = {"from": one.ends_at.isoformat(), "to": ends_at.isoformat()}
    audit.record(actor=actor, action="cooperation.ask_extension", object_=no, facts=facts, now=now)
    return _told("extension_asked", one, now)


@transaction.atomic
def answer_extension(*, merchant_id: int, no: str, agree: bool, actor: Actor, now: datetime) -> EnrolmentShown:
    """Let the shop agree to the later end, or refuse it. An answer at exactly three days counts.

    Raises:
        NotFound: not an enrolment of the shop. EnrolmentNotActive, EnrolmentOver: see `ask_extension`.
        AnswerTooLate: three days have passed; it counts as refused. NoOpenExtension: nothing to answer, or answered.
    """
    [one] = locked(nos=[no], merchant_id=merchant_id, now=now)
    require_running(one, now)
    asked = _open(one)
    if asked is None:
        last = one.extension
        raise AnswerTooLate if last is not None and last.state is ExtensionState.LAPSED else NoOpenExtension
    if not rules.answer_in_time(asked.asked_at, now):
        raise AnswerTooLate
    state = ExtensionState.AGREED if agree else ExtensionState.REFUSED
    if not rows.run(_ANSWER, [state.value, now, actor.person_id, one.enrolment_id]):
        raise NoOpenExtension
    if agree:
        ends = [asked.new_ends_at, one.enrolment_id]
        rows.run("UPDATE cooperation_enrolment SET ends_at = %s WHERE id = %s AND state = 'active'", ends)
    facts = {"answer": state.value, "to": asked.new_ends_at.isoformat()}
    audit.record(actor=actor, action="cooperation.answer_extension", object_=no, facts=facts, now=now)
    return _told("extension_agreed" if agree else "extension_refused", one, now)


def _open(one: EnrolmentShown) -> ExtensionShown | None:
    last = one.extension
    return last if last is not None and last.state is ExtensionState.OPEN else None


def _told(kind: str, one: EnrolmentShown, now: datetime) -> EnrolmentShown:
    now_so = queries.enrolments_by_id([one.enrolment_id])[one.enrolment_id]
    telling.tell(kind, [now_so], now)
    return now_so
