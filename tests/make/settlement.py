"""Makers of money that can be withdrawn, and of withdrawals in every state."""

from datetime import UTC, datetime, timedelta
from itertools import count

from tests import books
from tests.make import parties as make_parties
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.insight.verify import commission, ledger, parties, settlement
from tuike.ledger import chart
from tuike.ledger import service as ledger_verbs
from tuike.ledger.types import Draft, Move
from tuike.parties.types import PartyRef
from tuike.parties.types import Rail as AccountRail
from tuike.settlement import queries, service
from tuike.settlement.types import Heard, Outcome, Payout, Rail, Wish, WithdrawalShown

NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
"""20 May 2026, noon in Shanghai."""
ASKER = Actor("person", person_id=501, role="super_admin", request_id="test")
FIRST = Actor("person", person_id=901, role="finance", request_id="test")
SECOND = Actor("person", person_id=902, role="finance", request_id="test")
_numbers = count(1)

# Money in these tests comes from nowhere, so what follows it from the order on isn't looked at.
_CHECKED = [one.name for part in (ledger, settlement, parties) for one in part.CHECKS]
_WITH_SALES = [*_CHECKED, *(one.name for one in commission.CHECKS)]


def check(*, sales: bool = False) -> None:
    """Run verify's checks of ledger, settlement, parties and the audit log; of commission too with `sales`."""
    books.check(*(_WITH_SALES if sales else _CHECKED), "audit")


def fund(party: PartyRef, amount_fen: int, *, now: datetime = NOW) -> None:
    """Make an amount available to a party."""
    move = Move(chart.outside("bank"), chart.payee(party.kind.value, party.id, "available"), amount_fen)
    ledger_verbs.post(drafts=[Draft(f"fund:{next(_numbers)}", "fund", "test", now, (move,))], now=now)


def owe(party: PartyRef, amount_fen: int, *, now: datetime = NOW) -> None:
    """Put a party into debt."""
    move = Move(chart.payee(party.kind.value, party.id, "owed"), chart.outside("bank"), amount_fen)
    ledger_verbs.post(drafts=[Draft(f"owe:{next(_numbers)}", "owe", "test", now, (move,))], now=now)


def payee(
    fen: int = 10_000, *, rail: AccountRail = AccountRail.BANK, number: str = "6225880123456789", **rest: object
) -> PartyRef:
    """Return a certified promoter with a usable account and `fen` available."""
    party = make_parties.promoter(**rest)  # type: ignore[arg-type]
    make_parties.bank_account(party, rail=rail, number=number)
    if fen:
        fund(party, fen)
    return party


def wish(party: PartyRef, amount_fen: int, **changes: object) -> Wish:
    """A wish for the party's account."""
    account = rows.query("SELECT id, rail FROM parties_bank_account WHERE party_id = %s", [party.id])[0]
    given = {
        "party_id": party.id,
        "payee_kind": party.kind.value,
        "rail": Rail(account[1]),
        "bank_account_id": account[0],
        "amount_fen": amount_fen,
        "asked_by": ASKER.person_id,
    }
    return Wish(**given | changes)  # type: ignore[arg-type]


def asked(party: PartyRef, amount_fen: int, *, now: datetime = NOW, **changes: object) -> str:
    """Ask for money; return the number."""
    return service.request(wish=wish(party, amount_fen, **changes), minimum_fen=100, actor=ASKER, now=now)


def approved(party: PartyRef, amount_fen: int, **changes: object) -> str:
    """Ask and have it approved by one person."""
    no = asked(party, amount_fen, **changes)
    service.approve(no=no, actor=FIRST, now=NOW)
    return no


def sending(party: PartyRef, amount_fen: int, **changes: object) -> Payout:
    """Ask, approve, and mark it as being sent."""
    no = approved(party, amount_fen, **changes)
    taken = service.take_to_send(rail=shown(no).rail, limit=100, batch_file_no="B1", now=NOW)
    return next(payout for payout in taken if payout.no == no)


def outcome(no: str, heard: Heard, **changes: object) -> Outcome:
    """What a rail says."""
    given = {"no": no, "heard": heard, "at": NOW + timedelta(minutes=3), "provider_no": "REF1", "reason": "户名不符"}
    if heard is Heard.PAID:
        given["reason"] = ""
    return Outcome(**given | changes)  # type: ignore[arg-type]


def shown(no: str) -> WithdrawalShown:
    """The withdrawal as it stands."""
    found = queries.withdrawal(no)
    assert found is not None
    return found


def stand(party: PartyRef, *purposes: str) -> dict[str, int]:
    """Return balances in fen by purpose."""
    refs = {purpose: chart.payee(party.kind.value, party.id, purpose) for purpose in purposes}
    found = ledger_verbs.balances(refs=refs.values())
    return {purpose: found[ref.path] for purpose, ref in refs.items()}


def everything() -> list[tuple]:
    """Return what a refusal must leave as it was: counts, states and balances of all that settlement touches."""
    return rows.query(
        """
        SELECT 'withdrawal', no, state || reason || attempts || coalesce(ask_at::text, '') || provider_no
        FROM settlement_withdrawal
        UNION ALL SELECT 'balance', path, balance_fen || '/' || version FROM ledger_account WHERE version > 0
        UNION ALL SELECT 'transfer', key, kind FROM ledger_transfer
        UNION ALL SELECT 'approval', withdrawal_id::text, person_id::text FROM settlement_approval
        UNION ALL SELECT 'attempt', withdrawal_id::text, kind || outcome FROM settlement_attempt
        UNION ALL SELECT 'act', id::text, action FROM audit_act
        UNION ALL SELECT 'case', no, coalesce(closed_at::text, '') FROM risk_case
        UNION ALL SELECT 'key', scope, key FROM idempotency_key
        UNION ALL SELECT 'event', id::text, topic FROM outbox_event
        UNION ALL SELECT 'statement', owner, month::text FROM settlement_statement
        ORDER BY 1, 2, 3
        """
    )
