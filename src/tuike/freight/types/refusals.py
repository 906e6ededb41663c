"""What freight refuses."""

from tuike.kit.errors import Refusal


class NotDeliverable(Refusal):
    """The shop doesn't deliver these goods there. Carries `title`, `region`, `product_id` and `merchant_id`."""

    code = "not_deliverable"
    status = 409
    zh = "“{title}”不配送至{region}"
    en = "“{title}” is not delivered to {region}."


class UnknownRegion(Refusal):
    """No district has this code."""

    code = "unknown_region"
    status = 422
    zh = "没有代码为 {region} 的地区"
    en = "There is no region with the code {region}."


class TemplateNameTaken(Refusal):
    """The shop has a template of this name."""

    code = "freight_name_taken"
    status = 409
    zh = "已有名为“{name}”的运费模板"
    en = "There is a freight template called “{name}”."


class TemplateUsed(Refusal):
    """A template that products name, or the default one, stays."""

    code = "freight_template_used"
    status = 409
    zh = "该运费模板正在使用（默认模板，或有 {products} 个商品使用），不能删除"
    en = "The template is in use (the default one, or of {products} products) and can't be deleted."


class MostTemplates(Refusal):
    """A shop has so many templates."""

    code = "freight_templates_full"
    status = 409
    zh = "最多建立 {most} 个运费模板"
    en = "A shop has {most} freight templates at most."


class UnknownCarrier(Refusal):
    """Nobody of the list is called so."""

    code = "unknown_carrier"
    status = 422
    zh = "没有名为“{carrier}”的快递公司"
    en = "No carrier is called “{carrier}”."


class OddTrackingNo(Refusal):
    """The number doesn't look like one of this carrier's."""

    code = "odd_tracking_no"
    status = 422
    zh = "“{tracking_no}”不像{carrier_zh}的单号"
    en = "“{tracking_no}” doesn't look like a number of {carrier_en}."
