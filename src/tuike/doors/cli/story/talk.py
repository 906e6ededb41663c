"""What people say in the mall: reviews and their answers, posts on the board and messages about them, news of shops."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from tuike.content import service as content
from tuike.content.types import NewPost, NewReview, PostCategory, PostKind
from tuike.doors.cli.story import pictures, trade
from tuike.doors.cli.story.goods import CAMELLIA, SOUTHERN
from tuike.doors.cli.story.mall import keeper, made
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import put_picture, review_purchase, send_to_members, write_on_board
from tuike.members import service as members
from tuike.members.types import CONSENT_EDITION, Asked, SendingKind

_WORDS = (
    (5, "包装很用心，实物和图片一致，已经推荐给同事了。"),
    (5, "第二次买，品质一直稳定，物流也快。"),
    (4, "东西不错，就是快递放了驿站。"),
    (5, "送朋友的，她很喜欢。"),
    (3, "一般，和想象的有点差距，不过客服态度很好。"),
    (5, "性价比很高，家里人都说好。"),
    (4, "用了一周才来评价，目前满意。"),
    (5, "颜色质感都在线，拍照好看。"),
)
_REVIEWED = ("e00", "e01", "e02", "e03", "e06", "e08", "e12", "e14", "e18", "e20", "e24", "e26")
Told = tuple[str, str, PostKind, PostCategory, str, str, str]
"""A post: the story's name of it, who writes it, of which kind and about what, title, text, city."""
_POSTS: tuple[Told, ...] = (
    ("white", "b6", PostKind.DEMAND, PostCategory.GOODS, "求购散装白茶 20 公斤",
     "福鼎料，二级以上，请带样品报价，长期要货。", "杭州"),
    ("boxes", "b7", PostKind.SUPPLY, PostCategory.STOCK, "收纳盒尾货 800 只",
     "外贸尾单，三种尺寸，整批优先，可开票。", "义乌"),
    ("photo", "b9", PostKind.SUPPLY, PostCategory.SERVICE, "接电商静物拍摄",
     "自有影棚，每天可拍 30 款，含精修。", "成都"),
    ("partner", "b10", PostKind.DEMAND, PostCategory.PARTNERS, "寻手工皂代工厂",
     "需有化妆品生产许可，月 5000 块起。", "苏州"),
    ("refused", "b8", PostKind.SUPPLY, PostCategory.OTHER, "好评返现，加微信聊", "日结，时间自由。", ""),
    ("waits", "b5", PostKind.SUPPLY, PostCategory.EQUIPMENT, "九成新封口机转让",
     "用了半年，换大机器所以转让，自提优先。", "厦门"),
)  # fmt: skip


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene
    bought: dict[str, trade.Bought]

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant."""

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""


def say(story: Telling) -> None:
    """Reviews, the board, and what a shop sends to members who agreed."""
    scene = story.scene
    for place, name in enumerate(_REVIEWED):
        ordered = 66 - int(name[1:]) * 60 // 44
        story.on(ordered - 8, "20:30", partial(_review, story, name, _WORDS[place % len(_WORDS)], ()))
    story.on(50, "10:00", partial(_answer, scene, "e02", "感谢支持，驿站问题已反馈给快递。"))
    story.on(
        3, "21:00", partial(_review, story, "two_shops:craft", (5, "藤编很细致，内衬可拆洗，比图片还好看。"), ("NZ03",))
    )
    story.on(3, "21:30", partial(_review, story, "bargained:craft", (5, "和朋友一起砍下来的，炖汤很香。"), ("NZ06",)))
    story.on(2, "09:30", partial(_pass, scene, "two_shops:craft"))
    story.on(2, "11:00", partial(_answer, scene, "two_shops:craft", "每一只都是阿婆手编的，谢谢喜欢。"))
    for place, post in enumerate(_POSTS):
        story.then(scene.ago(130) if post[0] == "waits" else scene.at(6 - place, "12:40"), partial(_post, scene, post))
    for name in ("white", "boxes", "photo", "partner"):
        story.on(1, "10:00", partial(_pass_post, scene, name))
    story.on(1, "10:05", partial(_refuse_post, scene))
    story.on(1, "15:00", partial(_ask_about, scene))
    story.on(1, "16:00", partial(_report, scene))
    story.on(2, "10:00", partial(_reach_out, scene))


def _review(story: Telling, name: str, said: tuple[int, str], drawn: Sequence[str], at: datetime) -> None:
    scene, bought = story.scene, story.bought[name]
    addresses = tuple(_picture(scene, bought.buyer, no, at) for no in drawn)
    scene.progress.flow(f"review:{name}", _reviewed, scene, bought, said, addresses, at)


def _reviewed(
    scene: Scene, bought: trade.Bought, said: tuple[int, str], addresses: tuple[str, ...], at: datetime
) -> Answer:
    score, text = said
    review = NewReview(score=score, text=text, pictures=addresses, anonymous=score < 4)
    written = review_purchase.review_purchase(
        buyer_id=scene.persons[bought.buyer],
        order_no=bought.order_no,
        line_no=1,
        review=review,
        key=f"demo:{bought.name}",
        now=at,
    )
    return {"no": written.no}


def _picture(scene: Scene, buyer: str, no: str, at: datetime) -> str:
    """Hand in a drawn picture of a product as the buyer's own, and return its address."""
    return str(scene.progress.flow(f"picture:{buyer}:{no}", _handed_in, scene, buyer, no, at)["address"])


def _handed_in(scene: Scene, buyer: str, no: str, at: datetime) -> Answer:
    [item] = [item for item in CAMELLIA + SOUTHERN if item.no == no]
    raw = io.BytesIO()
    pictures.draw(item).save(raw, "JPEG", quality=85)
    return {"address": put_picture.put_picture(person_id=scene.persons[buyer], raw=raw.getvalue(), now=at)}


def _answer(scene: Scene, name: str, text: str, at: datetime) -> None:
    scene.progress.once(f"answer:{name}", _answered, scene, name, text, at)


def _answered(scene: Scene, name: str, text: str, at: datetime) -> None:
    shop = "craft" if name.endswith(":craft") else "shop"
    content.answer_review(
        merchant_id=scene.parties[shop], no=made(scene, f"review:{name}"), text=text, actor=keeper(scene, shop), now=at
    )


def _pass(scene: Scene, name: str, at: datetime) -> None:
    scene.progress.once(f"pass:{name}", _passed, scene, name, at)


def _passed(scene: Scene, name: str, at: datetime) -> None:
    content.decide_reviews(nos=[made(scene, f"review:{name}")], shown=True, actor=scene.running, now=at)


def _post(scene: Scene, post: Told, at: datetime) -> None:
    name, person = post[:2]
    shown = (_picture(scene, person, "CM22", at),) if name == "boxes" else ()
    scene.progress.flow(f"post:{name}", _posted, scene, post, shown, at)


def _posted(scene: Scene, post: Told, shown: tuple[str, ...], at: datetime) -> Answer:
    name, person, kind, category, title, text, city = post
    new = NewPost(kind=kind, category=category, title=title, text=text, pictures=shown, city=city)
    return {"no": write_on_board.put_post(person_id=scene.persons[person], post=new, key=f"demo:{name}", now=at).no}


def _pass_post(scene: Scene, name: str, at: datetime) -> None:
    scene.progress.once(f"pass_post:{name}", _decided, scene, name, "", at)


def _refuse_post(scene: Scene, at: datetime) -> None:
    scene.progress.once("pass_post:refused", _decided, scene, "refused", "涉嫌刷单，不予发布", at)


def _decided(scene: Scene, name: str, reason: str, at: datetime) -> None:
    nos = [made(scene, f"post:{name}")]
    content.decide_posts(nos=nos, shown=not reason, reason=reason, actor=scene.running, now=at)


def _ask_about(scene: Scene, at: datetime) -> None:
    answer = scene.progress.flow("talk:white", _began_talk, scene, at)
    for place, (person, text) in enumerate((("b6", "有的，需要寄样吗？"), ("b1", "好的，麻烦寄 100 克，地址私信。"))):
        said = at + timedelta(minutes=12 * (place + 1))
        scene.progress.flow(f"talk:white:{place}", _went_on, scene, person, (answer["no"], text), said)


def _began_talk(scene: Scene, at: datetime) -> Answer:
    post_no = made(scene, "post:white")
    talk = write_on_board.say(
        person_id=scene.persons["b1"],
        post_no=post_no,
        text="我这边有去年的寿眉和白牡丹，可以看样。",
        key="demo:white",
        now=at,
    )
    return {"no": talk.no}


def _went_on(scene: Scene, person: str, said: tuple[str, str], at: datetime) -> None:
    talk_no, text = said
    write_on_board.say(person_id=scene.persons[person], talk_no=talk_no, text=text, key=f"demo:{at:%H%M}", now=at)


def _report(scene: Scene, at: datetime) -> None:
    scene.progress.flow("complaint:photo", _reported, scene, at)


def _reported(scene: Scene, at: datetime) -> None:
    write_on_board.report(
        person_id=scene.persons["b2"],
        post_no=made(scene, "post:photo"),
        reason="图片盗用他人作品",
        key="demo:photo",
        now=at,
    )


def _reach_out(scene: Scene, at: datetime) -> None:
    for buyer in ("b1", "b2", "b3"):
        scene.progress.once(f"consent:{buyer}", _consent, scene, buyer, at - timedelta(hours=2))
    scene.progress.once("tag:regular", _tag, scene, at - timedelta(hours=1))
    scene.progress.flow("sending:coupon", _send, scene, SendingKind.COUPON, at)
    scene.progress.flow("sending:message", _send, scene, SendingKind.MESSAGE, at + timedelta(minutes=5))
    scene.progress.flow("sending:done", _send_on, at + timedelta(minutes=6))


def _consent(scene: Scene, buyer: str, at: datetime) -> None:
    members.set_marketing_consent(person_id=scene.persons[buyer], given=True, edition=CONSENT_EDITION, now=at)


def _tag(scene: Scene, at: datetime) -> Answer:
    shop, actor = scene.parties["shop"], scene.actor("shop", "shop")
    tag = members.make_tag(merchant_id=shop, name="老顾客", actor=actor, now=at)
    wanted = [scene.persons[buyer] for buyer in ("b1", "b2", "b3", "b4")]
    members.tag_members(merchant_id=shop, no=tag.no, person_ids=wanted, actor=actor, now=at)
    return {"no": tag.no}


def _send(scene: Scene, kind: SendingKind, at: datetime) -> None:
    coupon = kind is SendingKind.COUPON
    send_to_members.begin_sending(
        merchant_id=scene.parties["shop"],
        kind=kind,
        coupon_no=made(scene, "coupon:snack") if coupon else "",
        text="" if coupon else "山茶季上新：亚麻四件套到店，老顾客优先选色。",
        to_name="老顾客",
        asked=Asked(tag=scene.progress.once("tag:regular", lambda: None)["no"]),
        actor=scene.actor("shop", "shop"),
        key=f"demo:{kind}",
        now=at,
    )


def _send_on(at: datetime) -> None:
    send_to_members.send_on(now=at)
