"""Deposits, and what is decided about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DECIDED_WITHIN = timedelta(days=7)
"""How long a decision waits for the second person, the edge included (docs/rules.md §1)."""


class DepositState(StrEnum):
    """States of a deposit. Its money stands on the promoter's account under `paid` and `holding`.

    `holding`: the promoter has left, and it goes back when its time comes. `refunding`: on its way back through the
    payment channel. `ended`: all of it went back or was forfeited. `cancelled`: nobody paid it.
    """

    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    PAID = "paid"
    HOLDING = "holding"
    REFUNDING = "refunding"
    ENDED = "ended"

    @property
    def exits(self) -> "frozenset[DepositState]":
        """Where it may go from here."""
        return _EXITS[self]


_EXITS = {
    DepositState.UNPAID: frozenset({DepositState.PAID, DepositState.HOLDING, DepositState.CANCELLED}),
    DepositState.CANCELLED: frozenset[DepositState](),
    DepositState.PAID: frozenset({DepositState.HOLDING, DepositState.ENDED}),
    DepositState.HOLDING: frozenset({DepositState.PAID, DepositState.REFUNDING, DepositState.ENDED}),
    DepositState.REFUNDING: frozenset({DepositState.ENDED}),
    DepositState.ENDED: frozenset[DepositState](),
}


class DecisionKind(StrEnum):
    """What two people decide: `forfeit` some of it, or that it was given back by `hand` where the channel can't."""

    FORFEIT = "forfeit"
    HAND = "hand"


class DecisionState(StrEnum):
    """Exits: asked → approved | rejected | lapsed (nobody decided in time)."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class DepositShown:
    """A deposit; `left_fen` of it stand on the promoter's account, or are on their way back."""

    deposit_id: int
    no: str
    promoter_id: int
    person_id: int
    amount_fen: int
    forfeited_fen: int
    returned_fen: int
    state: DepositState
    made_at: datetime
    pay_by: datetime
    paid_at: datetime | None
    intent_no: str
    due_at: datetime | None
    refund_no: str
    ended_at: datetime | None

    @property
    def left_fen(self) -> int:
        """Return what was neither forfeited nor given back, in fen."""
        return self.amount_fen - self.forfeited_fen - self.returned_fen


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """What was asked for about a deposit, and what became of it."""

    decision_id: int
    deposit_no: str
    promoter_id: int
    kind: DecisionKind
    amount_fen: int
    reason: str
    reference: str
    state: DecisionState
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class PaidIn:
    """A payment that came in for a deposit: its amount in fen, the account on which it stands, its intent."""

    amount_fen: int
    clearing_no: str
    intent_no: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class DueDeposit:
    """A deposit whose time to go back has come, locked: by which payment, when it was paid, and how much is left."""

    no: str
    promoter_id: int
    intent_no: str
    paid_at: datetime
    left_fen: int
