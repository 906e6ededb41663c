"""Review rules of the operator and of the shop, and what they hold of the last days' commission."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.review import service as review
from tuike.review.types import Condition, Effect, Feature, NewRule

_RULES = (
    (None, NewRule("大额佣金先审核", Effect.HOLD, {Feature.COMMISSION: Condition(least=6_000)})),
    (
        None,
        NewRule(
            "新推客高退款率",
            Effect.REJECT,
            {Feature.AGE: Condition(most=90), Feature.REFUND_RATE: Condition(least=5_000)},
            reject_days=15,
        ),
    ),
    ("shop", NewRule("一小时内集中成交", Effect.HOLD, {Feature.LINES_HOUR: Condition(least=20)})),
)


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""


def set_rules(story: Telling) -> None:
    """Put the rules in force some days ago: they judge what is booked from then on."""
    story.on(4, "09:00", partial(_make, story.scene))


def _make(scene: Scene, at: datetime) -> None:
    for number, (of, rule) in enumerate(_RULES):

        def work(of: str | None = of, rule: NewRule = rule) -> Answer:
            shop_id = scene.parties[of] if of else None
            return {"no": review.create_rule(merchant_id=shop_id, rule=rule, actor=scene.shell, now=at)}

        scene.progress.once(f"review:{number}", work)
