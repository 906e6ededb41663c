"""Every setting: its name, default, bounds and meaning in both languages. Names are written here and nowhere else."""

from tuike.settings.types import Setting

DEFINED = {
    setting.name: setting
    for setting in (
        Setting(
            "settle_days.mini_store",
            27,
            0,
            365,
            "商城订单：确认收货后多少天可结算",
            "Mall orders: days from receipt to settling",
        ),
        Setting(
            "settle_days.mini_program",
            27,
            0,
            365,
            "外部小程序订单：确认收货后多少天可结算",
            "External orders: days from receipt to settling",
        ),
        Setting(
            "material_days", 30, 1, 365, "推广素材有效的自然日数", "Natural days that promotion material is good for"
        ),
        Setting("touch_window_days", 15, 1, 365, "触达归因窗口（天）", "Days in which a touch may earn an order"),
        Setting("places_per_promoter", 100, 1, 10_000, "每个推客的推广位上限", "Promotion places a promoter may have"),
        Setting(
            "price_floor_fen",
            100,
            1,
            1_000_000,
            "可推广商品的最低价格（分）",
            "Lowest price of a promotable product, in fen",
        ),
        Setting("unpaid_minutes", 30, 1, 1440, "未支付订单多少分钟后关闭", "Minutes until an unpaid order closes"),
        Setting(
            "auto_receive_days",
            10,
            1,
            90,
            "发货后多少天自动确认收货",
            "Days from shipping until receipt confirms itself",
        ),
        Setting(
            "max_paid_tiers",
            2,
            1,
            3,
            "最多支付几级佣金（法律上限 3）",
            "Tiers that may be paid (the law's ceiling is 3)",
        ),
        Setting(
            "platform_fee_bps",
            0,
            0,
            9000,
            "平台从直推佣金中收取的比例（万分之一）",
            "The platform's share of direct commission, in ten-thousandths",
        ),
        Setting(
            "withdraw_min_fen.mini_store",
            100,
            1,
            10_000_000,
            "商城来源的最低提现金额（分）",
            "Smallest withdrawal of what the mall's orders earned, in fen",
        ),
        Setting(
            "withdraw_min_fen.mini_program",
            100,
            1,
            10_000_000,
            "外部小程序来源的最低提现金额（分）",
            "Smallest withdrawal of what external orders earned, in fen",
        ),
        Setting(
            "withdraw_two_approvers_fen",
            5_000_000,
            1,
            10**12,
            "超过该金额的提现需两人审批（分）",
            "Withdrawals above this need two approvers, in fen",
        ),
        Setting(
            "withdraw_auto_approve_fen",
            0,
            0,
            10**9,
            "不超过该金额的提现自动通过（分，0 为关闭）",
            "Withdrawals up to this pass by themselves, in fen; 0 is off",
        ),
        Setting(
            "withdraw_fee_fen.mini_store",
            0,
            0,
            100_000,
            "商城来源：每笔提现的手续费（分），从提现金额中扣除",
            "Mall: fee of each withdrawal, in fen, taken out of its amount",
        ),
        Setting(
            "withdraw_fee_fen.mini_program",
            0,
            0,
            100_000,
            "外部小程序来源：每笔提现的手续费（分），从提现金额中扣除",
            "External shops: fee of each withdrawal, in fen, taken out of its amount",
        ),
        Setting("tax_bps", 0, 0, 9000, "提现代扣税率（万分之一）", "Tax withheld from withdrawals, in ten-thousandths"),
        Setting(
            "bank_cool_down_hours",
            24,
            0,
            720,
            "变更收款账户后的冷静期（小时）",
            "Hours a changed bank account must wait",
        ),
        Setting(
            "api_calls_per_minute",
            3000,
            1,
            1_000_000,
            "开放接口：每个 AppID 每分钟最多调用次数",
            "Open API: calls a minute of each AppID",
        ),
    )
}
