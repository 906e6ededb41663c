"""What content refuses, by name."""

from tuike.kit.errors import Refusal


class BadBlock(Refusal):
    """A block of a page can't be kept."""

    code = "bad_block"
    status = 422
    zh = "页面内容有误：{reason_zh}"
    en = "The page can't be kept: {reason_en}"


class PictureUnknown(Refusal):
    """A picture that this person didn't hand in."""

    code = "picture_unknown"
    status = 422
    zh = "图片无效，请重新上传"
    en = "One of the pictures is not valid; please upload it again."


class TooManyPictures(Refusal):
    """Too many pictures in an hour."""

    code = "too_many_pictures"
    status = 429
    zh = "上传太频繁，每小时最多 {most} 张"
    en = "Too many uploads: at most {most} pictures an hour."


class NotCompleted(Refusal):
    """Only what has been received may be reviewed."""

    code = "not_completed"
    zh = "订单完成后才能评价"
    en = "An order can be reviewed once it is completed."


class AlreadyReviewed(Refusal):
    """One review a line."""

    code = "already_reviewed"
    zh = "您已评价过该商品"
    en = "You have reviewed this item already."


class AlreadySaid(Refusal):
    """One addition a review, one answer."""

    code = "already_said"
    zh = "只能提交一次，您已提交过"
    en = "This can be said once, and you have said it."


class NotShown(Refusal):
    """It isn't seen, or can't change to what is wanted from where it stands."""

    code = "not_shown"
    zh = "当前状态不能进行此操作"
    en = "This can't be done as it stands now."


class TooManyPosts(Refusal):
    """A person's posts are full."""

    code = "too_many_posts"
    zh = "最多同时发布 {most} 条供求，请先关闭旧的"
    en = "At most {most} posts stand at once; please close an old one first."


class TooManyRemarks(Refusal):
    """Too many messages, or too many new talks, in a while."""

    code = "too_many_remarks"
    status = 429
    zh = "发送太频繁，请稍后再试"
    en = "Too many messages; please try again later."


class ShutOut(Refusal):
    """One of the two wants no messages of the other."""

    code = "shut_out"
    zh = "无法向对方发送消息"
    en = "Messages can't be sent to this person."
