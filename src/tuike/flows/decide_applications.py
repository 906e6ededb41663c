"""Applications are decided: by the form's rules, by themselves, or by a person of the operator's (docs/rules.md §1)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction

from tuike.audit import service as audit
from tuike.audit.types import SYSTEM, Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.keyed import keyed
from tuike.kit.errors import Refusal
from tuike.members import queries as members
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import (
    ApplicationClosed,
    ApplicationShown,
    ApplicationState,
    NewForm,
    Then,
    Thresholds,
    ThresholdsUnmet,
    ToJudge,
)
from tuike.parties import queries as parties
from tuike.parties import service as parties_of

MISSING = {
    "real_name": ("实名认证", "certification"),
    "deposit": ("保证金", "the deposit"),
    "purchases": ("自购金额", "own purchases"),
}
"""What each threshold is called."""
_log = structlog.get_logger(__name__)


def decide_by_rules(*, now: datetime, limit: int = 200) -> int:
    """Let the rules look at every application that waits for them, and return how many were decided or left to people.

    One that can't be decided delays no other.
    """
    done = after_id = 0
    while waiting := queries.to_judge(after_id=after_id, limit=limit):
        after_id = waiting[-1].application.application_id
        known = _known(waiting)
        for one in waiting:
            try:
                done += _judge_one(one, known[one.application.no], now)
            except OperationalError:
                raise
            except Refusal as no:  # somebody decided it in the meantime
                _log.info("application_decided_meanwhile", application=one.application.no, code=no.code)
            except Exception as error:
                _log.exception("application_not_judged", application=one.application.no, exc_info=error)
    return done


def judge(nos: Iterable[str], now: datetime) -> None:
    """Let the rules look at these applications, in the caller's transaction."""
    waiting = queries.to_judge(nos=list(nos))
    known = _known(waiting)
    for one in waiting:
        _settle(one, known[one.application.no], now)


@retry
def decide_by_hand(
    *, no: str, admit: bool, reason: str = "", actor: Actor, now: datetime, key: str | None = None
) -> ApplicationShown:
    """Let a promoter in, once every threshold is met, or turn it down with a reason; never who sits in it.

    Raises:
        Forbidden: no deciding seat of the operator. Involved: the person sits in the promoter.
        ApplicationClosed: none under review. Invalid: no reason.
        ThresholdsUnmet: something that the form asks for isn't there.
        NotThisState: the promoter was banned meanwhile.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = "" if admit else operators.reason(reason)

    def work() -> None:
        operators.require(actor, operators.DECIDERS)
        found = queries.application(no)
        operators.require_uninvolved(actor, [found.promoter_id])
        if found.state is not ApplicationState.FILED:
            raise ApplicationClosed
        if admit:
            _need_thresholds(found)
        _decided(found, admit, why, actor, now)

    scope = f"person:{actor.person_id}:decide_application"
    keyed(scope=scope, key=key, content=[no, admit, why], now=now, work=work, again=lambda: None)
    return queries.application(no)


@retry
def look_at_application(*, no: str, actor: Actor, now: datetime) -> Mapping[str, Any]:
    """Return an application's answers in clear to who decides; each look is recorded (docs/rules.md §11).

    Raises:
        Forbidden: no deciding seat of the operator. ApplicationClosed: there is none.
    """
    with transaction.atomic(durable=True):
        operators.require(actor, operators.DECIDERS)
        answers = network.open_answers(no=no)
        audit.record(actor=actor, action="network.look", object_=no, facts={}, now=now)
        return answers


def known_of(applications: Iterable[ApplicationShown]) -> dict[str, Thresholds]:
    """Return by number what is known of who applies."""
    some = list(applications)
    promoters = parties.promoter_facts({one.promoter_id for one in some})
    deposits = queries.standing_fen({one.promoter_id for one in some})
    bought = members.bought_fen({one.person_id for one in some})
    return {
        one.no: Thresholds(
            proven=promoters[one.promoter_id].proven,
            deposit_fen=deposits.get(one.promoter_id, 0),
            purchases_fen=bought.get(one.person_id, 0),
        )
        for one in some
    }


def _known(waiting: Iterable[ToJudge]) -> dict[str, Thresholds]:
    return known_of(one.application for one in waiting)


@retry
def _judge_one(one: ToJudge, known: Thresholds, now: datetime) -> int:
    with transaction.atomic(durable=True):
        return _settle(one, known, now)


def _settle(one: ToJudge, known: Thresholds, now: datetime) -> int:
    """Do what the rules say of an application; return whether they said anything."""
    found = one.application
    verdict = network.judge(form=one.form, no=found.no, known=known, filed=found.filed_at)
    if verdict.then is None:
        return 0
    if verdict.then is Then.REVIEW:
        network.leave_to_people(nos=[found.no])
    else:
        _decided(found, verdict.then is Then.ADMIT, verdict.reason, SYSTEM, now)
    return 1


def _decided(found: ApplicationShown, admit: bool, reason: str, actor: Actor, now: datetime) -> None:
    """Decide, and let in or give the deposit back: the promoter's row first, then the application's."""
    if admit:
        parties_of.admit_promoter(promoter_id=found.promoter_id, now=now)
    to = ApplicationState.PASSED if admit else ApplicationState.REJECTED
    network.decide_application(no=found.no, to=to, reason=reason, actor=actor, now=now)
    if not admit:
        network.hold_deposit(promoter_id=found.promoter_id, at_once=True, now=now)


def _need_thresholds(found: ApplicationShown) -> None:
    form: NewForm = queries.forms([found.form_id])[found.form_id].form
    missing = network.missing_of(form, known_of([found])[found.no])
    if missing:
        zh, en = zip(*(MISSING[name] for name in missing), strict=True)
        raise ThresholdsUnmet(missing_zh="、".join(zh), missing_en=", ".join(en))
