"""A person hands in a picture to put beside what they write (docs/rules.md §10)."""

from datetime import datetime

from django.db import transaction

from tuike.content import service as content
from tuike.db.retry import retry
from tuike.files.types import TooLarge

MOST_BYTES = 5 * 1024 * 1024
MOST_MEGAPIXELS = 40


@retry
def put_picture(*, person_id: int, raw: bytes, now: datetime) -> str:
    """Keep a picture, drawn anew, and return its address.

    Raises:
        TooLarge: more than 5 MB or 40 megapixels. TooSmallToRead, NotAPicture, TooManyPictures: see content.
    """
    if len(raw) > MOST_BYTES:
        raise TooLarge(megabytes=5, megapixels=MOST_MEGAPIXELS)
    with transaction.atomic(durable=True):
        return content.put_picture(person_id=person_id, raw=raw, now=now)
