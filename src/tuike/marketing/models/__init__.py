"""Rows of the mall's extras, one file a kind."""

from tuike.marketing.models.bargains import Bargain, BargainCut, BargainOffer
from tuike.marketing.models.coupons import Coupon, Voucher
from tuike.marketing.models.points import (
    PointsEarning,
    PointsGood,
    PointsGoodTaking,
    PointsLot,
    PointsMove,
    PointsSpend,
    PointsSpendPart,
)
from tuike.marketing.models.red_packets import BalanceHold, DayUse, Packet, PacketShare

__all__ = [
    "BalanceHold",
    "Bargain",
    "BargainCut",
    "BargainOffer",
    "Coupon",
    "DayUse",
    "Packet",
    "PacketShare",
    "PointsEarning",
    "PointsGood",
    "PointsGoodTaking",
    "PointsLot",
    "PointsMove",
    "PointsSpend",
    "PointsSpendPart",
    "Voucher",
]
