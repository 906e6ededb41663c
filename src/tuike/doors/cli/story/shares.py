"""Shares of the story: promoters copied and posted what was followed later."""

import random
from datetime import timedelta

from tuike.attribution import queries as touches
from tuike.attribution import service as attribution
from tuike.attribution.types import ShareKind, Surface
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene

_KINDS = (ShareKind.LINK, ShareKind.WORDING, ShareKind.POSTER, ShareKind.CODE, ShareKind.SHARE_CARD)


def tell_shares(scene: Scene) -> None:
    """Write, for each touch of the story, the sharing before it: the same ones for the same present."""
    scene.progress.once("shares", lambda: _share(scene))


def _share(scene: Scene) -> Answer:
    touched = touches.touched_links(since=scene.began - timedelta(days=400))
    codes = {
        link.link_id: link.code
        for promoter_id in {promoter_id for _, _, promoter_id, _ in touched}
        for link in touches.links_of(promoter_id=promoter_id, limit=10_000)
    }
    chance = random.Random(f"shares {scene.began.isoformat()}")  # noqa: S311 a story, not a secret
    shares = 0
    for number, (link_id, _, promoter_id, at) in enumerate(touched):
        for again in range(chance.randint(1, 2)):
            shares += attribution.record_share(
                promoter_id=promoter_id,
                code=codes[link_id],
                kind=chance.choice(_KINDS),
                surface=chance.choice((Surface.CONSOLE, Surface.PHONE)),
                key=f"story-{number}-{again}",
                now=at - timedelta(minutes=chance.randint(5, 90)),
            )
    return {"shares": shares}
