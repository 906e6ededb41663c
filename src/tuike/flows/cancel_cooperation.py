"""A shop cancels a cooperation, at once or with the leader's consent; with it end its rates (docs/rules.md §9)."""

from typing import Any

from tuike.cooperation import service as cooperation
from tuike.cooperation.types import EnrolmentShown
from tuike.db.retry import retry
from tuike.flows.cooperating import end_rates, once, shown
from tuike.flows.target_promoters import By


@retry
def ask_cancel(*, no: str, by: By) -> EnrolmentShown:
    """File a cancel; it takes effect at once, or the leader decides. Both sides are told.

    Raises:
        NotFound, EnrolmentNotActive, EnrolmentOver, CancelOpenAlready: see cooperation.ask_cancel.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        done = cooperation.ask_cancel(merchant_id=by.party_id, no=no, actor=by.actor, now=by.now)
        end_rates(done)
        return {"ids": [done.enrolment.enrolment_id]}

    return shown(once(by, "ask_cancel", [no], work))[0]


@retry
def decide_cancel(*, no: str, agree: bool, by: By) -> EnrolmentShown:
    """Let the leader agree to the end of a cooperation, or refuse. Both sides are told.

    Raises:
        NotFound, EnrolmentNotActive, EnrolmentOver, NoOpenCancel: see cooperation.decide_cancel.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        done = cooperation.decide_cancel(leader_id=by.party_id, no=no, agree=agree, actor=by.actor, now=by.now)
        end_rates(done)
        return {"ids": [done.enrolment.enrolment_id]}

    return shown(once(by, "decide_cancel", [no, agree], work))[0]
