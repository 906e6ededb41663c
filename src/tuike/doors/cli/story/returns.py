"""Goods that go back: asked for, on their way, before the operator, and money back once they arrived."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from tuike.doors.cli.story import trade
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import decide_after_sales, refund_order, return_goods
from tuike.gateways.types import RefundState
from tuike.orders.types import AfterSaleKind

RETURN, SHIPPED = AfterSaleKind.RETURN, AfterSaleKind.SHIPPED
_TO = "退货地址：杭州市西湖区演示路 88 号 山茶仓，收件人 顾清妍"


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene
    bought: dict[str, trade.Bought]
    numbers: dict[str, str]

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant."""

    def see(self, buyer: str, promoter: str, no: str, at: datetime) -> None:
        """Let a buyer see a promoter's link."""

    def buy(self, name: str, buyer: str, items: trade.Items, at: datetime) -> None:
        """Let a buyer order, pay and receive."""


def send_back(story: Telling) -> None:
    """One request in each state that goods on their way know."""
    scene, day = story.scene, timedelta(days=1)
    for name, buyer, no, ask in (
        ("came_back", "b1", "CM18", (RETURN, "seven_days", "尺寸不合适")),
        ("sent", "b4", "CM19", (RETURN, "defective", "盖子有裂纹")),
        ("returning", "b2", "CM36", (RETURN, "seven_days", "颜色与预期不同")),
        ("disputed", "b3", "CM40", (SHIPPED, "not_as_described", "泵头无法按压")),
    ):
        placed = scene.at(14 if name == "came_back" else 11, "19:20")
        story.see(buyer, "p2", no, placed - timedelta(minutes=25))
        story.buy(f"back_{name}", buyer, [(no, 0, 1)], placed)
        asked = scene.at(3, "19:20") if name == "returning" else placed + 5 * day
        story.then(asked, partial(_asked, story, name, ask))
        if name == "disputed":
            story.then(asked + timedelta(hours=5), partial(_reject, story, name))
            story.then(asked + timedelta(hours=28), partial(_dispute, story, name))
            continue
        agreed = asked + timedelta(hours=19)
        story.then(agreed, partial(_agree, story, name))
        if name != "returning":
            story.then(agreed + day, partial(_parcel, story, name))
        if name == "came_back":
            story.then(agreed + 3 * day, partial(_arrived, story, name))
            story.then(agreed + 3 * day + timedelta(minutes=3), partial(_money, story, name))


def _asked(story: Telling, name: str, ask: tuple[AfterSaleKind, str, str], at: datetime) -> None:
    bought = story.bought[f"back_{name}"]
    answer = story.scene.progress.flow(f"ask_back:back_{name}", _ask, story.scene, bought, ask, at)
    story.numbers[f"back_{name}"] = answer["no"]


def _ask(scene: Scene, bought: trade.Bought, ask: tuple[AfterSaleKind, str, str], at: datetime) -> Answer:
    kind, code, reason = ask
    return refund_order.ask_refund(
        buyer_id=scene.persons[bought.buyer],
        order_no=bought.order_no,
        lines=None,
        reason=reason,
        reason_code=code,
        kind=kind,
        key=f"demo:{bought.name}",
        now=at,
    )


def _agree(story: Telling, name: str, at: datetime) -> None:
    story.scene.progress.flow(f"agree:{name}", _agreed, story.scene, story.numbers[f"back_{name}"], at)


def _agreed(scene: Scene, no: str, at: datetime) -> None:
    key, shop = f"demo:{no}", scene.parties["shop"]
    refund_order.approve_refund(no=no, merchant_id=shop, actor=scene.manager, key=key, note=_TO, now=at)


def _parcel(story: Telling, name: str, at: datetime) -> None:
    bought, no = story.bought[f"back_{name}"], story.numbers[f"back_{name}"]
    story.scene.progress.flow(f"parcel:{name}", _sent, story.scene, bought.buyer, no, at)


def _sent(scene: Scene, buyer: str, no: str, at: datetime) -> None:
    return_goods.send_back(
        buyer_id=scene.persons[buyer],
        no=no,
        carrier="顺丰速运",
        tracking_no=f"SF10{no[-10:]}",
        key=f"demo:{no}",
        now=at,
    )


def _arrived(story: Telling, name: str, at: datetime) -> None:
    story.scene.progress.flow(f"arrived:{name}", _looked, story.scene, story.numbers[f"back_{name}"], at)


def _looked(scene: Scene, no: str, at: datetime) -> None:
    key, shop = f"demo:{no}", scene.parties["shop"]
    return_goods.receive_goods(no=no, merchant_id=shop, restock=True, actor=scene.manager, key=key, now=at)


def _money(story: Telling, name: str, at: datetime) -> None:
    trade.hear_of_refund(story.scene, story.numbers[f"back_{name}"], RefundState.SUCCESS, at)


def _reject(story: Telling, name: str, at: datetime) -> None:
    trade.decide_back(story.scene, story.numbers[f"back_{name}"], "reject", at)


def _dispute(story: Telling, name: str, at: datetime) -> None:
    bought, no = story.bought[f"back_{name}"], story.numbers[f"back_{name}"]
    story.scene.progress.flow(f"dispute:{name}", _disputed, story.scene, bought.buyer, no, at)


def _disputed(scene: Scene, buyer: str, no: str, at: datetime) -> None:
    buyer_id, why = scene.persons[buyer], "未使用过，开箱即坏，有开箱视频"
    decide_after_sales.dispute_refund(buyer_id=buyer_id, no=no, reason=why, key=f"demo:{no}", now=at)
