"""A browser's page that is watched: errors of scripts, failed requests, refused answers, accessibility, language."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.urls import reverse
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tuike.parties.types import PartyRef

HERE = Path(__file__).parent
SCRIPTS = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("axe.min.js", "watched.js"))


@dataclass
class Watched:
    """A person's browser. `page` is Playwright's own; `problems` holds what went wrong and wasn't expected."""

    page: Page
    context: BrowserContext
    base: str
    party: PartyRef | None
    english: bool
    problems: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda problem: self.problems.append(f"script: {problem}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def url(self, name: str, *, of: PartyRef | None = None, **path_args: Any) -> str:
        """Return the address of a page of the party by its name without the kind, or of what begins with a slash."""
        if name.startswith("/"):
            return self.base + name
        party = of or self.party
        assert party is not None
        return self.base + reverse(f"console:{party.kind}-{name}", kwargs={"party_no": party.no, **path_args})

    def say(self, zh: str, en: str) -> str:
        """Return the words of the language that this person reads."""
        return en if self.english else zh

    def go(self, name: str, query: str = "", *, check: bool = True, **where: Any) -> Page:
        """Open a page and look at it as `check` does."""
        self.page.goto(self.url(name, **where) + query)
        if check:
            self.check()
        return self.page

    def check(self) -> None:
        """Assert what every page holds: accessible by axe's rules, and no Chinese but data on an English page."""
        self.settle()
        self.page.evaluate(SCRIPTS)
        wrong = self.page.evaluate("watched.axe()")
        if self.english:
            wrong += [f"Chinese: {text}" for text in self.page.evaluate("watched.chinese()")]
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{wide} px wider than its window"] if wide > 1 else []
        assert not wrong, "\n".join([self.page.url, *wrong])

    def settle(self) -> None:
        """Wait until htmx has drawn what it asked for and nothing moves any more."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')")
        self.page.wait_for_function(
            "() => document.getAnimations().every((one) => one.playState !== 'running'"
            " || one.effect.getComputedTiming().iterations === Infinity)"
        )

    @contextlib.contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Let answers with these statuses be no problem within the block (scripts' complaints of them included)."""
        before = set(self.expected)
        self.expected |= set(statuses)
        try:
            yield
            self.settle()
        finally:
            self.expected = before

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if any(f"status of {status}" in message.text or f"Code {status}" in message.text for status in self.expected):
            return
        self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        why = request.failure or ""
        if "ERR_ABORTED" not in why:  # a page that was left while it still asked
            self.problems.append(f"request: {request.method} {request.url} {why}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"answer: {response.status} {response.request.method} {response.url}")
