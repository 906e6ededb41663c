"""Whether the story was told here: an act in the audit log says so for ever. Light, so that asking is quick."""

from datetime import datetime

from tuike.audit import queries as acts
from tuike.audit import service as audit
from tuike.audit.types import OPERATOR_SHELL
from tuike.parties import queries as parties

_OBJECT, _BEGUN, _TOLD = "demo", "demo.begin", "demo.load"


def told() -> bool:
    """Return whether the whole story is here."""
    return acts.latest(object_=_OBJECT, action=_TOLD) is not None


def others() -> bool:
    """Return whether an alliance is here that isn't the story's."""
    return acts.latest(object_=_OBJECT, action=_BEGUN) is None and parties.operator() is not None


def began() -> datetime | None:
    """Return the present of a story that was begun, None where none was."""
    begun = acts.latest(object_=_OBJECT, action=_BEGUN)
    return datetime.fromisoformat(begun["at"]) if begun else None


def note_begun(*, now: datetime) -> None:
    """Keep the story's present, in the caller's transaction."""
    facts = {"at": now.isoformat()}
    audit.record(actor=OPERATOR_SHELL, action=_BEGUN, object_=_OBJECT, facts=facts, now=now)


def note_told(*, now: datetime) -> None:
    """Keep that the story was told to its end, in the caller's transaction."""
    audit.record(actor=OPERATOR_SHELL, action=_TOLD, object_=_OBJECT, facts={}, now=now)
