"""Clicks of the story: people looked before they bought, and many looked and didn't."""

import random
from datetime import timedelta

from tuike.attribution import queries as touches
from tuike.attribution import service as attribution
from tuike.attribution.types import ClickFacts
from tuike.db import ids
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene

_AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0"


def tell_clicks(scene: Scene) -> None:
    """Write, for each touch of the story, the clicks around it: the same ones for the same present."""
    scene.progress.once("clicks", lambda: _click(scene))


def _click(scene: Scene) -> Answer:
    touched = touches.touched_links(since=scene.began - timedelta(days=400))
    chance = random.Random(f"clicks {scene.began.isoformat()}")  # noqa: S311 a story, not a secret
    found = []
    for link_id, merchant_id, promoter_id, at in touched:
        for number in range(chance.randint(4, 17)):
            # The first is the one that was followed; the others looked in the days before.
            before = timedelta(seconds=3) if number == 0 else timedelta(minutes=chance.randint(2, 60 * 30))
            found.append((link_id, merchant_id, promoter_id, at - before, f"{chance.getrandbits(64):016x}"))
    clicks = [
        ClickFacts(id_, link, shop, promoter, at, visitor, visitor.encode()[:16], _AGENT)
        for id_, (link, shop, promoter, at, visitor) in zip(
            ids.take("attribution_click", len(found)), found, strict=True
        )
    ]
    attribution.add_clicks(clicks=clicks)
    return {"clicks": len(clicks)}
