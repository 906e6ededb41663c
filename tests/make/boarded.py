"""A small alliance with boards to look at: weeks of orders, refunds and settling, with clicks and shares, counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.make import alliance as make
from tests.make import explored
from tests.make import figures as make_figures
from tests.make.alliance import NOON
from tuike.attribution import service as attribution
from tuike.attribution.types import ClickFacts, ShareKind, Surface
from tuike.db import ids
from tuike.parties.types import PartyRef

DAY = timedelta(days=1)
LOOKED = NOON + 56 * DAY
"""When somebody looks at the boards: a month and 90 days have different figures."""


@dataclass
class Boarded:
    """Whose boards there are; `story` is the alliance behind them."""

    story: explored.Explored

    def of(self, kind: str) -> PartyRef:
        """Return the party of a kind."""
        one = self.story.one
        return {
            "promoter": one.promoter,
            "merchant": one.shop,
            "leader": one.leader,
            "operator": self.story.operator,
        }[kind]


def story() -> Boarded:
    """Sell, refund, settle and hold over weeks; click and share on days of their own; count everything."""
    found = explored.story()
    _seen(found.one, days=(0, 27, 45), leader=True)
    _seen(found.beside, days=(18,), leader=False)
    counted(LOOKED)
    return Boarded(found)


def counted(now: datetime) -> None:
    """Count everything that happened until now."""
    make_figures.counted(now=now)


def _seen(one: make.Alliance, *, days: tuple[int, ...], leader: bool) -> None:
    for number in days:
        at = NOON + number * DAY
        made = make.link(one, leader=leader, now=at)
        visitors = ["a", "a", "b", f"c{number}"]
        attribution.add_clicks(
            clicks=[
                ClickFacts(id_, made.link_id, one.shop.id, one.promoter.id, at, visitor, b"", "")
                for id_, visitor in zip(ids.take("attribution_click", len(visitors)), visitors, strict=True)
            ]
        )
        attribution.record_share(
            promoter_id=one.promoter.id,
            code=made.code,
            kind=ShareKind.LINK,
            surface=Surface.CONSOLE,
            key=f"{one.shop.id}-{number}",
            now=at,
        )
