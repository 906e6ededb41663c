"""The payee confirms a WeChat transfer in the mini-program; this is what opens that."""

from tuike.flows import outside
from tuike.settlement import queries as settlement
from tuike.settlement.types import UnknownWithdrawal


def confirmation_of(*, no: str, party_id: int) -> dict[str, str]:
    """Return the parameters of `wx.requestMerchantTransfer` for a party's own withdrawal that waits for it.

    Raises:
        UnknownWithdrawal: no such withdrawal, another party's, or one that doesn't wait for a confirmation.
    """
    package = settlement.confirmation_of(no, party_id=party_id)
    if package is None:
        raise UnknownWithdrawal
    return outside.wechatpay().confirm_parameters(package)
