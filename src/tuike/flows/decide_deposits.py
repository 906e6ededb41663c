"""Two people of the operator decide about a deposit: some of it is forfeited, or it was given back by hand."""

from collections.abc import Callable
from datetime import datetime

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.keyed import keyed
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import DecisionKind, DecisionShown
from tuike.risk import service as risk
from tuike.risk.types import CaseKind


@retry
def ask_decision(
    *,
    no: str,
    kind: DecisionKind,
    amount_fen: int,
    reason: str,
    reference: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> DecisionShown:
    """Ask for a forfeit, or file that a held deposit was given back by hand, for another person to approve.

    Raises:
        Forbidden: no money seat of the operator. Involved: the person sits in the promoter.
        DepositNotHere, DecisionOpen, Invalid: see network.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)

    def work() -> DecisionShown:
        operators.require(actor, operators.MONEY)
        operators.require_uninvolved(actor, [queries.deposit(no).promoter_id])
        return network.ask_decision(
            no=no,
            kind=kind,
            amount_fen=amount_fen,
            reason=why,
            reference=reference.strip(),
            actor=actor,
            now=now,
        )

    scope = f"person:{actor.person_id}:ask_deposit_decision"
    content = [no, str(kind), amount_fen, why, reference]
    return keyed(scope=scope, key=key, content=content, now=now, work=work, again=lambda: queries.decisions_of(no)[0])


@retry
def approve_decision(*, decision_id: int, actor: Actor, now: datetime, key: str | None = None) -> DecisionShown:
    """Book what another person asked for, and close the case about the deposit.

    Raises:
        Forbidden: no money seat of the operator. Involved: the person sits in the promoter.
        DecisionClosed, SecondPerson, DepositNotHere: see network.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> DecisionShown:
        _judged(decision_id, actor)
        done = network.approve_decision(decision_id=decision_id, actor=actor, now=now)
        note = f"#{decision_id}"
        about = [CaseKind.DEPOSIT_TO_RETURN]
        if queries.deposit(done.deposit_no).left_fen == 0:
            risk.close_about(kinds=about, object_=done.deposit_no, note=note, actor=actor, now=now)
        return done

    scope = f"person:{actor.person_id}:approve_deposit_decision"
    again = _again(decision_id)
    return keyed(scope=scope, key=key, content=decision_id, now=now, work=work, again=again)


@retry
def reject_decision(
    *, decision_id: int, note: str, actor: Actor, now: datetime, key: str | None = None
) -> DecisionShown:
    """Turn down what was asked for, one's own too.

    Raises:
        Forbidden: no money seat of the operator. Involved: the person sits in the promoter.
        DecisionClosed: see network. Invalid: no note.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(note, field="note")

    def work() -> DecisionShown:
        _judged(decision_id, actor)
        return network.reject_decision(decision_id=decision_id, note=why, actor=actor, now=now)

    scope = f"person:{actor.person_id}:reject_deposit_decision"
    again = _again(decision_id)
    return keyed(scope=scope, key=key, content=[decision_id, why], now=now, work=work, again=again)


def _judged(decision_id: int, actor: Actor) -> None:
    operators.require(actor, operators.MONEY)
    operators.require_uninvolved(actor, [queries.decision(decision_id).promoter_id])


def _again(decision_id: int) -> Callable[[], DecisionShown]:
    return lambda: queries.decision(decision_id)
