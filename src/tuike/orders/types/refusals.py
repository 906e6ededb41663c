"""The named noes of orders."""

from tuike.kit.errors import Refusal


class TooManyLines(Refusal):
    """A checkout has 1 to 100 lines, a reported order 1 to 2,000."""

    code = "too_many_lines"
    status = 422
    zh = "一个订单须有 1–{most} 种商品"
    en = "An order takes 1 to {most} lines."


class BadQuantity(Refusal):
    """A quantity is 1 to 9999, of a reported order 1 to a million."""

    code = "bad_quantity"
    status = 422
    zh = "每种商品的数量须在 1–{most} 之间"
    en = "The quantity of a line must be from 1 to {most}."


class BadAmount(Refusal):
    """A price, freight or discount that no order has: negative, or beyond what the product accepts."""

    code = "bad_amount"
    status = 422
    zh = "订单金额不合法"
    en = "The order has an amount that is not valid."


class DiscountTooLarge(Refusal):
    """Discounts exceed what they lower: nobody pays less than nothing."""

    code = "discount_too_large"
    status = 409
    zh = "优惠金额超过了商品金额"
    en = "The discounts exceed the price."


class TextTooLong(Refusal):
    """A note, reason or number is too long."""

    code = "order_text_too_long"
    status = 422
    zh = "{field}超过 {limit} 个字符"
    en = "{field} is longer than {limit} characters."


class ReportChanged(Refusal):
    """The external number was reported before with another sale."""

    code = "external_order_changed"
    status = 409
    zh = "外部订单 {external_no} 已按其他内容上报"
    en = "External order {external_no} was reported before with other content."


class ReportOutOfOrder(Refusal):
    """Instants of a report that can't be: shipped before paid, received without being paid."""

    code = "external_order_instants"
    status = 422
    zh = "外部订单 {external_no} 的时间先后不合理"
    en = "The instants of external order {external_no} are out of order."


class NotAnExternalShop(Refusal):
    """Only shops outside the mall report orders."""

    code = "not_an_external_shop"
    status = 409
    zh = "只有外部小程序商家可以上报或导入订单"
    en = "Only a shop with a mini-program of its own reports or imports orders."


class ReportedGoodsUnknown(Refusal):
    """A reported line names no product of the shop."""

    code = "reported_goods_unknown"
    status = 422
    zh = "外部订单 {external_no} 的商品 {item} 不存在"
    en = "External order {external_no}: the shop has no product {item}."


class ReportedRefundImpossible(Refusal):
    """More came back than was sold, or of a line that the order doesn't have."""

    code = "reported_refund_impossible"
    status = 422
    zh = "外部订单 {external_no} 的退款超过了已售的数量或金额"
    en = "External order {external_no}: more came back than was sold."


class NotInThisState(Refusal):
    """The order is not in a state from which this can be done."""

    code = "order_state"
    status = 409
    zh = "订单当前状态不能进行此操作"
    en = "The order is not in a state that allows this."


class AlreadyExtended(Refusal):
    """Receipt can be put off once."""

    code = "receipt_already_extended"
    status = 409
    zh = "收货时间只能延长一次"
    en = "The time of receipt can be extended only once."


class DecideAfterSaleFirst(Refusal):
    """The buyer has asked money back: that is decided before anything is shipped."""

    code = "after_sale_open"
    status = 409
    zh = "该订单有待处理的售后，请先处理"
    en = "The order has an open after-sale; decide it first."


class ProofNeeded(Refusal):
    """A merchant who says that goods arrived gives the carrier's proof."""

    code = "receipt_proof_needed"
    status = 422
    zh = "请提供物流签收凭证"
    en = "Give the carrier's proof of delivery."


class NothingLeft(Refusal):
    """Nothing, or less than asked for, is left of the line, of the order or of its freight."""

    code = "nothing_left_to_refund"
    status = 409
    zh = "超过了可退的数量或金额"
    en = "This exceeds what is left to give back."


class UnshippedInFull(Refusal):
    """Goods that were never shipped are given back at all that was paid for them, freight included."""

    code = "unshipped_refund_in_full"
    status = 422
    zh = "未发货的商品须全额退款（含运费）"
    en = "Goods that were not shipped are refunded in full, freight included."


class AfterSaleDecided(Refusal):
    """The after-sale was decided, cancelled or refunded before."""

    code = "after_sale_decided"
    status = 409
    zh = "该售后单已处理"
    en = "This after-sale was already dealt with."


class CartFull(Refusal):
    """A cart holds at most 100 kinds."""

    code = "cart_full"
    status = 409
    zh = "购物车最多放 100 种商品"
    en = "The cart holds at most 100 kinds of goods."


class AlreadyReminded(Refusal):
    """The shop was reminded of this order today."""

    code = "reminded_today"
    status = 409
    zh = "今天已提醒过商家，请明天再试"
    en = "The shop was reminded today; try again tomorrow."


class AlreadyFinal(Refusal):
    """The operator has decided this after-sale; nobody decides it again."""

    code = "after_sale_final"
    status = 409
    zh = "平台已作出裁决，不能再次申请介入"
    en = "The platform has decided this; it can't be asked again."


class OverDue(Refusal):
    """The time in which this could be done is over."""

    code = "after_sale_too_late"
    status = 409
    zh = "已超过可操作的时间"
    en = "The time for this is over."


class UnknownReason(Refusal):
    """The reason isn't one of those for this kind of after-sale."""

    code = "after_sale_reason_unknown"
    status = 422
    zh = "请选择列表中的退款原因"
    en = "Choose one of the reasons listed."


class TooManyPictures(Refusal):
    """More pictures than evidence takes, or one that isn't there."""

    code = "after_sale_pictures"
    status = 422
    zh = "凭证图片最多 {most} 张，且须为已上传的图片"
    en = "At most {most} pictures, all of them uploaded before."


class PriceChanged(Refusal):
    """What is to be paid isn't what the buyer saw; nothing is placed. Look at the checkout anew."""

    code = "price_changed"
    zh = "应付金额已由 {expected} 变为 {now}，请确认后重新提交"
    en = "The sum is now {now}, not {expected}: look at it and place the order again."


class MoreThanLeft(Refusal):
    """A parcel holds more pieces than are left of a line, pieces of no line, or none at all."""

    code = "more_than_left"
    status = 409
    zh = "包裹中的件数超过了未发货的件数，或为空"
    en = "The parcel has more pieces than are left to ship, or none."


class ParcelTooOld(Refusal):
    """A parcel's number is corrected within 24 hours."""

    code = "parcel_too_old"
    status = 409
    zh = "发货超过 24 小时，不能再修改单号"
    en = "A parcel's number can be corrected within 24 hours only."


class ParcelKnown(Refusal):
    """The order has a parcel under this number."""

    code = "parcel_known"
    status = 409
    zh = "该订单已有单号为 {tracking_no} 的包裹"
    en = "The order has a parcel with the number {tracking_no}."
