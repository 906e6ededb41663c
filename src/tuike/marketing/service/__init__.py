"""Writes of the mall's extras, one file a kind."""

from tuike.marketing.service.balance import hold_balance, lock_balances, refund_balance, release_balance, spend_balance
from tuike.marketing.service.bargains import (
    create_bargain_offer,
    cut_bargain,
    give_back_bargains,
    start_bargain,
    stop_bargain_offer,
    use_bargain,
)
from tuike.marketing.service.coupons import (
    VOUCHER_TOLD_BEFORE,
    create_coupon,
    give_back,
    raise_stock,
    stop_coupon,
    take,
    use,
    vouchers_to_tell,
)
from tuike.marketing.service.days import forget_days
from tuike.marketing.service.leaving import (
    give_up_balance,
)
from tuike.marketing.service.points import (
    earn_points,
    expire_points,
    give_up_points,
    lock_points,
    points_to_tell,
    return_all_points,
    return_points,
    spend_points,
    take_points_back,
)
from tuike.marketing.service.points_goods import (
    give_back_points_goods,
    offer_points_good,
    stop_points_good,
    take_points_good,
)
from tuike.marketing.service.red_packets import (
    Paid,
    cancel_packets,
    end_packets,
    fund_packets,
    lock_unpaid,
    open_red_packet,
    return_payments,
    send_red_packet,
    send_shop_packet,
)

__all__ = [
    "VOUCHER_TOLD_BEFORE",
    "Paid",
    "cancel_packets",
    "create_bargain_offer",
    "create_coupon",
    "cut_bargain",
    "earn_points",
    "end_packets",
    "expire_points",
    "forget_days",
    "fund_packets",
    "give_back",
    "give_back_bargains",
    "give_back_points_goods",
    "give_up_balance",
    "give_up_points",
    "hold_balance",
    "lock_balances",
    "lock_points",
    "lock_unpaid",
    "offer_points_good",
    "open_red_packet",
    "points_to_tell",
    "raise_stock",
    "refund_balance",
    "release_balance",
    "return_all_points",
    "return_payments",
    "return_points",
    "send_red_packet",
    "send_shop_packet",
    "spend_balance",
    "spend_points",
    "start_bargain",
    "stop_bargain_offer",
    "stop_coupon",
    "stop_points_good",
    "take",
    "take_points_back",
    "take_points_good",
    "use",
    "use_bargain",
    "vouchers_to_tell",
]
