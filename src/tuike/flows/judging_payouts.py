"""How a withdrawal is judged when it is asked for: what a rule holds of, a person must approve (docs/rules.md §8).

Shared by the journeys of withdrawals; not a journey itself.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from tuike.commission import queries as commission
from tuike.commission.types import Payee
from tuike.cooperation import queries as cooperation
from tuike.kit.days import day_of
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, PartyRef
from tuike.review import queries as rulebook
from tuike.review import service as review
from tuike.review.types import REFUND_RATE_DAYS, Facts, Feature, Hit, Subject
from tuike.scoring import queries as scores
from tuike.settlement import queries as settlement


def judged(party: PartyRef, bank_account_id: int, amount_fen: int, now: datetime) -> Hit | None:
    """Return what a rule holds against a withdrawal that is being asked for; None where none does."""
    in_force = rulebook.rules_in_force((), day=day_of(now), subject=Subject.WITHDRAWAL)
    if not in_force:
        return None
    since = now - timedelta(days=REFUND_RATE_DAYS)
    held_fen, owed_fen = commission.held_and_owed(Payee(party.kind.value, party.id), since=since)
    certified = parties.certified_since([party.id]).get(party.id)
    facts = Facts(
        0,
        {
            Feature.AMOUNT: amount_fen,
            Feature.KIND: party.kind.value,
            Feature.PARTY_DAYS: (now - certified).days if certified else None,
            Feature.ACCOUNT_DAYS: max((now - parties.account_bound_at(bank_account_id)).days, 0),
            Feature.PAID_BEFORE: settlement.paid_to(party.id),
            Feature.OWED: owed_fen,
            Feature.HELD: held_fen,
            Feature.PARTY_SCORE: _highest_score(party, now),
        },
    )
    judgement = review.judge(facts, in_force)
    if judgement.version_id is None:
        return None
    return Hit(0, 0, amount_fen, judgement, facts, Subject.WITHDRAWAL)


def _highest_score(party: PartyRef, now: datetime) -> int | None:
    """Return the highest score of what a promoter brought, or of what stands in a leader's enrolments; a shop has
    none."""
    if party.kind is PartyKind.PROMOTER:
        return scores.highest_of(promoter_id=party.id, enrolment_ids=(), now=now)
    if party.kind is PartyKind.LEADER:
        return scores.highest_of(promoter_id=0, enrolment_ids=cooperation.enrolment_ids_of(party.id), now=now)
    return None


def keep(hit: Hit, no: str, now: datetime) -> None:
    """Keep what was held against a withdrawal, in its transaction."""
    review.keep_hits(hits=[replace(hit, object_id=settlement.withdrawal_id(no))], now=now)
