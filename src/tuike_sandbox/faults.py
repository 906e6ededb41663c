"""Trouble on purpose: rules that damage the next answers of an endpoint or the next notices of a kind."""

import fnmatch
import json
from dataclasses import dataclass

from tuike_sandbox.errors import ControlError
from tuike_sandbox.store import Store

# What an action needs besides its name: field → default. None means that it must be given.
ACTIONS: dict[str, dict[str, object]] = {
    "delay": {},
    "drop": {},
    "fail": {"status": 500, "code": "SYSTEM_ERROR", "message": "系统异常，请稍后重试"},
    "garbage": {},
    "unsigned": {},
    "wrong_serial": {"serial": "PUB_KEY_ID_0000000000000000000000000000"},
    "flip": {},
    "stale": {"seconds": -600},
    "alter": {"set": None},
    "timeout_after": {"hold_ms": 60_000},
    "duplicate": {"copies": 1},
    "reorder": {"count": 2},
}
NOTICE_ONLY = {"duplicate", "reorder"}
ANSWER_ONLY = {"fail", "timeout_after"}
SIGNED_ONLY = {"unsigned", "wrong_serial", "stale"}


@dataclass(frozen=True)
class Fault:
    """One rule that was just used up once."""

    id: int
    target: str
    action: str
    detail: dict[str, object]

    def number(self, name: str, default: int = 0) -> int:
        """An integer of the rule's detail."""
        return int(str(self.detail.get(name, default)))


def add(store: Store, wish: dict[str, object]) -> int:
    """Keep a rule: ``target`` (a name or pattern), ``action``, ``times`` (null = until cleared), ``delay_ms``, details.

    Returns its id.

    Raises:
        ControlError: unknown action, a detail missing, or an action that can't hit that target.
    """
    wish = dict(wish)
    target, action = str(wish.pop("target", "")), str(wish.pop("action", ""))
    times = wish.pop("times", 1)
    if not target:
        raise ControlError("a fault needs a target, for example pay.order or notice:TRANSACTION.SUCCESS")
    if action not in ACTIONS:
        raise ControlError(f"unknown action {action!r}; known: {', '.join(ACTIONS)}")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise ControlError("times is a whole number of at least 1, or null for until cleared")
    is_notice = target.startswith("notice:")
    if (action in NOTICE_ONLY and not is_notice) or (action in ANSWER_ONLY and is_notice):
        raise ControlError(f"action {action} can't hit {target}")
    if action in SIGNED_ONLY and target.startswith("wx."):
        raise ControlError(f"{target} isn't signed, so {action} means nothing there")
    unknown = set(wish) - set(ACTIONS[action]) - {"delay_ms"}
    if unknown:
        raise ControlError(f"action {action} doesn't know {', '.join(sorted(unknown))}")
    detail = {**ACTIONS[action], "delay_ms": 0, **wish}
    if any(value is None for value in detail.values()):
        raise ControlError(f"action {action} needs a value for each of {', '.join(ACTIONS[action])}")
    if not isinstance(detail["delay_ms"], int) or not isinstance(detail.get("set", {}), dict):
        raise ControlError("delay_ms is a whole number of milliseconds; set is an object of path: value")
    row = store.one(
        "insert into faults (target, action, remaining, detail) values (?, ?, ?, ?) returning id",
        target,
        action,
        times,
        json.dumps(detail),
    )
    assert row is not None
    return int(str(row["id"]))


def take(store: Store, name: str) -> Fault | None:
    """The oldest live rule whose target matches `name`, used up once; None when there is none."""
    for row in store.all("select * from faults where remaining is null or remaining > 0 order by id"):
        if fnmatch.fnmatchcase(name, str(row["target"])):
            store.run("update faults set remaining = remaining - 1 where id = ? and remaining is not null", row["id"])
            return Fault(int(str(row["id"])), str(row["target"]), str(row["action"]), json.loads(str(row["detail"])))
    return None


def alter(content: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """A copy of `content` with each dotted path set; ``None`` removes it."""
    copy: dict[str, object] = json.loads(json.dumps(content))
    for path, value in changes.items():
        *parents, leaf = path.split(".")
        place = copy
        for parent in parents:
            inner = place.setdefault(parent, {})
            if not isinstance(inner, dict):
                inner = place[parent] = {}
            place = inner
        if value is None:
            place.pop(leaf, None)
        else:
            place[leaf] = value
    return copy


def flip(body: bytes) -> bytes:
    """The same bytes with one bit turned over in the middle; stays valid UTF-8."""
    if not body:
        return body
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


GARBAGE = b"<html><head><title>502 Bad Gateway</title></head><body>stgw</body></html>"
