"""What a page of a console offers to whoever looks at it: its links, buttons and forms, as route and method."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.urls import Resolver404, resolve

from tuike.doors.console import access
from tuike.parties.types import Role

ASKS = {"href": "GET", "hx-get": "GET", "hx-post": "POST", "data-move": "POST", "data-share-url": "POST"}
"""Attributes that lead somewhere, and by which method."""

UNTYPED = {"hidden", "checkbox", "radio", "file", "submit", "button", "reset", "image"}
"""Kinds of inputs in which Enter sends nothing."""


@dataclass(frozen=True)
class Offer:
    """Something that can be clicked: the full address, its method, and the route that it leads to."""

    address: str
    method: str
    name: str


class _Reader(HTMLParser):
    """Collects where a page leads. A form leads to its own address by a button that names no other address, and without
    any button that sends it by the Enter key, where something can be typed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._form: tuple[str, str] | None = None
        self._buttons: list[bool] = []
        """Of the form's buttons, whether each sends the form to the form's own address."""
        self._typed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, method in ASKS.items():
            if tag != "link" and given.get(name):
                self.found.append((given[name], method))
        if "formaction" in given:
            self.found.append((given["formaction"], given.get("formmethod", "post").upper()))
        asks = bool({"hx-get", "hx-post", "formaction"} & given.keys())
        if tag == "form":
            method = given.get("method", "get").upper()
            self._form = None if asks or method == "DIALOG" else (given.get("action", ""), method)
            self._buttons, self._typed = [], False
        elif tag == "input" and given.get("type", "text") not in UNTYPED:
            self._typed = True
        elif tag in ("button", "input") and given.get("type", "submit") == "submit":
            self._buttons.append(not asks)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form and (any(self._buttons) or (self._typed and not self._buttons)):
            self.found.append(self._form)
            self._form = None


def offers(html: str, *, at: str, party_no: str) -> Iterator[Offer]:
    """Yield what a page at an address offers of the party's own console, in the page's order."""
    reader = _Reader()
    reader.feed(html)
    for there, method in reader.found:
        address = urljoin(at, there.partition("#")[0])
        if not address.startswith("/"):
            continue
        try:
            match = resolve(address.partition("?")[0])
        except Resolver404:
            continue
        if match.kwargs.get("party_no") == party_no:
            yield Offer(address, method, match.url_name or "")


def refused(offered: Offer, role: Role) -> bool:
    """Return whether the role may not follow what it is offered."""
    return role not in access.ACCESS.get(offered.name, {}).get(offered.method, ())
