"""The chart of accounts: the only place where an account's path is spelled (docs/rules.md §7).

Most accounts never go below zero: the database refuses. `owed` is the mirror: a debt is a negative balance, and it
never goes above zero. `outside:*` and the platform's pools are open to both sides.
"""

from tuike.ledger.types import AccountRef

_PARTY = {"held", "pending", "available", "leaving", "prepaid", "owed", "deposit"}


def outside(channel: str) -> AccountRef:
    """The world: `wechatpay`, `bank`, `sandbox`. Its balance is minus what came in through the channel."""
    return AccountRef(f"outside:{channel}", "outside", floor_fen=None)


def clearing(number: str) -> AccountRef:
    """Money on its way: named by the payment, batch, refund or payout it belongs to. Ends at zero."""
    return AccountRef(f"clearing:{number}", "clearing")


def merchant(merchant_id: int, purpose: str) -> AccountRef:
    """A merchant's `held`, `available`, `leaving`, `prepaid` or `owed`."""
    return _party("merchant", merchant_id, purpose)


def promoter(promoter_id: int, purpose: str) -> AccountRef:
    """A promoter's `pending`, `available`, `leaving`, `owed` or `deposit`."""
    return _party("promoter", promoter_id, purpose)


def leader(leader_id: int, purpose: str) -> AccountRef:
    """A leader's `pending`, `available`, `leaving` or `owed`."""
    return _party("leader", leader_id, purpose)


def payee(kind: str, party_id: int, purpose: str) -> AccountRef:
    """The account of whoever is paid: `kind` is promoter, leader, merchant or platform.

    The platform's share waits in `platform:pending` and becomes `platform:fees`; it has no debt to itself.
    """
    if kind == "platform":
        return platform({"pending": "pending", "available": "fees", "owed": "fees"}[purpose])
    return _party(kind, party_id, purpose)


def platform(purpose: str) -> AccountRef:
    """The platform's `pending`, `fees`, `tax`, `promotion`, `advance` or `points` (unit PTS, issued from nothing)."""
    if purpose == "points":
        return AccountRef("platform:points", "platform", unit="PTS", floor_fen=None)
    open_ended = purpose in {"fees", "promotion"}
    return AccountRef(f"platform:{purpose}", "platform", floor_fen=None if open_ended else 0)


def buyer(buyer_id: int, purpose: str) -> AccountRef:
    """A buyer's `points` or `points_owed` (unit PTS), or `balance`."""
    owner = f"buyer:{buyer_id}"
    if purpose == "points_owed":
        return AccountRef(f"{owner}:points_owed", owner, unit="PTS", floor_fen=None, ceiling_fen=0)
    return AccountRef(f"{owner}:{purpose}", owner, unit="PTS" if purpose == "points" else "CNY")


def red_packet(red_packet_id: int) -> AccountRef:
    """What is left of a funded red packet."""
    return AccountRef(f"redpacket:{red_packet_id}", "redpacket")


def reward(reward_id: int) -> AccountRef:
    """What is left of the budget of an offer that pays for reached targets."""
    return AccountRef(f"reward:{reward_id}", "reward")


def _party(kind: str, party_id: int, purpose: str) -> AccountRef:
    if purpose not in _PARTY:
        raise ValueError(f"no account {kind}:…:{purpose}")
    owner = f"{kind}:{party_id}"
    if purpose == "owed":
        return AccountRef(f"{owner}:owed", owner, floor_fen=None, ceiling_fen=0)
    return AccountRef(f"{owner}:{purpose}", owner)
