"""Pictures that a recorded look opens: their addresses serve the person who looked, for a quarter of an hour."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.urls import reverse

from tuike.files import queries as files
from tuike.files import service as file_bytes
from tuike.files.types import FileShown
from tuike.kit.errors import NotFound

_SECONDS = 900
"""How long a look's pictures can be opened; after that it takes another look, with another act."""


def addressed(request: Any, numbers: Sequence[str], *, route: str) -> list[tuple[FileShown, str]]:
    """Return the files that are still kept, in the order of their numbers, with the addresses of this person's look.

    `route` is the name of the page of the operator's console that answers with `picture`.
    """
    asker = request.asker
    kept = files.files(numbers) if numbers else {}

    def url(no: str) -> str:
        signed = signing.dumps([no, asker.person.id], salt=_salt(route))
        return reverse(f"console:{route}", args=[asker.party.no, signed])

    return [(kept[no], url(no)) for no in numbers if no in kept]


def picture(request: Any, signed: str, *, route: str) -> HttpResponse:
    """Answer one picture of a look that this person has just had.

    Raises:
        NotFound: somebody else's look, or an old one.
    """
    try:
        no, person_id = signing.loads(signed, salt=_salt(route), max_age=_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound from error
    shown = files.files([no]).get(no)
    if person_id != request.asker.person.id or shown is None:
        raise NotFound
    return HttpResponse(file_bytes.opened(no=no), content_type=shown.media_type)


def _salt(route: str) -> str:
    return f"console.{route}"
