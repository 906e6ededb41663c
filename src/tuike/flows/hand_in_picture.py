"""Pictures of documents are handed in by phone before a proof of who a party is, or an application, names them."""

from datetime import datetime

from tuike.files import queries as kept
from tuike.files import service as files
from tuike.files.types import FileShown, TooManyFiles
from tuike.flows.file_certification import MOST_DOCUMENTS, PURPOSE


def hand_in_picture(
    *, party_id: int, raw: bytes, name: str, person_id: int, purpose: str = PURPOSE, now: datetime
) -> FileShown:
    """Keep a picture of a document, sealed, until the proof (or what else it is for) names it (docs/rules.md §11).

    Raises:
        TooManyFiles: six wait already.
        TooLarge, TooSmallToRead, NotAPicture: the picture.
    """
    if len(kept.unused_of(party_id, purpose=purpose)) >= MOST_DOCUMENTS:
        raise TooManyFiles(most=MOST_DOCUMENTS)
    return files.keep(party_id=party_id, purpose=purpose, raw=raw, name=name, person_id=person_id, now=now)
