"""Which functions of the mall are on: for the mall as a whole by a setting, for a shop by the shop."""

from collections.abc import Iterable

from tuike.parties import queries as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.settings import service as settings


def mall_offers(function: MallFunction) -> bool:
    """Return whether the operator has a function of the mall switched on (setting `mall_<function>`)."""
    return settings.get(f"mall_{function.value}") == 1


def shops_offering(function: MallFunction, merchant_ids: Iterable[int]) -> set[int]:
    """Return which of these shops have a function on, none where the mall has it off; suspended ones offer nothing."""
    wanted = set(merchant_ids)
    if not wanted or not mall_offers(function):
        return set()
    shops = parties.merchant_facts(wanted)
    return {id_ for id_, shop in shops.items() if function in shop.functions and not shop.suspended}


def need_function(function: MallFunction, merchant_id: int | None = None) -> None:
    """Refuse a verb of a function that is off, for the mall or for the shop that it is about.

    Raises:
        FunctionOff: so it is.
    """
    on = mall_offers(function) if merchant_id is None else shops_offering(function, [merchant_id])
    if not on:
        raise FunctionOff
