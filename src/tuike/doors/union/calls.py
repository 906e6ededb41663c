"""What a call is: declared once, for dispatch, for the description and for the documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuike.apps.types import App, Scope
from tuike.audit.types import Actor
from tuike.doors.union.kinds import Ask
from tuike.parties.types import PartyKind

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


@dataclass(frozen=True, slots=True)
class Maybe:
    """A part of an answer that isn't always there."""

    shape: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value out of a few."""

    values: tuple[Any, ...]


Shape = Any
"""An answer's form: TEXT, WHOLE, OneOf, `[shape]` for a list, `{name: shape}` for an object."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that was authorised and read: who calls, what was given by name, when."""

    caller: App | None
    given: Mapping[str, Any]
    now: datetime
    request_id: str

    @property
    def app(self) -> App:
        """Return who calls; calls without a token have nobody."""
        assert self.caller is not None
        return self.caller

    @property
    def party_id(self) -> int:
        """Return the caller's party."""
        return self.app.party.id

    @property
    def actor(self) -> Actor:
        """Return the caller as the actor that the audit log names."""
        return Actor("app", None, self.party_id, "app", self.request_id)

    def __getitem__(self, name: str) -> Any:
        """Return a given value."""
        return self.given[name]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of this door. `who` is the kind of party that may call; None: whoever proves AppID and AppSecret.

    `scope` is what a personal token needs.
    """

    method: str
    path: str
    who: PartyKind | None
    scope: Scope | None
    about_zh: str
    about_en: str
    asks: tuple[Ask, ...]
    gives: Mapping[str, Shape]
    do: Callable[[Asked], Mapping[str, Any]]

    @property
    def name(self) -> str:
        """Return its name: the path's words."""
        return self.path.strip("/").replace("/", "_").replace("-", "_")
