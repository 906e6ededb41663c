"""Applying on the phone: to open a shop in the mall, or to promote; proof with pictures; where the review stands."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import Field, StringConstraints

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers
from tuike.doors.storefront.answers import REFUSED
from tuike.doors.storefront.callers import acting, person, signed_in
from tuike.doors.storefront.kinds import Body, Id, IdempotencyKey, Number
from tuike.doors.web.said import chinese
from tuike.files import queries as kept
from tuike.files import service as files
from tuike.files.types import FileShown, TooLarge, UnknownFile
from tuike.flows import hand_in_picture, open_party
from tuike.flows.file_certification import MOST_DOCUMENTS, PURPOSE, file_certification
from tuike.kit import clock
from tuike.kit.errors import Forbidden, NotFound
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import (
    EnterpriseProof,
    IndividualProof,
    PartyKind,
    PartyRef,
    Role,
    SeatShown,
    Source,
    SubjectKind,
)
from tuike.settings import service as settings

router = Router(auth=signed_in, tags=["joining"])
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=_PLAIN)]
_Codes = Annotated[list[Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,40}$")]], Field(max_length=12)]


class MerchantWish(Body):
    """A shop to open: its name, whose it is, and the category that it mainly sells."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_PLAIN)]
    subject: Literal["individual", "enterprise"]
    category_id: Id | None = None


class PromoterWish(Body):
    """A promoter to open; the recruiter's number, or the code of a recruiting link, if somebody brought this one."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_PLAIN)]
    subject: Literal["individual", "enterprise"]
    recruiter_no: Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z]*$")] = ""
    link: Annotated[str, StringConstraints(max_length=12, pattern=r"^[0-9A-Za-z]*$")] = ""


class ProofWish(Body):
    """Proof of who the party is. An individual: `name`, `id_number`, `phone`, both sides of the identity card. An
    enterprise: `licence_name`, `licence_no`, `legal_person`, `bank`, `bank_account`, a picture of the licence."""

    name: _Text = ""
    id_number: _Text = ""
    phone: _Text = ""
    licence_name: _Text = ""
    licence_no: _Text = ""
    legal_person: _Text = ""
    bank: _Text = ""
    bank_account: _Text = ""
    documents: _Codes = Field(default_factory=list)


class DocumentShown(Schema):
    """A picture that was handed in."""

    no: str
    name: str
    width: int
    height: int


class FiledProof(Schema):
    """What was filed, masked."""

    name: str
    number: str
    phone: str
    documents: list[str]


class JoiningShown(Schema):
    """An application. `state`: open (proof is missing), filed (under review), rejected (with `reason`; file anew),
    approved. `waiting` are pictures that no proof names yet; `documents_needed` says how many it takes."""

    no: str
    name: str
    kind: str
    subject: str
    category: str
    role: str
    state: str
    reason: str
    filed_at: datetime | None
    decided_at: datetime | None
    filed: FiledProof | None
    waiting: list[DocumentShown]
    documents_needed: int
    documents_most: int


class Joinings(Schema):
    """The person's own applications, newest first. `open`: new ones are taken."""

    open: bool
    items: list[JoiningShown]


@router.get("/onboarding", response=answers.answers(Joinings), tags=["joining"])
def merchants(request: HttpRequest) -> object:
    """Show the person's shops and where their applications stand."""
    return {"open": settings.get("mall_onboarding") == 1, "items": _all(request, PartyKind.MERCHANT)}


@router.post("/onboarding", response=answers.answers(JoiningShown, 201))
def open_shop(request: HttpRequest, body: MerchantWish, key: IdempotencyKey) -> object:
    """Apply with a shop; proof with pictures follows (`/joining/{no}`)."""
    who = person(request).id
    party = open_party.open_merchant(
        person_id=who,
        name=body.name,
        source=Source.MINI_STORE,
        subject_kind=SubjectKind(body.subject),
        appid="",
        category_id=body.category_id,
        key=key,
        actor=_actor(request),
        now=clock.now(),
    )
    return Status(201, _shown(request, _seat(request, party.no)))


@router.get("/promoter/application", response=answers.answers(Joinings))
def promoters(request: HttpRequest) -> object:
    """Show the person's promoters and where their applications stand."""
    return {"open": True, "items": _all(request, PartyKind.PROMOTER)}


@router.post("/promoter/application", response=answers.answers(JoiningShown, 201))
def become_promoter(request: HttpRequest, body: PromoterWish, key: IdempotencyKey) -> object:
    """Apply as a promoter; proof with pictures follows (`/joining/{no}`)."""
    party = open_party.open_promoter(
        person_id=person(request).id,
        name=body.name,
        subject_kind=SubjectKind(body.subject),
        recruiter_no=body.recruiter_no,
        link=body.link,
        key=key,
        actor=_actor(request),
        now=clock.now(),
    )
    return Status(201, _shown(request, _seat(request, party.no)))


@router.get("/joining/{no}", response=answers.answers(JoiningShown))
def joining(request: HttpRequest, no: Number) -> object:
    """Show one application."""
    return _shown(request, _seat(request, no))


@router.post("/joining/{no}/documents", response=answers.answers(JoiningShown, 201))
def hand_in(request: HttpRequest, no: Number, file: File[UploadedFile]) -> object:
    """Hand a picture of a document in (multipart, field `file`); it is drawn anew and sealed."""
    sits = _own(request, no)
    if (file.size or 0) > files.MOST_BYTES:
        raise TooLarge(megabytes=files.MOST_BYTES // 1024**2, megapixels=40)
    hand_in_picture.hand_in_picture(
        party_id=sits.party.id,
        raw=file.read(),
        name=file.name or "",
        person_id=person(request).id,
        now=clock.now(),
    )
    return Status(201, _shown(request, sits))


@router.get(
    "/joining/{no}/documents/{file_no}",
    response=REFUSED,
    openapi_extra={"responses": {200: {"description": "The picture", "content": {"image/jpeg": {}}}}},
)
def document(request: HttpRequest, no: Number, file_no: Number) -> HttpResponse:
    """Return one of the party's own pictures to its super administrator."""
    sits = _own(request, no)
    found = kept.own_file(file_no, party_id=sits.party.id)
    if found is None or found.purpose != PURPOSE:
        raise UnknownFile
    answer = HttpResponse(files.opened(no=file_no), content_type=found.media_type)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@router.delete("/joining/{no}/documents/{file_no}", response=answers.answers(JoiningShown))
def take_back(request: HttpRequest, no: Number, file_no: Number) -> object:
    """Take a picture back that no proof names."""
    sits = _own(request, no)
    files.remove_unused(no=file_no, party_id=sits.party.id)
    return _shown(request, sits)


@router.post("/joining/{no}/proof", response=answers.answers(JoiningShown, 201))
def prove(request: HttpRequest, no: Number, body: ProofWish, key: IdempotencyKey) -> object:
    """File the proof; the operator reviews it. After a rejection it is filed anew."""
    sits = _own(request, no)
    file_certification(
        party_id=sits.party.id,
        proof=_proof(_subject(sits.party), body),
        key=key,
        actor=acting(request, sits),
        now=clock.now(),
    )
    return Status(201, _shown(request, sits))


def _actor(request: HttpRequest) -> Actor:
    return Actor("person", person(request).id, None, "", getattr(request, "request_id", ""))


def _seat(request: HttpRequest, no: str) -> SeatShown:
    """Return the person's seat in a shop or promoter.

    Raises:
        NotFound: none; somebody else's party looks the same.
    """
    kinds = (PartyKind.MERCHANT, PartyKind.PROMOTER)
    for one in parties.seats_of(person(request).id):
        if one.party.no == no and one.party.kind in kinds:
            return one
    raise NotFound


def _own(request: HttpRequest, no: str) -> SeatShown:
    """Return the seat of who may hand something in.

    Raises:
        NotFound: no seat. Forbidden: another one than the super administrator's.
    """
    found = _seat(request, no)
    if found.role is not Role.SUPER_ADMIN:
        raise Forbidden
    return found


def _all(request: HttpRequest, kind: PartyKind) -> list[dict[str, Any]]:
    seats = [one for one in parties.seats_of(person(request).id) if one.party.kind is kind]
    return [_shown(request, one) for one in reversed(seats)]


def _subject(party: PartyRef) -> SubjectKind:
    if party.kind is PartyKind.MERCHANT:
        return parties.merchant_facts([party.id])[party.id].subject_kind
    return parties.promoter_facts([party.id])[party.id].subject_kind


def _category(party_id: int) -> str:
    """Return the name of what a shop said that it mainly sells, empty for nothing said."""
    category_id = parties.main_categories([party_id]).get(party_id)
    node = catalog.category_nodes([category_id]).get(category_id) if category_id else None
    return "" if node is None else node.name if chinese() else node.name_en or node.name


def _shown(request: HttpRequest, sits: SeatShown) -> dict[str, Any]:
    party, subject = sits.party, _subject(sits.party)
    filed = parties.certifications_of(party.id)
    last = filed[0] if filed else None
    mine = sits.role is Role.SUPER_ADMIN
    facts = service.certified_facts(party_id=party.id, rejected=True) if mine and last else None
    waiting: list[FileShown] = kept.unused_of(party.id, purpose=PURPOSE) if mine else []
    return {
        "no": party.no,
        "name": party.name,
        "kind": party.kind.value,
        "subject": subject.value,
        "category": _category(party.id),
        "role": sits.role.value,
        "state": last.state.value if last else "open",
        "reason": last.reason if last else "",
        "filed_at": last.filed_at if last else None,
        "decided_at": last.decided_at if last else None,
        "filed": {
            "name": facts.name,
            "number": facts.number,
            "phone": facts.phone,
            "documents": list(facts.documents),
        }
        if facts
        else None,
        "waiting": [{name: getattr(one, name) for name in DocumentShown.model_fields} for one in waiting],
        "documents_needed": 2 if subject is SubjectKind.INDIVIDUAL else 1,
        "documents_most": MOST_DOCUMENTS,
    }


def _proof(kind: SubjectKind, body: ProofWish) -> IndividualProof | EnterpriseProof:
    documents = tuple(body.documents)
    if kind is SubjectKind.INDIVIDUAL:
        return IndividualProof(name=body.name, id_number=body.id_number.upper(), phone=body.phone, documents=documents)
    return EnterpriseProof(
        licence_name=body.licence_name,
        licence_no=body.licence_no.upper(),
        legal_person=body.legal_person,
        bank=body.bank,
        bank_account="".join(body.bank_account.split()),
        phone=body.phone,
        documents=documents,
    )
