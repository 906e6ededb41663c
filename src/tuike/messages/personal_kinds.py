"""Every kind of message to a person. Whoever tells a new one adds its row here."""

from tuike.messages.types import PersonalKind, Thread

PERSONAL: dict[str, PersonalKind] = {
    # ------------------------------------------------------------------ orders
    "order_shipped": PersonalKind(
        Thread.ORDERS,
        "订单 {no} 已发货：{carrier} {tracking_no}",
        "Order {no} is on its way: {carrier} {tracking_no}",
        "order",
    ),
    "receipt_soon": PersonalKind(
        Thread.ORDERS,
        "订单 {no} 将于 {receive_at} 自动确认收货",
        "Receipt of order {no} confirms itself at {receive_at}",
        "order",
    ),
    "refund_done": PersonalKind(
        Thread.ORDERS,
        "订单 {order_no} 的退款 {amount_fen} 已退回",
        "{amount_fen} of order {order_no} went back to you",
        "refund",
    ),
    "after_sale_approved": PersonalKind(
        Thread.ORDERS,
        "订单 {order_no} 的售后申请已通过：{amount_fen}",
        "Your claim on order {order_no} was approved: {amount_fen}",
        "refund",
    ),
    "after_sale_agreed": PersonalKind(
        Thread.ORDERS,
        "商家已同意退货，请寄回订单 {order_no} 的商品",
        "Send the goods of order {order_no} back: the return is agreed",
        "refund",
    ),
    "after_sale_rejected": PersonalKind(
        Thread.ORDERS,
        "订单 {order_no} 的售后申请未通过：{reason}",
        "Your claim on order {order_no} was rejected: {reason}",
        "refund",
    ),
    "review_answered": PersonalKind(
        Thread.ORDERS, "{shop} 回复了您对“{title}”的评价", '{shop} answered your review of "{title}"', "review"
    ),
    # ------------------------------------------------------------------ gifts and games
    "coupon_given": PersonalKind(
        Thread.GIFTS, "{shop} 送您一张优惠券“{title}”", '{shop} gave you a coupon: "{title}"', "coupons"
    ),
    "coupon_expiring": PersonalKind(
        Thread.GIFTS,
        "优惠券“{title}”将于 {expires_at} 过期",
        'Your coupon "{title}" expires at {expires_at}',
        "coupons",
    ),
    "bargain_cut": PersonalKind(
        Thread.GIFTS,
        "{name} 帮您砍掉了 {cut_fen}，“{title}”现价 {price_fen}",
        '{name} cut {cut_fen} off "{title}"; it costs {price_fen} now',
        "bargain",
    ),
    "bargain_floor": PersonalKind(
        Thread.GIFTS,
        "“{title}”已砍到底价 {price_fen}，快去下单",
        '"{title}" is at its floor, {price_fen}: buy it now',
        "bargain",
    ),
    "red_packet_opened": PersonalKind(
        Thread.GIFTS,
        "{name} 领取了您的红包：{amount_fen}",
        "{name} opened your red packet: {amount_fen}",
        "red_packet",
    ),
    "red_packet_returned": PersonalKind(
        Thread.GIFTS,
        "红包未被领完，{amount_fen} 已退回您的余额",
        "{amount_fen} of your red packet came back to your balance",
        "red_packet",
    ),
    "points_expiring": PersonalKind(
        Thread.GIFTS,
        "您有 {points} 积分将于 {expires_at} 过期",
        "{points} of your points expire at {expires_at}",
        "points",
    ),
    "level_up": PersonalKind(Thread.GIFTS, "恭喜升级为 {level_zh}", "You reached the level {level_en}", "member"),
    "shop_message": PersonalKind(Thread.GIFTS, "{shop}：{text}", "{shop}: {text}", "shop"),
    # ------------------------------------------------------------------ supply and demand
    "board_message": PersonalKind(
        Thread.BOARD, "{name} 就“{title}”给您留言：{text}", '{name} wrote to you about "{title}": {text}', "talk"
    ),
    "post_approved": PersonalKind(Thread.BOARD, "您的供求“{title}”已发布", 'Your post "{title}" is published', "post"),
    "post_rejected": PersonalKind(
        Thread.BOARD, "您的供求“{title}”未通过：{reason}", 'Your post "{title}" was rejected: {reason}', "post"
    ),
    # ------------------------------------------------------------------ promoting and selling
    "certification_passed": PersonalKind(
        Thread.WORK, "{party} 的认证已通过，现在可以开始了", "{party} was approved; you can begin now", "work"
    ),
    "certification_refused": PersonalKind(
        Thread.WORK,
        "{party} 的认证未通过：{reason}，请修改后重新提交",
        "{party} was not approved: {reason}. Change it and apply again",
        "work",
    ),
    "application_passed": PersonalKind(
        Thread.WORK, "您的推客申请已通过，现在可以开始推广了", "Your application has passed; you can begin now", "work"
    ),
    "application_rejected": PersonalKind(
        Thread.WORK, "您的推客申请未通过：{reason}", "Your application was rejected: {reason}", "work"
    ),
    "deposit_paid": PersonalKind(
        Thread.WORK, "保证金 {amount_fen} 已缴纳", "Your deposit of {amount_fen} has come in", "work"
    ),
    "deposit_returned": PersonalKind(
        Thread.WORK, "保证金 {amount_fen} 已退还", "{amount_fen} of your deposit went back to you", "work"
    ),
    "deposit_forfeited": PersonalKind(
        Thread.WORK,
        "保证金已扣除 {amount_fen}：{reason}",
        "{amount_fen} of your deposit was forfeited: {reason}",
        "work",
    ),
    "bonus_reached": PersonalKind(
        Thread.WORK,
        "目标奖励“{name}”已达标，获得奖励 {amount_fen}",
        'You have reached the target "{name}": {amount_fen}',
        "bonus",
    ),
    "bonus_taken_back": PersonalKind(
        Thread.WORK,
        "退款后低于目标奖励“{name}”的目标，奖励 {amount_fen} 已收回",
        'After refunds you are under the target "{name}": its {amount_fen} was taken back',
        "bonus",
    ),
    "bonus_closed": PersonalKind(
        Thread.WORK,
        "目标奖励“{name}”已提前结束，不再发放新的奖励",
        'The target bonus "{name}" was closed early; nobody gets it any more',
        "bonus",
    ),
    "grade_up": PersonalKind(
        Thread.WORK,
        "等级提升：自 {from_at} 起为“{grade_zh}”，直推佣金加成 {extra_bps}",
        'Your grade goes up: "{grade_en}" from {from_at}, which adds {extra_bps} to direct commission',
        "grade",
    ),
    "grade_down": PersonalKind(
        Thread.WORK,
        "等级下降：自 {from_at} 起为“{grade_zh}”，直推佣金加成变为 {extra_bps}",
        'Your grade goes down: "{grade_en}" from {from_at}, which adds {extra_bps} to direct commission',
        "grade",
    ),
    "appeal_accepted": PersonalKind(
        Thread.WORK,
        "申诉 {no} 已通过：佣金 {amount_fen}，{reason}",
        "Appeal {no} was accepted: commission of {amount_fen}. {reason}",
        "withdrawal",
    ),
    "appeal_refused": PersonalKind(
        Thread.WORK, "申诉 {no} 未通过：{reason}", "Appeal {no} was refused: {reason}", "withdrawal"
    ),
    "withdrawal_to_confirm": PersonalKind(
        Thread.WORK, "提现 {no} 请确认收款：{amount_fen}", "Confirm withdrawal {no}: {amount_fen}", "withdrawal"
    ),
    "withdrawal_arrived": PersonalKind(
        Thread.WORK, "提现 {no} 已到账：{amount_fen}", "Withdrawal {no} was paid: {amount_fen}", "withdrawal"
    ),
    "withdrawal_came_back": PersonalKind(
        Thread.WORK,
        "提现 {no} 未能到账，{amount_fen} 已退回可提现余额",
        "Withdrawal {no} could not be paid; {amount_fen} is available again",
        "withdrawal",
    ),
}
