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


class AccountUnderway(Refusal):
    """An account can't be closed while something of its person's is underway."""

    code = "account_underway"
    status = 409
    zh = "您有未完成的订单、售后或未领完的红包，处理完毕后才能注销"
    en = "Orders, after-sales or red packets are still underway; close the account when they have ended."


class AccountInCharge(Refusal):
    """An account can't be closed while its person sits in a party that isn't theirs alone."""

    code = "account_in_charge"
    status = 409
    zh = "您仍是“{party}”的管理成员，请先移交或退出席位"
    en = 'You still have a seat in "{party}"; hand it over first.'


class AccountHasMoney(Refusal):
    """An account can't be closed while a promoter of its person's has money or debts."""

    code = "account_has_money"
    status = 409
    zh = "推客“{party}”仍有佣金、欠款或提现未结清，结清后才能注销"
    en = 'The promoter "{party}" still has earnings, debts or a withdrawal; settle them first.'


class GoodsLeft(Refusal):
    """An account with balance or points is closed only when its person says that these may go."""

    code = "account_goods_left"
    status = 409
    zh = "账户还有余额 ¥{balance} 和 {points} 积分，注销后将作废；请先确认放弃"
    en = "¥{balance} and {points} points are left and would be lost; say that you give them up first."
