"""Moves, digests and the tax rule of settlement. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from tuike.kit.money import share
from tuike.ledger import chart
from tuike.ledger.types import Move
from tuike.settlement.types import Heard, Part, Rail, WithdrawalState

UNKNOWN_FOR = timedelta(days=30)
"""How long a payout must be without an outcome before people may book one."""

_CHANNEL = {Rail.BANK: "bank", Rail.WECHAT: "wechatpay", Rail.SANDBOX: "sandbox"}


def withheld_fen(amount_fen: int, *, tax_bps: int) -> int:
    """Return the tax withheld from a withdrawal, rounded down: the payee keeps the fraction (docs/rules.md §8)."""
    return share(amount_fen, bps=tax_bps)


def approvals_needed(amount_fen: int, *, two_above_fen: int, none_to_fen: int) -> int:
    """Return how many of the operator's finance must say yes: two above a threshold, none up to another, else one.

    Where the thresholds overlap, the stricter one holds (docs/rules.md §8).
    """
    if amount_fen > two_above_fen:
        return 2
    return 0 if amount_fen <= none_to_fen else 1


def leave(kind: str, party_id: int, amount_fen: int) -> tuple[Move, ...]:
    """Return the move of a request: available → leaving."""
    return (Move(chart.payee(kind, party_id, "available"), chart.payee(kind, party_id, "leaving"), amount_fen),)


def come_back(kind: str, party_id: int, amount_fen: int) -> tuple[Move, ...]:
    """Return the move of a withdrawal that ended without paying: leaving → available."""
    return (Move(chart.payee(kind, party_id, "leaving"), chart.payee(kind, party_id, "available"), amount_fen),)


def pay_out(kind: str, party_id: int, rail: str, *, amount_fen: int, fee_fen: int, tax_fen: int) -> tuple[Move, ...]:
    """Return the moves of a paid withdrawal: leaving → outside, with fee and tax to the platform."""
    leaving = chart.payee(kind, party_id, "leaving")
    outside = chart.outside(_CHANNEL[Rail(rail)])
    moves = [Move(leaving, outside, amount_fen - fee_fen - tax_fen)]
    if fee_fen:
        moves.append(Move(leaving, chart.platform("fees"), fee_fen))
    if tax_fen:
        moves.append(Move(leaving, chart.platform("tax"), tax_fen))
    return tuple(moves)


def undo_pay_out(
    kind: str, party_id: int, rail: str, *, amount_fen: int, fee_fen: int, tax_fen: int
) -> tuple[Move, ...]:
    """Return the moves of a bank's late return: all of it is available again, fee and tax with it."""
    available = chart.payee(kind, party_id, "available")
    moves = [Move(chart.outside(_CHANNEL[Rail(rail)]), available, amount_fen - fee_fen - tax_fen)]
    if fee_fen:
        moves.append(Move(chart.platform("fees"), available, fee_fen))
    if tax_fen:
        moves.append(Move(chart.platform("tax"), available, tax_fen))
    return tuple(moves)


def outcomes_by_hand(
    state: WithdrawalState, rail: Rail, sent_at: datetime | None, *, now: datetime
) -> frozenset[Heard]:
    """Return what people may book of a payout (docs/rules.md §8): all outcomes of one that has been without any for
    `UNKNOWN_FOR` since it was first sent, a return of one that was paid; WeChat gives nothing back later.
    """
    if state is WithdrawalState.PAID:
        return frozenset() if rail is Rail.WECHAT else frozenset({Heard.RETURNED})
    under_way = state in (WithdrawalState.SENDING, WithdrawalState.WAITING_USER)
    if under_way and sent_at is not None and now >= sent_at + UNKNOWN_FOR:
        return frozenset({Heard.PAID, Heard.RETURNED})
    return frozenset()


def batch_digest(parts: Iterable[Part]) -> bytes:
    """Return SHA-256 over who got how much from whom, in order: the same maturity gives the same digest anywhere."""
    told = sorted((p.payee_kind, p.payee_id, p.merchant_id, p.items, p.amount_fen) for p in parts)
    return hashlib.sha256("\n".join("|".join(map(str, one)) for one in told).encode()).digest()
