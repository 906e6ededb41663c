"""States of an accrual in words, as pages and files say them."""

from tuike.insight.explain import words

STATES = {
    "waiting": ("待商家充值", "Shop must top up", "amber"),
    "pending": ("待结算", "Pending", "blue"),
    "settled": ("已结算", "Settled", "green"),
    "cancelled": ("已取消", "Cancelled", "grey"),
}
REVIEWS = {
    "clear": ("无需审核", "Nothing to review", "grey"),
    "held": ("审核中", "In review", "amber"),
    "approved": ("已放行", "Released", "green"),
    "rejected": ("不通过", "Rejected", "red"),
}
ROLES = {
    "direct": ("直推", "Direct", "green"),
    "self": ("自购", "Own purchase", "grey"),
    "bonus": ("奖金", "Bonus", "amber"),
    "tier2": ("二级", "Tier 2", "blue"),
    "tier3": ("三级", "Tier 3", "blue"),
    "leader": ("团长服务费", "Leader's fee", "amber"),
    "platform": ("平台分成", "Platform", "grey"),
}
SOURCES = {
    "mini_store": ("商城", "Mall"),
    "mini_program": ("外部小程序", "External shop"),
    "reward": ("目标奖励", "Target bonus"),
}
FUNDERS = {"merchant": ("商家", "Shop"), "platform": ("平台", "Platform"), "reward": ("奖励预算", "Offer's budget")}
PAYEES = {"promoter": ("推客", "Promoter"), "leader": ("团长", "Leader"), "platform": ("平台", "Platform")}
LAYERS = {
    key: (words.LAYERS[key].zh, words.LAYERS[key].en)
    for key in ("campaign", "leader", "targeted", "main", "category", "default", "benchmark", "none")
}
