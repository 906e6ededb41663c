"""What stands around every page: which console, its navigation, the party's state, theme and language."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from tuike.cooperation import queries as cooperation
from tuike.doors.console import access, nav
from tuike.doors.console.text import T, chinese
from tuike.messages import queries as messages
from tuike.parties.types import Standing

THEME_COOKIE = "tuike_theme"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the navigation as it is drawn."""

    words: T
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A group of lines as it is drawn."""

    words: T | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything around a page."""

    zh: bool
    theme: str
    path: str
    asker: Any = None
    kind: str = ""
    console: T = field(default_factory=lambda: T("推客联盟", "Tuike Alliance"))
    blocks: tuple[Block, ...] = ()
    standing: Standing | None = None
    unseen: int = 0

    @property
    def lang(self) -> str:
        """Return the page's language as HTML names it."""
        return "zh-Hans" if self.zh else "en"


def around(request: HttpRequest) -> Frame:
    """Return the frame of a request's page; templates ask several times, it is made once."""
    made = getattr(request, "console_frame", None)
    if made is None:
        made = request.console_frame = _made(request)  # type: ignore[attr-defined]
    return made


def _made(request: HttpRequest) -> Frame:
    asker = getattr(request, "asker", None)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    theme = theme if theme in {"light", "dark"} else "auto"
    path = request.get_full_path()
    if asker is None or asker.maybe_seat is None:
        return Frame(zh=chinese(), theme=theme, path=path, asker=asker)
    kind = asker.party.kind.value
    return Frame(
        zh=chinese(),
        theme=theme,
        path=path,
        asker=asker,
        kind=kind,
        console=nav.NAMES[kind],
        blocks=blocks(asker, getattr(request, "page_name", "")),
        standing=asker.standing,
        unseen=messages.unseen(party_id=asker.party_id, person_id=asker.person.id, role=asker.role.value),
    )


def blocks(asker: Any, current: str) -> tuple[Block, ...]:
    """Return the navigation of the asker's seat; empty groups are left out, and what isn't open to the party."""
    kind = asker.party.kind.value
    closed = kind in ("merchant", "leader") and not cooperation.functions_open(asker.party_id)
    drawn = []
    for group in nav.NAV.get(kind, ()):
        lines = []
        for item in group.items:
            full = f"{kind}-{item.name}"
            if not _shown(asker, full) or (closed and full in access.GRADUAL):
                continue
            try:
                url = reverse(f"console:{full}", kwargs={"party_no": asker.party.no})
            except NoReverseMatch:
                continue
            here = current == full or current in {f"{kind}-{name}" for name in item.also}
            lines.append(Line(item.words, item.icon, url, here))
        if lines:
            drawn.append(Block(group.words, tuple(lines)))
    return tuple(drawn)


def first_page(asker: Any) -> str:
    """Return the address of the first page that a seat may see, empty when there is none."""
    return next((line.url for block in blocks(asker, "") for line in block.lines), "")


def _shown(asker: Any, full: str) -> bool:
    if asker.looking:
        return full not in access.NOT_LOOKED_AT
    return asker.may(full) and (asker.standing.certified or full in access.OPEN_UNCERTIFIED)
