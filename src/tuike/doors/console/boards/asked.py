"""What a board's address asks for: whose, which span, and the addresses of the rows behind a figure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from tuike.doors.console import answers
from tuike.doors.console.text import T
from tuike.figures.types import Owner
from tuike.insight.boards import tiles
from tuike.insight.boards.types import Behind
from tuike.kit.errors import NotFound

SPANS = {
    1: T("今日", "Today"),
    7: T("近 7 天", "7 days"),
    30: T("近 30 天", "30 days"),
    90: T("近 90 天", "90 days"),
}
AGAINST = {
    1: T("较昨日", "vs yesterday"),
    7: T("较前 7 天", "vs 7 days before"),
    30: T("较前 30 天", "vs 30 days before"),
    90: T("较前 90 天", "vs 90 days before"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose board is asked for, and of which days."""

    kind: str
    owner: Owner
    owner_id: int
    span: int
    now: datetime
    zh: bool

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of the span."""
        return tiles.span_days(self.span, self.now)


def read(request: Any) -> Asked:
    """Return what the address asks for; without a span the last seven days.

    Raises:
        NotFound: a span that there isn't.
    """
    asker = request.asker
    typed = request.GET.get("days", "7")
    if typed not in {str(one) for one in SPANS}:
        raise NotFound
    kind = asker.party.kind.value
    owner, owner_id = tiles.owner_of(kind, asker.party_id)
    return Asked(kind, owner, owner_id, int(typed), asker.now, asker.zh)


def url_of(request: Any, behind: Behind) -> str:
    """Return the address of the rows behind a figure."""
    return f"{answers.url(request, behind.page)}?{urlencode(behind.asked, safe=',')}"


def part_url(request: Any, asked: Asked, **more: str) -> str:
    """Return this board's address with more asked of it."""
    return f"{request.path}?{urlencode({'days': asked.span, **more})}"
