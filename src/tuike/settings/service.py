"""Reading and changing settings."""

from collections.abc import Iterable
from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.settings.registry import DEFINED
from tuike.settings.types import OutOfBounds, UnknownSetting


def read(names: Iterable[str]) -> dict[str, int]:
    """Return the values in force of `names`, in one query; what nobody set has its default.

    Raises:
        UnknownSetting: a name that is not in the registry.
    """
    wanted = list(names)
    for name in wanted:
        if name not in DEFINED:
            raise UnknownSetting(name=name)
    found = rows.planned(
        "SELECT DISTINCT ON (name) name, value::text FROM settings_value WHERE name = ANY(%s) ORDER BY name, id DESC",
        [wanted],
    )
    return {name: DEFINED[name].default for name in wanted} | {name: int(value) for name, value in found}


def get(name: str) -> int:
    """Return the value in force of one setting."""
    return read([name])[name]


def change(*, name: str, value: int, actor: Actor, now: datetime) -> None:
    """Put a new value in force, with its audit row, in the caller's transaction.

    Raises:
        UnknownSetting: no such setting.
        OutOfBounds: not a whole number within the bounds.
    """
    setting = DEFINED.get(name)
    if setting is None:
        raise UnknownSetting(name=name)
    if isinstance(value, bool) or not isinstance(value, int) or not setting.low <= value <= setting.high:
        raise OutOfBounds(name=name, low=setting.low, high=setting.high)
    before = get(name)
    rows.run(
        "INSERT INTO settings_value (name, value, at, person_id) VALUES (%s, %s::jsonb, %s, %s)",
        [name, str(value), now, actor.person_id],
    )
    audit.record(actor=actor, action="setting.change", object_=name, facts={"from": before, "to": value}, now=now)
