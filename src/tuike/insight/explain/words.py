"""Names of roles, states, layers, accounts and events, as a promoter reads them."""

from collections.abc import Mapping
from datetime import datetime

from tuike.insight.explain.types import Words, same
from tuike.kit import days

ROLES = {
    "direct": Words("直推佣金", "Direct commission"),
    "self": Words("自购返佣", "Self-purchase commission"),
    "bonus": Words("活动奖金", "Campaign bonus"),
    "tier2": Words("二级佣金（推荐人）", "Tier 2 commission (recruiter)"),
    "tier3": Words("三级佣金（推荐人的推荐人）", "Tier 3 commission (recruiter's recruiter)"),
    "leader": Words("团长服务费", "Leader's service fee"),
    "platform": Words("平台分成", "Platform's share"),
}
STATES = {
    "waiting": Words("等待：商家预存款不足，充值后继续", "waiting: the shop's prepaid balance can't pay it yet"),
    "pending": Words("待结算", "pending, not yet due"),
    "settled": Words("已结算，可提现", "settled, the payee's to withdraw"),
    "cancelled": Words("已取消", "cancelled"),
}
REVIEWS = {
    "clear": Words("无需审核", "nothing to review"),
    "held": Words("审核中，暂不结算", "held for review; it doesn't settle"),
    "approved": Words("审核通过", "reviewed and approved"),
    "rejected": Words("审核不通过，已退回出资方", "rejected; it went back to who paid it"),
}
LAYERS = {
    "campaign": Words("活动佣金率", "campaign rate"),
    "leader": Words("团长合作佣金率", "rate of a leader's activity"),
    "targeted": Words("定向计划佣金率", "targeted plan's rate"),
    "main": Words("主推商品佣金率", "main product rate"),
    "category": Words("类目佣金率", "category rate"),
    "default": Words("店铺默认佣金率", "shop's default rate"),
    "benchmark": Words("平台基准佣金率", "benchmark"),
    "none": Words("没有佣金率", "no rate"),
    "tier": Words("分销层级比例", "tier rate"),
    "self": Words("自购佣金率", "self-purchase rate"),
    "grade": Words("等级加成", "grade's addition"),
}
ORDER_STATES = {
    "unpaid": Words("待支付", "to be paid"),
    "paid": Words("待发货", "to be shipped"),
    "shipped": Words("已发货", "on its way"),
    "completed": Words("已收货", "received"),
    "closed": Words("已关闭", "closed"),
}
SOURCES = {
    "mini_store": Words("商城", "mall"),
    "mini_program": Words("商家小程序", "the shop's own mini-program"),
}
AFTER_SALES = {
    "requested": Words("待商家处理", "waits for the shop"),
    "returning": Words("待买家寄回", "the buyer is to send the goods back"),
    "sent": Words("买家已寄回，待商家确认", "the goods are on their way back"),
    "disputed": Words("平台介入中", "the operator decides"),
    "approved": Words("已同意，退款中", "approved, the money is on its way"),
    "refunded": Words("已退款", "refunded"),
    "rejected": Words("已拒绝", "rejected"),
    "cancelled": Words("买家已撤销", "taken back by the buyer"),
}
REFUNDS = {
    "open": Words("等待提交微信", "waits to be sent to WeChat Pay"),
    "processing": Words("微信处理中", "WeChat Pay is on it"),
    "done": Words("已退到买家", "with the buyer"),
    "refused": Words("微信拒绝，等待处理", "refused by WeChat Pay; a person must look"),
    "abnormal": Words("微信退款异常，等待处理", "stuck at WeChat Pay; a person must look"),
    "closed": Words("微信已关闭，等待处理", "closed by WeChat Pay; a person must look"),
}
WITHDRAWALS = {
    "requested": Words("待审批", "waits for approval"),
    "approved": Words("已审批，待付款", "approved, to be paid"),
    "sending": Words("付款中", "being paid"),
    "waiting_user": Words("等待收款人在微信确认", "waits for the payee's confirmation in WeChat"),
    "paid": Words("已付款", "paid"),
    "returned": Words("付款未成，已退回可提现", "not paid; the money is available again"),
    "rejected": Words("审批未通过，已退回可提现", "rejected; the money is available again"),
    "cancelled": Words("已撤销，已退回可提现", "taken back; the money is available again"),
}
RAILS = {
    "bank": Words("银行转账", "bank transfer"),
    "wechat": Words("微信转账", "WeChat transfer"),
    "sandbox": Words("沙箱银行", "the sandbox's bank"),
}
KINDS = {
    "payment": Words("买家付款到账", "buyers' payments came in"),
    "payment_mismatched": Words("金额不符的付款到账", "a payment of another amount came in"),
    "payment_late": Words("关闭后的付款到账", "a payment after closing came in"),
    "sale": Words("货款转入商家待结算", "what buyers paid becomes the shop's, held"),
    "top_up": Words("商家充值预存款", "the shop topped up its prepaid balance"),
    "accrual": Words("佣金记账", "commission was booked"),
    "refund": Words("退款：佣金退回，货款备退", "a refund: commission goes back, the money is brought together"),
    "refund_funding": Words("异常付款原路退回", "a stuck payment pays its own way back"),
    "refund_out": Words("退款已付给买家", "the refund went out to the buyer"),
    "reward_fund": Words("目标奖励预算存入", "an offer's budget moved to its own account"),
    "reward_return": Words("目标奖励剩余预算退回", "what was left of an offer's budget went back"),
    "reject": Words("审核不通过，佣金退回", "a rejected accrual went back"),
    "adjustment": Words("人工调整", "an adjustment"),
    "mature": Words("到期结算", "settled on its day"),
    "withdrawal": Words("申请提现", "a withdrawal was asked for"),
    "withdrawal_back": Words("提现退回", "a withdrawal came back"),
    "payout": Words("提现付款", "a withdrawal was paid out"),
    "payout_return": Words("银行退票，提现款退回", "the bank gave a payout back later"),
    "red_packet": Words("发出红包", "a red packet was sent"),
    "red_packet_open": Words("领取红包", "a share of a red packet was opened"),
    "red_packet_return": Words("红包退回", "what nobody opened of a red packet came back"),
    "red_packet_refund": Words("失效红包的付款退回", "a payment for an ended red packet goes back"),
    "balance_hold": Words("下单使用余额", "an order took of the balance"),
    "balance_release": Words("订单关闭，余额退回", "an order closed, the balance came back"),
    "balance_spend": Words("余额支付", "the balance paid for an order"),
    "balance_refund": Words("退款退回余额", "a refund went to the balance"),
}
DISCOUNTS = {
    "coupon": Words("优惠券", "Coupon"),
    "points": Words("积分抵扣", "Points"),
    "bargain": Words("砍价", "Bargain"),
}
FUNDERS = {
    "merchant": Words("商家承担", "borne by the shop"),
    "platform": Words("平台承担", "borne by the platform"),
    "reward": Words("目标奖励预算承担", "borne by an offer's budget"),
}
KIND_OF_PARTY = {
    "merchant": Words("商家", "shop"),
    "promoter": Words("推客", "promoter"),
    "leader": Words("团长", "leader"),
    "platform": Words("平台", "the platform"),
}
_PURPOSES = {
    "held": Words("待结算货款", "held money"),
    "available": Words("可提现", "available"),
    "pending": Words("待结算佣金", "pending commission"),
    "leaving": Words("提现中", "on its way out"),
    "prepaid": Words("预存款", "prepaid balance"),
    "owed": Words("欠款", "debt"),
    "deposit": Words("保证金", "deposit"),
    "fees": Words("收入", "income"),
    "tax": Words("代扣税", "tax withheld"),
    "promotion": Words("推广费", "promotion money"),
    "advance": Words("垫付", "advance"),
    "points": Words("积分", "points"),
    "balance": Words("余额", "balance"),
}
_OUTSIDE = {
    "wechatpay": Words("微信支付", "WeChat Pay"),
    "bank": Words("银行", "the bank"),
    "sandbox": Words("沙箱银行", "the sandbox's bank"),
}


def named(table: Mapping[str, Words], key: str) -> Words:
    """Return a name out of a table, or the key itself where the table doesn't know it."""
    return table.get(key, same(key))


def instant(at: datetime | None) -> Words:
    """Return an instant as people in Shanghai read it."""
    return same(days.shown(at))


def joined(*parts: Words | str, gap: str = " ") -> Words:
    """Return parts one after the other."""
    both = [part if isinstance(part, Words) else same(part) for part in parts]
    return Words(gap.join(part.zh for part in both), gap.join(part.en for part in both))


def account(path: str, names: Mapping[int, str]) -> Words:
    """Return an account as a person knows it: `promoter:9:available` → 推客小李 · 可提现."""
    kind, _, rest = path.partition(":")
    if kind == "outside":
        return named(_OUTSIDE, rest)
    if kind == "clearing":
        return Words(f"在途 {rest}", f"on its way, {rest}")
    if kind == "platform":
        return joined(KIND_OF_PARTY["platform"], named(_PURPOSES, rest), gap=" · ")
    party_id, _, purpose = rest.partition(":")
    if not party_id.isdigit():
        return same(path)
    return joined(party(kind, int(party_id), names), named(_PURPOSES, purpose), gap=" · ")


def party(kind: str, party_id: int, names: Mapping[int, str]) -> Words:
    """Return a party by name, or by what it is and its id where it has none."""
    if kind == "platform":
        return KIND_OF_PARTY["platform"]
    if party_id in names:
        return same(names[party_id])
    return joined(named(KIND_OF_PARTY, kind), f"#{party_id}")
