"""Lists that come page by page, and the feed of what changes."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from tuike_client.shapes import Change

Item = TypeVar("Item")


class Pages(Generic[Item]):
    """A list that is read as it is walked through, a page a call; each walk begins anew."""

    def __init__(self, fetch: Callable[[str], Any], after: str = "") -> None:
        self._fetch, self._after = fetch, after

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[Item]]:
        """Walk through the list page by page."""
        after = self._after
        while True:
            page = self._fetch(after)
            if page["items"]:
                yield page["items"]
            after = page["next"]
            if not after:
                return


class Feed:
    """What changed behind a place, up to the feed's end; `cursor` is where to go on another time.

    The cursor moves on when the next change is asked for: kept after each change that was worked off, it loses none.
    """

    def __init__(self, fetch: Callable[[int], Any], after: int = 0) -> None:
        self._fetch, self.cursor = fetch, after

    def __iter__(self) -> Iterator[Change]:
        while True:
            page = self._fetch(self.cursor)
            for change in page["items"]:
                yield change
                self.cursor = change["seq"]
            if not page["more"]:
                return
