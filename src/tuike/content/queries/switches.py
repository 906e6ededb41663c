"""Which functions of the mall are on."""

from tuike.parties import queries as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.settings import service as settings


def offered(function: MallFunction, *, merchant_id: int | None = None) -> bool:
    """Return whether the mall (setting `mall_<function>`), and the shop where one is named, has a function on."""
    if settings.get(f"mall_{function.value}") != 1:
        return False
    if merchant_id is None:
        return True
    return function in parties.merchant_facts([merchant_id])[merchant_id].functions


def require(function: MallFunction, *, merchant_id: int | None = None) -> None:
    """Refuse what belongs to a function that is off.

    Raises:
        FunctionOff: so it is.
    """
    if not offered(function, merchant_id=merchant_id):
        raise FunctionOff
