"""Refusals of attribution's verbs."""

from tuike.kit.errors import Refusal


class BadPlaceName(Refusal):
    """A place's name is empty, longer than 20 characters, or has invisible characters."""

    code = "place_name_invalid"
    status = 422
    zh = "推广位名称需为 1–20 个可见字符"
    en = "A place's name has 1 to 20 visible characters."


class PlaceNameTaken(Refusal):
    """The promoter has a place of this name already."""

    code = "place_name_taken"
    status = 409
    zh = "已有同名推广位，请换一个名称"
    en = "You already have a place with this name; choose another."


class TooManyPlaces(Refusal):
    """The promoter has as many places as the setting allows."""

    code = "too_many_places"
    status = 409
    zh = "最多可建 {limit} 个推广位，请先删除不用的"
    en = "You can have {limit} places at most; delete one that you don't use."


class PlaceNotFound(Refusal):
    """The promoter has no such place (any more)."""

    code = "place_not_found"
    status = 404
    zh = "没有找到该推广位，或已被删除"
    en = "This place was not found, or was deleted."


class BadCustomizeInfo(Refusal):
    """The merchant's or promoter's own note on material is too long or has invisible characters."""

    code = "customize_info_invalid"
    status = 422
    zh = "自定义信息最多 80 个可见字符"
    en = "The custom information has 80 visible characters at most."


class BadWording(Refusal):
    """Wording is empty, longer than 500 characters, or has characters that nobody sees."""

    code = "wording_invalid"
    status = 422
    zh = "文案需为 1–{most} 个字符，且不能含有不可见字符"
    en = "Wording has 1 to {most} characters, all of them visible."


class NothingToPromote(Refusal):
    """Material was asked for nothing, or for too much at once."""

    code = "nothing_to_promote"
    status = 422
    zh = "请选择 1–{most} 个商品或店铺"
    en = "Choose 1 to {most} products or shops."


class LinkNotFound(Refusal):
    """No material has this code or ticket."""

    code = "link_not_found"
    status = 404
    zh = "推广链接不存在"
    en = "There is no such promotion link."


class BadTicket(Refusal):
    """The ticket isn't one of ours, or was changed."""

    code = "ticket_invalid"
    status = 422
    zh = "推广凭证无效，请从原链接重新打开"
    en = "This promotion ticket is not valid; open the original link again."


class AlreadyBlocked(Refusal):
    """The shop has blocked the promoter already."""

    code = "promoter_already_blocked"
    status = 409
    zh = "该推客已被停止合作"
    en = "This promoter is blocked already."


class NotBlocked(Refusal):
    """There is no block to lift."""

    code = "promoter_not_blocked"
    status = 409
    zh = "该推客未被停止合作"
    en = "This promoter is not blocked."


class BlockReasonNeeded(Refusal):
    """The promoter is told why: a block needs a reason."""

    code = "block_reason_needed"
    status = 422
    zh = "请填写 1–200 个字符的原因，推客可以看到"
    en = "Give a reason of 1 to 200 characters; the promoter can read it."


class BlockedByShop(Refusal):
    """The shop doesn't work with this promoter any more; no new material is made for it."""

    code = "blocked_by_shop"
    status = 403
    zh = "该店铺已停止与您合作，不能再为其制作推广素材"
    en = "This shop has stopped working with you; no new material can be made for it."


class BadVisitor(Refusal):
    """Neither a buyer nor a well-formed visitor was named."""

    code = "visitor_invalid"
    status = 422
    zh = "访客标识无效"
    en = "The visitor's mark is not valid."


class OpenAccountFixed(Refusal):
    """The open-platform account was changed twice within a year."""

    code = "open_account_fixed"
    status = 409
    zh = "开放平台账号一年内最多修改两次"
    en = "The open-platform account can be changed twice a year."


class TooManyUserInfos(Refusal):
    """As many users are described as may be."""

    code = "too_many_user_infos"
    status = 409
    zh = "自定义用户信息已达上限（{most} 条）"
    en = "Infos of at most {most} users are kept."


class UserInfoMissing(Refusal):
    """Nothing is kept for this user."""

    code = "user_info_missing"
    status = 404
    zh = "该用户没有自定义信息"
    en = "Nothing is kept for this user."


class NotBound(Refusal):
    """There is no binding that holds now."""

    code = "not_bound"
    status = 404
    zh = "没有生效中的绑定关系"
    en = "No binding holds there now."
