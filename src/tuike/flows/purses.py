"""What a party has to withdraw, by the source it was earned from, with that source's rules (docs/rules.md §8).

The books keep one `available` account a party. What of it was earned from external shops is what has settled there,
less what was withdrawn of it: no more than what is available; the rest is the mall's.
"""

from dataclasses import dataclass

from tuike.commission import queries as commission
from tuike.commission.types import Payee
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, PartyRef, Source
from tuike.settings import service as settings
from tuike.settlement import queries as settlement


@dataclass(frozen=True, slots=True)
class Purse:
    """What was earned from a source and can be withdrawn now, with the smallest withdrawal, its fee and the days."""

    source: Source
    available_fen: int
    minimum_fen: int
    fee_fen: int
    settle_days: int


def purses(*, party: PartyRef) -> list[Purse]:
    """Return what a party may withdraw, a purse a source; a shop has its own source's only.

    Exact where the caller holds the party's accounts (`settlement.hold`); else as of this moment.
    """
    account = chart.payee(party.kind.value, party.id, "available")
    available = ledger.balances(refs=[account])[account.path]
    if party.kind is PartyKind.MERCHANT:
        shares = {parties.merchant_facts([party.id])[party.id].source: available}
    else:
        earned = commission.settled_by_merchant(Payee(party.kind.value, party.id))
        sources = parties.sources_of(earned)
        # An award of the operator's own comes from no shop: it is the mall's.
        external = sum(fen for merchant_id, fen in earned.items() if sources.get(merchant_id) is Source.MINI_PROGRAM)
        external -= settlement.withdrawn_fen_of(party.id, source=Source.MINI_PROGRAM.value)
        external = min(max(external, 0), available)
        shares = {Source.MINI_STORE: available - external, Source.MINI_PROGRAM: external}
    kinds = ("withdraw_min_fen", "withdraw_fee_fen", "settle_days")
    rule = settings.read(f"{kind}.{source.value}" for source in shares for kind in kinds)
    return [Purse(source, fen, *(rule[f"{kind}.{source.value}"] for kind in kinds)) for source, fen in shares.items()]
