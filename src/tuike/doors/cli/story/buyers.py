"""What buyers do in the mall besides buying by a link: what they keep, orders that much lowers, bargains, red packets,
goods that go back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from tuike.catalog import queries as catalog
from tuike.doors.cli.story import returns, talk, trade
from tuike.doors.cli.story.mall import made
from tuike.doors.cli.story.people import BY_KEY
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import cut_bargain, keep_for_member, open_red_packet, send_red_packet, take_coupon
from tuike.flows.place_order import Wanted, place_order
from tuike.marketing.types import NewPacket, SplitKind
from tuike.members.types import AddressWanted, FavouriteKind
from tuike.parties import queries as parties

BUYERS = ("b1", "b2", "b3", "b4", "b5")


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene
    bought: dict[str, trade.Bought]
    numbers: dict[str, str]

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant."""

    def see(self, buyer: str, promoter: str, no: str, at: datetime) -> None:
        """Let a buyer see a promoter's link."""

    def buy(self, name: str, buyer: str, items: trade.Items, at: datetime) -> None:
        """Let a buyer order, pay and receive."""


def live(story: Telling) -> None:
    """Everything that buyers do in the mall."""
    scene = story.scene
    story.on(60, "20:00", partial(_keep, scene))
    story.on(16, "20:00", partial(_take, scene))
    _checkouts(story)
    _bargains(story)
    _packets(story)
    returns.send_back(story)
    talk.say(story)


def _keep(scene: Scene, at: datetime) -> None:
    for buyer in BUYERS:
        scene.progress.flow(f"address:{buyer}", _address, scene, buyer, at)
        for no in ("CM01", "CM11", "NZ01", "CM35")[: 1 + BY_KEY[buyer].seq % 4]:
            scene.progress.flow(f"favourite:{buyer}:{no}", _favourite, scene, buyer, no, at)
    for buyer, shop in (("b1", "shop"), ("b1", "craft"), ("b3", "craft")):
        scene.progress.flow(f"favourite:{buyer}:{shop}", _follow, scene, buyer, shop, at)
    for place, no in enumerate(("CM01", "CM05", "CM24", "NZ02", "CM34", "NZ06")):
        seen = at + timedelta(minutes=place)
        scene.progress.flow(f"seen:b1:{no}", _look, scene, no, seen)


def _address(scene: Scene, buyer: str, at: datetime) -> Answer:
    where = trade.address_of(BY_KEY[buyer])
    wanted = AddressWanted(
        name=where.name, phone=where.phone, region_code=where.region_code, region=where.region, detail=where.detail
    )
    person_id = scene.persons[buyer]
    kept = keep_for_member.add_address(person_id=person_id, wanted=wanted, default=True, key=f"demo:{buyer}", now=at)
    return {"no": kept.no}


def _favourite(scene: Scene, buyer: str, no: str, at: datetime) -> None:
    product = catalog.product_facts([scene.products[no]])[scene.products[no]]
    _mark(scene, buyer, FavouriteKind.PRODUCT, product.product_no, at)


def _follow(scene: Scene, buyer: str, shop: str, at: datetime) -> None:
    [ref] = parties.refs([scene.parties[shop]]).values()
    _mark(scene, buyer, FavouriteKind.SHOP, ref.no, at)


def _mark(scene: Scene, buyer: str, kind: FavouriteKind, no: str, at: datetime) -> None:
    keep_for_member.mark(person_id=scene.persons[buyer], kind=kind, object_no=no, now=at)


def _look(scene: Scene, no: str, at: datetime) -> None:
    keep_for_member.saw_product(person_id=scene.persons["b1"], product_id=scene.products[no], now=at)


def _take(scene: Scene, at: datetime) -> None:
    for buyer, names in (("b1", ("all8", "mall", "hello")), ("b2", ("all8", "nine")), ("b5", ("mall", "snack"))):
        for name in names:
            scene.progress.flow(f"voucher:{buyer}:{name}", _taken, scene, buyer, name, at)


def _taken(scene: Scene, buyer: str, name: str, at: datetime) -> Answer:
    taken = take_coupon.take_coupon(
        buyer_id=scene.persons[buyer], visitor="", coupon_no=made(scene, f"coupon:{name}"), key=f"demo:{name}", now=at
    )
    return {"no": taken.no}


def _checkouts(story: Telling) -> None:
    """Orders that much lowers: two shops at once with coupons and points; points for goods; a balance that pays."""
    scene = story.scene
    for name, buyer, promoter, at, items, more in (
        ("two_shops", "b1", "p2", scene.at(7, "20:40"), [("CM12", 0, 1), ("NZ03", 1, 1)], _lowered),
        ("for_points", "b2", "", scene.at(6, "12:20"), [("CM38", 0, 1)], _for_points),
        ("from_balance", "b3", "p1", scene.at(1, "21:10"), [("CM26", 0, 2)], _from_balance),
    ):
        if promoter:
            story.see(buyer, promoter, items[0][0], at - timedelta(minutes=20))
        _order(story, name, buyer, (items, more), at)


def _order(
    story: Telling, name: str, buyer: str, what: tuple[trade.Items, Callable[[Scene], dict[str, Any]]], at: datetime
) -> None:
    scene = story.scene

    def placed(at: datetime) -> None:
        for one in _place(scene, name, buyer, what, at):
            story.bought[f"{name}:{one.shop}"] = one

    def each(verb: Callable[[Scene, trade.Bought, datetime], None]) -> Callable[[datetime], None]:
        def act(at: datetime) -> None:
            for one in [one for key, one in story.bought.items() if key.startswith(f"{name}:")]:
                verb(scene, one, at)

        return act

    def paid(at: datetime) -> None:
        first = next(one for key, one in story.bought.items() if key.startswith(f"{name}:"))
        if first.payable_fen:
            trade.pay(scene, first, at)

    story.then(at, placed)
    story.then(at + timedelta(minutes=2), paid)
    story.then(at + timedelta(days=1), each(trade.ship))
    story.then(at + timedelta(days=3), each(trade.receive))


def _place(
    scene: Scene, name: str, buyer: str, what: tuple[trade.Items, Callable[[Scene], dict[str, Any]]], at: datetime
) -> list[trade.Bought]:
    answer = scene.progress.flow(f"place:{name}", _placed, scene, name, buyer, what, at)
    shops = {id_: key for key, id_ in scene.parties.items()}
    return [
        trade.Bought(f"{name}:{shops[id_]}", buyer, answer["checkout_no"], no, answer["to_pay_fen"], shops[id_])
        for no, id_ in answer["orders"]
    ]


def _placed(
    scene: Scene, name: str, buyer: str, what: tuple[trade.Items, Callable[[Scene], dict[str, Any]]], at: datetime
) -> Answer:
    items, more = what
    wanted = Wanted(
        items=tuple((scene.skus[no][which], quantity) for no, which, quantity in items),
        address_no=made(scene, f"address:{buyer}"),
        **more(scene),
    )
    placed = place_order(buyer_id=scene.persons[buyer], visitor="", wanted=wanted, key=f"demo:{name}", now=at)
    orders = [[one["no"], one["merchant_id"]] for one in placed["orders"]]
    return {"checkout_no": placed["checkout_no"], "to_pay_fen": placed["to_pay_fen"], "orders": orders}


def _lowered(scene: Scene) -> dict[str, Any]:
    vouchers = tuple(made(scene, f"voucher:b1:{name}") for name in ("all8", "hello", "mall"))
    return {"vouchers": vouchers, "points": 300, "note": "工作日送货"}


def _for_points(scene: Scene) -> dict[str, Any]:
    return {"points_good": made(scene, "points_good:CM38")}


def _from_balance(_scene: Scene) -> dict[str, Any]:
    return {"use_balance": True}


def _bargained(scene: Scene) -> dict[str, Any]:
    return {"bargain": made(scene, "bargain:b4:NZ06")}


def _bargains(story: Telling) -> None:
    """One that runs, one bought at its floor, one that nobody helped with."""
    scene = story.scene
    for buyer, no, at, friends in (
        ("b6", "CM35", scene.at(12, "19:00"), ()),
        ("b4", "NZ06", scene.at(8, "19:00"), ("b1", "b2", "b5", "b7")),
        ("b3", "CM11", scene.at(1, "19:00"), ("b1", "b5", "p3")),
    ):
        story.then(at, partial(_start, scene, buyer, no))
        for place, friend in enumerate(friends, start=1):
            story.then(at + timedelta(minutes=35 * place), partial(_cut, scene, buyer, no, friend))
    _order(story, "bargained", "b4", ([("NZ06", 0, 1)], _bargained), scene.at(7, "21:30"))


def _start(scene: Scene, buyer: str, no: str, at: datetime) -> None:
    scene.progress.flow(f"bargain:{buyer}:{no}", _started, scene, buyer, no, at)


def _started(scene: Scene, buyer: str, no: str, at: datetime) -> Answer:
    begun = cut_bargain.start_bargain(
        buyer_id=scene.persons[buyer], offer_no=made(scene, f"bargain_offer:{no}"), key=f"demo:{no}", now=at
    )
    return {"no": begun.no, "code": begun.code}


def _cut(scene: Scene, buyer: str, no: str, friend: str, at: datetime) -> None:
    scene.progress.flow(f"cut:{buyer}:{no}:{friend}", _did_cut, scene, (buyer, no, friend), at)


def _did_cut(scene: Scene, who: tuple[str, str, str], at: datetime) -> None:
    buyer, no, friend = who
    code = scene.progress.flow(f"bargain:{buyer}:{no}", lambda: None)["code"]
    cut_bargain.cut_bargain(person_id=scene.persons[friend], code=code, now=at)


def _packets(story: Telling) -> None:
    """A buyer's packet of which a part comes back, one from a balance that is opened whole, a shop's and a buyer's that
    are being opened, one that nobody paid and one that waits for its payment."""
    scene, fixed = story.scene, SplitKind.FIXED
    for name, sender, packet, at, friends in (
        ("five", "b2", NewPacket(total_fen=5_000, shares=5, split=fixed, greeting="谢谢帮忙砍价"),
         scene.at(11, "12:00"), ("b1", "b3", "b4")),
        ("small", "b3", NewPacket(total_fen=300, shares=3, split=fixed, greeting="沾沾喜气"),
         scene.at(10, "20:00"), ("b1", "b2", "b6")),
        ("never", "b8", NewPacket(total_fen=2_000, shares=4), scene.at(9, "20:00"), ()),
        ("shop", "shop", NewPacket(total_fen=2_400, shares=8, greeting="山茶季，一起来拆"),
         scene.ago(900), ("b1", "b2", "b5", "p2", "p3")),
        ("lucky", "b5", NewPacket(total_fen=2_000, shares=6, greeting="周末快乐"),
         scene.ago(240), ("b1", "b3", "b4", "b9")),
        ("waits", "b9", NewPacket(total_fen=1_000, shares=5), scene.ago(4), ()),
    ):  # fmt: skip
        story.then(at, partial(_send, scene, name, sender, packet))
        if sender != "shop" and friends and name != "small":
            paid = partial(_pay_packet, scene, name, sender, packet.total_fen)
            story.then(at + timedelta(minutes=1), paid)
        for place, friend in enumerate(friends, start=1):
            story.then(at + timedelta(minutes=3 + 11 * place), partial(_open, scene, name, friend))


def _send(scene: Scene, name: str, sender: str, packet: NewPacket, at: datetime) -> None:
    scene.progress.flow(f"packet:{name}", _sent, scene, name, sender, packet, at)


def _sent(scene: Scene, name: str, sender: str, packet: NewPacket, at: datetime) -> Answer:
    key = f"demo:{name}"
    if sender == "shop":
        actor, shop = scene.actor("shop", "shop"), scene.parties["shop"]
        made_ = send_red_packet.send_shop_packet(merchant_id=shop, packet=packet, actor=actor, key=key, now=at)
    else:
        buyer_id = scene.persons[sender]
        made_ = send_red_packet.send_red_packet(
            buyer_id=buyer_id, packet=packet, from_balance=name == "small", key=key, now=at
        )
    return {"no": made_.no, "code": made_.code}


def _pay_packet(scene: Scene, name: str, sender: str, amount_fen: int, at: datetime) -> None:
    trade.pay_packet(scene, sender, made(scene, f"packet:{name}"), amount_fen, at)


def _open(scene: Scene, name: str, friend: str, at: datetime) -> None:
    scene.progress.flow(f"packet:{name}:{friend}", _opened, scene, name, friend, at)


def _opened(scene: Scene, name: str, friend: str, at: datetime) -> None:
    code = scene.progress.flow(f"packet:{name}", lambda: None)["code"]
    open_red_packet.open_red_packet(person_id=scene.persons[friend], code=code, now=at)
