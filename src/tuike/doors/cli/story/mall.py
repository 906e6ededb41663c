"""What the shops and the operator put up in the mall: functions, levels, pages, freight, coupons, points, bargains."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.content import service as content
from tuike.content.types import Banner, Banners, Block, CategoryRow, CouponStrip, LinkKind, Notice, Picks
from tuike.doors.cli.story import banners
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import offer_bargain, offer_coupon, offer_points_good
from tuike.freight import service as freight
from tuike.freight.types import Basis, NewTemplate, Row
from tuike.marketing.types import (
    CouponChannel,
    CouponKind,
    CouponScope,
    NewBargainOffer,
    NewCoupon,
    NewPointsGood,
)
from tuike.members import service as members
from tuike.members.types import LevelTerms
from tuike.parties import queries as shops
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

SHOPS = ("shop", "craft")
"""The shops of the mall."""

LADDER = (
    LevelTerms(name_zh="普通会员", name_en="Member", growth_needed=0, benefits_zh="下单得积分", benefits_en="Points"),
    LevelTerms(
        name_zh="银卡会员",
        name_en="Silver",
        growth_needed=500,
        multiplier_bps=11_000,
        benefits_zh="积分 1.1 倍；专属优惠券",
        benefits_en="1.1 times the points; coupons of your own",
    ),
    LevelTerms(
        name_zh="金卡会员",
        name_en="Gold",
        growth_needed=2_000,
        multiplier_bps=12_500,
        benefits_zh="积分 1.25 倍；生日礼券；优先客服",
        benefits_en="1.25 times the points; a birthday coupon; answers first",
    ),
    LevelTerms(
        name_zh="钻石会员",
        name_en="Diamond",
        growth_needed=6_000,
        multiplier_bps=15_000,
        benefits_zh="积分 1.5 倍；新品试用；专属客服",
        benefits_en="1.5 times the points; new goods to try; a person to ask",
    ),
)
HOT_WORDS = ("四件套", "茶具", "坚果", "面膜", "手工皂", "鲜花饼")
_SAID = {
    "shop": "把日子过成喜欢的样子：床品、厨房、零食与个护，48 小时内发货，七天无理由退换。",
    "craft": "南方手艺人的小店：柴烧、竹编、蓝染，每一件都有名字。单件手作，略有不同。",
}


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""


def open_mall(story: Telling) -> None:
    """Functions and levels from the first day on, then what makes the mall look alive."""
    scene = story.scene
    story.on(69, "09:00", partial(_functions, scene))
    story.on(69, "09:30", partial(_ladder, scene))
    story.on(30, "09:00", partial(_words, scene))
    story.on(21, "09:00", partial(_coupons, scene))
    story.on(18, "09:00", partial(_points_goods, scene))
    story.on(15, "09:00", partial(_bargains, scene))
    story.on(9, "09:00", partial(_pages, scene))
    story.on(8, "09:00", partial(_freight, scene))


def keeper(scene: Scene, shop: str) -> Actor:
    """Return the seat that keeps a shop."""
    return scene.manager if shop == "shop" else scene.actor(shop, shop)


def made(scene: Scene, step: str) -> str:
    """Return the number of what a step of this chapter made."""
    return str(scene.progress.flow(step, lambda: None)["no"])


def _functions(scene: Scene, at: datetime) -> None:
    for shop in SHOPS:
        for function in MallFunction:
            scene.progress.once(f"function:{shop}:{function}", _switch, scene, shop, function, at)


def _switch(scene: Scene, shop: str, function: MallFunction, at: datetime) -> None:
    actor = scene.actor(shop, shop)
    parties.switch_function(merchant_id=scene.parties[shop], function=function, on=True, actor=actor, now=at)


def _ladder(scene: Scene, at: datetime) -> None:
    scene.progress.once("ladder", _climb, scene, at)


def _climb(scene: Scene, at: datetime) -> None:
    members.set_ladder(levels=LADDER, actor=scene.actor("operator", "operator"), now=at)


def _words(scene: Scene, at: datetime) -> None:
    scene.progress.once("words", _say_words, scene, at)


def _say_words(scene: Scene, at: datetime) -> None:
    content.change_hot_words(words=HOT_WORDS, actor=scene.running, now=at)
    content.change_blocked_words(words=("加微信", "刷单", "返现好评"), actor=scene.running, now=at)


def _coupons(scene: Scene, at: datetime) -> None:
    until: dict[str, Any] = {"starts_at": at, "ends_at": scene.at(-30, "00:00"), "channel": CouponChannel.EVERYONE}
    from_: dict[str, Any] = {"kind": CouponKind.THRESHOLD, **until}
    snack: dict[str, Any] = {"scope": CouponScope.CATEGORY, "target_ids": (scene.categories["snack"],)}
    percent: dict[str, Any] = {"kind": CouponKind.PERCENT, "off_bps": 500, "most_fen": 3_000}
    for name, shop, coupon in (
        ("all8", "shop", NewCoupon(name="全店满 59 减 8", threshold_fen=5_900, minus_fen=800, stock=800, **from_)),
        (
            "snack",
            "shop",
            NewCoupon(name="零食满 30 减 5", threshold_fen=3_000, minus_fen=500, stock=300, **from_, **snack),
        ),
        ("hello", "craft", NewCoupon(name="初见礼", kind=CouponKind.FIXED, minus_fen=600, stock=200, **until)),
        ("nine", "craft", NewCoupon(name="手作九五折", stock=100, **percent, **until)),
        ("mall", "", NewCoupon(name="商城满 129 减 15", threshold_fen=12_900, minus_fen=1_500, stock=500, **from_)),
    ):
        scene.progress.flow(f"coupon:{name}", _coupon, scene, name, shop, coupon, at)


def _coupon(scene: Scene, name: str, shop: str, coupon: NewCoupon, at: datetime) -> Answer:
    merchant_id, actor = (scene.parties[shop], keeper(scene, shop)) if shop else (None, scene.running)
    key = f"demo:{name}"
    return {"no": offer_coupon.create_coupon(merchant_id=merchant_id, coupon=coupon, actor=actor, key=key, now=at).no}


def _points_goods(scene: Scene, at: datetime) -> None:
    until = scene.at(-60, "00:00")
    for no, which, points, money_fen, stock in (
        ("CM38", 0, 260, 990, 80),
        ("CM33", 0, 900, 0, 30),
        ("NZ09", 0, 180, 0, 50),
        ("NZ01", 0, 600, 5_900, 10),
    ):
        sku_id = scene.skus[no][which]
        good = NewPointsGood(
            sku_id=sku_id, points=points, money_fen=money_fen, stock=stock, limit_each=2, starts_at=at, ends_at=until
        )
        scene.progress.flow(f"points_good:{no}", _points_good, scene, no, good, at)


def _points_good(scene: Scene, no: str, good: NewPointsGood, at: datetime) -> Answer:
    shop = "craft" if no.startswith("NZ") else "shop"
    offered = offer_points_good.offer_points_good(
        merchant_id=scene.parties[shop], good=good, actor=keeper(scene, shop), key=f"demo:{no}", now=at
    )
    return {"no": offered.no}


def _bargains(scene: Scene, at: datetime) -> None:
    until = scene.at(-20, "00:00")
    for shop, no, percent, cuts in (("shop", "CM11", 55, 8), ("shop", "CM35", 40, 5), ("craft", "NZ06", 60, 5)):
        sku_id = scene.skus[no][0]
        price_fen = catalog.sku_facts([sku_id])[sku_id].price_fen
        offer = NewBargainOffer(
            sku_id=sku_id,
            floor_fen=price_fen * percent // 100 // 100 * 100,
            cuts_needed=cuts,
            hours=72,
            stock=60,
            limit_each=2,
            starts_at=at,
            ends_at=until,
        )
        scene.progress.flow(f"bargain_offer:{no}", _bargain, scene, shop, offer, at)


def _bargain(scene: Scene, shop: str, offer: NewBargainOffer, at: datetime) -> Answer:
    key, actor = f"demo:{offer.sku_id}", keeper(scene, shop)
    offered = offer_bargain.create_bargain_offer(
        merchant_id=scene.parties[shop], offer=offer, actor=actor, key=key, now=at
    )
    return {"no": offered.no}


def _freight(scene: Scene, at: datetime) -> None:
    far = Row(regions=("540000", "650000"), first_units=1, first_fen=1_800, next_units=1, next_fen=800)
    near = Row(first_units=1, first_fen=600, next_units=2, next_fen=200, free_from_fen=5_900)
    heavy = Row(first_units=1_000, first_fen=1_000, next_units=1_000, next_fen=300, free_from_fen=19_900)
    for shop, terms in (
        ("shop", NewTemplate(name="标准快递（满 59 包邮）", basis=Basis.PIECE, rows=(near, far))),
        ("craft", NewTemplate(name="按重量计", basis=Basis.WEIGHT, rows=(heavy,), not_to=("540000",))),
        ("craft", NewTemplate(name="小件包邮", basis=Basis.FLAT, rows=(Row(first_fen=0),))),
    ):
        scene.progress.once(f"freight:{shop}:{terms.name}", _template, scene, shop, terms, at)
    scene.progress.once("freight:small", _small, scene, at)


def _template(scene: Scene, shop: str, terms: NewTemplate, at: datetime) -> Answer:
    actor = scene.actor(shop, shop)
    return {"no": freight.add_template(merchant_id=scene.parties[shop], terms=terms, actor=actor, now=at).no}


def _small(scene: Scene, at: datetime) -> None:
    template_no = scene.progress.once("freight:craft:小件包邮", lambda: None)["no"]
    facts = catalog.product_facts([scene.products[no] for no in ("NZ08", "NZ09", "NZ10")])
    freight.assign(
        merchant_id=scene.parties["craft"],
        product_nos=[one.product_no for one in facts.values()],
        template_no=template_no,
        actor=scene.actor("craft", "craft"),
        now=at,
    )


def _pages(scene: Scene, at: datetime) -> None:
    scene.progress.once("page:mall", _page, scene, "", _home(scene), at)
    for shop, blocks in (("shop", _camellia(scene)), ("craft", _southern(scene))):
        scene.progress.once(f"page:{shop}", _page, scene, shop, blocks, at)


def _page(scene: Scene, shop: str, blocks: tuple[Block, ...], at: datetime) -> None:
    merchant_id, actor = (scene.parties[shop], scene.actor(shop, shop)) if shop else (None, scene.running)
    content.edit_page(merchant_id=merchant_id, blocks=blocks, now=at)
    content.publish_page(merchant_id=merchant_id, actor=actor, now=at)
    if merchant_id is not None:
        picture = f"/media/demo/{'cm01' if shop == 'shop' else 'nz01'}.webp"
        content.describe_shop(merchant_id=merchant_id, picture=picture, description=_SAID[shop], actor=actor, now=at)


def _home(scene: Scene) -> tuple[Block, ...]:
    [craft] = [one.no for one in shops.refs([scene.parties["craft"]]).values()]
    tops = ("bed", "kitchen", "tidy", "snack", "face")
    return (
        Banners(
            (
                Banner(banners.address_of("season"), LinkKind.CATEGORY, str(scene.categories["bed"])),
                Banner(banners.address_of("tea"), LinkKind.PAGE, "bargains"),
                Banner(banners.address_of("craft"), LinkKind.SHOP, craft),
                Banner(banners.address_of("care"), LinkKind.PAGE, "coupons"),
            )
        ),
        Notice("山茶季：满 129 再减 15，数量有限", "Camellia season: ¥15 off ¥129 or more"),
        CategoryRow(tuple(scene.categories[key] for key in tops)),
        CouponStrip(),
        Picks("本周精选", "This week", _nos(scene, "CM01", "CM11", "NZ01", "CM24", "CM34", "NZ03")),
        Picks("热销商品", "Best sellers"),
        Picks("新品上架", "New arrivals", newest=True),
    )


def _camellia(scene: Scene) -> tuple[Block, ...]:
    season = Banner(banners.address_of("season"), LinkKind.PRODUCT, _nos(scene, "CM01")[0])
    picks = Picks("掌柜推荐", "The shop's picks", _nos(scene, "CM01", "CM05", "CM11", "CM26"))
    return Banners((season,)), CouponStrip(), picks, Picks("店铺热销", "Best sellers")


def _southern(scene: Scene) -> tuple[Block, ...]:
    craft = Banner(banners.address_of("craft"))
    picks = Picks("手作新品", "New from our hands", _nos(scene, "NZ01", "NZ02", "NZ04", "NZ06"))
    return Banners((craft,)), Notice("手作有温度，单件略有差异", "Made by hand: no two are alike"), CouponStrip(), picks


def _nos(scene: Scene, *own: str) -> tuple[str, ...]:
    facts = catalog.product_facts([scene.products[no] for no in own])
    return tuple(facts[scene.products[no]].product_no for no in own)
