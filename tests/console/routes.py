"""Every route of the consoles, as Django's resolver knows it, and an address for it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tuike.doors.console import access
from tuike.doors.console.guard import PARTIES

NOT_THERE = {"str": "Z0", "slug": "z0", "int": 987_654_321, "uuid": uuid.UUID(int=7), "path": "z/0"}
"""What stands in an address for a thing that doesn't exist, by the name of the address's converter."""


@dataclass(frozen=True)
class Route:
    """A page: its kind, its full name, and what its address takes besides the party's number."""

    kind: str
    name: str
    takes: tuple[tuple[str, Any], ...]

    @property
    def row(self) -> access.Row:
        """Its row in the table."""
        return access.ACCESS[self.name]

    def url(self, party_no: str = "") -> str:
        """Return its address at a party, with things that don't exist."""
        given = dict(self.takes) | ({"party_no": party_no} if self.kind in PARTIES else {})
        return reverse(f"console:{self.name}", kwargs=given)


def routes(*kinds: str) -> list[Route]:
    """Return every route of the kinds (of all, without any)."""
    found = [route for route in _walk(get_resolver()) if not kinds or route.kind in kinds]
    return sorted(found, key=lambda route: route.name)


def _walk(resolver: URLResolver) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern)
        elif isinstance(pattern, URLPattern) and (mounted := getattr(pattern.callback, "console_page", None)):
            takes = {
                name: NOT_THERE[type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")]
                for name, converter in pattern.pattern.converters.items()
                if name != "party_no"
            }
            yield Route(mounted[0], mounted[1], tuple(takes.items()))
