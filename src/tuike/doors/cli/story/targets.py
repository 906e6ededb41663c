"""A bonus of the platform for a target that some promoters of the story reach, and a draft of the shop's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import tend_rewards
from tuike.rewards import queries as rewards_of
from tuike.rewards import service as rewards
from tuike.rewards.types import Measure, NewOffer

_SELLERS = ("p1", "p2", "p3")


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant."""


def set_targets(story: Telling) -> None:
    """Offer, and count in the end what promoters sold meanwhile."""
    scene = story.scene
    story.on(12, "10:30", partial(_publish, scene))
    story.on(2, "10:30", partial(_draft, scene))
    story.then(scene.began, partial(_count, scene))


def _publish(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        no = rewards.create_offer(merchant_id=None, offer=_offer("平台冲刺月", at), actor=scene.shell, now=at)
        rewards.publish_offer(merchant_id=None, no=no, actor=scene.shell, now=at)
        return {"no": no}

    scene.progress.once("target:platform", work)


def _draft(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        offer, shop_id = _offer("年货节目标", at), scene.parties["shop"]
        return {"no": rewards.create_offer(merchant_id=shop_id, offer=offer, actor=scene.shell, now=at)}

    scene.progress.once("target:shop", work)


def _offer(name: str, at: datetime) -> NewOffer:
    return NewOffer(
        name=name,
        measure=Measure.PIECES,
        target=3,
        reward_fen=2_000,
        budget_fen=6_000,
        starts_at=at + timedelta(minutes=1),
        ends_at=at + timedelta(days=30),
    )


def _count(scene: Scene, at: datetime) -> None:
    """Count as what follows events does: those are read only when no older transaction runs anywhere."""
    sellers = [scene.parties[one] for one in _SELLERS]

    def work() -> Answer:
        for offer in rewards_of.open_offers(at=at):
            rewards.note(counts=tend_rewards.count(offer, sellers), now=at)
            tend_rewards.grant(offer, at)
        return {}

    scene.progress.once("target:counted", work)
