"""What the shop gives to buyers and promoters: coupons, targeted plans, a request; and promoters who let themselves be
found."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from tuike.doors.cli.story import trade
from tuike.doors.cli.story.people import BY_KEY
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import offer_coupon, take_coupon, target_promoters
from tuike.flows.place_order import Wanted, place_order
from tuike.flows.target_promoters import By
from tuike.marketing.types import CouponKind, CouponScope, NewCoupon
from tuike.matching.types import NewRequest
from tuike.orders.types import Address
from tuike.plans.types import NewTargetedPlan

_CARDS = {
    "p1": (True, "青禾好物", "十二个家居与茶友社群，每日两场分享"),
    "p2": (True, "晨希严选", "专注母婴与零食，群内转化稳定"),
    "p3": (False, "可心分享", "生活好物随手拍"),
}


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene
    bought: dict[str, trade.Bought]

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant."""

    def see(self, buyer: str, promoter: str, no: str, at: datetime) -> None:
        """Let a buyer see a promoter's link."""


def give(story: Telling) -> None:
    """Coupons in every phase, one used by a buyer; plans with promoters in every state; a request; cards."""
    scene = story.scene
    story.on(20, "09:00", partial(_coupons, scene))
    bought = scene.at(12, "20:10")
    story.see("b2", "p1", "CM05", bought - timedelta(minutes=40))
    story.then(bought - timedelta(minutes=20), partial(_take, scene, "b2"))
    story.then(bought, lambda at: story.bought.update(gift=_place(scene, "gift", "b2", [("CM05", 0, 1)], at)))
    story.then(bought + timedelta(minutes=2), lambda at: trade.pay(scene, story.bought["gift"], at))
    story.then(bought + timedelta(days=1), lambda at: trade.ship(scene, story.bought["gift"], at))
    story.then(bought + timedelta(days=4), lambda at: trade.receive(scene, story.bought["gift"], at))
    story.on(6, "09:00", partial(_stop_coupon, scene))
    story.on(40, "09:30", partial(_old_plan, scene))
    story.on(25, "10:00", partial(_plan, scene))
    story.on(24, "10:00", partial(_request, scene))
    story.on(13, "10:00", partial(_cards, scene))
    story.on(20, "16:00", partial(_decided, scene, "p4", False))
    story.on(12, "09:00", partial(_decided, scene, "p1", True))
    story.on(12, "09:10", partial(_invite, scene))
    story.then(scene.ago(100), partial(_ask, scene))


def _by(scene: Scene, key: str, name: str, at: datetime) -> By:
    return By(scene.parties[key], scene.actor(key, key), at, f"demo:{name}")


def _coupons(scene: Scene, at: datetime) -> None:
    until, coming = scene.at(-30, "00:00"), scene.at(-3, "00:00")
    shop: dict[str, Any] = {"starts_at": at, "ends_at": until}
    for name, coupon in (
        (
            "half",
            NewCoupon(
                name="推客专享满 99 减 10",
                kind=CouponKind.THRESHOLD,
                threshold_fen=9_900,
                minus_fen=1_000,
                stock=500,
                **shop,
            ),
        ),
        ("gift", NewCoupon(name="新客立减 5 元", kind=CouponKind.FIXED, minus_fen=500, stock=200, use_days=30, **shop)),
        (
            "bed",
            NewCoupon(
                name="床品九折",
                kind=CouponKind.PERCENT,
                off_bps=1_000,
                most_fen=5_000,
                stock=100,
                scope=CouponScope.CATEGORY,
                target_ids=(scene.categories["bed"],),
                starts_at=coming,
                ends_at=until,
            ),
        ),
        ("one", NewCoupon(name="仅此一张立减 3 元", kind=CouponKind.FIXED, minus_fen=300, stock=1, **shop)),
        ("tried", NewCoupon(name="试发立减 2 元", kind=CouponKind.FIXED, minus_fen=200, stock=50, **shop)),
        (
            "over",
            NewCoupon(
                name="周末满 59 减 6",
                kind=CouponKind.THRESHOLD,
                threshold_fen=5_900,
                minus_fen=600,
                stock=80,
                starts_at=at,
                ends_at=at + timedelta(days=3),
            ),
        ),
    ):
        scene.progress.flow(f"coupon:{name}", _offer, scene, name, coupon, at)


def _offer(scene: Scene, name: str, coupon: NewCoupon, at: datetime) -> Answer:
    made = offer_coupon.create_coupon(
        merchant_id=scene.parties["shop"], coupon=coupon, actor=scene.manager, key=f"demo:{name}", now=at
    )
    return {"no": made.no}


def _coupon_no(scene: Scene, name: str) -> str:
    return scene.progress.flow(f"coupon:{name}", lambda: None)["no"]


def _stop_coupon(scene: Scene, at: datetime) -> None:
    scene.progress.flow("coupon:tried:stop", _stopped, scene, at)


def _stopped(scene: Scene, at: datetime) -> None:
    shop, no = scene.parties["shop"], _coupon_no(scene, "tried")
    offer_coupon.stop_coupon(merchant_id=shop, no=no, actor=scene.manager, now=at)


def _take(scene: Scene, buyer: str, at: datetime) -> None:
    for name in ("gift", "half", "one"):
        scene.progress.flow(f"voucher:{buyer}:{name}", _taken, scene, buyer, name, at)


def _taken(scene: Scene, buyer: str, name: str, at: datetime) -> Answer:
    taken = take_coupon.take_coupon(
        buyer_id=scene.persons[buyer], visitor="", coupon_no=_coupon_no(scene, name), key=f"demo:{name}", now=at
    )
    return {"no": taken.no}


def _place(scene: Scene, name: str, buyer: str, items: trade.Items, at: datetime) -> trade.Bought:
    voucher = scene.progress.flow(f"voucher:{buyer}:{name}", lambda: None)["no"]
    answer = scene.progress.flow(f"place:{name}", _placed, scene, name, buyer, (items, voucher), at)
    return trade.Bought(name, buyer, answer["checkout_no"], answer["order_no"], answer["payable_fen"])


def _placed(scene: Scene, name: str, buyer: str, what: tuple[trade.Items, str], at: datetime) -> Answer:
    who, (items, voucher) = BY_KEY[buyer], what
    wanted = Wanted(
        items=tuple((scene.skus[no][which], quantity) for no, which, quantity in items),
        address=Address(name=who.name, phone=who.phone, region="杭州市 西湖区", detail=f"演示路 {who.seq} 号"),
        vouchers=(voucher,),
    )
    placed = place_order(buyer_id=scene.persons[buyer], visitor="", wanted=wanted, key=f"demo:{name}", now=at)
    told = {part: placed[part] for part in ("checkout_no", "payable_fen")}
    return told | {"order_no": placed["orders"][0]["no"]}


def _old_plan(scene: Scene, at: datetime) -> None:
    _make_plan(
        scene,
        "old",
        NewTargetedPlan(
            name="新品试推", starts_at=at, ends_at=at + timedelta(days=10), rates=_rates(scene, ("CM31",), 2_500)
        ),
        at,
    )


def _plan(scene: Scene, at: datetime) -> None:
    plan = NewTargetedPlan(
        name="茶器与家居深度合作",
        note="每月上新优先寄样，文案和实拍图可直接使用。",
        starts_at=at,
        ends_at=scene.at(-45, "00:00"),
        rates=_rates(scene, ("CM05", "CM11", "CM09"), 2_600),
    )
    _make_plan(scene, "main", plan, at)


def _rates(scene: Scene, nos: Sequence[str], rate_bps: int) -> dict[int, int]:
    return {scene.products[no]: rate_bps + 100 * place for place, no in enumerate(nos)}


def _make_plan(scene: Scene, name: str, plan: NewTargetedPlan, at: datetime) -> None:
    scene.progress.flow(f"plan:{name}", _planned, scene, name, plan, at)


def _planned(scene: Scene, name: str, plan: NewTargetedPlan, at: datetime) -> Answer:
    made = target_promoters.create_plan(plan=plan, by=By(scene.parties["shop"], scene.manager, at, f"demo:plan:{name}"))
    return {"no": made.no, "code": made.invite_code}


def _main(scene: Scene) -> Answer:
    return scene.progress.flow("plan:main", lambda: None)


def _request(scene: Scene, at: datetime) -> None:
    scene.progress.flow("request:main", _published, scene, at)


def _published(scene: Scene, at: datetime) -> Answer:
    wanted = NewRequest(
        title="招募茶器与家居类推客",
        text="有稳定社群或公众号即可，寄样支持，佣金高于公开佣金率。",
        category_ids=(scene.categories["home"],),
        open_until=scene.at(-30, "00:00"),
    )
    by = By(scene.parties["shop"], scene.manager, at, "demo:request")
    return {"no": target_promoters.publish_request(plan_no=_main(scene)["no"], request=wanted, by=by).no}


def _cards(scene: Scene, at: datetime) -> None:
    for key in _CARDS:
        scene.progress.flow(f"card:{key}", _card, scene, key, at)


def _card(scene: Scene, key: str, at: datetime) -> None:
    listed, name, intro = _CARDS[key]
    known = (scene.categories["home"], scene.categories["food"]) if key == "p2" else (scene.categories["home"],)
    by = _by(scene, key, f"card:{key}", at)
    target_promoters.write_card(listed=listed, words=(name, intro), category_ids=known, by=by)


def _decided(scene: Scene, key: str, accept: bool, at: datetime) -> None:
    scene.progress.flow(f"member:{key}", _joined, scene, key, accept, at)


def _invite(scene: Scene, at: datetime) -> None:
    scene.progress.flow("member:p2", _invited, scene, at)


def _joined(scene: Scene, key: str, accept: bool, at: datetime) -> None:
    main, shop = _main(scene), By(scene.parties["shop"], scene.manager, at, f"demo:decide:{key}")
    by = _by(scene, key, f"join:{key}", at)
    target_promoters.apply_by_code(code=main["code"], message="主推家居与茶器", by=by)
    reason = "" if accept else "近期没有相关类目的推广"
    target_promoters.decide(no=main["no"], promoter_ids=[by.party_id], accept=accept, reason=reason, by=shop)


def _invited(scene: Scene, at: datetime) -> None:
    by = By(scene.parties["shop"], scene.manager, at, "demo:invite")
    target_promoters.invite(
        no=_main(scene)["no"], promoter_ids=[scene.parties["p2"]], message="看到您的名片，期待合作", by=by
    )


def _ask(scene: Scene, at: datetime) -> None:
    scene.progress.flow("member:p3", _asked, scene, at)


def _asked(scene: Scene, at: datetime) -> None:
    no = scene.progress.flow("request:main", lambda: None)["no"]
    by = _by(scene, "p3", "apply:p3", at)
    target_promoters.apply_to_request(request_no=no, message="有两个茶友群，想试推茶器", by=by)
