"""Keeping, using and forgetting pictures; reading one back for whoever may look at it."""

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tuike.db import rows
from tuike.files import queries, rules
from tuike.files.models import File
from tuike.files.types import FileShown, TooManyFiles, UnknownFile
from tuike.kit import crypto, ids

MOST_BYTES = rules.MOST_BYTES
"""Of a picture that is handed in."""

MOST_UNUSED = 20
"""Pictures of a party that nothing uses yet; an application needs a handful."""

UNUSED_KEPT = timedelta(days=7)
"""How long a picture is kept that nothing came to use."""

_NO_LENGTH = 20
_LOCK = 7_301
"""Advisory lock (with the party's id) of those who add: two at once can't both be the twentieth."""


@transaction.atomic
def keep(*, party_id: int, purpose: str, raw: bytes, name: str, person_id: int | None, now: datetime) -> FileShown:
    """Draw a picture anew, seal it on the disk, and return its row (docs/rules.md §11).

    The bytes are on the disk before the row is; a row that isn't committed leaves a sealed file that nothing names.

    Raises:
        TooLarge, TooSmallToRead, NotAPicture: the picture.
        TooManyFiles: 20 pictures of the party wait to be used.
    """
    drawn = rules.drawn_anew(raw)
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, party_id % 2**31])
    if File.objects.filter(party_id=party_id, used_at=None).count() >= MOST_UNUSED:
        raise TooManyFiles(most=MOST_UNUSED)
    no = ids.random_code(_NO_LENGTH)
    sealed = crypto.seal_bytes(drawn.data, place=_place(no), keys=settings.FIELD_KEYS)
    _write(_path(no), sealed)
    File.objects.create(
        no=no,
        party_id=party_id,
        purpose=purpose,
        name=rules.shown_name(name),
        media_type=drawn.media_type,
        size=len(drawn.data),
        width=drawn.width,
        height=drawn.height,
        digest=hashlib.sha256(drawn.data).digest(),
        put_by=person_id,
        put_at=now,
    )
    return queries.files([no])[no]


def publish(*, raw: bytes, folder: str, longest_side: int = 1200) -> str:
    """Draw a picture anew and put it where everybody may see it; return its address. The same picture is one file.

    Raises:
        TooLarge, TooSmallToRead, NotAPicture: the picture.
    """
    drawn = rules.drawn_anew(raw, longest_side=longest_side)
    name = f"{hashlib.sha256(drawn.data).hexdigest()[:40]}.jpg"
    path = Path(settings.MEDIA_ROOT) / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{ids.random_code(8)}.part")
        fresh.write_bytes(drawn.data)
        os.replace(fresh, path)
    return f"/media/{folder}/{name}"


def use(*, nos: Sequence[str], party_id: int, purpose: str, now: datetime) -> None:
    """Note that something relies on a party's files from now on, in the caller's transaction; they are kept for good.

    Raises:
        UnknownFile: one of them isn't the party's, or was given for another purpose.
    """
    wanted = sorted(set(nos))
    found = rows.query(
        "UPDATE files_file SET used_at = coalesce(used_at, %s)"
        " WHERE no = ANY(%s) AND party_id = %s AND purpose = %s RETURNING no",
        [now, wanted, party_id, purpose],
    )
    if len(found) != len(wanted):
        raise UnknownFile


@transaction.atomic
def remove_unused(*, no: str, party_id: int) -> None:
    """Take back a picture that nothing uses.

    Raises:
        UnknownFile: the party has no such file, or something relies on it.
    """
    found = rows.query(
        "DELETE FROM files_file WHERE no = %s AND party_id = %s AND used_at IS NULL RETURNING no", [no, party_id]
    )
    if not found:
        raise UnknownFile
    transaction.on_commit(lambda: _unlink([no]))


def opened(*, no: str) -> bytes:
    """Return a file's bytes; who may look at it the caller has said, and recorded where that is due.

    Raises:
        UnknownFile: no such file, or its bytes are gone.
        Unreadable: the bytes on the disk were changed.
    """
    found = rows.query("SELECT digest FROM files_file WHERE no = %s", [no])
    if not found:
        raise UnknownFile
    try:
        sealed = _path(no).read_bytes()
    except FileNotFoundError as error:
        raise UnknownFile from error
    data = crypto.open_sealed_bytes(sealed, place=_place(no), keys=settings.FIELD_KEYS)
    if hashlib.sha256(data).digest() != bytes(found[0][0]):
        raise crypto.Unreadable("another file's bytes")
    return data


@transaction.atomic
def forget_unused(*, now: datetime) -> int:
    """Remove pictures that nothing came to use in 7 days; return how many."""
    gone = rows.query("DELETE FROM files_file WHERE used_at IS NULL AND put_at < %s RETURNING no", [now - UNUSED_KEPT])
    transaction.on_commit(lambda: _unlink([no for (no,) in gone]))
    return len(gone)


def _path(no: str) -> Path:
    return Path(settings.FILES_ROOT) / no[:2] / no


def _unlink(nos: Sequence[str]) -> None:
    for no in nos:
        _path(no).unlink(missing_ok=True)


def _write(path: Path, sealed: bytes) -> None:
    """Write a file whole or not at all, for nobody's eyes but the product's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    part.rename(path)


def _place(no: str) -> str:
    return f"files_file|bytes|{no}"
