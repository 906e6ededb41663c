"""The arithmetic of commission (docs/rules.md §6). Pure: the same facts give the same fen for ever."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tuike.commission.types import Funder, Payee, Role, SaleTerms, Share
from tuike.kit.money import share
from tuike.ledger import chart
from tuike.ledger.types import AccountRef, Move

PLATFORM = Payee("platform", 0)

CUT_ORDER = (Role.BONUS, Role.TIER3, Role.TIER2, Role.LEADER, Role.DIRECT, Role.SELF)
"""Who gives way, first to last, when the shares would exceed what is left of the sale."""


def shares(terms: SaleTerms, *, base_fen: int, quantity: int, others_fen: int = 0) -> list[Share]:
    """Return what every payee earns from `base_fen` (paid less refunded) and `quantity` (pieces not returned).

    `others_fen` is what the order's other lines leave of their bases after their own shares: with what this line leaves
    it is the room that the order's bonus has, which therefore falls to 0 with the order's last fen and not with this
    line's.

    Each share is rounded down: the merchant keeps the fraction. Where the sum would exceed the base, shares are cut in
    `CUT_ORDER`. The platform's share is taken out of direct after that, rounded down: the promoter keeps the fraction.
    Payees whose rate is zero get no share; a share that comes to nothing is there with 0 fen.
    """
    if terms.promoter_id is None:
        return []
    found = _uncut(terms, base_fen, quantity)
    excess = sum(one.amount_fen for one in found) - base_fen
    for role in CUT_ORDER:
        for i, one in enumerate(found):
            if excess > 0 and one.role is role:
                cut = min(excess, one.amount_fen)
                found[i] = replace(one, amount_fen=one.amount_fen - cut, cut_fen=cut)
                excess -= cut
    if terms.order_fen:
        found = _with_order_bonus(terms, found, base_fen - sum(one.amount_fen for one in found) + others_fen)
    found = _with_platform(terms, found)
    if terms.reward_id is not None:
        return [replace(one, funder=Funder.REWARD) for one in found]
    if terms.platform_funded:
        own = (Role.DIRECT, Role.BONUS, Role.PLATFORM)
        found = [replace(one, funder=Funder.PLATFORM) if one.role in own else one for one in found]
    return found


def _uncut(terms: SaleTerms, base_fen: int, quantity: int) -> list[Share]:
    promoter = Payee("promoter", terms.promoter_id or 0)
    found: list[Share] = []

    def add(role: Role, payee: Payee, bps: int, rate_id: int | None) -> None:
        if bps > 0:
            found.append(Share(role, payee, bps, rate_id, share(base_fen, bps=bps)))

    if terms.self_purchase:
        add(Role.SELF, promoter, terms.rate_bps, terms.rate_id)
    else:
        add(Role.DIRECT, promoter, terms.rate_bps + terms.grade_bps, terms.rate_id)
        if terms.bonus_fen:
            found.append(Share(Role.BONUS, promoter, 0, terms.campaign_id, terms.bonus_fen * quantity))
        for role, tier in ((Role.TIER2, terms.tier2), (Role.TIER3, terms.tier3)):
            if tier is not None:
                add(role, Payee("promoter", tier.promoter_id), tier.rate_bps, tier.rate_id)
    if terms.leader_id is not None:
        add(Role.LEADER, Payee("leader", terms.leader_id), terms.service_bps, None)
    return found


def _with_order_bonus(terms: SaleTerms, found: list[Share], room_fen: int) -> list[Share]:
    """Add what the order brings once to the bonus of this line: up to the room that all its lines leave."""
    part = min(terms.order_fen, room_fen)
    cut = terms.order_fen - part
    for i, one in enumerate(found):
        if one.role is Role.BONUS:
            found[i] = replace(one, amount_fen=one.amount_fen + part, cut_fen=one.cut_fen + cut)
            return found
    promoter = Payee("promoter", terms.promoter_id or 0)
    return [*found, Share(Role.BONUS, promoter, 0, terms.campaign_id, part, cut)]


def left_of(terms: SaleTerms, *, base_fen: int, quantity: int) -> int:
    """Return what a line leaves of its base after its own shares, the order's bonus apart, in fen."""
    own = replace(terms, order_bonus_fen=0, first_order_bonus_fen=0)
    return base_fen - sum(one.amount_fen for one in shares(own, base_fen=base_fen, quantity=quantity))


def _with_platform(terms: SaleTerms, found: list[Share]) -> list[Share]:
    if not terms.platform_fee_bps:
        return found
    for i, one in enumerate(found):
        if one.role is Role.DIRECT:
            fee = share(one.amount_fen, bps=terms.platform_fee_bps)
            found[i] = replace(one, amount_fen=one.amount_fen - fee)
            return [*found, Share(Role.PLATFORM, PLATFORM, terms.platform_fee_bps, None, fee)]
    return found


@dataclass(slots=True)
class Purse:
    """Balances while a list of events is worked off: what an event takes is gone for the next one.

    Filled from locked accounts, so that what it says is what the ledger will find.
    """

    fen: dict[str, int]

    def take(self, ref: AccountRef, wanted_fen: int) -> int:
        """Take up to `wanted_fen` and return how much there was."""
        got = max(0, min(self.fen.get(ref.path, 0), wanted_fen))
        self.fen[ref.path] = self.fen.get(ref.path, 0) - got
        return got

    def give(self, ref: AccountRef, amount_fen: int) -> None:
        """Add what an event brought."""
        self.fen[ref.path] = self.fen.get(ref.path, 0) + amount_fen


def take_back(
    purse: Purse, *, giver: AccountRef, owed: AccountRef, taker: AccountRef, amount_fen: int
) -> tuple[list[Move], int]:
    """Return the moves that bring `amount_fen` to `taker`, and how much of it became debt (docs/rules.md §6).

    What the giver has pays first; what is missing is advanced by the platform and owed by the giver. Nothing is
    forgiven and nothing is clamped. A giver without a floor (the platform itself) always has enough.
    """
    got = amount_fen if giver.floor_fen is None else purse.take(giver, amount_fen)
    missing = amount_fen - got
    moves = [Move(giver, taker, got)] if got else []
    if missing:
        advance = chart.platform("advance")
        moves += [Move(owed, advance, missing), Move(advance, taker, missing)]
    purse.give(taker, amount_fen)
    return moves, missing


def funding(funder: str, source: str, merchant_id: int, reward_id: int | None = None) -> AccountRef:
    """Return the account that a share is paid from: held money of mall orders, the prepaid balance of external ones,
    the platform's promotion money for a campaign of the operator, an offer's own account for its targets."""
    if reward_id is not None:
        return chart.reward(reward_id)
    if funder == Funder.PLATFORM:
        return chart.platform("promotion")
    return chart.merchant(merchant_id, "held" if source == "mini_store" else "prepaid")


def returning(funder: str, source: str, merchant_id: int, *, matured: bool, reward_id: int | None = None) -> AccountRef:
    """Return the account that a share goes back to: where it was paid from, or what that has become at maturity."""
    if funder == Funder.MERCHANT and source == "mini_store" and matured:
        return chart.merchant(merchant_id, "available")
    return funding(funder, source, merchant_id, reward_id)


def by_merchant(shares_: Iterable[Share]) -> int:
    """Return what of the shares the merchant pays, in fen."""
    return sum(one.amount_fen for one in shares_ if one.funder is Funder.MERCHANT)


def pending(payee: Payee) -> AccountRef:
    """Return where a payee's booked, not yet due commission stands."""
    return chart.payee(payee.kind, payee.id, "pending")


def available(payee: Payee) -> AccountRef:
    """Return where a payee's settled commission stands."""
    return chart.payee(payee.kind, payee.id, "available")


def owed(payee: Payee) -> AccountRef:
    """Return where a payee's debt stands (a negative balance)."""
    return chart.payee(payee.kind, payee.id, "owed")
