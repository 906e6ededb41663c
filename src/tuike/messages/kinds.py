"""Every kind of news. Whoever tells a new one adds its row here."""

from tuike.messages.types import ADMINS, ALL, MONEY, PRODUCTS, SUPER, Kind

KINDS: dict[str, Kind] = {
    # ------------------------------------------------------------------ certification, seats, account
    "certification_approved": Kind("认证已通过，全部功能已开放", "The certification has passed; everything is open"),
    "certification_rejected": Kind(
        "认证未通过：{reason}", "The certification was rejected: {reason}", page="certification", urgent=True
    ),
    "party_suspended": Kind("本主体已被停用：{reason}", "This party was suspended: {reason}", urgent=True),
    "party_restored": Kind("本主体已恢复正常", "This party works again"),
    "seat_added": Kind("{name} 成为管理员", "{name} became an administrator", ADMINS, "administrators"),
    "seat_removed": Kind("{name} 不再是管理员", "{name} is no longer an administrator", ADMINS, "administrators"),
    "super_admin_given": Kind(
        "超级管理员已转让给 {name}", "The super administrator's role went to {name}", ALL, "administrators", (), True
    ),
    "secret_reset": Kind(
        "AppSecret 已重置，旧密钥失效", "The AppSecret was reset; the old one is dead", SUPER, "account"
    ),
    "bank_account_changed": Kind(
        "收款账户已变更为尾号 {tail}，{usable_at} 后可用于提现",
        "The payout account is now the one ending in {tail}; usable from {usable_at}",
        MONEY,
        "funds",
        (),
        True,
    ),
    # ------------------------------------------------------------------ money
    "withdrawal_approved": Kind(
        "提现 {no} 已通过审批：{amount_fen}", "Withdrawal {no} was approved: {amount_fen}", MONEY, "funds"
    ),
    "withdrawal_rejected": Kind(
        "提现 {no} 被驳回：{reason}，{amount_fen} 已退回可提现余额",
        "Withdrawal {no} was rejected: {reason}; {amount_fen} is available again",
        MONEY,
        "funds",
        (),
        True,
    ),
    "withdrawal_waiting_user": Kind(
        "提现 {no} 请在微信中确认收款：{amount_fen}",
        "Confirm withdrawal {no} in WeChat: {amount_fen}",
        MONEY,
        "funds",
        (),
        True,
    ),
    "withdrawal_paid": Kind("提现 {no} 已到账：{amount_fen}", "Withdrawal {no} was paid: {amount_fen}", MONEY, "funds"),
    "withdrawal_returned": Kind(
        "提现 {no} 未能到账，{amount_fen} 已退回可提现余额",
        "Withdrawal {no} could not be paid; {amount_fen} is available again",
        MONEY,
        "funds",
        (),
        True,
    ),
    "prepaid_short": Kind(
        "预存款不足，推广已暂停，请尽快充值",
        "The prepaid balance is used up; promotion has stopped",
        MONEY,
        "prepaid",
        (),
        True,
    ),
    "statement_ready": Kind("{month} 月账单已生成", "The statement of {month} is ready", MONEY, "funds"),
    # ------------------------------------------------------------------ goods and rates
    "rate_lifted": Kind(
        "{name_zh} 的佣金率低于新的下限，已抬升，自 {from_at} 起为 {rate_bps}",
        "The rate of {name_en} stood below its new floor and was lifted: {rate_bps} from {from_at}",
        PRODUCTS,
        "rate-history",
        (),
        True,
    ),
    "product_not_promotable": Kind(
        "商品“{title}”暂不可推广：{reason_zh}",
        'The product "{title}" can\'t be promoted: {reason_en}',
        PRODUCTS,
        "products",
    ),
    "campaign_budget_used": Kind(
        "活动“{title}”预算已用完", 'The budget of the campaign "{title}" is used up', PRODUCTS, "campaigns"
    ),
    "coupon_out": Kind("优惠券“{title}”已领完", 'The coupon "{title}" is out of stock', PRODUCTS, "coupons"),
    # ------------------------------------------------------------------ after-sales
    "after_sale_asked": Kind(
        "买家申请售后 {no}（订单 {order_no}）：{amount_fen}",
        "A buyer asks back {amount_fen}: {no} (order {order_no})",
        MONEY,
        "refunds",
    ),
    "after_sale_sent": Kind(
        "售后 {no} 的退货已寄出，请确认收货", "The goods of {no} are on their way back", MONEY, "refunds"
    ),
    "after_sale_disputed": Kind(
        "售后 {no} 已转平台介入", "The operator looks at after-sale {no}", MONEY, "refunds", (), True
    ),
    "after_sale_decided": Kind(
        "平台已裁决售后 {no}", "The operator has decided after-sale {no}", MONEY, "refunds", (), True
    ),
    "ship_reminder": Kind("买家提醒尽快发货：订单 {no}", "A buyer asks for order {no} to be shipped", ADMINS, "orders"),
    # ------------------------------------------------------------------ targeted plans
    "plan_applied": Kind(
        "推客 {promoter} 申请加入定向计划“{name}”",
        'The promoter {promoter} applies for the targeted plan "{name}"',
        PRODUCTS,
        "targeted-plan",
        ("no",),
    ),
    "plan_joined": Kind(
        "推客 {promoter} 已加入定向计划“{name}”",
        'The promoter {promoter} joined the targeted plan "{name}"',
        PRODUCTS,
        "targeted-plan",
        ("no",),
    ),
    "plan_declined": Kind(
        "推客 {promoter} 谢绝了定向计划“{name}”的邀请",
        'The promoter {promoter} declined the targeted plan "{name}"',
        PRODUCTS,
        "targeted-plan",
        ("no",),
    ),
    "plan_invited": Kind(
        "商家“{shop}”邀请您加入定向计划“{name}”",
        'The shop "{shop}" invites you into the targeted plan "{name}"',
        page="cooperations",
        urgent=True,
    ),
    "plan_accepted": Kind(
        "您已加入定向计划“{name}”，专属佣金率已生效", 'You are in the targeted plan "{name}"', page="cooperations"
    ),
    "plan_rejected": Kind(
        "定向计划“{name}”未通过您的申请：{reason}",
        'Your application for the targeted plan "{name}" was rejected: {reason}',
        page="cooperations",
    ),
    "plan_changed": Kind(
        "定向计划“{name}”已修改（{what_zh}），自 {from_at} 起生效",
        'The targeted plan "{name}" was changed ({what_en}); it holds from {from_at}',
        page="cooperations",
        urgent=True,
    ),
    "plan_removed": Kind(
        "您将于 {from_at} 退出定向计划“{name}”：{reason}",
        'You leave the targeted plan "{name}" from {from_at}: {reason}',
        page="cooperations",
    ),
    # ------------------------------------------------------------------ software
    "webhook_off": Kind(
        "接收地址“{name}”连续 5 天未能投递成功，已自动停用",
        'Nothing got through to the webhook endpoint "{name}" for 5 days; it was switched off',
        ADMINS,
        "webhooks",
        (),
        True,
    ),
    # ------------------------------------------------------------------ what was asked for
    "export_ready": Kind("导出文件“{name}”已生成", 'The export "{name}" is ready', ALL, "exports"),
    "export_failed": Kind("导出文件“{name}”未能生成", 'The export "{name}" could not be made', ALL, "exports"),
}
