"""How plans says no, by name."""

from tuike.kit.errors import Refusal


class _BelowFloor(Refusal):
    """A rate must stand above (or at) what is below it; carries the floor."""

    status = 422


class NotAboveCategory(_BelowFloor):
    """A main product's rate must be above its category's rate."""

    code = "not_above_category"
    zh = "主推商品佣金率必须高于类目佣金率 {floor}"
    en = "A main product's rate must be above its category's rate of {floor}."


class NotAboveDefault(_BelowFloor):
    """Without a category rate, a main product's rate must be above the merchant's default."""

    code = "not_above_default"
    zh = "主推商品佣金率必须高于默认佣金率 {floor}"
    en = "A main product's rate must be above the shop's default rate of {floor}."


class NotAboveBenchmark(_BelowFloor):
    """The rate must be above the benchmark."""

    code = "not_above_benchmark"
    zh = "佣金率必须高于平台基准佣金率 {floor}"
    en = "The rate must be above the benchmark of {floor}."


class BelowBenchmark(_BelowFloor):
    """The merchant's default must reach the benchmark of every category that it sells in."""

    code = "below_benchmark"
    zh = "默认佣金率不能低于平台基准佣金率 {floor}"
    en = "The default rate can't be below the benchmark of {floor}."


class NotAboveNextLayer(_BelowFloor):
    """A campaign's rate must be above the rate that would hold without it."""

    code = "not_above_next_layer"
    zh = "活动佣金率必须高于活动开始时的现有佣金率 {floor}"
    en = "A campaign's rate must be above the rate of {floor} that holds without it."


class AboveCeiling(Refusal):
    """In the worst case more than 90 % of the price would be paid out."""

    code = "above_ceiling"
    status = 422
    zh = "佣金合计最高可达 {worst}，超过上限 {ceiling}（含最高等级、各级分佣与奖金）"
    en = "All shares together could reach {worst}, above the ceiling of {ceiling} (highest grade, tiers and bonus)."


class StartsInPast(Refusal):
    """A campaign can't start before it is written."""

    code = "starts_in_past"
    status = 422
    zh = "开始时间不能早于现在"
    en = "The start can't be in the past."


class TierNotAllowed(Refusal):
    """The operator (and the law) allow fewer paid tiers."""

    code = "tier_not_allowed"
    status = 422
    zh = "平台最多允许 {most} 级分佣（《禁止传销条例》）"
    en = "At most {most} tiers may be paid here (regulation against pyramid selling)."


class WrittenOutOfOrder(Refusal):
    """A later change of the same rate was written before this one: a rate in force is never edited."""

    code = "rate_written_out_of_order"
    status = 409
    zh = "该佣金率已有更晚生效的修改，请刷新后重试"
    en = "A later change of this rate exists; reload and try again."


class CampaignOver(Refusal):
    """The campaign has ended, was stopped, or ends today by itself."""

    code = "campaign_over"
    status = 409
    zh = "活动已结束、已停止或将于今日结束"
    en = "The campaign has ended, was stopped, or ends today by itself."


class BudgetHeld(Refusal):
    """Orders hold more of the budget than it would be; or the campaign was made without a budget."""

    code = "budget_held"
    status = 409
    zh = "预算不能低于订单已占用的金额，也不能为无预算的活动增设预算"
    en = "A budget can't fall below what orders hold of it, and can't be added to a campaign without one."


class ReleasedTooMuch(Refusal):
    """More would be released than the line holds."""

    code = "released_too_much"
    status = 409
    zh = "释放的预算超过该订单行占用的金额"
    en = "More would be released than the line holds of the budget."
