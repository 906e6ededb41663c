"""Every kind of news. Whoever tells a new one adds its row here."""

from tuike.messages.types import ADMINS, ALL, MONEY, PRODUCTS, SUPER, Kind

KINDS: dict[str, Kind] = {
    # ------------------------------------------------------------------ certification, seats, account
    "certification_approved": Kind(
        "认证已通过，全部功能已开放", "The certification has passed; everything is open", page="home"
    ),
    "certification_rejected": Kind(
        "认证未通过：{reason}", "The certification was rejected: {reason}", page="certification", urgent=True
    ),
    "party_suspended": Kind("本主体已被停用：{reason}", "This party was suspended: {reason}", page="home", urgent=True),
    "party_restored": Kind("本主体已恢复正常", "This party works again", page="home"),
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
    "binding_released": Kind(
        "{shop} 解除了一位客户与您的绑定：{reason}",
        "{shop} released a buyer who was bound to you: {reason}",
        page="bindings",
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
    "appeal_accepted": Kind(
        "申诉 {no} 已通过：佣金 {amount_fen}，{reason}",
        "Appeal {no} was accepted: commission of {amount_fen}. {reason}",
        MONEY,
        "appeal",
        ("no",),
    ),
    "appeal_refused": Kind(
        "申诉 {no} 未通过：{reason}", "Appeal {no} was refused: {reason}", MONEY, "appeal", ("no",), True
    ),
    "held_overdue": Kind(
        "{n} 笔冻结佣金超过处理时限，共 {amount_fen}",
        "Held commission past its time to be decided: {n}, {amount_fen} in all",
        ALL,
        "held",
        (),
        True,
    ),
    "appeals_overdue": Kind(
        "{n} 个申诉超过答复时限，涉及佣金 {amount_fen}",
        "Appeals past their time to be answered: {n}, about {amount_fen}",
        ALL,
        "appeals",
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
    # ------------------------------------------------------------------ bonuses for targets, grades
    "bonus_reached": Kind(
        "目标奖励“{name}”已达标，获得奖励 {amount_fen}",
        'You have reached the target "{name}": {amount_fen}',
        page="bonus",
        path_args=("no",),
    ),
    "bonus_taken_back": Kind(
        "退款后低于目标奖励“{name}”的目标，奖励 {amount_fen} 已收回",
        'After refunds you are under the target "{name}": its {amount_fen} was taken back',
        page="bonus",
        path_args=("no",),
        urgent=True,
    ),
    "bonus_closed": Kind(
        "目标奖励“{name}”已提前结束，不再发放新的奖励",
        'The target bonus "{name}" was closed early; nobody gets it any more',
        page="bonus",
        path_args=("no",),
    ),
    "grade_up": Kind(
        "等级提升：自 {from_at} 起为“{grade_zh}”，直推佣金加成 {extra_bps}",
        'Your grade goes up: "{grade_en}" from {from_at}, which adds {extra_bps} to direct commission',
        page="grade",
    ),
    "grade_down": Kind(
        "等级下降：自 {from_at} 起为“{grade_zh}”，直推佣金加成变为 {extra_bps}",
        'Your grade goes down: "{grade_en}" from {from_at}, which adds {extra_bps} to direct commission',
        page="grade",
        urgent=True,
    ),
    # ------------------------------------------------------------------ cooperation with leaders
    "enrolment_applied": Kind(
        "商家“{shop}”为商品“{product}”报名活动“{activity}”，待团长审核",
        'The shop "{shop}" enrolled "{product}" in the activity "{activity}"; the leader decides',
        ALL,
        "enrolment",
        ("no",),
        True,
    ),
    "enrolment_passed": Kind(
        "团长已通过商品“{product}”报名活动“{activity}”",
        '"{product}" was passed for the activity "{activity}"',
        ALL,
        "enrolment",
        ("no",),
    ),
    "enrolment_rejected": Kind(
        "商品“{product}”报名活动“{activity}”未通过：{reason}",
        '"{product}" was turned away from the activity "{activity}": {reason}',
        ALL,
        "enrolment",
        ("no",),
    ),
    "enrolment_withdrawn": Kind(
        "商家“{shop}”已撤回商品“{product}”的报名",
        'The shop "{shop}" withdrew "{product}"',
        ALL,
        "enrolment",
        ("no",),
    ),
    "cooperation_ended": Kind(
        "商品合作已失效：“{product}”（活动“{activity}”）",
        'The cooperation over "{product}" in the activity "{activity}" has ended',
        ALL,
        "enrolment",
        ("no",),
    ),
    "cancel_asked": Kind(
        "已发起取消合作，团长审核中：商品“{product}”（商家“{shop}”）",
        'Cancelling "{product}" of "{shop}" was asked for; the leader is reviewing it',
        ALL,
        "enrolment",
        ("no",),
        True,
    ),
    "cancelled_at_once": Kind(
        "取消推广成功，商品合作已失效：“{product}”",
        'Promotion of "{product}" was cancelled; the cooperation has ended',
        ALL,
        "enrolment",
        ("no",),
        True,
    ),
    "cancel_agreed": Kind(
        "团长同意取消合作，商品合作已失效：“{product}”",
        'The leader agreed to end the cooperation over "{product}"',
        ALL,
        "enrolment",
        ("no",),
        True,
    ),
    "cancel_refused": Kind(
        "团长拒绝取消合作，推广继续：“{product}”",
        'The leader refused to end the cooperation over "{product}"; promotion goes on',
        ALL,
        "enrolment",
        ("no",),
        True,
    ),
    "extension_asked": Kind(
        "团长申请延长推广时间：“{product}”，请商家在 3 日内处理",
        'The leader asks to promote "{product}" longer; the shop has 3 days to answer',
        ALL,
        "enrolment",
        ("no",),
        True,
    ),
    "extension_agreed": Kind(
        "已同意团长延长推广时间：“{product}”，至 {ends_at}",
        'The leader may promote "{product}" until {ends_at}',
        ALL,
        "enrolment",
        ("no",),
    ),
    "extension_refused": Kind(
        "已拒绝团长延长推广时间：“{product}”",
        'The leader\'s wish to promote "{product}" longer was refused',
        ALL,
        "enrolment",
        ("no",),
    ),
    "extension_lapsed": Kind(
        "已拒绝团长延长推广时间：“{product}”（3 日内未处理）",
        'The leader\'s wish to promote "{product}" longer had no answer in 3 days: refused',
        ALL,
        "enrolment",
        ("no",),
    ),
    "cooperation_opened": Kind(
        "平台已为您开通团长招商功能", "Leaders' activities are open to you now", page="activities"
    ),
    "cooperation_closed": Kind(
        "平台已关闭您的团长招商功能", "Leaders' activities are no longer open to you", page="home"
    ),
    "pool_listed": Kind("商品“{product}”已加入好物联盟", '"{product}" is in the curated pool now', PRODUCTS, "pool"),
    "pool_rejected": Kind(
        "商品“{product}”未通过好物联盟审核：{reason}",
        '"{product}" was not taken into the curated pool: {reason}',
        PRODUCTS,
        "pool",
    ),
    "pool_removed": Kind(
        "商品“{product}”已移出好物联盟：{reason}",
        '"{product}" was taken out of the curated pool: {reason}',
        PRODUCTS,
        "pool",
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
    # ------------------------------------------------------------------ alerts and reports
    "threshold_crossed": Kind(
        "预警：{tile_zh}（{days_zh}）为 {value}，{rule_zh}",
        "Alert: {tile_en} ({days_en}) is {value}, {rule_en}",
        ALL,
        "alerts",
        (),
        True,
    ),
    "report_daily": Kind("{day} 经营日报：{said_zh}", "The report of {day}: {said_en}", ALL, "alert-report", ("no",)),
    "report_weekly": Kind(
        "{first} 至 {last} 经营周报：{said_zh}",
        "The report of {first} to {last}: {said_en}",
        ALL,
        "alert-report",
        ("no",),
    ),
    # ------------------------------------------------------------------ what was asked for
    "export_ready": Kind("导出文件“{name}”已生成", 'The export "{name}" is ready', ALL, "exports"),
    "export_failed": Kind("导出文件“{name}”未能生成", 'The export "{name}" could not be made', ALL, "exports"),
}
