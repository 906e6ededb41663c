"""Where the mall's pages for browsers are kept, and how far their building is.

They are built by `tuike.runtime.mall_build` into a folder of their own for each state of the sources; `state.json` says
which one is served and what the last build came to. Whoever serves them only reads.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tuike.runtime import home as homes
from tuike.runtime.home import CHECKOUT, give

SOURCES = CHECKOUT / "miniprogram"
STATE = "state.json"

NEVER, INSTALLING, BUILDING, READY, FAILED, MISSING = "never", "installing", "building", "ready", "failed", "missing"
"""Nothing was tried yet; packages are fetched; it is built; it stands; it failed; this machine lacks what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far the building is. `build`: the folder that is served, empty while there is none; `zh`, `en`: what to say
    about the last try; `log`: its last lines."""

    step: str = NEVER
    build: str = ""
    zh: str = ""
    en: str = ""
    log: Sequence[str] = ()


def home() -> Path:
    """Return the home that the pages are built into and served from: `TUIKE_MALL_HOME`, else the data home."""
    return Path(os.environ.get("TUIKE_MALL_HOME") or homes.find().root)


def folder(root: Path) -> Path:
    """Return where a home keeps what was built."""
    return root / "mall"


def read(root: Path) -> State:
    """Return how far the building is; unreadable is as if nothing was tried."""
    try:
        return State(**json.loads((folder(root) / STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return State()


def write(root: Path, state: State) -> None:
    """Say how far the building is, in one step: a reader sees the old state or the new one."""
    where = folder(root)
    where.mkdir(mode=0o755, exist_ok=True)
    give(where, like=root)
    fresh = where / f"{STATE}.{os.getpid()}"
    fresh.write_text(json.dumps(asdict(state), ensure_ascii=False, indent=1), encoding="utf-8")
    give(fresh, like=root)
    fresh.replace(where / STATE)


def built(root: Path) -> Path | None:
    """Return the folder that is served, None while there is none."""
    name = read(root).build
    found = folder(root) / name
    return found if name and (found / "index.html").is_file() else None
