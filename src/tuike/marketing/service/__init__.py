"""Writes of the mall's extras, one file a kind."""

from tuike.marketing.service.coupons import (
    create_coupon,
    give_back,
    raise_stock,
    stop_coupon,
    take,
    use,
)

__all__ = [
    "create_coupon",
    "give_back",
    "raise_stock",
    "stop_coupon",
    "take",
    "use",
]
