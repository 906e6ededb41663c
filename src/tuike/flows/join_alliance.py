"""A person applies to open a shop in the mall; pictures of documents are handed in, and the review follows."""

from datetime import datetime

from tuike.audit.types import Actor
from tuike.files import queries as kept
from tuike.files import service as files
from tuike.files.types import FileShown, TooManyFiles
from tuike.flows import open_party
from tuike.flows.file_certification import MOST_DOCUMENTS, PURPOSE
from tuike.kit.errors import Refusal
from tuike.parties.types import PartyRef, Source, SubjectKind
from tuike.settings import service as settings


class OnboardingOff(Refusal):
    """The mall takes no applications of shops now."""

    code = "onboarding_off"
    status = 409
    zh = "商城暂未开放商家入驻"
    en = "The mall takes no new shops now."


def apply_as_merchant(
    *, person_id: int, name: str, subject_kind: SubjectKind, key: str | None, actor: Actor, now: datetime
) -> PartyRef:
    """Open a shop of the mall for a person, who becomes its super administrator; it sells once its proof has passed
    (docs/rules.md §1).

    Raises:
        OnboardingOff: the mall takes no applications.
        TooManyParties, Invalid, UnknownPerson, KeyMalformed, KeyUsedForOther: see open_party.open_merchant.
    """
    if settings.get("mall_onboarding") != 1:
        raise OnboardingOff
    return open_party.open_merchant(
        person_id=person_id,
        name=name,
        source=Source.MINI_STORE,
        subject_kind=subject_kind,
        appid="",
        key=key,
        actor=actor,
        now=now,
    )


def hand_in_picture(*, party_id: int, raw: bytes, name: str, person_id: int, now: datetime) -> FileShown:
    """Keep a picture of a document, sealed, until the proof names it (docs/rules.md §11).

    Raises:
        TooManyFiles: six wait already.
        TooLarge, TooSmallToRead, NotAPicture: the picture.
    """
    if len(kept.unused_of(party_id, purpose=PURPOSE)) >= MOST_DOCUMENTS:
        raise TooManyFiles(most=MOST_DOCUMENTS)
    return files.keep(party_id=party_id, purpose=PURPOSE, raw=raw, name=name, person_id=person_id, now=now)
