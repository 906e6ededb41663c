"""What crosses the border of marketing about red packets and buyers' balances, and refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class SplitKind(StrEnum):
    """How a packet is split: `fixed` into equal shares, `lucky` by chance."""

    FIXED = "fixed"
    LUCKY = "lucky"


class PacketFunder(StrEnum):
    """Where a packet's money comes from: a `payment` of its sender, the sender's `balance`, or a `shop`."""

    PAYMENT = "payment"
    BALANCE = "balance"
    SHOP = "shop"


class PacketState(StrEnum):
    """States of a packet: money stands on its account under `open` only."""

    UNPAID = "unpaid"
    OPEN = "open"
    EMPTY = "empty"
    OVER = "over"
    CANCELLED = "cancelled"

    @property
    def exits(self) -> "frozenset[PacketState]":
        """Where it may go from here."""
        return _EXITS[self]


_EXITS = {
    PacketState.UNPAID: frozenset({PacketState.OPEN, PacketState.CANCELLED}),
    PacketState.OPEN: frozenset({PacketState.EMPTY, PacketState.OVER}),
    PacketState.EMPTY: frozenset[PacketState](),
    PacketState.OVER: frozenset[PacketState](),
    PacketState.CANCELLED: frozenset[PacketState](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPacket:
    """A packet to send: `total_fen` in all, over `shares` shares. `fixed` needs a sum that divides."""

    total_fen: int
    shares: int
    split: SplitKind = SplitKind.LUCKY
    greeting: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet; `opened` of its `shares` are. Sent by a buyer (`buyer_id`) or a shop (`merchant_id`). `ends_at` is the
    last instant plus one at which it can be paid (`unpaid`) or opened (`open`)."""

    packet_id: int
    no: str
    code: str
    buyer_id: int | None
    merchant_id: int | None
    funder: PacketFunder
    split: SplitKind
    total_fen: int
    shares: int
    opened: int
    opened_fen: int
    returned_fen: int
    greeting: str
    state: PacketState
    created_at: datetime
    funded_at: datetime | None
    ends_at: datetime
    ended_at: datetime | None

    def open_at(self, now: datetime) -> bool:
        """Return whether a share of it can be opened at `now`."""
        return self.state is PacketState.OPEN and now < self.ends_at


@dataclass(frozen=True, slots=True)
class Share:
    """A share that somebody opened."""

    packet_no: str
    nth: int
    person_id: int
    amount_fen: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class BalanceHeld:
    """What of a buyer's balance stands in for a checkout; `refunded_fen` of it went back after it was spent."""

    checkout_no: str
    buyer_id: int
    amount_fen: int
    refunded_fen: int
    state: str


class PacketOver(Refusal):
    """The packet's time is over, or it isn't paid."""

    code = "red_packet_over"
    zh = "该红包已过期"
    en = "This red packet is over."


class PacketEmpty(Refusal):
    """All shares are opened."""

    code = "red_packet_empty"
    zh = "手慢了，红包派完了"
    en = "All shares of this red packet have been opened."


class PacketNotUnpaid(Refusal):
    """It is paid, or nobody may pay it any more."""

    code = "red_packet_not_unpaid"
    zh = "该红包已支付或已取消"
    en = "This red packet is paid, or can't be paid any more."


class PacketsADay(Refusal):
    """A person has sent as many packets as one may in a day."""

    code = "red_packets_a_day"
    status = 429
    zh = "今天已发 {limit} 个红包，明天再来吧"
    en = "You have sent {limit} red packets today; come back tomorrow."


class PacketFenADay(Refusal):
    """A person would send more in a day than one may."""

    code = "red_packet_fen_a_day"
    status = 429
    zh = "每天最多发 {limit} 的红包"
    en = "You may send {limit} in red packets a day."


class BalanceShort(Refusal):
    """The buyer's balance is smaller."""

    code = "balance_short"
    zh = "余额不足"
    en = "The balance is not enough."


class ShopFundsShort(Refusal):
    """The shop has less to withdraw, or owes something."""

    code = "shop_funds_short"
    zh = "店铺可提现余额不足，或有未结清的欠款"
    en = "The shop has less available, or owes something."
