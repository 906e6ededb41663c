"""Pictures that persons hand in: drawn anew, put where everybody may see them, and used by their owner alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tuike.content.types import PictureUnknown, TooManyPictures
from tuike.db import rows
from tuike.files import service as files

MOST_AN_HOUR = 60
MOST_TOGETHER = 9
"""Pictures of one review or post."""

_LOCK = 7_311


def put_picture(*, person_id: int, raw: bytes, now: datetime) -> str:
    """Draw a person's picture anew, publish it, and return its address; metadata are dropped (docs/rules.md §10).

    Raises:
        TooLarge, TooSmallToRead, NotAPicture: see files.
        TooManyPictures: 60 in an hour.
    """
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, person_id % 2**31])
    [(lately,)] = rows.query(
        "SELECT count(*) FROM content_picture WHERE person_id = %s AND put_at > %s",
        [person_id, now - timedelta(hours=1)],
    )
    if lately >= MOST_AN_HOUR:
        raise TooManyPictures(most=MOST_AN_HOUR)
    address = files.publish(raw=raw, folder="said", longest_side=1600)
    rows.run(
        "INSERT INTO content_picture (person_id, address, put_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (person_id, address) DO NOTHING",
        [person_id, address, now],
    )
    return address


def use_pictures(*, person_id: int, pictures: Sequence[str]) -> None:
    """Refuse pictures that the person didn't hand in, or too many.

    Raises:
        PictureUnknown: so it is.
    """
    wanted = set(pictures)
    if len(wanted) != len(pictures) or len(wanted) > MOST_TOGETHER:
        raise PictureUnknown
    if not wanted:
        return
    [(found,)] = rows.query(
        "SELECT count(*) FROM content_picture WHERE person_id = %s AND address = ANY(%s)", [person_id, sorted(wanted)]
    )
    if found < len(wanted):
        raise PictureUnknown
