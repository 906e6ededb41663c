"""Reading and changing settings, and the mall's access to WeChat."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import crypto, ids
from tuike.settings.registry import DEFINED
from tuike.settings.types import PLAIN_ACCESS, SECRET_ACCESS, OutOfBounds, UnknownAccess, UnknownSetting


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


_ACCESS_LOCK = 7_201
_FINGERPRINT_BYTES = 8


@transaction.atomic
def keep_access(*, values: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """Put parts of the mall's access to WeChat in force, sealed; the others stay, an empty part is taken away.

    What the parts have to look like the caller has checked. The audit log names parts and fingerprints, no secret.

    Raises:
        UnknownAccess: there is no such part.
    """
    for name in values:
        if name not in (*PLAIN_ACCESS, *SECRET_ACCESS):
            raise UnknownAccess(name=name[:40])
    rows.query("SELECT pg_advisory_xact_lock(%s)", [_ACCESS_LOCK])
    kept = {name: value for name, value in {**access(), **values}.items() if value}
    shown = {name: value if name in PLAIN_ACCESS else _fingerprint(value) for name, value in kept.items()}
    no = ids.random_code(16)
    sealed = crypto.seal(json.dumps(kept), place=_place(no), keys=settings.FIELD_KEYS)
    rows.run(
        "INSERT INTO settings_access (no, sealed, shown, at, person_id) VALUES (%s, %s, %s::jsonb, %s, %s)",
        [no, sealed, json.dumps(shown), now, actor.person_id],
    )
    facts = {name: shown.get(name, "") for name in sorted(values)}
    audit.record(actor=actor, action="access.change", object_="wechat", facts=facts, now=now)


def access() -> dict[str, str]:
    """Return the kept access in clear, for whoever speaks with WeChat and nobody else; empty where there is none."""
    found = rows.query("SELECT no, sealed FROM settings_access ORDER BY id DESC LIMIT 1")
    if not found:
        return {}
    no, sealed = found[0]
    opened: dict[str, str] = json.loads(crypto.open_sealed(bytes(sealed), place=_place(no), keys=settings.FIELD_KEYS))
    return opened


def mall_appid() -> str:
    """Return the AppID of the mall's own mini-program: the environment's, else the kept one, else empty."""
    if settings.WECHAT_APPID:
        return str(settings.WECHAT_APPID)
    found = rows.planned("SELECT shown ->> 'WECHAT_APPID' FROM settings_access ORDER BY id DESC LIMIT 1", [])
    return (found[0][0] or "") if found else ""


def _fingerprint(value: str) -> str:
    return crypto.blind_index(value, purpose="access", keys=settings.FIELD_KEYS)[:_FINGERPRINT_BYTES].hex()


def _place(no: str) -> str:
    return f"settings_access|sealed|{no}"
