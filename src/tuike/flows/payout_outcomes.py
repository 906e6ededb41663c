"""What a rail said, written down: the shared end of every way in which an outcome reaches us."""

from collections.abc import Sequence
from datetime import datetime

from tuike.gateways import payouts
from tuike.gateways.payouts import OutcomeState
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settlement import queries, service
from tuike.settlement.types import Heard, Outcome, Payout, Recorded, WithdrawalState

_HEARD = {
    OutcomeState.PAID: Heard.PAID,
    OutcomeState.RETURNED: Heard.RETURNED,
    OutcomeState.REFUSED: Heard.RETURNED,
    OutcomeState.WAIT_USER: Heard.WAITING_USER,
}


def record(*, outcomes: Sequence[payouts.Outcome], now: datetime) -> list[Recorded]:
    """Record outcomes in the caller's transaction; what contradicts itself, or us, goes to a person instead.

    A rail that names another amount than was sent is not believed: the withdrawal stays as it is and a case is opened.
    """
    known = queries.payouts(outcome.payout_no for outcome in outcomes)
    wrong = {o.payout_no for o in outcomes if _other_amount(o, known.get(o.payout_no))}
    fit = [o for o in outcomes if o.payout_no not in wrong]
    recorded = service.record_outcomes(outcomes=[_told(one, now) for one in fit], now=now)
    cases = [_case(outcome, done, known) for outcome, done in zip(fit, recorded, strict=True)]
    cases += [_mismatch(outcome, known[outcome.payout_no]) for outcome in outcomes if outcome.payout_no in wrong]
    risk.open_cases(cases=[case for case in cases if case is not None], now=now)
    return recorded + [Recorded(no, WithdrawalState.SENDING, "conflict") for no in sorted(wrong)]


def open_unknown(*, payout: Payout, reason: str, now: datetime) -> None:
    """Hand a payout of which nobody knows whether it arrived to a person, in the caller's transaction."""
    facts = {"attempts": payout.attempts, "rail": payout.rail.value, "reason": reason[:200]}
    risk.open_cases(cases=[CaseFacts(CaseKind.UNKNOWN_PAYOUT, payout.no, payout.net_fen, facts)], now=now)


def _other_amount(outcome: payouts.Outcome, payout: Payout | None) -> bool:
    return payout is not None and outcome.amount_fen not in (None, payout.net_fen)


def _told(outcome: payouts.Outcome, now: datetime) -> Outcome:
    return Outcome(
        no=outcome.payout_no,
        heard=_HEARD.get(outcome.state, Heard.UNKNOWN),
        at=outcome.settled_at or now,
        provider_no=outcome.reference or "",
        reason=outcome.reason or "",
        package=outcome.package_info or "",
    )


def _case(outcome: payouts.Outcome, done: Recorded, known: dict[str, Payout]) -> CaseFacts | None:
    """Return what a person must look at, if anything."""
    if done.verdict not in ("conflict", "unknown"):
        return None
    kind = CaseKind.PAYOUT_CONFLICT if done.verdict == "conflict" else CaseKind.UNKNOWN_PAYOUT
    stands = done.state.value if done.verdict == "conflict" else "no such withdrawal"
    facts = {"stands": stands, "heard": outcome.state.value, "reference": outcome.reference or ""}
    payout = known.get(done.no)
    return CaseFacts(kind, done.no[:64], payout.net_fen if payout else outcome.amount_fen or 0, facts)


def _mismatch(outcome: payouts.Outcome, payout: Payout) -> CaseFacts:
    facts = {"heard": outcome.state.value, "said_fen": outcome.amount_fen, "reference": outcome.reference or ""}
    return CaseFacts(CaseKind.PAYOUT_CONFLICT, payout.no, payout.net_fen, facts)
