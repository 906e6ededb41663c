"""Looks of the operator's people into what is others': each is an act in the audit log before anything is shown."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.parties import queries
from tuike.parties import service as parties
from tuike.parties.types import AccountDetails, PartyKind, PartyRef, Role, UnknownParty


@retry
def look_at_account(*, account_id: int, party_no: str, actor: Actor, now: datetime) -> AccountDetails:
    """Return a payout account in clear (docs/rules.md §11).

    Raises:
        Forbidden: no deciding seat of the operator.
        BankAccountGone: no such account.
    """
    with transaction.atomic(durable=True):
        operators.require(actor, operators.DECIDERS)
        details = parties.open_account_details(bank_account_id=account_id)
        facts = {"party": party_no, "account": account_id}
        audit.record(actor=actor, action="bank_account.look", object_=party_no, facts=facts, now=now)
        return details


@retry
def look_at_party(*, party_no: str, actor: Actor, now: datetime) -> PartyRef:
    """Record that somebody of the operator's looks at a party as its people see it, and return the party.

    Raises:
        Forbidden: no seat of the operator.
        UnknownParty: no such merchant, promoter or leader.
    """
    with transaction.atomic(durable=True):
        operators.require(actor, {*operators.ANYBODY, Role.AUDITOR})
        party = queries.find(party_no)
        if party is None or party.kind is PartyKind.OPERATOR:
            raise UnknownParty
        audit.record(actor=actor, action="party.look", object_=party.no, facts={}, now=now)
        return party
