"""The folder of the open data: editions side by side, and a link that names the one in force.

    <root>/current              → editions/000042
    <root>/editions/000042/manifest.json
    <root>/editions/000042/<table>/day=2026-03-02/part-0.parquet

An edition is written whole and then named by one rename of the link: whoever reads sees all of it or nothing of it.
Files of days that didn't change are the same files as in the edition before (hard links). The edition before stays, so
that a query that began on it ends on it; what a killed run left is removed by the next one.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PART = "part-0.parquet"
_CHUNK = 1 << 20


class AtWork(Exception):
    """Another run writes into this folder now."""


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the folder while one run works in it; the lock goes with the process, however that ends.

    Raises:
        AtWork: another process holds it.
    """
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    with (root / ".lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AtWork from error
        yield


def current(root: Path) -> Path | None:
    """Return the folder of the edition in force, None before the first one."""
    try:
        found = root / "editions" / (root / "current").readlink().name
    except OSError:
        return None
    return found if (found / MANIFEST).is_file() else None


def manifest(edition: Path | None) -> dict[str, Any] | None:
    """Return what an edition says of itself; None where there is none, or none that can be read."""
    if edition is None:
        return None
    try:
        return json.loads((edition / MANIFEST).read_text())
    except (OSError, ValueError):
        return None


def file_of(edition: Path, table: str, day: date) -> Path:
    """Return where a day's file of a table lies."""
    return edition / table / f"day={day.isoformat()}" / PART


def begin(root: Path) -> Path:
    """Remove what a killed run left, make room for the next edition, and return its folder."""
    tidy(root)
    made = root / "editions" / f"{_number(current(root)) + 1:06}"
    made.mkdir(mode=0o750, parents=True)
    return made


def tidy(root: Path) -> None:
    """Remove every edition but the one in force and the one before it."""
    in_force = _number(current(root))
    found = sorted(_number(one) for one in (root / "editions").glob("*") if one.is_dir())
    before = [number for number in found if number < in_force][-1:]
    for number in found:
        if number != in_force and number not in before:
            shutil.rmtree(root / "editions" / f"{number:06}")
    (root / ".current").unlink(missing_ok=True)


def keep(*, here: Path, before: Path, table: str, day: date) -> None:
    """Let the new edition have the file that the one before has."""
    to = file_of(here, table, day)
    to.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    os.link(file_of(before, table, day), to)


def publish(root: Path, edition: Path, text: str) -> None:
    """Write the manifest, and put the edition in force by one rename."""
    with (edition / MANIFEST).open("w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    for folder in sorted({path.parent for path in edition.rglob("*")}):
        sync(folder)
    sync(edition.parent)
    link = root / ".current"
    link.symlink_to(Path("editions") / edition.name)
    link.rename(root / "current")
    sync(root)
    tidy(root)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sha256(path: Path) -> str:
    """Return the digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as read:
        while block := read.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def _number(edition: Path | None) -> int:
    return int(edition.name) if edition is not None and edition.name.isdigit() else 0
