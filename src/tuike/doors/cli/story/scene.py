"""Where a story plays: its present, its people and parties by the story's own names, and its steps."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.doors.cli.story.progress import Progress
from tuike.kit import days


@dataclass
class Scene:
    """What every part of the story knows. Ids stand under the story's names (`p1`, `shop`, `CM01`)."""

    progress: Progress
    began: datetime
    appid: str
    mchid: str
    persons: dict[str, int] = field(default_factory=dict)
    parties: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    skus: dict[str, list[int]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def at(self, days_ago: int, clock: str) -> datetime:
        """Return `clock` (HH:MM in Shanghai) of the natural day so many days before the present's."""
        day = days.day_of(self.began) - timedelta(days=days_ago)
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=days.SHANGHAI).astimezone(self.began.tzinfo)

    def ago(self, minutes: int) -> datetime:
        """Return the instant so many minutes before the present."""
        return self.began - timedelta(minutes=minutes)

    def actor(self, person: str, party: str, role: str = "super_admin") -> Actor:
        """Return a person of the story in a seat."""
        party_id = self.parties[party]
        return Actor(kind="person", person_id=self.persons[person], party_id=party_id, role=role, request_id="demo")

    @property
    def running(self) -> Actor:
        """Return the operator's seat that runs the alliance day by day."""
        return self.actor("running", "operator", "operator")

    @property
    def finance(self) -> Actor:
        """Return the operator's finance seat that decides."""
        return self.actor("finance", "operator", "finance")

    @property
    def manager(self) -> Actor:
        """Return the seat that keeps the mall shop's products."""
        return self.actor("goods", "shop", "product_manager")

    @property
    def shell(self) -> Actor:
        """Return the machine's own command line, which the story is told from."""
        return OPERATOR_SHELL
