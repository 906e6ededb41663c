"""Approved bank withdrawals become a file that the operator's finance hands to the bank."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows.decide_withdrawal import finance
from tuike.gateways import bank_files, payouts
from tuike.kit.days import day_of
from tuike.kit.ids import random_code
from tuike.parties import service as parties
from tuike.settlement import queries, service
from tuike.settlement.types import NothingToSend, Payout, Rail, UnknownBatch


@dataclass(frozen=True, slots=True)
class BankBatch:
    """A file for the bank: its number, how many payouts, their sum, and its bytes, which hold accounts in clear."""

    no: str
    payouts: int
    net_fen: int
    file: bytes = field(repr=False)


@retry
def export_bank_batch(*, actor: Actor, now: datetime, limit: int = 1000) -> BankBatch:
    """Mark up to `limit` approved bank withdrawals as sent and return their file; who looked is in the audit log.

    The marks are committed before the file leaves; a file that got lost is written again by `bank_batch_file`.

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        NothingToSend: no approved withdrawal waits for the bank.
    """
    with transaction.atomic(durable=True):
        finance(actor)
        no = f"B{day_of(now):%y%m%d}{random_code(10)}"
        taken = service.take_to_send(rail=Rail.BANK, limit=limit, batch_file_no=no, now=now)
        if not taken:
            raise NothingToSend
        return _written(no, taken, actor, "payout.export", now)


@retry
def bank_batch_file(*, no: str, actor: Actor, now: datetime) -> BankBatch:
    """Write the file of an earlier batch again, byte for byte, with a row in the audit log.

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        UnknownBatch: there is no such batch.
    """
    with transaction.atomic(durable=True):
        finance(actor)
        taken = queries.payouts_in(no)
        if not taken:
            raise UnknownBatch
        return _written(no, taken, actor, "payout.export_again", now)


def _written(no: str, taken: list[Payout], actor: Actor, action: str, now: datetime) -> BankBatch:
    opened = parties.open_accounts(bank_account_ids=[payout.bank_account_id for payout in taken])
    lines = []
    for payout in taken:
        account = opened[payout.bank_account_id]
        lines.append(
            payouts.Payout(
                payout_no=payout.no,
                amount_fen=payout.net_fen,
                name=account.holder,
                account_no=account.number,
                bank=account.bank,
            )
        )
    net_fen = sum(payout.net_fen for payout in taken)
    facts = {"payouts": len(taken), "net_fen": net_fen}
    audit.record(actor=actor, action=action, object_=no, facts=facts, now=now)
    return BankBatch(no, len(taken), net_fen, bank_files.write_batch(lines))
