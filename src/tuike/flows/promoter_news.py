"""What promoters and leaders are told under their console's bell and, their super administrators, in the mall.

Shared by the journeys that move grades, pay for targets and answer appeals; not a journey itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tuike.appeals.types import AppealShown
from tuike.kit.days import next_midnight
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role
from tuike.plans import queries as plans
from tuike.plans.types import GradeMoved, GradeShown
from tuike.rewards.types import AwardShown, OfferShown

NO_GRADE = ("无等级", "no grade")


def bonuses_reached(offer: OfferShown, promoter_ids: Iterable[int], now: datetime) -> None:
    """Tell promoters that they have reached an offer's target and have its award."""
    facts = {"no": offer.no, "name": offer.name, "amount_fen": offer.reward_fen}
    _tell("bonus_reached", [(one, facts, offer.no) for one in promoter_ids], now)


def bonuses_taken_back(lost: Iterable[AwardShown], offers: Mapping[int, OfferShown], now: datetime) -> None:
    """Tell promoters that awards of theirs were taken back."""
    told = []
    for award in lost:
        offer = offers[award.offer_id]
        facts = {"no": offer.no, "name": offer.name, "amount_fen": award.amount_fen}
        told.append((award.promoter_id, facts, offer.no))
    _tell("bonus_taken_back", told, now)


def bonus_closed(offer: OfferShown, promoter_ids: Iterable[int], now: datetime) -> None:
    """Tell promoters who were on the way to an offer's target that it was closed early."""
    facts = {"no": offer.no, "name": offer.name}
    _tell("bonus_closed", [(one, facts, offer.no) for one in promoter_ids], now)


def grades_moved(moves: Iterable[GradeMoved], now: datetime) -> None:
    """Tell promoters that they stand on another grade from the next midnight on: one message a promoter."""
    ladder = {grade.grade_id: grade for grade in plans.ladder()}
    told: dict[str, list[tuple[int, dict[str, Any], str]]] = {"grade_up": [], "grade_down": []}
    from_at = next_midnight(now).isoformat()
    for move in moves:
        old, new = ladder.get(move.from_grade_id or 0), ladder.get(move.to_grade_id or 0)
        if _rank(old) == _rank(new):
            continue
        zh, en = (new.name, new.name) if new else NO_GRADE
        facts = {"grade_zh": zh, "grade_en": en, "from_at": from_at, "extra_bps": new.extra_bps if new else 0}
        told["grade_up" if _rank(new) > _rank(old) else "grade_down"].append((move.promoter_id, facts, ""))
    for kind, some in told.items():
        _tell(kind, some, now)


def appeals_answered(
    answered: Iterable[tuple[AppealShown, bool, str]], now: datetime, *, amount_fen: int | None = None
) -> None:
    """Tell who appealed how it was answered: (appeal, accepted, reason) each. `amount_fen` is what is paid after all,
    where that isn't what was at stake."""
    answered = list(answered)
    told: dict[str, list[tuple[int, dict[str, Any], str]]] = {"appeal_accepted": [], "appeal_refused": []}
    refs = parties.refs({one.party_id for one, *_ in answered}) if answered else {}
    for one, accepted, reason in answered:
        fen = one.amount_fen if amount_fen is None else amount_fen
        facts = {"no": one.no, "reason": reason} | ({"amount_fen": fen} if accepted else {})
        told["appeal_accepted" if accepted else "appeal_refused"].append(
            # On a phone it leads to the promoter's balance; a leader has none there.
            (one.party_id, facts, one.no if refs[one.party_id].kind is PartyKind.PROMOTER else "")
        )
    for kind, some in told.items():
        _tell(kind, some, now)


def _rank(grade: GradeShown | None) -> int:
    return grade.rank if grade else -1


def _tell(kind: str, told: Sequence[tuple[int, Mapping[str, Any], str]], now: datetime) -> None:
    """Tell parties, and their super administrators in the mall: (promoter id, facts, number) each."""
    if not told:
        return
    messages.tell_many(kind=kind, told=told, now=now)
    seats = parties.administrators_of({party_id for party_id, _, _ in told})
    owners = {
        party_id: seat.person_id for party_id, some in seats.items() for seat in some if seat.role is Role.SUPER_ADMIN
    }
    personal = [(owners[party_id], facts, about) for party_id, facts, about in told if party_id in owners]
    messages.tell_persons(kind=kind, told=personal, now=now)
