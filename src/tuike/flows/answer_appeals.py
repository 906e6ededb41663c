"""The desk answers appeals: released, paid after all by a correction of two people, or refused (docs/rules.md §6)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tuike.appeals import queries
from tuike.appeals import service as appeals
from tuike.appeals.types import MOST_TEXT, About, AppealNotOpen, AppealShown, AppealState
from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.commission import queries as accruals
from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.flows import operators, promoter_news
from tuike.flows.keyed import keyed
from tuike.kit.errors import Invalid, NotFound

BOTH = operators.DECIDERS & operators.MONEY
"""Seats that decide, and give the platform's money: an appeal against a rejection is accepted by paying."""


@retry
def release_appealed(*, no: str, reason: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Accept an appeal against a hold: the accrual is released and settles on its day.

    Raises:
        Forbidden: no deciding seat of the operator. Involved: the person sits in the appealing party.
        NotFound: no such appeal. AppealNotOpen: answered or withdrawn before, or about a rejection.
        NotHeld: it isn't held any more. Invalid: no reason, or longer than 200 characters.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)

    def work() -> None:
        one = _locked(no, actor, operators.DECIDERS)
        if one.about is not About.HELD:
            raise AppealNotOpen
        told = appeals.answer(no=no, state=AppealState.ACCEPTED, text=why, actor=actor, now=now)
        commission.release(accrual_ids=[one.accrual_id], reason=why, actor=actor, now=now)
        promoter_news.appeals_answered([(told, True, why)], now)

    scope = f"person:{actor.person_id}:release_appealed"
    keyed(scope=scope, key=key, content=[no, why], now=now, work=work, again=lambda: None)


@retry
def pay_appealed(*, no: str, amount_fen: int, reason: str, actor: Actor, now: datetime, key: str | None = None) -> str:
    """Agree to an appeal against a rejection: file a correction of `amount_fen` to the payee, which a second person
    decides; with it the appeal is accepted or open again. Return the correction's number.

    Raises:
        Forbidden: no seat that decides and gives money. Involved: the person sits in the appealing party.
        NotFound: no such appeal. AppealNotOpen: answered or withdrawn before, or about a hold.
        Invalid: the reason, or an amount that isn't above 0 or is more than was rejected.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)
    if type(amount_fen) is not int or amount_fen <= 0:
        raise Invalid(field="amount", reason_zh="金额须大于 0", reason_en="an amount above 0")

    def work() -> str:
        one = _locked(no, actor, BOTH)
        if one.about is not About.REJECTED:
            raise AppealNotOpen
        if amount_fen > one.amount_fen:
            raise Invalid(field="amount", reason_zh="不能超过被驳回的金额", reason_en="not more than was rejected")
        of = accruals.reviewed([one.accrual_id])[one.accrual_id]
        about: dict[str, Any] = {"payee": of.payee, "sale_id": of.sale_id, "amount_fen": amount_fen}
        made = commission.ask_adjustment(**about, reason=why, actor=actor, now=now)
        state = AppealState.APPROVING
        appeals.answer(no=no, state=state, text=why, actor=actor, now=now, adjustment_no=made)
        return made

    def again() -> str:
        found = queries.appeal(no)
        return found.adjustment_no if found else ""

    scope = f"person:{actor.person_id}:pay_appealed"
    return keyed(scope=scope, key=key, content=[no, amount_fen, why], now=now, work=work, again=again)


@retry
def refuse_appeal(*, no: str, reason: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Refuse an appeal with a reason; the accrual stays as it is, and the payee may reply once.

    Raises:
        Forbidden: no deciding seat of the operator. Involved: the person sits in the appealing party.
        NotFound: no such appeal. AppealNotOpen: answered or withdrawn before.
        Invalid: no reason, or longer than 200 characters. KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)

    def work() -> None:
        _locked(no, actor, operators.DECIDERS)
        told = appeals.answer(no=no, state=AppealState.REFUSED, text=why, actor=actor, now=now)
        promoter_news.appeals_answered([(told, False, why)], now)

    scope = f"person:{actor.person_id}:refuse_appeal"
    keyed(scope=scope, key=key, content=[no, why], now=now, work=work, again=lambda: None)


@retry
def look_at_appeal(*, no: str, actor: Actor, now: datetime) -> list[str]:
    """Return the numbers of all pictures that came with an appeal; the look is recorded.

    Raises:
        Forbidden: no deciding seat of the operator. NotFound: no such appeal.
    """

    def work() -> list[str]:
        operators.require(actor, operators.DECIDERS)
        one = queries.appeal(no)
        if one is None:
            raise NotFound
        audit.record(actor=actor, action="appeal.look", object_=no, facts={}, now=now)
        return [picture for said in queries.said(one.appeal_id) for picture in said.pictures]

    return keyed(scope="", key=None, content=None, now=now, work=work, again=list)


@retry
def note_accrual(*, accrual_id: int, text: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Write a note beside an accrual, for the desk alone; it stays as it is.

    Raises:
        Forbidden: no seat of the operator that does something. NotFound: no such accrual.
        Invalid: no words, or more than 1,000 characters. KeyMalformed, KeyUsedForOther: the key.
    """
    said = operators.reason(text, field="text", most=MOST_TEXT)

    def work() -> None:
        operators.require(actor, operators.ANYBODY)
        if not accruals.accruals_by_id([accrual_id]):
            raise NotFound
        appeals.add_note(accrual_id=accrual_id, text=said, actor=actor, now=now)

    scope = f"person:{actor.person_id}:note_accrual"
    keyed(scope=scope, key=key, content=[accrual_id, said], now=now, work=work, again=lambda: None)


def answered_by_review(accrual_ids: Iterable[int], *, released: bool, reason: str, actor: Actor, now: datetime) -> None:
    """Answer the open appeals about accruals that were just released or rejected, in the caller's transaction."""
    state = AppealState.ACCEPTED if released else AppealState.REFUSED
    some = appeals.answer_about(accrual_ids=list(accrual_ids), state=state, text=reason, actor=actor, now=now)
    promoter_news.appeals_answered([(one, released, reason) for one in some], now)


def answered_by_adjustment(adjustment_no: str, *, approved: bool, now: datetime) -> None:
    """Let the appeal that a decided correction was filed for go on, in the caller's transaction."""
    one = appeals.adjusted(adjustment_no=adjustment_no, approved=approved, now=now)
    if one is not None and approved:
        corrected = accruals.adjustment(adjustment_no)
        assert corrected is not None
        told = [(one, True, corrected.reason)]
        promoter_news.appeals_answered(told, now, amount_fen=corrected.amount_fen)


def _locked(no: str, actor: Actor, roles: frozenset) -> AppealShown:
    """Lock the accrual of an appeal, so that one hand at a time decides, and return the appeal."""
    operators.require(actor, roles)
    one = queries.appeal(no)
    if one is None:
        raise NotFound
    operators.require_uninvolved(actor, [one.party_id])
    commission.lock_reviewed(accrual_ids=[one.accrual_id])
    return one
