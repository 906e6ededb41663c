"""A party takes money out: the person's seat, the account, the rules in force, and the money, in one transaction."""

from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import judging_payouts, purses
from tuike.idempotency import service as idempotency
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties import service as party_verbs
from tuike.parties.types import NotCertified, PartyKind, PartyRef, PromoterState, Role, Source, SubjectKind, Suspended
from tuike.settings import service as settings
from tuike.settlement import service as settlement
from tuike.settlement.types import Rail, Wish

_BY_PARTY = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
MAY_ASK = {
    PartyKind.PROMOTER: _BY_PARTY,
    PartyKind.LEADER: _BY_PARTY,
    PartyKind.MERCHANT: _BY_PARTY | {Role.FINANCE},
}
"""Which seats of a party may take its money out, and take a request back (docs/rules.md §8)."""

_NAMES = ("withdraw_two_approvers_fen", "withdraw_auto_approve_fen", "tax_bps")


@retry
def request_withdrawal(
    *, party_id: int, amount_fen: int, source: Source | None = None, key: str, actor: Actor, now: datetime
) -> str:
    """Take `amount_fen` out of what the party has earned from a source; return the number (docs/rules.md §8).

    Without a source it is the mall, or a shop's own. Minimum, fee and tax are those in force now; fee and tax are
    taken out of the amount. The same key with the same wish returns the same number and takes nothing again.

    Raises:
        NotFound: the person has no seat in the party now, or there is no such party.
        Forbidden: the seat's role doesn't reach the party's money.
        NotCertified, Suspended: the party may not act.
        NoBankAccount, BankAccountNotVerified, BankAccountCooling: no account that can be used now.
        TooSmall, InDebt, NotAvailable: the amount.
        KeyMalformed, KeyUsedForOther: the key.
    """
    if type(amount_fen) is not int or not 0 < amount_fen <= 10**13:
        raise Invalid(field="amount_fen", reason_zh="应为以分计的正整数", reason_en="must be whole fen above 0")
    with transaction.atomic(durable=True):
        party = seated(party_id, actor)
        answer = idempotency.once(
            scope=f"party:{party_id}:request_withdrawal",
            key=key,
            content={"amount_fen": amount_fen} | ({"source": source.value} if source else {}),
            now=now,
            work=lambda: {"no": _request(party, amount_fen, source, actor, now)},
        )
        return answer["no"]


def seated(party_id: int, actor: Actor) -> PartyRef:
    """Return the party whose money the person may take out, by the seat they hold at this moment.

    Raises:
        NotFound: no seat, or no such party: both look the same.
        Forbidden: a seat whose role doesn't reach the party's money.
    """
    seat = parties.seat_of(actor.person_id, party_id) if actor.person_id is not None else None
    if seat is None:
        raise NotFound
    if seat.role not in MAY_ASK.get(seat.party.kind, frozenset()):
        raise Forbidden
    return seat.party


def _request(party: PartyRef, amount_fen: int, source: Source | None, actor: Actor, now: datetime) -> str:
    taxed = _check_standing(party)
    account = party_verbs.account_for_payout(party_id=party.id, now=now)
    rule = settings.read(_NAMES)
    settlement.hold(payee_kind=party.kind.value, party_id=party.id)
    found = purses.purses(party=party)
    purse = next((one for one in found if one.source is source), None) if source else found[0]
    if purse is None:
        raise Invalid(field="source", reason_zh="没有该来源的资金", reason_en="nothing is earned from this source")
    hit = judging_payouts.judged(party, account.id, amount_fen, now)
    wish = Wish(
        party_id=party.id,
        payee_kind=party.kind.value,
        rail=Rail(account.rail),
        bank_account_id=account.id,
        amount_fen=amount_fen,
        asked_by=actor.person_id or 0,
        fee_fen=purse.fee_fen,
        tax_fen=settlement.withheld_fen(amount_fen, tax_bps=rule["tax_bps"]) if taxed else 0,
        approvals_needed=settlement.approvals_needed(
            amount_fen,
            two_above_fen=rule["withdraw_two_approvers_fen"],
            none_to_fen=0 if hit else rule["withdraw_auto_approve_fen"],
        ),
        source=purse.source.value,
        most_fen=purse.available_fen,
    )
    no = settlement.request(wish=wish, minimum_fen=purse.minimum_fen, actor=actor, now=now)
    if hit:
        judging_payouts.keep(hit, no, now)
    return no


def _check_standing(party: PartyRef) -> bool:
    """Refuse a party that may not act; return whether tax is withheld: from persons' commission, not from shops."""
    taxed: SubjectKind | None
    if party.kind is PartyKind.PROMOTER:
        promoter = parties.promoter_facts([party.id])[party.id]
        gone = promoter.state is PromoterState.RETIRED  # who left withdraws what was earned before
        suspended = promoter.suspended and not gone
        certified, taxed = promoter.certified, promoter.subject_kind
    elif party.kind is PartyKind.LEADER:
        leader = parties.leader_facts([party.id])[party.id]
        certified, suspended, taxed = leader.certified, leader.suspended, leader.subject_kind
    else:
        merchant = parties.merchant_facts([party.id])[party.id]
        certified, suspended, taxed = merchant.certified, merchant.suspended, SubjectKind.ENTERPRISE
    if not certified:
        raise NotCertified
    if suspended:
        raise Suspended(reason="—")
    return taxed is SubjectKind.INDIVIDUAL
