"""A leader asks for a later end of a cooperation, the shop answers; with it its rates go on (docs/rules.md §9)."""

from datetime import datetime
from typing import Any

from tuike.cooperation import service as cooperation
from tuike.cooperation.types import EnrolmentShown
from tuike.db.retry import retry
from tuike.flows.cooperating import once, shown
from tuike.flows.target_promoters import By
from tuike.plans import service as plans


@retry
def ask_extension(*, no: str, ends_at: datetime, by: By) -> EnrolmentShown:
    """Ask the shop for a later end. Both sides are told.

    Raises:
        NotFound, EnrolmentNotActive, EnrolmentOver, ExtensionTooShort, ExtensionOpenAlready, CancelOpenAlready: see
        cooperation.ask_extension. CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        one = cooperation.ask_extension(leader_id=by.party_id, no=no, ends_at=ends_at, actor=by.actor, now=by.now)
        return {"ids": [one.enrolment_id]}

    return shown(once(by, "ask_extension", [no, ends_at], work))[0]


@retry
def answer_extension(*, no: str, agree: bool, by: By) -> EnrolmentShown:
    """Let the shop agree to the later end, or refuse it. Both sides are told.

    Raises:
        NotFound, EnrolmentNotActive, EnrolmentOver, AnswerTooLate, NoOpenExtension: see
        cooperation.answer_extension. CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        one = cooperation.answer_extension(merchant_id=by.party_id, no=no, agree=agree, actor=by.actor, now=by.now)
        if agree:
            plans.extend_enrolment(enrolment_id=one.enrolment_id, ends_at=one.ends_at, actor=by.actor, now=by.now)
        return {"ids": [one.enrolment_id]}

    return shown(once(by, "answer_extension", [no, agree], work))[0]
