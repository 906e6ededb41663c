"""Refusals of members."""

from tuike.kit.errors import Refusal


class TooManyAddresses(Refusal):
    """A person has as many addresses as one may."""

    code = "too_many_addresses"
    status = 409
    zh = "最多保存 {most} 个收货地址，请先删除不用的"
    en = "At most {most} addresses; delete one first."


class TooManyFavourites(Refusal):
    """A person has marked as much as one may."""

    code = "too_many_favourites"
    status = 409
    zh = "最多收藏 {most} 个，请先取消一些"
    en = "At most {most} favourites; remove some first."


class TooManyTags(Refusal):
    """A shop has as many tags as one may, or a member has as many of them."""

    code = "too_many_tags"
    status = 409
    zh = "标签已达上限（{most} 个）"
    en = "At most {most} tags."


class TooManySegments(Refusal):
    """A shop has as many segments as one may."""

    code = "too_many_segments"
    status = 409
    zh = "人群已达上限（{most} 个）"
    en = "At most {most} segments."


class NameTaken(Refusal):
    """The shop has one of this name already."""

    code = "name_taken"
    status = 409
    zh = "名称“{name}”已被使用"
    en = 'The name "{name}" is taken.'


class NobodyMeant(Refusal):
    """Nobody whom this would reach has consented."""

    code = "nobody_meant"
    status = 409
    zh = "没有可发送的会员：需为本店会员且已同意接收"
    en = "There is nobody to send this to: members of the shop who agreed to hear from it."


class EditionNotInForce(Refusal):
    """Consent is to other words than those in force."""

    code = "consent_edition"
    status = 409
    zh = "授权文案已更新，请重新阅读后再确认"
    en = "The wording has changed; read it again before you agree."
