"""Approved withdrawals leave: mark, call the rail, record. An unknown outcome is asked for by its number."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import SYSTEM
from tuike.db import rows
from tuike.db.retry import retry
from tuike.flows import payout_outcomes
from tuike.gateways import payouts
from tuike.gateways.payouts import OutcomeState
from tuike.parties import service as parties
from tuike.parties.types import AccountDetails
from tuike.settlement import service as settlement
from tuike.settlement.types import Payout, Rail, Recorded, WithdrawalState

ASKS_BEFORE_CASE = 6
"""Attempts after which a payout that nobody knows the outcome of goes to a person; asking goes on."""

REMARK = "推客佣金提现"
"""What the payee reads. Fixed: the same number must always be sent with the same content."""

_RUN_LOCK = 7_003
"""Advisory lock of a session: one run at a time, so that a refusal can't overtake an earlier call of another run."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did: how many were sent and asked for, and what came of each. `busy`: another run is under way."""

    sent: int = 0
    asked: int = 0
    recorded: tuple[Recorded, ...] = ()
    busy: bool = False


def run_payouts(*, rails: Mapping[Rail, payouts.Rail], now: datetime, limit: int = 50) -> Ran:
    """Send up to `limit` approved withdrawals of each rail, then ask for those whose outcome is due to be asked for.

    Each is marked in a transaction before the rail is called and recorded in another one after it, so that a crash
    leaves it `sending`, to be asked for by the same number. It is sent again, under that number, only where the rail
    says that it never heard of it, or to get what opens the payee's confirmation once more. `rails` holds the rails
    that answer at once; the bank's is a file (`export_bank_batch`).
    """
    with _alone() as mine:
        if not mine:
            return Ran(busy=True)
        recorded: list[Recorded] = []
        sent = 0
        for way, rail in rails.items():
            for payout, account in mark_to_send(rail=way, limit=limit, now=now):
                recorded += record_outcome(payout=payout, outcome=_send(rail, payout, account), now=now)
                sent += 1
        asked = mark_to_ask(limit=limit, now=now)
        for payout in asked:
            outcome = _ask(rails.get(payout.rail), payout, now)
            recorded += record_outcome(payout=payout, outcome=outcome, now=now)
        return Ran(sent, len(asked), tuple(recorded))


@retry
def mark_to_send(*, rail: Rail, limit: int, now: datetime) -> list[tuple[Payout, AccountDetails]]:
    """Mark approved withdrawals of a rail as being sent; return them with their accounts in clear, which is audited."""
    with transaction.atomic(durable=True):
        taken = settlement.take_to_send(rail=rail, limit=limit, now=now)
        return _with_accounts(taken, "payout.send", now)


@retry
def mark_to_ask(*, limit: int, now: datetime) -> list[Payout]:
    """Mark payouts whose outcome is to be asked for now, each time a little later, and return them."""
    with transaction.atomic(durable=True):
        return settlement.take_to_ask(limit=limit, now=now)


@retry
def record_outcome(*, payout: Payout, outcome: payouts.Outcome, now: datetime) -> list[Recorded]:
    """Record what the rail said of one payout; after `ASKS_BEFORE_CASE` attempts without an end a person is called."""
    with transaction.atomic(durable=True):
        recorded = payout_outcomes.record(outcomes=[outcome], now=now)
        still = recorded[0].state is WithdrawalState.SENDING and recorded[0].verdict == "repeated"
        if still and payout.attempts >= ASKS_BEFORE_CASE:
            payout_outcomes.open_unknown(payout=payout, reason=outcome.reason or outcome.state, now=now)
        return recorded


def _send(rail: payouts.Rail, payout: Payout, account: AccountDetails) -> payouts.Outcome:
    order = payouts.Payout(
        payout_no=payout.no,
        amount_fen=payout.net_fen,
        remark=REMARK,
        openid=account.number if payout.rail is Rail.WECHAT else None,
        name=account.holder,
        account_no=None if payout.rail is Rail.WECHAT else account.number,
        bank=account.bank or None,
    )
    try:
        return rail.send(order)
    except Exception as error:  # whatever went wrong, whether it was sent is not known
        return _lost(payout.no, "send", error)


def _ask(rail: payouts.Rail | None, payout: Payout, now: datetime) -> payouts.Outcome:
    """Ask by number; send under the same number where the rail never heard of it, or only it can open confirmation."""
    if rail is None:
        return payouts.Outcome(payout_no=payout.no, state=OutcomeState.UNKNOWN, reason="this rail is not configured")
    try:
        outcome = rail.ask(payout.no)
    except Exception as error:
        return _lost(payout.no, "ask", error)
    cannot_confirm = outcome.state is OutcomeState.WAIT_USER and not payout.confirmable
    if outcome.state is OutcomeState.NOT_SENT or cannot_confirm:
        account = _account_again(payout, now)
        return _send(rail, payout, account)
    return outcome


@retry
def _account_again(payout: Payout, now: datetime) -> AccountDetails:
    with transaction.atomic(durable=True):
        return _with_accounts([payout], "payout.send_again", now)[0][1]


def _with_accounts(taken: list[Payout], action: str, now: datetime) -> list[tuple[Payout, AccountDetails]]:
    if not taken:
        return []
    opened = parties.open_accounts(bank_account_ids=[payout.bank_account_id for payout in taken])
    acts = [(p.no, {"net_fen": p.net_fen, "rail": p.rail.value, "attempt": p.attempts}) for p in taken]
    audit.record_many(actor=SYSTEM, action=action, acts=acts, now=now)
    return [(payout, opened[payout.bank_account_id]) for payout in taken]


def _lost(no: str, verb: str, error: Exception) -> payouts.Outcome:
    _log.warning("payout outcome unknown", payout=no, verb=verb, error=type(error).__name__)
    return payouts.Outcome(payout_no=no, state=OutcomeState.UNKNOWN, reason=f"{verb}: {type(error).__name__}")


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    """Hold the lock of runs on this connection; it ends with the process, however that ends."""
    mine = rows.query("SELECT pg_try_advisory_lock(%s)", [_RUN_LOCK])[0][0]
    try:
        yield mine
    finally:
        if mine:
            rows.query("SELECT pg_advisory_unlock(%s)", [_RUN_LOCK])
